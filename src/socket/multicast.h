/**
 * Groups, and how datagrams to them leave (RFC 1112, RFC 3493 5.2).
 */
#ifndef BARESOCK_MULTICAST_H
#define BARESOCK_MULTICAST_H

#include "socket/sock.h"

/** Linux's defaults: one hop, and a copy for ourselves. */
void multicast_init(struct sock *s);

/** Leave the groups that the socket joined. */
void multicast_close(struct sock *s);

/** Multicast options of a datagram socket, as option_get() and option_set(); -ENOPROTOOPT for others. */
int multicast_get(struct sock *s, int level, int name, void *value, socklen_t *len);
int multicast_set(struct sock *s, int level, int name, const void *value, socklen_t len);

#endif /* BARESOCK_MULTICAST_H */
