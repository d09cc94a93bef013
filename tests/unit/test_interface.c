/**
 * Between a link's frames and lwIP: frames that the link can't take yet, and buffers that run short.
 */
#include "pair.h"
#include "valve.h"

#include "baresock/netdb.h"

#include "lwip/etharp.h"

#define PORT 7777

static int fd;

/* The link, an address, a neighbour whose MAC is known, and a socket that talks to it. */
static int
begin(void **state)
{
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(PORT) };

  valve_with_neighbour(state);
  fd = bs_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  assert_int_equal(bs_bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
  in.sin_addr.s_addr = htonl(0xc0000209);
  assert_int_equal(bs_connect(fd, (struct sockaddr *)&in, sizeof(in)), 0);
  valve.sent = 0;
  return 0;
}

static int
end(void **state)
{
  ip4_addr_t neighbour;

  IP4_ADDR(&neighbour, 192, 0, 2, 9);
  valve.shut = false;
  settle();
  bs_close(fd);
  /* It went with the interface, where a test took that down. */
  (void)etharp_remove_static_entry(&neighbour);
  return nothing_is_left(state);
}

static void
test_link_open_frame_goes_at_once(void **state)
{
  (void)state;
  assert_send(fd, "data");
  assert_int_equal(valve.sent, 1);
}

static void
test_link_shut_frames_are_held_and_go_later_in_order(void **state)
{
  uint32_t i;

  (void)state;
  valve.shut = true;
  for (i = 1; i <= BS_TX_QUEUE; i++) {
    assert_int_equal(bs_send(fd, &i, sizeof(i), 0), sizeof(i));
  }
  settle();
  assert_int_equal(valve.sent, 0);
  valve.shut = false;
  assert_true(stack_pump() > 0);
  settle();
  assert_int_equal(valve.sent, BS_TX_QUEUE);
  assert_int_equal(valve.last_mark, BS_TX_QUEUE);
}

static void
test_held_frames_later_one_does_not_overtake(void **state)
{
  uint32_t first = 1, second = 2;

  (void)state;
  valve.shut = true;
  assert_int_equal(bs_send(fd, &first, sizeof(first), 0), sizeof(first));
  valve.shut = false;
  assert_int_equal(bs_send(fd, &second, sizeof(second), 0), sizeof(second));
  settle();
  assert_int_equal(valve.sent, 2);
  assert_int_equal(valve.last_mark, second);
}

static void
test_ring_full_datagram_gives_enobufs_and_counts(void **state)
{
  uint32_t before = counter("limit", "tx_queue_full");
  struct bs_net_status status;
  unsigned i;

  (void)state;
  valve.shut = true;
  for (i = 0; i < BS_TX_QUEUE; i++) {
    assert_send(fd, "data");
  }
  assert_errno(ENOBUFS, bs_send(fd, "data", 4, 0));
  assert_int_equal(counter("limit", "tx_queue_full"), before + 1);
  assert_int_equal(bs_net_status(0, &status), 0);
  assert_int_equal(status.stats.tx_dropped, 1);
  valve.shut = false;
  settle();
  assert_send(fd, "data");
}

static void
test_interface_down_held_frames_are_freed(void **state)
{
  (void)state;
  valve.shut = true;
  assert_send(fd, "data");
  assert_int_equal(bs_net_down(bs_net_default()), 0);
  assert_int_equal(bs_net_up("valve", NULL) > 0, 1);
  assert_int_equal(bs_net_ip4(0, "192.0.2.1/24"), 0);
}

static void
test_frames_received_datagrams_arrive(void **state)
{
  char buf[100];

  (void)state;
  valve_put_udp(PORT, 100);
  valve_put_udp(PORT, 3);
  settle();
  assert_int_equal(bs_recv(fd, buf, sizeof(buf), 0), 100);
  assert_int_equal(bs_recv(fd, buf, sizeof(buf), 0), 3);
}

static void
test_lesson_26_many_frames_wait_all_are_received(void **state)
{
  unsigned i;
  char buf[32];

  (void)state;
  for (i = 0; i < 3 * BS_PUMP_FRAMES; i++) {
    valve_put_udp(PORT, 32);
  }
  settle();
  for (i = 0; i < 3 * BS_PUMP_FRAMES; i++) {
    assert_int_equal(bs_recv(fd, buf, sizeof(buf), 0), 32);
  }
}

