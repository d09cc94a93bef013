/**
 * Many connections, one after the other and at once, and much data: afterwards every pool is empty again.
 */
#include "pair.h"

#include "lwip/priv/tcp_priv.h"

static void
serve_one(int listener)
{
  int client = bs_socket(AF_INET, SOCK_STREAM, 0);
  int server;
  char buf[16];

  assert_true(client >= 0);
  assert_int_equal(connect_to(&ours, client, listener), 0);
  server = bs_accept(listener, NULL, NULL);
  assert_true(server >= 0);
  assert_int_equal(bs_send(client, "request", 7, 0), 7);
  assert_int_equal(bs_recv(server, buf, sizeof(buf), 0), 7);
  assert_int_equal(bs_send(server, "response", 8, 0), 8);
  assert_int_equal(bs_close(server), 0);
  assert_int_equal(bs_recv(client, buf, sizeof(buf), MSG_WAITALL), 8);
  assert_int_equal(bs_close(client), 0);
}

static void
test_lesson_17_short_connections_in_a_row_all_are_served(void **state)
{
  int listener = listening(&ours, 4);
  unsigned count = LWIP_MAX(1000, BS_TCP_PCBS + BS_TCP_PCBS / 4), i;

  (void)state;
  set_waiting(listener);
  for (i = 0; i < count; i++) {
    serve_one(listener);
  }
  /* Those in TIME_WAIT made room for each other. */
  assert_non_null(tcp_tw_pcbs);
  bs_close(listener);
}

/* @return how many segments one more connection takes */
static unsigned
segments_of_one(int listener)
{
  unsigned before = (unsigned)lwip_stats.tcp.xmit;

  serve_one(listener);
  settle();
  return (unsigned)lwip_stats.tcp.xmit - before;
}

static void
test_lesson_18_many_in_time_wait_a_connection_costs_no_segment_more(void **state)
{
  int listener = listening(&ours, 4);
  unsigned first, i;

  (void)state;
  set_waiting(listener);
  /* Nothing is helped by a timer. */
  stop_the_clock();
  first = segments_of_one(listener);
  for (i = 0; i < BS_TCP_PCBS + BS_TCP_PCBS / 4; i++) {
    assert_int_equal(segments_of_one(listener), first);
  }
  assert_non_null(tcp_tw_pcbs);
  start_the_clock();
  bs_close(listener);
}

static void
test_500_connections_at_once_all_talk(void **state)
{
  enum { COUNT = LWIP_MIN(500, LWIP_MIN(BS_MAX_SOCKETS, BS_TCP_PCBS) / 2 - 1) };
  static struct ends c[COUNT];
  int listener = listening(&ours, 16);
  char text[16];
  int i;

  (void)state;
  for (i = 0; i < COUNT; i++) {
    c[i].fd = connecting_to(&ours, listener);
    settle();
    c[i].peer = bs_accept(listener, NULL, NULL);
    assert_true(c[i].peer >= 0);
  }
  for (i = 0; i < COUNT; i++) {
    snprintf(text, sizeof(text), "%d", i);
    assert_send(c[i].fd, text);
    assert_send(c[i].peer, text);
  }
  for (i = COUNT - 1; i >= 0; i--) {
    snprintf(text, sizeof(text), "%d", i);
    assert_recv(c[i].peer, text);
    assert_recv(c[i].fd, text);
    close_pair(&c[i]);
  }
  bs_close(listener);
}

/* What stands at a position of the stream: not periodic in any buffer's size. */
static char
byte_at(size_t position)
{
  return (char)(position * 31 + position / 251);
}

struct direction {
  int from;
  int to;
  size_t sent;
  size_t got;
};

static char block[65536];

/* Send as much as goes now. */
static void
send_data(struct direction *d, size_t total)
{
  ssize_t n = 1;

  while (n > 0 && d->sent < total) {
    size_t len = LWIP_MIN(sizeof(block), total - d->sent), i;

    for (i = 0; i < len; i++) {
      block[i] = byte_at(d->sent + i);
    }
    n = bs_send(d->from, block, len, MSG_DONTWAIT);
    d->sent += n > 0 ? (size_t)n : 0;
  }
}

/* Receive as much as there is, and look at it. */
static void
receive_data(struct direction *d)
{
  ssize_t n, i;

  while ((n = bs_recv(d->to, block, sizeof(block), MSG_DONTWAIT)) > 0) {
    for (i = 0; i < n; i++) {
      if (block[i] != byte_at(d->got + (size_t)i)) {
        fail_msg("byte %zu is wrong", d->got + (size_t)i);
      }
    }
    d->got += (size_t)n;
  }
}

static void
move_data(struct direction *d, size_t total)
{
  send_data(d, total);
  receive_data(d);
}

static void
test_20_mb_each_way_at_the_same_time_arrive(void **state)
{
  enum { TOTAL = 20 * 1024 * 1024 };
  struct ends p = connected_pair();
  struct direction out = { .from = p.fd, .to = p.peer }, back = { .from = p.peer, .to = p.fd };

  (void)state;
  while (out.got < TOTAL || back.got < TOTAL) {
    struct pollfd fds[2] = { { p.fd, POLLIN, 0 }, { p.peer, POLLIN, 0 } };

    fds[0].events |= out.sent < TOTAL ? POLLOUT : 0;
    fds[1].events |= back.sent < TOTAL ? POLLOUT : 0;
    assert_true(bs_poll(fds, 2, PATIENCE_US / 1000) > 0);
    move_data(&out, TOTAL);
    move_data(&back, TOTAL);
  }
  assert_int_equal(out.got, TOTAL);
  assert_int_equal(back.got, TOTAL);
  close_pair(&p);
}

static void
test_lesson_22_many_writers_share_the_segments_none_stalls(void **state)
{
  enum { COUNT = LWIP_MIN(200, LWIP_MIN(BS_MAX_SOCKETS, BS_TCP_PCBS) / 2 - 1), TOTAL = 200000 };
  static struct direction d[COUNT];
  int listener = listening(&ours, 16);
  bs_time_t deadline = bs_now() + PATIENCE_US;
  unsigned done = 0;
  int i;

  (void)state;
  for (i = 0; i < COUNT; i++) {
    d[i] = (struct direction){ .from = connecting_to(&ours, listener) };
    settle();
    d[i].to = bs_accept(listener, NULL, NULL);
    assert_true(d[i].to >= 0);
  }
  /* First all write as much as they can, then all read. */
  for (i = 0; i < COUNT; i++) {
    send_data(&d[i], TOTAL);
  }
  while (done < COUNT) {
    done = 0;
    for (i = 0; i < COUNT; i++) {
      move_data(&d[i], TOTAL);
      done += d[i].got == TOTAL;
    }
    assert_true(bs_now() < deadline);
    assert_int_equal(bs_net_sleep(100), 0);
  }
  for (i = 0; i < COUNT; i++) {
    bs_close(d[i].from);
    bs_close(d[i].to);
  }
  bs_close(listener);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    leak_free(test_lesson_17_short_connections_in_a_row_all_are_served),
    leak_free(test_lesson_18_many_in_time_wait_a_connection_costs_no_segment_more),
    leak_free(test_500_connections_at_once_all_talk),
    leak_free(test_20_mb_each_way_at_the_same_time_arrive),
    leak_free(test_lesson_22_many_writers_share_the_segments_none_stalls),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
