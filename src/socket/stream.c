/**
 * Stream sockets (TCP).
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "lwip/priv/tcp_priv.h"
#include "lwip/stats.h"

#include "socket/local.h"
#include "socket/options.h"
#include "socket/ready.h"
#include "socket/sock.h"
#include "stack/interface.h"
#include "stack/stack.h"

/* tcp_write() counts in 16 bits. */
#define WRITE_MOST 0xffffu

/* --- names --- */

static int
stream_open(struct sock *s)
{
  struct tcp_pcb *pcb = tcp_new_ip_type(local_type(s));

  if (pcb == NULL) {
    return -ENOBUFS;
  }
  stream_attach(s, pcb);
  options_apply(s);
  return 0;
}

static err_t
stream_bind(struct sock *s, const ip_addr_t *ip, u16_t *port)
{
  err_t err;

  if (*port == 0) {
    *port = stream_fresh_port();
  } else {
    stream_port_named(*port);
  }
  err = tcp_bind(s->pcb.tcp, ip, *port);
  *port = s->pcb.tcp->local_port;
  return err;
}

static int
stream_peer(const struct sock *s, struct name *peer)
{
  if (s->state != SOCK_CONNECTED || s->pcb.tcp == NULL) {
    return -ENOTCONN;
  }
  *peer = (struct name){ s->pcb.tcp->remote_ip, s->pcb.tcp->remote_port };
  return 0;
}

/* --- connecting --- */

/* Let go of a connection that can't, or shall not, end in good order. */
static void
drop_connection(struct sock *s)
{
  if (s->state == SOCK_LISTENING) {
    listen_close(s);
  } else if (s->pcb.tcp != NULL) {
    if (s->state != SOCK_NEW) {
      s->error = ECONNRESET;
    }
    if (s->state == SOCK_CONNECTED) {
      tcp_abort(stream_detach(s));
    } else {
      (void)tcp_close(stream_detach(s));
    }
  }
  rxq_clear(&s->rx.stream);
  s->state = SOCK_CLOSED;
}

/* As on Linux the socket is then like a new one, with its options and the local address that bind() gave it. */
static int
stream_disconnect(struct sock *s)
{
  struct name local = s->local;
  uint16_t was = s->flags;
  int result;

  if (s->state == SOCK_NEW) {
    return 0;
  }
  timers_kick();
  drop_connection(s);
  result = stream_open(s);
  if (result < 0) {
    return result;
  }
  s->state = SOCK_NEW;
  s->flags = was & (SOCK_F_NONBLOCK | SOCK_F_BOUND_IP);
  s->window_debt = 0;
  s->local.port = 0;
  if (was & SOCK_F_BOUND_IP) {
    s->pcb.tcp->local_ip = local.ip;
  } else {
    ip_addr_set_any(s->family == AF_INET6, &local.ip);
    s->local.ip = local.ip;
  }
  if (was & SOCK_F_BOUND_PORT) {
    /* Who took the port meanwhile has it. */
    (void)local_bind(s, &local);
  }
  return 0;
}

/* Tell how connect() ended, once. */
static int
tell_outcome(struct sock *s)
{
  int result = 0;

  if ((s->flags & SOCK_F_UNTOLD) == 0) {
    return -EISCONN;
  }
  s->flags = (uint16_t)(s->flags & ~SOCK_F_UNTOLD);
  if (s->state == SOCK_CLOSED) {
    result = s->error != 0 ? sock_take_error(s) : -ECONNABORTED;
    (void)stream_disconnect(s);
  }
  return result;
}

static int
stream_connect(struct sock *s, const struct name *to)
{
  int result;

  switch (s->state) {
  case SOCK_LISTENING:
    return -EISCONN;
  case SOCK_CONNECTED:
  case SOCK_CLOSED:
    return tell_outcome(s);
  case SOCK_CONNECTING:
    return -EALREADY;
  default:
    break;
  }
  if (ip_addr_ismulticast(&to->ip)) {
    return -ENETUNREACH;
  }
  result = local_route(s, &to->ip);
  if (result == -EAGAIN) {
    /* The PCB keeps the goal; the pump goes on when the interface has its address. */
    s->pcb.tcp->remote_ip = to->ip;
    s->pcb.tcp->remote_port = to->port;
    s->state = SOCK_CONNECTING;
  } else {
    result = result < 0 ? result : stream_start_connect(s, to);
    if (result < 0) {
      return result;
    }
  }
  s->flags |= SOCK_F_UNTOLD;
  return -EINPROGRESS;
}

