/**
 * Interfaces as the stack sees them: a lwIP netif on a link, and its way to an address.
 */
#ifndef BARESOCK_INTERFACE_H
#define BARESOCK_INTERFACE_H

#include "baresock/net.h"

#include "lwip/ip_addr.h"
#include "lwip/netif.h"

/** An interface: lwIP's side of a link. */
struct interface {
  struct netif netif;
  struct bs_link *link; /**< NULL: this place is free */
  char string[BS_LINK_STRING];

  /* Received: the buffer that the next frame goes into. */
  struct pbuf *spare;
  uint32_t starved; /**< frames dropped because the buffers were used up */

  /* To be sent: frames that the link could not take at once, a ring. */
  struct pbuf *held[BS_TX_QUEUE];
  unsigned held_first;
  unsigned held_count;
  uint32_t held_most;
  uint32_t overflow; /**< frames refused because the ring was full */
  bool refused;      /**< TCP was told to wait for the ring, and must be told when there is room */

  bool filter_stale;    /**< the link lets through other groups than lwIP has joined */
  uint32_t filter_full; /**< times that there were more than BS_FILTER_GROUPS */

  /* Addresses. */
  bool dhcp;
  bool autoconf;
#if LWIP_IPV6
  bool has_gateway6;
  ip6_addr_t gateway6;
#endif
  bs_time_t configured_by; /**< when waiting for an address is given up */
  enum bs_net_state ip4;
  enum bs_net_state ip6;
};

/* --- src/stack/interface.c: frames --- */

/** Put a netif on an open link, and bring it up without addresses. @return 0 or a negative errno */
int interface_attach(struct interface *iface, struct bs_link *link);

/** Take the netif away, and close the link. */
void interface_detach(struct interface *iface);

/** Take frames from the link, send what was held back. @return how many frames */
unsigned interface_pump(struct interface *iface);

/* --- src/stack/interface_filter.c: multicast --- */

/** Have the link told of the groups that lwIP joins. */
void interface_filter_init(struct interface *iface);

/** Tell it now. */
void interface_filter_update(struct interface *iface);

/* --- src/stack/net.c: which interfaces there are --- */

/** All interfaces: the one with number @p i, NULL past the last. */
struct interface *interface_get(unsigned i);

/** The interface with that index, the default one for 0; NULL when there is none. */
struct interface *interface_find(int index);

/** As interface_find(), but the default one comes up when there is none. @return 0 or a negative errno */
int interface_need(int index, struct interface **iface);

/** Its index, as public calls name it. */
int interface_index(const struct interface *iface);

/** The public boundary: @p result as it is, or -1 with errno where it is a negative one. */
int net_result(int result);

/** What the environment says by the variable @p name, or else the machine's configuration; NULL for nothing. */
const char *net_setting(const char *name);

/** Bring up the default link when the program set up nothing; does nothing later. @return 0 or a negative errno */
int interface_autostart(void);

/** Whether an interface is being taken down at this moment: why connections die. */
bool interface_is_going_down(void);

/** Take all interfaces down, and forget what the program configured. */
void interfaces_reset(void);

/** Take frames from all links, send what was held back. @return how many frames */
unsigned interfaces_pump(void);

/** Let each link name what a wait should wait for. */
void interfaces_prepare(struct bs_waitset *set, bs_time_t *deadline);

/* --- src/stack/net_address.c --- */

/** As bs_net_ip4() and bs_net_ip6(). @return 0 or a negative errno */
int interface_set_ip4(struct interface *iface, const char *spec);
int interface_set_ip6(struct interface *iface, const char *spec);

/** Give back the lease, take away the address. */
void interface_stop_ip4(struct interface *iface);

/* --- src/stack/net_names.c --- */

/** The DNS server with number @p index, and its port. @return false past the last */
bool interface_dns_server(unsigned index, ip_addr_t *addr, u16_t *port);

/** Whether bs_net_dns() named servers. */
bool dns_is_set(void);

/** Letters, digits, dots, and hyphens that are not at an end (RFC 1123 2.1). */
bool hostname_is_valid(const char *name);

/* --- src/stack/net_state.c: where they stand, and which way packets can go --- */

/** Whether packets can leave for an address now. */
enum route_state {
  ROUTE_READY,
  ROUTE_CONFIGURING, /**< an interface that could carry them still asks for its address */
  ROUTE_NET_DOWN,    /**< no interface is up */
  ROUTE_NONE         /**< interfaces are up, but none leads there */
};

/** Whether packets to @p to can leave now. */
enum route_state interface_route(const ip_addr_t *to);

/** Call @p changed at the end of a pump in which an interface came up, went down, got or lost an address. */
void interface_on_change(void (*changed)(void));

/** Do so now. */
void interface_tell_change(void);

/** An interface was changed by the program: the next pump has to follow. What lwIP itself changes is noticed. */
void interface_unsettle(void);

/** Follow DHCP's and SLAAC's progress; part of the pump. @return how many interfaces changed */
unsigned interfaces_follow(void);

/** When waiting for an address is given up next. */
bs_time_t interfaces_next_due(void);

#endif /* BARESOCK_INTERFACE_H */
