/**
 * Interrupts: the handlers of real mode that the loader has, put into the vectors and taken back.
 */
#include <errno.h>

#include "dos/dos.h"
#include "i386/io.h"
#include "link/nic.h"

#define PIC1        0x20
#define PIC2        0xa0
#define PIC_CASCADE 2
#define IRQS        16

#define INT_TICK       0x08
#define INT_KEY        0x09
#define INT_BREAK      0x1b
#define INT_FIRST_IRQ  0x08
#define INT_SECOND_IRQ 0x70

static struct hook {
  uint8_t number;
  uint32_t old;
} hooks[] = { { INT_TICK, 0 }, { INT_KEY, 0 }, { INT_BREAK, 0 } };

static bool hooked;

/* The lines that are watched, each with its handlers, of which there may be two. */
static struct line {
  void (*call)(void *arg);
  void *arg;
  uint8_t irq;
  uint8_t count; /* interrupts that were seen */
  uint32_t old;
  bool was_masked;
} lines[DOS_LINES];

static uint32_t
in_loader(uint16_t offset)
{
  return (uint32_t)dos_loader->segment << 16 | offset;
}

void
dos_hooks_init(void)
{
  const uint16_t offsets[] = { dos_loader->tick, dos_loader->key, dos_loader->control_break };
  unsigned i;

  for (i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
    hooks[i].old = dos_vector(hooks[i].number);
  }
  dos_loader->old_tick = hooks[0].old;
  dos_loader->old_key = hooks[1].old;
  for (i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
    dos_set_vector(hooks[i].number, in_loader(offsets[i]));
  }
  hooked = true;
}

static void (*on_break)(void);

void
dos_catch_break(void (*handler)(void))
{
  on_break = handler;
  dos_loader->catch_break = handler != NULL;
}

bool
dos_broke(void)
{
  if (!dos_loader->broke) {
    return false;
  }
  dos_loader->broke = 0;
  if (on_break != NULL) {
    on_break();
  }
  return true;
}

/* --- lines of the interrupt controllers --- */

static uint16_t
mask_port(unsigned irq)
{
  return irq < 8 ? PIC1 + 1 : PIC2 + 1;
}

static bool
is_masked(unsigned irq)
{
  return (io_in8(mask_port(irq)) >> (irq & 7)) & 1;
}

static void
set_masked(unsigned irq, bool masked)
{
  uint16_t port = mask_port(irq);
  uint8_t bit = (uint8_t)(1u << (irq & 7));
  uint32_t flags = io_disable();

  io_out8(port, masked ? io_in8(port) | bit : (uint8_t)(io_in8(port) & ~bit));
  io_restore(flags);
}

static uint8_t
vector_of(unsigned irq)
{
  return (uint8_t)(irq < 8 ? INT_FIRST_IRQ + irq : INT_SECOND_IRQ + irq - 8);
}

int
nic_irq_attach(unsigned irq, void (*handler)(void *arg), void *arg)
{
  unsigned i;

  if (irq < 2 || irq >= IRQS || irq == PIC_CASCADE || irq == 8) {
    return -EINVAL;
  }
  for (i = 0; i < DOS_LINES; i++) {
    if (lines[i].call == NULL) {
      dos_loader->irq_line[i] = (uint8_t)irq;
      dos_loader->irq_count[i] = 0;
      lines[i] = (struct line){ handler, arg, (uint8_t)irq, 0, dos_vector(vector_of(irq)), is_masked(irq) };
      dos_set_vector(vector_of(irq), in_loader(dos_loader->irq[i]));
      set_masked(irq, false);
      return 0;
    }
  }
  return -ENOBUFS;
}

static void
detach(struct line *line)
{
  set_masked(line->irq, true);
  dos_set_vector(vector_of(line->irq), line->old);
  set_masked(line->irq, line->was_masked);
  line->call = NULL;
}

void
nic_irq_detach(unsigned irq, void *arg)
{
  unsigned i;

  for (i = 0; i < DOS_LINES; i++) {
    if (lines[i].call != NULL && lines[i].irq == irq && lines[i].arg == arg) {
      detach(&lines[i]);
    }
  }
}

void
nic_wake(void)
{
  dos_loader->wake = 1;
}

void
nic_poll(void)
{
  unsigned i;

  for (i = 0; i < DOS_LINES; i++) {
    struct line *line = &lines[i];

    if (line->call != NULL && line->count != dos_loader->irq_count[i]) {
      line->count = dos_loader->irq_count[i];
      line->call(line->arg);
      if (line->call != NULL) {
        set_masked(line->irq, false);
      }
    }
  }
}

void
dos_hooks_exit(void)
{
  unsigned i;

  for (i = 0; i < DOS_LINES; i++) {
    if (lines[i].call != NULL) {
      detach(&lines[i]);
    }
  }
  for (i = 0; hooked && i < sizeof(hooks) / sizeof(hooks[0]); i++) {
    dos_set_vector(hooks[i].number, hooks[i].old);
  }
  hooked = false;
}
