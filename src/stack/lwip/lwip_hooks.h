/**
 * Where lwIP calls baresock.
 */
#ifndef BARESOCK_LWIP_HOOKS_H
#define BARESOCK_LWIP_HOOKS_H

#include "lwip/ip_addr.h"

struct netif;
struct pbuf;

/* Initial sequence numbers that an outsider can't guess; see src/stack/isn.h. */
u32_t lwip_hook_tcp_isn(const ip_addr_t *local_ip, u16_t local_port, const ip_addr_t *remote_ip, u16_t remote_port);
#define LWIP_HOOK_TCP_ISN lwip_hook_tcp_isn

/* Look at ICMP messages that lwIP drops; see src/stack/icmp_error.h. */
int icmp_error_look4(struct pbuf *p, struct netif *netif);
#define LWIP_HOOK_IP4_INPUT icmp_error_look4

#if LWIP_IPV6
int icmp_error_look6(struct pbuf *p, struct netif *netif);
#define LWIP_HOOK_IP6_INPUT icmp_error_look6

/* The gateway that bs_net_ip6() was given; lwIP itself knows only routers that advertise themselves. */
const ip6_addr_t *interface_gateway6(struct netif *netif, const ip6_addr_t *dest);
#define LWIP_HOOK_ND6_GET_GW interface_gateway6
#endif

#endif /* BARESOCK_LWIP_HOOKS_H */
