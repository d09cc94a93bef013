/**
 * Local addresses: what may be bound, and how lwIP spells it.
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
  return (s->flags & SOCK_F_V6ONLY) ? IPADDR_TYPE_V6 : IPADDR_TYPE_ANY;
}

const ip_addr_t *
local_wildcard(const struct sock *s, const ip_addr_t *ip)
{
  return ip_addr_isany(ip) && local_type(s) == IPADDR_TYPE_ANY ? IP_ANY_TYPE : ip;
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

int
local_check(const ip_addr_t *ip)
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
