/**
 * The public calls: find the socket, check the arguments, do what its type does, and wait where that is asked for.
 *
 * Below this file nothing waits and nothing sets errno.
 */
#include "baresock/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>

#include "baresock/net.h"
#include "socket/address.h"
#include "socket/local.h"
#include "socket/options.h"
#include "socket/sock.h"
#include "stack/interface.h"
#include "stack/stack.h"

#define SEND_FLAGS (MSG_DONTWAIT | MSG_MORE | MSG_NOSIGNAL | MSG_CONFIRM | MSG_DONTROUTE | MSG_EOR)
#define RECV_FLAGS (MSG_DONTWAIT | MSG_PEEK | MSG_WAITALL | MSG_TRUNC | MSG_OOB | MSG_NOSIGNAL | MSG_CMSG_CLOEXEC)

/* The boundary: what the floor returns, in POSIX's way. */
static ssize_t
bs_result(ssize_t result)
{
  if (result < 0) {
    errno = (int)-result;
    return -1;
  }
  return result;
}

static int
bs_int_result(int result)
{
  return (int)bs_result(result);
}

static int
find(int fd, struct sock **s)
{
  *s = sock_find(fd);
  return *s != NULL ? 0 : -EBADF;
}

/* --- waiting --- */

static bs_time_t
deadline_of(uint32_t timeout_ms)
{
  return timeout_ms == 0 ? BS_TIME_NEVER : stack_after_ms(timeout_ms);
}

static bool
must_not_wait(const struct sock *s, int flags)
{
  return (s->flags & SOCK_F_NONBLOCK) != 0 || (flags & MSG_DONTWAIT) != 0;
}

/* After -EAGAIN: 0 to try again, or the errno to give up with. Who must not wait tries again once, if the pump had
 * something to do: a program that only asks and never waits gets its data too. */
static int
wait_to_retry(const struct sock *s, int flags, bs_time_t deadline, bool *pumped)
{
  int result;

  if (must_not_wait(s, flags)) {
    if (*pumped || stack_pump() == 0) {
      return -EAGAIN;
    }
    *pumped = true;
    return 0;
  }
  result = stack_wait(NULL, deadline);
  return result == -ETIMEDOUT ? -EAGAIN : result;
}

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

  return bs_int_result(result < 0 ? result : sock_fd(s));
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
  int result = find(fd, &s);

  if (result < 0) {
    return bs_int_result(result);
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
  int result = find(fd, &s);

  if (result == 0) {
    result = address_read(addr, len, s->family, &to.ip, &to.port);
  }
  if (result == 0 && (s->flags & SOCK_F_V6ONLY) && IP_IS_V4_VAL(to.ip)) {
    result = -EINVAL;
  }
  return bs_int_result(result < 0 ? result : s->ops->bind(s, &to));
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
  int result = find(fd, &s);

  return bs_int_result(result < 0 ? result : give_name(s, &s->local, addr, len));
}

int
bs_getpeername(int fd, struct sockaddr *addr, socklen_t *len)
{
  struct name peer;
  struct sock *s;
  int result = find(fd, &s);

  if (result == 0) {
    result = s->ops->peer(s, &peer);
  }
  return bs_int_result(result < 0 ? result : give_name(s, &peer, addr, len));
}

/* --- connecting --- */

/* "This host" (RFC 1122 3.2.1.3) is the loopback, as on Linux. */
static void
any_to_loopback(ip_addr_t *ip)
{
  if (!ip_addr_isany(ip)) {
    return;
  }
#if LWIP_IPV6
  if (IP_IS_V6(ip)) {
    ip_addr_set_loopback(true, ip);
    return;
  }
#endif
  ip_addr_set_loopback(false, ip);
}

/* Where a socket wants to send to, and whether it can at all. */
static int
prepare_goal(const struct sock *s, struct name *to)
{
  if ((s->flags & SOCK_F_V6ONLY) && IP_IS_V4_VAL(to->ip)) {
    return -ENETUNREACH;
  }
  any_to_loopback(&to->ip);
  return ip_addr_isloopback(&to->ip) ? 0 : interface_autostart();
}

static int
connect_and_wait(struct sock *s, const struct name *to)
{
  bs_time_t deadline = deadline_of(s->snd_timeout_ms);
  int result = s->ops->connect(s, to);

  if (result != -EINPROGRESS || must_not_wait(s, 0)) {
    return result;
  }
  while (s->state == SOCK_CONNECTING) {
    result = stack_wait(NULL, deadline);
    if (result < 0) {
      return result == -ETIMEDOUT ? -EINPROGRESS : result;
    }
  }
  result = -s->error;
  s->error = 0;
  return result;
}

