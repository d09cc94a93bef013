/**
 * The filter `impair`: its queues, the link below, and its parameters.
 */
#include "impair_stub.h"

/* --- queues --- */

static void
test_queue_full_send_says_again_and_counts(void **state)
{
  struct bs_link *link = open_impair("delay=1ms,queue=5");
  unsigned i;

  (void)state;
  for (i = 0; i < 5; i++) {
    assert_int_equal(send_numbered(link, i), 0);
  }
  assert_true(due(link, true) == now + 1000);
  assert_int_equal(status_of(link).queue_full, 0);
  assert_int_equal(send_numbered(link, 5), -EAGAIN);
  assert_int_equal(status_of(link).queue_full, 1);
  assert_int_equal(status_of(link).tx_dropped, 2000);
  now += 1000;
  assert_int_equal(send_numbered(link, 5), 0);
  assert_int_equal(stub.sent, 5);
  /* With room, whoever wants to send is to be woken. */
  assert_true(due(link, true) == 0);
  assert_true(due(link, false) == now + 1000);
  bs_link_close(link);
}

static void
test_queue_by_default_holds_its_limit(void **state)
{
  struct bs_link *link = open_impair("delay=1ms");
  unsigned i;

  (void)state;
  for (i = 0; i < BS_IMPAIR_QUEUE; i++) {
    assert_int_equal(send_numbered(link, i), 0);
  }
  assert_int_equal(send_numbered(link, i), -EAGAIN);
  now += 1000;
  let_all_go(link);
  assert_int_equal(stub.sent, BS_IMPAIR_QUEUE);
  bs_link_close(link);
}

static void
test_queue_full_frame_offered_again_has_the_fate_it_had(void **state)
{
  struct bs_link *link = open_impair("loss=50%,delay=1ms,queue=2");
  uint64_t unhindered;
  unsigned i;

  (void)state;
  (void)pass("loss=50%", 200);
  unhindered = order_of_frames();
  stub.sent = 0;
  for (i = 0; i < 200; i++) {
    while (send_numbered(link, i) == -EAGAIN) {
      now += 500;
    }
  }
  let_all_go(link);
  assert_true(status_of(link).queue_full > 0);
  assert_true(order_of_frames() == unhindered);
  bs_link_close(link);
}

static void
test_queue_with_room_for_one_does_not_take_what_may_be_doubled(void **state)
{
  struct bs_link *link = open_impair("duplicate=100%,delay=1ms,queue=3");

  (void)state;
  assert_int_equal(send_numbered(link, 1), 0);
  assert_int_equal(send_numbered(link, 2), -EAGAIN);
  bs_link_close(link);
}

static void
test_queue_full_received_frames_stay_below_and_it_counts(void **state)
{
  struct bs_link *link = open_impair("delay=1ms,queue=5");
  uint8_t buf[BS_FRAME_MAX];

  (void)state;
  stub.to_come = 8;
  assert_int_equal(turn(link, buf), 0);
  assert_int_equal(stub.to_come, 3);
  assert_int_equal(status_of(link).queue_full, 1);
  /* What is ready below must not end the wait. */
  assert_true(due(link, false) == now + 1000);
  assert_int_equal(stub.prepared, 0);
  now += 1000;
  assert_int_equal(receive_now(link), 5);
  (void)due(link, false);
  assert_int_equal(stub.prepared, 1);
  now += 1000;
  assert_int_equal(receive_now(link), 3);
  assert_int_equal(status_of(link).rx_dropped, 1000);
  bs_link_close(link);
}

static void
test_flood_of_which_all_is_lost_lets_others_have_their_turn(void **state)
{
  struct bs_link *link = open_impair("loss=100%");
  uint8_t buf[BS_FRAME_MAX];

  (void)state;
  stub.to_come = UINT32_MAX;
  assert_int_equal(turn(link, buf), 0);
  assert_int_equal(stub.given, BS_PUMP_FRAMES);
  assert_true(due(link, false) == 0);
  stub.to_come = 0;
  assert_int_equal(turn(link, buf), 0);
  assert_true(due(link, false) == BS_TIME_NEVER);
  bs_link_close(link);
}

/* --- the link below --- */

static void
test_below_shut_frames_wait_and_go_later_in_order(void **state)
{
  struct bs_link *link = open_impair("loss=0%,queue=3");
  unsigned i;

  (void)state;
  (void)due(link, false);
  assert_false(stub.wanted_send);
  stub.shut = true;
  for (i = 0; i < 3; i++) {
    assert_int_equal(send_numbered(link, i), 0);
  }
  assert_int_equal(send_numbered(link, 3), -EAGAIN);
  assert_true(link->ops->busy(link));
  /* It waits for room below, not for its own frames, which are due. */
  assert_true(due(link, true) == BS_TIME_NEVER);
  assert_true(stub.wanted_send);
  stub.shut = false;
  assert_int_equal(send_numbered(link, 3), 0);
  assert_int_equal(stub.sent, 4);
  for (i = 0; i < 4; i++) {
    assert_int_equal(number_of(stub.frame[i].data), i);
  }
  assert_false(link->ops->busy(link));
  (void)due(link, false);
  assert_false(stub.wanted_send);
  bs_link_close(link);
}

