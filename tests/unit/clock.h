/**
 * A clock that can be stopped, and that never goes back: after a test that moved it, it runs on from there.
 */
#ifndef TESTS_CLOCK_H
#define TESTS_CLOCK_H

#include <stdbool.h>

#include "baresock/net.h"
#include "port.h"
#include "stack/interface.h"
#include "stack/stack.h"

static bs_time_t clock_is;
static bs_time_t clock_ahead; /* of the port's */
static bool clock_stopped;

static inline bs_time_t
test_clock(void)
{
  return clock_stopped ? clock_is : port_clock() + clock_ahead;
}

/* From here on time passes by pass_ms() alone. */
static inline void
stop_the_clock(void)
{
  clock_is = bs_now();
  clock_stopped = true;
  bs_set_clock(test_clock);
}

static inline void
start_the_clock(void)
{
  if (clock_stopped) {
    clock_ahead = clock_is - port_clock();
    clock_stopped = false;
  }
}

/* Handle everything that can be handled now. */
static inline void
settle(void)
{
  while (stack_pump() > 0) {
  }
}

/* When something happens next by itself: a timer, or a link that holds a frame until then. */
static inline bs_time_t
next_event(void)
{
  struct bs_waitset none = { .size = 0 };
  bs_time_t due = timers_next_due();

  interfaces_prepare(&none, &due);
  return due;
}

/* Let time pass on the stopped clock, up to the next event. @return false when there is none */
static inline bool
pass_to_next_event(void)
{
  bs_time_t due = next_event();

  if (due == BS_TIME_NEVER) {
    return false;
  }
  clock_is = due > clock_is ? due : clock_is;
  settle();
  return true;
}

/* Let time pass on the stopped clock, from one event to the next, until *stop. @return what is left */
static inline bs_time_t
pass_us(bs_time_t us, const bool *stop)
{
  bs_time_t until = clock_is + us;

  settle();
  while (clock_is < until && !*stop) {
    bs_time_t due = next_event();

    /* What a link was given by the last one may be due at once. */
    if (due > clock_is) {
      clock_is = due < until ? due : until;
    }
    settle();
  }
  return until - clock_is;
}

static inline void
pass_ms(uint64_t ms)
{
  static const bool never;

  (void)pass_us(ms * 1000, &never);
}

#endif /* TESTS_CLOCK_H */
