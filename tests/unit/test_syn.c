/**
 * A peer that does not answer: how often it is asked, and when that is given up (RFC 6298 5.5).
 */
#include "pair.h"
#include "valve.h"

#define STEP_MS 250u

/* More than the half minute that any sane number of tries takes. */
#define MOST_MS 300000u

static int
begin(void **state)
{
  valve_with_neighbour(state);
  stop_the_clock();
  valve.sent = 0;
  return 0;
}

static int
end(void **state)
{
  start_the_clock();
  return nothing_is_left(state);
}

static int
connecting(void)
{
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = htonl(0xc0000209) };
  int fd = bs_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

  assert_int_equal(bs_connect(fd, (struct sockaddr *)&in, sizeof(in)), -1);
  assert_int_equal(errno, EINPROGRESS);
  return fd;
}

static void
test_no_answer_syn_is_sent_again_after_1_2_4_8_seconds(void **state)
{
  static const unsigned at_s[] = { 0, 1, 3, 7, 15 };
  int fd = connecting();
  unsigned seen = 0;
  unsigned ms;

  (void)state;
  for (ms = 0; ms < 20000 && seen < 5; ms += STEP_MS) {
    if (valve.sent > seen) {
      assert_int_equal(valve.sent, seen + 1);
      /* lwIP's clock ticks every half second, and the first tick may come at once. */
      assert_in_range(ms, at_s[seen] * 1000 - (at_s[seen] > 0 ? 500 : 0), at_s[seen] * 1000 + 1000);
      seen++;
    }
    pass_ms(STEP_MS);
  }
  assert_int_equal(seen, 5);
  bs_close(fd);
}

static void
test_no_answer_connect_times_out(void **state)
{
  int fd = connecting();
  struct pollfd poll = { .fd = fd, .events = POLLOUT };
  socklen_t len = sizeof(int);
  unsigned ms;
  int error;

  (void)state;
  for (ms = 0; ms < MOST_MS && bs_poll(&poll, 1, 0) == 0; ms += STEP_MS) {
    pass_ms(STEP_MS);
  }
  assert_in_range(ms, 30000, MOST_MS - 1);
  assert_int_equal(bs_getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len), 0);
  assert_int_equal(error, ETIMEDOUT);
  bs_close(fd);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_no_answer_syn_is_sent_again_after_1_2_4_8_seconds, begin, end),
    cmocka_unit_test_setup_teardown(test_no_answer_connect_times_out, begin, end),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
