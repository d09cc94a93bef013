/**
 * The hosts file, and localhost without one.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "hosts_file.h"

#include "stack/hosts.h"

static struct resolve_answer answer;

static const ip_addr_t loopback4 = IPADDR4_INIT_BYTES(127, 0, 0, 1);
static const ip_addr_t loopback6 = IPADDR6_INIT_HOST(0, 0, 0, 1);

static void
test_file_name_is_found_without_regard_to_case(void **state)
{
  ip_addr_t expected = IPADDR4_INIT_BYTES(192, 0, 2, 1);

  (void)state;
  hosts_write("192.0.2.1 host.test\n");
  assert_true(hosts_find("HOST.test", &answer));
  assert_int_equal(answer.count, 1);
  assert_true(ip_addr_eq(&answer.addr[0], &expected));
  assert_string_equal(answer.name, "host.test");
  assert_true(hosts_find("host.test.", &answer));
  assert_false(hosts_find("host.tes", &answer));
  assert_false(hosts_find("192.0.2.1", &answer));
}

static void
test_alias_gives_the_line_s_first_name(void **state)
{
  (void)state;
  hosts_write("192.0.2.1\thost.test  short\tother # comment nocount\n");
  assert_true(hosts_find("other", &answer));
  assert_string_equal(answer.name, "host.test");
  assert_true(hosts_find("short", &answer));
  assert_false(hosts_find("comment", &answer));
  assert_false(hosts_find("nocount", &answer));
}

static void
test_several_lines_give_all_addresses(void **state)
{
  (void)state;
  hosts_write("192.0.2.1 host\n2001:db8::1 host\n192.0.2.2 big host\n192.0.2.3 else\n");
  assert_true(hosts_find("host", &answer));
  assert_int_equal(answer.count, 3);
  assert_true(IP_IS_V6(&answer.addr[1]));
  assert_string_equal(answer.name, "host");
}

static void
test_lines_of_dos_and_without_end_are_read(void **state)
{
  (void)state;
  hosts_write("# first\r\n\r\n192.0.2.1 one\r\n192.0.2.2 two#three\r\n192.0.2.3 four");
  assert_true(hosts_find("one", &answer));
  assert_true(hosts_find("two", &answer));
  assert_false(hosts_find("three", &answer));
  assert_true(hosts_find("four", &answer));
}

static void
test_bad_lines_are_skipped(void **state)
{
  (void)state;
  hosts_write("nonsense host\n192.0.2.300 host\n192.0.2.1\n\xff\xfe\x01 host\n   \n127.1 host\n192.0.2.9 host\n");
  assert_true(hosts_find("host", &answer));
  assert_int_equal(answer.count, 1);
  assert_false(hosts_find("", &answer));
}

static void
test_long_lines_are_read_to_their_end(void **state)
{
  char *text = malloc(100000);
  size_t at = 0;

  (void)state;
  assert_non_null(text);
  at += (size_t)sprintf(text + at, "192.0.2.1 ");
  for (unsigned i = 0; i < 5000; i++) {
    at += (size_t)sprintf(text + at, "name%u ", i);
  }
  memset(text + at, 'x', 1000);
  at += 1000;
  strcpy(text + at, " last\n192.0.2.2 next\n");
  hosts_write(text);
  free(text);
  assert_true(hosts_find("name4999", &answer));
  assert_true(hosts_find("last", &answer));
  assert_true(hosts_find("next", &answer));
}

static void
test_more_addresses_than_room_gives_the_first(void **state)
{
  char text[4096] = "";

  (void)state;
  for (unsigned i = 0; i < BS_RESOLVE_ADDRS + 5; i++) {
    sprintf(text + strlen(text), "192.0.2.%u host\n", i);
  }
  hosts_write(text);
  assert_true(hosts_find("host", &answer));
  assert_int_equal(answer.count, BS_RESOLVE_ADDRS);
}

static void
test_address_gives_the_first_name(void **state)
{
  ip_addr_t ip4 = IPADDR4_INIT_BYTES(192, 0, 2, 1);
  ip_addr_t ip6 = IPADDR6_INIT_HOST(0x20010db8, 0, 0, 1);
  ip_addr_t other = IPADDR4_INIT_BYTES(192, 0, 2, 2);
  char name[RESOLVE_NAME_SIZE];

  (void)state;
  hosts_write("192.0.2.1 host alias\n2001:db8::1 six\n192.0.2.2\n");
  assert_true(hosts_find_name(&ip4, name));
  assert_string_equal(name, "host");
  assert_true(hosts_find_name(&ip6, name));
  assert_string_equal(name, "six");
  assert_false(hosts_find_name(&other, name));
}

static void
assert_is_localhost(const char *name)
{
  assert_true(hosts_find(name, &answer));
  assert_int_equal(answer.count, 2);
  assert_true(ip_addr_eq(&answer.addr[0], &loopback4));
  assert_true(ip_addr_eq(&answer.addr[1], &loopback6));
}

static void
test_localhost_needs_no_file_and_heeds_none(void **state)
{
  char name[RESOLVE_NAME_SIZE];

  (void)state;
  hosts_write("192.0.2.1 localhost www.localhost\n");
  assert_is_localhost("localhost");
  assert_is_localhost("LocalHost.");
  assert_is_localhost("www.localhost");
  assert_false(hosts_find("mylocalhost", &answer));
  assert_false(hosts_find("localhost.test", &answer));
  assert_true(hosts_find_name(&loopback4, name));
  assert_string_equal(name, "localhost");
  assert_true(hosts_find_name(&loopback6, name));
  assert_string_equal(name, "localhost");
}

static void
test_no_file_finds_nothing(void **state)
{
  ip_addr_t ip4 = IPADDR4_INIT_BYTES(192, 0, 2, 1);
  char name[RESOLVE_NAME_SIZE];

  (void)state;
  setenv("BARESOCK_HOSTS", "/nonexistent/hosts", 1);
  assert_false(hosts_find("host", &answer));
  assert_false(hosts_find_name(&ip4, name));
  assert_is_localhost("localhost");
  setenv("BARESOCK_HOSTS", hosts_path, 1);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_file_name_is_found_without_regard_to_case),
    cmocka_unit_test(test_alias_gives_the_line_s_first_name),
    cmocka_unit_test(test_several_lines_give_all_addresses),
    cmocka_unit_test(test_lines_of_dos_and_without_end_are_read),
    cmocka_unit_test(test_bad_lines_are_skipped),
    cmocka_unit_test(test_long_lines_are_read_to_their_end),
    cmocka_unit_test(test_more_addresses_than_room_gives_the_first),
    cmocka_unit_test(test_address_gives_the_first_name),
    cmocka_unit_test(test_localhost_needs_no_file_and_heeds_none),
    cmocka_unit_test(test_no_file_finds_nothing),
  };

  return cmocka_run_group_tests(tests, hosts_setup, hosts_teardown);
}
