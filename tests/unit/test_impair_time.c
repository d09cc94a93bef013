/**
 * The filter `impair`: when a frame goes on, on virtual time.
 */
#include "impair_stub.h"

/* --- delay and jitter --- */

static void
test_delay_frame_goes_when_it_is_due(void **state)
{
  struct bs_link *link = open_impair("delay=20ms");
  uint8_t buf[BS_FRAME_MAX];

  (void)state;
  assert_true(due(link, false) == BS_TIME_NEVER);
  assert_int_equal(send_numbered(link, 1), 0);
  assert_true(due(link, false) == now + 20000);
  now += 5000;
  assert_int_equal(send_numbered(link, 2), 0);
  now += 14999;
  (void)turn(link, buf);
  assert_int_equal(stub.sent, 0);
  now += 1;
  (void)turn(link, buf);
  assert_int_equal(stub.sent, 1);
  assert_int_equal(number_of(stub.frame[0].data), 1);
  assert_true(due(link, false) == now + 5000);
  now += 5000;
  (void)turn(link, buf);
  assert_int_equal(number_of(stub.frame[1].data), 2);
  assert_true(due(link, false) == BS_TIME_NEVER);
  bs_link_close(link);
}

static void
test_delay_frame_received_comes_when_it_is_due(void **state)
{
  struct bs_link *link = open_impair("delay=1.5s");
  uint8_t buf[BS_FRAME_MAX];

  (void)state;
  stub.to_come = 1;
  assert_int_equal(turn(link, buf), 0);
  assert_int_equal(stub.to_come, 0);
  assert_true(due(link, false) == now + 1500000);
  now += 1499999;
  assert_int_equal(turn(link, buf), 0);
  now += 1;
  assert_int_equal(turn(link, buf), FRAME_LEN);
  assert_int_equal(number_of(buf), 0);
  bs_link_close(link);
}

static void
test_delay_later_one_sent_makes_earlier_go_first(void **state)
{
  struct bs_link *link = open_impair("delay=100us");

  (void)state;
  assert_int_equal(send_numbered(link, 1), 0);
  now += 100;
  assert_int_equal(send_numbered(link, 2), 0);
  assert_int_equal(stub.sent, 1);
  bs_link_close(link);
}

static void
test_jitter_frames_are_spread_evenly_around_the_delay(void **state)
{
  struct bs_link *link = open_impair("delay=20ms,jitter=5ms,queue=1000");
  bs_time_t start = now, sum = 0;
  unsigned i, overtakes = 0;

  (void)state;
  for (i = 0; i < 1000; i++) {
    assert_int_equal(send_numbered(link, i), 0);
  }
  let_all_go(link);
  assert_int_equal(stub.sent, 1000);
  for (i = 0; i < 1000; i++) {
    assert_in_range(stub.frame[i].at - start, 15000, 25000);
    sum += stub.frame[i].at - start;
    overtakes += i > 0 && number_of(stub.frame[i].data) < number_of(stub.frame[i - 1].data);
  }
  assert_in_range(stub.frame[0].at - start, 15000, 15100);
  assert_in_range(stub.frame[999].at - start, 24900, 25000);
  assert_in_range(sum / 1000, 19700, 20300);
  assert_in_range(overtakes, 400, 600);
  bs_link_close(link);
}

/* --- rate --- */

static void
test_rate_frames_go_one_after_the_other(void **state)
{
  struct bs_link *link = open_impair("rate=10mbit");
  uint8_t frame[1250] = { 0 };
  unsigned i;

  (void)state;
  for (i = 0; i < 5; i++) {
    assert_int_equal(send_frame(link, frame, sizeof(frame)), 0);
  }
  let_all_go(link);
  for (i = 0; i < 5; i++) {
    assert_int_equal(stub.frame[i].at, 1000000 + (i + 1) * 1000);
  }
  /* After a pause the line is free again. */
  now = 2000000;
  assert_int_equal(send_frame(link, frame, sizeof(frame)), 0);
  assert_true(due(link, false) == 2001000);
  bs_link_close(link);
}

static void
test_rate_parts_of_microseconds_add_up(void **state)
{
  struct bs_link *link = open_impair("rate=1.5gbit,queue=1000");
  unsigned i;

  (void)state;
  /* 533.3 ns each. */
  for (i = 0; i < 999; i++) {
    assert_int_equal(send_numbered(link, i), 0);
  }
  let_all_go(link);
  assert_in_range(stub.frame[998].at, 1000000 + 532, 1000000 + 534);
  bs_link_close(link);
}

static void
test_rate_delay_comes_on_top_and_directions_are_apart(void **state)
{
  struct bs_link *link = open_impair("rate=80kbit,delay=3ms");
  uint8_t buf[BS_FRAME_MAX];

  (void)state;
  assert_int_equal(send_numbered(link, 1), 0);
  stub.to_come = 2;
  assert_int_equal(turn(link, buf), 0);
  now += 13000;
  assert_int_equal(turn(link, buf), FRAME_LEN);
  assert_int_equal(stub.sent, 1);
  assert_true(due(link, false) == now + 10000);
  bs_link_close(link);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    IMPAIR_TEST(test_delay_frame_goes_when_it_is_due),
    IMPAIR_TEST(test_delay_frame_received_comes_when_it_is_due),
    IMPAIR_TEST(test_delay_later_one_sent_makes_earlier_go_first),
    IMPAIR_TEST(test_jitter_frames_are_spread_evenly_around_the_delay),
    IMPAIR_TEST(test_rate_frames_go_one_after_the_other),
    IMPAIR_TEST(test_rate_parts_of_microseconds_add_up),
    IMPAIR_TEST(test_rate_delay_comes_on_top_and_directions_are_apart),
  };

  return cmocka_run_group_tests(tests, register_stub, NULL);
}
