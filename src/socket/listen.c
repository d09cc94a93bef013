/**
 * Listening stream sockets: a FIFO of established connections.
 *
 * A connection gets its socket when it is established, so that what the peer sends before accept() is kept. One that
 * dies in the queue stays there, as on Linux: accept() returns it, and reading tells why.
 */
#include <errno.h>
#include <string.h>

#include "lwip/priv/tcp_priv.h"

#include "socket/local.h"
#include "socket/options.h"
#include "socket/sock.h"
#include "stack/stack.h"

static void
enqueue(struct sock *listener, struct sock *s)
{
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
    s->flags = (uint16_t)(s->flags & ~SOCK_F_QUEUED);
  }
  return s;
}

/* What an accepted socket inherits. */
static void
inherit(struct sock *s, const struct sock *listener, struct tcp_pcb *pcb)
{
  s->state = SOCK_CONNECTED;
  s->flags |= listener->flags & SOCK_F_BOUND_IP;
  s->local = (struct name){ pcb->local_ip, pcb->local_port };
  s->options = listener->options;
  s->linger_s = listener->linger_s;
  /* The handshake announced the whole window already. */
  s->window_debt = s->options.rcvbuf < TCP_WND_MAX(pcb) ? TCP_WND_MAX(pcb) - s->options.rcvbuf : 0;
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

static int
start_listening(struct sock *s)
{
  struct tcp_pcb *pcb;
  err_t err = ERR_OK;

  if (s->state != SOCK_NEW) {
    return -EINVAL;
  }
  if (s->local.port == 0) {
    int result = local_bind(s, &s->local);

    if (result < 0) {
      return result;
    }
  }
  pcb = tcp_listen_with_backlog_and_err(s->pcb.tcp, 1, &err);
  if (pcb == NULL) {
    return -errno_from_lwip(err);
  }
  s->pcb.tcp = pcb;
  s->state = SOCK_LISTENING;
  memset(&s->rx, 0, sizeof(s->rx));
  return 0;
}

int
stream_listen(struct sock *s, int backlog)
{
  int result = s->state == SOCK_LISTENING ? 0 : start_listening(s);

  if (result < 0) {
    return result;
  }
  s->rx.accept.backlog = (uint8_t)LWIP_MIN(LWIP_MAX(backlog, 1), BS_MAX_BACKLOG);
  s->pcb.listening->backlog = (u8_t)s->rx.accept.backlog;
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
