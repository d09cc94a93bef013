/**
 * Names that need no DNS: the hosts file, and localhost (RFC 6761 6.3).
 *
 * The file is the one that BARESOCK_HOSTS names, else the port's. Each line has an address, a name and its aliases;
 * '#' begins a comment. It is read anew for each look-up, so that changes count at once and nothing is kept.
 */
#ifndef BARESOCK_HOSTS_H
#define BARESOCK_HOSTS_H

#include <stdbool.h>

#include "resolve_msg.h"

/**
 * Look for the addresses of a name. "localhost" and names under it are always 127.0.0.1 and ::1.
 *
 * @param answer gets the addresses of all lines that have the name, IPv4 and IPv6, and the first such line's first name
 * @return whether there were any
 */
bool hosts_find(const char *name, struct resolve_answer *answer);

/** Look for the name of an address, into RESOLVE_NAME_SIZE bytes: its line's first name. @return whether it has one */
bool hosts_find_name(const ip_addr_t *addr, char *name);

#endif /* BARESOCK_HOSTS_H */
