/**
 * Addresses as users write them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stack/addrspec.h"

static void
test_address_and_length_are_read(void **state)
{
  struct addr_spec spec;

  (void)state;
  assert_int_equal(addr_spec_parse("10.0.0.2/24", IPADDR_TYPE_V4, &spec), 0);
  assert_string_equal(ipaddr_ntoa(&spec.addr), "10.0.0.2");
  assert_int_equal(spec.prefix_len, 24);
  assert_false(spec.has_gateway);
}

static void
test_gateway_is_read(void **state)
{
  struct addr_spec spec;

  (void)state;
  assert_int_equal(addr_spec_parse("fd00::2/64,fd00::1", IPADDR_TYPE_V6, &spec), 0);
  assert_true(spec.has_gateway);
  assert_string_equal(ipaddr_ntoa(&spec.gateway), "FD00::1");
}

static void
test_address_wrong_is_refused(void **state)
{
  static const char *const wrong[] = {
    "",           "10.0.0.2",      "10.0.0.2/",         "10.0.0.2/0",     "10.0.0.2/33",
    "10.0.0.2/x", "10.0.0.2/24,",  "10.0.0.2/24,x",     "10.0.0/24",      "10.0.0.256/24",
    "/24",        "10.0.0.2/-1",   "10.0.0.2/ 24",      "10.0.0.2/+24",   "fd00::2/64",
    "10.0.0.2,1", "10.0.0.2/24/3", "10.0.0.2/99999999", "10.0.0.2/24,::1"
  };
  struct addr_spec spec;
  unsigned i;

  (void)state;
  for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    if (addr_spec_parse(wrong[i], IPADDR_TYPE_V4, &spec) != -EINVAL) {
      fail_msg("%s was taken", wrong[i]);
    }
  }
  assert_int_equal(addr_spec_parse("fd00::2/129", IPADDR_TYPE_V6, &spec), -EINVAL);
  assert_int_equal(addr_spec_parse("10.0.0.2/24", IPADDR_TYPE_V6, &spec), -EINVAL);
}

static void
test_address_of_any_length_does_not_overflow(void **state)
{
  struct addr_spec spec;
  char text[1000];

  (void)state;
  memset(text, '1', sizeof(text));
  text[sizeof(text) - 1] = '\0';
  text[500] = '/';
  assert_int_equal(addr_spec_parse(text, IPADDR_TYPE_V4, &spec), -EINVAL);
}

static void
assert_server(const char **text, const char *addr, unsigned port)
{
  ip_addr_t ip;
  u16_t got;

  assert_int_equal(server_spec_parse(text, &ip, &got, 53), 0);
  assert_string_equal(ipaddr_ntoa(&ip), addr);
  assert_int_equal(got, port);
}

static void
test_servers_are_read_one_by_one(void **state)
{
  const char *text = "9.9.9.9,10.0.0.1:5353,2620:fe::fe,[2620:fe::9],[::1]:54";

  (void)state;
  assert_server(&text, "9.9.9.9", 53);
  assert_server(&text, "10.0.0.1", 5353);
  assert_server(&text, "2620:FE::FE", 53);
  assert_server(&text, "2620:FE::9", 53);
  assert_server(&text, "::1", 54);
  assert_string_equal(text, "");
}

static void
test_server_wrong_is_refused(void **state)
{
  static const char *const wrong[] = { "x",         "9.9.9.9:",      "9.9.9.9:0", "9.9.9.9:65536",
                                       "9.9.9.9:x", "9.9.9.9,",      "[::1",      "[::1]x",
                                       "[::1]:",    ",9.9.9.9",      "9.9.9",     "9.9.9.9 ",
                                       "[]:53",     "9.9.9.9:53:54", "::1]:53",   "" };
  unsigned i;

  (void)state;
  for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    const char *text = wrong[i];
    ip_addr_t ip;
    u16_t port;

    if (server_spec_parse(&text, &ip, &port, 53) != -EINVAL) {
      fail_msg("%s was taken", wrong[i]);
    }
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_address_and_length_are_read), cmocka_unit_test(test_gateway_is_read),
    cmocka_unit_test(test_address_wrong_is_refused),    cmocka_unit_test(test_address_of_any_length_does_not_overflow),
    cmocka_unit_test(test_servers_are_read_one_by_one), cmocka_unit_test(test_server_wrong_is_refused),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
