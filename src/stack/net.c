/**
 * Interfaces by number, their addresses, and the way to them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/mld6.h"
#include "lwip/nd6.h"
#include "lwip/prot/dhcp.h"
#include "lwip/sys.h"

#include "lwip_hooks.h"
#include "port.h"
#include "stack/addrspec.h"
#include "stack/interface.h"
#include "stack/resolve.h"
#include "stack/stack.h"

#define DNS_PORT 53

static struct interface interfaces[BS_MAX_INTERFACES];
static char hostname[BS_HOSTNAME_MAX];
static struct {
  ip_addr_t addr;
  u16_t port;
} dns_servers[BS_DNS_SERVERS];
static unsigned dns_count;

/* The program said something about interfaces: the default link does not come up by itself. */
static bool configured;
static bool going_down;
static void (*on_change)(void);

static int
result_errno(int result)
{
  if (result < 0) {
    errno = -result;
    return -1;
  }
  return result;
}

/* --- finding one --- */

static int
index_of(const struct interface *iface)
{
  return netif_get_index(&iface->netif);
}

static struct interface *
find(int index)
{
  unsigned i;

  for (i = 0; i < BS_MAX_INTERFACES; i++) {
    if (interfaces[i].link != NULL && (index == 0 || index_of(&interfaces[i]) == index)) {
      return &interfaces[i];
    }
  }
  return NULL;
}

const struct interface *
interface_get(unsigned i)
{
  unsigned n;

  for (n = 0; n < BS_MAX_INTERFACES; n++) {
    if (interfaces[n].link != NULL && i-- == 0) {
      return &interfaces[n];
    }
  }
  return NULL;
}

int
bs_net_default(void)
{
  const struct interface *iface = find(0);

  return iface != NULL ? index_of(iface) : 0;
}

/* The interface a call is about; the default one comes up when there is none. */
static int
need(int index, struct interface **iface)
{
  *iface = find(index);
  if (*iface == NULL && index == 0) {
    int result = bs_net_up(NULL, NULL);

    if (result < 0) {
      return -errno;
    }
    *iface = find(result);
  }
  return *iface != NULL ? 0 : -ENODEV;
}

/* --- addresses --- */

static void
stop_ip4(struct interface *iface)
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
  stop_ip4(iface);
  if (dhcp_start(&iface->netif) != ERR_OK) {
    return -ENOMEM;
  }
  iface->dhcp = true;
  iface->configured_by = stack_after_ms(BS_CONFIGURE_TIMEOUT_MS);
  return 0;
}

