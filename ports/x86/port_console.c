/**
 * The console: serial line and screen show the same, and serial line and keyboard are read as one.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "i386/io.h"
#include "i386/serial.h"
#include "link/nic.h"
#include "x86/x86.h"

#define INPUT_SIZE 1024u /* a power of two */
#define CTRL_C     3

static uint8_t input[INPUT_SIZE];
static volatile unsigned put_at, take_at;

void (*x86_console_on_interrupt)(void);

/* For two: a device may come between the question and the byte. */
bool
x86_console_has_room(void)
{
  return put_at - take_at < INPUT_SIZE - 1;
}

/* From a device's interrupt, or from the network outside of one. */
bool
x86_console_put(uint8_t byte)
{
  uint32_t flags;
  bool room;

  if (byte == CTRL_C && x86_console_on_interrupt != NULL) {
    x86_console_on_interrupt();
    nic_wake();
    return true;
  }
  flags = io_disable();
  room = put_at - take_at < INPUT_SIZE;
  if (room) {
    input[put_at % INPUT_SIZE] = byte;
    put_at++;
  }
  io_restore(flags);
  return room;
}

void
x86_console_open_serial(void)
{
  static const struct console_line serial = { x86_console_put, x86_console_has_room };

  (void)serial_open(&serial);
}

bool
x86_console_ready(void)
{
  return put_at != take_at;
}

int
x86_console_read(void)
{
  uint32_t flags;
  uint8_t byte;

  if (!x86_console_ready()) {
    return -1;
  }
  byte = input[take_at % INPUT_SIZE];
  flags = io_disable();
  take_at++;
  if (put_at - take_at == INPUT_SIZE / 2) {
    serial_drain();
  }
  io_restore(flags);
  return byte;
}

void
x86_console_write(const char *text, size_t len)
{
  serial_write(text, len);
  x86_vga_write(text, len);
}

void
x86_console_print(const char *text)
{
  for (;;) {
    size_t n = strcspn(text, "\n");

    x86_console_write(text, n);
    if (text[n] == '\0') {
      return;
    }
    x86_console_write("\r\n", 2);
    text += n + 1;
  }
}

/* --- the C library's three files, without buffers: a line that panics shows what came before it --- */

static int
put_char(char c, FILE *file)
{
  (void)file;
  if (c == '\n') {
    x86_console_write("\r", 1);
  }
  x86_console_write(&c, 1);
  return (unsigned char)c;
}

static int
get_char(FILE *file)
{
  int byte;

  (void)file;
  while ((byte = x86_console_read()) < 0) {
    __asm__ volatile("hlt");
  }
  return byte;
}

static FILE console = FDEV_SETUP_STREAM(put_char, get_char, NULL, _FDEV_SETUP_RW);

FILE *const stdin = &console;
FILE *const stdout = &console;
FILE *const stderr = &console;
