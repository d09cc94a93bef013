/**
 * The public calls but those that move data: life, names, connecting, options.
 */
#include "baresock/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>

#include "baresock/net.h"
#include "socket/address.h"
#include "socket/call.h"
#include "socket/local.h"
#include "socket/options.h"
#include "socket/sock.h"
#include "stack/stack.h"

/* --- life --- */

static int
new_stream(struct sock **result, int domain)
{
  struct sock *s = sock_new(&stream_ops, domain);
  struct tcp_pcb *pcb;

  if (s == NULL) {
    return -EMFILE;
  }
  pcb = tcp_new_ip_type(local_type(s));
  if (pcb == NULL) {
    sock_free(s);
    return -ENOBUFS;
  }
  s->rcvbuf = TCP_WND;
  options_init(s);
  stream_attach(s, pcb);
  *result = s;
  return 0;
}

static int
new_datagram(struct sock **result, int domain)
{
  struct sock *s = sock_new(&datagram_ops, domain);
  struct udp_pcb *pcb;

  if (s == NULL) {
    return -EMFILE;
  }
  pcb = udp_new_ip_type(local_type(s));
  if (pcb == NULL) {
    sock_free(s);
    return -ENOBUFS;
  }
  s->rcvbuf = BS_DGRAM_RCVBUF;
  options_init(s);
  datagram_attach(s, pcb);
  *result = s;
  return 0;
}

static int
new_socket(struct sock **s, int domain, int type, int protocol)
{
  int result = stack_init();

  if (result < 0) {
    return result;
  }
  if (domain != AF_INET && !(domain == AF_INET6 && BS_IPV6)) {
    return -EAFNOSUPPORT;
  }
  switch (type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) {
  case SOCK_STREAM:
    result = protocol == 0 || protocol == IPPROTO_TCP ? new_stream(s, domain) : -EPROTONOSUPPORT;
    break;
  case SOCK_DGRAM:
    result = protocol == 0 || protocol == IPPROTO_UDP ? new_datagram(s, domain) : -EPROTONOSUPPORT;
    break;
  default:
    return -ESOCKTNOSUPPORT;
  }
  if (result == 0 && (type & SOCK_NONBLOCK)) {
    (*s)->flags |= SOCK_F_NONBLOCK;
  }
  return result;
}

int
bs_socket(int domain, int type, int protocol)
{
  struct sock *s;
  int result = new_socket(&s, domain, type, protocol);

  return call_int_result(result < 0 ? result : sock_fd(s));
}

uint32_t
bs_generation(int fd)
{
  const struct sock *s = sock_find(fd);

  return s != NULL ? s->generation : 0;
}

/* SO_LINGER with a time: wait for what was sent to be acknowledged. */
static void
linger(struct sock *s)
{
  bs_time_t deadline = stack_after_ms((uint32_t)s->linger_s * 1000);

  if (s->ops->shutdown(s, SHUT_WR) < 0) {
    return;
  }
  while (s->ops->unsent(s) > 0 && stack_wait(NULL, deadline) == 0) {
  }
}

int
bs_close(int fd)
{
  struct sock *s;
  int result = call_find(fd, &s);

  if (result < 0) {
    return call_int_result(result);
  }
  if ((s->flags & SOCK_F_LINGER) && s->linger_s > 0 && !(s->flags & SOCK_F_NONBLOCK) && s->ops->unsent != NULL) {
    linger(s);
  }
  s->ops->close(s);
  sock_free(s);
  return 0;
}

/* --- names --- */

int
bs_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
  struct name to;
  struct sock *s;
  int result = call_find(fd, &s);

  if (result == 0) {
    result = address_read(addr, len, s->family, &to.ip, &to.port);
  }
  if (result == 0 && (s->flags & SOCK_F_V6ONLY) && IP_IS_V4_VAL(to.ip)) {
    result = -EINVAL;
  }
  return call_int_result(result != 0 ? result : s->ops->bind(s, &to));
}

static int
give_name(const struct sock *s, const struct name *name, struct sockaddr *addr, socklen_t *len)
{
  if (addr == NULL || len == NULL) {
    return -EFAULT;
  }
  address_write(addr, len, s->family, &name->ip, name->port);
  return 0;
}

int
bs_getsockname(int fd, struct sockaddr *addr, socklen_t *len)
{
  struct sock *s;
  int result = call_find(fd, &s);

  return call_int_result(result < 0 ? result : give_name(s, &s->local, addr, len));
}

int
bs_getpeername(int fd, struct sockaddr *addr, socklen_t *len)
{
  struct name peer;
  struct sock *s;
  int result = call_find(fd, &s);

  if (result == 0) {
    result = s->ops->peer(s, &peer);
  }
  return call_int_result(result != 0 ? result : give_name(s, &peer, addr, len));
}

/* --- connecting --- */

