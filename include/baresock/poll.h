/**
 * Wait for several descriptors: sockets of ours and, on a host, its own.
 */
#ifndef BARESOCK_POLL_H
#define BARESOCK_POLL_H

#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/time.h>

#include "baresock/config.h"
#include "baresock/wait.h"

/**
 * Wait until a descriptor is ready (POSIX poll()).
 *
 * @param fds        descriptors with the events asked for; those below BS_FD_BASE are the host's; negative ones are
 *                   ignored. revents is filled in; POLLERR, POLLHUP and POLLNVAL are told unasked
 * @param count      how many
 * @param timeout_ms milliseconds; 0 not to wait, negative for no limit
 * @return how many have revents; 0 when the time was over; -1 with errno:
 *   EINTR   a signal handler ran before anything was ready
 *   EINVAL  more than BS_WAIT_SOURCES host descriptors
 */
int bs_poll(struct pollfd *fds, nfds_t count, int timeout_ms);

/** bs_poll() until a point in time of bs_now(), BS_TIME_NEVER for no limit: a caller that was interrupted calls again
 * with the same one. */
int bs_poll_until(struct pollfd *fds, nfds_t count, bs_time_t deadline);

/** Descriptors that bs_select() can hold. */
#define BS_FD_SETSIZE (BS_FD_BASE + BS_MAX_SOCKETS)

/** A set of descriptors, as POSIX fd_set, but wide enough for ours beside the host's. */
typedef struct {
  uint32_t bits[(BS_FD_SETSIZE + 31) / 32];
} bs_fd_set;

#define BS_FD_ZERO(set)      memset((set), 0, sizeof(*(set)))
#define BS_FD_SET(fd, set)   ((void)((set)->bits[(unsigned)(fd) / 32] |= 1u << ((unsigned)(fd) % 32)))
#define BS_FD_CLR(fd, set)   ((void)((set)->bits[(unsigned)(fd) / 32] &= ~(1u << ((unsigned)(fd) % 32))))
#define BS_FD_ISSET(fd, set) (((set)->bits[(unsigned)(fd) / 32] >> ((unsigned)(fd) % 32)) & 1u)

/**
 * Wait until a descriptor is ready (POSIX select()).
 *
 * @param nfds     one more than the highest descriptor in the sets, BS_FD_SETSIZE at most
 * @param readable, writable, except  sets to look at, overwritten with what is ready; NULL for none
 * @param timeout  NULL for no limit; not changed
 * @return how many bits are set; 0 when the time was over; -1 with errno:
 *   EBADF   a set names a descriptor that is not open
 *   EINTR   a signal handler ran before anything was ready
 *   EINVAL  nfds or the timeout is out of range
 */
int bs_select(int nfds, bs_fd_set *readable, bs_fd_set *writable, bs_fd_set *except, const struct timeval *timeout);

#endif /* BARESOCK_POLL_H */
