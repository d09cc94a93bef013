/**
 * Clock, sleep and interruption on Linux: clock_gettime(), poll() and an eventfd.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "port.h"

/* Readable while an interruption waits to be told. A descriptor, because a flag that a signal handler sets between
 * the check and poll() would not end poll(). */
static int interrupt_fd = -1;

bs_time_t
port_clock(void)
{
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return (bs_time_t)now.tv_sec * 1000000 + (bs_time_t)(now.tv_nsec / 1000);
}

uintptr_t
port_thread(void)
{
  /* Not its number in the kernel: a process that was forked goes on where its parent was. */
  return (uintptr_t)pthread_self();
}

static int
open_interrupt_fd(void)
{
  if (interrupt_fd < 0) {
    interrupt_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  }
  return interrupt_fd;
}

__attribute__((constructor)) static void
prepare_interrupt(void)
{
  (void)open_interrupt_fd();
}

void
port_interrupt(void)
{
  static const uint64_t one = 1;
  int saved = errno;

  if (write(interrupt_fd, &one, sizeof(one)) < 0) {
    /* Full: an interruption is waiting already. */
  }
  errno = saved;
}

static short
poll_events(short events)
{
  short bits = 0;

  bits = (short)(bits | ((events & BS_WAIT_READ) ? POLLIN : 0));
  bits = (short)(bits | ((events & BS_WAIT_WRITE) ? POLLOUT : 0));
  return (short)(bits | ((events & BS_WAIT_PRI) ? POLLPRI : 0));
}

static short
wait_events(short revents)
{
  short bits = 0;

  bits = (short)(bits | ((revents & POLLIN) ? BS_WAIT_READ : 0));
  bits = (short)(bits | ((revents & POLLOUT) ? BS_WAIT_WRITE : 0));
  bits = (short)(bits | ((revents & POLLPRI) ? BS_WAIT_PRI : 0));
  bits = (short)(bits | ((revents & POLLERR) ? BS_WAIT_ERROR : 0));
  bits = (short)(bits | ((revents & POLLHUP) ? BS_WAIT_HUP : 0));
  return (short)(bits | ((revents & POLLNVAL) ? BS_WAIT_INVAL : 0));
}

static const struct timespec *
time_left(bs_time_t deadline, struct timespec *left)
{
  bs_time_t now = port_clock();

  if (deadline == BS_TIME_NEVER) {
    return NULL;
  }
  deadline = deadline > now ? deadline - now : 0;
  left->tv_sec = (time_t)(deadline / 1000000);
  left->tv_nsec = (long)(deadline % 1000000) * 1000;
  return left;
}

int
port_wait(struct bs_waitset *set, bs_time_t deadline)
{
  static struct pollfd fds[BS_WAIT_SOURCES + 1];
  struct timespec left;
  unsigned count = set->count < BS_WAIT_SOURCES ? set->count : BS_WAIT_SOURCES;
  unsigned i;
  uint64_t times;

  for (i = 0; i < count; i++) {
    fds[i].fd = set->source[i].handle;
    fds[i].events = poll_events(set->source[i].events);
  }
  fds[count].fd = open_interrupt_fd();
  fds[count].events = POLLIN;
  if (ppoll(fds, count + 1, time_left(deadline, &left), NULL) < 0) {
    return errno == EINTR ? -EINTR : 0;
  }
  for (i = 0; i < count; i++) {
    set->source[i].revents = wait_events(fds[i].revents);
  }
  return fds[count].revents != 0 && read(interrupt_fd, &times, sizeof(times)) > 0 ? -EINTR : 0;
}
