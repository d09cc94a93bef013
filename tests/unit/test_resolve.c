/**
 * The life of DNS questions and of the answers that are kept, against a server in the same stack.
 */
#include "dns_server.h"

static struct resolve_stats stats_before;

static struct resolve_stats
stats_since(void)
{
  struct resolve_stats now;

  resolve_get_stats(&now);
  now.queries -= stats_before.queries;
  now.answers -= stats_before.answers;
  now.timeouts -= stats_before.timeouts;
  now.cache_hits -= stats_before.cache_hits;
  now.busy -= stats_before.busy;
  now.ignored -= stats_before.ignored;
  return now;
}

static int
reset(void **state)
{
  (void)state;
  resolve_get_stats(&stats_before);
  assert_int_equal(stats_before.in_use, 0);
  return 0;
}

static unsigned
udp_pcb_count(void)
{
  unsigned n = 0;

  for (struct udp_pcb *pcb = udp_pcbs; pcb != NULL; pcb = pcb->next) {
    n++;
  }
  return n;
}

static int
nothing_is_left(void **state)
{
  (void)state;
  settle_network();
  assert_int_equal(stats_since().in_use, 0);
  assert_int_equal(resolve_next_due(), BS_TIME_NEVER);
  assert_int_equal(udp_pcb_count(), 1);
  return 0;
}

static struct resolve_query *
start(const char *name, enum resolve_type type)
{
  struct resolve_query *q = NULL;

  assert_int_equal(resolve_start(name, type, &q), 0);
  assert_non_null(q);
  return q;
}

static void
answer_two(struct dns_message *reply, const uint8_t *query, size_t len, const char *name, unsigned type)
{
  (void)name;
  msg_reply(reply, query, len, RCODE_OK);
  if (type == TYPE_A) {
    msg_address(reply, NULL, 100, "192.0.2.1");
    msg_address(reply, NULL, 100, "192.0.2.2");
  } else if (type == TYPE_AAAA) {
    msg_address(reply, NULL, 100, "2001:db8::1");
  } else {
    msg_alias(reply, NULL, TYPE_PTR, 100, "host.test");
  }
}

static void
answer_no_such_name(struct dns_message *reply, const uint8_t *query, size_t len, const char *name, unsigned type)
{
  (void)name;
  (void)type;
  msg_reply(reply, query, len, RCODE_NXDOMAIN);
  msg_soa(reply, 3600, 30);
}

static void
answer_servfail(struct dns_message *reply, const uint8_t *query, size_t len, const char *name, unsigned type)
{
  (void)name;
  (void)type;
  msg_reply(reply, query, len, RCODE_SERVFAIL);
}

static void
answer_refused(struct dns_message *reply, const uint8_t *query, size_t len, const char *name, unsigned type)
{
  (void)name;
  (void)type;
  msg_reply(reply, query, len, RCODE_REFUSED);
}

static void
test_server_answers_query_has_all_addresses(void **state)
{
  struct resolve_query *q;

  (void)state;
  server_start(answer_two);
  q = start("www.test", RESOLVE_A);
  assert_int_equal(resolve_result(q), EAI_INPROGRESS);
  assert_int_equal(settled_result(q), 0);
  assert_int_equal(resolve_answer(q)->count, 2);
  assert_int_equal(server.received, 1);
  assert_int_equal(stats_since().queries, 1);
  assert_int_equal(stats_since().answers, 1);
  resolve_end(q);
}

static void
test_answered_control_block_is_freed_before_the_end(void **state)
{
  struct resolve_query *q;

  (void)state;
  server_start(answer_two);
  q = start("www.test", RESOLVE_A);
  assert_int_equal(udp_pcb_count(), 2);
  assert_int_equal(settled_result(q), 0);
  assert_int_equal(udp_pcb_count(), 1);
  resolve_end(q);
}

