// The machine as MicroPython's runtime sees it: console, date, Ctrl-C.

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "py/mphal.h"
#include "py/mpstate.h"
#include "py/runtime.h"
#include "shared/readline/readline.h"

#include "baresock/poll.h"
#include "port.h"
#include "ports/linux/mpmain.h"

// --- Ctrl-C ---

static volatile sig_atomic_t interrupt_raises;
static volatile sig_atomic_t prompt_interrupted;

// Only flags are set here; whoever waits comes back with -EINTR and lets Python act on them.
static void on_sigint(int number) {
    (void)number;
    if (interrupt_raises) {
        mp_sched_keyboard_interrupt();
    } else {
        prompt_interrupted = 1;
    }
    port_interrupt();
}

void mp_port_catch_sigint(bool catch) {
    struct sigaction action = {.sa_handler = catch ? on_sigint : SIG_DFL};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
}

void mp_hal_set_interrupt_char(int c) {
    interrupt_raises = c == CHAR_CTRL_C;
}

// --- the console ---

static struct termios console_orig;
static volatile sig_atomic_t console_is_raw;

// A program that is killed leaves the terminal as it was.
static void on_fatal_signal(int number) {
    if (console_is_raw) {
        tcsetattr(STDIN_FILENO, TCSANOW, &console_orig);
    }
    signal(number, SIG_DFL);
    raise(number);
}

void mp_hal_stdio_mode_raw(void) {
    if (console_is_raw || tcgetattr(STDIN_FILENO, &console_orig) != 0) {
        return;
    }
    struct termios raw = console_orig;
    raw.c_iflag &= (tcflag_t) ~(BRKINT | ICRNL | INPCK | ISTRIP | IXON);
    raw.c_oflag &= (tcflag_t) ~OPOST;
    raw.c_cflag = (raw.c_cflag & (tcflag_t) ~(CSIZE | PARENB)) | CS8;
    raw.c_lflag = 0;
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    console_is_raw = 1;
    signal(SIGTERM, on_fatal_signal);
    signal(SIGHUP, on_fatal_signal);
    // TCSADRAIN, so that what was typed ahead is kept.
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

void mp_hal_stdio_mode_orig(void) {
    if (console_is_raw) {
        tcsetattr(STDIN_FILENO, TCSADRAIN, &console_orig);
        signal(SIGTERM, SIG_DFL);
        signal(SIGHUP, SIG_DFL);
        console_is_raw = 0;
    }
}

// Waits until standard input has something; false when that is Ctrl-C.
static bool stdin_wait(void) {
    for (;;) {
        struct pollfd console = {.fd = STDIN_FILENO, .events = POLLIN};
        if (prompt_interrupted) {
            prompt_interrupted = 0;
            return false;
        }
        if (bs_poll(&console, 1, -1) >= 0) {
            return true;
        }
        if (errno != EINTR) {
            // No network to move on: read() waits as well.
            return true;
        }
        mp_handle_pending(true);
    }
}

int mp_hal_stdin_rx_chr(void) {
    unsigned char c;
    ssize_t got;
    do {
        if (!stdin_wait()) {
            return CHAR_CTRL_C;
        }
        got = read(STDIN_FILENO, &c, 1);
    } while (got < 0 && (errno == EINTR || errno == EAGAIN));
    if (got <= 0) {
        return CHAR_CTRL_D;
    }
    return c == '\n' ? '\r' : c;
}

// input(): edited when a person types, as it is when a file or pipe is read.
int mp_hal_input_line(vstr_t *line, const char *prompt) {
    if (isatty(STDIN_FILENO)) {
        nlr_buf_t nlr;
        mp_hal_stdio_mode_raw();
        if (nlr_push(&nlr) == 0) {
            int ret = readline(line, prompt);
            nlr_pop();
            mp_hal_stdio_mode_orig();
            return ret;
        }
        mp_hal_stdio_mode_orig();
        nlr_jump(nlr.ret_val);
    }
    mp_hal_stdout_tx_str(prompt);
    for (;;) {
        char c;
        ssize_t got;
        stdin_wait();
        MP_HAL_RETRY_SYSCALL(got, read(STDIN_FILENO, &c, 1), mp_raise_OSError(err));
        if (got == 0) {
            return CHAR_CTRL_D;
        }
        if (c == '\n') {
            return 0;
        }
        vstr_add_byte(line, (byte)c);
    }
}

// A pipe or a terminal may have nothing for long. A regular file is always ready.
ssize_t mp_hal_read_file(int fd, void *buf, size_t size) {
    struct pollfd file = {.fd = fd, .events = POLLIN};
    if (bs_poll(&file, 1, -1) < 0 && errno == EINTR) {
        return -1;
    }
    return read(fd, buf, size);
}

static void write_all(int fd, const char *text, size_t len) {
    while (len > 0) {
        ssize_t n;
        do {
            n = write(fd, text, len);
            if (n < 0 && errno == EINTR) {
                mp_handle_pending(true);
            }
        } while (n < 0 && errno == EINTR);
        if (n < 0 && errno == EAGAIN) {
            // A parent may have left the terminal non-blocking.
            struct pollfd out = {.fd = fd, .events = POLLOUT};
            poll(&out, 1, -1);
            continue;
        }
        if (n < 0) {
            return;
        }
        text += n;
        len -= (size_t)n;
    }
}

mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t len) {
    write_all(STDOUT_FILENO, text, len);
    return len;
}

// In raw mode the terminal leaves line ends as they are.
void mp_hal_stdout_tx_strn_cooked(const char *text, size_t len) {
    while (console_is_raw && len > 0) {
        const char *end = memchr(text, '\n', len);
        if (end == NULL) {
            break;
        }
        mp_hal_stdout_tx_strn(text, (size_t)(end - text));
        mp_hal_stdout_tx_strn("\r\n", 2);
        len -= (size_t)(end - text) + 1;
        text = end + 1;
    }
    mp_hal_stdout_tx_strn(text, len);
}

void mp_hal_stdout_tx_str(const char *text) {
    mp_hal_stdout_tx_strn(text, strlen(text));
}

static void stderr_print_strn(void *env, const char *text, size_t len) {
    (void)env;
    write_all(STDERR_FILENO, text, len);
}

const mp_print_t mp_stderr_print = {NULL, stderr_print_strn};

// --- the date ---

uint64_t mp_hal_time_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
