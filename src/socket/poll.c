/**
 * poll() and select(), over our sockets and the host's descriptors in one wait.
 */
#include "baresock/poll.h"

#include <errno.h>

#include "socket/sock.h"
#include "stack/stack.h"

#define ALWAYS_TOLD (POLLERR | POLLHUP | POLLNVAL)

/* poll() in terms of the port's wait. */
static short
wait_events(short events)
{
  int bits = 0;

  bits |= (events & (POLLIN | POLLRDNORM)) ? BS_WAIT_READ : 0;
  bits |= (events & (POLLOUT | POLLWRNORM)) ? BS_WAIT_WRITE : 0;
  bits |= (events & POLLPRI) ? BS_WAIT_PRI : 0;
  return (short)bits;
}

static short
poll_events(short waited, short events)
{
  int bits = 0;

  bits |= (waited & BS_WAIT_READ) ? POLLIN | POLLRDNORM : 0;
  bits |= (waited & BS_WAIT_WRITE) ? POLLOUT | POLLWRNORM : 0;
  bits |= (waited & BS_WAIT_PRI) ? POLLPRI : 0;
  bits |= (waited & BS_WAIT_ERROR) ? POLLERR : 0;
  bits |= (waited & BS_WAIT_HUP) ? POLLHUP : 0;
  bits |= (waited & BS_WAIT_INVAL) ? POLLNVAL : 0;
  return (short)(bits & (events | ALWAYS_TOLD));
}

static bool
is_host(const struct pollfd *fd)
{
  return fd->fd >= 0 && fd->fd < BS_FD_BASE;
}

/* Fill in revents of our sockets. @return how many are ready */
static int
look_at_ours(struct pollfd *fds, nfds_t count)
{
  int ready = 0;
  nfds_t i;

  for (i = 0; i < count; i++) {
    struct sock *s;

    if (is_host(&fds[i])) {
      continue;
    }
    fds[i].revents = 0;
    if (fds[i].fd < 0) {
      continue;
    }
    s = sock_find(fds[i].fd);
    fds[i].revents = s != NULL ? (short)(s->ops->ready(s) & (fds[i].events | ALWAYS_TOLD)) : POLLNVAL;
    ready += fds[i].revents != 0;
  }
  return ready;
}

/* Name the host's descriptors for the wait. */
static int
gather_host(const struct pollfd *fds, nfds_t count, struct bs_waitset *set)
{
  nfds_t i;

  for (i = 0; i < count; i++) {
    if (is_host(&fds[i]) && bs_waitset_add(set, fds[i].fd, wait_events(fds[i].events)) < 0) {
      return -EINVAL;
    }
  }
  return 0;
}

/* Fill in revents of the host's descriptors. @return how many are ready */
static int
look_at_host(struct pollfd *fds, nfds_t count, const struct bs_waitset *set)
{
  int ready = 0;
  unsigned n = 0;
  nfds_t i;

  for (i = 0; i < count; i++) {
    if (is_host(&fds[i])) {
      fds[i].revents = poll_events(set->source[n++].revents, fds[i].events);
      ready += fds[i].revents != 0;
    }
  }
  return ready;
}

static int
poll_until(struct pollfd *fds, nfds_t count, bs_time_t deadline)
{
  static struct bs_wait_source room[BS_WAIT_SOURCES];
  struct bs_waitset set = { room, 0, BS_WAIT_SOURCES, 0 };
  int result = stack_init();

  if (result == 0) {
    result = gather_host(fds, count, &set);
  }
  if (result < 0) {
    return result;
  }
  stack_pump_now_and_then();
  for (;;) {
    int ready = look_at_ours(fds, count);

    if (ready > 0 && set.count == 0) {
      return ready;
    }
    result = stack_wait(set.count > 0 ? &set : NULL, ready > 0 ? 0 : deadline);
    ready = look_at_ours(fds, count) + look_at_host(fds, count, &set);
    if (ready > 0) {
      return ready;
    }
    if (result < 0) {
      return result == -ETIMEDOUT ? 0 : result;
    }
  }
}

int
bs_poll_until(struct pollfd *fds, nfds_t count, bs_time_t deadline)
{
  int result = poll_until(fds, count, deadline);

  if (result < 0) {
    errno = -result;
    return -1;
  }
  return result;
}

int
bs_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
  return bs_poll_until(fds, count, timeout_ms < 0 ? BS_TIME_NEVER : stack_after_ms((uint32_t)timeout_ms));
}

/* --- select() --- */

/* What POSIX has each set mean. */
#define SELECT_READ  (POLLIN | POLLRDNORM | POLLHUP | POLLERR)
#define SELECT_WRITE (POLLOUT | POLLWRNORM | POLLERR)

static bool
is_in(int fd, const bs_fd_set *set)
{
  return set != NULL && BS_FD_ISSET(fd, set);
}

static nfds_t
fds_from_sets(int nfds, const bs_fd_set *r, const bs_fd_set *w, const bs_fd_set *x, struct pollfd *fds)
{
  nfds_t count = 0;
  int fd;

  for (fd = 0; fd < nfds; fd++) {
    int events = (is_in(fd, r) ? POLLIN : 0) | (is_in(fd, w) ? POLLOUT : 0) | (is_in(fd, x) ? POLLPRI : 0);

    if (events != 0) {
      fds[count].fd = fd;
      fds[count].events = (short)events;
      fds[count].revents = 0;
      count++;
    }
  }
  return count;
}

/* Leave in a set what is ready. @return how many */
static int
keep_ready(bs_fd_set *set, const struct pollfd *fds, nfds_t count, short asked, short meaning)
{
  int ready = 0;
  nfds_t i;

  if (set == NULL) {
    return 0;
  }
  BS_FD_ZERO(set);
  for (i = 0; i < count; i++) {
    if ((fds[i].events & asked) && (fds[i].revents & meaning)) {
      BS_FD_SET(fds[i].fd, set);
      ready++;
    }
  }
  return ready;
}

int
bs_select(int nfds, bs_fd_set *readable, bs_fd_set *writable, bs_fd_set *except, const struct timeval *timeout)
{
  static struct pollfd fds[BS_FD_SETSIZE];
  bs_time_t deadline = BS_TIME_NEVER;
  nfds_t count, i;
  int result;

  if (nfds < 0 || nfds > BS_FD_SETSIZE ||
      (timeout != NULL && (timeout->tv_sec < 0 || timeout->tv_usec < 0 || timeout->tv_usec >= 1000000))) {
    errno = EINVAL;
    return -1;
  }
  if (timeout != NULL) {
    deadline = stack_now() + (bs_time_t)timeout->tv_sec * 1000000 + (bs_time_t)timeout->tv_usec;
  }
  count = fds_from_sets(nfds, readable, writable, except, fds);
  if (bs_poll_until(fds, count, deadline) < 0) {
    return -1;
  }
  for (i = 0; i < count; i++) {
    if (fds[i].revents & POLLNVAL) {
      errno = EBADF;
      return -1;
    }
  }
  result = keep_ready(readable, fds, count, POLLIN, SELECT_READ);
  result += keep_ready(writable, fds, count, POLLOUT, SELECT_WRITE);
  return result + keep_ready(except, fds, count, POLLPRI, POLLPRI);
}
