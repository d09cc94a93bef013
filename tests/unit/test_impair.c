/**
 * The filter `impair`: what happens to which frame, and when, on virtual time.
 */
#include <stdio.h>
#include <stdlib.h>

#include "frames.h"

#define FRAME_LEN   100
#define HOLD_US     (BS_IMPAIR_HOLD_MS * 1000u)
#define STUB_FRAMES 12000

/* The link below: notes what it is given, and gives what it is told to. */
static struct {
  bool shut;         /* refuses what is sent */
  bool busy;         /* says so */
  unsigned refused;  /* frames that it refused */
  unsigned sent;     /* frames that it took */
  unsigned to_come;  /* frames that it gives: numbered from given on */
  unsigned given;    /* frames that it gave */
  unsigned prepared; /* calls of prepare */
  bool wanted_send;  /* in the last one */
  unsigned closed;
  const struct bs_link_filter *filter;
  struct {
    bs_time_t at;
    size_t len;
    uint8_t data[BS_FRAME_MAX];
  } frame[STUB_FRAMES];
} stub;

static bs_time_t now;

static bs_time_t
test_clock(void)
{
  return now;
}

static void
make_frame(uint8_t *frame, size_t len, unsigned number)
{
  size_t i;

  for (i = 0; i < len; i++) {
    frame[i] = (uint8_t)(i * 7);
  }
  memcpy(frame, &number, sizeof(number));
}

static unsigned
number_of(const uint8_t *frame)
{
  unsigned number;

  memcpy(&number, frame, sizeof(number));
  return number;
}

static int
stub_open(const struct bs_link_args *args, struct bs_link *below, struct bs_link **link, char *why)
{
  static struct bs_link only;

  (void)args;
  (void)below;
  (void)why;
  *link = &only;
  return 0;
}

static void
stub_close(struct bs_link *link)
{
  (void)link;
  stub.closed++;
}

static int
stub_send(struct bs_link *link, const struct iovec *iov, int count)
{
  uint8_t *to = stub.frame[stub.sent].data;
  int i;

  (void)link;
  if (stub.shut) {
    stub.refused++;
    return -EAGAIN;
  }
  assert_true(stub.sent < STUB_FRAMES);
  stub.frame[stub.sent].at = now;
  for (i = 0; i < count; i++) {
    memcpy(to, iov[i].iov_base, iov[i].iov_len);
    to += iov[i].iov_len;
  }
  stub.frame[stub.sent].len = (size_t)(to - stub.frame[stub.sent].data);
  stub.sent++;
  return 0;
}

static size_t
stub_receive(struct bs_link *link, void *buf, size_t cap)
{
  (void)link;
  assert_true(cap >= BS_FRAME_MAX);
  if (stub.to_come == 0) {
    return 0;
  }
  stub.to_come--;
  make_frame(buf, FRAME_LEN, stub.given++);
  return FRAME_LEN;
}

static void
stub_prepare(struct bs_link *link, struct bs_waitset *set, bool want_send, bs_time_t *deadline)
{
  (void)link;
  (void)set;
  (void)deadline;
  stub.prepared++;
  stub.wanted_send = want_send;
}

static bool
stub_busy(const struct bs_link *link)
{
  (void)link;
  return stub.busy;
}

static int
stub_set_filter(struct bs_link *link, const struct bs_link_filter *filter)
{
  (void)link;
  stub.filter = filter;
  return -EIO;
}

static void
stub_status(const struct bs_link *link, struct bs_link_status *status)
{
  (void)link;
  *status = (struct bs_link_status){ .mtu = 1234, .up = true, .rx_dropped = 1000, .tx_dropped = 2000, .tx_frames = 7 };
}

static const struct bs_link_ops stub_ops = {
  .name = "stub",
  .usage = "stub: for tests",
  .open = stub_open,
  .close = stub_close,
  .send = stub_send,
  .receive = stub_receive,
  .prepare = stub_prepare,
  .busy = stub_busy,
  .set_filter = stub_set_filter,
  .status = stub_status,
};

static int
register_stub(void **state)
{
  (void)state;
  bs_set_clock(test_clock);
  return bs_link_register(&stub_ops);
}

static int
setup(void **state)
{
  (void)state;
  memset(&stub, 0, sizeof(stub));
  now = 1000000;
  return 0;
}

/* --- passing frames --- */

static struct bs_link *
open_impair(const char *params)
{
  char string[160];

  snprintf(string, sizeof(string), "stub+impair:%s", params);
  return open_link(string);
}

