/**
 * The first serial line: a 16550 (or what came before it) at 115200 bits a second.
 */
#include "i386/serial.h"

#include "i386/io.h"
#include "link/nic.h"

#define PORT    0x3f8
#define IRQ     4
#define DATA    (PORT + 0)
#define ENABLE  (PORT + 1)
#define FIFO    (PORT + 2)
#define LINE    (PORT + 3)
#define MODEM   (PORT + 4)
#define STATUS  (PORT + 5)
#define SCRATCH (PORT + 7)

#define ENABLE_RX      0x01
#define FIFO_ON        0x07 /* and both emptied */
#define LINE_8N1       0x03
#define LINE_DIVISOR   0x80
#define MODEM_DTR_RTS  0x03
#define MODEM_OUT2     0x08 /* lets interrupts through */
#define STATUS_DATA    0x01
#define STATUS_TX_DONE 0x20
#define STATUS_TX_IDLE 0x40
#define FIFO_SIZE      16

/* NULL: it is not used. It lies before the other variables, of which a machine with too little memory to say so with has
 * none. */
static const struct console_line *line __attribute__((section(".data.line")));
static unsigned tx_room = 1; /* bytes that an empty transmitter takes */

/* While the console has no room, bytes stay in the line's FIFO, and beyond that at the other end (RTS is taken back). */
void
serial_drain(void)
{
  if (line == NULL) {
    return;
  }
  while (line->has_room() && (io_in8(STATUS) & STATUS_DATA)) {
    (void)line->put(io_in8(DATA));
  }
  io_out8(ENABLE, line->has_room() ? ENABLE_RX : 0);
  io_out8(MODEM, MODEM_OUT2 | (line->has_room() ? MODEM_DTR_RTS : 0));
}

static void
on_interrupt(void *arg)
{
  (void)arg;
  (void)io_in8(FIFO);
  serial_drain();
}

bool
serial_open(const struct console_line *console)
{
  io_out8(SCRATCH, 0x5a);
  if (io_in8(SCRATCH) != 0x5a || nic_irq_attach(IRQ, on_interrupt, NULL) != 0) {
    return false;
  }
  line = console;
  io_out8(ENABLE, 0);
  io_out8(LINE, LINE_DIVISOR | LINE_8N1);
  io_out8(DATA, 1);
  io_out8(ENABLE, 0);
  io_out8(LINE, LINE_8N1);
  io_out8(FIFO, FIFO_ON);
  tx_room = (io_in8(FIFO) & 0xc0) == 0xc0 ? FIFO_SIZE : 1;
  io_out8(MODEM, MODEM_OUT2 | MODEM_DTR_RTS);
  io_out8(ENABLE, ENABLE_RX);
  return true;
}

void
serial_close(void)
{
  if (line != NULL) {
    /* What was written last is still on its way. */
    while ((io_in8(STATUS) & STATUS_TX_IDLE) == 0) {
    }
    io_out8(ENABLE, 0);
    nic_irq_detach(IRQ, NULL);
    line = NULL;
  }
}

void
serial_write(const char *text, size_t len)
{
  size_t i;

  for (i = 0; line != NULL && i < len; i++) {
    if (i % tx_room == 0) {
      while ((io_in8(STATUS) & STATUS_TX_DONE) == 0) {
      }
    }
    io_out8(DATA, (uint8_t)text[i]);
  }
}
