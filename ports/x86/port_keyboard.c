/**
 * The keyboard: an 8042 with scan codes of set 1, and the keys of the United States.
 */
#include <string.h>

#include "i386/io.h"
#include "link/nic.h"
#include "x86/x86.h"

#define DATA   0x60
#define STATUS 0x64
#define IRQ    1

#define STATUS_FULL 0x01
#define STATUS_AUX  0x20 /* the mouse's */
#define RELEASED    0x80
#define EXTENDED    0xe0

#define KEY_CTRL        0x1d
#define KEY_LEFT_SHIFT  0x2a
#define KEY_RIGHT_SHIFT 0x36
#define KEY_ALT         0x38
#define KEY_CAPS        0x3a

/* What a key gives, by its scan code, without and with Shift. */
static const char plain[] = "\0\0331234567890-=\b\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] = "\0\033!@#$%^&*()_+\b\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

/* Keys that give a sequence, as a terminal sends it. */
static const struct {
  uint8_t code;
  const char *sequence;
} sequences[] = {
  { 0x47, "\033[H" }, { 0x48, "\033[A" }, { 0x49, "\033[5~" }, { 0x4b, "\033[D" },  { 0x4d, "\033[C" },
  { 0x4f, "\033[F" }, { 0x50, "\033[B" }, { 0x51, "\033[6~" }, { 0x53, "\033[3~" },
};

static bool shift, ctrl, caps, extended;

static void
put_sequence(uint8_t code)
{
  const char *p;
  unsigned i;

  for (i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
    for (p = sequences[i].code == code ? sequences[i].sequence : ""; *p != '\0'; p++) {
      (void)x86_console_put((uint8_t)*p);
    }
  }
}

static void
put_key(uint8_t code)
{
  char c;

  if (code >= sizeof(plain) - 1) {
    put_sequence(code);
    return;
  }
  c = shift ? shifted[code] : plain[code];
  if (caps && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) {
    c = (char)(c ^ 0x20);
  }
  if (ctrl && c >= '@') {
    c = (char)(c & 0x1f);
  }
  if (c != '\0') {
    (void)x86_console_put((uint8_t)c);
  }
}

static void
handle_code(uint8_t code)
{
  bool down = (code & RELEASED) == 0;
  uint8_t key = (uint8_t)(code & ~RELEASED);
  bool was_extended = extended;

  extended = code == EXTENDED;
  if (extended) {
    return;
  }
  switch (key) {
  case KEY_LEFT_SHIFT:
  case KEY_RIGHT_SHIFT:
    /* Extended, it goes with the arrows and is no Shift. */
    shift = was_extended ? shift : down;
    break;
  case KEY_CTRL:
    ctrl = down;
    break;
  case KEY_CAPS:
    caps = caps != down;
    break;
  case KEY_ALT:
    break;
  default:
    if (down && was_extended && key != 0x1c && key != 0x35) {
      put_sequence(key);
    } else if (down) {
      put_key(key);
    }
    break;
  }
}

static void
on_interrupt(void *arg)
{
  uint8_t status;

  (void)arg;
  while ((status = io_in8(STATUS)) & STATUS_FULL) {
    uint8_t code = io_in8(DATA);

    if (status == 0xff) {
      return;
    }
    if ((status & STATUS_AUX) == 0) {
      handle_code(code);
    }
  }
}

void
x86_keyboard_init(void)
{
  (void)nic_irq_attach(IRQ, on_interrupt, NULL);
  /* What was typed for the loader is not for us, and would keep the line from giving an interrupt. */
  while ((io_in8(STATUS) & STATUS_FULL) && io_in8(STATUS) != 0xff) {
    (void)io_in8(DATA);
  }
}
