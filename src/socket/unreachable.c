/**
 * ICMP errors reach the socket that sent the datagram, as on Linux.
 */
#include <errno.h>

#include "lwip/prot/ip.h"
#include "lwip/priv/tcp_priv.h"

#include "socket/sock.h"
#include "stack/icmp_error.h"

/* A segment that is not in flight is nobody's but an attacker's (RFC 5927 4.1). */
static bool
is_in_flight(const struct tcp_pcb *pcb, u32_t sequence)
{
  return TCP_SEQ_GEQ(sequence, pcb->lastack) && TCP_SEQ_LT(sequence, pcb->snd_nxt);
}

/* The address on the wire has no scope id, which a PCB's link-local one has. */
static bool
is_peer(const ip_addr_t *remote, const ip_addr_t *to)
{
#if LWIP_IPV6
  return ip_addr_zoneless_eq(remote, to);
#else
  return ip_addr_eq(remote, to);
#endif
}

/* A connection that is being made fails. One that is made lives on, for routes come back; if it is given up in the end,
 * this is why. A segment that is too big is sent in fragments, not given up. */
static void
tell_stream(struct sock *s, const struct icmp_error *error)
{
  const struct tcp_pcb *pcb = s->pcb.tcp;

  if ((s->state != SOCK_CONNECTING && s->state != SOCK_CONNECTED) || pcb == NULL || error->error == EMSGSIZE ||
      pcb->local_port != error->from_port || pcb->remote_port != error->to_port ||
      !is_peer(&pcb->remote_ip, &error->to) || !is_in_flight(pcb, error->sequence)) {
    return;
  }
  if (pcb->state == SYN_SENT) {
    stream_fail_connect(s, error->error);
  } else {
    s->soft_error = (uint8_t)error->error;
  }
}

/* Only who has a peer hears of it: others could not tell which datagram is meant. */
static void
tell_datagram(struct sock *s, const struct icmp_error *error)
{
  if (error->fatal && s->state == SOCK_CONNECTED && s->pcb.udp->local_port == error->from_port &&
      s->pcb.udp->remote_port == error->to_port && is_peer(&s->pcb.udp->remote_ip, &error->to)) {
    s->error = (uint8_t)error->error;
  }
}

void
sock_unreachable(const struct icmp_error *error)
{
  struct sock *s;
  unsigned i;

  for (i = 0; (s = sock_each(&i)) != NULL; i++) {
    if (s->ops == &stream_ops && error->protocol == IP_PROTO_TCP) {
      tell_stream(s, error);
    } else if (s->ops == &datagram_ops && error->protocol == IP_PROTO_UDP) {
      tell_datagram(s, error);
    }
  }
}
