/**
 * DNS messages: what is asked, what is taken from an answer, and what is not.
 */
#include "dns_message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "stack/resolve_msg.h"

#define ID 0x1234

/* A query's message, the reply that a test writes, and what was read from it. */
static struct {
  uint8_t query[RESOLVE_MSG_SIZE];
  size_t query_len;
  struct dns_message reply;
  struct resolve_answer answer;
} t;

static void
ask(const char *name, enum resolve_type type, unsigned rcode)
{
  int n = resolve_msg_build(t.query, sizeof(t.query), ID, name, type);

  assert_true(n > 0);
  t.query_len = (size_t)n;
  memset(&t.reply, 0, sizeof(t.reply));
  msg_reply(&t.reply, t.query, t.query_len, rcode);
}

/* The reply is copied to memory of exactly its size, where a sanitizer sees every step beyond. */
static int
parse(const char *name, enum resolve_type type)
{
  uint8_t *exact = malloc(t.reply.len > 0 ? t.reply.len : 1);
  int result;

  assert_non_null(exact);
  memcpy(exact, t.reply.data, t.reply.len);
  result = resolve_msg_parse(exact, t.reply.len, ID, name, type, &t.answer);
  free(exact);
  return result;
}

static void
assert_address(unsigned i, const char *text)
{
  const ip_addr_t *addr = &t.answer.addr[i];
  char found[INET6_ADDRSTRLEN];

  assert_true(i < t.answer.count);
  inet_ntop(IP_IS_V6(addr) ? AF_INET6 : AF_INET,
            IP_IS_V6(addr) ? (const void *)ip_2_ip6(addr)->addr : (const void *)&ip_2_ip4(addr)->addr, found,
            sizeof(found));
  assert_string_equal(found, text);
}

static void
test_name_build_writes_header_and_question(void **state)
{
  static const uint8_t expected[] = { 0x12, 0x34, 1,   0, 0,   1,   0,   0,   0, 0, 0,  0, 3,
                                      'w',  'w',  'w', 4, 't', 'e', 's', 't', 0, 0, 28, 0, 1 };
  uint8_t msg[RESOLVE_MSG_SIZE];

  (void)state;
  assert_int_equal(resolve_msg_build(msg, sizeof(msg), ID, "www.test", RESOLVE_AAAA), sizeof(expected));
  assert_memory_equal(msg, expected, sizeof(expected));
  assert_int_equal(resolve_msg_build(msg, sizeof(msg), ID, "www.test.", RESOLVE_AAAA), sizeof(expected));
  assert_memory_equal(msg, expected, sizeof(expected));
}

static void
test_bad_name_build_refuses(void **state)
{
  static const char *const bad[] = { "", ".", "..", ".a", "a..b", "a b", "a\\b", "a..", "\xc3\xa4.test", "a\n" };
  uint8_t msg[RESOLVE_MSG_SIZE];
  char label[65] = "";
  char name[300] = "";

  (void)state;
  for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    assert_int_equal(resolve_msg_build(msg, sizeof(msg), ID, bad[i], RESOLVE_A), -EINVAL);
  }
  memset(label, 'x', 64);
  assert_int_equal(resolve_msg_build(msg, sizeof(msg), ID, label, RESOLVE_A), -EINVAL);
  label[63] = '\0';
  assert_true(resolve_msg_build(msg, sizeof(msg), ID, label, RESOLVE_A) > 0);
  for (unsigned i = 0; i < 127; i++) {
    strcat(name, i == 0 ? "x" : ".x");
  }
  assert_int_equal(strlen(name), 253);
  assert_true(resolve_msg_build(msg, sizeof(msg), ID, name, RESOLVE_A) > 0);
  strcat(name, ".x");
  assert_int_equal(resolve_msg_build(msg, sizeof(msg), ID, name, RESOLVE_A), -EINVAL);
}

static void
test_small_buffer_build_refuses(void **state)
{
  uint8_t msg[RESOLVE_MSG_SIZE];

  (void)state;
  for (size_t size = 0; size < 26; size++) {
    assert_int_equal(resolve_msg_build(msg, size, ID, "www.test", RESOLVE_A), -ENOBUFS);
  }
  assert_int_equal(resolve_msg_build(msg, 26, ID, "www.test", RESOLVE_A), 26);
}

