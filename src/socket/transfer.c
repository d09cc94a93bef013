/**
 * The public calls that send and receive.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

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
  bs_time_t deadline = call_deadline(s->snd_timeout_ms);
  bool pumped = false;
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
      n = call_wait_to_retry(s, flags, deadline, &pumped);
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
begin(int fd, int unknown, const struct iovec *iov, size_t count, struct sock **s, struct iov_cursor *cursor)
{
  int result = call_find(fd, s);

  if (result < 0) {
    return result;
  }
  if (unknown != 0) {
    return -EOPNOTSUPP;
  }
  if (count == 1 && iov != NULL && iov->iov_base != NULL && iov->iov_len <= SSIZE_MAX) {
    *cursor = (struct iov_cursor){ iov, 0, iov->iov_len };
    return 0;
  }
  return iov_has_buffers(iov, count) ? iov_cursor_init(cursor, iov, count) : -EFAULT;
}

static ssize_t
send_message(int fd, const struct iovec *iov, size_t count, int flags, const struct sockaddr *addr, socklen_t len)
{
  struct iov_cursor data;
  struct name to;
  struct sock *s;
  int result = begin(fd, flags & ~SEND_FLAGS, iov, count, &s, &data);

  if (result < 0) {
    return result;
  }
  if (s->ops->type == SOCK_STREAM) {
    return send_and_wait(s, &data, flags, NULL);
  }
  if (addr != NULL) {
    result = address_read(addr, len, s->family, &to.ip, &to.port);
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
  struct iovec iov;

  /* Only read from. */
  iov.iov_base = (void *)(uintptr_t)buf;
  iov.iov_len = len;
  return call_result(send_message(fd, &iov, 1, flags, to, tolen));
}

ssize_t
bs_sendmsg(int fd, const struct msghdr *msg, int flags)
{
  if (msg == NULL) {
    return call_result(-EFAULT);
  }
  return call_result(send_message(fd, msg->msg_iov, msg->msg_iovlen, flags,
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
  bs_time_t deadline = call_deadline(s->rcv_timeout_ms);
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
      n = call_wait_to_retry(s, flags, deadline, &pumped);
      if (n == 0) {
        continue;
      }
    } else if (done > 0) {
      s->error = (uint8_t)-n;
    }
    return done > 0 ? done : n;
  }
}

/* Receive into pieces. */
static ssize_t
receive(int fd, const struct iovec *iov, size_t count, int flags, struct sock **s, struct rx_info *info)
{
  struct iov_cursor room;
  int result = begin(fd, flags & ~RECV_FLAGS, iov, count, s, &room);
  ssize_t n;

  if (result == -EFAULT && (flags & MSG_TRUNC) && iov != NULL && (*s)->ops->type == SOCK_STREAM) {
    /* A stream's data can be dropped without a buffer. */
    result = iov_cursor_init(&room, iov, count);
  }
  if (result < 0) {
    return result;
  }
  info->from.port = 0;
  info->full_length = 0;
  info->room = room.left;
  if (room.left == 0 && (*s)->ops->type == SOCK_STREAM) {
    /* Nothing to wait for, but there may be something to tell. */
    n = (*s)->ops->recv(*s, &room, flags | MSG_PEEK, info);
    return n == -EAGAIN ? 0 : n;
  }
  return receive_and_wait(*s, &room, flags, info);
}

/* Where a datagram came from. A stream's data has no address of its own. */
static void
give_source(const struct sock *s, const struct rx_info *info, void *addr, socklen_t *len)
{
  if (info->from.port == 0) {
    *len = 0;
  } else {
    address_write(addr, len, s->family, &info->from.ip, info->from.port);
  }
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
  struct rx_info info;
  struct sock *s;
  ssize_t n;

  if (from != NULL && fromlen == NULL) {
    return call_result(-EFAULT);
  }
  n = receive(fd, &iov, 1, flags, &s, &info);
  if (n >= 0 && from != NULL) {
    give_source(s, &info, from, fromlen);
  }
  return call_result(n);
}

ssize_t
bs_recvmsg(int fd, struct msghdr *msg, int flags)
{
  struct rx_info info;
  struct sock *s;
  ssize_t n;

  if (msg == NULL) {
    return call_result(-EFAULT);
  }
  n = receive(fd, msg->msg_iov, msg->msg_iovlen, flags, &s, &info);
  if (n < 0) {
    return call_result(n);
  }
  msg->msg_controllen = 0;
  msg->msg_flags = info.full_length > info.room ? MSG_TRUNC : 0;
  if (msg->msg_name != NULL) {
    give_source(s, &info, msg->msg_name, &msg->msg_namelen);
  }
  return n;
}
