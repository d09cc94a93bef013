// The machine as MicroPython's runtime sees it: console, date, Ctrl-C.

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "py/mphal.h"
#include "py/mpstate.h"
#include "py/runtime.h"
#include "shared/readline/readline.h"

#include "baresock/poll.h"
#include "dos/dos.h"
#include "i386/net_console.h"
#include "i386/serial.h"

#define CTRL_Z 26

// --- Ctrl-C ---

static bool break_raises;

volatile unsigned char *mp_port_broke;

void mp_port_break(void) {
    (void)dos_broke();
}

void mp_hal_set_interrupt_char(int c) {
    break_raises = c == CHAR_CTRL_C;
    mp_port_broke = &dos_loader->broke;
    dos_catch_break(break_raises ? mp_sched_keyboard_interrupt : NULL);
}

// --- the console ---

// Waits until standard input has something; false when that is Ctrl-C, which DOS has taken.
static bool stdin_wait(void) {
    for (;;) {
        struct pollfd console = {.fd = STDIN_FILENO, .events = POLLIN};
        if (bs_poll(&console, 1, -1) >= 0) {
            return true;
        }
        if (errno != EINTR) {
            // No network to move on: read() waits as well.
            return true;
        }
        if (!break_raises) {
            return false;
        }
        mp_handle_pending(true);
    }
}

int mp_hal_stdin_rx_chr(void) {
    for (;;) {
        int byte = dos_console_read();
        if (byte >= 0) {
            // The end of a file is Ctrl-Z here.
            return byte == CTRL_Z ? CHAR_CTRL_D : byte;
        }
        if (!stdin_wait()) {
            return CHAR_CTRL_C;
        }
        if (!dos_console_is_keyboard() && !dos_console_has_line()) {
            unsigned char c;
            if (read(STDIN_FILENO, &c, 1) <= 0) {
                return CHAR_CTRL_D;
            }
            return c == '\n' ? '\r' : c;
        }
    }
}

// input(): edited when a person types, as it is when a file is read.
int mp_hal_input_line(vstr_t *line, const char *prompt) {
    if (dos_console_is_keyboard()) {
        return readline(line, prompt);
    }
    mp_hal_stdout_tx_str(prompt);
    for (;;) {
        char c;
        if (read(STDIN_FILENO, &c, 1) <= 0) {
            return CHAR_CTRL_D;
        }
        if (c == '\n') {
            return 0;
        }
        if (c != '\r') {
            vstr_add_byte(line, (byte)c);
        }
    }
}

// What is left of a line that was typed.
static char *typed;
static size_t typed_len, typed_at;

// The next line that a person types for sys.stdin. Returns false at its end.
static bool read_typed(void) {
    vstr_t line;
    free(typed);
    typed = NULL;
    typed_len = typed_at = 0;
    vstr_init(&line, 80);
    int ret = readline(&line, "");
    if (ret == CHAR_CTRL_D) {
        return false;
    }
    if (ret == CHAR_CTRL_C) {
        mp_raise_type(&mp_type_KeyboardInterrupt);
    }
    vstr_add_byte(&line, '\n');
    typed = malloc(line.len);
    if (typed == NULL) {
        m_malloc_fail(line.len);
    }
    memcpy(typed, line.buf, line.len);
    typed_len = line.len;
    return true;
}

ssize_t mp_hal_read_file(int fd, void *buf, size_t size) {
    if (fd != STDIN_FILENO || !dos_console_is_keyboard()) {
        return read(fd, buf, size);
    }
    if (size == 0 || (typed_at == typed_len && !read_typed())) {
        return 0;
    }
    size_t len = typed_len - typed_at < size ? typed_len - typed_at : size;
    memcpy(buf, typed + typed_at, len);
    typed_at += len;
    return (ssize_t)len;
}

// What goes to standard output or standard error, a further line to the console shows as well.
static void write_lines(const char *text, size_t len) {
    net_console_write(text, len);
    serial_write(text, len);
}

// Returns 0, or -1 with errno.
static int write_all(int fd, const char *text, size_t len) {
    int result = 0;
    write_lines(text, len);
    while (len > 0 && result == 0) {
        ssize_t n = write(fd, text, len);
        if (n < 0) {
            result = -1;
        } else {
            text += n;
            len -= (size_t)n;
        }
    }
    mp_port_break();
    return result;
}

// A text whose lines end as DOS has it.
static int write_text(int fd, const char *text, size_t len) {
    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t part = end != NULL ? (size_t)(end - text) : len;
        if (write_all(fd, text, part) < 0 || (end != NULL && write_all(fd, "\r\n", 2) < 0)) {
            return -1;
        }
        text += part + (end != NULL);
        len -= part + (end != NULL);
    }
    return 0;
}

ssize_t mp_hal_write_file(bool text, int fd, const void *buf, size_t size) {
    if (fd != STDOUT_FILENO && fd != STDERR_FILENO) {
        return write(fd, buf, size);
    }
    return (text ? write_text : write_all)(fd, buf, size) < 0 ? -1 : (ssize_t)size;
}

mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t len) {
    (void)write_all(STDOUT_FILENO, text, len);
    return len;
}

void mp_hal_move_cursor_back(unsigned count) {
    bool is_screen = dos_console_is_screen();
    if (is_screen) {
        dos_console_move_back(count);
    }
    while (count-- > 0) {
        if (is_screen) {
            write_lines("\b", 1);
        } else {
            mp_hal_stdout_tx_strn("\b", 1);
        }
    }
}

void mp_hal_erase_line_from_cursor(unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        mp_hal_stdout_tx_strn(" ", 1);
    }
    mp_hal_move_cursor_back(count);
}

static void stderr_print_strn(void *env, const char *text, size_t len) {
    (void)env;
    (void)write_text(STDERR_FILENO, text, len);
}

const mp_print_t mp_stderr_print = {NULL, stderr_print_strn};

// --- the date ---

uint64_t mp_hal_time_ns(void) {
    return dos_wall_clock() * 1000;
}
