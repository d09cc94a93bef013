/**
 * Addresses as text, compared with the C library's; services; interface names.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "baresock/net.h"
#include "baresock/netdb.h"

#include "socket/services.h"

static const char *const texts4[] = {
  "0.0.0.0",    "127.0.0.1",  "255.255.255.255", "1.2.3.4",   "256.1.1.1",
  "1.2.3",      "1.2.3.4.5",  "1.2.3.4 ",        " 1.2.3.4",  "01.2.3.4",
  "1.2.3.04",   "00.0.0.0",   "1..2.3",          "",          ".",
  "1.2.3.",     "0x1.2.3.4",  "1.2.3.4\n",       "1.2.3.999", "-1.2.3.4",
  "+1.2.3.4",   "1.2.3.a",    "127.1",           "1",         "4294967295",
  "4294967296", "0x7f000001", "0x7f.1",          "0177.1",    "1.65536",
  "1.2.65536",  "1.16777215", "1.16777216",      "1.2.65535", "0",
  "0x",         "08.1.1.1",   "1.2.3.256",       "0x1g",      "1.2.3.0377",
};

static const char *const texts6[] = {
  "::",
  "::1",
  "1::",
  "2001:db8::1",
  "1:2:3:4:5:6:7:8",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7::",
  "::2:3:4:5:6:7:8",
  "1::3:4:5:6:7:8",
  "1:2:3::5:6:7:8:9",
  "::1:2:3:4:5:6:7:8",
  ":",
  ":::",
  "1:::2",
  "1::2::3",
  ":1",
  "1:",
  "12345::",
  "g::",
  "::ffff:1.2.3.4",
  "::1.2.3.4",
  "1:2:3:4:5:6:1.2.3.4",
  "1:2:3:4:5:6:7:1.2.3.4",
  "::1.2.3",
  "::1.2.3.4.5",
  "::01.2.3.4",
  "1.2.3.4::",
  "::1.2.3.4:5",
  "",
  "fe80::1%1",
  "ABCD::eF01",
  "0001::0",
  "00001::",
  "1:2:3:4::5:6:7:8",
  "::1 ",
  "64:ff9b::1.2.3.4",
  "::256.0.0.1",
  "1:2:3:4:5:1.2.3.4",
  "::12345",
};

static void
test_texts_pton_agrees_with_libc(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof(texts4) / sizeof(texts4[0]); i++) {
    uint8_t ours[4] = { 0 }, theirs[4] = { 0 };

    assert_int_equal(bs_inet_pton(AF_INET, texts4[i], ours), inet_pton(AF_INET, texts4[i], theirs));
    assert_memory_equal(ours, theirs, 4);
  }
  for (size_t i = 0; i < sizeof(texts6) / sizeof(texts6[0]); i++) {
    uint8_t ours[16] = { 0 }, theirs[16] = { 0 };

    assert_int_equal(bs_inet_pton(AF_INET6, texts6[i], ours), inet_pton(AF_INET6, texts6[i], theirs));
    assert_memory_equal(ours, theirs, 16);
  }
}

/* Ours takes nothing behind the address, where inet_aton() allows white space. */
static void
test_texts_aton_agrees_with_libc(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof(texts4) / sizeof(texts4[0]); i++) {
    struct in_addr ours = { 0 }, theirs = { 0 };

    if (strpbrk(texts4[i], " \n") != NULL) {
      assert_int_equal(bs_inet_aton(texts4[i], &ours), 0);
      continue;
    }
    assert_int_equal(bs_inet_aton(texts4[i], &ours), inet_aton(texts4[i], &theirs));
    assert_int_equal(ours.s_addr, theirs.s_addr);
  }
}

