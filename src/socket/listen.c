/**
 * Listening stream sockets: a FIFO of established connections.
 *
 * A connection gets its socket when it is established, so that what the peer sends before accept() is kept. One that
 * dies in the queue stays there, as on Linux: accept() returns it, and reading tells why.
 */
#include <errno.h>

#include "lwip/priv/tcp_priv.h"

#include "socket/options.h"
#include "socket/sock.h"
#include "stack/stack.h"

static void
enqueue(struct sock *listener, struct sock *s)
{
  s->next = NULL;
  s->flags |= SOCK_F_QUEUED;
  if (listener->rx.accept.last != NULL) {
    listener->rx.accept.last->next = s;
  } else {
    listener->rx.accept.first = s;
  }
  listener->rx.accept.last = s;
  listener->rx.accept.length++;
}

static struct sock *
dequeue(struct sock *listener)
{
  struct sock *s = listener->rx.accept.first;

  if (s != NULL) {
    listener->rx.accept.first = s->next;
    if (s->next == NULL) {
      listener->rx.accept.last = NULL;
    }
    listener->rx.accept.length--;
    s->next = NULL;
    s->flags = (uint16_t)(s->flags & ~SOCK_F_QUEUED);
  }
  return s;
}

/* What an accepted socket inherits. */
static void
inherit(struct sock *s, const struct sock *listener, struct tcp_pcb *pcb)
{
  s->state = SOCK_CONNECTED;
  ip_addr_copy(s->local.ip, pcb->local_ip);
  s->local.port = pcb->local_port;
  s->flags = (uint16_t)(listener->flags & (SOCK_F_LINGER | SOCK_F_V6ONLY));
  s->options = listener->options;
  s->linger_s = listener->linger_s;
  s->rcvbuf = listener->rcvbuf;
  s->rcv_timeout_ms = listener->rcv_timeout_ms;
  s->snd_timeout_ms = listener->snd_timeout_ms;
  /* The handshake announced the whole window already. */
  s->window_debt = s->rcvbuf < TCP_WND_MAX(pcb) ? TCP_WND_MAX(pcb) - s->rcvbuf : 0;
}

err_t
listen_take(struct sock *listener, struct tcp_pcb *pcb, err_t err)
{
  struct sock *s;

  if (err != ERR_OK || pcb == NULL) {
    return ERR_VAL;
  }
  /* Until it has a socket of its own, what lwIP says of it is not for the listener's. */
  tcp_arg(pcb, NULL);
  /* lwIP bounds the living; those that died in the queue count here. */
  if (listener->rx.accept.length >= listener->rx.accept.backlog) {
    sock_counters.backlog_full++;
    return ERR_MEM;
  }
  s = sock_new(listener->ops, listener->family);
  if (s == NULL) {
    return ERR_MEM;
  }
  inherit(s, listener, pcb);
  stream_attach(s, pcb);
  options_apply(s);
  tcp_backlog_delayed(pcb);
  enqueue(listener, s);
  return ERR_OK;
}

int
stream_listen(struct sock *s, int backlog)
{
  struct tcp_pcb *pcb;
  err_t err = ERR_OK;
  u8_t most;

  if (backlog < 1) {
    backlog = 1;
  }
  most = (u8_t)LWIP_MIN(backlog, BS_MAX_BACKLOG);
  if (s->state == SOCK_LISTENING) {
    s->rx.accept.backlog = most;
    tcp_backlog_set(s->pcb.tcp, most);
    return 0;
  }
  if (s->state != SOCK_NEW) {
    return -EINVAL;
  }
  if (s->local.port == 0) {
    struct name any = s->local;
    int result = s->ops->bind(s, &any);

    if (result < 0) {
      return result;
    }
  }
  tcp_arg(s->pcb.tcp, NULL);
  pcb = tcp_listen_with_backlog_and_err(s->pcb.tcp, most, &err);
  if (pcb == NULL) {
    tcp_arg(s->pcb.tcp, s);
    return -errno_from_lwip(err);
  }
  s->pcb.tcp = pcb;
  s->state = SOCK_LISTENING;
  s->rx.accept.first = s->rx.accept.last = NULL;
  s->rx.accept.length = 0;
  s->rx.accept.backlog = most;
  tcp_arg(pcb, s);
  return 0;
}

int
stream_accept(struct sock *s, struct sock **accepted)
{
  if (s->state != SOCK_LISTENING) {
    return -EINVAL;
  }
  *accepted = dequeue(s);
  if (*accepted == NULL) {
    return -EAGAIN;
  }
  if ((*accepted)->pcb.tcp != NULL) {
    tcp_backlog_accepted((*accepted)->pcb.tcp);
  }
  return 0;
}

/* Connections that are being made carry the listener as their own argument: lwIP will reset them, and must not tell a
 * socket that is gone. */
static void
forget_half_open(const struct sock *s)
{
  struct tcp_pcb *pcb;

  for (pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next) {
    if (pcb->callback_arg == s) {
      tcp_arg(pcb, NULL);
    }
  }
}

void
listen_close(struct sock *s)
{
  struct sock *waiting;

  timers_kick();
  while ((waiting = dequeue(s)) != NULL) {
    if (waiting->pcb.tcp != NULL) {
      tcp_abort(stream_detach(waiting));
    }
    rxq_clear(&waiting->rx.stream);
    sock_free(waiting);
  }
  forget_half_open(s);
  (void)tcp_close(s->pcb.tcp);
  s->pcb.tcp = NULL;
}
