/**
 * Addresses as users write them: "10.0.0.2/24,10.0.0.1", "9.9.9.9:53,[2620:fe::fe]:53".
 */
#ifndef BARESOCK_ADDRSPEC_H
#define BARESOCK_ADDRSPEC_H

#include <stdbool.h>

#include "lwip/ip_addr.h"

/** "ADDR/LEN[,GATEWAY]". */
struct addr_spec {
  ip_addr_t addr;
  unsigned prefix_len;
  bool has_gateway;
  ip_addr_t gateway;
};

/**
 * Read "ADDR/LEN[,GATEWAY]".
 *
 * @param type IPADDR_TYPE_V4 or IPADDR_TYPE_V6: what the addresses must be
 * @return 0, or -EINVAL
 */
int addr_spec_parse(const char *text, u8_t type, struct addr_spec *spec);

/**
 * Read the first of "SERVER[:PORT],...".
 *
 * @param text moved on to the next one, or to the end
 * @return 0, or -EINVAL
 */
int server_spec_parse(const char **text, ip_addr_t *addr, u16_t *port, u16_t default_port);

#endif /* BARESOCK_ADDRSPEC_H */
