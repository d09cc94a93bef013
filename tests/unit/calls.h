/**
 * The BSD calls as a table: the kernel's and ours. A scenario that both run notes what each call said, and what was
 * noted must be the same.
 */
#ifndef TESTS_CALLS_H
#define TESTS_CALLS_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "baresock/poll.h"
#include "baresock/socket.h"

#include "leak.h"

struct calls {
  int (*socket)(int domain, int type, int protocol);
  int (*bind)(int fd, const struct sockaddr *addr, socklen_t len);
  int (*listen)(int fd, int backlog);
  int (*accept)(int fd, struct sockaddr *addr, socklen_t *len);
  int (*connect)(int fd, const struct sockaddr *addr, socklen_t len);
  ssize_t (*sendto)(int fd, const void *buf, size_t len, int flags, const struct sockaddr *to, socklen_t tolen);
  ssize_t (*sendmsg)(int fd, const struct msghdr *msg, int flags);
  ssize_t (*recvfrom)(int fd, void *buf, size_t len, int flags, struct sockaddr *from, socklen_t *fromlen);
  ssize_t (*recvmsg)(int fd, struct msghdr *msg, int flags);
  int (*shutdown)(int fd, int how);
  int (*close)(int fd);
  int (*getsockopt)(int fd, int level, int name, void *value, socklen_t *len);
  int (*setsockopt)(int fd, int level, int name, const void *value, socklen_t len);
  int (*getsockname)(int fd, struct sockaddr *addr, socklen_t *len);
  int (*getpeername)(int fd, struct sockaddr *addr, socklen_t *len);
  int (*poll)(struct pollfd *fds, nfds_t count, int timeout_ms);
  int (*fcntl_int)(int fd, int cmd, int value);
  int (*ioctl_int)(int fd, unsigned long request, int *value);
};

/* glibc declares the addresses of these as transparent unions, and the last two are variadic. */
static inline int
kernel_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
  return bind(fd, addr, len);
}

static inline int
kernel_accept(int fd, struct sockaddr *addr, socklen_t *len)
{
  return accept(fd, addr, len);
}

static inline int
kernel_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
  return connect(fd, addr, len);
}

static inline ssize_t
kernel_sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *to, socklen_t tolen)
{
  return sendto(fd, buf, len, flags | MSG_NOSIGNAL, to, tolen);
}

static inline ssize_t
kernel_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *from, socklen_t *fromlen)
{
  return recvfrom(fd, buf, len, flags, from, fromlen);
}

static inline int
kernel_getsockname(int fd, struct sockaddr *addr, socklen_t *len)
{
  return getsockname(fd, addr, len);
}

static inline int
kernel_getpeername(int fd, struct sockaddr *addr, socklen_t *len)
{
  return getpeername(fd, addr, len);
}

static inline int
kernel_fcntl_int(int fd, int cmd, int value)
{
  return fcntl(fd, cmd, value);
}

static inline int
kernel_ioctl_int(int fd, unsigned long request, int *value)
{
  return ioctl(fd, request, value);
}

static inline int
our_fcntl_int(int fd, int cmd, int value)
{
  return bs_fcntl(fd, cmd, value);
}

static inline int
our_ioctl_int(int fd, unsigned long request, int *value)
{
  return bs_ioctl(fd, request, value);
}

static const struct calls kernel = {
  .socket = socket,
  .bind = kernel_bind,
  .listen = listen,
  .accept = kernel_accept,
  .connect = kernel_connect,
  .sendto = kernel_sendto,
  .sendmsg = sendmsg,
  .recvfrom = kernel_recvfrom,
  .recvmsg = recvmsg,
  .shutdown = shutdown,
  .close = close,
  .getsockopt = getsockopt,
  .setsockopt = setsockopt,
  .getsockname = kernel_getsockname,
  .getpeername = kernel_getpeername,
  .poll = poll,
  .fcntl_int = kernel_fcntl_int,
  .ioctl_int = kernel_ioctl_int,
};

static const struct calls ours = {
  .socket = bs_socket,
  .bind = bs_bind,
  .listen = bs_listen,
  .accept = bs_accept,
  .connect = bs_connect,
  .sendto = bs_sendto,
  .sendmsg = bs_sendmsg,
  .recvfrom = bs_recvfrom,
  .recvmsg = bs_recvmsg,
  .shutdown = bs_shutdown,
  .close = bs_close,
  .getsockopt = bs_getsockopt,
  .setsockopt = bs_setsockopt,
  .getsockname = bs_getsockname,
  .getpeername = bs_getpeername,
  .poll = bs_poll,
  .fcntl_int = our_fcntl_int,
  .ioctl_int = our_ioctl_int,
};

/* A scenario's run on one of the two, and what it noted. */
struct run {
  const struct calls *on;
  const char *where; /* stands before each line */
  char notes[16384];
  size_t length;
};

static inline void __attribute__((format(printf, 2, 3))) note_text(struct run *r, const char *format, ...)
{
  va_list args;

  va_start(args, format);
  r->length += (size_t)vsnprintf(r->notes + r->length, sizeof(r->notes) - r->length, format, args);
  va_end(args);
  assert_true(r->length < sizeof(r->notes));
}

/* Note what a call said: its result, or its errno. */
static inline ssize_t
note(struct run *r, const char *what, ssize_t result)
{
  if (result < 0) {
    note_text(r, "%s%s: %s\n", r->where, what, strerrorname_np(errno));
  } else {
    note_text(r, "%s%s: %zd\n", r->where, what, result);
  }
  return result;
}