static int
send_numbered(struct bs_link *link, unsigned number)
{
  uint8_t frame[FRAME_LEN];
  struct iovec pieces[] = { { frame, 14 }, { frame + 14, 0 }, { frame + 14, FRAME_LEN - 14 } };

  make_frame(frame, sizeof(frame), number);
  return link->ops->send(link, pieces, 3);
}

/* What the link does by itself at this time. @return a frame that it received, 0 for none */
static size_t
turn(struct bs_link *link, uint8_t *buf)
{
  return link->ops->receive(link, buf, BS_FRAME_MAX);
}

static bs_time_t
due(struct bs_link *link, bool want_send)
{
  struct bs_waitset set = { .size = 0 };
  bs_time_t deadline = BS_TIME_NEVER;

  link->ops->prepare(link, &set, want_send, &deadline);
  return deadline;
}

/* Let time pass until the link holds nothing that it sends. */
static void
let_all_go(struct bs_link *link)
{
  uint8_t buf[BS_FRAME_MAX];

  (void)turn(link, buf);
  while (link->ops->busy(link)) {
    assert_true(due(link, false) > now);
    now = due(link, false);
    (void)turn(link, buf);
  }
}

/* Send frames 0 to count - 1 and see what stub.frame[] then holds. */
static struct bs_link_status
pass(const char *params, unsigned count)
{
  struct bs_link *link = open_impair(params);
  struct bs_link_status status;
  unsigned i;

  stub.sent = 0;
  for (i = 0; i < count; i++) {
    assert_int_equal(send_numbered(link, i), 0);
  }
  let_all_go(link);
  status = status_of(link);
  bs_link_close(link);
  return status;
}

/* The numbers of the frames that the stub has, in their order, as a string to compare. */
static uint64_t
order_of_frames(void)
{
  uint64_t hash = 14695981039346656037u; /* FNV-1a */
  unsigned i;

  for (i = 0; i < stub.sent; i++) {
    hash = (hash ^ number_of(stub.frame[i].data)) * 1099511628211u;
  }
  return hash;
}

/* Receive until nothing more comes at this time. @return how many */
static unsigned
receive_now(struct bs_link *link)
{
  uint8_t buf[BS_FRAME_MAX];
  unsigned count = 0;

  while (turn(link, buf) > 0) {
    count++;
  }
  return count;
}

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

/* --- order --- */

static void
test_reorder_some_come_behind_later_ones(void **state)
{
  static unsigned place[1000];
  unsigned i, later, moved = 0;
  unsigned overtaken_by[4] = { 0 };

  (void)state;
  (void)pass("reorder=5%,seed=7", 1000);
  assert_int_equal(stub.sent, 1000);
  for (i = 0; i < 1000; i++) {
    place[number_of(stub.frame[i].data)] = i;
  }
  for (i = 0; i < 990; i++) {
    unsigned by = 0;

    /* Those that are held back themselves may go before it or not, none that is not does unless it is one of 3. */
    for (later = i + 1; later < 1000; later++) {
      by += place[later] < place[i];
    }
    assert_in_range(by, 0, 5);
    moved += by > 0;
    overtaken_by[by < 3 ? by : 3]++;
  }
  assert_int_equal(moved, 56);
  assert_true(overtaken_by[1] > 5 && overtaken_by[2] > 5 && overtaken_by[3] > 5);
  /* No time passed: later ones let them go. */
  assert_true(stub.frame[980].at == 1000000);
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

/* --- limits --- */

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

#define IMPAIR_TEST(name) cmocka_unit_test_setup(name, setup)

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
    IMPAIR_TEST(test_delay_frame_goes_when_it_is_due),
    IMPAIR_TEST(test_delay_frame_received_comes_when_it_is_due),
    IMPAIR_TEST(test_delay_later_one_sent_makes_earlier_go_first),
    IMPAIR_TEST(test_jitter_frames_are_spread_evenly_around_the_delay),
    IMPAIR_TEST(test_reorder_some_come_behind_later_ones),
    IMPAIR_TEST(test_reorder_none_follows_frame_goes_after_a_while),
    IMPAIR_TEST(test_reorder_received_frame_comes_after_a_while),
    IMPAIR_TEST(test_reorder_with_delay_earlier_ones_do_not_count),
    IMPAIR_TEST(test_duplicate_so_many_come_twice),
    IMPAIR_TEST(test_duplicate_received_comes_twice),
    IMPAIR_TEST(test_corrupt_one_bit_of_so_many_is_flipped),
    IMPAIR_TEST(test_corrupt_and_duplicate_one_of_both_may_be_whole),
    IMPAIR_TEST(test_rate_frames_go_one_after_the_other),
    IMPAIR_TEST(test_rate_parts_of_microseconds_add_up),
    IMPAIR_TEST(test_rate_delay_comes_on_top_and_directions_are_apart),
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
