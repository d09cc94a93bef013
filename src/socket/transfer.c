/**
 * The public calls that send and receive.
 */
#include <errno.h>
#include <limits.h>

#include "baresock/socket.h"
#include "socket/address.h"
#include "socket/call.h"
#include "socket/sock.h"
#include "stack/stack.h"

#define SEND_FLAGS (MSG_DONTWAIT | MSG_MORE | MSG_NOSIGNAL | MSG_CONFIRM | MSG_DONTROUTE | MSG_EOR)
#define RECV_FLAGS (MSG_DONTWAIT | MSG_PEEK | MSG_WAITALL | MSG_TRUNC | MSG_OOB | MSG_NOSIGNAL | MSG_CMSG_CLOEXEC)

/* --- sending --- */

/* A stream waits until all is taken, a datagram goes at once. What was taken before a failure counts. */
static ssize_t
send_and_wait(struct sock *s, struct iov_cursor *data, int flags, const struct name *to)
{
  struct call_wait wait = { 0, false };
  ssize_t done = 0;

  for (;;) {
    ssize_t n = s->ops->send(s, data, flags, to);

    if (n >= 0) {
      done += n;
      if (data->left == 0 || call_must_not_wait(s, flags)) {
        return done;
      }
      n = -EAGAIN;
    }
    if (n == -EAGAIN) {
      n = call_wait_to_retry(s, flags, s->options.snd_timeout_ms, &wait);
    } else if (done > 0 && n != -EPIPE) {
      s->error = (uint8_t)-n;
    }
    if (n < 0) {
      return done > 0 ? done : n;
    }
  }
}

/* What every call checks first: the socket, the flags that it does not know, the buffers. */
static inline int
begin(int fd, int unknown, const struct msghdr *msg, struct sock **s, struct iov_cursor *cursor)
{
  const struct iovec *iov = msg->msg_iov;

  *s = sock_find(fd);
  if (*s == NULL) {
    return -EBADF;
  }
  if (unknown != 0) {
    return -EOPNOTSUPP;
  }
  if (msg->msg_iovlen == 1 && iov != NULL && iov->iov_base != NULL && iov->iov_len <= SSIZE_MAX) {
    *cursor = (struct iov_cursor){ iov, 0, iov->iov_len };
    return 0;
  }
  return iov_has_buffers(iov, msg->msg_iovlen) ? iov_cursor_init(cursor, iov, msg->msg_iovlen) : -EFAULT;
}

static ssize_t
send_message(int fd, const struct msghdr *msg, int flags, const struct sockaddr *addr)
{
  struct iov_cursor data;
  struct name to;
  struct sock *s;
  int result = begin(fd, flags & ~SEND_FLAGS, msg, &s, &data);

  if (result < 0) {
    return result;
  }
  if (s->ops->type == SOCK_STREAM) {
    return send_and_wait(s, &data, flags, NULL);
  }
  if (addr != NULL) {
    result = address_read(addr, msg->msg_namelen, s->family, &to);
    if (result == 0) {
      result = call_prepare_goal(s, &to);
    }
    if (result < 0) {
      return result;
    }
  }
  /* A stream's sender comes to wait when its buffer is full. This one may never. */
  stack_pump_now_and_then();
  return send_and_wait(s, &data, flags, addr != NULL ? &to : NULL);
}

ssize_t
bs_send(int fd, const void *buf, size_t len, int flags)
{
  return bs_sendto(fd, buf, len, flags, NULL, 0);
}

ssize_t
bs_sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *to, socklen_t tolen)
{
  /* Only read from. */
  struct iovec iov = { (void *)(uintptr_t)buf, len };
  struct msghdr msg;

  msg.msg_namelen = tolen;
  msg.msg_iov = &iov;
  msg.msg_iovlen = 1;
  return call_result(send_message(fd, &msg, flags, to));
}

ssize_t
bs_sendmsg(int fd, const struct msghdr *msg, int flags)
{
  ssize_t n = -EFAULT;

  if (msg != NULL) {
    n = send_message(fd, msg, flags, msg->msg_namelen > 0 ? msg->msg_name : NULL);
  }
  return call_result(n);
}

/* --- receiving --- */

static bool
wants_all(const struct sock *s, int flags)
{
  return (flags & (MSG_WAITALL | MSG_PEEK)) == MSG_WAITALL && s->ops->type == SOCK_STREAM;
}

/* Waits for the first byte or datagram; with MSG_WAITALL for all that fits. What came before a failure counts, and
 * the failure is told by the next call. */
static ssize_t
receive_and_wait(struct sock *s, struct iov_cursor *room, int flags, struct rx_info *info)
{
  struct call_wait wait = { 0, false };
  ssize_t done = 0;

  for (;;) {
    ssize_t n = s->ops->recv(s, room, flags, info);

    if (n >= 0) {
      done += n;
      if (n == 0 || room->left == 0 || !wants_all(s, flags)) {
        return done;
      }
      continue;
    }
    if (n == -EAGAIN) {
      n = call_wait_to_retry(s, flags, s->options.rcv_timeout_ms, &wait);
      if (n == 0) {
        continue;
      }
    } else if (done > 0) {
      s->error = (uint8_t)-n;
    }
    return done > 0 ? done : n;
  }
}

/* Where a datagram came from. A stream's data has no address of its own. */
static void
give_source(const struct sock *s, const struct rx_info *info, struct msghdr *msg)
{
  if (info->from.port == 0) {
    msg->msg_namelen = 0;
  } else {
    address_write(msg->msg_name, &msg->msg_namelen, s->family, &info->from);
  }
}

static ssize_t
receive_message(int fd, struct msghdr *msg, int flags)
{
  struct rx_info info;
  struct iov_cursor room;
  struct sock *s;
  ssize_t n = begin(fd, flags & ~RECV_FLAGS, msg, &s, &room);

  if (n == -EFAULT && (flags & MSG_TRUNC) && msg->msg_iov != NULL && s->ops->type == SOCK_STREAM) {
    /* A stream's data can be dropped without a buffer. */
    n = iov_cursor_init(&room, msg->msg_iov, msg->msg_iovlen);
  }
  if (n < 0) {
    return n;
  }
  info.from.port = 0;
  info.truncated = false;
  n = receive_and_wait(s, &room, flags, &info);
  if (n >= 0) {
    msg->msg_controllen = 0;
    msg->msg_flags = info.truncated ? MSG_TRUNC : 0;
    if (msg->msg_name != NULL) {
      give_source(s, &info, msg);
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
  ssize_t n = -EFAULT;

  if (from == NULL || fromlen != NULL) {
    msg.msg_name = from;
    msg.msg_namelen = from != NULL ? *fromlen : 0;
    msg.msg_iov = &iov;
    msg.msg_iovlen = 1;
    n = receive_message(fd, &msg, flags);
  }
  if (n >= 0 && from != NULL) {
    *fromlen = msg.msg_namelen;
  }
  return call_result(n);
}

ssize_t
bs_recvmsg(int fd, struct msghdr *msg, int flags)
{
  return call_result(msg != NULL ? receive_message(fd, msg, flags) : -EFAULT);
}
