/**
 * Groups, and how datagrams to them leave.
 *
 * lwIP counts members of a group per interface. Here stands who they are, so that a socket can leave only what it
 * joined, and leaves it when it is closed.
 */
#include "socket/multicast.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <string.h>

#include "lwip/igmp.h"
#include "lwip/mld6.h"
#include "lwip/netif.h"
#include "lwip/udp.h"

#include "stack/interface.h"
#include "stack/stack.h"

struct membership {
  const struct sock *s; /* NULL: free */
  ip_addr_t group;
  u8_t netif;
};

static struct membership memberships[BS_MEMBERSHIPS];

/* --- which interface --- */

static struct netif *
default_netif(void)
{
  return netif_default != NULL ? netif_default : netif_get_by_index(NETIF_NO_INDEX + 1);
}

static struct netif *
netif_of_ip4(u32_t addr)
{
  struct netif *netif;

  if (addr == INADDR_ANY) {
    return default_netif();
  }
  NETIF_FOREACH (netif) {
    if (ip4_addr_get_u32(netif_ip4_addr(netif)) == addr) {
      return netif;
    }
  }
  return NULL;
}

static struct netif *
netif_of_index(unsigned index)
{
  if (index == 0) {
    return default_netif();
  }
  return index <= UCHAR_MAX ? netif_get_by_index((u8_t)index) : NULL;
}

/* --- joining and leaving --- */

static struct membership *
find(const struct sock *s, const ip_addr_t *group, u8_t netif)
{
  size_t i;

  for (i = 0; i < BS_MEMBERSHIPS; i++) {
    if (memberships[i].s == s &&
        (s == NULL || (ip_addr_eq(&memberships[i].group, group) && memberships[i].netif == netif))) {
      return &memberships[i];
    }
  }
  return NULL;
}

static err_t
tell_lwip(struct netif *netif, const ip_addr_t *group, bool join)
{
  timers_kick();
#if LWIP_IPV6
  if (IP_IS_V6(group)) {
    return join ? mld6_joingroup_netif(netif, ip_2_ip6(group)) : mld6_leavegroup_netif(netif, ip_2_ip6(group));
  }
#endif
  return join ? igmp_joingroup_netif(netif, ip_2_ip4(group)) : igmp_leavegroup_netif(netif, ip_2_ip4(group));
}

static int
join(const struct sock *s, const ip_addr_t *group, struct netif *netif)
{
  struct membership *m = find(NULL, NULL, 0);

  if (m == NULL) {
    sock_counters.no_membership++;
    return -ENOBUFS;
  }
  switch (tell_lwip(netif, group, true)) {
  case ERR_OK:
    *m = (struct membership){ s, *group, netif_get_index(netif) };
    return 0;
  case ERR_MEM:
    return -ENOBUFS;
  default:
    return -ENODEV;
  }
}

static void
leave(struct membership *m)
{
  struct netif *netif = netif_get_by_index(m->netif);

  if (netif != NULL) {
    (void)tell_lwip(netif, &m->group, false);
  }
  m->s = NULL;
}

static int
change(const struct sock *s, const ip_addr_t *group, struct netif *netif, bool joining)
{
  struct membership *m;

  if (!ip_addr_ismulticast(group)) {
    return -EINVAL;
  }
  if (netif == NULL) {
    return -ENODEV;
  }
  m = find(s, group, netif_get_index(netif));
  if (joining) {
    return m != NULL ? -EADDRINUSE : join(s, group, netif);
  }
  if (m == NULL) {
    return -EADDRNOTAVAIL;
  }
  leave(m);
  return 0;
}

void
multicast_close(struct sock *s)
{
  size_t i;

  for (i = 0; i < BS_MEMBERSHIPS; i++) {
    if (memberships[i].s == s) {
      leave(&memberships[i]);
    }
  }
}

/* struct ip_mreq, or the longer ip_mreqn that names an interface by its index. */
static int
read_request4(struct ip_mreqn *request, const void *value, socklen_t len)
{
  if (len < sizeof(struct ip_mreq)) {
    return -EINVAL;
  }
  memset(request, 0, sizeof(*request));
  memcpy(request, value, LWIP_MIN(len, sizeof(*request)));
  return 0;
}

static struct netif *
netif_of_request4(const struct ip_mreqn *request)
{
  return request->imr_ifindex != 0 ? netif_of_index((unsigned)request->imr_ifindex)
                                   : netif_of_ip4(request->imr_address.s_addr);
}

static int
change4(const struct sock *s, const void *value, socklen_t len, bool joining)
{
  struct ip_mreqn request;
  ip_addr_t group;
  int result = interface_autostart();

  if (result >= 0) {
    result = read_request4(&request, value, len);
  }
  if (result < 0) {
    return result;
  }
  ip_addr_set_ip4_u32(&group, request.imr_multiaddr.s_addr);
  return change(s, &group, netif_of_request4(&request), joining);
}

