/**
 * One acknowledgment for all that a pump brings of a connection, instead of one for each two segments.
 */
#ifndef BARESOCK_ACK_H
#define BARESOCK_ACK_H

#include "lwip/tcp.h"

/** In lwIP's receive event: if an ACK is due now, let it wait for the end of the pump. */
void ack_defer(struct tcp_pcb *pcb);

/** The PCB is gone, or about to be. */
void ack_forget(const struct tcp_pcb *pcb);

/** At the end of a pump: send what waits. @return 1 if there was something, else 0 */
unsigned ack_flush(void);

#endif /* BARESOCK_ACK_H */
