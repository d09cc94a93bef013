/**
 * lwIP's cyclic timers, run only while they have work.
 *
 * lwIP's own list ticks for ever, TCP's four times a second, so that an idle stack never sleeps. Here each timer says
 * after a tick how soon it needs the next one. A timer that needs none is parked until there is work again
 * (timers_kick()). Ticks that passed meanwhile are made up for, so that ages and lifetimes stay right.
 */
#include "lwip/dhcp.h"
#include "lwip/etharp.h"
#include "lwip/igmp.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/mld6.h"
#include "lwip/nd6.h"
#include "lwip/netif.h"
#include "lwip/priv/nd6_priv.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/dhcp.h"
#include "lwip/stats.h"
#include "lwip/timeouts.h"

#include "stack/stack.h"

#define US_PER_MS 1000u

/* Nothing to do. */
#define PARKED 0u

/* How often tables that only age are looked at: less than the time for which a new entry waits for its answer. */
#define AGING_MS 4000u

struct timer {
  u32_t interval_ms;
  /* Run @p ticks ticks. */
  void (*run)(u32_t ticks);
  /* In how many milliseconds the next tick is needed, PARKED for never. */
  u32_t (*need)(void);
};

/* --- TCP --- */

static bool
tcp_pcb_is_quiet(const struct tcp_pcb *pcb)
{
  return pcb->unsent == NULL && pcb->unacked == NULL && pcb->refused_data == NULL && pcb->ooseq == NULL &&
         pcb->persist_backoff == 0 && (pcb->flags & (TF_ACK_DELAY | TF_CLOSEPEND)) == 0;
}

static u32_t
tcp_need(void)
{
  const struct tcp_pcb *pcb;
  u32_t need = tcp_tw_pcbs != NULL ? AGING_MS : PARKED;

  for (pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next) {
    if (!tcp_pcb_is_quiet(pcb)) {
      return TCP_TMR_INTERVAL;
    }
    /* Keepalive, and the time-outs of connections that are closing, count in half seconds. */
    if (ip_get_option(pcb, SOF_KEEPALIVE) || (pcb->state != ESTABLISHED && pcb->state != CLOSE_WAIT)) {
      need = 2 * TCP_SLOW_INTERVAL;
    }
  }
  return need;
}

static void
tcp_run(u32_t ticks)
{
  /* tcp_tmr() is the slow timer every second time. Of a long sleep, during which no connection had work, only the
   * clock needs to be put right. */
  if (ticks > 4) {
    tcp_ticks += (ticks - 2) / 2;
    ticks = 2 + (ticks & 1);
  }
  while (ticks-- > 0) {
    tcp_tmr();
  }
}

/* --- IPv4 --- */

static void
repeat(lwip_cyclic_timer_handler handler, u32_t ticks)
{
  while (ticks-- > 0) {
    handler();
  }
}

static u32_t
reass4_need(void)
{
  return lwip_stats.memp[MEMP_REASSDATA]->used > 0 ? IP_TMR_INTERVAL : PARKED;
}

static void
reass4_run(u32_t ticks)
{
  repeat(ip_reass_tmr, ticks);
}

static u32_t
arp_need(void)
{
  size_t i;
  ip4_addr_t *ip;
  struct netif *netif;
  struct eth_addr *mac;

  if (lwip_stats.memp[MEMP_ARP_QUEUE]->used > 0) {
    return ARP_TMR_INTERVAL;
  }
  for (i = 0; i < ARP_TABLE_SIZE; i++) {
    if (etharp_get_entry(i, &ip, &netif, &mac)) {
      return AGING_MS;
    }
  }
  return PARKED;
}

static void
arp_run(u32_t ticks)
{
  repeat(etharp_tmr, ticks);
}

static u32_t
dhcp_fine_need(void)
{
  const struct netif *netif;

  NETIF_FOREACH (netif) {
    const struct dhcp *dhcp = netif_dhcp_data(netif);

    if (dhcp != NULL && dhcp->state != DHCP_STATE_OFF && dhcp->state != DHCP_STATE_BOUND) {
      return DHCP_FINE_TIMER_MSECS;
    }
  }
  return PARKED;
}

