/**
 * Local addresses: what may be bound, how lwIP spells it, and where there is a way to from here.
 */
#include "socket/local.h"

#include <errno.h>

#include "lwip/netif.h"

#include "stack/interface.h"

u8_t
local_type(const struct sock *s)
{
  if (s->family == AF_INET) {
    return IPADDR_TYPE_V4;
  }
  return (s->options.flags & SOCK_O_V6ONLY) ? IPADDR_TYPE_V6 : IPADDR_TYPE_ANY;
}

static bool
is_ours(const struct netif *netif, const ip_addr_t *ip)
{
#if LWIP_IPV6
  if (IP_IS_V6(ip)) {
    s8_t i;

    for (i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++) {
      if (ip6_addr_isvalid(netif_ip6_addr_state(netif, i)) &&
          ip6_addr_zoneless_eq(ip_2_ip6(ip), netif_ip6_addr(netif, i))) {
        return true;
      }
    }
    return false;
  }
#endif
  return ip4_addr_eq(ip_2_ip4(ip), netif_ip4_addr(netif));
}

/* Whether an address can be bound: 0 or a negative errno. */
static int
check(const ip_addr_t *ip)
{
  const struct netif *netif;
  int result;

  if (ip_addr_isloopback(ip)) {
    return 0;
  }
  /* Also for the wildcard: who serves on it wants to be reached. */
  result = interface_autostart();
  if (result < 0 || ip_addr_isany(ip) || ip_addr_ismulticast(ip)) {
    return result;
  }
  if (IP_IS_V4(ip) && ip4_addr_eq(ip_2_ip4(ip), IP4_ADDR_BROADCAST)) {
    return 0;
  }
  NETIF_FOREACH (netif) {
    if (is_ours(netif, ip)) {
      return 0;
    }
  }
  return -EADDRNOTAVAIL;
}

int
local_bind(struct sock *s, const struct name *to)
{
  /* The wildcard of a dual-stack socket is lwIP's "any type". */
  bool any = ip_addr_isany(&to->ip);
  const ip_addr_t *ip = any && local_type(s) == IPADDR_TYPE_ANY ? IP_ANY_TYPE : &to->ip;
  u16_t port = to->port;
  err_t err;
  int result;

  if (s->state != SOCK_NEW || s->local.port != 0) {
    return -EINVAL;
  }
  result = check(&to->ip);
  if (result < 0) {
    return result;
  }
  err = s->ops->bind(s, ip, &port);
  if (err != ERR_OK) {
    /* lwIP says ERR_BUF when all ports are taken. */
    return err == ERR_BUF ? -EADDRINUSE : -errno_from_lwip(err);
  }
  s->flags |= any ? 0 : SOCK_F_BOUND_IP;
  s->flags |= to->port == 0 ? 0 : SOCK_F_BOUND_PORT;
  s->local = (struct name){ to->ip, port };
  return 0;
}

int
local_route(struct sock *s, const ip_addr_t *to)
{
  switch (interface_route(to)) {
  case ROUTE_READY:
    return 0;
  case ROUTE_CONFIGURING:
    s->flags |= SOCK_F_WAIT_ROUTE;
    return -EAGAIN;
  case ROUTE_NET_DOWN:
    return -ENETDOWN;
  default:
    return -ENETUNREACH;
  }
}
