/**
 * Waiting for sockets: the type and numbers of POSIX <poll.h>, with Linux's values. The function is bs_poll().
 */
#ifndef BARESOCK_I386_POLL_H
#define BARESOCK_I386_POLL_H

#define POLLIN     0x001
#define POLLPRI    0x002
#define POLLOUT    0x004
#define POLLERR    0x008
#define POLLHUP    0x010
#define POLLNVAL   0x020
#define POLLRDNORM 0x040
#define POLLRDBAND 0x080
#define POLLWRNORM 0x100
#define POLLWRBAND 0x200
#define POLLRDHUP  0x2000

typedef unsigned long nfds_t;

struct pollfd {
  int fd;
  short events;
  short revents;
};

#endif /* BARESOCK_I386_POLL_H */
