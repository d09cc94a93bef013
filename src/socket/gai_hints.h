/**
 * What a caller of getaddrinfo() asks for: hints and service, checked and spelt out.
 */
#ifndef BARESOCK_GAI_HINTS_H
#define BARESOCK_GAI_HINTS_H

#include <stdbool.h>
#include <stdint.h>

#include "baresock/netdb.h"

/** Most pairs of socket type and protocol that a look-up gives. */
#define GAI_KINDS 3

/** A socket type with its protocol and port: one result for each address. */
struct gai_kind {
  int socktype;
  int protocol;
  uint16_t port;
};

/** A checked request. */
struct gai_wish {
  int flags;
  int family;
  unsigned kinds;
  struct gai_kind kind[GAI_KINDS];
};

/**
 * Check the arguments of getaddrinfo().
 *
 * @return 0, EAI_BADFLAGS, EAI_FAMILY, EAI_NONAME, EAI_SERVICE, EAI_SOCKTYPE
 */
int gai_hints_read(const char *host, const char *service, const struct addrinfo *hints, struct gai_wish *wish);

/** Whether IPv4 addresses are wanted, as such or mapped. */
bool gai_wants_ip4(const struct gai_wish *wish);

/** Whether IPv6 addresses are wanted. */
bool gai_wants_ip6(const struct gai_wish *wish);

#endif /* BARESOCK_GAI_HINTS_H */