static void
test_addresses_parse_takes_all_and_smallest_ttl(void **state)
{
  (void)state;
  ask("www.test", RESOLVE_A, RCODE_OK);
  msg_address(&t.reply, NULL, 300, "192.0.2.1");
  msg_address(&t.reply, NULL, 200, "192.0.2.2");
  msg_address(&t.reply, "WWW.tEST", 400, "192.0.2.3");
  assert_int_equal(parse("www.test", RESOLVE_A), 0);
  assert_int_equal(t.answer.code, 0);
  assert_int_equal(t.answer.count, 3);
  assert_int_equal(t.answer.ttl_s, 200);
  assert_address(0, "192.0.2.1");
  assert_address(1, "192.0.2.2");
  assert_address(2, "192.0.2.3");
  assert_string_equal(t.answer.name, "www.test");
}

static void
test_ip6_addresses_parse_takes_them(void **state)
{
  (void)state;
  ask("www.test", RESOLVE_AAAA, RCODE_OK);
  msg_address(&t.reply, NULL, 300, "2001:db8::1");
  assert_int_equal(parse("www.test", RESOLVE_AAAA), 0);
  assert_int_equal(t.answer.count, 1);
  assert_address(0, "2001:db8::1");
}

static void
test_more_addresses_than_room_parse_takes_the_first(void **state)
{
  char text[32];

  (void)state;
  ask("a.test", RESOLVE_A, RCODE_OK);
  for (unsigned i = 0; i < BS_RESOLVE_ADDRS + 3; i++) {
    snprintf(text, sizeof(text), "192.0.2.%u", i);
    msg_address(&t.reply, NULL, 9, text);
  }
  assert_int_equal(parse("a.test", RESOLVE_A), 0);
  assert_int_equal(t.answer.count, BS_RESOLVE_ADDRS);
}

static void
test_cname_chain_parse_follows_in_any_order(void **state)
{
  (void)state;
  ask("www.test", RESOLVE_A, RCODE_OK);
  msg_address(&t.reply, "c.test", 300, "192.0.2.9");
  msg_alias(&t.reply, "b.test", TYPE_CNAME, 50, "c.test");
  msg_alias(&t.reply, NULL, TYPE_CNAME, 100, "b.test");
  msg_address(&t.reply, NULL, 300, "192.0.2.66");
  assert_int_equal(parse("www.test", RESOLVE_A), 0);
  assert_int_equal(t.answer.code, 0);
  assert_int_equal(t.answer.count, 1);
  assert_int_equal(t.answer.ttl_s, 50);
  assert_address(0, "192.0.2.9");
  assert_string_equal(t.answer.name, "c.test");
}

static void
test_cname_loop_parse_ends_in_failure(void **state)
{
  (void)state;
  ask("a.test", RESOLVE_A, RCODE_OK);
  msg_alias(&t.reply, "a.test", TYPE_CNAME, 50, "b.test");
  msg_alias(&t.reply, "b.test", TYPE_CNAME, 50, "a.test");
  assert_int_equal(parse("a.test", RESOLVE_A), 0);
  assert_int_equal(t.answer.code, EAI_FAIL);
}

static void
test_compressed_cname_parse_follows(void **state)
{
  (void)state;
  ask("www.test", RESOLVE_A, RCODE_OK);
  /* "ftp" and a pointer to "test" in the question. */
  msg_record(&t.reply, SECTION_ANSWER, NULL, TYPE_CNAME, 60, 6);
  memcpy(t.reply.data + t.reply.len, "\3ftp\xc0\x10", 6);
  t.reply.len += 6;
  msg_address(&t.reply, "ftp.test", 60, "192.0.2.7");
  assert_int_equal(parse("www.test", RESOLVE_A), 0);
  assert_string_equal(t.answer.name, "ftp.test");
  assert_address(0, "192.0.2.7");
}

