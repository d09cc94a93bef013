/**
 * A position in scattered buffers.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "socket/iov.h"

static char a[2], b[3], c[1];
static const struct iovec pieces[] = { { NULL, 0 }, { a, 2 }, { NULL, 0 }, { b, 3 }, { c, 1 }, { NULL, 0 } };

static struct iov_cursor
at_start(void)
{
  struct iov_cursor cursor;

  memset(a, '-', sizeof(a));
  memset(b, '-', sizeof(b));
  memset(c, '-', sizeof(c));
  assert_int_equal(iov_cursor_init(&cursor, pieces, 6), 0);
  return cursor;
}

static void
test_start_left_is_the_sum(void **state)
{
  struct iov_cursor cursor = at_start();
  size_t len;

  (void)state;
  assert_int_equal(cursor.left, 6);
  assert_ptr_equal(iov_cursor_piece(&cursor, &len), a);
  assert_int_equal(len, 2);
}

static void
test_start_write_spreads_over_pieces(void **state)
{
  struct iov_cursor cursor = at_start();

  (void)state;
  assert_int_equal(iov_cursor_write(&cursor, "123", 3), 3);
  assert_int_equal(iov_cursor_write(&cursor, "4567", 4), 3);
  assert_memory_equal(a, "12", 2);
  assert_memory_equal(b, "345", 3);
  assert_memory_equal(c, "6", 1);
  assert_int_equal(cursor.left, 0);
}

static void
test_middle_read_gathers_from_pieces(void **state)
{
  struct iov_cursor cursor = at_start();
  char buf[8];

  (void)state;
  memcpy(a, "12", 2);
  memcpy(b, "345", 3);
  memcpy(c, "6", 1);
  iov_cursor_advance(&cursor, 1);
  assert_int_equal(iov_cursor_read(&cursor, buf, sizeof(buf)), 5);
  assert_memory_equal(buf, "23456", 5);
}

static void
test_end_nothing_moves(void **state)
{
  struct iov_cursor cursor = at_start();
  size_t len = 9;

  (void)state;
  iov_cursor_advance(&cursor, 100);
  assert_int_equal(cursor.left, 0);
  assert_null(iov_cursor_piece(&cursor, &len));
  assert_int_equal(len, 0);
  assert_int_equal(iov_cursor_write(&cursor, "x", 1), 0);
  assert_int_equal(iov_cursor_read(&cursor, a, 1), 0);
}

static void
test_no_pieces_is_the_end(void **state)
{
  struct iov_cursor cursor;

  (void)state;
  assert_int_equal(iov_cursor_init(&cursor, NULL, 0), 0);
  assert_int_equal(cursor.left, 0);
}

static void
test_longer_than_ssize_max_gives_einval(void **state)
{
  struct iovec two[] = { { a, SIZE_MAX / 2 }, { b, 1 } };
  struct iovec one = { a, SIZE_MAX };
  struct iov_cursor cursor;

  (void)state;
  assert_int_equal(iov_cursor_init(&cursor, two, 1), 0);
  assert_int_equal(iov_cursor_init(&cursor, two, 2), -EINVAL);
  assert_int_equal(iov_cursor_init(&cursor, &one, 1), -EINVAL);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_start_left_is_the_sum),
    cmocka_unit_test(test_start_write_spreads_over_pieces),
    cmocka_unit_test(test_middle_read_gathers_from_pieces),
    cmocka_unit_test(test_end_nothing_moves),
    cmocka_unit_test(test_no_pieces_is_the_end),
    cmocka_unit_test(test_longer_than_ssize_max_gives_einval),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
