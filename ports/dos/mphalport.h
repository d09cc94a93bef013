// The machine as MicroPython's runtime sees it.

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <unistd.h>

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

// The console is waited for by name (bs_poll() on handle 0), not by polling it.
#define mp_hal_stdio_poll unused

// The console is no terminal of somebody else's.
#define mp_hal_stdio_mode_raw() ((void)0)
#define mp_hal_stdio_mode_orig() ((void)0)

#define mp_hal_ticks_cpu() mp_hal_ticks_us()

struct _vstr_t;
int mp_hal_input_line(struct _vstr_t *line, const char *prompt);
#define mp_hal_readline mp_hal_input_line

// For the prompt, on a screen that knows no escape sequences.
void mp_hal_move_cursor_back(unsigned count);
void mp_hal_erase_line_from_cursor(unsigned count);

// No call of DOS is interrupted.
#define MP_HAL_RETRY_SYSCALL(ret, syscall, on_error) \
    do { \
        ret = (syscall); \
        if (ret == -1) { \
            int err = errno; \
            (void)err; \
            on_error; \
        } \
    } while (0)

// read() and write() for Python's files (see mp.mk).
ssize_t mp_hal_read_file(int fd, void *buf, size_t size);
ssize_t mp_hal_write_file(bool text, int fd, const void *buf, size_t size);

#define RAISE_ERRNO(result, error) \
    do { \
        if ((result) == -1) { \
            mp_raise_OSError(error); \
        } \
    } while (0)

void mp_hal_get_random(size_t n, void *buf);
