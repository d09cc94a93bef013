/**
 * Well-known services: a small table, so that no file is needed.
 */
#ifndef BARESOCK_SERVICES_H
#define BARESOCK_SERVICES_H

#include <stdint.h>

/** Protocols that a service is used with. */
#define SERVICE_TCP 0x01
#define SERVICE_UDP 0x02

/** Port of a service, by its name or an alias, over that protocol; 0 when it is not known. */
uint16_t services_port(const char *name, unsigned protocol);

/** Name of the service on a port over that protocol; NULL when none is known. */
const char *services_name(uint16_t port, unsigned protocol);

#endif /* BARESOCK_SERVICES_H */