int
bs_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
  struct name to;
  struct sock *s;
  int result = find(fd, &s);

  if (result < 0) {
    return bs_int_result(result);
  }
  if (addr != NULL && len >= sizeof(addr->sa_family) && addr->sa_family == AF_UNSPEC && s->ops->disconnect != NULL) {
    return bs_int_result(s->ops->disconnect(s));
  }
  result = address_read(addr, len, s->family, &to.ip, &to.port);
  if (result == 0) {
    result = prepare_goal(s, &to);
  }
  return bs_int_result(result < 0 ? result : connect_and_wait(s, &to));
}

int
bs_listen(int fd, int backlog)
{
  struct sock *s;
  int result = find(fd, &s);

  if (result < 0) {
    return bs_int_result(result);
  }
  return bs_int_result(s->ops->listen != NULL ? s->ops->listen(s, backlog) : -EOPNOTSUPP);
}

static int
accept_and_wait(struct sock *s, struct sock **accepted)
{
  bs_time_t deadline = deadline_of(s->rcv_timeout_ms);
  bool pumped = false;
  int result;

  if (s->ops->accept == NULL) {
    return -EOPNOTSUPP;
  }
  while ((result = s->ops->accept(s, accepted)) == -EAGAIN) {
    result = wait_to_retry(s, 0, deadline, &pumped);
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
  int result = find(fd, &s);

  if (result == 0 && addr != NULL && len == NULL) {
    result = -EFAULT;
  }
  if (result == 0) {
    result = accept_and_wait(s, &accepted);
  }
  if (result < 0) {
    return bs_int_result(result);
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

/* --- sending --- */

/* A stream waits until all is taken, a datagram goes at once. What was taken before a failure counts. */
static ssize_t
send_and_wait(struct sock *s, struct iov_cursor *data, int flags, const struct name *to)
{
  bs_time_t deadline = deadline_of(s->snd_timeout_ms);
  bool pumped = false;
  ssize_t done = 0;

  for (;;) {
    ssize_t n = s->ops->send(s, data, flags, to);

    if (n >= 0) {
      done += n;
      if (data->left == 0 || must_not_wait(s, flags)) {
        return done;
      }
      n = -EAGAIN;
    }
    if (n == -EAGAIN) {
      n = wait_to_retry(s, flags, deadline, &pumped);
    } else if (done > 0 && n != -EPIPE) {
      s->error = (uint8_t)-n;
    }
    if (n < 0) {
      return done > 0 ? done : n;
    }
  }
}

static ssize_t
send_message(int fd, const struct iovec *iov, size_t count, int flags, const struct sockaddr *addr, socklen_t len)
{
  struct iov_cursor data;
  struct name to;
  struct sock *s;
  int result = find(fd, &s);

  if (result == 0 && (flags & ~SEND_FLAGS)) {
    result = -EOPNOTSUPP;
  }
  if (result == 0) {
    result = iov_cursor_init(&data, iov, count);
  }
  if (result == 0 && addr != NULL) {
    result = address_read(addr, len, s->family, &to.ip, &to.port);
    if (result == 0) {
      result = prepare_goal(s, &to);
    }
  }
  return result < 0 ? result : send_and_wait(s, &data, flags, addr != NULL ? &to : NULL);
}

ssize_t
bs_send(int fd, const void *buf, size_t len, int flags)
{
  return bs_sendto(fd, buf, len, flags, NULL, 0);
}

ssize_t
bs_sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *to, socklen_t tolen)
{
  struct iovec iov;

  /* Only read from. */
  iov.iov_base = (void *)(uintptr_t)buf;
  iov.iov_len = len;
  return bs_result(send_message(fd, &iov, 1, flags, to, tolen));
}

ssize_t
bs_sendmsg(int fd, const struct msghdr *msg, int flags)
{
  if (msg == NULL) {
    return bs_result(-EFAULT);
  }
  return bs_result(send_message(fd, msg->msg_iov, msg->msg_iovlen, flags,
                                msg->msg_namelen > 0 ? (const struct sockaddr *)msg->msg_name : NULL,
                                msg->msg_namelen));
}

/* --- receiving --- */

/* Waits for the first byte or datagram; with MSG_WAITALL for all that fits. What came before a failure counts, and
 * the failure is told by the next call. */
static ssize_t
receive_and_wait(struct sock *s, struct iov_cursor *room, int flags, struct rx_info *info)
{
  bool all = (flags & MSG_WAITALL) != 0 && (flags & MSG_PEEK) == 0 && s->ops->type == SOCK_STREAM;
  bs_time_t deadline = deadline_of(s->rcv_timeout_ms);
  bool pumped = false;
  ssize_t done = 0;

  for (;;) {
    ssize_t n = s->ops->recv(s, room, flags, info);

    if (n >= 0) {
      done += n;
      if (n == 0 || room->left == 0 || !all) {
        return done;
      }
      continue;
    }
    if (n == -EAGAIN) {
      n = wait_to_retry(s, flags, deadline, &pumped);
      if (n == 0) {
        continue;
      }
    } else if (done > 0) {
      s->error = (uint8_t)-n;
    }
    return done > 0 ? done : n;
  }
}

static ssize_t
receive_message(int fd, struct msghdr *msg, int flags)
{
  struct rx_info info;
  struct iov_cursor room;
  struct sock *s;
  size_t size;
  ssize_t n = find(fd, &s);

  if (n == 0 && (flags & ~RECV_FLAGS)) {
    n = -EOPNOTSUPP;
  }
  if (n == 0) {
    n = iov_cursor_init(&room, msg->msg_iov, msg->msg_iovlen);
  }
  if (n < 0) {
    return n;
  }
  msg->msg_flags = 0;
  msg->msg_controllen = 0;
  memset(&info, 0, sizeof(info));
  if (room.left == 0 && s->ops->type == SOCK_STREAM) {
    /* Nothing to wait for, but the state must allow it. */
    n = s->ops->recv(s, &room, flags | MSG_PEEK, &info);
    return n == -ENOTCONN ? n : 0;
  }
  size = room.left;
  n = receive_and_wait(s, &room, flags, &info);
  if (n < 0) {
    return n;
  }
  if (info.full_length > size) {
    msg->msg_flags |= MSG_TRUNC;
  }
  if (msg->msg_name != NULL) {
    if (s->ops->type == SOCK_STREAM || info.from.port == 0) {
      msg->msg_namelen = 0;
    } else {
      address_write(msg->msg_name, &msg->msg_namelen, s->family, &info.from.ip, info.from.port);
    }
  }
  return n;
}

ssize_t
bs_recv(int fd, void *buf, size_t len, int flags)
{
  return bs_recvfrom(fd, buf, len, flags, NULL, NULL);
}

ssize_t
bs_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *from, socklen_t *fromlen)
{
  struct iovec iov = { buf, len };
  struct msghdr msg;
  ssize_t n;

  if (from != NULL && fromlen == NULL) {
    return bs_result(-EFAULT);
  }
  memset(&msg, 0, sizeof(msg));
  msg.msg_iov = &iov;
  msg.msg_iovlen = 1;
  msg.msg_name = from;
  msg.msg_namelen = from != NULL ? *fromlen : 0;
  n = receive_message(fd, &msg, flags);
  if (n >= 0 && from != NULL) {
    *fromlen = msg.msg_namelen;
  }
  return bs_result(n);
}

ssize_t
bs_recvmsg(int fd, struct msghdr *msg, int flags)
{
  return bs_result(msg != NULL ? receive_message(fd, msg, flags) : -EFAULT);
}

/* --- the rest --- */

int
bs_shutdown(int fd, int how)
{
  struct sock *s;
  int result = find(fd, &s);

  if (result == 0 && how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR) {
    result = -EINVAL;
  }
  return bs_int_result(result < 0 ? result : s->ops->shutdown(s, how));
}

int
bs_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
  struct sock *s;
  int result = find(fd, &s);

  return bs_int_result(result < 0 ? result : option_get(s, level, name, value, len));
}

int
bs_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
  struct sock *s;
  int result = find(fd, &s);

  return bs_int_result(result < 0 ? result : option_set(s, level, name, value, len));
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
  int result = find(fd, &s);
  va_list args;

  if (result < 0) {
    return bs_int_result(result);
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
    return bs_int_result(-EINVAL);
  }
}

int
bs_ioctl(int fd, unsigned long request, ...)
{
  struct sock *s;
  int result = find(fd, &s);
  va_list args;
  int *value;

  va_start(args, request);
  value = va_arg(args, int *);
  va_end(args);
  if (result == 0 && value == NULL) {
    result = -EFAULT;
  }
  if (result < 0) {
    return bs_int_result(result);
  }
  switch (request) {
  case FIONREAD:
    if (s->state == SOCK_LISTENING) {
      return bs_int_result(-EINVAL);
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
    return bs_int_result(-ENOTTY);
  }
}