static void
test_lesson_22_buffers_used_up_data_is_dropped_small_frames_pass(void **state)
{
  enum { SOCKETS = 4 };
  static char block[1400];
  struct sockaddr_in in = { .sin_family = AF_INET };
  uint32_t before = counter("limit", "rx_no_buffer");
  int full[SOCKETS];
  unsigned i;

  (void)state;
  if (BS_POOLS_MALLOC) {
    skip();
  }
  for (i = 0; i < SOCKETS; i++) {
    full[i] = bs_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    in.sin_port = htons((uint16_t)(PORT + 1 + i));
    assert_int_equal(bs_bind(full[i], (struct sockaddr *)&in, sizeof(in)), 0);
    set_int(full[i], SOL_SOCKET, SO_RCVBUF, BS_DGRAM_RCVBUF_MAX);
  }
  /* Each queued datagram keeps its buffer. */
  for (i = 0; i < BS_PBUF_POOL; i++) {
    valve_put_udp((uint16_t)(PORT + 1 + i % SOCKETS), sizeof(block));
    settle();
    valve.given = valve.waiting = 0;
  }
  assert_true(counter("limit", "rx_no_buffer") > before);
  assert_true(counter("pool", "PBUF_POOL") <= BS_PBUF_POOL - BS_PBUF_RESERVE);
  before = counter("limit", "rx_no_buffer");
  valve_put_udp(PORT, 16);
  settle();
  assert_int_equal(bs_recv(fd, block, sizeof(block), 0), 16);
  assert_int_equal(counter("limit", "rx_no_buffer"), before);
  /* When the readers catch up, everything works again. */
  for (i = 0; i < SOCKETS; i++) {
    while (bs_recv(full[i], block, sizeof(block), 0) > 0) {
    }
    bs_close(full[i]);
  }
  valve_put_udp(PORT, sizeof(block));
  settle();
  assert_int_equal(bs_recv(fd, block, sizeof(block), 0), sizeof(block));
}

static void
test_lesson_22_nobody_reads_floods_leave_memory_to_send(void **state)
{
  enum { SOCKETS = BS_MEM_SIZE / BS_DGRAM_RCVBUF_MAX + 1, BYTES = 100 };
  static char block[1400];
  struct sockaddr_in in = { .sin_family = AF_INET };
  int full[SOCKETS];
  char buf[BYTES];
  unsigned i, n;

  (void)state;
  if (BS_POOLS_MALLOC || BS_PROFILE == BS_PROFILE_LARGE) {
    skip();
  }
  for (i = 0; i < SOCKETS; i++) {
    full[i] = bs_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    in.sin_port = htons((uint16_t)(PORT + 1 + i));
    assert_int_equal(bs_bind(full[i], (struct sockaddr *)&in, sizeof(in)), 0);
    set_int(full[i], SOL_SOCKET, SO_RCVBUF, BS_DGRAM_RCVBUF_MAX);
    for (n = 0; n < BS_DGRAM_RCVBUF_MAX / BYTES; n++) {
      valve_put_udp((uint16_t)(PORT + 1 + i), BYTES);
      settle();
      valve.given = valve.waiting = 0;
    }
  }
  assert_int_equal(bs_send(fd, block, sizeof(block), 0), sizeof(block));
  for (i = 0; i < SOCKETS; i++) {
    bs_close(full[i]);
  }
  valve_put_udp(PORT, BYTES);
  settle();
  assert_int_equal(bs_recv(fd, buf, sizeof(buf), 0), BYTES);
}

static void
test_link_shut_tcp_goes_on_when_it_opens(void **state)
{
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(80) };
  unsigned i;
  int stream;

  (void)state;
  valve.shut = true;
  for (i = 0; i < BS_TX_QUEUE; i++) {
    assert_send(fd, "data");
  }
  in.sin_addr.s_addr = htonl(0xc0000209);
  stream = bs_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  /* The SYN finds the ring full, and goes as soon as there is room, without waiting for a timer. */
  stop_the_clock();
  assert_errno(EINPROGRESS, bs_connect(stream, (struct sockaddr *)&in, sizeof(in)));
  valve.shut = false;
  settle();
  assert_int_equal(valve.sent, BS_TX_QUEUE + 1);
  bs_close(stream);
}

