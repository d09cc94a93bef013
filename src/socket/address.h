/**
 * Between POSIX socket addresses and lwIP's.
 */
#ifndef BARESOCK_ADDRESS_H
#define BARESOCK_ADDRESS_H

#include <sys/socket.h>

#include "lwip/ip_addr.h"

/** An address and a port. */
struct name {
  ip_addr_t ip;
  u16_t port; /**< host byte order */
};

/**
 * Read a socket address.
 *
 * A v4-mapped IPv6 address (::ffff:a.b.c.d) becomes an IPv4 address, in6addr_any becomes the any address of type
 * IPADDR_TYPE_V6; a scope id is kept as lwIP's zone.
 *
 * @param family family of the socket, or AF_UNSPEC to take either
 * @return 0, -EINVAL (too short), -EAFNOSUPPORT (another family)
 */
int address_read(const struct sockaddr *addr, socklen_t len, int family, struct name *name);

/**
 * Write a socket address of @p family; an IPv4 address in an AF_INET6 one is v4-mapped.
 *
 * @param addr, len as in getsockname(): cut to *len, and *len becomes the length that it has
 */
void address_write(struct sockaddr *addr, socklen_t *len, int family, const struct name *name);

#endif /* BARESOCK_ADDRESS_H */
