/**
 * The filter `impair`: what happens to which frame.
 */
#include "impair_stub.h"

#define HOLD_US (BS_IMPAIR_HOLD_MS * 1000u)

/* --- loss, and chance --- */

static void
test_loss_so_many_are_lost(void **state)
{
  struct bs_link_status status = pass("loss=2%,seed=7", 10000);

  (void)state;
  assert_int_equal(stub.sent, 9813);
  assert_int_equal(status.tx_dropped, 2000 + 10000 - stub.sent);
  assert_int_equal(status.rx_dropped, 1000);
}

static void
test_loss_with_decimals_so_many_are_lost(void **state)
{
  (void)state;
  (void)pass("loss=0.5%,seed=7", 10000);
  assert_int_equal(stub.sent, 9962);
  (void)pass("loss=99.99%,seed=7", 10000);
  assert_int_equal(stub.sent, 1);
}

static void
test_loss_of_none_and_of_all(void **state)
{
  (void)state;
  (void)pass("loss=0%", 1000);
  assert_int_equal(stub.sent, 1000);
  (void)pass("loss=100%", 1000);
  assert_int_equal(stub.sent, 0);
}

static void
test_loss_of_received_frames_is_counted(void **state)
{
  struct bs_link *link = open_impair("loss=30%,seed=7");
  unsigned got;

  (void)state;
  stub.to_come = 1000;
  got = receive_now(link);
  assert_int_equal(got, 712);
  assert_int_equal(status_of(link).rx_dropped, 1000 + 1000 - got);
  assert_int_equal(status_of(link).tx_dropped, 2000);
  bs_link_close(link);
}

static void
test_seed_same_all_happens_again(void **state)
{
  const char *all = "loss=5%,reorder=5%,duplicate=5%,corrupt=5%,seed=3";
  uint64_t first;

  (void)state;
  (void)pass(all, 1000);
  first = order_of_frames();
  (void)pass(all, 1000);
  assert_true(order_of_frames() == first);
}

static void
test_seed_other_other_things_happen(void **state)
{
  uint64_t first;

  (void)state;
  (void)pass("loss=5%,seed=3", 1000);
  first = order_of_frames();
  (void)pass("loss=5%,seed=4", 1000);
  assert_true(order_of_frames() != first);
  (void)pass("loss=5%,seed=2147483647", 1000);
  assert_true(order_of_frames() != first);
}

static void
test_seed_left_out_is_1(void **state)
{
  uint64_t first;

  (void)state;
  (void)pass("loss=5%", 1000);
  first = order_of_frames();
  (void)pass("loss=5%,seed=1", 1000);
  assert_true(order_of_frames() == first);
}

static void
test_directions_have_fates_of_their_own(void **state)
{
  struct bs_link *link;
  uint8_t buf[BS_FRAME_MAX];
  uint64_t alone;
  unsigned i, differ = 0;

  (void)state;
  (void)pass("loss=50%", 1000);
  alone = order_of_frames();

  /* Frames that come in between change nothing for those that go. */
  stub.sent = 0;
  link = open_impair("loss=50%");
  for (i = 0; i < 1000; i++) {
    unsigned before = stub.sent;

    stub.to_come = 1;
    differ += (turn(link, buf) > 0) != (send_numbered(link, i) == 0 && stub.sent > before);
  }
  bs_link_close(link);
  assert_true(order_of_frames() == alone);
  /* Nor do they share it. */
  assert_in_range(differ, 400, 600);
}

static void
test_other_parameters_leave_the_lost_the_same(void **state)
{
  static bool went[1000];
  unsigned i;

  (void)state;
  (void)pass("loss=10%", 1000);
  memset(went, 0, sizeof(went));
  for (i = 0; i < stub.sent; i++) {
    went[number_of(stub.frame[i].data)] = true;
  }
  (void)pass("loss=10%,duplicate=30%,reorder=30%", 1000);
  for (i = 0; i < stub.sent; i++) {
    assert_true(went[number_of(stub.frame[i].data)]);
  }
}

/* --- order --- */

/* Each of 1000 frames was overtaken by few later ones. @return how many were */
static unsigned
count_overtaken(void)
{
  static unsigned place[1000];
  unsigned i, later, moved = 0;
  unsigned overtaken_by[4] = { 0 };

  assert_int_equal(stub.sent, 1000);
  for (i = 0; i < 1000; i++) {
    place[number_of(stub.frame[i].data)] = i;
  }
  for (i = 0; i < 990; i++) {
    unsigned by = 0;

    /* Three at most, and such that were held back and let go at the same moment. */
    for (later = i + 1; later < 1000; later++) {
      by += place[later] < place[i];
    }
    assert_in_range(by, 0, 5);
    moved += by > 0;
    overtaken_by[by < 3 ? by : 3]++;
  }
  assert_true(overtaken_by[1] > 5 && overtaken_by[2] > 5 && overtaken_by[3] > 5);
  return moved;
}

static void
test_reorder_some_come_behind_later_ones(void **state)
{
  (void)state;
  (void)pass("reorder=5%,seed=7", 1000);
  assert_int_equal(count_overtaken(), 56);
  /* No time passed: later ones let them go. */
  assert_true(stub.frame[980].at == 1000000);
}

static void
test_reorder_of_frames_due_at_once_some_come_behind_later_ones(void **state)
{
  (void)state;
  (void)pass("reorder=5%,delay=20ms,queue=1000,seed=7", 1000);
  assert_int_equal(count_overtaken(), 56);
}