static int
set_ip4(struct interface *iface, const char *spec)
{
  struct addr_spec addr;
  ip4_addr_t mask, gateway;

  timers_kick();
  if (strcmp(spec, "dhcp") == 0) {
    return start_dhcp(iface);
  }
  if (strcmp(spec, "off") == 0) {
    stop_ip4(iface);
    return 0;
  }
  if (addr_spec_parse(spec, IPADDR_TYPE_V4, &addr) < 0) {
    return -EINVAL;
  }
  stop_ip4(iface);
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
  unsigned i;

  LWIP_UNUSED_ARG(dest);
  for (i = 0; i < BS_MAX_INTERFACES; i++) {
    if (&interfaces[i].netif == netif && interfaces[i].link != NULL && interfaces[i].has_gateway6) {
      return &interfaces[i].gateway6;
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

static int
set_ip6(struct interface *iface, const char *spec)
{
  struct netif *netif = &iface->netif;
  struct addr_spec addr;
  s8_t i = -1;

  timers_kick();
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
  int result = need(index, &iface);

  return result_errno(result < 0 ? result : set_ip4(iface, spec));
}

int
bs_net_ip6(int index, const char *spec)
{
#if LWIP_IPV6
  struct interface *iface;
  int result = need(index, &iface);

  return result_errno(result < 0 ? result : set_ip6(iface, spec));
#else
  LWIP_UNUSED_ARG(index);
  LWIP_UNUSED_ARG(spec);
  return result_errno(-ENOTSUP);
#endif
}

/* --- names --- */

int
bs_net_dns(const char *spec)
{
  struct {
    ip_addr_t addr;
    u16_t port;
  } read[BS_DNS_SERVERS];
  unsigned count = 0;
  const char *text = spec;

  while (*text != '\0') {
    if (count == BS_DNS_SERVERS) {
      return result_errno(-E2BIG);
    }
    if (server_spec_parse(&text, &read[count].addr, &read[count].port, DNS_PORT) < 0) {
      return result_errno(-EINVAL);
    }
    count++;
  }
  for (dns_count = 0; dns_count < count; dns_count++) {
    ip_addr_copy(dns_servers[dns_count].addr, read[dns_count].addr);
    dns_servers[dns_count].port = read[dns_count].port;
  }
  resolve_cache_flush();
  return 0;
}

bool
interface_dns_server(unsigned index, ip_addr_t *addr, u16_t *port)
{
  unsigned i;

  if (dns_count > 0) {
    if (index >= dns_count) {
      return false;
    }
    ip_addr_copy(*addr, dns_servers[index].addr);
    *port = dns_servers[index].port;
    return true;
  }
  /* Those that DHCP and router advertisements named, which may leave gaps. */
  for (i = 0; i < DNS_MAX_SERVERS; i++) {
    const ip_addr_t *server = dns_getserver((u8_t)i);

    if (!ip_addr_isany(server) && index-- == 0) {
      ip_addr_copy(*addr, *server);
      *port = DNS_PORT;
      return true;
    }
  }
  return false;
}

int
bs_net_dns_server(unsigned index, char *text)
{
  char addr[BS_ADDR_TEXT - 8];
  ip_addr_t server;
  u16_t port;

  if (stack_init() < 0 || !interface_dns_server(index, &server, &port)) {
    return result_errno(-ENOENT);
  }
  ipaddr_ntoa_r(&server, addr, sizeof(addr));
  if (port == DNS_PORT) {
    snprintf(text, BS_ADDR_TEXT, "%s", addr);
  } else {
    snprintf(text, BS_ADDR_TEXT, IP_IS_V6_VAL(server) ? "[%s]:%u" : "%s:%u", addr, (unsigned)port);
  }
  return 0;
}

/* Letters, digits, dots, and hyphens that are not at an end (RFC 1123 2.1). */
static bool
is_hostname(const char *name)
{
  size_t len = strlen(name);

  return len > 0 && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") == len &&
         name[0] != '-' && name[0] != '.' && name[len - 1] != '-';
}

int
bs_net_hostname(const char *name)
{
  if (strlen(name) >= sizeof(hostname)) {
    return result_errno(-ENAMETOOLONG);
  }
  if (!is_hostname(name)) {
    return result_errno(-EINVAL);
  }
  strcpy(hostname, name);
  return 0;
}

const char *
bs_net_get_hostname(void)
{
  const char *name = getenv("BARESOCK_HOSTNAME");

  if (hostname[0] == '\0' && (name == NULL || bs_net_hostname(name) < 0)) {
    strcpy(hostname, "baresock");
  }
  return hostname;
}

/* --- up and down --- */

/* What the environment says, or @p otherwise; an empty variable counts as none. */
static const char *
setting(const char *name, const char *otherwise)
{
  const char *value = getenv(name);

  return value != NULL && value[0] != '\0' ? value : otherwise;
}

static int
configure(struct interface *iface, char *why)
{
  struct bs_link_status status;
  const char *none = "off";
  const char *spec;

  memset(&status, 0, sizeof(status));
  iface->link->ops->status(iface->link, &status);
  spec = setting("BARESOCK_IP4", status.frames ? "dhcp" : none);
  if (set_ip4(iface, spec) < 0) {
    snprintf(why, BS_LINK_WHY, "BARESOCK_IP4=%.60s must be dhcp, off, or like 10.0.0.2/24,10.0.0.1", spec);
    return -EINVAL;
  }
#if LWIP_IPV6
  spec = setting("BARESOCK_IP6", status.frames ? "auto" : none);
  if (set_ip6(iface, spec) < 0) {
    snprintf(why, BS_LINK_WHY, "BARESOCK_IP6=%.60s must be auto, off, or like fd00::2/64,fd00::1", spec);
    return -EINVAL;
  }
#endif
  spec = setting("BARESOCK_DNS", NULL);
  if (spec != NULL && dns_count == 0 && bs_net_dns(spec) < 0) {
    snprintf(why, BS_LINK_WHY, "BARESOCK_DNS=%.60s must be up to %d servers like 9.9.9.9,10.0.0.1:5353", spec,
             BS_DNS_SERVERS);
    return -EINVAL;
  }
  spec = setting("BARESOCK_HOSTNAME", NULL);
  if (spec != NULL && !is_hostname(spec)) {
    snprintf(why, BS_LINK_WHY, "BARESOCK_HOSTNAME=%.60s must be letters, digits, dots and hyphens", spec);
    return -EINVAL;
  }
  return 0;
}

static int
bring_up(const char *string, char *why)
{
  struct interface *iface = NULL;
  struct bs_link *link;
  unsigned i;
  int result = stack_init();

  if (result < 0) {
    snprintf(why, BS_LINK_WHY, "the machine has no source of randomness");
    return result;
  }
  for (i = 0; i < BS_MAX_INTERFACES && iface == NULL; i++) {
    iface = interfaces[i].link == NULL ? &interfaces[i] : NULL;
  }
  if (iface == NULL) {
    snprintf(why, BS_LINK_WHY, "%d interfaces are up already: take one down first", BS_MAX_INTERFACES);
    return -ENOBUFS;
  }
  link = bs_link_open(string, why);
  if (link == NULL) {
    return -errno;
  }
  result = interface_attach(iface, link);
  if (result < 0) {
    snprintf(why, BS_LINK_WHY, "no memory for another interface");
    bs_link_close(link);
    return result;
  }
  snprintf(iface->string, sizeof(iface->string), "%s", string);
  if (find(0) == iface) {
    netif_set_default(&iface->netif);
  }
  result = configure(iface, why);
  if (result < 0) {
    interface_detach(iface);
    return result;
  }
  return index_of(iface);
}

int
bs_net_up(const char *link, char *why)
{
  char unheard[BS_LINK_WHY];
  int result;

  configured = true;
  result = bring_up(link != NULL ? link : setting("BARESOCK_LINK", port_default_link()), why != NULL ? why : unheard);
  return result_errno(result);
}

int
bs_net_down(int index)
{
  struct interface *iface = find(index);
  struct interface *next;

  if (iface == NULL) {
    return result_errno(-ENODEV);
  }
  timers_kick();
  going_down = true;
  stop_ip4(iface);
  dhcp_cleanup(&iface->netif);
  interface_detach(iface);
  going_down = false;
  next = find(0);
  if (next != NULL) {
    netif_set_default(&next->netif);
  }
  if (on_change != NULL) {
    on_change();
  }
  return 0;
}

bool
interface_is_going_down(void)
{
  return going_down;
}

int
interface_autostart(void)
{
  int result = stack_init();

  if (result == 0 && !configured && bs_net_up(NULL, NULL) < 0) {
    result = -errno;
  }
  return result;
}

void
interfaces_reset(void)
{
  struct interface *iface;

  while ((iface = find(0)) != NULL) {
    (void)bs_net_down(index_of(iface));
  }
  dns_count = 0;
  configured = false;
}

/* --- where they stand --- */

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
  unsigned i;

  if (leads_to_itself(to)) {
    return ROUTE_READY;
  }
  for (i = 0; i < BS_MAX_INTERFACES; i++) {
    if (interfaces[i].link == NULL) {
      continue;
    }
    switch (state_towards(&interfaces[i], to)) {
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

unsigned
interfaces_follow(void)
{
  unsigned changed = 0;
  unsigned i;

  for (i = 0; i < BS_MAX_INTERFACES; i++) {
    struct interface *iface = &interfaces[i];
    enum bs_net_state ip4, ip6;

    if (iface->link == NULL) {
      continue;
    }
    ip4 = ip4_state(iface);
    ip6 = ip6_state(iface);
    if (ip4 != iface->ip4 || ip6 != iface->ip6) {
      iface->ip4 = ip4;
      iface->ip6 = ip6;
      changed++;
    }
  }
  if (changed > 0 && on_change != NULL) {
    on_change();
  }
  return changed;
}

bs_time_t
interfaces_next_due(void)
{
  bs_time_t due = BS_TIME_NEVER;
  unsigned i;

  for (i = 0; i < BS_MAX_INTERFACES; i++) {
    if (interfaces[i].link != NULL &&
        (interfaces[i].ip4 == BS_NET_CONFIGURING || interfaces[i].ip6 == BS_NET_CONFIGURING)) {
      due = LWIP_MIN(due, interfaces[i].configured_by);
    }
  }
  return due;
}

unsigned
interfaces_pump(void)
{
  unsigned handled = 0;
  unsigned i;

  for (i = 0; i < BS_MAX_INTERFACES; i++) {
    if (interfaces[i].link != NULL) {
      handled += interface_pump(&interfaces[i]);
    }
  }
  return handled;
}

void
interfaces_prepare(struct bs_waitset *set, bs_time_t *deadline)
{
  unsigned i;

  for (i = 0; i < BS_MAX_INTERFACES; i++) {
    struct bs_link *link = interfaces[i].link;

    if (link != NULL && link->ops->prepare != NULL) {
      link->ops->prepare(link, set, interfaces[i].held_count > 0, deadline);
    }
  }
}

int
bs_net_wait(int index, int timeout_ms)
{
  bs_time_t deadline = stack_after_ms(timeout_ms < 0 ? BS_CONFIGURE_TIMEOUT_MS : (uint32_t)timeout_ms);
  int result = 0;

  while (result == 0) {
    struct interface *iface;

    result = need(index, &iface);
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
  return result_errno(result);
}

int
bs_net_status(int index, struct bs_net_status *status)
{
  struct interface *iface = find(index);
  struct dhcp *dhcp;

  if (iface == NULL) {
    return result_errno(-ENODEV);
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
        ip6addr_ntoa_r(netif_ip6_addr(&iface->netif, i), status->addr6[n++], BS_ADDR_TEXT);
      }
    }
    if (iface->has_gateway6) {
      ip6addr_ntoa_r(&iface->gateway6, status->gateway6, BS_ADDR_TEXT);
    }
  }
#endif
  return 0;
}
