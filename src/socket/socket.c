/**
 * The public calls but those that move data and those for options: life, names, connecting.
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

static const struct sock_ops *
ops_of(int type)
{
  switch (type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) {
  case SOCK_STREAM:
    return &stream_ops;
  case SOCK_DGRAM:
    return &datagram_ops;
  default:
    return NULL;
  }
}

/* What of a type is no flag, as on Linux. */
#define TYPE_BITS 0xf

/* A descriptor, or a negative errno. */
static int
new_socket(int domain, int type, int protocol)
{
  const struct sock_ops *ops = ops_of(type);
  struct sock *s;
  int result = stack_init();

  if (result < 0) {
    return result;
  }
  if ((type & ~(TYPE_BITS | SOCK_NONBLOCK | SOCK_CLOEXEC)) != 0) {
    return -EINVAL;
  }
  if (domain != AF_INET && !(domain == AF_INET6 && BS_IPV6)) {
    return -EAFNOSUPPORT;
  }
  if (ops == NULL) {
    return -ESOCKTNOSUPPORT;
  }
  if (protocol != 0 && protocol != ops->protocol) {
    return -EPROTONOSUPPORT;
  }
  s = sock_new(ops, domain);
  if (s == NULL) {
    return -EMFILE;
  }
  options_init(s);
  result = ops->open(s);
  if (result < 0) {
    sock_free(s);
    return result;
  }
  s->flags |= (type & SOCK_NONBLOCK) ? SOCK_F_NONBLOCK : 0;
  return sock_fd(s);
}

int
bs_socket(int domain, int type, int protocol)
{
  return call_int_result(new_socket(domain, type, protocol));
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

static int
close_socket(struct sock *s)
{
  if ((s->options.flags & SOCK_O_LINGER) && s->linger_s > 0 && !(s->flags & SOCK_F_NONBLOCK)) {
    linger(s);
  }
  s->ops->close(s);
  sock_free(s);
  return 0;
}

int
bs_close(int fd)
{
  struct sock *s = call_find(fd);

  return call_int_result(s != NULL ? close_socket(s) : -EBADF);
}

/* --- names --- */

static int
bind_to(struct sock *s, const struct sockaddr *addr, socklen_t len)
{
  struct name to;
  int result = address_read(addr, len, s->family, &to);

  if (result == 0 && (s->options.flags & SOCK_O_V6ONLY) && IP_IS_V4_VAL(to.ip)) {
    result = -EINVAL;
  }
  return result < 0 ? result : local_bind(s, &to);
}

int
bs_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
  struct sock *s = call_find(fd);

  return call_int_result(s != NULL ? bind_to(s, addr, len) : -EBADF);
}

static int
give_local(const struct sock *s, struct sockaddr *addr, socklen_t *len)
{
  if (addr == NULL || len == NULL) {
    return -EFAULT;
  }
  address_write(addr, len, s->family, &s->local);
  return 0;
}

int
bs_getsockname(int fd, struct sockaddr *addr, socklen_t *len)
{
  const struct sock *s = call_find(fd);

  return call_int_result(s != NULL ? give_local(s, addr, len) : -EBADF);
}

static int
give_peer(const struct sock *s, struct sockaddr *addr, socklen_t *len)
{
  struct name peer;
  int result = s->ops->peer(s, &peer);

  if (result < 0) {
    return result;
  }
  if (addr == NULL || len == NULL) {
    return -EFAULT;
  }
  address_write(addr, len, s->family, &peer);
  return 0;
}

int
bs_getpeername(int fd, struct sockaddr *addr, socklen_t *len)
{
  const struct sock *s = call_find(fd);

  return call_int_result(s != NULL ? give_peer(s, addr, len) : -EBADF);
}

/* --- connecting --- */