/* --- sending --- */

/* Whether there are segments and memory to be had at all. */
static bool
buffers_left(void)
{
  return lwip_stats.memp[MEMP_TCP_SEG]->used < BS_TCP_SEGS - BS_TCP_SEGS / 16 &&
         lwip_stats.mem.used < BS_MEM_SIZE - BS_MEM_SIZE / 16;
}

static bool
can_write(struct sock *s)
{
  const struct tcp_pcb *pcb = s->pcb.tcp;

  if ((s->flags & SOCK_F_TX_STUCK) && !buffers_left()) {
    return false;
  }
  s->flags = (uint16_t)(s->flags & ~SOCK_F_TX_STUCK);
  return tcp_sndbuf(pcb) > TCP_SNDLOWAT && tcp_sndqueuelen(pcb) < TCP_SNDQUEUELOWAT;
}

/* Hand one piece to lwIP: as much of it as fits. */
static size_t
write_piece(struct tcp_pcb *pcb, const void *data, size_t len, u8_t flags)
{
  size_t n = LWIP_MIN(LWIP_MIN(len, tcp_sndbuf(pcb)), WRITE_MOST);

  while (n > 0) {
    err_t err = tcp_write(pcb, data, (u16_t)n, flags);

    if (err == ERR_OK) {
      return n;
    }
    /* Bytes were free, segments or memory were not: less may fit. */
    n = n > TCP_MSS ? n / 2 : 0;
  }
  return 0;
}

static ssize_t
stream_send(struct sock *s, struct iov_cursor *data, int flags, const struct name *to)
{
  struct tcp_pcb *pcb = s->pcb.tcp;
  ssize_t done = 0;

  LWIP_UNUSED_ARG(to);
  if (s->error != 0) {
    return sock_take_error(s);
  }
  if (s->state == SOCK_CONNECTING) {
    return -EAGAIN;
  }
  if (s->state != SOCK_CONNECTED || (s->flags & SOCK_F_SHUT_WR)) {
    return -EPIPE;
  }
  if ((s->flags & SOCK_F_TX_FULL) && !can_write(s)) {
    return -EAGAIN;
  }
  s->flags = (uint16_t)(s->flags & ~SOCK_F_TX_FULL);
  timers_kick();
  while (data->left > 0) {
    size_t piece;
    const void *at = iov_cursor_piece(data, &piece);
    bool more = piece < data->left || (flags & MSG_MORE) != 0;
    size_t n = write_piece(pcb, at, piece, TCP_WRITE_FLAG_COPY | (more ? TCP_WRITE_FLAG_MORE : 0));

    if (n == 0) {
      s->flags |= SOCK_F_TX_FULL;
      if (tcp_sndbuf(pcb) > 0 && tcp_sndqueuelen(pcb) < TCP_SNDQUEUELOWAT) {
        s->flags |= SOCK_F_TX_STUCK;
      }
      break;
    }
    iov_cursor_advance(data, n);
    done += (ssize_t)n;
  }
  if (done > 0) {
    (void)tcp_output(pcb);
  }
  return done > 0 || data->left == 0 ? done : -EAGAIN;
}

/* --- receiving --- */

static size_t
stream_readable(const struct sock *s)
{
  return s->state == SOCK_LISTENING ? 0 : s->rx.stream.bytes;
}

/* What is queued, up to the cursor's room. With MSG_TRUNC it goes nowhere, and there need be no buffer. */
static size_t
take_queued(struct sock *s, struct iov_cursor *room, int flags)
{
  size_t n = LWIP_MIN(room->left, s->rx.stream.bytes);

  if (flags & MSG_TRUNC) {
    iov_cursor_advance(room, n);
  } else {
    (void)rxq_peek(&s->rx.stream, room);
  }
  if (n > 0 && !(flags & MSG_PEEK)) {
    rxq_skip(&s->rx.stream, n);
    stream_open_window(s, n);
  }
  return n;
}

