/**
 * The Internet checksum in large words (src/stack/checksum.c), beside RFC 1071's definition of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lwip/opt.h"

#define LENGTHS 700
#define OFFSETS 16

/* RFC 1071 1: the ones' complement sum of 16-bit words, an odd last byte padded with zero; in the data's byte order. */
static uint16_t
defined_sum(const uint8_t *data, int len)
{
  uint32_t sum = 0;
  int i;

  for (i = 0; i < len; i++) {
    sum += (i & 1) ? data[i] : (uint32_t)data[i] << 8;
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return lwip_htons((uint16_t)sum);
}

/* 0 and 0xffff are the same number. */
static uint16_t
number(uint16_t sum)
{
  return sum == 0xffff ? 0 : sum;
}

static void
assert_all_lengths(const uint8_t *data)
{
  int len, offset;

  for (offset = 0; offset < OFFSETS; offset++) {
    for (len = 0; len <= LENGTHS; len++) {
      assert_int_equal(number(stack_checksum(data + offset, len)), number(defined_sum(data + offset, len)));
    }
  }
}

static void
test_random_bytes_give_the_defined_sum(void **state)
{
  static uint8_t data[LENGTHS + OFFSETS];
  unsigned i, round;

  (void)state;
  srandom(1);
  for (round = 0; round < 20; round++) {
    for (i = 0; i < sizeof(data); i++) {
      data[i] = (uint8_t)random();
    }
    assert_all_lengths(data);
  }
}

/* Here every addition carries. */
static void
test_all_bits_set_give_the_defined_sum(void **state)
{
  static uint8_t data[LENGTHS + OFFSETS];

  (void)state;
  memset(data, 0xff, sizeof(data));
  assert_all_lengths(data);
  assert_int_equal(stack_checksum(data, 2), 0xffff);
}

static void
test_zeros_give_zero_not_its_complement(void **state)
{
  static const uint8_t data[LENGTHS];

  (void)state;
  assert_int_equal(stack_checksum(data, sizeof(data)), 0);
  assert_int_equal(stack_checksum(data, 0), 0);
}

static void
test_largest_datagram_gives_the_defined_sum(void **state)
{
  static uint8_t data[65535];
  unsigned i;

  (void)state;
  for (i = 0; i < sizeof(data); i++) {
    data[i] = (uint8_t)(0xff - (i % 3));
  }
  assert_int_equal(number(stack_checksum(data, sizeof(data))), number(defined_sum(data, sizeof(data))));
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_random_bytes_give_the_defined_sum),
    cmocka_unit_test(test_all_bits_set_give_the_defined_sum),
    cmocka_unit_test(test_zeros_give_zero_not_its_complement),
    cmocka_unit_test(test_largest_datagram_gives_the_defined_sum),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
