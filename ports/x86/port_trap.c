/**
 * Interrupts and exceptions: the vectors, the two 8259 controllers, and who handles which line.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "i386/entropy.h"
#include "i386/io.h"
#include "link/nic.h"
#include "x86/x86.h"

#define VECTORS    48
#define IRQ_VECTOR 32
#define IRQS       16
#define HANDLERS   8
#define ENTRY_SIZE 16 /* of port_start.S */
#define CODE_SEG   8
#define GATE_INT32 0x8e00

#define PIC1        0x20
#define PIC2        0xa0
#define PIC_EOI     0x20
#define PIC_ISR     0x0b
#define PIC_CASCADE 2

#define CALLERS 8 /* shown of an exception */

struct gate {
  uint16_t offset_low;
  uint16_t segment;
  uint16_t flags;
  uint16_t offset_high;
};

static struct handler {
  void (*call)(void *arg);
  void *arg;
  uint8_t irq;
} handlers[HANDLERS];

static struct gate idt[VECTORS];
static uint16_t masked = 0xffff;

extern const uint8_t x86_entries[];
void x86_trap(const struct x86_frame *frame);

static void
write_masks(void)
{
  io_out8(PIC1 + 1, (uint8_t)masked);
  io_out8(PIC2 + 1, (uint8_t)(masked >> 8));
}

static void
init_controllers(void)
{
  static const uint8_t words[2][3] = { { IRQ_VECTOR, 1 << PIC_CASCADE, 1 }, { IRQ_VECTOR + 8, PIC_CASCADE, 1 } };
  unsigned i;

  io_out8(PIC1, 0x11);
  io_out8(PIC2, 0x11);
  for (i = 0; i < 3; i++) {
    io_out8(PIC1 + 1, words[0][i]);
    io_out8(PIC2 + 1, words[1][i]);
  }
  masked = (uint16_t) ~(1u << PIC_CASCADE);
  write_masks();
}

void
x86_trap_init(void)
{
  struct {
    uint16_t limit;
    uint32_t base;
  } __attribute__((packed)) pointer = { sizeof(idt) - 1, (uint32_t)idt };
  unsigned i;

  for (i = 0; i < VECTORS; i++) {
    uint32_t offset = (uint32_t)&x86_entries[i * ENTRY_SIZE];

    idt[i] = (struct gate){ (uint16_t)offset, CODE_SEG, GATE_INT32, (uint16_t)(offset >> 16) };
  }
  __asm__ volatile("lidt %0" : : "m"(pointer));
  init_controllers();
}

int
nic_irq_attach(unsigned irq, void (*handler)(void *arg), void *arg)
{
  uint32_t flags;
  unsigned i;

  if (irq >= IRQS || irq == PIC_CASCADE) {
    return -EINVAL;
  }
  for (i = 0; i < HANDLERS; i++) {
    if (handlers[i].call == NULL) {
      flags = io_disable();
      handlers[i] = (struct handler){ handler, arg, (uint8_t)irq };
      masked = (uint16_t)(masked & ~(1u << irq));
      write_masks();
      io_restore(flags);
      return 0;
    }
  }
  return -ENOBUFS;
}

void
nic_irq_detach(unsigned irq, void *arg)
{
  uint32_t flags = io_disable();
  bool others = false;
  unsigned i;

  for (i = 0; i < HANDLERS; i++) {
    if (handlers[i].call != NULL && handlers[i].irq == irq) {
      if (handlers[i].arg == arg) {
        handlers[i].call = NULL;
      } else {
        others = true;
      }
    }
  }
  if (!others) {
    masked = (uint16_t)(masked | 1u << irq);
    write_masks();
  }
  io_restore(flags);
}

/* Handlers run by themselves. */
void
nic_poll(void)
{
}

/* A line that went back before it was asked for arrives as the controller's last one, and is not in service. */
static bool
is_spurious(unsigned irq)
{
  uint16_t pic = irq < 8 ? PIC1 : PIC2;

  if ((irq & 7) != 7) {
    return false;
  }
  io_out8(pic, PIC_ISR);
  return (io_in8(pic) & 0x80) == 0;
}

static void
handle_irq(unsigned irq)
{
  bool spurious = is_spurious(irq);
  unsigned i;

  i386_entropy_stir(x86_clock_cycles());
  if (!spurious) {
    for (i = 0; i < HANDLERS; i++) {
      if (handlers[i].call != NULL && handlers[i].irq == irq) {
        handlers[i].call(handlers[i].arg);
      }
    }
    if (irq >= 8) {
      io_out8(PIC2, PIC_EOI);
    }
  }
  if (!spurious || irq >= 8) {
    io_out8(PIC1, PIC_EOI);
  }
}

/* Called by port_start.S with interrupts off. */
void
x86_trap(const struct x86_frame *frame)
{
  static const char *const names[] = {
    "division by zero",
    "debug",
    "NMI",
    "breakpoint",
    "overflow",
    "bound",
    "invalid instruction",
    "no coprocessor",
    "double fault",
    "coprocessor overrun",
    "invalid TSS",
    "segment not present",
    "stack fault",
    "general protection fault",
    "page fault",
    "unknown exception",
    "floating-point error",
    "alignment check",
    "machine check",
  };

  if (frame->vector >= IRQ_VECTOR) {
    handle_irq(frame->vector - IRQ_VECTOR);
    return;
  }
  x86_panic(frame->vector < sizeof(names) / sizeof(names[0]) ? names[frame->vector] : "unknown exception", frame);
}

/* Where it was called from: what on the stack points into the program, the newest first. Not all of it need be
 * return addresses. Plain writes, as stdio may be what broke. */
void
x86_panic(const char *what, const struct x86_frame *frame)
{
  extern const uint8_t x86_text[], x86_text_end[], x86_stack[], x86_stack_top[];
  const uint32_t *word = (const uint32_t *)(frame + 1);
  char text[400];
  int len;
  unsigned found = 0;

  (void)io_disable();
  len = snprintf(text, sizeof(text),
                 "\nbaresock: %s at 0x%08lx (error %lx)\n"
                 "eax %08lx ebx %08lx ecx %08lx edx %08lx\nesi %08lx edi %08lx ebp %08lx esp %08lx\n"
                 "called from:",
                 what, (unsigned long)frame->eip, (unsigned long)frame->error, (unsigned long)frame->eax,
                 (unsigned long)frame->ebx, (unsigned long)frame->ecx, (unsigned long)frame->edx,
                 (unsigned long)frame->esi, (unsigned long)frame->edi, (unsigned long)frame->ebp, (unsigned long)word);
  while (found < CALLERS && (const uint8_t *)word >= x86_stack && (const uint8_t *)word < x86_stack_top) {
    if (*word >= (uint32_t)x86_text && *word < (uint32_t)x86_text_end) {
      len += snprintf(text + len, sizeof(text) - (size_t)len, " %08lx", (unsigned long)*word);
      found++;
    }
    word++;
  }
  x86_console_print(text);
  x86_console_print("\n");
  x86_power_off(126);
}
