/**
 * Stream sockets as lwIP sees them: its events, which only queue and mark.
 *
 * lwIP calls one function for all (LWIP_EVENT_API): five pointers less in each PCB.
 */
#include <errno.h>

#include "lwip/priv/tcp_priv.h"

#include "socket/local.h"
#include "socket/sock.h"
#include "stack/ack.h"
#include "stack/interface.h"
#include "stack/stack.h"

/* tcp_recved() counts in 16 bits. */
#define RECVED_MOST 0xffffu

void
stream_let_go_when_both_closed(struct sock *s)
{
  if ((s->flags & SOCK_F_EOF) && (s->flags & SOCK_F_SHUT_WR) && s->pcb.tcp != NULL) {
    (void)stream_detach(s);
    s->state = SOCK_CLOSED;
  }
}

/* Both directions are shut, and the peer still sends: it is told that nobody reads this (RFC 1122 4.2.2.13), and so is
 * the user, as on Linux. */
static err_t
refuse_data(struct sock *s, struct pbuf *p)
{
  pbuf_free(p);
  s->error = ECONNRESET;
  s->state = SOCK_CLOSED;
  tcp_abort(stream_detach(s));
  return ERR_ABRT;
}

static err_t
on_recv(struct sock *s, struct tcp_pcb *pcb, struct pbuf *p)
{
  if (p == NULL) {
    s->flags |= SOCK_F_EOF;
    stream_let_go_when_both_closed(s);
    return ERR_OK;
  }
  if ((s->flags & SOCK_F_SHUT_RD) && (s->flags & SOCK_F_SHUT_WR)) {
    return refuse_data(s, p);
  }
  ack_received(pcb, p);
  rxq_append(&s->rx.stream, p);
  return ERR_OK;
}

static void
on_connected(struct sock *s, struct tcp_pcb *pcb)
{
  s->state = SOCK_CONNECTED;
  s->local.ip = pcb->local_ip;
  if (s->options.rcvbuf < TCP_WND_MAX(pcb)) {
    /* lwIP always announces its whole window at first. The peer can't have used it yet. */
    pcb->rcv_wnd = pcb->rcv_ann_wnd = (tcpwnd_size_t)s->options.rcvbuf;
    pcb->rcv_ann_right_edge = pcb->rcv_nxt + s->options.rcvbuf;
    s->window_debt = 0;
  }
}

/* Why a connection died. */
static uint8_t
reason(const struct sock *s, err_t err)
{
  switch (err) {
  case ERR_ABRT:
    if (interface_is_going_down()) {
      return ENETDOWN;
    }
    return s->soft_error != 0 ? s->soft_error : ETIMEDOUT;
  case ERR_RST:
    if (s->state == SOCK_CONNECTING) {
      return ECONNREFUSED;
    }
    /* As Linux: who had said good-bye already broke the pipe. */
    return (s->flags & SOCK_F_EOF) ? EPIPE : ECONNRESET;
  case ERR_CLSD:
    return 0;
  default:
    return (uint8_t)errno_from_lwip(err);
  }
}

/* lwIP has freed the PCB, or is about to. */
static void
on_error(struct sock *s, err_t err)
{
  ack_forget(s->pcb.tcp);
  s->pcb.tcp = NULL;
  s->error = reason(s, err);
  s->state = SOCK_CLOSED;
}

/* What comes for a connection that was closed: nobody wants its data. */
static void
discard(struct tcp_pcb *pcb, struct pbuf *p)
{
  if (p != NULL) {
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
  }
}

err_t
lwip_tcp_event(void *arg, struct tcp_pcb *pcb, enum lwip_event event, struct pbuf *p, u16_t size, err_t err)
{
  struct sock *s = arg;

  LWIP_UNUSED_ARG(size);
  if (s == NULL) {
    discard(pcb, p);
    return ERR_OK;
  }
  if (event == LWIP_EVENT_RECV) {
    return on_recv(s, pcb, p);
  }
  switch (event) {
  case LWIP_EVENT_SENT:
    s->flags = (uint16_t)(s->flags & ~SOCK_F_TX_STUCK);
    s->soft_error = 0;
    break;
  case LWIP_EVENT_CONNECTED:
    on_connected(s, pcb);
    break;
  case LWIP_EVENT_ACCEPT:
    return listen_take(s, pcb, err);
  case LWIP_EVENT_ERR:
    on_error(s, err);
    break;
  default:
    break;
  }
  return ERR_OK;
}

