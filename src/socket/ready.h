/**
 * The one table that says which state of a socket shows as which poll mask.
 */
#ifndef BARESOCK_READY_H
#define BARESOCK_READY_H

#include "socket/sock.h"

/** poll mask of a socket. @param readable data or a connection waits; @param writable a write would take something */
short ready_mask(const struct sock *s, bool readable, bool writable);

#endif /* BARESOCK_READY_H */