static void
test_addresses_ntop_agrees_with_libc(void **state)
{
  uint32_t x = 1;

  (void)state;
  for (unsigned round = 0; round < 200000; round++) {
    uint8_t addr[16];
    char ours[INET6_ADDRSTRLEN], theirs[INET6_ADDRSTRLEN];

    for (unsigned i = 0; i < 16; i++) {
      x = x * 1664525 + 1013904223;
      addr[i] = (uint8_t)(x >> 24);
    }
    /* Whole groups of zeros, in every combination. */
    for (unsigned i = 0; i < 8; i++) {
      if (round >> i & 1) {
        addr[2 * i] = addr[2 * i + 1] = 0;
      } else if (round >> 8 & 1) {
        addr[2 * i] = 0;
      }
    }
    if (round % 97 == 0) {
      memcpy(addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
    }
    assert_non_null(bs_inet_ntop(AF_INET6, addr, ours, sizeof(ours)));
    assert_string_equal(ours, inet_ntop(AF_INET6, addr, theirs, sizeof(theirs)));
    assert_non_null(bs_inet_ntop(AF_INET, addr, ours, sizeof(ours)));
    assert_string_equal(ours, inet_ntop(AF_INET, addr, theirs, sizeof(theirs)));
  }
}

static void
test_small_buffer_ntop_gives_enospc(void **state)
{
  static const uint8_t addr[4] = { 10, 0, 2, 15 };
  char text[16];

  (void)state;
  errno = 0;
  assert_null(bs_inet_ntop(AF_INET, addr, text, 9));
  assert_int_equal(errno, ENOSPC);
  assert_string_equal(bs_inet_ntop(AF_INET, addr, text, 10), "10.0.2.15");
}

static void
test_unknown_family_gives_eafnosupport(void **state)
{
  uint8_t addr[16] = { 0 };
  char text[64];

  (void)state;
  errno = 0;
  assert_int_equal(bs_inet_pton(AF_UNIX, "1.2.3.4", addr), -1);
  assert_int_equal(errno, EAFNOSUPPORT);
  errno = 0;
  assert_null(bs_inet_ntop(AF_UNIX, addr, text, sizeof(text)));
  assert_int_equal(errno, EAFNOSUPPORT);
}

static void
test_services_are_known_both_ways(void **state)
{
  (void)state;
  assert_int_equal(services_port("http", SERVICE_TCP), 80);
  assert_int_equal(services_port("www", SERVICE_TCP), 80);
  assert_int_equal(services_port("http", SERVICE_UDP), 0);
  assert_int_equal(services_port("tftp", SERVICE_UDP), 69);
  assert_int_equal(services_port("nonsense", SERVICE_TCP), 0);
  assert_string_equal(services_name(80, SERVICE_TCP), "http");
  assert_string_equal(services_name(53, SERVICE_UDP), "domain");
  assert_null(services_name(80, SERVICE_UDP));
  assert_null(services_name(0, SERVICE_TCP));
}

static void
test_loopback_interface_has_name_and_index(void **state)
{
  char name[IF_NAMESIZE];
  unsigned index = bs_if_nametoindex("lo0");

  (void)state;
  assert_int_not_equal(index, 0);
  assert_string_equal(bs_if_indextoname(index, name), "lo0");
}

static void
test_unknown_interface_gives_errno(void **state)
{
  static const char *const names[] = { "", "l", "lo", "lo9", "lo0x", "lo00", "lo256", "nope", "a-very-long-name" };
  static const unsigned indexes[] = { 0, 200, 256, 257, 0xffffffff };
  char name[IF_NAMESIZE];

  (void)state;
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    errno = 0;
    assert_int_equal(bs_if_nametoindex(names[i]), 0);
    assert_int_equal(errno, ENODEV);
  }
  for (size_t i = 0; i < sizeof(indexes) / sizeof(indexes[0]); i++) {
    errno = 0;
    assert_null(bs_if_indextoname(indexes[i], name));
    assert_int_equal(errno, ENXIO);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_texts_pton_agrees_with_libc),           cmocka_unit_test(test_texts_aton_agrees_with_libc),
    cmocka_unit_test(test_addresses_ntop_agrees_with_libc),       cmocka_unit_test(test_small_buffer_ntop_gives_enospc),
    cmocka_unit_test(test_unknown_family_gives_eafnosupport),     cmocka_unit_test(test_services_are_known_both_ways),
    cmocka_unit_test(test_loopback_interface_has_name_and_index), cmocka_unit_test(test_unknown_interface_gives_errno),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