static void
test_pointer_loop_parse_is_malformed(void **state)
{
  size_t at;

  (void)state;
  ask("www.test", RESOLVE_A, RCODE_OK);
  at = t.reply.len;
  msg_address(&t.reply, NULL, 60, "192.0.2.7");
  /* To itself, forward, and to the byte before, which leads there again. */
  t.reply.data[at + 1] = (uint8_t)at;
  assert_int_equal(parse("www.test", RESOLVE_A), -EBADMSG);
  t.reply.data[at + 1] = (uint8_t)(at + 4);
  assert_int_equal(parse("www.test", RESOLVE_A), -EBADMSG);
  t.reply.data[12] = 0xc0;
  t.reply.data[13] = 12;
  assert_int_equal(parse("www.test", RESOLVE_A), -ENOMSG);
}

static void
test_pointer_name_parse_takes_the_first(void **state)
{
  (void)state;
  ask("1.2.0.192.in-addr.arpa", RESOLVE_PTR, RCODE_OK);
  msg_alias(&t.reply, NULL, TYPE_PTR, 60, "host.test");
  msg_alias(&t.reply, NULL, TYPE_PTR, 60, "other.test");
  assert_int_equal(parse("1.2.0.192.in-addr.arpa", RESOLVE_PTR), 0);
  assert_int_equal(t.answer.code, 0);
  assert_int_equal(t.answer.count, 0);
  assert_string_equal(t.answer.name, "host.test");
}

static void
test_pointer_name_behind_cname_parse_follows(void **state)
{
  (void)state;
  ask("1.2.0.192.in-addr.arpa", RESOLVE_PTR, RCODE_OK);
  msg_alias(&t.reply, NULL, TYPE_CNAME, 60, "1.0/25.2.0.192.in-addr.arpa");
  msg_alias(&t.reply, "1.0/25.2.0.192.in-addr.arpa", TYPE_PTR, 60, "host.test");
  assert_int_equal(parse("1.2.0.192.in-addr.arpa", RESOLVE_PTR), 0);
  assert_string_equal(t.answer.name, "host.test");
}

static void
test_unprintable_pointer_name_parse_gives_none(void **state)
{
  (void)state;
  ask("1.2.0.192.in-addr.arpa", RESOLVE_PTR, RCODE_OK);
  msg_alias(&t.reply, NULL, TYPE_PTR, 60, "\x1b[2J.test");
  assert_int_equal(parse("1.2.0.192.in-addr.arpa", RESOLVE_PTR), 0);
  assert_int_equal(t.answer.code, EAI_NONAME);
}

static void
test_other_message_parse_refuses(void **state)
{
  (void)state;
  ask("www.test", RESOLVE_A, RCODE_OK);
  msg_address(&t.reply, NULL, 60, "192.0.2.7");
  assert_int_equal(parse("www.test", RESOLVE_A), 0);
  assert_int_equal(parse("WWW.TEST.", RESOLVE_A), 0);
  assert_int_equal(parse("www.test", RESOLVE_AAAA), -ENOMSG);
  assert_int_equal(parse("ww.test", RESOLVE_A), -ENOMSG);
  t.reply.data[0] ^= 1;
  assert_int_equal(parse("www.test", RESOLVE_A), -ENOMSG);
  t.reply.data[0] ^= 1;
  t.reply.data[2] &= 0x7f;
  assert_int_equal(parse("www.test", RESOLVE_A), -ENOMSG);
  t.reply.data[2] |= 0x80 | 0x08;
  assert_int_equal(parse("www.test", RESOLVE_A), -ENOMSG);
  t.reply.data[2] = 0x81;
  t.reply.data[5] = 0;
  assert_int_equal(parse("www.test", RESOLVE_A), -ENOMSG);
}