static void
test_kept_answer_second_query_needs_no_message(void **state)
{
  struct resolve_query *q;

  (void)state;
  server_start(answer_two);
  q = start("www.test", RESOLVE_A);
  assert_int_equal(settled_result(q), 0);
  resolve_end(q);
  q = start("WWW.test.", RESOLVE_A);
  assert_int_equal(resolve_result(q), 0);
  assert_int_equal(resolve_answer(q)->count, 2);
  resolve_end(q);
  assert_int_equal(server.received, 1);
  assert_int_equal(stats_since().cache_hits, 1);
}

static void
test_expired_answer_is_asked_again(void **state)
{
  struct resolve_query *q;

  (void)state;
  server_start(answer_two);
  q = start("www.test", RESOLVE_A);
  assert_int_equal(settled_result(q), 0);
  resolve_end(q);
  clock_is += 99 * 1000000u;
  q = start("www.test", RESOLVE_A);
  assert_int_equal(resolve_result(q), 0);
  resolve_end(q);
  clock_is += 2 * 1000000u;
  q = start("www.test", RESOLVE_A);
  assert_int_equal(resolve_result(q), EAI_INPROGRESS);
  assert_int_equal(settled_result(q), 0);
  resolve_end(q);
  assert_int_equal(server.received, 2);
}

static void
test_no_such_name_is_kept_briefly(void **state)
{
  struct resolve_query *q;

  (void)state;
  server_start(answer_no_such_name);
  q = start("no.test", RESOLVE_A);
  assert_int_equal(settled_result(q), EAI_NONAME);
  resolve_end(q);
  clock_is += 29 * 1000000u;
  q = start("no.test", RESOLVE_A);
  assert_int_equal(resolve_result(q), EAI_NONAME);
  resolve_end(q);
  clock_is += 2 * 1000000u;
  q = start("no.test", RESOLVE_A);
  assert_int_equal(resolve_result(q), EAI_INPROGRESS);
  resolve_end(q);
  assert_int_equal(server.received, 1);
}

static void
test_servers_changed_kept_answers_are_forgotten(void **state)
{
  struct resolve_query *q;

  (void)state;
  server_start(answer_two);
  q = start("www.test", RESOLVE_A);
  assert_int_equal(settled_result(q), 0);
  resolve_end(q);
  assert_int_equal(bs_net_dns("127.0.0.1:5353,127.0.0.1:9"), 0);
  q = start("www.test", RESOLVE_A);
  assert_int_equal(resolve_result(q), EAI_INPROGRESS);
  resolve_end(q);
}

static void
test_servers_changed_open_query_goes_to_the_new_one(void **state)
{
  struct resolve_query *q;

  (void)state;
  server_start(answer_two);
  assert_int_equal(bs_net_dns("127.0.0.1:9"), 0);
  q = start("www.test", RESOLVE_A);
  assert_int_equal(settled_result(q), EAI_INPROGRESS);
  assert_int_equal(bs_net_dns("127.0.0.1:5353"), 0);
  assert_int_equal(settled_result(q), 0);
  resolve_end(q);
}

static void
test_full_cache_oldest_makes_room(void **state)
{
  static struct resolve_answer answer = { .ttl_s = 1000 };
  char name[32];

  (void)state;
  resolve_cache_flush();
  for (unsigned i = 0; i <= BS_RESOLVE_CACHE; i++) {
    snprintf(name, sizeof(name), "n%u.test", i);
    resolve_cache_put(name, RESOLVE_A, &answer, 1000 + i);
  }
  assert_null(resolve_cache_get("n0.test", RESOLVE_A, 3000));
  assert_non_null(resolve_cache_get("n1.test", RESOLVE_A, 3000));
  assert_null(resolve_cache_get("n1.test", RESOLVE_AAAA, 3000));
  assert_non_null(resolve_cache_get(name, RESOLVE_A, 3000));
  resolve_cache_flush();
  assert_null(resolve_cache_get(name, RESOLVE_A, 3000));
}