static int
connect_and_wait(struct sock *s, const struct name *to)
{
  bs_time_t deadline = call_deadline(s->snd_timeout_ms);
  int result = s->ops->connect(s, to);

  if (result != -EINPROGRESS || call_must_not_wait(s, 0)) {
    return result;
  }
  while (s->state == SOCK_CONNECTING) {
    result = stack_wait(NULL, deadline);
    if (result < 0 && s->state == SOCK_CONNECTING) {
      return result == -ETIMEDOUT ? -EINPROGRESS : result;
    }
  }
  /* Asked again, it tells how it ended. */
  return s->ops->connect(s, to);
}

int
bs_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
  struct name to;
  struct sock *s;
  int result = call_find(fd, &s);

  if (result < 0) {
    return call_int_result(result);
  }
  if (addr != NULL && len >= sizeof(addr->sa_family) && addr->sa_family == AF_UNSPEC && s->ops->disconnect != NULL) {
    return call_int_result(s->ops->disconnect(s));
  }
  result = address_read(addr, len, s->family, &to.ip, &to.port);
  if (result == 0) {
    result = call_prepare_goal(s, &to);
  }
  return call_int_result(result < 0 ? result : connect_and_wait(s, &to));
}

int
bs_listen(int fd, int backlog)
{
  struct sock *s;
  int result = call_find(fd, &s);

  if (result < 0) {
    return call_int_result(result);
  }
  return call_int_result(s->ops->listen != NULL ? s->ops->listen(s, backlog) : -EOPNOTSUPP);
}

static int
accept_and_wait(struct sock *s, struct sock **accepted)
{
  bs_time_t deadline = call_deadline(s->rcv_timeout_ms);
  bool pumped = false;
  int result;

  if (s->ops->accept == NULL) {
    return -EOPNOTSUPP;
  }
  while ((result = s->ops->accept(s, accepted)) == -EAGAIN) {
    result = call_wait_to_retry(s, 0, deadline, &pumped);
    if (result < 0) {
      return result;
    }
  }
  return result;
}

int
bs_accept(int fd, struct sockaddr *addr, socklen_t *len)
{
  struct sock *s, *accepted;
  struct name peer;
  int result = call_find(fd, &s);

  if (result == 0 && addr != NULL && len == NULL) {
    result = -EFAULT;
  }
  if (result == 0) {
    result = accept_and_wait(s, &accepted);
  }
  if (result != 0) {
    return call_int_result(result);
  }
  if (addr != NULL) {
    /* One that died meanwhile has no peer any more. */
    if (accepted->ops->peer(accepted, &peer) < 0) {
      *len = 0;
    } else {
      address_write(addr, len, accepted->family, &peer.ip, peer.port);
    }
  }
  return sock_fd(accepted);
}

/* --- the rest --- */

int
bs_shutdown(int fd, int how)
{
  struct sock *s;
  int result = call_find(fd, &s);

  if (result == 0 && how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR) {
    result = -EINVAL;
  }
  return call_int_result(result < 0 ? result : s->ops->shutdown(s, how));
}

int
bs_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
  struct sock *s;
  int result = call_find(fd, &s);

  return call_int_result(result < 0 ? result : option_get(s, level, name, value, len));
}

int
bs_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
  struct sock *s;
  int result = call_find(fd, &s);

  return call_int_result(result < 0 ? result : option_set(s, level, name, value, len));
}

static void
set_nonblocking(struct sock *s, bool on)
{
  s->flags = (uint16_t)(on ? s->flags | SOCK_F_NONBLOCK : s->flags & ~SOCK_F_NONBLOCK);
}

int
bs_fcntl(int fd, int cmd, ...)
{
  struct sock *s;
  int result = call_find(fd, &s);
  va_list args;

  if (result < 0) {
    return call_int_result(result);
  }
  switch (cmd) {
  case F_GETFL:
    return O_RDWR | ((s->flags & SOCK_F_NONBLOCK) ? O_NONBLOCK : 0);
  case F_SETFL:
    va_start(args, cmd);
    set_nonblocking(s, (va_arg(args, int) & O_NONBLOCK) != 0);
    va_end(args);
    return 0;
  case F_GETFD:
    return FD_CLOEXEC;
  case F_SETFD:
    return 0;
  default:
    return call_int_result(-EINVAL);
  }
}

int
bs_ioctl(int fd, unsigned long request, ...)
{
  struct sock *s;
  int result = call_find(fd, &s);
  va_list args;
  int *value;

  va_start(args, request);
  value = va_arg(args, int *);
  va_end(args);
  if (result == 0 && value == NULL) {
    result = -EFAULT;
  }
  if (result < 0) {
    return call_int_result(result);
  }
  switch (request) {
  case FIONREAD:
    if (s->state == SOCK_LISTENING) {
      return call_int_result(-EINVAL);
    }
    *value = (int)LWIP_MIN(s->ops->readable(s), INT_MAX);
    return 0;
  case TIOCOUTQ:
    *value = s->ops->unsent != NULL ? (int)s->ops->unsent(s) : 0;
    return 0;
  case FIONBIO:
    set_nonblocking(s, *value != 0);
    return 0;
  default:
    return call_int_result(-ENOTTY);
  }
}