static void
dhcp_fine_run(u32_t ticks)
{
  repeat(dhcp_fine_tmr, ticks);
}

static u32_t
dhcp_coarse_need(void)
{
  const struct netif *netif;

  NETIF_FOREACH (netif) {
    const struct dhcp *dhcp = netif_dhcp_data(netif);

    if (dhcp != NULL && dhcp->state != DHCP_STATE_OFF) {
      return DHCP_COARSE_TIMER_MSECS;
    }
  }
  return PARKED;
}

static void
dhcp_coarse_run(u32_t ticks)
{
  repeat(dhcp_coarse_tmr, ticks);
}

static u32_t
igmp_need(void)
{
  const struct netif *netif;
  const struct igmp_group *group;

  NETIF_FOREACH (netif) {
    for (group = netif_igmp_data(netif); group != NULL; group = group->next) {
      if (group->timer > 0) {
        return IGMP_TMR_INTERVAL;
      }
    }
  }
  return PARKED;
}

static void
igmp_run(u32_t ticks)
{
  repeat(igmp_tmr, ticks);
}

/* --- IPv6 --- */

#if LWIP_IPV6
static bool
nd6_is_asking(void)
{
  const struct netif *netif;
  int i;

  for (i = 0; i < LWIP_ND6_NUM_NEIGHBORS; i++) {
    switch (neighbor_cache[i].state) {
    case ND6_INCOMPLETE:
    case ND6_DELAY:
    case ND6_PROBE:
      return true;
    default:
      break;
    }
  }
  NETIF_FOREACH (netif) {
    /* Without a link-local address (IPv6 is off) routers are not asked. */
    if (netif->rs_count > 0 && netif_is_up(netif) && !ip6_addr_isinvalid(netif_ip6_addr_state(netif, 0))) {
      return true;
    }
    for (i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++) {
      if (ip6_addr_istentative(netif_ip6_addr_state(netif, i))) {
        return true;
      }
    }
  }
  return false;
}

static u32_t
nd6_need(void)
{
  int i;

  if (nd6_is_asking()) {
    return ND6_TMR_INTERVAL;
  }
  for (i = 0; i < LWIP_ND6_NUM_NEIGHBORS; i++) {
    if (neighbor_cache[i].state != ND6_NO_ENTRY) {
      return AGING_MS;
    }
  }
  for (i = 0; i < LWIP_ND6_NUM_PREFIXES; i++) {
    if (prefix_list[i].netif != NULL) {
      return AGING_MS;
    }
  }
  return PARKED;
}

static void
nd6_run(u32_t ticks)
{
  repeat(nd6_tmr, ticks);
}

static u32_t
reass6_need(void)
{
  return lwip_stats.memp[MEMP_IP6_REASSDATA]->used > 0 ? IP6_REASS_TMR_INTERVAL : PARKED;
}

static void
reass6_run(u32_t ticks)
{
  repeat(ip6_reass_tmr, ticks);
}

static u32_t
mld6_need(void)
{
  const struct netif *netif;
  const struct mld_group *group;

  NETIF_FOREACH (netif) {
    for (group = netif_mld6_data(netif); group != NULL; group = group->next) {
      if (group->timer > 0) {
        return MLD6_TMR_INTERVAL;
      }
    }
  }
  return PARKED;
}

static void
mld6_run(u32_t ticks)
{
  repeat(mld6_tmr, ticks);
}
#endif /* LWIP_IPV6 */

/* --- the table --- */

/* Tables of neighbours first, who sends later: what a timer adds there is not aged by ticks from before. */
static const struct timer timers[] = {
  { ARP_TMR_INTERVAL, arp_run, arp_need },
#if LWIP_IPV6
  { ND6_TMR_INTERVAL, nd6_run, nd6_need },
  { IP6_REASS_TMR_INTERVAL, reass6_run, reass6_need },
  { MLD6_TMR_INTERVAL, mld6_run, mld6_need },
#endif
  { IP_TMR_INTERVAL, reass4_run, reass4_need },
  { IGMP_TMR_INTERVAL, igmp_run, igmp_need },
  { DHCP_FINE_TIMER_MSECS, dhcp_fine_run, dhcp_fine_need },
  { DHCP_COARSE_TIMER_MSECS, dhcp_coarse_run, dhcp_coarse_need },
  { TCP_TMR_INTERVAL, tcp_run, tcp_need },
};

