#include "resolve.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "stack/interface.h"
#include "stack/stack.h"

#include "lwip/pbuf.h"
#include "lwip/udp.h"

/* The upper half of the ports, where no well-known one is: 15 bits that an outsider must guess, beside the id's 16. */
#define PORT_FIRST 0x8000
#define PORT_MASK  0x7fff

/* How often another random port is tried when one is taken. */
#define PORT_TRIES 8

_Static_assert(BS_DNS_SERVERS < 32, "each server has a bit");

enum query_state {
  QUERY_FREE,
  QUERY_WAITING,  /* for an interface that is being configured, or its servers */
  QUERY_ASKING,   /* sent; sent again when due */
  QUERY_ANSWERED, /* by the callback; the control block is still there */
  QUERY_DONE
};

struct resolve_query {
  enum query_state state;
  enum resolve_type type;
  uint16_t id;
  unsigned server;   /* whose turn is next */
  uint32_t asked;    /* servers that were asked, one bit each */
  uint32_t failed;   /* servers that failed or refused */
  uint32_t retry_ms; /* doubles with each message */
  bs_time_t due;     /* when to send again */
  bs_time_t deadline;
  struct udp_pcb *pcb;
  char name[RESOLVE_NAME_SIZE];
  struct resolve_answer answer;
};

/* A copy of interface_dns_server()'s list, by which a change of it is seen. */
struct server {
  ip_addr_t addr;
  u16_t port;
};

static struct server servers[BS_DNS_SERVERS];
static unsigned server_count;

static struct resolve_query pool[RESOLVE_POOL];
static struct resolve_stats stats;

/* One message at a time: it is built and sent, or received and parsed, without anything in between. */
static uint8_t message[RESOLVE_MSG_SIZE];

bool
resolve_is_configuring(u8_t type)
{
  /* Addresses for documentation (RFC 5737, RFC 3849): any that are somewhere else do. */
  static const ip_addr_t elsewhere = IPADDR4_INIT_BYTES(192, 0, 2, 1);
#if BS_IPV6
  static const ip_addr_t elsewhere6 = IPADDR6_INIT_HOST(0x20010db8, 0, 0, 1);

  if (type == IPADDR_TYPE_V6) {
    return interface_route(&elsewhere6) == ROUTE_CONFIGURING;
  }
#endif
  return type == IPADDR_TYPE_V4 && interface_route(&elsewhere) == ROUTE_CONFIGURING;
}

/* Whether to wait before the first message: no server can be reached, but an interface still asks for its address. */
static bool
servers_must_be_awaited(void)
{
  bool configuring = false;

  if (server_count == 0) {
    return resolve_is_configuring(IPADDR_TYPE_V4) || resolve_is_configuring(IPADDR_TYPE_V6);
  }
  for (unsigned i = 0; i < server_count; i++) {
    enum route_state route = interface_route(&servers[i].addr);

    if (route == ROUTE_READY) {
      return false;
    }
    configuring = configuring || route == ROUTE_CONFIGURING;
  }
  return configuring;
}

/* Give the control block back. Not from its own callback. */
static void
query_close(struct resolve_query *q)
{
  if (q->pcb != NULL) {
    udp_remove(q->pcb);
    q->pcb = NULL;
  }
}

static void
query_finish(struct resolve_query *q, int code)
{
  query_close(q);
  q->answer.code = code;
  q->state = QUERY_DONE;
}

static err_t
query_send_to(struct resolve_query *q, const struct server *server)
{
  struct pbuf *p;
  err_t err;
  int len = resolve_msg_build(message, sizeof(message), q->id, q->name, q->type);

  LWIP_ASSERT("the name was checked", len > 0);
  p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)len, PBUF_RAM);
  if (p == NULL) {
    return ERR_MEM;
  }
  pbuf_take(p, message, (u16_t)len);
  timers_kick();
  err = udp_sendto(q->pcb, p, &server->addr, server->port);
  pbuf_free(p);
  return err;
}

/*
 * Ask the next server. What can't be sent now (no route, no memory) counts as sent and lost: the same question goes
 * out again when it is due.
 */
static void
query_send(struct resolve_query *q)
{
  if (servers_must_be_awaited()) {
    q->state = QUERY_WAITING;
    return;
  }
  if (server_count == 0) {
    query_finish(q, EAI_AGAIN);
    return;
  }
  for (unsigned i = 0; i < server_count; i++) {
    unsigned server = q->server++ % server_count;

    if (q->failed & 1u << server) {
      continue;
    }
    if (query_send_to(q, &servers[server]) == ERR_OK) {
      q->asked |= 1u << server;
      stats.queries++;
      break;
    }
  }
  q->state = QUERY_ASKING;
  q->due = stack_after_ms(q->retry_ms);
  q->retry_ms *= 2;
}

