/**
 * The console: the keyboard by the BIOS, or whatever standard input is redirected to; output by DOS.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dos/dos.h"
#include "i386/serial.h"

#define BIOS_DATA     0x400u
#define KEY_HEAD      (BIOS_DATA + 0x1a)
#define KEY_TAIL      (BIOS_DATA + 0x1c)
#define COLUMNS       (BIOS_DATA + 0x4a)
#define SHOWN_PAGE    (BIOS_DATA + 0x62)
#define KEYBOARD_TYPE (BIOS_DATA + 0x96)
#define ENHANCED      0x10

#define DEVICE_IS_CHARACTER 0x80
#define DEVICE_IS_CONSOLE   0x01
#define DEVICE_IS_SCREEN    0x02

/* Keys without a character, by their scan codes, as a terminal sends them. */
static const struct {
  uint8_t code;
  const char *sequence;
} sequences[] = {
  { 0x47, "\033[H" },  { 0x48, "\033[A" },  { 0x49, "\033[5~" },   { 0x4b, "\033[D" },
  { 0x4d, "\033[C" },  { 0x4f, "\033[F" },  { 0x50, "\033[B" },    { 0x51, "\033[6~" },
  { 0x52, "\033[2~" }, { 0x53, "\033[3~" }, { 0x73, "\033[1;5D" }, { 0x74, "\033[1;5C" },
};

#define CTRL_C    3
#define LINE_SIZE 256u /* a power of two */

#define INT_SCREEN 0x10

static bool is_keyboard, is_screen;
static const char *rest = ""; /* of a key's sequence */

/* What a second line to the console brought: repl=tcp:PORT. */
static uint8_t line[LINE_SIZE];
static unsigned put_at, take_at;

bool
dos_console_has_room(void)
{
  return put_at - take_at < LINE_SIZE - 1;
}

bool
dos_console_has_line(void)
{
  return put_at != take_at;
}

bool
dos_console_put(uint8_t byte)
{
  if (byte == CTRL_C && dos_loader->catch_break) {
    dos_loader->broke = dos_loader->wake = 1;
    return true;
  }
  if (put_at - take_at == LINE_SIZE) {
    return false;
  }
  line[put_at++ % LINE_SIZE] = byte;
  dos_loader->wake = 1;
  return true;
}

/* Whether a file is a device, and this one. */
static bool
is_device(uint16_t fd, uint16_t which)
{
  struct dos_regs regs = { .ax = 0x4400, .bx = fd };

  return dos_call(&regs) == 0 && (regs.dx & DEVICE_IS_CHARACTER) && (regs.dx & which);
}

void
dos_console_init(void)
{
  is_keyboard = is_device(STDIN_FILENO, DEVICE_IS_CONSOLE);
  is_screen = is_device(STDOUT_FILENO, DEVICE_IS_SCREEN);
}

bool
dos_console_is_screen(void)
{
  return is_screen;
}

void
dos_console_move_back(unsigned count)
{
  struct dos_regs regs = { .ax = 0x0300, .bx = (uint16_t)(*(uint8_t *)dos_linear(SHOWN_PAGE) << 8) };
  unsigned columns = *(uint16_t *)dos_linear(COLUMNS);
  unsigned at;

  dos_interrupt(INT_SCREEN, &regs);
  at = regs.dh * columns + regs.dl;
  at = at > count ? at - count : 0;
  regs.ax = 0x0200;
  regs.dh = (uint8_t)(at / columns);
  regs.dl = (uint8_t)(at % columns);
  dos_interrupt(INT_SCREEN, &regs);
}

bool
dos_console_is_keyboard(void)
{
  return is_keyboard;
}

bool
dos_console_ready(void)
{
  struct dos_regs regs = { .ax = 0x4406, .bx = STDIN_FILENO };

  if (dos_console_has_line()) {
    return true;
  }
  if (is_keyboard) {
    return *rest != '\0' || *(volatile uint16_t *)dos_linear(KEY_HEAD) != *(volatile uint16_t *)dos_linear(KEY_TAIL);
  }
  /* At its end a file is not ready for DOS, but a read gives that end. */
  return dos_call(&regs) != 0 || regs.al != 0 || isatty(STDIN_FILENO) == 0;
}

int
dos_console_read(void)
{
  struct dos_regs regs = { 0 };
  unsigned i;

  if (dos_console_has_line()) {
    uint8_t byte = line[take_at++ % LINE_SIZE];

    if (put_at - take_at == LINE_SIZE / 2) {
      serial_drain();
    }
    return byte;
  }
  if (!is_keyboard) {
    return -1;
  }
  while (*rest == '\0') {
    if (!dos_console_ready()) {
      return -1;
    }
    regs.ax = (*(uint8_t *)dos_linear(KEYBOARD_TYPE) & ENHANCED) ? 0x1000 : 0;
    dos_interrupt(0x16, &regs);
    if (regs.al != 0 && regs.al != 0xe0) {
      return regs.al;
    }
    for (i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
      if (sequences[i].code == regs.ah) {
        rest = sequences[i].sequence;
      }
    }
    if (*rest == '\0' && regs.al == 0xe0 && regs.ah == 0) {
      return regs.al;
    }
  }
  return (uint8_t)*rest++;
}

/* --- the C library's three files --- */

static int
put_char(char c, FILE *file)
{
  int fd = file == stderr ? STDERR_FILENO : STDOUT_FILENO;

  return write(fd, c == '\n' ? "\r\n" : &c, c == '\n' ? 2 : 1) < 0 ? EOF : (unsigned char)c;
}

static int
get_char(FILE *file)
{
  uint8_t c;

  (void)file;
  return read(STDIN_FILENO, &c, 1) == 1 ? c : EOF;
}

static FILE input = FDEV_SETUP_STREAM(NULL, get_char, NULL, _FDEV_SETUP_READ);
static FILE output = FDEV_SETUP_STREAM(put_char, NULL, NULL, _FDEV_SETUP_WRITE);
static FILE errors = FDEV_SETUP_STREAM(put_char, NULL, NULL, _FDEV_SETUP_WRITE);

FILE *const stdin = &input;
FILE *const stdout = &output;
FILE *const stderr = &errors;
