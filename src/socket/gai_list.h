/**
 * The addresses that getaddrinfo() found, their order, and the list that is made of them.
 */
#ifndef BARESOCK_GAI_LIST_H
#define BARESOCK_GAI_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "gai_hints.h"
#include "stack/resolve_msg.h"

/** An address as it goes into a sockaddr. */
struct gai_addr {
  int family;
  uint8_t octet[16]; /* 4 of them for AF_INET */
  uint32_t scope;
};

/** All that was found. */
struct gai_found {
  unsigned count;
  struct gai_addr addr[2 * BS_RESOLVE_ADDRS];
  char name[RESOLVE_NAME_SIZE]; /* the canonical one */
};

/** Add an address, if there is room. */
void gai_found_add(struct gai_found *found, int family, const void *octets, uint32_t scope);

/** Replace IPv4 addresses by v4-mapped ones. */
void gai_found_map(struct gai_found *found);

/** Drop the addresses of a family. */
void gai_found_drop(struct gai_found *found, int family);

/** How many addresses of a family there are. */
unsigned gai_found_count(const struct gai_found *found, int family);

/**
 * Put first what can most likely be reached, in the spirit of RFC 6724 (rules 1, 2 and 5): an IPv6 address comes
 * before the IPv4 ones only if this machine has an address of the same kind. Otherwise the servers' order stays.
 */
void gai_found_sort(struct gai_found *found);

/**
 * Whether an interface has an address of that family that reaches further than the machine and its link.
 *
 * @param soon also count a family for which an interface is still being configured
 */
bool gai_family_configured(int family, bool soon);

/** Make the list of results, one block of memory. @return 0 or EAI_MEMORY */
int gai_list_make(const struct gai_found *found, const struct gai_wish *wish, struct addrinfo **list);

#endif /* BARESOCK_GAI_LIST_H */