static ssize_t
stream_recv(struct sock *s, struct iov_cursor *room, int flags, struct rx_info *info)
{
  LWIP_UNUSED_ARG(info);
  if ((flags & MSG_OOB) && s->state != SOCK_LISTENING) {
    return -EINVAL;
  }
  if (stream_readable(s) > 0) {
    return (ssize_t)take_queued(s, room, flags);
  }
  /* After a FIN there was an end, whatever came later: that is for who writes. */
  if (s->flags & SOCK_F_EOF) {
    return 0;
  }
  if (s->error != 0 && s->state != SOCK_LISTENING) {
    return sock_take_error(s);
  }
  if (s->state == SOCK_LISTENING || s->state == SOCK_NEW) {
    return -ENOTCONN;
  }
  if ((s->flags & SOCK_F_SHUT_RD) || s->state == SOCK_CLOSED) {
    return 0;
  }
  return -EAGAIN;
}

static size_t
stream_unsent(const struct sock *s)
{
  const struct tcp_pcb *pcb = s->pcb.tcp;

  if (pcb == NULL || s->state == SOCK_LISTENING) {
    return 0;
  }
  /* A FIN counts as one, until it is acknowledged. */
  return pcb->snd_lbb - pcb->lastack;
}

/* --- ending --- */

static int
shutdown_write(struct sock *s)
{
  struct tcp_pcb *pcb = s->pcb.tcp;

  if ((s->flags & SOCK_F_SHUT_WR) == 0) {
    timers_kick();
    s->flags |= SOCK_F_SHUT_WR;
    stream_let_go_when_both_closed(s);
    (void)tcp_shutdown(pcb, 0, 1);
  }
  return 0;
}

static int
stream_shutdown(struct sock *s, int how)
{
  if (s->state == SOCK_LISTENING || s->state == SOCK_CONNECTING) {
    /* As Linux: it stops to listen, or to connect. */
    return s->state == SOCK_LISTENING && how == SHUT_WR ? 0 : stream_disconnect(s);
  }
  if (s->state != SOCK_CONNECTED || s->pcb.tcp == NULL) {
    return -ENOTCONN;
  }
  s->flags = (uint16_t)(s->flags & ~SOCK_F_UNTOLD);
  if (how != SHUT_WR) {
    s->flags |= SOCK_F_SHUT_RD;
  }
  return how != SHUT_RD ? shutdown_write(s) : 0;
}

/* Close in good order: what was sent is delivered, then FIN. */
static void
close_connection(struct sock *s)
{
  bool all_read = s->rx.stream.bytes == 0;
  struct tcp_pcb *pcb = stream_detach(s);

  if (!all_read || ((s->options.flags & SOCK_O_LINGER) && s->linger_s == 0)) {
    tcp_abort(pcb);
    return;
  }
  /* lwIP takes a window that is not wide open for unread data, and would reset the connection. */
  pcb->rcv_wnd = TCP_WND_MAX(pcb);
  (void)tcp_close(pcb);
}

static void
stream_close(struct sock *s)
{
  timers_kick();
  if (s->state == SOCK_LISTENING) {
    listen_close(s);
    return;
  }
  if (s->pcb.tcp != NULL) {
    close_connection(s);
  }
  rxq_clear(&s->rx.stream);
}

/* --- readiness --- */

static short
stream_ready(struct sock *s)
{
  bool readable, writable = false;

  if (s->state == SOCK_LISTENING) {
    readable = s->rx.accept.first != NULL;
  } else {
    readable = s->rx.stream.bytes > 0;
  }
  if (s->state == SOCK_CONNECTED && s->pcb.tcp != NULL) {
    writable = can_write(s);
  }
  return ready_mask(s, readable, writable);
}

const struct sock_ops stream_ops = {
  .type = SOCK_STREAM,
  .protocol = IPPROTO_TCP,
  .open = stream_open,
  .bind = stream_bind,
  .listen = stream_listen,
  .accept = stream_accept,
  .connect = stream_connect,
  .disconnect = stream_disconnect,
  .send = stream_send,
  .recv = stream_recv,
  .shutdown = stream_shutdown,
  .close = stream_close,
  .ready = stream_ready,
  .readable = stream_readable,
  .unsent = stream_unsent,
  .peer = stream_peer,
};
