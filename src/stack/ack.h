/**
 * One acknowledgment for all that a pump brings of a connection, instead of one for each two segments.
 */
#ifndef BARESOCK_ACK_H
#define BARESOCK_ACK_H

#include "lwip/tcp.h"

/** In lwIP's receive event for @p p: decide whether to acknowledge now, at the end of the pump, or when the timer says. */
void ack_received(struct tcp_pcb *pcb, const struct pbuf *p);

/** The PCB is gone, or about to be. */
void ack_forget(const struct tcp_pcb *pcb);

/** The PCB lives on without its socket, perhaps in TIME_WAIT, where no timer sends an ACK: lwIP sends now what waits. */
void ack_let_go(struct tcp_pcb *pcb);

/** At the end of a pump: send what waits. @return 1 if there was something, else 0 */
unsigned ack_flush(void);

#endif /* BARESOCK_ACK_H */
