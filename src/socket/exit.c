/**
 * The end of a program: deliver what was sent, then go.
 *
 * The kernel goes on sending for a process that has ended. Our stack ends with it, so that every way out of a program
 * has to wait here.
 */
#include <stdlib.h>

#include "lwip/priv/tcp_priv.h"

#include "baresock/net.h"
#include "baresock/socket.h"
#include "socket/sock.h"
#include "stack/interface.h"
#include "stack/resolve.h"
#include "stack/stack.h"

/* Something of ours is still on its way: data, or the FIN behind it. */
static bool
is_undelivered(const struct tcp_pcb *pcb)
{
  switch (pcb->state) {
  case FIN_WAIT_1:
  case CLOSING:
  case LAST_ACK:
    return true;
  case SYN_SENT:
  case SYN_RCVD:
    return false;
  default:
    return pcb->unsent != NULL || pcb->unacked != NULL || (pcb->flags & TF_CLOSEPEND) != 0;
  }
}

/* A link still has, or was not yet given, frames of ours. */
static bool
links_are_behind(void)
{
  const struct interface *iface;
  unsigned i;

  for (i = 0; (iface = interface_get(i)) != NULL; i++) {
    if (iface->held_count > 0 || iface->refused ||
        (iface->link->ops->busy != NULL && iface->link->ops->busy(iface->link))) {
      return true;
    }
  }
  return false;
}

static bool
is_draining(void)
{
  const struct tcp_pcb *pcb;

  for (pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next) {
    if (is_undelivered(pcb)) {
      return true;
    }
  }
  return links_are_behind();
}

static void
close_all(void)
{
  struct sock *s;
  unsigned i;

  for (i = 0; (s = sock_each(&i)) != NULL; i++) {
    /* Those in an accept queue go with their listener. */
    if ((s->flags & SOCK_F_QUEUED) == 0) {
      s->ops->close(s);
      sock_free(s);
    }
  }
}

static int
reset_all(bs_time_t deadline)
{
  int undelivered = 0;

  while (tcp_active_pcbs != NULL) {
    undelivered += is_undelivered(tcp_active_pcbs);
    tcp_abort(tcp_active_pcbs);
    /* A reset that finds no room on the link is lost: there is nobody who could send it again. */
    while (links_are_behind() && stack_now() < deadline) {
      (void)stack_wait(NULL, deadline);
    }
  }
  while (tcp_tw_pcbs != NULL) {
    tcp_abort(tcp_tw_pcbs);
  }
  return undelivered;
}

/* End everything, the connections with so much time to deliver what was sent. */
static int
end(uint32_t drain_ms)
{
  bs_time_t deadline = stack_after_ms(drain_ms);
  int resets;

  if (!stack_is_up()) {
    return 0;
  }
  close_all();
  while (is_draining() && stack_now() < deadline) {
    /* An interruption ends the wait, not the delivery. */
    (void)stack_wait(NULL, deadline);
  }
  resets = reset_all(deadline);
  resolve_shutdown();
  interfaces_reset();
  return resets;
}

int
bs_net_shutdown(void)
{
  int resets = end(BS_EXIT_DRAIN_MS);

  sock_counters.exit_resets += (uint32_t)resets;
  return resets;
}

void
bs_net_reset(void)
{
  (void)end(0);
}
