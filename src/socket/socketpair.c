/**
 * Two connected sockets, over the stack's own loopback.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "baresock/netdb.h"
#include "baresock/socket.h"
#include "socket/sock.h"

static int
loopback_bound(int type)
{
  struct sockaddr_in addr;
  int fd = bs_socket(AF_INET, type, 0);

  memset(&addr, 0, sizeof(addr));
  addr.sin_family = AF_INET;
  addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd >= 0 && bs_bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
    (void)bs_close(fd);
    return -1;
  }
  return fd;
}

static int
connect_to(int fd, int other)
{
  struct sockaddr_in addr;
  socklen_t len = sizeof(addr);

  if (bs_getsockname(other, (struct sockaddr *)&addr, &len) < 0) {
    return -1;
  }
  return bs_connect(fd, (struct sockaddr *)&addr, len);
}

/* Anybody in this program may have connected to the port meanwhile. */
static bool
are_peers(int one, int other)
{
  struct sockaddr_in local, peer;
  socklen_t local_len = sizeof(local), peer_len = sizeof(peer);

  return bs_getsockname(one, (struct sockaddr *)&local, &local_len) == 0 &&
         bs_getpeername(other, (struct sockaddr *)&peer, &peer_len) == 0 && local.sin_port == peer.sin_port;
}

static int
stream_pair(int fds[2])
{
  int listener = loopback_bound(SOCK_STREAM);

  fds[0] = bs_socket(AF_INET, SOCK_STREAM, 0);
  fds[1] = -1;
  if (listener >= 0 && fds[0] >= 0 && sock_counters.open == BS_MAX_SOCKETS) {
    /* The connection would find no slot, and be reset. */
    errno = EMFILE;
    (void)bs_close(listener);
    return -1;
  }
  if (listener >= 0 && fds[0] >= 0 && bs_listen(listener, 1) == 0 && connect_to(fds[0], listener) == 0) {
    fds[1] = bs_accept(listener, NULL, NULL);
  }
  if (fds[1] >= 0 && !are_peers(fds[0], fds[1])) {
    errno = ECONNABORTED;
    (void)bs_close(fds[1]);
    fds[1] = -1;
  }
  if (listener >= 0) {
    (void)bs_close(listener);
  }
  return fds[1] >= 0 ? 0 : -1;
}

static int
datagram_pair(int fds[2])
{
  fds[0] = loopback_bound(SOCK_DGRAM);
  fds[1] = loopback_bound(SOCK_DGRAM);
  if (fds[0] < 0 || fds[1] < 0) {
    return -1;
  }
  return connect_to(fds[0], fds[1]) == 0 && connect_to(fds[1], fds[0]) == 0 ? 0 : -1;
}

int
bs_socketpair(int domain, int type, int protocol, int fds[2])
{
  int flags = type & (SOCK_NONBLOCK | SOCK_CLOEXEC);
  int pair[2] = { -1, -1 };
  int nonblock = (flags & SOCK_NONBLOCK) != 0;
  int result;

  type &= ~flags;
  if ((domain != AF_INET && domain != AF_UNIX) || protocol != 0) {
    errno = domain != AF_INET && domain != AF_UNIX ? EAFNOSUPPORT : EPROTONOSUPPORT;
    return -1;
  }
  if (type != SOCK_STREAM && type != SOCK_DGRAM) {
    errno = ESOCKTNOSUPPORT;
    return -1;
  }
  result = type == SOCK_STREAM ? stream_pair(pair) : datagram_pair(pair);
  if (result < 0) {
    int saved = errno;
    int i;

    for (i = 0; i < 2; i++) {
      if (pair[i] >= 0) {
        (void)bs_close(pair[i]);
      }
    }
    errno = saved;
    return -1;
  }
  fds[0] = pair[0];
  fds[1] = pair[1];
  if (nonblock) {
    struct sock *one = sock_find(fds[0]);
    struct sock *other = sock_find(fds[1]);

    one->flags |= SOCK_F_NONBLOCK;
    other->flags |= SOCK_F_NONBLOCK;
  }
  return 0;
}
