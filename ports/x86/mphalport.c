// The machine as MicroPython's runtime sees it: console, date, Ctrl-C.

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "py/mphal.h"
#include "py/mpstate.h"
#include "py/runtime.h"
#include "py/stream.h"

#include "baresock/poll.h"
#include "i386/net_console.h"
#include "port.h"
#include "x86/x86.h"

#define CONSOLE 0

// Runs in an interrupt: whoever waits comes back with -EINTR and lets Python act.
static void on_ctrl_c(void) {
    mp_sched_keyboard_interrupt();
    port_interrupt();
}

void mp_hal_set_interrupt_char(int c) {
    x86_console_on_interrupt = c == CHAR_CTRL_C ? on_ctrl_c : NULL;
}

// --- the console ---

int mp_hal_stdin_rx_chr(void) {
    int byte;
    while ((byte = x86_console_read()) < 0) {
        struct pollfd console = {.fd = CONSOLE, .events = POLLIN};
        if (bs_poll(&console, 1, -1) < 0) {
            mp_handle_pending(true);
        }
    }
    return byte;
}

uintptr_t mp_hal_stdio_poll(uintptr_t flags) {
    uintptr_t ready = flags & MP_STREAM_POLL_WR;
    if ((flags & MP_STREAM_POLL_RD) && x86_console_ready()) {
        ready |= MP_STREAM_POLL_RD;
    }
    return ready;
}

mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t len) {
    x86_console_write(text, len);
    net_console_write(text, len);
    return len;
}

static void stderr_print_strn(void *env, const char *text, size_t len) {
    (void)env;
    mp_hal_stdout_tx_strn_cooked(text, len);
}

const mp_print_t mp_stderr_print = {NULL, stderr_print_strn};

// --- the date ---

uint64_t mp_hal_time_ns(void) {
    return x86_clock_wall() * 1000;
}