static void
test_held_frames_to_send_are_busy_received_ones_not(void **state)
{
  struct bs_link *link = open_impair("delay=1ms");
  uint8_t buf[BS_FRAME_MAX];

  (void)state;
  assert_false(link->ops->busy(link));
  stub.to_come = 1;
  (void)turn(link, buf);
  assert_false(link->ops->busy(link));
  assert_int_equal(send_numbered(link, 1), 0);
  assert_true(link->ops->busy(link));
  now += 1000;
  (void)turn(link, buf);
  assert_false(link->ops->busy(link));
  stub.busy = true;
  assert_true(link->ops->busy(link));
  bs_link_close(link);
}

static void
test_held_back_frame_is_busy(void **state)
{
  struct bs_link *link = open_impair("reorder=100%");

  (void)state;
  assert_int_equal(send_numbered(link, 1), 0);
  assert_true(link->ops->busy(link));
  bs_link_close(link);
}

static void
test_only_tx_received_frames_pass(void **state)
{
  struct bs_link *link = open_impair("loss=100%,only=tx");

  (void)state;
  stub.to_come = 10;
  assert_int_equal(receive_now(link), 10);
  assert_int_equal(send_numbered(link, 1), 0);
  assert_int_equal(stub.sent, 0);
  bs_link_close(link);
}

static void
test_only_rx_sent_frames_pass(void **state)
{
  struct bs_link *link = open_impair("loss=100%,only=rx");

  (void)state;
  stub.to_come = 5;
  assert_int_equal(receive_now(link), 0);
  assert_int_equal(send_numbered(link, 1), 0);
  assert_int_equal(stub.sent, 1);
  stub.shut = true;
  assert_int_equal(send_numbered(link, 1), -EAGAIN);
  assert_true(due(link, true) == BS_TIME_NEVER);
  assert_true(stub.wanted_send);
  assert_false(link->ops->busy(link));
  bs_link_close(link);
}

static void
test_frame_of_wrong_length_is_dropped_and_counted(void **state)
{
  struct bs_link *link = open_impair("loss=0%");
  uint8_t frame[BS_FRAME_MAX + 1] = { 0 };

  (void)state;
  assert_int_equal(send_frame(link, frame, 13), 0);
  assert_int_equal(send_frame(link, frame, BS_FRAME_MAX + 1), 0);
  assert_int_equal(status_of(link).tx_dropped, 2002);
  assert_int_equal(send_frame(link, frame, 14), 0);
  assert_int_equal(send_frame(link, frame, BS_FRAME_MAX), 0);
  assert_int_equal(stub.sent, 2);
  assert_int_equal(stub.frame[1].len, BS_FRAME_MAX);
  bs_link_close(link);
}

static void
test_open_the_rest_reaches_the_link_below(void **state)
{
  struct bs_link *link = open_impair("loss=1%");
  const struct bs_link_filter filter = { .promiscuous = true };

  (void)state;
  assert_int_equal(link->ops->set_filter(link, &filter), -EIO);
  assert_ptr_equal(stub.filter, &filter);
  assert_int_equal(status_of(link).mtu, 1234);
  assert_int_equal(status_of(link).tx_frames, 7);
  bs_link_close(link);
  assert_int_equal(stub.closed, 1);
}

static void
test_below_without_optional_operations_is_left_alone(void **state)
{
  struct bs_link *link = open_link("loop+impair:delay=1ms");
  const struct bs_link_filter filter = { .promiscuous = true };

  (void)state;
  assert_true(due(link, true) == 0);
  assert_true(due(link, false) == BS_TIME_NEVER);
  assert_false(link->ops->busy(link));
  assert_int_equal(link->ops->set_filter(link, &filter), 0);
  bs_link_close(link);
}

static void
test_two_filters_both_impair(void **state)
{
  struct bs_link *link = open_impair("delay=1ms+impair:delay=2ms");

  (void)state;
  assert_int_equal(send_numbered(link, 1), 0);
  let_all_go(link);
  assert_true(stub.frame[0].at == 1003000);
  bs_link_close(link);
}

/* --- parameters --- */

