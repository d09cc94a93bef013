#include "gai_list.h"

#include <string.h>

#include "lwip/netif.h"

#include "stack/resolve.h"

/* Kinds of addresses that reach each other; of RFC 6724's scopes and labels what matters here. */
enum reach { REACH_IP4, REACH_GLOBAL, REACH_UNIQUE_LOCAL, REACH_SITE, REACH_LINK, REACH_HOST };

/* The reach of an IPv6 address. */
static enum reach
reach_of_ip6(const uint8_t *octet)
{
  static const uint8_t loopback[16] = { [15] = 1 };
  static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

  if (memcmp(octet, loopback, 16) == 0) {
    return REACH_HOST;
  }
  if (memcmp(octet, mapped, 12) == 0) {
    return octet[12] == 127 ? REACH_HOST : REACH_IP4;
  }
  if ((octet[0] & 0xfe) == 0xfc) {
    return REACH_UNIQUE_LOCAL;
  }
  if (octet[0] == 0xfe && octet[1] >= 0xc0) {
    return REACH_SITE;
  }
  if (octet[0] == 0xfe && octet[1] >= 0x80) {
    return REACH_LINK;
  }
  return REACH_GLOBAL;
}

static enum reach
reach_of(const struct gai_addr *a)
{
  if (a->family == AF_INET) {
    return a->octet[0] == 127 ? REACH_HOST : REACH_IP4;
  }
  return reach_of_ip6(a->octet);
}

static bool
netif_has_ip4(const struct netif *netif)
{
  return !ip4_addr_isany(netif_ip4_addr(netif)) && !ip4_addr_isloopback(netif_ip4_addr(netif));
}

/* Whether an interface that is up has an address of that reach. */
static bool
machine_has(enum reach reach)
{
  const struct netif *netif;

  NETIF_FOREACH (netif) {
    if (!netif_is_up(netif)) {
      continue;
    }
    if (reach == REACH_IP4 && netif_has_ip4(netif)) {
      return true;
    }
#if BS_IPV6
    for (s8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++) {
      if (ip6_addr_isvalid(netif_ip6_addr_state(netif, i)) &&
          reach_of_ip6((const uint8_t *)netif_ip6_addr(netif, i)->addr) == reach) {
        return true;
      }
    }
#endif
  }
  return false;
}

bool
gai_family_configured(int family, bool soon)
{
  if (family == AF_INET) {
    return machine_has(REACH_IP4) || (soon && resolve_is_configuring(IPADDR_TYPE_V4));
  }
#if BS_IPV6
  return machine_has(REACH_GLOBAL) || machine_has(REACH_UNIQUE_LOCAL) || machine_has(REACH_SITE) ||
         (soon && resolve_is_configuring(IPADDR_TYPE_V6));
#else
  return false;
#endif
}

/* Smaller is better. */
static unsigned
rank(const struct gai_addr *a)
{
  enum reach reach = reach_of(a);
  bool matches = reach == REACH_HOST || machine_has(reach);

  if (a->family == AF_INET6 && reach != REACH_IP4) {
    return matches ? 0 : gai_family_configured(AF_INET6, false) ? 2 : 4;
  }
  return matches ? 1 : 3;
}

void
gai_found_sort(struct gai_found *found)
{
  unsigned ranks[2 * BS_RESOLVE_ADDRS];

  for (unsigned i = 0; i < found->count; i++) {
    ranks[i] = rank(&found->addr[i]);
  }
  /* By insertion: the list is short, and equals keep their order. */
  for (unsigned i = 1; i < found->count; i++) {
    struct gai_addr a = found->addr[i];
    unsigned r = ranks[i];
    unsigned to = i;

    for (; to > 0 && ranks[to - 1] > r; to--) {
      found->addr[to] = found->addr[to - 1];
      ranks[to] = ranks[to - 1];
    }
    found->addr[to] = a;
    ranks[to] = r;
  }
}
