// What module machine has here: extmod/modmachine.c includes this file.

#include "x86/x86.h"

static void mp_machine_idle(void) {
    __asm__ volatile ("hlt");
}

NORETURN static void mp_machine_reset(void) {
    x86_reboot();
}

// The machine does not keep why it was started.
static mp_int_t mp_machine_reset_cause(void) {
    return 0;
}