void
stream_attach(struct sock *s, struct tcp_pcb *pcb)
{
  s->pcb.tcp = pcb;
  tcp_arg(pcb, s);
}

struct tcp_pcb *
stream_detach(struct sock *s)
{
  struct tcp_pcb *pcb = s->pcb.tcp;

  ack_let_go(pcb);
  tcp_arg(pcb, NULL);
  s->pcb.tcp = NULL;
  return pcb;
}

/* lwIP tells of a window that has opened by a part of TCP_WND. A small SO_RCVBUF is never so wide: half of it is enough
 * (RFC 9293 3.8.6.2.2). */
static void
announce_small_window(const struct sock *s)
{
  struct tcp_pcb *pcb = s->pcb.tcp;
  uint32_t opened = pcb->rcv_nxt + pcb->rcv_ann_wnd - pcb->rcv_ann_right_edge;

  if (s->options.rcvbuf / 2 < TCP_WND_UPDATE_THRESHOLD && opened >= s->options.rcvbuf / 2) {
    tcp_ack_now(pcb);
    (void)tcp_output(pcb);
  }
}

void
stream_open_window(struct sock *s, size_t bytes)
{
  size_t owed = LWIP_MIN(bytes, s->window_debt);

  timers_kick();
  s->window_debt -= (uint32_t)owed;
  bytes -= owed;
  while (bytes > 0 && s->pcb.tcp != NULL) {
    u16_t n = (u16_t)LWIP_MIN(bytes, RECVED_MOST);

    tcp_recved(s->pcb.tcp, n);
    bytes -= n;
  }
  if (s->pcb.tcp != NULL) {
    announce_small_window(s);
  }
}

/* lwIP searches all connections for a port that none has. As long as the dynamic ports are given out for the first time,
 * and nobody named one of them, there is nothing to search for. */
static struct {
  u16_t first;
  u16_t given;
  bool used_up;
} fresh;

u16_t
stream_fresh_port(void)
{
  enum { PORTS = TCP_LOCAL_PORT_RANGE_END - TCP_LOCAL_PORT_RANGE_START };

  if (fresh.used_up) {
    return 0;
  }
  if (fresh.given == 0) {
    fresh.first = (u16_t)(stack_random() % PORTS);
  }
  fresh.used_up = ++fresh.given == PORTS;
  return (u16_t)(TCP_LOCAL_PORT_RANGE_START + (fresh.first + fresh.given) % PORTS);
}

void
stream_port_named(u16_t port)
{
  fresh.used_up |= port >= TCP_LOCAL_PORT_RANGE_START;
}

int
stream_start_connect(struct sock *s, const struct name *to)
{
  struct tcp_pcb *pcb = s->pcb.tcp;
  err_t err;

  timers_kick();
  if (pcb->local_port == 0) {
    pcb->local_port = stream_fresh_port();
  }
  err = tcp_connect(pcb, &to->ip, to->port, NULL);
  if (err != ERR_OK) {
    pcb->local_port = s->local.port;
    /* Linux says of an exhausted 4-tuple or port range that the address is not available. */
    return err == ERR_USE || err == ERR_BUF ? -EADDRNOTAVAIL : -errno_from_lwip(err);
  }
  s->local = (struct name){ pcb->local_ip, pcb->local_port };
  /* Of a connection before, which connect(AF_UNSPEC) ended. */
  s->error = 0;
  s->state = SOCK_CONNECTING;
  return 0;
}

void
stream_fail_connect(struct sock *s, int error)
{
  (void)tcp_close(stream_detach(s));
  s->state = SOCK_CLOSED;
  s->error = (uint8_t)error;
}

void
stream_route_changed(struct sock *s)
{
  /* Kept there by connect() while it waits. */
  struct name to = { s->pcb.tcp->remote_ip, s->pcb.tcp->remote_port };
  int result = local_route(s, &to.ip);

  if (result == 0) {
    result = stream_start_connect(s, &to);
  }
  if (result < 0 && result != -EAGAIN) {
    stream_fail_connect(s, -result);
  }
}
