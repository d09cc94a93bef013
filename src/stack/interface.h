/**
 * Interfaces as the stack sees them: a lwIP netif on a link, and its way to an address.
 */
#ifndef BARESOCK_INTERFACE_H
#define BARESOCK_INTERFACE_H

#include "baresock/net.h"

#include "lwip/ip_addr.h"
#include "lwip/netif.h"

/** Whether packets can leave for an address now. */
enum route_state {
  ROUTE_READY,
  ROUTE_CONFIGURING, /* an interface that could carry them still asks for its address */
  ROUTE_NET_DOWN,    /* no interface is up */
  ROUTE_NONE         /* interfaces are up, but none leads there */
};

/** Whether packets to @p to can leave now. Brings up the default link when the program set up nothing. */
enum route_state interface_route(const ip_addr_t *to);

/** The DNS server with number @p index, and its port. @return false past the last */
bool interface_dns_server(unsigned index, ip_addr_t *addr, u16_t *port);

/** Bring up the default link when the program set up nothing; does nothing later. @return 0 or a negative errno */
int interface_autostart(void);

/** Take frames from all links, send what was held back. @return how many frames */
unsigned interfaces_pump(void);

/** Let each link name what a wait should wait for. */
void interfaces_prepare(struct bs_waitset *set, bs_time_t *deadline);

/** Follow DHCP's and SLAAC's progress; part of the pump. @return how many interfaces changed */
unsigned interfaces_follow(void);

#endif /* BARESOCK_INTERFACE_H */
