/**
 * Timers on a stopped clock: an idle stack sleeps, and what is due happens at its time.
 */
#include "pair.h"
#include "valve.h"

#include <netinet/tcp.h>

#include "lwip/priv/tcp_priv.h"

/* Time passes whenever somebody looks. */
static bs_time_t
moving_clock(void)
{
  return clock_is++;
}

static void
test_idle_stack_has_nothing_due(void **state)
{
  (void)state;
  stop_the_clock();
  pass_ms(600000);
  assert_int_equal(timers_next_due(), BS_TIME_NEVER);
}

/* Routers are asked three times, four seconds apart (RFC 4861 6.3.7), but not where IPv6 is off. */
static void
test_ip6_off_nobody_asks_for_routers(void **state)
{
  valve_with_neighbour(state);
  stop_the_clock();
  pass_ms(100);
  assert_int_equal(timers_next_due() > clock_is + 3000000, true);
}

/* A frame wakes the parked timers later than the pump looked at its clock for the one that is due. */
static void
test_frame_comes_while_a_timer_is_due_others_begin_now(void **state)
{
  uint32_t before;

  valve_with_neighbour(state);
  stop_the_clock();
  pass_ms(20000);
  clock_is = timers_next_due();
  assert_true(clock_is != BS_TIME_NEVER);
  before = tcp_ticks;
  valve_put_udp(7, 1);
  bs_set_clock(moving_clock);
  assert_true(stack_pump() > 0);
  bs_set_clock(test_clock);
  assert_in_range(tcp_ticks - before, 0, 100);
}

static void
test_established_idle_needs_no_wake_up(void **state)
{
  struct ends p;

  (void)state;
  stop_the_clock();
  p = connected_pair();
  assert_send(p.fd, "x");
  assert_recv(p.peer, "x");
  /* Each timer looks once whether it is needed, the slowest after a minute. */
  pass_ms(120000);
  assert_int_equal(timers_next_due(), BS_TIME_NEVER);
  /* And is awake again at the first byte. */
  assert_send(p.fd, "y");
  assert_recv(p.peer, "y");
  close_pair(&p);
}

static void
test_closed_time_wait_expires(void **state)
{
  struct ends p;

  (void)state;
  stop_the_clock();
  pass_ms(600000);
  each_pool(keep_use);
  p = connected_pair();
  bs_close(p.fd);
  settle();
  bs_close(p.peer);
  settle();
  assert_int_equal(counter("pool", "TCP_PCB"), 1);
  pass_ms(240000);
  assert_pools_as_before();
  assert_int_equal(timers_next_due(), BS_TIME_NEVER);
}

static void
test_keepalive_peer_answers_connection_lives(void **state)
{
  struct ends p;

  (void)state;
  stop_the_clock();
  p = connected_pair();
  set_int(p.fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_int(p.fd, IPPROTO_TCP, TCP_KEEPIDLE, 10);
  set_int(p.fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
  set_int(p.fd, IPPROTO_TCP, TCP_KEEPCNT, 2);
  pass_ms(3600000);
  assert_send(p.fd, "alive");
  assert_recv(p.peer, "alive");
  close_pair(&p);
}

static void
test_keepalive_set_on_idle_connection_probes_are_sent(void **state)
{
  struct ends p;
  uint32_t before;

  (void)state;
  stop_the_clock();
  p = connected_pair();
  pass_ms(120000);
  assert_int_equal(timers_next_due(), BS_TIME_NEVER);
  before = counter("tcp", "sent");
  set_int(p.fd, IPPROTO_TCP, TCP_KEEPIDLE, 10);
  set_int(p.fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  pass_ms(20000);
  assert_true(counter("tcp", "sent") > before);
  close_pair(&p);
}

static void
test_peer_does_not_read_window_opens_again_after_an_hour(void **state)
{
  struct ends p;
  size_t sent, got = 0;

  (void)state;
  stop_the_clock();
  p = connected_pair();
  sent = fill(p.fd);
  pass_ms(1000);
  sent += fill(p.fd);
  pass_ms(3600000);
  while (got < sent) {
    size_t n = drain(p.peer);

    got += n;
    pass_ms(1000);
  }
  assert_int_equal(got, sent);
  close_pair(&p);
}

static void
test_half_closed_by_us_fin_wait_2_does_not_time_out_while_open(void **state)
{
  struct ends p;

  (void)state;
  stop_the_clock();
  p = connected_pair();
  assert_int_equal(bs_shutdown(p.fd, SHUT_WR), 0);
  assert_end(p.peer);
  pass_ms(600000);
  assert_send(p.peer, "late answer");
  assert_recv(p.fd, "late answer");
  close_pair(&p);
}

static void
test_retransmission_after_long_sleep_clock_is_right(void **state)
{
  struct ends p;

  (void)state;
  stop_the_clock();
  p = connected_pair();
  pass_ms(86400000);
  assert_send(p.fd, "next day");
  assert_recv(p.peer, "next day");
  close_pair(&p);
}

/* A pump reads the clock once, and handles frames before it runs timers: what these wake begins later than that. */
static void
test_parked_timers_kicked_after_the_pump_read_the_clock(void **state)
{
  struct ends p;
  bs_time_t read_at;

  (void)state;
  stop_the_clock();
  p = connected_pair();
  /* What does not fit the peer's window waits for it: only TCP has work, all else is parked. */
  (void)fill(p.fd);
  pass_ms(1000);
  (void)fill(p.fd);
  pass_ms(120000);
  assert_true(timers_next_due() != BS_TIME_NEVER);
  clock_is = timers_next_due();
  read_at = stack_now();
  clock_is++;
  timers_kick();
  assert_int_equal(timers_run(read_at), 1);
  (void)drain(p.peer);
  settle();
  close_pair(&p);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    leak_free(test_idle_stack_has_nothing_due),
    leak_free(test_ip6_off_nobody_asks_for_routers),
    leak_free(test_frame_comes_while_a_timer_is_due_others_begin_now),
    leak_free(test_established_idle_needs_no_wake_up),
    leak_free(test_closed_time_wait_expires),
    leak_free(test_keepalive_peer_answers_connection_lives),
    leak_free(test_keepalive_set_on_idle_connection_probes_are_sent),
    leak_free(test_peer_does_not_read_window_opens_again_after_an_hour),
    leak_free(test_half_closed_by_us_fin_wait_2_does_not_time_out_while_open),
    leak_free(test_retransmission_after_long_sleep_clock_is_right),
    leak_free(test_parked_timers_kicked_after_the_pump_read_the_clock),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