static void
test_ring_full_sender_that_never_waits_gets_on(void **state)
{
  unsigned tries = 0;

  (void)state;
  valve.shut = true;
  while (bs_send(fd, "data", 4, 0) > 0) {
  }
  assert_int_equal(errno, ENOBUFS);
  valve.shut = false;
  stop_the_clock();
  clock_is += 10000;
  while (bs_send(fd, "data", 4, 0) < 0) {
    assert_int_equal(errno, ENOBUFS);
    assert_true(++tries < 2);
  }
}

static void
test_frames_without_end_waits_end_all_the_same(void **state)
{
  struct timeval tv = { .tv_usec = 20000 };
  struct pollfd p = { fd, POLLIN, 0 };
  char buf[4];

  (void)state;
  assert_int_equal(bs_setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), 0);
  set_waiting(fd);
  valve_put_udp(PORT + 1, 3);
  valve.flood = true;
  assert_errno(EAGAIN, bs_recv(fd, buf, sizeof(buf), 0));
  assert_int_equal(bs_poll(&p, 1, 20), 0);
  assert_int_equal(bs_net_sleep(20000), 0);
  tv.tv_sec = 60;
  assert_int_equal(bs_setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), 0);
  port_interrupt();
  assert_errno(EINTR, bs_recv(fd, buf, sizeof(buf), 0));
  valve.flood = false;
}

static void
test_neighbour_asked_for_by_a_timer_is_asked_again(void **state)
{
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(80) };
  ip4_addr_t neighbour;
  int stream;

  (void)state;
  /* No other entry keeps the timer of the table awake. */
  IP4_ADDR(&neighbour, 192, 0, 2, 9);
  assert_int_equal(etharp_remove_static_entry(&neighbour), ERR_OK);
  in.sin_addr.s_addr = htonl(0xc000024d);
  stop_the_clock();
  stream = bs_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  assert_errno(EINPROGRESS, bs_connect(stream, (struct sockaddr *)&in, sizeof(in)));
  /* The first question was given up after 5 s. The SYN goes out again after 7 s, and asks anew. */
  pass_ms(7600);
  valve.sent = 0;
  pass_ms(3000);
  assert_in_range(valve.sent, 2, 4);
  bs_close(stream);
}

static void
test_link_local_nobody_listens_connected_socket_is_told(void **state)
{
  struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
  struct bs_net_status status;
  int six;

  (void)state;
  stop_the_clock();
  assert_int_equal(bs_net_ip6(0, "auto"), 0);
  pass_ms(3000);
  assert_int_equal(bs_net_status(0, &status), 0);
  assert_int_equal(bs_inet_pton(AF_INET6, status.addr6[0], &in6.sin6_addr), 1);
  in6.sin6_scope_id = (uint32_t)bs_net_default();
  six = bs_socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  assert_int_equal(bs_connect(six, (struct sockaddr *)&in6, sizeof(in6)), 0);
  assert_send(six, "anybody?");
  settle();
  assert_int_equal(so_error(six), ECONNREFUSED);
  bs_close(six);
}

#define on_the_valve(test) cmocka_unit_test_setup_teardown(test, begin, end)

int
main(void)
{
  const struct CMUnitTest tests[] = {
    on_the_valve(test_link_open_frame_goes_at_once),
    on_the_valve(test_link_shut_frames_are_held_and_go_later_in_order),
    on_the_valve(test_held_frames_later_one_does_not_overtake),
    on_the_valve(test_ring_full_datagram_gives_enobufs_and_counts),
    on_the_valve(test_interface_down_held_frames_are_freed),
    on_the_valve(test_frames_received_datagrams_arrive),
    on_the_valve(test_lesson_26_many_frames_wait_all_are_received),
    on_the_valve(test_lesson_22_buffers_used_up_data_is_dropped_small_frames_pass),
    on_the_valve(test_lesson_22_nobody_reads_floods_leave_memory_to_send),
    on_the_valve(test_link_shut_tcp_goes_on_when_it_opens),
    on_the_valve(test_ring_full_sender_that_never_waits_gets_on),
    on_the_valve(test_frames_without_end_waits_end_all_the_same),
    on_the_valve(test_neighbour_asked_for_by_a_timer_is_asked_again),
#if BS_IPV6
    on_the_valve(test_link_local_nobody_listens_connected_socket_is_told),
#endif
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
