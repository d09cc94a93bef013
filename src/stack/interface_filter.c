/**
 * Which multicast frames a network card lets through: those of the groups that lwIP has joined.
 *
 * lwIP tells of each group as it comes and goes, in the middle of its own work. Here that only marks the filter as stale;
 * the next pump tells the link the whole list.
 */
#include <string.h>

#include "lwip/igmp.h"
#include "lwip/mld6.h"

#include "stack/interface.h"

#define MAC_LEN 6

static err_t
on_group4(struct netif *netif, const ip4_addr_t *group, enum netif_mac_filter_action action)
{
  LWIP_UNUSED_ARG(group);
  LWIP_UNUSED_ARG(action);
  ((struct interface *)netif->state)->filter_stale = true;
  return ERR_OK;
}

#if LWIP_IPV6
static err_t
on_group6(struct netif *netif, const ip6_addr_t *group, enum netif_mac_filter_action action)
{
  LWIP_UNUSED_ARG(group);
  LWIP_UNUSED_ARG(action);
  ((struct interface *)netif->state)->filter_stale = true;
  return ERR_OK;
}
#endif

void
interface_filter_init(struct interface *iface)
{
  if (iface->link->ops->set_filter == NULL) {
    return;
  }
  netif_set_igmp_mac_filter(&iface->netif, on_group4);
#if LWIP_IPV6
  netif_set_mld_mac_filter(&iface->netif, on_group6);
#endif
  iface->filter_stale = true;
}

/* The place for another address; NULL when the table is full, and all multicast has to be let through. */
static u8_t *
add(struct bs_link_filter *filter, u8_t (*table)[MAC_LEN])
{
  if (filter->groups == BS_FILTER_GROUPS) {
    filter->all_multicast = true;
    return NULL;
  }
  return table[filter->groups++];
}

/* RFC 1112 6.4: the group's lower 23 bits. */
static void
add_group4(struct bs_link_filter *filter, u8_t (*table)[MAC_LEN], const ip4_addr_t *group)
{
  u8_t *mac = add(filter, table);

  if (mac != NULL) {
    mac[0] = 0x01;
    mac[1] = 0x00;
    mac[2] = 0x5e;
    mac[3] = (u8_t)(ip4_addr2(group) & 0x7f);
    mac[4] = ip4_addr3(group);
    mac[5] = ip4_addr4(group);
  }
}

#if LWIP_IPV6
/* RFC 2464 7: the group's lower 32 bits. */
static void
add_group6(struct bs_link_filter *filter, u8_t (*table)[MAC_LEN], u32_t low)
{
  u8_t *mac = add(filter, table);

  if (mac != NULL) {
    mac[0] = mac[1] = 0x33;
    memcpy(mac + 2, &low, sizeof(low));
  }
}
#endif

void
interface_filter_update(struct interface *iface)
{
  u8_t table[BS_FILTER_GROUPS][MAC_LEN];
  struct bs_link_filter filter = { .group = (const u8_t(*)[MAC_LEN])table };
  const struct igmp_group *group4;
#if LWIP_IPV6
  const struct mld_group *group6;
#endif

  iface->filter_stale = false;
  for (group4 = netif_igmp_data(&iface->netif); group4 != NULL; group4 = group4->next) {
    add_group4(&filter, table, &group4->group_address);
  }
#if LWIP_IPV6
  /* All nodes, which nobody joins (RFC 4291 2.8). */
  add_group6(&filter, table, PP_HTONL(1));
  for (group6 = netif_mld6_data(&iface->netif); group6 != NULL; group6 = group6->next) {
    add_group6(&filter, table, group6->group_address.addr[3]);
  }
#endif
  iface->filter_full += filter.all_multicast;
  (void)iface->link->ops->set_filter(iface->link, &filter);
}
