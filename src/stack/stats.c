/**
 * Counters and pools, as one list.
 */
#include <errno.h>
#include <string.h>

#include "lwip/memp.h"
#include "lwip/stats.h"

#include "baresock/net.h"
#include "stack/interface.h"
#include "stack/resolve.h"
#include "stack/stack.h"

static const struct {
  const char *group;
  const struct stats_proto *proto;
} protocols[] = {
  { "link", &lwip_stats.link },        { "arp", &lwip_stats.etharp },        { "ip4", &lwip_stats.ip },
  { "ip4_frag", &lwip_stats.ip_frag }, { "icmp", &lwip_stats.icmp },         { "udp", &lwip_stats.udp },
  { "tcp", &lwip_stats.tcp },
#if LWIP_IPV6
  { "ip6", &lwip_stats.ip6 },          { "ip6_frag", &lwip_stats.ip6_frag }, { "icmp6", &lwip_stats.icmp6 },
  { "nd6", &lwip_stats.nd6 },
#endif
};

static const struct {
  const char *name;
  size_t offset;
} counters[] = {
  { "sent", offsetof(struct stats_proto, xmit) },         { "received", offsetof(struct stats_proto, recv) },
  { "dropped", offsetof(struct stats_proto, drop) },      { "bad_checksum", offsetof(struct stats_proto, chkerr) },
  { "bad_length", offsetof(struct stats_proto, lenerr) }, { "no_memory", offsetof(struct stats_proto, memerr) },
  { "no_route", offsetof(struct stats_proto, rterr) },    { "bad_protocol", offsetof(struct stats_proto, proterr) },
  { "bad_option", offsetof(struct stats_proto, opterr) }, { "errors", offsetof(struct stats_proto, err) },
};

#define COUNTS (LWIP_ARRAYSIZE(protocols) * LWIP_ARRAYSIZE(counters))

static void
protocol_stat(unsigned number, struct bs_net_stat *stat)
{
  const struct stats_proto *proto = protocols[number / LWIP_ARRAYSIZE(counters)].proto;
  size_t offset = counters[number % LWIP_ARRAYSIZE(counters)].offset;
  STAT_COUNTER value;

  memcpy(&value, (const char *)proto + offset, sizeof(value));
  stat->group = protocols[number / LWIP_ARRAYSIZE(counters)].group;
  stat->name = counters[number % LWIP_ARRAYSIZE(counters)].name;
  stat->value = (uint32_t)value;
}

static void
pool_stat(const char *name, const struct stats_mem *mem, uint32_t size, struct bs_net_stat *stat)
{
  stat->group = "pool";
  stat->name = name;
  stat->value = (uint32_t)mem->used;
  stat->most = (uint32_t)mem->max;
  stat->size = size;
  stat->failed = (uint32_t)mem->err;
}

static const char *const pool_names[] = {
#define LWIP_MEMPOOL(name, num, size, desc) #name,
#include "lwip/priv/memp_std.h"
};

static const uint32_t pool_sizes[] = {
#define LWIP_MEMPOOL(name, num, size, desc) (num),
#include "lwip/priv/memp_std.h"
};

bool (*stat_next_floor)(unsigned number, struct bs_net_stat *stat);

/* What the interfaces count, added up. */
struct interface_sums {
  uint32_t starved, overflow, filter_full;
};

static struct interface_sums
sum_interfaces(void)
{
  struct interface_sums sums = { 0, 0, 0 };
  const struct interface *iface;
  unsigned i;

  for (i = 0; (iface = interface_get(i)) != NULL; i++) {
    sums.starved += iface->starved;
    sums.overflow += iface->overflow;
    sums.filter_full += iface->filter_full;
  }
  return sums;
}

/* What this floor counts itself. */
static bool
own_stat(unsigned number, struct bs_net_stat *stat)
{
  const struct interface_sums sums = sum_interfaces();
  struct resolve_stats resolve;

  resolve_get_stats(&resolve);
  {
    const struct {
      const char *group;
      const char *name;
      uint32_t value;
    } own[] = {
      { "limit", "rx_no_buffer", sums.starved },      { "limit", "tx_queue_full", sums.overflow },
      { "limit", "filter_groups", sums.filter_full }, { "limit", "wait_crowded", stack_crowded_waits() },
      { "limit", "resolve_busy", resolve.busy },      { "dns", "queries", resolve.queries },
      { "dns", "answers", resolve.answers },          { "dns", "timeouts", resolve.timeouts },
      { "dns", "cache_hits", resolve.cache_hits },    { "dns", "ignored", resolve.ignored },
    };

    if (number >= LWIP_ARRAYSIZE(own)) {
      return stat_next_floor != NULL && stat_next_floor(number - (unsigned)LWIP_ARRAYSIZE(own), stat);
    }
    stat->group = own[number].group;
    stat->name = own[number].name;
    stat->value = own[number].value;
  }
  return true;
}

int
bs_net_stats(unsigned number, struct bs_net_stat *stat)
{
  memset(stat, 0, sizeof(*stat));
  if (stack_init() < 0) {
    errno = EIO;
    return -1;
  }
  if (number < COUNTS) {
    protocol_stat(number, stat);
    return 0;
  }
  number -= (unsigned)COUNTS;
  if (number < MEMP_MAX) {
    pool_stat(pool_names[number], lwip_stats.memp[number], pool_sizes[number], stat);
    return 0;
  }
  number -= (unsigned)MEMP_MAX;
  if (number == 0) {
    pool_stat("MEMORY", &lwip_stats.mem, BS_MEM_SIZE, stat);
    return 0;
  }
  if (own_stat(number - 1, stat)) {
    return 0;
  }
  errno = ENOENT;
  return -1;
}
