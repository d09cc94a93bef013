/**
 * What routers and hosts say of datagrams that they could not deliver (RFC 792, RFC 4443 3.1).
 *
 * lwIP answers pings, but drops these messages unread. They are looked at on their way in, and told to the floor above,
 * which knows the sockets.
 */
#ifndef BARESOCK_ICMP_ERROR_H
#define BARESOCK_ICMP_ERROR_H

#include <stdbool.h>

#include "lwip/ip_addr.h"

struct icmp_error {
  u8_t protocol; /**< of the datagram: IP_PROTO_TCP, IP_PROTO_UDP */
  ip_addr_t from;
  ip_addr_t to;
  u16_t from_port;
  u16_t to_port;
  u32_t sequence; /**< TCP: of the segment */
  int error;      /**< errno that the message means */
  bool fatal;     /**< no later datagram will fare better */
};

/** Call @p handler, from within the pump, for each message about a datagram of ours. */
void icmp_error_on(void (*handler)(const struct icmp_error *error));

#endif /* BARESOCK_ICMP_ERROR_H */
