/**
 * When what the peer sends is acknowledged, and when a window that opens is announced (src/stack/ack.c).
 */
#include "valve_tcp.h"

#define SEGMENT  1000
#define SEGMENTS 4

static int
begin(void **state)
{
  valve_with_neighbour(state);
  stop_the_clock();
  return 0;
}

static int
end(void **state)
{
  start_the_clock();
  return nothing_is_left(state);
}

/* Close without a word to the peer. */
static void
drop(int fd)
{
  struct linger linger = { .l_onoff = 1 };

  assert_int_equal(bs_setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
  assert_int_equal(bs_close(fd), 0);
}

static void
test_connected_segments_of_one_pump_are_acknowledged_once(void **state)
{
  int listener = valve_listening();
  struct peer_tcp p;
  int fd = peer_connects(listener, 2000, &p);
  unsigned i, before = valve.sent;

  (void)state;
  for (i = 0; i < SEGMENTS; i++) {
    put_data(&p, SEGMENT);
  }
  settle();
  assert_int_equal(valve.sent, before + 1);
  assert_int_equal(sent_ack(), p.seq);
  drop(fd);
  bs_close(listener);
}

static void
test_connected_one_segment_is_acknowledged_by_the_timer(void **state)
{
  int listener = valve_listening();
  struct peer_tcp p;
  int fd = peer_connects(listener, 2000, &p);
  unsigned before = valve.sent;

  (void)state;
  put_data(&p, SEGMENT);
  settle();
  assert_int_equal(valve.sent, before);
  pass_ms(500);
  assert_int_equal(valve.sent, before + 1);
  assert_int_equal(sent_ack(), p.seq);
  drop(fd);
  bs_close(listener);
}

static void
test_connected_segments_out_of_order_are_acknowledged_each(void **state)
{
  int listener = valve_listening();
  struct peer_tcp p;
  int fd = peer_connects(listener, 2000, &p);
  uint32_t gap = p.seq;
  unsigned before = valve.sent;

  (void)state;
  /* Three duplicates are what fast retransmit waits for (RFC 5681 3.2). */
  put_segment(&p, gap + SEGMENT, F_ACK, SEGMENT);
  put_segment(&p, gap + 2 * SEGMENT, F_ACK, SEGMENT);
  put_segment(&p, gap + 3 * SEGMENT, F_ACK, SEGMENT);
  settle();
  assert_int_equal(valve.sent, before + 3);
  assert_int_equal(sent_ack(), gap);
  put_segment(&p, gap, F_ACK, SEGMENT);
  settle();
  assert_int_equal(valve.sent, before + 4);
  assert_int_equal(sent_ack(), gap + 4 * SEGMENT);
  drop(fd);
  bs_close(listener);
}

/* What was last acknowledged to a port of the peer; 0 for nothing lately. */
static uint32_t
acknowledged(const struct peer_tcp *p)
{
  unsigned i;

  for (i = 0; i < VALVE_HEADS; i++) {
    if (get16(sent_tcp(i) + 2) == p->port) {
      return get32(sent_tcp(i) + 8);
    }
  }
  return 0;
}

static void
test_two_connections_take_turns_both_are_acknowledged(void **state)
{
  int listener = valve_listening();
  struct peer_tcp p, q;
  int fd = peer_connects(listener, 2000, &p);
  int other = peer_connects(listener, 2001, &q);
  unsigned i;

  (void)state;
  for (i = 0; i < 4; i++) {
    put_data(&p, SEGMENT);
    put_data(&q, SEGMENT);
  }
  settle();
  /* All but one segment, which may wait for the timer. */
  assert_in_range(p.seq - acknowledged(&p), 0, SEGMENT);
  assert_in_range(q.seq - acknowledged(&q), 0, SEGMENT);
  drop(fd);
  drop(other);
  bs_close(listener);
}

static void
test_connected_reset_behind_the_data_nothing_is_sent(void **state)
{
  int listener = valve_listening();
  struct peer_tcp p;
  int fd = peer_connects(listener, 2000, &p);
  unsigned before = valve.sent;
  char buf[2 * SEGMENT];

  (void)state;
  put_data(&p, SEGMENT);
  put_data(&p, SEGMENT);
  put_segment(&p, p.seq, F_RST, 0);
  settle();
  assert_int_equal(valve.sent, before);
  assert_int_equal(bs_recv(fd, buf, sizeof(buf), 0), sizeof(buf));
  assert_errno(ECONNRESET, bs_recv(fd, buf, sizeof(buf), 0));
  assert_int_equal(bs_close(fd), 0);
  bs_close(listener);
}

static void
test_small_rcvbuf_half_of_it_read_window_is_announced(void **state)
{
  int listener = valve_listening();
  struct peer_tcp p;
  uint32_t window = LWIP_MIN(BS_TCP_WND, 0xffff);
  char buf[BS_TCP_MSS];
  size_t unread, opened;
  int fd;

  (void)state;
  set_int(listener, SOL_SOCKET, SO_RCVBUF, 2 * BS_TCP_MSS);
  fd = peer_connects(listener, 2000, &p);
  /* The handshake announced a larger window, which is the peer's to use: without its option, 64 KB at most. */
  while (p.seq - 1001 < window) {
    put_data(&p, (uint16_t)LWIP_MIN(BS_TCP_MSS, window - (p.seq - 1001)));
  }
  settle();
  assert_int_equal(sent_ack(), p.seq);
  assert_int_equal(sent_window(), 0);
  while (sent_window() == 0) {
    assert_true(bs_recv(fd, buf, sizeof(buf), 0) > 0);
    settle();
  }
  /* It comes before the buffer is empty, and with what is still unread it is never more than the buffer. */
  opened = sent_window();
  assert_in_range(opened, BS_TCP_MSS, 2 * BS_TCP_MSS - 1);
  unread = drain(fd);
  assert_in_range(unread, 1, 2 * BS_TCP_MSS - opened);
  drop(fd);
  bs_close(listener);
}

static void
test_half_open_listener_closes_the_next_socket_hears_nothing(void **state)
{
  int listener = valve_listening();
  struct peer_tcp p = peer_syn(2000);
  unsigned before;
  int next;

  (void)state;
  assert_int_equal(bs_close(listener), 0);
  next = bs_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  assert_int_equal(next, listener);
  before = valve.sent;
  put_segment(&p, p.seq, F_ACK, 0);
  settle();
  assert_int_equal(valve.sent, before + 1);
  assert_int_equal(sent_flags() & F_RST, F_RST);
  assert_int_equal(so_error(next), 0);
  assert_int_equal(revents_of(next, POLLIN | POLLOUT), POLLOUT | POLLHUP);
  bs_close(next);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_connected_segments_of_one_pump_are_acknowledged_once, begin, end),
    cmocka_unit_test_setup_teardown(test_connected_one_segment_is_acknowledged_by_the_timer, begin, end),
    cmocka_unit_test_setup_teardown(test_connected_segments_out_of_order_are_acknowledged_each, begin, end),
    cmocka_unit_test_setup_teardown(test_two_connections_take_turns_both_are_acknowledged, begin, end),
    cmocka_unit_test_setup_teardown(test_connected_reset_behind_the_data_nothing_is_sent, begin, end),
    cmocka_unit_test_setup_teardown(test_small_rcvbuf_half_of_it_read_window_is_announced, begin, end),
    cmocka_unit_test_setup_teardown(test_half_open_listener_closes_the_next_socket_hears_nothing, begin, end),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
