/**
 * One acknowledgment for all that a pump brings of a connection.
 *
 * RFC 9293 3.8.6.3 asks for an ACK for at least every second full segment, so that the sender's clock goes on, and RFC
 * 5681 4.2 lets a receiver that has reasons send fewer. Segments that wait at a link together have arrived together: one
 * ACK after the last of them is as early as many, and costs the sender and us one segment. What tells of a loss is
 * acknowledged at once: by lwIP a segment out of order, here one that closes a gap, or a part of it.
 */
#include "stack/ack.h"

#include "lwip/priv/tcp_priv.h"

/* The connection whose ACK waits. Where several take turns, the earlier one's is sent when the next one's comes. */
static struct tcp_pcb *waiting;

static void
send_waiting(void)
{
  struct tcp_pcb *pcb = waiting;

  waiting = NULL;
  tcp_ack_now(pcb);
  (void)tcp_output(pcb);
}

void
ack_received(struct tcp_pcb *pcb, const struct pbuf *p)
{
  /* With gaps that it reports (SACK), lwIP has sent the ACK already: a second one would be a duplicate, which counts as a
   * loss (RFC 5681 3.2). */
  if ((pcb->flags & (TF_ACK_NOW | TF_ACK_DELAY)) == 0) {
    return;
  }
  /* What waited behind a gap comes together with the segment that closed it. */
  if (pcb->ooseq != NULL || p->next != NULL) {
    tcp_ack_now(pcb);
    return;
  }
  if ((pcb->flags & TF_ACK_NOW) == 0) {
    return;
  }
  if (waiting != NULL && waiting != pcb) {
    send_waiting();
  }
  /* Should the pump never end, lwIP's fast timer sends it. */
  tcp_clear_flags(pcb, TF_ACK_NOW);
  tcp_set_flags(pcb, TF_ACK_DELAY);
  waiting = pcb;
}

void
ack_forget(const struct tcp_pcb *pcb)
{
  if (waiting == pcb) {
    waiting = NULL;
  }
}

void
ack_let_go(struct tcp_pcb *pcb)
{
  if (waiting == pcb) {
    send_waiting();
  }
}

unsigned
ack_flush(void)
{
  if (waiting == NULL) {
    return 0;
  }
  /* Data that was sent meanwhile may have taken it along. */
  if (waiting->flags & TF_ACK_DELAY) {
    send_waiting();
  }
  waiting = NULL;
  return 1;
}
