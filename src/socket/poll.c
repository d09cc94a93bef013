/**
 * poll() and select(), over our sockets and the host's descriptors in one wait.
 */
#include "baresock/poll.h"

#include <errno.h>

#include "socket/call.h"
#include "socket/sock.h"
#include "stack/stack.h"

#define ALWAYS_TOLD (POLLERR | POLLHUP | POLLNVAL)

_Static_assert(BS_WAIT_READ == POLLIN && BS_WAIT_PRI == POLLPRI && BS_WAIT_WRITE == POLLOUT &&
                   BS_WAIT_ERROR == POLLERR && BS_WAIT_HUP == POLLHUP && BS_WAIT_INVAL == POLLNVAL,
               "the port's wait speaks of events as poll() does");

/* Normal data is all that there is. */
static short
wait_events(short events)
{
  int bits = events & (POLLIN | POLLPRI | POLLOUT);

  bits |= (events & POLLRDNORM) ? POLLIN : 0;
  bits |= (events & POLLWRNORM) ? POLLOUT : 0;
  return (short)bits;
}

static short
poll_events(short waited)
{
  int bits = waited;

  bits |= (waited & POLLIN) ? POLLRDNORM : 0;
  bits |= (waited & POLLOUT) ? POLLWRNORM : 0;
  return (short)bits;
}

static bool
is_host(const struct pollfd *fd)
{
  return fd->fd >= 0 && fd->fd < BS_FD_BASE;
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

/* Fill in revents: of our sockets as they are now, of the host's descriptors as the last wait found them.
 * @return how many are ready */
static int
look(struct pollfd *fds, nfds_t count, const struct bs_waitset *set)
{
  const struct bs_wait_source *host = set->source;
  int ready = 0;
  nfds_t i;

  for (i = 0; i < count; i++) {
    int events = 0;

    if (is_host(&fds[i])) {
      events = poll_events((host++)->revents);
    } else if (fds[i].fd >= 0) {
      struct sock *s = sock_find(fds[i].fd);

      events = s != NULL ? s->ops->ready(s) : POLLNVAL;
    }
    fds[i].revents = (short)(events & (fds[i].events | ALWAYS_TOLD));
    ready += fds[i].revents != 0;
  }
  return ready;
}

static int
poll_until(struct pollfd *fds, nfds_t count, bs_time_t deadline)
{
  static struct bs_wait_source room[BS_WAIT_SOURCES];
  struct bs_waitset set = { room, 0, BS_WAIT_SOURCES, 0 };
  bool waited = false;
  int result = stack_init();

  if (result == 0) {
    result = gather_host(fds, count, &set);
  }
  if (result < 0) {
    return result;
  }
  stack_pump_now_and_then();
  for (;;) {
    int ready = look(fds, count, &set);

    if (ready > 0 && (waited || set.count == 0)) {
      return ready;
    }
    if (result < 0) {
      return result == -ETIMEDOUT ? 0 : result;
    }
    /* The host's descriptors are only looked at by a wait. */
    result = stack_wait(&set, ready > 0 ? 0 : deadline);
    waited = true;
  }
}

int
bs_poll_until(struct pollfd *fds, nfds_t count, bs_time_t deadline)
{
  return call_int_result(poll_until(fds, count, deadline));
}

int
bs_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
  return bs_poll_until(fds, count, timeout_ms < 0 ? BS_TIME_NEVER : stack_after_ms((uint32_t)timeout_ms));
}

/* --- select() --- */

/* What POSIX has each of the three sets mean. */
static const struct {
  short asked;
  short ready;
} meaning[3] = {
  { POLLIN, POLLIN | POLLRDNORM | POLLHUP | POLLERR },
  { POLLOUT, POLLOUT | POLLWRNORM | POLLERR },
  { POLLPRI, POLLPRI },
};

/* @return how many descriptors are in the sets */
static nfds_t
fds_from_sets(int nfds, bs_fd_set *const sets[3], struct pollfd *fds)
{
  nfds_t count = 0;
  int fd, i;

  for (fd = 0; fd < nfds; fd++) {
    int events = 0;

    for (i = 0; i < 3; i++) {
      events |= sets[i] != NULL && BS_FD_ISSET(fd, sets[i]) ? meaning[i].asked : 0;
    }
    if (events != 0) {
      fds[count++] = (struct pollfd){ fd, (short)events, 0 };
    }
  }
  return count;
}

/* Leave in the sets what is ready. @return how many */
static int
keep_ready(bs_fd_set *const sets[3], const struct pollfd *fds, nfds_t count)
{
  int ready = 0;
  nfds_t n;
  int i;

  for (i = 0; i < 3; i++) {
    if (sets[i] == NULL) {
      continue;
    }
    BS_FD_ZERO(sets[i]);
    for (n = 0; n < count; n++) {
      if ((fds[n].events & meaning[i].asked) && (fds[n].revents & meaning[i].ready)) {
        BS_FD_SET(fds[n].fd, sets[i]);
        ready++;
      }
    }
  }
  return ready;
}

static int
select_until(int nfds, bs_fd_set *const sets[3], bs_time_t deadline)
{
  static struct pollfd fds[BS_FD_SETSIZE];
  nfds_t count = fds_from_sets(nfds, sets, fds);
  int result = poll_until(fds, count, deadline);
  nfds_t n;

  for (n = 0; n < count && result >= 0; n++) {
    if (fds[n].revents & POLLNVAL) {
      result = -EBADF;
    }
  }
  return result < 0 ? result : keep_ready(sets, fds, count);
}

int
bs_select(int nfds, bs_fd_set *readable, bs_fd_set *writable, bs_fd_set *except, const struct timeval *timeout)
{
  bs_fd_set *const sets[3] = { readable, writable, except };
  bs_time_t deadline = BS_TIME_NEVER;

  if (nfds < 0 || nfds > BS_FD_SETSIZE ||
      (timeout != NULL && (timeout->tv_sec < 0 || timeout->tv_usec < 0 || timeout->tv_usec >= 1000000))) {
    return call_int_result(-EINVAL);
  }
  if (timeout != NULL) {
    deadline = stack_now() + (bs_time_t)timeout->tv_sec * 1000000 + (bs_time_t)timeout->tv_usec;
  }
  return call_int_result(select_until(nfds, sets, deadline));
}
