/**
 * Local addresses: what may be bound, and how lwIP spells it.
 */
#ifndef BARESOCK_LOCAL_H
#define BARESOCK_LOCAL_H

#include "socket/sock.h"

/** lwIP's address type for the PCBs of a socket: a dual-stack one takes either. */
u8_t local_type(const struct sock *s);

/** bind(). @return 0 or a negative errno: -EADDRNOTAVAIL when the address is none of ours, or why the default link
 * can't come up */
int local_bind(struct sock *s, const struct name *to);

#endif /* BARESOCK_LOCAL_H */
