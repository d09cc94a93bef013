/**
 * Stream sockets as lwIP sees them: its callbacks, which only queue and mark.
 */
#include <errno.h>

#include "lwip/priv/tcp_priv.h"

#include "socket/sock.h"
#include "stack/interface.h"
#include "stack/stack.h"

/* tcp_recved() counts in 16 bits. */
#define RECVED_MOST 0xffffu

/* Both sides have closed: the rest (FIN, TIME_WAIT) is lwIP's alone, which frees the PCB without a word. */
static void
let_go_when_both_closed(struct sock *s)
{
  if ((s->flags & SOCK_F_EOF) && (s->flags & SOCK_F_SHUT_WR) && s->pcb.tcp != NULL) {
    (void)stream_detach(s);
    s->state = SOCK_CLOSED;
  }
}

static err_t
on_recv(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
  struct sock *s = arg;

  LWIP_UNUSED_ARG(err);
  if (p == NULL) {
    s->flags |= SOCK_F_EOF;
    let_go_when_both_closed(s);
  } else if (s->flags & SOCK_F_SHUT_RD) {
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
  } else {
    rxq_append(&s->rx.stream, p);
  }
  return ERR_OK;
}

static err_t
on_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
  struct sock *s = arg;

  LWIP_UNUSED_ARG(pcb);
  LWIP_UNUSED_ARG(len);
  s->flags = (uint16_t)(s->flags & ~SOCK_F_TX_STUCK);
  return ERR_OK;
}

static err_t
on_connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
  struct sock *s = arg;

  LWIP_UNUSED_ARG(err);
  s->state = SOCK_CONNECTED;
  ip_addr_copy(s->local.ip, pcb->local_ip);
  if (s->rcvbuf < TCP_WND) {
    /* lwIP always announces its whole window at first. The peer can't have used it yet. */
    pcb->rcv_wnd = pcb->rcv_ann_wnd = (tcpwnd_size_t)s->rcvbuf;
    pcb->rcv_ann_right_edge = pcb->rcv_nxt + s->rcvbuf;
    s->window_debt = 0;
  }
  return ERR_OK;
}

/* Why a connection died. */
static uint8_t
reason(const struct sock *s, err_t err)
{
  switch (err) {
  case ERR_ABRT:
    return interface_is_going_down() ? ENETDOWN : ETIMEDOUT;
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
on_error(void *arg, err_t err)
{
  struct sock *s = arg;

  s->pcb.tcp = NULL;
  s->error = reason(s, err);
  s->state = SOCK_CLOSED;
}

void
stream_attach(struct sock *s, struct tcp_pcb *pcb)
{
  s->pcb.tcp = pcb;
  tcp_arg(pcb, s);
  tcp_recv(pcb, on_recv);
  tcp_sent(pcb, on_sent);
  tcp_err(pcb, on_error);
}

struct tcp_pcb *
stream_detach(struct sock *s)
{
  struct tcp_pcb *pcb = s->pcb.tcp;

  tcp_arg(pcb, NULL);
  tcp_recv(pcb, NULL);
  tcp_sent(pcb, NULL);
  tcp_err(pcb, NULL);
  s->pcb.tcp = NULL;
  return pcb;
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
}

int
stream_start_connect(struct sock *s, const struct name *to)
{
  struct tcp_pcb *pcb = s->pcb.tcp;
  err_t err;

  timers_kick();
  err = tcp_connect(pcb, &to->ip, to->port, on_connected);
  if (err != ERR_OK) {
    /* Linux says of an exhausted 4-tuple or port range that the address is not available. */
    return err == ERR_USE || err == ERR_BUF ? -EADDRNOTAVAIL : -errno_from_lwip(err);
  }
  ip_addr_copy(s->local.ip, pcb->local_ip);
  s->local.port = pcb->local_port;
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
  struct name to;
  int result;

  /* Kept there by connect() while it waits. */
  ip_addr_copy(to.ip, s->pcb.tcp->remote_ip);
  to.port = s->pcb.tcp->remote_port;
  switch (interface_route(&to.ip)) {
  case ROUTE_CONFIGURING:
    s->flags |= SOCK_F_WAIT_ROUTE;
    return;
  case ROUTE_READY:
    result = stream_start_connect(s, &to);
    break;
  case ROUTE_NET_DOWN:
    result = -ENETDOWN;
    break;
  default:
    result = -ENETUNREACH;
    break;
  }
  if (result < 0) {
    stream_fail_connect(s, -result);
  }
}