static void
test_no_such_name_parse_keeps_it_for_the_soa_minimum(void **state)
{
  (void)state;
  ask("no.test", RESOLVE_A, RCODE_NXDOMAIN);
  msg_soa(&t.reply, 3600, 20);
  assert_int_equal(parse("no.test", RESOLVE_A), 0);
  assert_int_equal(t.answer.code, EAI_NONAME);
  assert_int_equal(t.answer.ttl_s, 20);
  ask("no.test", RESOLVE_A, RCODE_NXDOMAIN);
  msg_soa(&t.reply, 3600, 86400);
  assert_int_equal(parse("no.test", RESOLVE_A), 0);
  assert_int_equal(t.answer.ttl_s, BS_RESOLVE_NEGATIVE_MAX_S);
}

static void
test_no_data_without_soa_parse_does_not_keep_it(void **state)
{
  (void)state;
  ask("v4.test", RESOLVE_AAAA, RCODE_OK);
  assert_int_equal(parse("v4.test", RESOLVE_AAAA), 0);
  assert_int_equal(t.answer.code, EAI_NODATA);
  assert_int_equal(t.answer.ttl_s, 0);
}

static void
test_failing_server_parse_tells_which_way(void **state)
{
  (void)state;
  ask("a.test", RESOLVE_A, RCODE_SERVFAIL);
  assert_int_equal(parse("a.test", RESOLVE_A), 0);
  assert_int_equal(t.answer.code, EAI_AGAIN);
  ask("a.test", RESOLVE_A, RCODE_REFUSED);
  assert_int_equal(parse("a.test", RESOLVE_A), 0);
  assert_int_equal(t.answer.code, EAI_FAIL);
  /* A referral: nothing found, and neither authoritative nor recursive. */
  ask("a.test", RESOLVE_A, RCODE_OK);
  t.reply.data[3] = 0;
  assert_int_equal(parse("a.test", RESOLVE_A), 0);
  assert_int_equal(t.answer.code, EAI_FAIL);
}

static void
test_truncated_answer_parse_takes_whole_records(void **state)
{
  (void)state;
  ask("a.test", RESOLVE_A, RCODE_OK);
  msg_address(&t.reply, NULL, 60, "192.0.2.1");
  msg_address(&t.reply, NULL, 60, "192.0.2.2");
  t.reply.len -= 2;
  assert_int_equal(parse("a.test", RESOLVE_A), -EBADMSG);
  t.reply.data[2] |= 0x02;
  assert_int_equal(parse("a.test", RESOLVE_A), 0);
  assert_int_equal(t.answer.code, 0);
  assert_int_equal(t.answer.count, 1);
}

static void
test_wrong_address_size_parse_is_malformed(void **state)
{
  (void)state;
  ask("a.test", RESOLVE_A, RCODE_OK);
  msg_record(&t.reply, SECTION_ANSWER, NULL, TYPE_A, 60, 3);
  t.reply.len += 3;
  assert_int_equal(parse("a.test", RESOLVE_A), -EBADMSG);
}

static void
test_negative_ttl_parse_counts_as_zero(void **state)
{
  (void)state;
  ask("a.test", RESOLVE_A, RCODE_OK);
  msg_address(&t.reply, NULL, 0x80000001, "192.0.2.1");
  assert_int_equal(parse("a.test", RESOLVE_A), 0);
  assert_int_equal(t.answer.ttl_s, 0);
}