static int
connect_and_wait(struct sock *s, const struct name *to)
{
  bs_time_t deadline = call_deadline(s->options.snd_timeout_ms);
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

static int
connect_to(struct sock *s, const struct sockaddr *addr, socklen_t len)
{
  struct name to;
  int result;

  if (addr != NULL && len >= sizeof(addr->sa_family) && addr->sa_family == AF_UNSPEC) {
    return s->ops->disconnect(s);
  }
  result = address_read(addr, len, s->family, &to);
  if (result == 0) {
    result = call_prepare_goal(s, &to);
  }
  return result < 0 ? result : connect_and_wait(s, &to);
}

int
bs_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
  struct sock *s = call_find(fd);

  return call_int_result(s != NULL ? connect_to(s, addr, len) : -EBADF);
}

int
bs_listen(int fd, int backlog)
{
  struct sock *s = call_find(fd);

  return call_int_result(s != NULL ? s->ops->listen(s, backlog) : -EBADF);
}

static int
accept_and_wait(struct sock *s, struct sock **accepted)
{
  struct call_wait wait = { 0, false };
  int result;

  while ((result = s->ops->accept(s, accepted)) == -EAGAIN) {
    result = call_wait_to_retry(s, 0, s->options.rcv_timeout_ms, &wait);
    if (result < 0) {
      return result;
    }
  }
  return result;
}

static int
accept_from(struct sock *s, struct sockaddr *addr, socklen_t *len)
{
  struct sock *accepted;
  int result = addr != NULL && len == NULL ? -EFAULT : accept_and_wait(s, &accepted);

  if (result < 0) {
    return result;
  }
  if (addr != NULL && give_peer(accepted, addr, len) < 0) {
    /* One that died meanwhile has no peer any more. */
    *len = 0;
  }
  return sock_fd(accepted);
}

int
bs_accept(int fd, struct sockaddr *addr, socklen_t *len)
{
  struct sock *s = call_find(fd);

  return call_int_result(s != NULL ? accept_from(s, addr, len) : -EBADF);
}

/* --- the rest --- */

int
bs_shutdown(int fd, int how)
{
  struct sock *s = call_find(fd);
  int result = -EBADF;

  if (s != NULL) {
    result = how == SHUT_RD || how == SHUT_WR || how == SHUT_RDWR ? s->ops->shutdown(s, how) : -EINVAL;
  }
  return call_int_result(result);
}

static int
set_nonblocking(struct sock *s, bool on)
{
  s->flags = (uint16_t)(on ? s->flags | SOCK_F_NONBLOCK : s->flags & ~SOCK_F_NONBLOCK);
  return 0;
}

static int
control_descriptor(struct sock *s, int cmd, va_list args)
{
  switch (cmd) {
  case F_GETFL:
    return O_RDWR | ((s->flags & SOCK_F_NONBLOCK) ? O_NONBLOCK : 0);
  case F_SETFL:
    return set_nonblocking(s, (va_arg(args, int) & O_NONBLOCK) != 0);
  case F_GETFD:
    return FD_CLOEXEC;
  case F_SETFD:
    return 0;
  default:
    return -EINVAL;
  }
}

int
bs_fcntl(int fd, int cmd, ...)
{
  struct sock *s = call_find(fd);
  va_list args;
  int result;

  va_start(args, cmd);
  result = s != NULL ? control_descriptor(s, cmd, args) : -EBADF;
  va_end(args);
  return call_int_result(result);
}

static int
control_socket(struct sock *s, unsigned long request, int *value)
{
  if (value == NULL) {
    return -EFAULT;
  }
  switch (request) {
  case FIONREAD:
    if (s->state == SOCK_LISTENING) {
      return -EINVAL;
    }
    *value = (int)LWIP_MIN(s->ops->readable(s), INT_MAX);
    return 0;
  case TIOCOUTQ:
    *value = (int)s->ops->unsent(s);
    return 0;
  case FIONBIO:
    return set_nonblocking(s, *value != 0);
  default:
    return -ENOTTY;
  }
}

int
bs_ioctl(int fd, unsigned long request, ...)
{
  struct sock *s = call_find(fd);
  va_list args;
  int *value;

  va_start(args, request);
  value = va_arg(args, int *);
  va_end(args);
  return call_int_result(s != NULL ? control_socket(s, request, value) : -EBADF);
}