/* Which of the servers that were asked this is; -1 for a stranger. */
static int
query_server(const struct resolve_query *q, const ip_addr_t *from, u16_t port)
{
  for (unsigned i = 0; i < server_count; i++) {
    if (q->asked & 1u << i && servers[i].port == port && resolve_addr_same(&servers[i].addr, from)) {
      return (int)i;
    }
  }
  return -1;
}

/* lwIP's callback: parse and mark. */
static void
query_receive(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
  static struct resolve_answer answer;
  struct resolve_query *q = arg;
  int server = query_server(q, from, port);
  u16_t len = p->tot_len;

  LWIP_UNUSED_ARG(pcb);
  LWIP_ASSERT("a query in use", q->state != QUERY_FREE && q->state != QUERY_DONE);

  if (len <= sizeof(message)) {
    pbuf_copy_partial(p, message, len, 0);
  }
  pbuf_free(p);
  if (q->state == QUERY_ANSWERED || server < 0 || len > sizeof(message) ||
      resolve_msg_parse(message, len, q->id, q->name, q->type, &answer) < 0) {
    stats.ignored++;
    return;
  }
  stats.answers++;
  if (answer.code != EAI_AGAIN && answer.code != EAI_FAIL) {
    q->answer = answer;
    q->state = QUERY_ANSWERED;
    return;
  }
  q->failed |= 1u << server;
  /* One that may know later outweighs those that refuse. */
  if (q->answer.code != EAI_AGAIN) {
    q->answer.code = answer.code;
  }
  q->due = stack_now();
}

/* The list of servers changed: others may say other things, and open questions go to them. */
static void
servers_changed(void)
{
  resolve_cache_flush();
  for (unsigned i = 0; i < RESOLVE_POOL; i++) {
    struct resolve_query *q = &pool[i];

    if (q->state == QUERY_ASKING) {
      q->server = 0;
      q->asked = 0;
      q->failed = 0;
      q->answer.code = 0;
      q->retry_ms = BS_RESOLVE_RETRY_MS;
      q->due = stack_now();
    }
  }
}

/* Take the list of servers anew: DHCP, router advertisements and the program change it at any time. */
static void
follow_servers(void)
{
  bool changed = false;
  unsigned n = 0;
  struct server now;

  while (n < BS_DNS_SERVERS && interface_dns_server(n, &now.addr, &now.port)) {
    if (n >= server_count || now.port != servers[n].port || !resolve_addr_same(&now.addr, &servers[n].addr)) {
      changed = true;
      servers[n] = now;
    }
    n++;
  }
  if (changed || n != server_count) {
    server_count = n;
    servers_changed();
  }
}

/* A control block on an unpredictable port; NULL when lwIP has none. */
static struct udp_pcb *
query_open(struct resolve_query *q)
{
  struct udp_pcb *pcb = udp_new_ip_type(IPADDR_TYPE_ANY);

  if (pcb == NULL) {
    return NULL;
  }
  for (unsigned i = 0; i < PORT_TRIES; i++) {
    if (udp_bind(pcb, IP_ANY_TYPE, (u16_t)(PORT_FIRST + (stack_random() & PORT_MASK))) == ERR_OK) {
      udp_recv(pcb, query_receive, q);
      return pcb;
    }
  }
  udp_remove(pcb);
  return NULL;
}

static struct resolve_query *
query_alloc(void)
{
  for (unsigned i = 0; i < RESOLVE_POOL; i++) {
    if (pool[i].state == QUERY_FREE) {
      memset(&pool[i], 0, sizeof(pool[i]));
      if (++stats.in_use > stats.most) {
        stats.most = stats.in_use;
      }
      return &pool[i];
    }
  }
  stats.busy++;
  return NULL;
}

/* Put the name into the query, without the dot that it may end with. */
static int
query_name(struct resolve_query *q, const char *name)
{
  size_t len;

  if (resolve_msg_build(message, sizeof(message), 0, name, q->type) < 0) {
    return EAI_NONAME;
  }
  len = strlen(name);
  memcpy(q->name, name, len < sizeof(q->name) ? len : sizeof(q->name) - 1);
  if (q->name[len - 1] == '.') {
    q->name[len - 1] = '\0';
  }
  return 0;
}

