/**
 * Two connected sockets, over the stack's own loopback.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>

#include "baresock/netdb.h"
#include "baresock/socket.h"
#include "socket/call.h"
#include "socket/sock.h"

struct end {
  int fd; /* -1 for none */
  struct sockaddr_in addr;
};

/* A socket that is bound to a port of the loopback. */
static bool
open_end(struct end *end, int type)
{
  struct sockaddr *addr = (struct sockaddr *)&end->addr;
  socklen_t len = sizeof(end->addr);

  end->addr.sin_family = AF_INET;
  end->addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  end->fd = bs_socket(AF_INET, type, 0);
  return end->fd >= 0 && bs_bind(end->fd, addr, len) == 0 && bs_getsockname(end->fd, addr, &len) == 0;
}

static bool
connect_end(const struct end *end, const struct end *to)
{
  return bs_connect(end->fd, (const struct sockaddr *)&to->addr, sizeof(to->addr)) == 0;
}

/* A stream is connected by one end that listens, and becomes what it accepts. */
static bool
connect_streams(struct end *one, struct end *other)
{
  struct sockaddr_in from = { .sin_port = 0 };
  socklen_t len = sizeof(from);
  int listener = other->fd;

  if (sock_counters.open == BS_MAX_SOCKETS) {
    /* The connection would find no slot, and be reset. */
    errno = EMFILE;
    return false;
  }
  if (bs_listen(listener, 1) < 0 || !connect_end(one, other)) {
    return false;
  }
  other->fd = bs_accept(listener, (struct sockaddr *)&from, &len);
  (void)bs_close(listener);
  if (other->fd >= 0 && from.sin_port != one->addr.sin_port) {
    /* Anybody in this program may have connected to the port meanwhile. */
    errno = ECONNABORTED;
    return false;
  }
  return other->fd >= 0;
}

static bool
connect_datagrams(struct end *one, struct end *other)
{
  return connect_end(one, other) && connect_end(other, one);
}

static int
check(int domain, int type, int protocol)
{
  if (domain != AF_INET && domain != AF_UNIX) {
    return -EAFNOSUPPORT;
  }
  if (protocol != 0) {
    return -EPROTONOSUPPORT;
  }
  return type == SOCK_STREAM || type == SOCK_DGRAM ? 0 : -ESOCKTNOSUPPORT;
}

int
bs_socketpair(int domain, int type, int protocol, int fds[2])
{
  struct end one = { .fd = -1 }, other = { .fd = -1 };
  bool nonblock = (type & SOCK_NONBLOCK) != 0;
  int result;

  type &= ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
  result = check(domain, type, protocol);
  if (result < 0) {
    return call_int_result(result);
  }
  if (!open_end(&one, type) || !open_end(&other, type) ||
      !(type == SOCK_STREAM ? connect_streams(&one, &other) : connect_datagrams(&one, &other))) {
    result = -errno;
    (void)bs_close(one.fd);
    (void)bs_close(other.fd);
    return call_int_result(result);
  }
  if (nonblock) {
    (void)bs_fcntl(one.fd, F_SETFL, O_NONBLOCK);
    (void)bs_fcntl(other.fd, F_SETFL, O_NONBLOCK);
  }
  fds[0] = one.fd;
  fds[1] = other.fd;
  return 0;
}
