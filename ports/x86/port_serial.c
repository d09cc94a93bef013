/**
 * The first serial line: a 16550 (or what came before it) at 115200 bits a second.
 */
#include "i386/io.h"
#include "link/nic.h"
#include "x86/x86.h"

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
#define FIFO_SIZE      16

static bool present;
static unsigned tx_room = 1; /* bytes that an empty transmitter takes */

/* While the console has no room, bytes stay in the line's FIFO, and beyond that at the other end (RTS is taken back). */
void
x86_serial_drain(void)
{
  if (!present) {
    return;
  }
  while (x86_console_has_room() && (io_in8(STATUS) & STATUS_DATA)) {
    (void)x86_console_put(io_in8(DATA));
  }
  io_out8(ENABLE, x86_console_has_room() ? ENABLE_RX : 0);
  io_out8(MODEM, MODEM_OUT2 | (x86_console_has_room() ? MODEM_DTR_RTS : 0));
}

static void
on_interrupt(void *arg)
{
  (void)arg;
  (void)io_in8(FIFO);
  x86_serial_drain();
}

void
x86_serial_init(void)
{
  io_out8(SCRATCH, 0x5a);
  present = io_in8(SCRATCH) == 0x5a;
  if (!present) {
    return;
  }
  io_out8(ENABLE, 0);
  io_out8(LINE, LINE_DIVISOR | LINE_8N1);
  io_out8(DATA, 1);
  io_out8(ENABLE, 0);
  io_out8(LINE, LINE_8N1);
  io_out8(FIFO, FIFO_ON);
  tx_room = (io_in8(FIFO) & 0xc0) == 0xc0 ? FIFO_SIZE : 1;
  (void)nic_irq_attach(IRQ, on_interrupt, NULL);
  io_out8(MODEM, MODEM_OUT2 | MODEM_DTR_RTS);
  io_out8(ENABLE, ENABLE_RX);
}

void
x86_serial_write(const char *text, size_t len)
{
  size_t i;

  for (i = 0; present && i < len; i++) {
    if (i % tx_room == 0) {
      while ((io_in8(STATUS) & STATUS_TX_DONE) == 0) {
      }
    }
    io_out8(DATA, (uint8_t)text[i]);
  }
}
