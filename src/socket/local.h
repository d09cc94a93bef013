/**
 * Local addresses: what may be bound, how lwIP spells it, and where there is a way to from here.
 */
#ifndef BARESOCK_LOCAL_H
#define BARESOCK_LOCAL_H

#include "socket/sock.h"

/** lwIP's address type for the PCBs of a socket: a dual-stack one takes either. */
u8_t local_type(const struct sock *s);

/** bind(). @return 0 or a negative errno: -EADDRNOTAVAIL when the address is none of ours, or why the default link
 * can't come up */
int local_bind(struct sock *s, const struct name *to);

/** Whether something can leave for @p to. @return 0; -EAGAIN while the interface asks for its address, which the socket
 * then waits for; -ENETDOWN, -ENETUNREACH */
int local_route(struct sock *s, const ip_addr_t *to);

#endif /* BARESOCK_LOCAL_H */
