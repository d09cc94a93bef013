/**
 * Local addresses: what may be bound, and how lwIP spells it.
 */
#ifndef BARESOCK_LOCAL_H
#define BARESOCK_LOCAL_H

#include "socket/sock.h"

/** lwIP's address type for the PCBs of a socket: a dual-stack one takes either. */
u8_t local_type(const struct sock *s);

/** @p ip as to be bound: the wildcard of a dual-stack socket is lwIP's "any type". */
const ip_addr_t *local_wildcard(const struct sock *s, const ip_addr_t *ip);

/** Whether @p ip can be bound: 0, -EADDRNOTAVAIL when it is none of ours, or why the default link can't come up. */
int local_check(const ip_addr_t *ip);

#endif /* BARESOCK_LOCAL_H */