/* Answer from the cache, or ask. */
static int
query_begin(struct resolve_query *q)
{
  const struct resolve_answer *kept;

  /* Without a link there may still be a server on the loopback, which the program named. */
  (void)interface_autostart();
  follow_servers();
  kept = resolve_cache_get(q->name, q->type, stack_now());
  if (kept != NULL) {
    stats.cache_hits++;
    q->answer = *kept;
    q->state = QUERY_DONE;
    return 0;
  }
  q->pcb = query_open(q);
  if (q->pcb == NULL) {
    return EAI_MEMORY;
  }
  q->id = (uint16_t)stack_random();
  q->retry_ms = BS_RESOLVE_RETRY_MS;
  q->deadline = stack_after_ms(BS_RESOLVE_TIMEOUT_MS);
  query_send(q);
  return 0;
}

int
resolve_start(const char *name, enum resolve_type type, struct resolve_query **query)
{
  struct resolve_query *q;
  int err = stack_init();

  if (err < 0) {
    errno = -err;
    return EAI_SYSTEM;
  }
  q = query_alloc();
  if (q == NULL) {
    return EAI_MEMORY;
  }
  q->state = QUERY_DONE;
  q->type = type;
  err = query_name(q, name);
  if (err == 0) {
    err = query_begin(q);
  }
  if (err != 0) {
    resolve_end(q);
    return err;
  }
  *query = q;
  return 0;
}

int
resolve_result(const struct resolve_query *query)
{
  if (query->state != QUERY_ANSWERED && query->state != QUERY_DONE) {
    return EAI_INPROGRESS;
  }
  return query->answer.code;
}

const struct resolve_answer *
resolve_answer(const struct resolve_query *query)
{
  return &query->answer;
}

void
resolve_end(struct resolve_query *query)
{
  if (query != NULL && query->state != QUERY_FREE) {
    query_close(query);
    query->state = QUERY_FREE;
    stats.in_use--;
  }
}

static bool
all_servers_failed(const struct resolve_query *q)
{
  uint32_t all = (1u << server_count) - 1;

  return q->failed != 0 && (q->failed & all) == all;
}

/* Whether the query has something to do now; do it. */
static bool
query_run(struct resolve_query *q, bs_time_t now)
{
  switch (q->state) {
  case QUERY_ANSWERED:
    resolve_cache_put(q->name, q->type, &q->answer, now);
    query_finish(q, q->answer.code);
    return true;
  case QUERY_WAITING:
  case QUERY_ASKING:
    break;
  default:
    return false;
  }
  if (now >= q->deadline) {
    stats.timeouts++;
    query_finish(q, EAI_AGAIN);
    return true;
  }
  if (q->state == QUERY_WAITING) {
    query_send(q);
    return q->state != QUERY_WAITING;
  }
  if (now < q->due) {
    return false;
  }
  if (all_servers_failed(q)) {
    query_finish(q, q->answer.code);
  } else {
    query_send(q);
  }
  return true;
}

/* Out of line, so that the way of most pumps is short. */
static unsigned __attribute__((noinline)) run_queries(void)
{
  bs_time_t now = stack_now();
  unsigned ran = 0;

  follow_servers();
  for (unsigned i = 0; i < RESOLVE_POOL && stats.in_use > 0; i++) {
    ran += query_run(&pool[i], now);
  }
  return ran;
}

unsigned
resolve_run(void)
{
  return stats.in_use == 0 ? 0 : run_queries();
}

bs_time_t
resolve_next_due(void)
{
  bs_time_t next = BS_TIME_NEVER;

  for (unsigned i = 0; i < RESOLVE_POOL && stats.in_use > 0; i++) {
    const struct resolve_query *q = &pool[i];
    bs_time_t due = BS_TIME_NEVER;

    if (q->state == QUERY_ANSWERED) {
      due = stack_now();
    } else if (q->state == QUERY_WAITING) {
      due = q->deadline;
    } else if (q->state == QUERY_ASKING) {
      due = q->due < q->deadline ? q->due : q->deadline;
    }
    next = due < next ? due : next;
  }
  return next;
}

void
resolve_shutdown(void)
{
  resolve_cache_flush();
  for (unsigned i = 0; i < RESOLVE_POOL; i++) {
    if (pool[i].state != QUERY_FREE && pool[i].state != QUERY_DONE) {
      query_finish(&pool[i], EAI_AGAIN);
    }
  }
}

void
resolve_get_stats(struct resolve_stats *copy)
{
  *copy = stats;
}
