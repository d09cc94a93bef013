/**
 * Where interfaces stand on their way to an address, and so which way packets can go.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lwip/dhcp.h"
#include "lwip/prot/dhcp.h"

#include "stack/interface.h"
#include "stack/iptext.h"
#include "stack/stack.h"

static void (*on_change)(void);

/* Something may have changed since interfaces_follow() looked: it is the way of most pumps that nothing has. */
static bool unsettled = true;

static enum bs_net_state
ip4_state(const struct interface *iface)
{
  if (!ip4_addr_isany(netif_ip4_addr(&iface->netif))) {
    return BS_NET_READY;
  }
  if (!iface->dhcp) {
    return BS_NET_OFF;
  }
  return stack_now() < iface->configured_by ? BS_NET_CONFIGURING : BS_NET_FAILED;
}

#if LWIP_IPV6
static bool
has_address6(const struct interface *iface, s8_t first, bool tentative)
{
  s8_t i;

  for (i = first; i < LWIP_IPV6_NUM_ADDRESSES; i++) {
    u8_t state = netif_ip6_addr_state(&iface->netif, i);

    if (tentative ? ip6_addr_istentative(state) : ip6_addr_isvalid(state)) {
      return true;
    }
  }
  return false;
}

/* A link-local address alone does not count. */
static enum bs_net_state
ip6_state(const struct interface *iface)
{
  if (has_address6(iface, 1, false)) {
    return BS_NET_READY;
  }
  if (!iface->autoconf && !has_address6(iface, 1, true)) {
    return BS_NET_OFF;
  }
  if (stack_now() < iface->configured_by && (iface->netif.rs_count > 0 || has_address6(iface, 0, true))) {
    return BS_NET_CONFIGURING;
  }
  return BS_NET_FAILED;
}
#else
static enum bs_net_state
ip6_state(const struct interface *iface)
{
  LWIP_UNUSED_ARG(iface);
  return BS_NET_OFF;
}
#endif

static bool
leads_to_itself(const ip_addr_t *to)
{
  return ip_addr_isloopback(to) || ip_addr_isany(to);
}

static enum bs_net_state
state_towards(const struct interface *iface, const ip_addr_t *to)
{
#if LWIP_IPV6
  if (IP_IS_V6(to)) {
    if (ip6_addr_islinklocal(ip_2_ip6(to)) || ip6_addr_ismulticast_linklocal(ip_2_ip6(to))) {
      return has_address6(iface, 0, false)  ? BS_NET_READY
             : has_address6(iface, 0, true) ? BS_NET_CONFIGURING
                                            : BS_NET_OFF;
    }
    return ip6_state(iface);
  }
#else
  LWIP_UNUSED_ARG(to);
#endif
  return ip4_state(iface);
}

enum route_state
interface_route(const ip_addr_t *to)
{
  enum route_state state = ROUTE_NET_DOWN;
  const struct interface *iface;
  unsigned i;

  if (leads_to_itself(to)) {
    return ROUTE_READY;
  }
  for (i = 0; (iface = interface_get(i)) != NULL; i++) {
    switch (state_towards(iface, to)) {
    case BS_NET_READY:
      return ROUTE_READY;
    case BS_NET_CONFIGURING:
      state = ROUTE_CONFIGURING;
      break;
    default:
      state = state == ROUTE_CONFIGURING ? state : ROUTE_NONE;
      break;
    }
  }
  return state;
}

void
interface_on_change(void (*changed)(void))
{
  on_change = changed;
}

void
interface_tell_change(void)
{
  if (on_change != NULL) {
    on_change();
  }
}

static void
on_netif(struct netif *netif, netif_nsc_reason_t reason, const netif_ext_callback_args_t *args)
{
  LWIP_UNUSED_ARG(netif);
  LWIP_UNUSED_ARG(reason);
  LWIP_UNUSED_ARG(args);
  unsettled = true;
}

void
interface_unsettle(void)
{
  static netif_ext_callback_t callback;

  if (callback.callback_fn == NULL) {
    netif_add_ext_callback(&callback, on_netif);
  }
  unsettled = true;
}