static void
test_silent_server_is_asked_again_with_doubling_pauses(void **state)
{
  struct resolve_query *q;

  (void)state;
  server_start(NULL);
  q = start("www.test", RESOLVE_A);
  settle_network();
  assert_int_equal(server.received, 1);
  pass_ms(BS_RESOLVE_RETRY_MS - 10);
  assert_int_equal(server.received, 1);
  pass_ms(20);
  assert_int_equal(server.received, 2);
  pass_ms(2 * BS_RESOLVE_RETRY_MS - 30);
  assert_int_equal(server.received, 2);
  pass_ms(40);
  assert_int_equal(server.received, 3);
  server.silent = false;
  server.answer = answer_two;
  pass_ms(4 * BS_RESOLVE_RETRY_MS);
  assert_int_equal(resolve_result(q), 0);
  resolve_end(q);
}

static void
test_lesson_03_silent_server_wait_has_a_deadline(void **state)
{
  struct resolve_query *q;

  (void)state;
  server_start(NULL);
  q = start("www.test", RESOLVE_A);
  assert_true(resolve_next_due() <= clock_is + BS_RESOLVE_RETRY_MS * 1000u);
  pass_ms(BS_RESOLVE_TIMEOUT_MS - 20);
  assert_int_equal(resolve_result(q), EAI_INPROGRESS);
  pass_ms(40);
  assert_int_equal(resolve_result(q), EAI_AGAIN);
  assert_int_equal(stats_since().timeouts, 1);
  resolve_end(q);
}

/* Nothing leads to the server: its interface isn't there. */
static void
test_lesson_03_unreachable_server_wait_has_a_deadline(void **state)
{
  struct resolve_query *q;

  (void)state;
  server_start(NULL);
  assert_int_equal(bs_net_dns("192.0.2.53"), 0);
  q = start("www.test", RESOLVE_A);
  pass_ms(BS_RESOLVE_TIMEOUT_MS - 20);
  assert_int_equal(resolve_result(q), EAI_INPROGRESS);
  pass_ms(40);
  assert_int_equal(resolve_result(q), EAI_AGAIN);
  resolve_end(q);
}

static void
test_lesson_03_query_ended_while_answer_is_under_way(void **state)
{
  struct resolve_query *q;
  unsigned pcbs;

  (void)state;
  server_start(answer_two);
  pcbs = udp_pcb_count();
  q = start("www.test", RESOLVE_A);
  resolve_end(q);
  assert_int_equal(udp_pcb_count(), pcbs);
  settle_network();
  assert_int_equal(server.received, 1);
  assert_int_equal(stats_since().answers, 0);
}

static void
test_no_server_fails_at_once(void **state)
{
  struct resolve_query *q;

  (void)state;
  server_start(NULL);
  assert_int_equal(bs_net_dns(""), 0);
  q = start("www.test", RESOLVE_A);
  assert_int_equal(resolve_result(q), EAI_AGAIN);
  resolve_end(q);
}

static void
test_failing_server_tells_at_once(void **state)
{
  struct resolve_query *q;

  (void)state;
  server_start(answer_servfail);
  q = start("www.test", RESOLVE_A);
  assert_int_equal(settled_result(q), EAI_AGAIN);
  resolve_end(q);
  server_start(answer_refused);
  q = start("www.test", RESOLVE_A);
  assert_int_equal(settled_result(q), EAI_FAIL);
  resolve_end(q);
}

/* Refuses the first question, answers the next. */
static void
answer_second(struct dns_message *reply, const uint8_t *query, size_t len, const char *name, unsigned type)
{
  (server.received == 1 ? answer_refused : answer_two)(reply, query, len, name, type);
}

static void
test_one_server_refuses_the_next_is_asked_at_once(void **state)
{
  struct resolve_query *q;
  struct udp_pcb *second = udp_new();

  (void)state;
  assert_int_equal(udp_bind(second, IP4_ADDR_ANY, SERVER_PORT + 1), ERR_OK);
  udp_recv(second, server_receive, NULL);
  server_start(answer_second);
  assert_int_equal(bs_net_dns("127.0.0.1:5353,127.0.0.1:5354"), 0);
  q = start("www.test", RESOLVE_A);
  assert_int_equal(settled_result(q), 0);
  assert_int_equal(server.received, 2);
  resolve_end(q);
  udp_remove(second);
}