/* Note only whether a call succeeded, for results (descriptors) that differ. */
static inline int
note_ok(struct run *r, const char *what, int result)
{
  (void)note(r, what, result < 0 ? result : 0);
  return result;
}

static inline short
poll_mask(struct run *r, int fd)
{
  struct pollfd p = { fd, POLLIN | POLLOUT | POLLPRI | POLLRDNORM | POLLWRNORM | POLLRDHUP, 0 };

  assert_true(r->on->poll(&p, 1, 0) >= 0);
  return p.revents;
}

static inline void
note_poll(struct run *r, const char *what, int fd)
{
  static const struct {
    short bit;
    const char *name;
  } names[] = {
    { POLLIN, " IN" },         { POLLRDNORM, " RDNORM" }, { POLLOUT, " OUT" },
    { POLLWRNORM, " WRNORM" }, { POLLPRI, " PRI" },       { POLLERR, " ERR" },
    { POLLHUP, " HUP" },       { POLLRDHUP, " RDHUP" },   { POLLNVAL, " NVAL" },
  };
  short mask = poll_mask(r, fd);
  unsigned i;

  note_text(r, "%s%s: poll", r->where, what);
  for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    note_text(r, "%s", (mask & names[i].bit) ? names[i].name : "");
  }
  note_text(r, "\n");
}

/* Wait until one of the events is there: what the other end did takes its time. */
static inline void
await(struct run *r, int fd, short events)
{
  struct pollfd p = { fd, events, 0 };

  assert_int_equal(r->on->poll(&p, 1, PATIENCE_US / 1000), 1);
  assert_true(p.revents & events);
}

/* Run a scenario on the kernel's sockets and on ours, and compare what was noted, line by line. */
static inline void
both(void (*scenario)(struct run *r))
{
  static struct run theirs_run, our_run;
  char *theirs_at, *ours_at, *theirs_line, *ours_line;
  unsigned differences = 0;

  memset(&theirs_run, 0, sizeof(theirs_run));
  memset(&our_run, 0, sizeof(our_run));
  theirs_run.on = &kernel;
  our_run.on = &ours;
  theirs_run.where = our_run.where = "";
  scenario(&theirs_run);
  scenario(&our_run);
  assert_true(theirs_run.length > 0);
  theirs_line = strtok_r(theirs_run.notes, "\n", &theirs_at);
  ours_line = strtok_r(our_run.notes, "\n", &ours_at);
  while (theirs_line != NULL || ours_line != NULL) {
    if (theirs_line == NULL || ours_line == NULL || strcmp(theirs_line, ours_line) != 0) {
      print_message("# Linux:    %s\n# baresock: %s\n", theirs_line != NULL ? theirs_line : "(ends)",
                    ours_line != NULL ? ours_line : "(ends)");
      differences++;
    }
    theirs_line = theirs_line != NULL ? strtok_r(NULL, "\n", &theirs_at) : NULL;
    ours_line = ours_line != NULL ? strtok_r(NULL, "\n", &ours_at) : NULL;
  }
  assert_int_equal(differences, 0);
}

/* --- addresses and connections, on either --- */

static inline struct sockaddr_in
loopback(uint16_t port)
{
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return in;
}

static inline struct sockaddr_in
name_of(const struct calls *on, int fd)
{
  struct sockaddr_in in;
  socklen_t len = sizeof(in);

  assert_int_equal(on->getsockname(fd, (struct sockaddr *)&in, &len), 0);
  return in;
}

/* A socket bound to a port of 127.0.0.1. */
static inline int
bound(const struct calls *on, int type)
{
  struct sockaddr_in in = loopback(0);
  int fd = on->socket(AF_INET, type, 0);

  assert_true(fd >= 0);
  assert_int_equal(on->bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
  return fd;
}

static inline int
listening(const struct calls *on, int backlog)
{
  int fd = bound(on, SOCK_STREAM | SOCK_NONBLOCK);

  assert_int_equal(on->listen(fd, backlog), 0);
  return fd;
}

static inline int
connect_to(const struct calls *on, int fd, int other)
{
  struct sockaddr_in in = name_of(on, other);

  return on->connect(fd, (struct sockaddr *)&in, sizeof(in));
}

/* Begin to connect, without waiting. */
static inline int
connecting_to(const struct calls *on, int listener)
{
  int fd = on->socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

  assert_true(fd >= 0);
  assert_int_equal(connect_to(on, fd, listener), -1);
  assert_int_equal(errno, EINPROGRESS);
  return fd;
}

/* Two ends of a connection, neither of which waits. */
struct ends {
  int fd;
  int peer;
};

static inline struct ends
connected(const struct calls *on)
{
  struct pollfd p = { .events = POLLIN };
  struct ends c;

  p.fd = listening(on, 1);
  c.fd = connecting_to(on, p.fd);
  assert_int_equal(on->poll(&p, 1, PATIENCE_US / 1000), 1);
  c.peer = on->accept(p.fd, NULL, NULL);
  assert_true(c.peer >= 0);
  on->close(p.fd);
  p.fd = c.fd;
  p.events = POLLOUT;
  assert_int_equal(on->poll(&p, 1, PATIENCE_US / 1000), 1);
  assert_int_equal(on->fcntl_int(c.peer, F_SETFL, O_NONBLOCK), 0);
  return c;
}

/* Close with RST. */
static inline void
close_with_reset(const struct calls *on, int fd)
{
  struct linger linger = { 1, 0 };

  assert_int_equal(on->setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
  assert_int_equal(on->close(fd), 0);
}

#endif /* TESTS_CALLS_H */
