/**
 * Initial sequence numbers: the hash is SipHash, and nobody can tell one connection's from another's.
 */
#include "calls.h"

#include "lwip/ip_addr.h"

#include "stack/isn.h"
#include "stack/lwip/lwip_hooks.h"
#include "stack/stack.h"

static bs_time_t now;

static bs_time_t
set_clock(void)
{
  return now;
}

static u32_t
number(const char *local, u16_t local_port, const char *remote, u16_t remote_port)
{
  ip_addr_t from, to;

  assert_true(ipaddr_aton(local, &from) && ipaddr_aton(remote, &to));
  return lwip_hook_tcp_isn(&from, local_port, &to, remote_port);
}

/* The authors' key, bytes 0 to 15, and their input, bytes 0, 1, 2, ... as long as ours can be. */
static void
test_hash_is_siphash_2_4(void **state)
{
  static const uint64_t key[2] = { 0x0706050403020100u, 0x0f0e0d0c0b0a0908u };
  static const uint32_t words[] = { 0x03020100u, 0x07060504u, 0x0b0a0908u };

  (void)state;
  assert_int_equal(isn_hash(key, words, 0), 0x726fdb47dd0e0e31u);
  assert_int_equal(isn_hash(key, words, 1), 0xcf2794e0277187b7u);
  assert_int_equal(isn_hash(key, words, 2), 0x93f5f5799a932462u);
  assert_int_equal(isn_hash(key, words, 3), 0x751e8fbc860ee5fbu);
}

static void
test_rfc6528_3_each_end_and_the_secret_change_it(void **state)
{
  static const uint8_t secret[ISN_SECRET] = { 1 }, other[ISN_SECRET] = { 2 };
  u32_t first;

  (void)state;
  isn_init(secret, 0);
  first = number("10.0.0.1", 1, "10.0.0.2", 2);
  assert_int_equal(number("10.0.0.1", 1, "10.0.0.2", 2), first);
  assert_int_not_equal(number("10.0.0.3", 1, "10.0.0.2", 2), first);
  assert_int_not_equal(number("10.0.0.1", 3, "10.0.0.2", 2), first);
  assert_int_not_equal(number("10.0.0.1", 1, "10.0.0.3", 2), first);
  assert_int_not_equal(number("10.0.0.1", 1, "10.0.0.2", 3), first);
  isn_init(other, 0);
  assert_int_not_equal(number("10.0.0.1", 1, "10.0.0.2", 2), first);
}

static void
test_rfc6528_3_it_grows_by_one_in_4_us(void **state)
{
  u32_t first = number("10.0.0.1", 1, "10.0.0.2", 2);

  (void)state;
  now += 4000000;
  assert_int_equal(number("10.0.0.1", 1, "10.0.0.2", 2) - first, 1000000);
}

#if BS_IPV6
static void
test_ipv6_each_end_changes_it(void **state)
{
  u32_t first = number("fd00::1", 1, "fd00::2", 2);

  (void)state;
  assert_int_equal(number("fd00::1", 1, "fd00::2", 2), first);
  assert_int_not_equal(number("fd00:1::1", 1, "fd00::2", 2), first);
  assert_int_not_equal(number("fd00::1", 1, "fd00:1::2", 2), first);
}
#endif

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_hash_is_siphash_2_4),
    cmocka_unit_test(test_rfc6528_3_each_end_and_the_secret_change_it),
    cmocka_unit_test(test_rfc6528_3_it_grows_by_one_in_4_us),
#if BS_IPV6
    cmocka_unit_test(test_ipv6_each_end_changes_it),
#endif
  };

  now = 1000000;
  bs_set_clock(set_clock);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
