/**
 * Which multicast frames a link is asked to let through.
 */
#include "clock.h"
#include "pair.h"
#include "valve.h"

#define GROUPS_MOST (BS_FILTER_GROUPS + 1)

static struct {
  struct bs_link_filter filter;
  uint8_t group[GROUPS_MOST][6];
  unsigned times;
} told;

static int fd;

static int
tell(struct bs_link *link, const struct bs_link_filter *filter)
{
  (void)link;
  told.filter = *filter;
  assert_in_range(filter->groups, 0, BS_FILTER_GROUPS);
  memcpy(told.group, filter->group, filter->groups * sizeof(told.group[0]));
  told.times++;
  return 0;
}

static int
begin(void **state)
{
  static struct bs_link_ops ops;

  ops = valve_ops;
  ops.name = "sieve";
  ops.set_filter = tell;
  remember_pools(state);
  memset(&told, 0, sizeof(told));
  if (bs_link_register(&ops) < 0) {
    assert_int_equal(errno, EEXIST);
  }
  assert_true(bs_net_up("sieve", NULL) > 0);
  assert_int_equal(bs_net_ip4(0, "192.0.2.1/24"), 0);
  assert_int_equal(bs_net_ip6(0, "off"), 0);
  settle();
  fd = bs_socket(AF_INET, SOCK_DGRAM, 0);
  return 0;
}

static int
end(void **state)
{
  bs_close(fd);
  return nothing_is_left(state);
}

static bool
is_let_through(const char *mac)
{
  uint8_t bytes[6];
  unsigned i;

  assert_int_equal(
      sscanf(mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &bytes[0], &bytes[1], &bytes[2], &bytes[3], &bytes[4], &bytes[5]),
      6);
  for (i = 0; i < told.filter.groups; i++) {
    if (memcmp(told.group[i], bytes, sizeof(bytes)) == 0) {
      return true;
    }
  }
  return false;
}

static void
change(int option, uint32_t group)
{
  struct ip_mreq request = { .imr_multiaddr.s_addr = htonl(group) };

  assert_int_equal(bs_setsockopt(fd, IPPROTO_IP, option, &request, sizeof(request)), 0);
  settle();
}

static void
test_interface_up_all_systems_are_let_through(void **state)
{
  (void)state;
  assert_true(told.times > 0);
  assert_true(is_let_through("01:00:5e:00:00:01"));
  assert_false(told.filter.all_multicast || told.filter.promiscuous);
}

static void
test_group_joined_and_left_filter_follows(void **state)
{
  (void)state;
  /* RFC 1112 6.4: the upper bit of the second byte is not told. */
  change(IP_ADD_MEMBERSHIP, 0xefc10203);
  assert_true(is_let_through("01:00:5e:41:02:03"));
  change(IP_DROP_MEMBERSHIP, 0xefc10203);
  assert_false(is_let_through("01:00:5e:41:02:03"));
}

static void
test_nothing_changes_link_is_not_told_again(void **state)
{
  unsigned before = told.times;

  (void)state;
  settle();
  assert_int_equal(told.times, before);
}

static void
test_more_groups_than_limit_all_multicast_and_counted(void **state)
{
  uint32_t before = counter("limit", "filter_groups");
  unsigned i;

  (void)state;
  /* Beside all systems. */
  for (i = 0; i < BS_FILTER_GROUPS; i++) {
    assert_false(told.filter.all_multicast && i + 2 < BS_FILTER_GROUPS);
    change(IP_ADD_MEMBERSHIP, 0xef000001 + i);
  }
  assert_true(told.filter.all_multicast);
  assert_true(counter("limit", "filter_groups") > before);
  for (i = 0; i < BS_FILTER_GROUPS; i++) {
    change(IP_DROP_MEMBERSHIP, 0xef000001 + i);
  }
  assert_false(told.filter.all_multicast);
}

#if BS_IPV6
static void
test_ip6_address_its_solicited_node_group_is_let_through(void **state)
{
  (void)state;
  assert_true(is_let_through("33:33:00:00:00:01"));
  stop_the_clock();
  assert_int_equal(bs_net_ip6(0, "2001:db8::12:3456/64"), 0);
  pass_ms(3000);
  /* RFC 4291 2.7.1. */
  assert_true(is_let_through("33:33:ff:12:34:56"));
}
#endif

#define on_the_sieve(test) cmocka_unit_test_setup_teardown(test, begin, end)

int
main(void)
{
  const struct CMUnitTest tests[] = {
    on_the_sieve(test_interface_up_all_systems_are_let_through),
    on_the_sieve(test_group_joined_and_left_filter_follows),
    on_the_sieve(test_nothing_changes_link_is_not_told_again),
    on_the_sieve(test_more_groups_than_limit_all_multicast_and_counted),
#if BS_IPV6
    on_the_sieve(test_ip6_address_its_solicited_node_group_is_let_through),
#endif
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
