/**
 * The end of the machine, and its start anew.
 */
#include <unistd.h>

#include "i386/io.h"
#include "x86/x86.h"

#define DEBUG_EXIT     0xf4 /* QEMU's isa-debug-exit: it ends with status 2 * value + 1 */
#define ACPI_QEMU      0x604
#define ACPI_BOCHS     0xb004
#define ACPI_OFF       0x2000
#define KEYBOARD       0x64
#define KEYBOARD_RESET 0xfe

static __attribute__((noreturn)) void
halt(void)
{
  for (;;) {
    __asm__ volatile("cli; hlt");
  }
}

void
x86_power_off(int status)
{
  (void)io_disable();
  io_out32(DEBUG_EXIT, (uint32_t)status & 0x7f);
  io_out16(ACPI_QEMU, ACPI_OFF);
  io_out16(ACPI_BOCHS, ACPI_OFF);
  x86_console_print("\nThe machine can be switched off.\n");
  halt();
}

void
x86_refuse(const char *why)
{
  x86_console_print("baresock: ");
  x86_console_print(why);
  x86_console_print("\n");
  x86_power_off(126);
}

void
x86_reboot(void)
{
  static const struct {
    uint16_t limit;
    uint32_t base;
  } __attribute__((packed)) nowhere = { 0, 0 };

  (void)io_disable();
  io_out8(KEYBOARD, KEYBOARD_RESET);
  /* An interrupt without a table to look it up in ends in a reset as well. */
  __asm__ volatile("lidt %0; int $3" : : "m"(nowhere));
  halt();
}

void
_exit(int status)
{
  x86_power_off(status);
}
