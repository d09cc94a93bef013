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

/** Options that are integers, for the table in options.c: IP_MULTICAST_TTL, IP_MULTICAST_LOOP, IPV6_MULTICAST_IF. */
int multicast_get_hops(struct sock *s, unsigned unused);
int multicast_set_hops(struct sock *s, unsigned unused, int value);
int multicast_get_loop(struct sock *s, unsigned unused);
int multicast_set_loop(struct sock *s, unsigned unused, int on);
int multicast_get_index(struct sock *s, unsigned unused);
int multicast_set_index(struct sock *s, unsigned unused, int index);

/** The other ones, as getsockopt() and setsockopt(); 0 or a negative errno: -ENOPROTOOPT for all but these. */
int multicast_get(const struct sock *s, int level, int name, void *value, socklen_t *len);
int multicast_set(struct sock *s, int level, int name, const void *value, socklen_t len);

#endif /* BARESOCK_MULTICAST_H */
