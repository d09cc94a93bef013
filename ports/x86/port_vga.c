/**
 * The screen in text mode, as the BIOS leaves it: 80 by 25, with as much of ANSI's sequences as the prompt uses
 * (ECMA-48: CUF, CUB, EL, ED and SGR, which is passed over).
 */
#include <string.h>

#include "i386/io.h"
#include "x86/x86.h"

#define COLUMNS    80u
#define ROWS       25u
#define BLANK      0x0720u
#define CRTC_INDEX 0x3d4
#define CRTC_DATA  0x3d5
#define CRTC_START 0x0c
#define CRTC_POS   0x0e
#define TAB        8u

static volatile uint16_t *const screen = (volatile uint16_t *)0xb8000;

static unsigned position; /* of the cursor: row * COLUMNS + column */
static enum { TEXT, ESCAPE, SEQUENCE } state;
static unsigned number; /* the sequence's parameter */

static void
crtc_write(uint8_t reg, uint16_t value)
{
  io_out8(CRTC_INDEX, reg);
  io_out8(CRTC_DATA, (uint8_t)(value >> 8));
  io_out8(CRTC_INDEX, (uint8_t)(reg + 1));
  io_out8(CRTC_DATA, (uint8_t)value);
}

static void
clear(unsigned from, unsigned to)
{
  for (; from < to; from++) {
    screen[from] = BLANK;
  }
}

static void
scroll(void)
{
  unsigned i;

  for (i = 0; i < (ROWS - 1) * COLUMNS; i++) {
    screen[i] = screen[i + COLUMNS];
  }
  clear((ROWS - 1) * COLUMNS, ROWS * COLUMNS);
  position -= COLUMNS;
}

static void
end_sequence(char c)
{
  unsigned column = position % COLUMNS;
  unsigned line = position - column;
  unsigned steps = number > 0 ? number : 1;

  state = TEXT;
  switch (c) {
  case 'C':
    position = line + (column + steps < COLUMNS ? column + steps : COLUMNS - 1);
    break;
  case 'D':
    /* The prompt counts back over the ends of lines that it filled. */
    position -= steps < position ? steps : position;
    break;
  case 'K':
    clear(number == 0 ? position : line, number == 1 ? position + 1 : line + COLUMNS);
    break;
  case 'J':
    clear(number == 0 ? position : 0, number == 1 ? position + 1 : ROWS * COLUMNS);
    break;
  default:
    break;
  }
}

static void
put_text(uint8_t c)
{
  switch (c) {
  case 27:
    state = ESCAPE;
    return;
  case '\r':
    position -= position % COLUMNS;
    return;
  case '\n':
    position += COLUMNS;
    break;
  case '\b':
    position -= position > 0 ? 1 : 0;
    return;
  case '\t':
    position += TAB - position % COLUMNS % TAB;
    break;
  default:
    /* Of UTF-8 beyond ASCII the first byte shows that there is something. */
    if (c < ' ' || (c & 0xc0) == 0x80) {
      return;
    }
    screen[position++] = (uint16_t)((BLANK & 0xff00) | (c < 0x80 ? c : 0xfe));
    break;
  }
  if (position >= ROWS * COLUMNS) {
    scroll();
  }
}

void
x86_vga_write(const char *text, size_t len)
{
  for (; len > 0; len--, text++) {
    char c = *text;

    if (state == TEXT) {
      put_text((uint8_t)c);
    } else if (state == ESCAPE) {
      state = c == '[' ? SEQUENCE : TEXT;
      number = 0;
    } else if (c >= '0' && c <= '9') {
      number = number * 10 % 1000 + (unsigned)(c - '0');
    } else if (c >= '@') {
      end_sequence(c);
    }
  }
  crtc_write(CRTC_POS, (uint16_t)position);
}

void
x86_vga_init(void)
{
  crtc_write(CRTC_START, 0);
  clear(0, ROWS * COLUMNS);
  position = 0;
}
