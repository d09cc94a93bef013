/**
 * What the public calls have in common: they find the socket, check the arguments, do what its type does, and wait where
 * that is asked for. Below them nothing waits and nothing sets errno.
 */
#ifndef BARESOCK_CALL_H
#define BARESOCK_CALL_H

#include <errno.h>

#include "socket/sock.h"
#include "stack/stack.h"

/** The boundary: what this floor returns, in POSIX's way. */
static inline ssize_t
call_result(ssize_t result)
{
  if (result < 0) {
    errno = (int)-result;
    return -1;
  }
  return result;
}

int call_int_result(int result);

/** sock_find() for the calls that move no data: in line it would be half of some of them. */
struct sock *call_find(int fd);

/** When a call that starts now gives up. @param timeout_ms 0 for never */
static inline bs_time_t
call_deadline(uint32_t timeout_ms)
{
  return timeout_ms == 0 ? BS_TIME_NEVER : stack_after_ms(timeout_ms);
}

/** Whether the socket, or the call by its flags, must not wait. */
static inline bool
call_must_not_wait(const struct sock *s, int flags)
{
  return (s->flags & SOCK_F_NONBLOCK) != 0 || (flags & MSG_DONTWAIT) != 0;
}

/** One call's waiting; all zero at first. */
struct call_wait {
  bs_time_t deadline; /**< 0 until it has to wait */
  bool pumped;        /**< tried again without waiting, or after the deadline */
};

/**
 * Go on after -EAGAIN. Who must not wait tries again once, if the pump had something to do: a program that only asks and
 * never waits gets its data too. So does who ran out of time: the last pump may have brought something.
 *
 * @param timeout_ms SO_RCVTIMEO or SO_SNDTIMEO
 * @param wait       kept by the caller from one try to the next
 * @return 0 to try again, or the negative errno to give up with
 */
int call_wait_to_retry(const struct sock *s, int flags, uint32_t timeout_ms, struct call_wait *wait);

/** Where a socket wants to send to: the wildcard becomes the loopback. @return 0, or why it can't at all */
int call_prepare_goal(const struct sock *s, struct name *to);

#endif /* BARESOCK_CALL_H */
