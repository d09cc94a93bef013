/**
 * A DNS server inside the stack, on 127.0.0.1 port 5353, and a clock that stands still unless a test moves it.
 */
#ifndef TESTS_DNS_SERVER_H
#define TESTS_DNS_SERVER_H

#include "dns_message.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "baresock/net.h"
#include "baresock/netdb.h"

#include "stack/resolve.h"
#include "stack/stack.h"

#include "lwip/udp.h"

#define SERVER_PORT 5353

/* What a test's server answers: fills in the reply, or sets server.silent. */
typedef void server_answer(struct dns_message *reply, const uint8_t *query, size_t len, const char *name,
                           unsigned type);

static struct {
  struct udp_pcb *pcb;
  server_answer *answer;
  bool silent;
  unsigned received;
  uint16_t ids[64];
  uint16_t ports[64];
  struct dns_message last; /* the last query */
} server;

static bs_time_t clock_is;
static bs_time_t clock_step; /* how much time passes whenever somebody looks */

static bs_time_t
test_clock(void)
{
  clock_is += clock_step;
  return clock_is;
}

/* The question's name and type. */
static inline unsigned
read_question(const uint8_t *msg, char *name)
{
  const uint8_t *at = msg + 12;

  while (*at != 0) {
    memcpy(name, at + 1, *at);
    name += *at;
    at += *at + 1;
    *name++ = *at != 0 ? '.' : '\0';
  }
  return (unsigned)(at[1] << 8 | at[2]);
}

static inline void
server_send(struct udp_pcb *from, const struct dns_message *m, uint16_t port)
{
  ip_addr_t to = IPADDR4_INIT_BYTES(127, 0, 0, 1);
  struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)m->len, PBUF_RAM);

  assert_non_null(p);
  pbuf_take(p, m->data, (u16_t)m->len);
  assert_int_equal(udp_sendto(from, p, &to, port), ERR_OK);
  pbuf_free(p);
}

static inline void
server_receive(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
  struct dns_message reply;
  char name[256];
  unsigned type;

  (void)arg;
  (void)from;
  server.last.len = pbuf_copy_partial(p, server.last.data, sizeof(server.last.data), 0);
  pbuf_free(p);
  server.ids[server.received % 64] = (uint16_t)(server.last.data[0] << 8 | server.last.data[1]);
  server.ports[server.received % 64] = port;
  server.received++;
  if (!server.silent) {
    memset(&reply, 0, sizeof(reply));
    type = read_question(server.last.data, name);
    server.answer(&reply, server.last.data, server.last.len, name, type);
    if (!server.silent) {
      server_send(pcb, &reply, port);
    }
  }
}

/* Handle everything that can be handled now. */
static inline void
settle_network(void)
{
  while (stack_pump() > 0) {
  }
}

static inline void
pass_ms(unsigned ms)
{
  for (unsigned i = 0; i < ms; i += 10) {
    clock_is += 10000;
    settle_network();
  }
}

/* Wait for a question's end as far as that needs no time. */
static inline int
settled_result(const struct resolve_query *q)
{
  settle_network();
  return resolve_result(q);
}

static inline void
server_start(server_answer *answer)
{
  server.answer = answer;
  server.silent = answer == NULL;
  server.received = 0;
  clock_step = 0;
  resolve_cache_flush();
  assert_int_equal(bs_net_dns("127.0.0.1:5353"), 0);
}

static inline int
server_group_setup(void **state)
{
  (void)state;
  clock_is = bs_now();
  bs_set_clock(test_clock);
  assert_true(bs_net_up("loop", NULL) > 0);
  server.pcb = udp_new();
  assert_non_null(server.pcb);
  assert_int_equal(udp_bind(server.pcb, IP4_ADDR_ANY, SERVER_PORT), ERR_OK);
  udp_recv(server.pcb, server_receive, NULL);
  return 0;
}

static inline int
server_group_teardown(void **state)
{
  (void)state;
  udp_remove(server.pcb);
  return 0;
}

#endif /* TESTS_DNS_SERVER_H */
