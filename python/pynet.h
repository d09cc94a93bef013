// What our Python modules and the ports share: waiting, and keeping the network moving meanwhile.
#ifndef BARESOCK_PYTHON_PYNET_H
#define BARESOCK_PYTHON_PYNET_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "py/obj.h"

#include "baresock/wait.h"

// Say that the network is used from now on. Until then nothing here touches it.
void pynet_use(void);

// The VM counts this down at jumps and returns, and calls pynet_vm_hook() at 0: the network is moved on about every
// millisecond while Python computes, for a decrement in between.
extern unsigned pynet_countdown;
void pynet_vm_hook(void);

// Move the network on, if it is used.
void pynet_event_poll(void);

// Sleep until something happened on the network, or timeout_ms passed ((mp_uint_t)-1: no limit).
void pynet_event_wait(mp_uint_t timeout_ms);

// Sleep, keep the network moving, and let Python handle signals meanwhile.
void pynet_sleep_us(uint64_t us);

// An int that fits C's, which options, flags and descriptors are; OverflowError for others.
int pynet_get_int(mp_obj_t number_in);
int pynet_to_int(mp_int_t number);

// A duration in seconds (None: for ever) as microseconds; BS_TIME_NEVER for ever. ValueError when negative.
bs_time_t pynet_get_duration(mp_obj_t seconds_in);
mp_obj_t pynet_new_duration(bs_time_t duration);

// The point in time that lies a duration ahead.
bs_time_t pynet_deadline(bs_time_t duration);

// Sleep until something happened on the network, whatever it was: 0, or -ETIMEDOUT at the deadline. An interruption runs
// Python's signal handling (which may raise), and then counts as something.
int pynet_wait(bs_time_t deadline);

// bs_poll_until(), with Python's signal handling: an interruption runs it (and may raise), and then returns -EINTR,
// so that the caller looks its descriptors up again.
int pynet_poll(struct pollfd *fds, size_t count, bs_time_t deadline);

// Raise OSError for an errno of the network. When that is because the default link could not be opened, standard
// error is told why.
NORETURN void pynet_raise(int error);

#endif // BARESOCK_PYTHON_PYNET_H
