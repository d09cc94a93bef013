/**
 * What the stack knows of its sockets.
 */
#include "baresock/info.h"

#include <errno.h>
#include <string.h>

#include "lwip/priv/tcp_priv.h"

#include "socket/address.h"
#include "socket/call.h"
#include "socket/sock.h"

static const char *
state_name(const struct sock *s)
{
  static const char *const names[] = {
    [SOCK_LISTENING] = "listening",
    [SOCK_CONNECTING] = "connecting",
    [SOCK_CONNECTED] = "connected",
    [SOCK_CLOSED] = "closed",
  };

  if (s->state == SOCK_NEW) {
    return s->local.port != 0 ? "bound" : "new";
  }
  return names[s->state];
}

static void
write_name(const struct sock *s, const struct name *name, struct sockaddr_storage *addr)
{
  socklen_t len = sizeof(*addr);

  address_write((struct sockaddr *)addr, &len, s->family, name);
}

static int
give_socket_info(const struct sock *s, struct bs_socket_info *info)
{
  struct name peer;

  memset(info, 0, sizeof(*info));
  info->family = s->family;
  info->type = s->ops->type;
  info->state = state_name(s);
  if (s->local.port != 0) {
    write_name(s, &s->local, &info->local);
  }
  if (s->ops->peer(s, &peer) == 0) {
    write_name(s, &peer, &info->peer);
  }
  if (s->state == SOCK_LISTENING) {
    info->receive_queue = s->rx.accept.length;
    info->send_queue = s->rx.accept.backlog;
  } else {
    info->receive_queue = (uint32_t)s->ops->readable(s);
    info->send_queue = (uint32_t)s->ops->unsent(s);
  }
  return 0;
}

int
bs_socket_info(int fd, struct bs_socket_info *info)
{
  const struct sock *s = call_find(fd);

  return call_int_result(s != NULL ? give_socket_info(s, info) : -EBADF);
}

static int
give_tcp_info(const struct sock *s, struct bs_tcp_info *info)
{
  const struct tcp_pcb *pcb = s->pcb.tcp;

  if (s->ops != &stream_ops) {
    return -EOPNOTSUPP;
  }
  if (pcb == NULL || s->state == SOCK_LISTENING || s->state == SOCK_NEW) {
    return -ENOTCONN;
  }
  info->state = tcp_debug_state_str(pcb->state);
  info->cwnd = pcb->cwnd;
  info->ssthresh = pcb->ssthresh;
  /* Kept times eight (RFC 6298 2.3 without fractions). */
  info->srtt_ms = (uint32_t)(pcb->sa >> 3) * TCP_SLOW_INTERVAL;
  info->rto_ms = (uint32_t)pcb->rto * TCP_SLOW_INTERVAL;
  info->retransmit = pcb->nrtx;
  info->snd_wnd = pcb->snd_wnd;
  info->rcv_wnd = pcb->rcv_wnd;
  /* tcp_sndbuf() is cut to 16 bits. */
  info->snd_buf = pcb->snd_buf;
  info->mss = tcp_mss(pcb);
  info->unacked = pcb->snd_lbb - pcb->lastack;
  info->received = s->rx.stream.bytes;
  info->nodelay = tcp_nagle_disabled(pcb) != 0;
  return 0;
}

int
bs_tcp_info(int fd, struct bs_tcp_info *info)
{
  const struct sock *s = call_find(fd);

  return call_int_result(s != NULL ? give_tcp_info(s, info) : -EBADF);
}