static void
test_one_server_is_silent_the_next_is_asked_later(void **state)
{
  struct resolve_query *q;

  (void)state;
  server_start(answer_two);
  assert_int_equal(bs_net_dns("127.0.0.1:9,127.0.0.1:5353"), 0);
  q = start("www.test", RESOLVE_A);
  settle_network();
  assert_int_equal(server.received, 0);
  pass_ms(BS_RESOLVE_RETRY_MS + 10);
  assert_int_equal(resolve_result(q), 0);
  resolve_end(q);
}

/* Send a good answer from another port, a wrong id from the right one, and only then the right one. */
static void
test_forged_answers_are_ignored(void **state)
{
  struct resolve_query *q;
  struct udp_pcb *stranger;
  struct dns_message m = { .len = 0 };

  (void)state;
  server_start(NULL);
  q = start("www.test", RESOLVE_A);
  settle_network();
  stranger = udp_new();
  assert_int_equal(udp_bind(stranger, IP4_ADDR_ANY, 6666), ERR_OK);
  msg_reply(&m, server.last.data, server.last.len, RCODE_OK);
  msg_address(&m, NULL, 100, "192.0.2.66");
  server_send(stranger, &m, server.ports[0]);
  m.data[1] ^= 1;
  server_send(server.pcb, &m, server.ports[0]);
  m.data[1] ^= 1;
  m.data[13] ^= 1;
  server_send(server.pcb, &m, server.ports[0]);
  m.data[13] ^= 1;
  assert_int_equal(settled_result(q), EAI_INPROGRESS);
  assert_int_equal(stats_since().ignored, 3);
  m.data[m.len - 1] = 1;
  server_send(server.pcb, &m, server.ports[0]);
  assert_int_equal(settled_result(q), 0);
  assert_int_equal(ip4_addr4(ip_2_ip4(&resolve_answer(q)->addr[0])), 1);
  resolve_end(q);
  udp_remove(stranger);
}

static void
test_overlong_answer_is_ignored(void **state)
{
  struct resolve_query *q;
  struct dns_message m = { .len = 0 };

  (void)state;
  server_start(NULL);
  q = start("www.test", RESOLVE_A);
  settle_network();
  msg_reply(&m, server.last.data, server.last.len, RCODE_OK);
  msg_address(&m, NULL, 100, "192.0.2.66");
  m.len = RESOLVE_MSG_SIZE + 1;
  server_send(server.pcb, &m, server.ports[0]);
  assert_int_equal(settled_result(q), EAI_INPROGRESS);
  assert_int_equal(stats_since().ignored, 1);
  resolve_end(q);
}

static void
test_queries_have_ids_and_ports_of_their_own(void **state)
{
  unsigned same_ids = 0, same_ports = 0;

  (void)state;
  server_start(NULL);
  for (unsigned i = 0; i < 64; i++) {
    struct resolve_query *q = start("www.test", RESOLVE_A);

    settle_network();
    resolve_end(q);
    assert_true(server.ports[i] >= 0x8000);
    for (unsigned k = 0; k < i; k++) {
      same_ids += server.ids[k] == server.ids[i];
      same_ports += server.ports[k] == server.ports[i];
    }
  }
  /* Of 2016 pairs, 0.03 and 0.06 are expected to be the same. */
  assert_true(same_ids < 4 && same_ports < 4);
}

static void
test_all_queries_open_next_one_is_refused_and_counted(void **state)
{
  struct resolve_query *q[RESOLVE_POOL], *more;

  (void)state;
  server_start(NULL);
  for (unsigned i = 0; i < RESOLVE_POOL; i++) {
    q[i] = start("www.test", RESOLVE_A);
  }
  assert_int_equal(resolve_start("www.test", RESOLVE_A, &more), EAI_MEMORY);
  assert_int_equal(stats_since().busy, 1);
  assert_int_equal(stats_since().most, RESOLVE_POOL);
  for (unsigned i = 0; i < RESOLVE_POOL; i++) {
    resolve_end(q[i]);
  }
  more = start("www.test", RESOLVE_A);
  resolve_end(more);
}

