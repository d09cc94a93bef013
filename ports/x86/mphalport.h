// The machine as MicroPython's runtime sees it.

#include <errno.h>
#include <stdint.h>

#ifndef CHAR_CTRL_C
#define CHAR_CTRL_C (3)
#endif

// Waiting moves the network on: see python/pynet.h.
void pynet_event_poll(void);
void pynet_event_wait(mp_uint_t timeout_ms);
#define MICROPY_INTERNAL_EVENT_HOOK pynet_event_poll()
#define MICROPY_INTERNAL_WFE(timeout_ms) pynet_event_wait((mp_uint_t)(timeout_ms))

// Whether Ctrl-C raises KeyboardInterrupt (CHAR_CTRL_C) or is a key of the prompt (-1).
void mp_hal_set_interrupt_char(int c);

// The console is no terminal of somebody else's.
#define mp_hal_stdio_mode_raw() ((void)0)
#define mp_hal_stdio_mode_orig() ((void)0)

#define mp_hal_ticks_cpu() mp_hal_ticks_us()

void mp_hal_get_random(size_t n, void *buf);
