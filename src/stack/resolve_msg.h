/**
 * DNS messages (RFC 1035): a question out, an answer in. No state, no network.
 */
#ifndef BARESOCK_RESOLVE_MSG_H
#define BARESOCK_RESOLVE_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "baresock/netdb.h"

#include "lwip/ip_addr.h"

/** Room for a domain name as text, its end included: 253 characters are all that fit into 255 octets. */
#define RESOLVE_NAME_SIZE 254

/** Largest message over UDP (RFC 1035 4.2.1). We offer no more (EDNS0), so a server sends no more. */
#define RESOLVE_MSG_SIZE 512

/** What can be asked for. The values are those of the wire. */
enum resolve_type { RESOLVE_A = 1, RESOLVE_PTR = 12, RESOLVE_AAAA = 28 };

/** What was learnt about a name. */
struct resolve_answer {
  int code;       /**< 0, EAI_NONAME, EAI_NODATA; EAI_AGAIN or EAI_FAIL when the server could not say */
  uint32_t ttl_s; /**< how long that holds; 0 for "don't keep it" */
  unsigned count; /**< addresses in addr[]; 0 in an answer to RESOLVE_PTR */
  ip_addr_t addr[BS_RESOLVE_ADDRS];
  char name[RESOLVE_NAME_SIZE]; /**< the canonical name; for RESOLVE_PTR the name that was found */
};

/**
 * Write a query that asks a recursive server.
 *
 * @param name a domain name; a dot at its end is allowed
 * @return length of the message; -EINVAL when @p name is none, -ENOBUFS when @p size is too small
 */
int resolve_msg_build(uint8_t *msg, size_t size, uint16_t id, const char *name, enum resolve_type type);

/**
 * Read the answer to a query. A truncated one (TC) is taken for what it holds: whole records.
 *
 * @return 0 with @p answer filled in; -ENOMSG when this is not an answer to that query (RFC 5452 section 4: id and
 *         question must match), -EBADMSG when it is malformed. In both cases the query is still open.
 */
int resolve_msg_parse(const uint8_t *msg, size_t len, uint16_t id, const char *name, enum resolve_type type,
                      struct resolve_answer *answer);

/** Whether two addresses are the same, whatever interface they belong to. */
bool resolve_addr_same(const ip_addr_t *a, const ip_addr_t *b);

/** The name under which an address' own name is asked for (in-addr.arpa, ip6.arpa), in RESOLVE_NAME_SIZE bytes. */
void resolve_msg_reverse(const ip_addr_t *addr, char *name);

#endif /* BARESOCK_RESOLVE_MSG_H */
