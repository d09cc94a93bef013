/**
 * The addresses of an interface: DHCP, SLAAC, or as the program says.
 */
#include <errno.h>
#include <string.h>

#include "lwip/dhcp.h"
#include "lwip/nd6.h"

#include "lwip_hooks.h"
#include "stack/addrspec.h"
#include "stack/interface.h"
#include "stack/stack.h"

void
interface_stop_ip4(struct interface *iface)
{
  if (iface->dhcp) {
    dhcp_release_and_stop(&iface->netif);
    iface->dhcp = false;
  }
  netif_set_addr(&iface->netif, IP4_ADDR_ANY4, IP4_ADDR_ANY4, IP4_ADDR_ANY4);
}

static int
start_dhcp(struct interface *iface)
{
  if (iface->dhcp) {
    return 0;
  }
  interface_stop_ip4(iface);
  if (dhcp_start(&iface->netif) != ERR_OK) {
    return -ENOMEM;
  }
  iface->dhcp = true;
  iface->configured_by = stack_after_ms(BS_CONFIGURE_TIMEOUT_MS);
  return 0;
}

int
interface_set_ip4(struct interface *iface, const char *spec)
{
  struct addr_spec addr;
  ip4_addr_t mask, gateway;

  timers_kick();
  interface_unsettle();
  if (strcmp(spec, "dhcp") == 0) {
    return start_dhcp(iface);
  }
  if (strcmp(spec, "off") == 0) {
    interface_stop_ip4(iface);
    return 0;
  }
  if (addr_spec_parse(spec, IPADDR_TYPE_V4, &addr) < 0) {
    return -EINVAL;
  }
  interface_stop_ip4(iface);
  ip4_addr_set_u32(&mask, lwip_htonl(0xffffffffu << (32 - addr.prefix_len)));
  ip4_addr_set_zero(&gateway);
  if (addr.has_gateway) {
    ip4_addr_copy(gateway, *ip_2_ip4(&addr.gateway));
  }
  netif_set_addr(&iface->netif, ip_2_ip4(&addr.addr), &mask, &gateway);
  return 0;
}

#if LWIP_IPV6
const ip6_addr_t *
interface_gateway6(struct netif *netif, const ip6_addr_t *dest)
{
  const struct interface *iface;
  unsigned i;

  LWIP_UNUSED_ARG(dest);
  for (i = 0; (iface = interface_get(i)) != NULL; i++) {
    if (&iface->netif == netif && iface->has_gateway6) {
      return &iface->gateway6;
    }
  }
  return NULL;
}

/* All but the link-local address, which stands first. */
static void
remove_global6(struct interface *iface)
{
  s8_t i;

  for (i = 1; i < LWIP_IPV6_NUM_ADDRESSES; i++) {
    netif_ip6_addr_set_state(&iface->netif, i, IP6_ADDR_INVALID);
  }
  iface->has_gateway6 = false;
}

int
interface_set_ip6(struct interface *iface, const char *spec)
{
  struct netif *netif = &iface->netif;
  struct addr_spec addr;
  s8_t i = -1;

  timers_kick();
  interface_unsettle();
  iface->configured_by = stack_after_ms(BS_CONFIGURE_TIMEOUT_MS);
  if (strcmp(spec, "off") == 0) {
    iface->autoconf = false;
    netif_set_ip6_autoconfig_enabled(netif, 0);
    remove_global6(iface);
    netif_ip6_addr_set_state(netif, 0, IP6_ADDR_INVALID);
    return 0;
  }
  if (strcmp(spec, "auto") == 0) {
    remove_global6(iface);
    iface->autoconf = true;
    netif_create_ip6_linklocal_address(netif, 1);
    netif_set_ip6_autoconfig_enabled(netif, 1);
    nd6_restart_netif(netif);
    return 0;
  }
  if (addr_spec_parse(spec, IPADDR_TYPE_V6, &addr) < 0) {
    return -EINVAL;
  }
  remove_global6(iface);
  iface->autoconf = false;
  netif_set_ip6_autoconfig_enabled(netif, 0);
  netif_create_ip6_linklocal_address(netif, 1);
  if (netif_add_ip6_address(netif, ip_2_ip6(&addr.addr), &i) != ERR_OK) {
    return -ENOMEM;
  }
  if (i > 0) {
    netif_ip6_addr_set_state(netif, i, IP6_ADDR_TENTATIVE);
  }
  if (addr.has_gateway) {
    ip6_addr_copy(iface->gateway6, *ip_2_ip6(&addr.gateway));
    ip6_addr_assign_zone(&iface->gateway6, IP6_UNICAST, netif);
    iface->has_gateway6 = true;
  }
  return 0;
}
#endif /* LWIP_IPV6 */

int
bs_net_ip4(int index, const char *spec)
{
  struct interface *iface;
  int result = interface_need(index, &iface);

  return net_result(result < 0 ? result : interface_set_ip4(iface, spec));
}

int
bs_net_ip6(int index, const char *spec)
{
#if LWIP_IPV6
  struct interface *iface;
  int result = interface_need(index, &iface);

  return net_result(result < 0 ? result : interface_set_ip6(iface, spec));
#else
  LWIP_UNUSED_ARG(index);
  LWIP_UNUSED_ARG(spec);
  return net_result(-ENOTSUP);
#endif
}