static void
test_bad_name_is_refused(void **state)
{
  struct resolve_query *q;

  (void)state;
  server_start(answer_two);
  assert_int_equal(resolve_start("a..b", RESOLVE_A, &q), EAI_NONAME);
  assert_int_equal(resolve_start("", RESOLVE_A, &q), EAI_NONAME);
  assert_int_equal(server.received, 0);
}

static void
test_shutdown_open_queries_fail(void **state)
{
  struct resolve_query *q;

  (void)state;
  server_start(NULL);
  q = start("www.test", RESOLVE_A);
  resolve_shutdown();
  assert_int_equal(resolve_result(q), EAI_AGAIN);
  assert_int_equal(udp_pcb_count(), 1);
  resolve_end(q);
}

/* An interface asks for its address, and no server is known yet: that may change, but not for ever. */
static void
test_lesson_03_interface_is_configuring_query_waits_for_servers(void **state)
{
  char folder[] = "/tmp/baresock-resolve-XXXXXX";
  struct resolve_query *q;
  char wire[96];
  int index;

  (void)state;
  if (BS_MAX_INTERFACES < 2) {
    skip();
  }
  server_start(answer_two);
  assert_int_equal(bs_net_dns(""), 0);
  /* A cable with nobody at its other end. */
  assert_non_null(mkdtemp(folder));
  snprintf(wire, sizeof(wire), "wire:%s/a,%s/b", folder, folder);
  index = bs_net_up(wire, NULL);
  assert_true(index > 0);
  q = start("www.test", RESOLVE_A);
  assert_int_equal(settled_result(q), EAI_INPROGRESS);
  assert_int_equal(bs_net_dns("127.0.0.1:5353"), 0);
  assert_int_equal(settled_result(q), 0);
  resolve_end(q);

  assert_int_equal(bs_net_dns(""), 0);
  q = start("other.test", RESOLVE_A);
  pass_ms(BS_RESOLVE_TIMEOUT_MS - 20);
  assert_int_equal(resolve_result(q), EAI_INPROGRESS);
  pass_ms(40);
  assert_int_equal(resolve_result(q), EAI_AGAIN);
  resolve_end(q);
  assert_int_equal(bs_net_down(index), 0);
  assert_int_equal(rmdir(folder), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, reset, nothing_is_left)

int
main(void)
{
  const struct CMUnitTest tests[] = {
    TEST(test_server_answers_query_has_all_addresses),
    TEST(test_answered_control_block_is_freed_before_the_end),
    TEST(test_kept_answer_second_query_needs_no_message),
    TEST(test_expired_answer_is_asked_again),
    TEST(test_no_such_name_is_kept_briefly),
    TEST(test_servers_changed_kept_answers_are_forgotten),
    TEST(test_servers_changed_open_query_goes_to_the_new_one),
    TEST(test_full_cache_oldest_makes_room),
    TEST(test_silent_server_is_asked_again_with_doubling_pauses),
    TEST(test_lesson_03_silent_server_wait_has_a_deadline),
    TEST(test_lesson_03_unreachable_server_wait_has_a_deadline),
    TEST(test_lesson_03_query_ended_while_answer_is_under_way),
    TEST(test_no_server_fails_at_once),
    TEST(test_failing_server_tells_at_once),
    TEST(test_one_server_refuses_the_next_is_asked_at_once),
    TEST(test_one_server_is_silent_the_next_is_asked_later),
    TEST(test_forged_answers_are_ignored),
    TEST(test_overlong_answer_is_ignored),
    TEST(test_queries_have_ids_and_ports_of_their_own),
    TEST(test_all_queries_open_next_one_is_refused_and_counted),
    TEST(test_bad_name_is_refused),
    TEST(test_shutdown_open_queries_fail),
    cmocka_unit_test(test_lesson_03_interface_is_configuring_query_waits_for_servers),
  };

  return cmocka_run_group_tests(tests, server_group_setup, server_group_teardown);
}