static void
test_address_reverse_gives_arpa_name(void **state)
{
  ip_addr_t ip4 = IPADDR4_INIT_BYTES(192, 0, 2, 5);
  ip_addr_t ip6 = IPADDR6_INIT_HOST(0x20010db8, 0, 0, 0x567);
  char name[RESOLVE_NAME_SIZE];

  (void)state;
  resolve_msg_reverse(&ip4, name);
  assert_string_equal(name, "5.2.0.192.in-addr.arpa");
  resolve_msg_reverse(&ip6, name);
  assert_string_equal(name, "7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

/* Always the same numbers. */
static uint32_t
next_random(void)
{
  static uint32_t x = 2463534242u;

  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return x;
}

/* A reply with everything that the parser knows. */
static void
write_rich_reply(enum resolve_type type)
{
  ask("www.example.test", type, RCODE_OK);
  msg_alias(&t.reply, NULL, TYPE_CNAME, 60, "b.test");
  msg_record(&t.reply, SECTION_ANSWER, "b.test", TYPE_CNAME, 60, 6);
  memcpy(t.reply.data + t.reply.len, "\3ftp\xc0\x10", 6);
  t.reply.len += 6;
  msg_address(&t.reply, "ftp.example.test", 60, "192.0.2.7");
  msg_address(&t.reply, "ftp.example.test", 60, "2001:db8::7");
  msg_alias(&t.reply, "ftp.example.test", TYPE_PTR, 60, "host.test");
  msg_soa(&t.reply, 60, 60);
}

static void
test_damaged_messages_parse_stays_inside(void **state)
{
  static const enum resolve_type types[] = { RESOLVE_A, RESOLVE_AAAA, RESOLVE_PTR };
  unsigned taken = 0;

  (void)state;
  for (unsigned round = 0; round < 60000; round++) {
    enum resolve_type type = types[round % 3];
    unsigned changes = 1 + next_random() % 6;

    write_rich_reply(type);
    for (unsigned i = 0; i < changes; i++) {
      /* Half of the time the id and the question stay, so that the damage is looked at. */
      size_t from = next_random() % 2 ? 2 : t.query_len;
      size_t at = from + next_random() % (t.reply.len - from);

      t.reply.data[at] = (uint8_t)(next_random() % 4 == 0 ? 0xc0 : next_random());
    }
    if (next_random() % 4 == 0) {
      t.reply.len = next_random() % t.reply.len;
    }
    if (parse("www.example.test", type) == 0) {
      taken++;
      assert_true(t.answer.count <= BS_RESOLVE_ADDRS);
      assert_true(strlen(t.answer.name) < RESOLVE_NAME_SIZE);
    }
  }
  assert_true(taken > 1000);
}

static void
test_random_bytes_parse_stays_inside(void **state)
{
  (void)state;
  for (unsigned round = 0; round < 40000; round++) {
    size_t fixed;

    ask("a.test", RESOLVE_A, RCODE_OK);
    t.reply.data[7] = (uint8_t)next_random();
    t.reply.data[9] = (uint8_t)next_random();
    fixed = t.reply.len;
    t.reply.len += next_random() % (RESOLVE_MSG_SIZE - fixed);
    for (size_t i = fixed; i < t.reply.len; i++) {
      t.reply.data[i] = (uint8_t)(next_random() % 3 ? next_random() % 16 : next_random());
    }
    parse("a.test", RESOLVE_A);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_name_build_writes_header_and_question),
    cmocka_unit_test(test_bad_name_build_refuses),
    cmocka_unit_test(test_small_buffer_build_refuses),
    cmocka_unit_test(test_addresses_parse_takes_all_and_smallest_ttl),
    cmocka_unit_test(test_ip6_addresses_parse_takes_them),
    cmocka_unit_test(test_more_addresses_than_room_parse_takes_the_first),
    cmocka_unit_test(test_cname_chain_parse_follows_in_any_order),
    cmocka_unit_test(test_cname_loop_parse_ends_in_failure),
    cmocka_unit_test(test_compressed_cname_parse_follows),
    cmocka_unit_test(test_pointer_loop_parse_is_malformed),
    cmocka_unit_test(test_pointer_name_parse_takes_the_first),
    cmocka_unit_test(test_pointer_name_behind_cname_parse_follows),
    cmocka_unit_test(test_unprintable_pointer_name_parse_gives_none),
    cmocka_unit_test(test_other_message_parse_refuses),
    cmocka_unit_test(test_no_such_name_parse_keeps_it_for_the_soa_minimum),
    cmocka_unit_test(test_no_data_without_soa_parse_does_not_keep_it),
    cmocka_unit_test(test_failing_server_parse_tells_which_way),
    cmocka_unit_test(test_truncated_answer_parse_takes_whole_records),
    cmocka_unit_test(test_wrong_address_size_parse_is_malformed),
    cmocka_unit_test(test_negative_ttl_parse_counts_as_zero),
    cmocka_unit_test(test_address_reverse_gives_arpa_name),
    cmocka_unit_test(test_damaged_messages_parse_stays_inside),
    cmocka_unit_test(test_random_bytes_parse_stays_inside),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