static void
test_reorder_none_follows_frame_goes_after_a_while(void **state)
{
  struct bs_link *link = open_impair("reorder=100%");
  uint8_t buf[BS_FRAME_MAX];

  (void)state;
  assert_int_equal(send_numbered(link, 1), 0);
  assert_int_equal(stub.sent, 0);
  assert_true(due(link, false) == now + HOLD_US);
  now += HOLD_US - 1;
  (void)turn(link, buf);
  assert_int_equal(stub.sent, 0);
  now += 1;
  (void)turn(link, buf);
  assert_int_equal(stub.sent, 1);
  bs_link_close(link);
}

static void
test_reorder_received_frame_comes_after_a_while(void **state)
{
  struct bs_link *link = open_impair("reorder=100%");
  uint8_t buf[BS_FRAME_MAX];

  (void)state;
  stub.to_come = 1;
  assert_int_equal(turn(link, buf), 0);
  assert_true(due(link, false) == now + HOLD_US);
  now += HOLD_US;
  assert_int_equal(turn(link, buf), FRAME_LEN);
  bs_link_close(link);
}

static void
test_reorder_with_delay_earlier_ones_do_not_count(void **state)
{
  struct bs_link *link = open_impair("reorder=50%,delay=20ms,queue=100,seed=7");
  unsigned i;

  (void)state;
  for (i = 0; i < 8; i++) {
    assert_int_equal(send_numbered(link, i), 0);
    now += 1000;
  }
  let_all_go(link);
  for (i = 0; i < 8; i++) {
    /* Never before its time, though others went meanwhile. */
    assert_true(stub.frame[i].at >= 1000000 + number_of(stub.frame[i].data) * 1000 + 20000);
  }
  bs_link_close(link);
}

static void
test_duplicate_so_many_come_twice(void **state)
{
  unsigned i, twice = 0;

  (void)state;
  (void)pass("duplicate=2%,seed=7", 10000);
  assert_int_equal(stub.sent, 10163);
  for (i = 1; i < stub.sent; i++) {
    if (number_of(stub.frame[i].data) == number_of(stub.frame[i - 1].data)) {
      assert_memory_equal(stub.frame[i].data, stub.frame[i - 1].data, FRAME_LEN);
      assert_int_equal(stub.frame[i].len, stub.frame[i - 1].len);
      twice++;
    }
  }
  assert_int_equal(twice, 163);
}

static void
test_duplicate_received_comes_twice(void **state)
{
  struct bs_link *link = open_impair("duplicate=100%");

  (void)state;
  stub.to_come = 3;
  assert_int_equal(receive_now(link), 6);
  bs_link_close(link);
}

/* --- damage --- */

static void
test_corrupt_one_bit_of_so_many_is_flipped(void **state)
{
  struct bs_link *link = open_impair("corrupt=10%,seed=7");
  unsigned i, j, corrupted = 0, first = FRAME_LEN, last = 0;

  (void)state;
  for (i = 0; i < 10000; i++) {
    assert_int_equal(send_numbered(link, i), 0);
  }
  assert_int_equal(stub.sent, 10000);
  for (i = 0; i < 10000; i++) {
    uint8_t frame[FRAME_LEN];
    int bits = 0;

    make_frame(frame, sizeof(frame), i);
    assert_int_equal(stub.frame[i].len, FRAME_LEN);
    for (j = 0; j < FRAME_LEN; j++) {
      unsigned changed = stub.frame[i].data[j] ^ frame[j];

      bits += __builtin_popcount(changed);
      if (changed != 0) {
        first = j < first ? j : first;
        last = j > last ? j : last;
      }
    }
    assert_in_range(bits, 0, 1);
    corrupted += (unsigned)bits;
  }
  assert_int_equal(corrupted, 980);
  /* Anywhere in it. */
  assert_int_equal(first, 0);
  assert_int_equal(last, FRAME_LEN - 1);
  bs_link_close(link);
}

static void
test_corrupt_and_duplicate_one_of_both_may_be_whole(void **state)
{
  unsigned i, differ = 0;

  (void)state;
  (void)pass("corrupt=50%,duplicate=100%", 1000);
  assert_int_equal(stub.sent, 2000);
  for (i = 0; i < 2000; i += 2) {
    differ += memcmp(stub.frame[i].data, stub.frame[i + 1].data, FRAME_LEN) != 0;
  }
  assert_in_range(differ, 700, 800);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    IMPAIR_TEST(test_loss_so_many_are_lost),
    IMPAIR_TEST(test_loss_with_decimals_so_many_are_lost),
    IMPAIR_TEST(test_loss_of_none_and_of_all),
    IMPAIR_TEST(test_loss_of_received_frames_is_counted),
    IMPAIR_TEST(test_seed_same_all_happens_again),
    IMPAIR_TEST(test_seed_other_other_things_happen),
    IMPAIR_TEST(test_seed_left_out_is_1),
    IMPAIR_TEST(test_directions_have_fates_of_their_own),
    IMPAIR_TEST(test_other_parameters_leave_the_lost_the_same),
    IMPAIR_TEST(test_reorder_some_come_behind_later_ones),
    IMPAIR_TEST(test_reorder_of_frames_due_at_once_some_come_behind_later_ones),
    IMPAIR_TEST(test_reorder_none_follows_frame_goes_after_a_while),
    IMPAIR_TEST(test_reorder_received_frame_comes_after_a_while),
    IMPAIR_TEST(test_reorder_with_delay_earlier_ones_do_not_count),
    IMPAIR_TEST(test_duplicate_so_many_come_twice),
    IMPAIR_TEST(test_duplicate_received_comes_twice),
    IMPAIR_TEST(test_corrupt_one_bit_of_so_many_is_flipped),
    IMPAIR_TEST(test_corrupt_and_duplicate_one_of_both_may_be_whole),
  };

  return cmocka_run_group_tests(tests, register_stub, NULL);
}