#if LWIP_IPV6
static int
change6(const struct sock *s, const void *value, socklen_t len, bool joining)
{
  struct ipv6_mreq request;
  struct netif *netif;
  ip_addr_t group;
  int result = interface_autostart();

  if (result < 0) {
    return result;
  }
  if (s->family != AF_INET6) {
    return -ENOPROTOOPT;
  }
  if (len < sizeof(request)) {
    return -EINVAL;
  }
  memcpy(&request, value, sizeof(request));
  netif = netif_of_index(request.ipv6mr_interface);
  ip_addr_set_zero_ip6(&group);
  memcpy(ip_2_ip6(&group)->addr, &request.ipv6mr_multiaddr, sizeof(request.ipv6mr_multiaddr));
  if (netif != NULL) {
    ip6_addr_assign_zone(ip_2_ip6(&group), IP6_MULTICAST, netif);
  }
  return change(s, &group, netif, joining);
}
#endif

/* --- how datagrams to a group leave --- */

void
multicast_init(struct sock *s)
{
  udp_set_multicast_ttl(s->pcb.udp, 1);
  udp_set_flags(s->pcb.udp, UDP_FLAGS_MULTICAST_LOOP);
}

int
multicast_get_hops(struct sock *s, unsigned unused)
{
  LWIP_UNUSED_ARG(unused);
  return udp_get_multicast_ttl(s->pcb.udp);
}

int
multicast_set_hops(struct sock *s, unsigned unused, int value)
{
  LWIP_UNUSED_ARG(unused);
  /* -1 stands for the default. */
  if (value == -1) {
    value = 1;
  }
  if (value < 0 || value > UCHAR_MAX) {
    return -EINVAL;
  }
  udp_set_multicast_ttl(s->pcb.udp, (u8_t)value);
  return 0;
}

int
multicast_get_loop(struct sock *s, unsigned unused)
{
  LWIP_UNUSED_ARG(unused);
  return udp_is_flag_set(s->pcb.udp, UDP_FLAGS_MULTICAST_LOOP) != 0;
}

int
multicast_set_loop(struct sock *s, unsigned unused, int on)
{
  LWIP_UNUSED_ARG(unused);
  if (on) {
    udp_set_flags(s->pcb.udp, UDP_FLAGS_MULTICAST_LOOP);
  } else {
    udp_clear_flags(s->pcb.udp, UDP_FLAGS_MULTICAST_LOOP);
  }
  return 0;
}

int
multicast_get_index(struct sock *s, unsigned unused)
{
  LWIP_UNUSED_ARG(unused);
  return udp_get_multicast_netif_index(s->pcb.udp);
}

static int
set_interface(struct sock *s, const struct netif *netif)
{
  if (netif == NULL) {
    return -EADDRNOTAVAIL;
  }
  udp_set_multicast_netif_index(s->pcb.udp, netif_get_index(netif));
  return 0;
}

static int
forget_interface(struct sock *s)
{
  udp_set_multicast_netif_index(s->pcb.udp, NETIF_NO_INDEX);
  return 0;
}

int
multicast_set_index(struct sock *s, unsigned unused, int index)
{
  LWIP_UNUSED_ARG(unused);
  if (index <= 0) {
    return index < 0 ? -ENODEV : forget_interface(s);
  }
  return set_interface(s, netif_of_index((unsigned)index));
}

/* An address, or a struct that names the interface as change4() takes it. */
static int
set_interface4(struct sock *s, const void *value, socklen_t len)
{
  struct ip_mreqn request = { .imr_ifindex = 0 };

  if (read_request4(&request, value, len) < 0) {
    if (len < sizeof(request.imr_address)) {
      return -EINVAL;
    }
    memcpy(&request.imr_address, value, sizeof(request.imr_address));
  }
  if (request.imr_ifindex == 0 && request.imr_address.s_addr == INADDR_ANY) {
    return forget_interface(s);
  }
  return set_interface(s, netif_of_request4(&request));
}

static int
get_interface4(const struct sock *s, void *value, socklen_t *len)
{
  const struct netif *netif = netif_get_by_index(udp_get_multicast_netif_index(s->pcb.udp));
  struct in_addr addr = { netif != NULL ? ip4_addr_get_u32(netif_ip4_addr(netif)) : INADDR_ANY };

  *len = LWIP_MIN(*len, sizeof(addr));
  memcpy(value, &addr, *len);
  return 0;
}

/* --- options that are no integers --- */

int
multicast_set(struct sock *s, int level, int name, const void *value, socklen_t len)
{
  if (s->ops != &datagram_ops) {
    return -ENOPROTOOPT;
  }
  if (level == IPPROTO_IP) {
    switch (name) {
    case IP_ADD_MEMBERSHIP:
    case IP_DROP_MEMBERSHIP:
      return change4(s, value, len, name == IP_ADD_MEMBERSHIP);
    case IP_MULTICAST_IF:
      return set_interface4(s, value, len);
    default:
      break;
    }
  }
#if LWIP_IPV6
  if (level == IPPROTO_IPV6 && (name == IPV6_JOIN_GROUP || name == IPV6_LEAVE_GROUP)) {
    return change6(s, value, len, name == IPV6_JOIN_GROUP);
  }
#endif
  return -ENOPROTOOPT;
}

int
multicast_get(const struct sock *s, int level, int name, void *value, socklen_t *len)
{
  if (s->ops != &datagram_ops || level != IPPROTO_IP || name != IP_MULTICAST_IF) {
    return -ENOPROTOOPT;
  }
  return get_interface4(s, value, len);
}