static void
test_parameters_that_are_wrong_are_refused_and_told(void **state)
{
  static const char *const keys[] = { "loss", "reorder", "duplicate", "corrupt" };
  static const char *const percentages[] = { "2", "101%", "100.1%", "-1%", "x%", ".5%", "1.%", "1 %", "0.0000001%" };
  static const char *const periods[] = { "20", "20m", "-1ms", "61s", "60.1s", "1.5", "ms", "99999999999s" };
  static const char *const speeds[] = { "10", "10mb", "999bit", "101gbit", "-1kbit", "0", "1000000gbit" };
  char string[100], words[100];
  unsigned i, j;

  (void)state;
  for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
    for (j = 0; j < sizeof(percentages) / sizeof(percentages[0]); j++) {
      snprintf(string, sizeof(string), "stub+impair:%s=%s", keys[i], percentages[j]);
      snprintf(words, sizeof(words), "%s=%s is not a percentage from 0%% to 100%%: write it as %s=0.5%%", keys[i],
               percentages[j], keys[i]);
      assert_refused(string, EINVAL, words);
    }
  }
  for (j = 0; j < sizeof(periods) / sizeof(periods[0]); j++) {
    snprintf(string, sizeof(string), "stub+impair:delay=%s", periods[j]);
    assert_refused(string, EINVAL, "is not a time in us, ms or s up to 60s: write it as delay=20ms");
    snprintf(string, sizeof(string), "stub+impair:jitter=%s", periods[j]);
    assert_refused(string, EINVAL, "write it as jitter=20ms");
  }
  for (j = 0; j < sizeof(speeds) / sizeof(speeds[0]); j++) {
    snprintf(string, sizeof(string), "stub+impair:rate=%s", speeds[j]);
    assert_refused(string, EINVAL, "from 1kbit to 100gbit: write it as rate=10mbit");
  }
  assert_refused("stub+impair:delay=1ms,jitter=2ms", EINVAL, "the jitter is larger than the delay: write it as delay=");
  assert_refused("stub+impair:jitter=2ms", EINVAL, "the jitter is larger");
  assert_refused("stub+impair:queue=1", EINVAL, "queue=1 is not a number from 2 to 65535: write it as queue=100");
  assert_refused("stub+impair:queue=65536", EINVAL, "queue=65536");
  assert_refused("stub+impair:queue=9x", EINVAL, "queue=9x");
  assert_refused("stub+impair:seed=x", EINVAL, "seed=x is not a number from 0 to 2147483647");
  assert_refused("stub+impair:seed=2147483648", EINVAL, "seed=2147483648");
  assert_refused("stub+impair:only=both", EINVAL, "only=both is no direction: write only=tx for what is sent");
  assert_refused("stub+impair", EINVAL, "write it as impair:loss=2%");
  assert_refused("stub+impair:speed=9", EINVAL, "no parameter speed=9: there are loss, delay,");
  assert_refused("stub+impair:2%", EINVAL, "no parameter 2%: there are loss, delay,");
  assert_refused("impair:loss=2%", EINVAL, "impair is a filter");
}

static void
test_parameters_at_their_ends_are_taken(void **state)
{
  static const char *const fine[] = {
    "loss=100%,reorder=0%,duplicate=100.0%,corrupt=0.0001%",
    "delay=60s,jitter=60000ms",
    "delay=0us,jitter=0.0s",
    "rate=1kbit",
    "rate=100Gbit",
    "rate=1000bit",
    "rate=0.5mbit",
    "queue=2",
    "queue=65535",
    "seed=0",
    "seed=2147483647",
  };
  unsigned i;

  (void)state;
  for (i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
    bs_link_close(open_impair(fine[i]));
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    IMPAIR_TEST(test_queue_full_send_says_again_and_counts),
    IMPAIR_TEST(test_queue_by_default_holds_its_limit),
    IMPAIR_TEST(test_queue_full_frame_offered_again_has_the_fate_it_had),
    IMPAIR_TEST(test_queue_with_room_for_one_does_not_take_what_may_be_doubled),
    IMPAIR_TEST(test_queue_full_received_frames_stay_below_and_it_counts),
    IMPAIR_TEST(test_flood_of_which_all_is_lost_lets_others_have_their_turn),
    IMPAIR_TEST(test_below_shut_frames_wait_and_go_later_in_order),
    IMPAIR_TEST(test_held_frames_to_send_are_busy_received_ones_not),
    IMPAIR_TEST(test_held_back_frame_is_busy),
    IMPAIR_TEST(test_only_tx_received_frames_pass),
    IMPAIR_TEST(test_only_rx_sent_frames_pass),
    IMPAIR_TEST(test_frame_of_wrong_length_is_dropped_and_counted),
    IMPAIR_TEST(test_open_the_rest_reaches_the_link_below),
    IMPAIR_TEST(test_below_without_optional_operations_is_left_alone),
    IMPAIR_TEST(test_two_filters_both_impair),
    IMPAIR_TEST(test_parameters_that_are_wrong_are_refused_and_told),
    IMPAIR_TEST(test_parameters_at_their_ends_are_taken),
  };

  return cmocka_run_group_tests(tests, register_stub, NULL);
}