/* Out of line, so that the way of most pumps is short. */
static unsigned __attribute__((noinline)) follow(void)
{
  struct interface *iface;
  unsigned changed = 0;
  unsigned i;

  unsettled = false;
  for (i = 0; (iface = interface_get(i)) != NULL; i++) {
    enum bs_net_state ip4 = ip4_state(iface);
    enum bs_net_state ip6 = ip6_state(iface);

    if (ip4 != iface->ip4 || ip6 != iface->ip6) {
      iface->ip4 = ip4;
      iface->ip6 = ip6;
      changed++;
    }
    unsettled |= ip4 == BS_NET_CONFIGURING || ip6 == BS_NET_CONFIGURING;
  }
  if (changed > 0) {
    interface_tell_change();
  }
  return changed;
}

unsigned
interfaces_follow(void)
{
  return unsettled ? follow() : 0;
}

bs_time_t
interfaces_next_due(void)
{
  const struct interface *iface;
  bs_time_t due = BS_TIME_NEVER;
  unsigned i;

  for (i = 0; (iface = interface_get(i)) != NULL; i++) {
    if (iface->ip4 == BS_NET_CONFIGURING || iface->ip6 == BS_NET_CONFIGURING) {
      due = LWIP_MIN(due, iface->configured_by);
    }
  }
  return due;
}

int
bs_net_wait(int index, int timeout_ms)
{
  bs_time_t deadline = stack_after_ms(timeout_ms < 0 ? BS_CONFIGURE_TIMEOUT_MS : (uint32_t)timeout_ms);
  int result = 0;

  while (result == 0) {
    struct interface *iface;

    result = interface_need(index, &iface);
    if (result < 0) {
      break;
    }
    switch (ip4_state(iface) == BS_NET_OFF ? ip6_state(iface) : ip4_state(iface)) {
    case BS_NET_CONFIGURING:
      result = stack_wait(NULL, deadline);
      break;
    case BS_NET_FAILED:
      result = -ETIMEDOUT;
      break;
    default:
      return 0;
    }
  }
  return net_result(result);
}

int
bs_net_status(int index, struct bs_net_status *status)
{
  struct interface *iface = interface_find(index);
  struct dhcp *dhcp;

  if (iface == NULL) {
    return net_result(-ENODEV);
  }
  memset(status, 0, sizeof(*status));
  snprintf(status->link, sizeof(status->link), "%s", iface->string);
  iface->link->ops->status(iface->link, &status->stats);
  status->stats.rx_dropped += iface->starved;
  status->stats.tx_dropped += iface->overflow;
  status->ip4 = ip4_state(iface);
  status->ip6 = ip6_state(iface);
  status->dhcp = iface->dhcp;
  status->autoconf = iface->autoconf;
  if (status->ip4 == BS_NET_READY) {
    ip4addr_ntoa_r(netif_ip4_addr(&iface->netif), status->addr4, BS_ADDR_TEXT);
    ip4addr_ntoa_r(netif_ip4_netmask(&iface->netif), status->mask4, BS_ADDR_TEXT);
    if (!ip4_addr_isany(netif_ip4_gw(&iface->netif))) {
      ip4addr_ntoa_r(netif_ip4_gw(&iface->netif), status->gateway4, BS_ADDR_TEXT);
    }
  }
  dhcp = netif_dhcp_data(&iface->netif);
  if (iface->dhcp && dhcp != NULL && dhcp->state == DHCP_STATE_BOUND) {
    status->lease_s = dhcp->offered_t0_lease;
  }
#if LWIP_IPV6
  {
    unsigned n = 0;
    s8_t i;

    for (i = 0; i < LWIP_IPV6_NUM_ADDRESSES && n < BS_NET_ADDRS; i++) {
      if (ip6_addr_isvalid(netif_ip6_addr_state(&iface->netif, i))) {
        (void)iptext_write6((const uint8_t *)netif_ip6_addr(&iface->netif, i)->addr, status->addr6[n++]);
      }
    }
    if (iface->has_gateway6) {
      (void)iptext_write6((const uint8_t *)iface->gateway6.addr, status->gateway6);
    }
  }
#endif
  return 0;
}