/* When each timer ran last, and when it is due: BS_TIME_NEVER while parked. */
static struct {
  bs_time_t last;
  bs_time_t due;
} schedule[LWIP_ARRAYSIZE(timers)];

/* The earliest of those. */
static bs_time_t next_due = BS_TIME_NEVER;

/* Some timer may be parked or run seldom. */
static bool resting;

static void
set_due(size_t i, bs_time_t due)
{
  schedule[i].due = due;
  next_due = LWIP_MIN(next_due, due);
}

static bs_time_t
interval_us(size_t i)
{
  return (bs_time_t)timers[i].interval_ms * US_PER_MS;
}

/* Run what is due of a timer. One that a frame woke began after the pump read its clock. */
static bool
catch_up(size_t i, bs_time_t now)
{
  u32_t ticks;

  /* A frame of this pump may have woken it later than the pump looked at its clock. */
  if (now < schedule[i].last + interval_us(i)) {
    return false;
  }
  ticks = (u32_t)((now - schedule[i].last) / interval_us(i));
  schedule[i].last += ticks * interval_us(i);
  timers[i].run(ticks);
  return true;
}

/* A parked timer begins again. It had nothing that could age; only TCP's clock must know how long it stood. */
static void
unpark(size_t i, bs_time_t now)
{
  if (timers[i].run == tcp_run) {
    tcp_ticks += (u32_t)((now - schedule[i].last) / (TCP_SLOW_INTERVAL * US_PER_MS));
  }
  schedule[i].last = now;
}

/* Called by lwip_init(), with the clock running. */
void
sys_timeouts_init(void)
{
  size_t i;

  for (i = 0; i < LWIP_ARRAYSIZE(timers); i++) {
    schedule[i].last = stack_now();
    schedule[i].due = BS_TIME_NEVER;
  }
  resting = true;
}

void
timers_kick(void)
{
  bs_time_t now;
  size_t i;

  if (!resting) {
    return;
  }
  resting = false;
  now = stack_now();
  for (i = 0; i < LWIP_ARRAYSIZE(timers); i++) {
    if (schedule[i].due == BS_TIME_NEVER) {
      unpark(i, now);
    } else if (schedule[i].due > now + interval_us(i)) {
      (void)catch_up(i, now);
    }
    set_due(i, LWIP_MIN(schedule[i].due, schedule[i].last + interval_us(i)));
  }
}

bs_time_t
timers_next_due(void)
{
  return next_due;
}

/* When a timer is due next. One that was parked begins now. */
static void
plan(size_t i, bs_time_t now)
{
  u32_t need = timers[i].need();

  if (need == PARKED) {
    set_due(i, BS_TIME_NEVER);
    return;
  }
  if (schedule[i].due == BS_TIME_NEVER) {
    unpark(i, now);
  }
  set_due(i, schedule[i].last + (bs_time_t)need * US_PER_MS);
}

/* Out of line, so that the way of most pumps is short. */
static unsigned __attribute__((noinline)) run_due(bs_time_t now)
{
  unsigned ran = 0;
  size_t i;

  for (i = 0; i < LWIP_ARRAYSIZE(timers); i++) {
    if (schedule[i].due != BS_TIME_NEVER && catch_up(i, now)) {
      ran++;
    }
  }
  next_due = BS_TIME_NEVER;
  /* One may have made work for another: a segment that is sent again may ask for its neighbour. */
  for (i = 0; i < LWIP_ARRAYSIZE(timers); i++) {
    plan(i, now);
  }
  resting = true;
  return ran;
}

unsigned
timers_run(bs_time_t now)
{
  return now < next_due ? 0 : run_due(now);
}
