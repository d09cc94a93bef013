// Waiting, and keeping the network moving while Python runs.

#include <errno.h>
#include <limits.h>
#include <math.h>

#include "py/mphal.h"
#include "py/runtime.h"

#include "baresock/net.h"
#include "baresock/poll.h"
#include "stack/stack.h"
#include "python/pynet.h"

// How often the network moves while Python computes, and how many jumps the VM counts between two looks at the
// clock. The count follows what the program does between jumps.
#define PUMP_INTERVAL_US 1000
#define COUNT_MAX 1024
#define COUNT_UNUSED UINT_MAX

static bool used;
static unsigned count = COUNT_MAX;
static bs_time_t looked;
static bs_time_t pumped;

unsigned pynet_countdown = COUNT_UNUSED;

void pynet_use(void) {
    if (!used) {
        used = true;
        pynet_countdown = 1;
    }
}

void pynet_vm_hook(void) {
    if (!used) {
        pynet_countdown = COUNT_UNUSED;
        return;
    }
    bs_time_t now = bs_now();
    if (now - looked > PUMP_INTERVAL_US && count > 1) {
        count /= 2;
    } else if (now - looked < PUMP_INTERVAL_US / 4 && count < COUNT_MAX) {
        count *= 2;
    }
    looked = now;
    if (now - pumped >= PUMP_INTERVAL_US) {
        stack_pump();
        pumped = bs_now();
    }
    pynet_countdown = count;
}

void pynet_event_poll(void) {
    if (used) {
        stack_pump();
    }
}

void pynet_event_wait(mp_uint_t timeout_ms) {
    bs_time_t deadline = timeout_ms == (mp_uint_t)-1 ? BS_TIME_NEVER : bs_now() + (bs_time_t)timeout_ms * 1000;
    if (stack_wait(NULL, deadline) == -EINTR) {
        mp_handle_pending(true);
    }
}

void pynet_sleep_us(uint64_t us) {
    bs_time_t deadline = bs_now() + us;
    bs_time_t now;
    mp_handle_pending(true);
    while ((now = bs_now()) < deadline) {
        if (bs_net_sleep(deadline - now) == 0) {
            break;
        }
        if (errno != EINTR) {
            mp_raise_OSError(errno);
        }
        mp_handle_pending(true);
    }
}

int pynet_to_int(mp_int_t number) {
    if (number < INT_MIN || number > INT_MAX) {
        mp_raise_msg(&mp_type_OverflowError, MP_ERROR_TEXT("number does not fit C's int"));
    }
    return (int)number;
}

int pynet_get_int(mp_obj_t number_in) {
    return pynet_to_int(mp_obj_get_int(number_in));
}

bs_time_t pynet_get_duration(mp_obj_t seconds_in) {
    if (seconds_in == mp_const_none) {
        return BS_TIME_NEVER;
    }
    mp_float_t seconds = mp_obj_get_float(seconds_in);
    if (isnan(seconds) || seconds < 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("timeout must not be negative"));
    }
    if (seconds > MICROPY_FLOAT_CONST(1e12)) {
        return BS_TIME_NEVER;
    }
    // Rounded up: what is not zero waits.
    return (bs_time_t)MICROPY_FLOAT_C_FUN(ceil)(seconds * MICROPY_FLOAT_CONST(1e6));
}

mp_obj_t pynet_new_duration(bs_time_t duration) {
    if (duration == BS_TIME_NEVER) {
        return mp_const_none;
    }
    return mp_obj_new_float((mp_float_t)duration / MICROPY_FLOAT_CONST(1e6));
}

bs_time_t pynet_deadline(bs_time_t duration) {
    return duration == BS_TIME_NEVER ? BS_TIME_NEVER : bs_now() + duration;
}

int pynet_wait(bs_time_t deadline) {
    int result = stack_wait(NULL, deadline);
    if (result == -EINTR) {
        mp_handle_pending(true);
        return 0;
    }
    return result;
}

int pynet_poll(struct pollfd *fds, size_t n_fds, bs_time_t deadline) {
    int ready = bs_poll_until(fds, n_fds, deadline);
    if (ready >= 0) {
        return ready;
    }
    if (errno != EINTR) {
        mp_raise_OSError(errno);
    }
    mp_handle_pending(true);
    return -EINTR;
}

// Where no interface came up, the exception also says why.
void pynet_raise(int error) {
    const char *why = bs_net_why();
    if (bs_net_default() != 0 || why[0] == '\0') {
        mp_raise_OSError(error);
    }
    mp_obj_t args[] = { MP_OBJ_NEW_SMALL_INT(error), mp_obj_new_str_from_cstr(why) };
    nlr_raise(mp_obj_new_exception_args(&mp_type_OSError, MP_ARRAY_SIZE(args), args));
}
