/**
 * The link `slirp`, seen by a machine made by hand on one side and by the host's sockets on the other.
 */
#include <signal.h>

#include "host.h"

#define SECOND 1000000

static bs_time_t clock_ahead;

/* The port's clock, moved on by a test. */
static bs_time_t
moved_clock(void)
{
  return port_clock() + clock_ahead;
}

static int
reset_clock(void **state)
{
  (void)state;
  bs_set_clock(NULL);
  return 0;
}

static void
take_waiting(struct guest *g)
{
  while (g->link->ops->receive(g->link, g->frame, sizeof(g->frame)) != 0) {
  }
}

static void
test_open_status_tells_its_address(void **state)
{
  static const uint8_t mac[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };
  struct guest g = guest_on("slirp");
  struct bs_link_status status = status_of(g.link);

  (void)state;
  assert_memory_equal(status.mac, mac, sizeof(mac));
  assert_int_equal(status.mtu, 1500);
  assert_true(status.up && status.frames);
  bs_link_close(g.link);
}

static void
test_open_dhcp_discover_is_offered_10_0_2_15(void **state)
{
  struct guest g = guest_on("slirp");
  uint8_t discover[300] = { 1, 1, 6 };
  const uint8_t *offer;

  (void)state;
  memcpy(discover + 4, "\x12\x34\x56\x78", 4);
  memcpy(discover + 28, g.mac, 6);
  memcpy(discover + 236, "\x63\x82\x53\x63\x35\x01\x01\xff", 8);
  send_udp(&g, 0, 68, 0xffffffff, 67, discover, sizeof(discover));
  offer = await(&g, 4, PROTO_UDP);
  assert_int_equal(get16(offer), 67);
  assert_int_equal(get16(offer + 2), 68);
  offer += UDP_LEN;
  assert_memory_equal(offer + 4, "\x12\x34\x56\x78", 4);
  assert_int_equal(get32(offer + 16), GUEST_IP);
  assert_memory_equal(offer + 236, "\x63\x82\x53\x63\x35\x01\x02", 7);
  bs_link_close(g.link);
}

static void
test_open_arp_for_the_host_is_answered(void **state)
{
  struct guest g = guest_on("slirp");

  (void)state;
  send_arp(&g, 1, HOST_IP);
  g.len = next_frame(g.link, g.frame);
  assert_int_equal(frame_type(&g), 0x0806);
  assert_int_equal(get16(g.frame + ETH_LEN + 6), 2);
  assert_int_equal(get32(g.frame + ETH_LEN + 14), HOST_IP);
  assert_memory_equal(g.frame, g.mac, 6);
  bs_link_close(g.link);
}

static void
test_open_frame_in_pieces_is_put_together(void **state)
{
  struct guest g = guest_on("slirp");
  uint8_t arp[28] = "\x00\x01\x08\x00\x06\x04\x00\x01";
  uint8_t head[ETH_LEN];
  struct iovec iov[3] = { { head, sizeof(head) }, { arp, 8 }, { arp + 8, sizeof(arp) - 8 } };

  (void)state;
  put_eth(&g, head, 0x0806);
  memcpy(arp + 8, g.mac, 6);
  put32(arp + 14, GUEST_IP);
  put32(arp + 24, HOST_IP);
  assert_int_equal(g.link->ops->send(g.link, iov, 3), 0);
  next_frame(g.link, g.frame);
  assert_int_equal(frame_type(&g), 0x0806);
  assert_int_equal(status_of(g.link).tx_frames, 1);
  assert_int_equal(status_of(g.link).rx_frames, 1);
  bs_link_close(g.link);
}

static void
test_open_frame_of_wrong_length_is_dropped(void **state)
{
  struct guest g = guest_on("slirp");
  uint8_t frame[BS_FRAME_MAX + 1] = { 0 };

  (void)state;
  assert_int_equal(send_frame(g.link, frame, BS_FRAME_MAX + 1), 0);
  assert_int_equal(send_frame(g.link, frame, ETH_LEN - 1), 0);
  assert_int_equal(status_of(g.link).tx_dropped, 2);
  bs_link_close(g.link);
}

static void
test_idle_wait_has_no_near_deadline(void **state)
{
  struct guest g = guest_on("slirp");
  struct bs_waitset set = { 0 };
  bs_time_t deadline = BS_TIME_NEVER;

  (void)state;
  assert_int_equal(g.link->ops->receive(g.link, g.frame, sizeof(g.frame)), 0);
  g.link->ops->prepare(g.link, &set, false, &deadline);
  assert_int_equal(set.dropped, 0);
  assert_true(deadline > bs_now() + 60 * (bs_time_t)SECOND);
  deadline = 1;
  g.link->ops->prepare(g.link, &set, false, &deadline);
  assert_int_equal(deadline, 1);
  bs_link_close(g.link);
}

static void
test_idle_router_advertises_by_its_timer(void **state)
{
  struct guest g;

  (void)state;
  clock_ahead = 0;
  bs_set_clock(moved_clock);
  g = guest_on("slirp");
  assert_int_equal(g.link->ops->receive(g.link, g.frame, sizeof(g.frame)), 0);
  clock_ahead = 601 * (bs_time_t)SECOND; /* the longest interval (RFC 4861 6.2.1) */
  await(&g, 6, PROTO_ICMP6);
  assert_true(is_icmp6(&g, 134));
  bs_link_close(g.link);
}

static void
test_idle_for_an_hour_udp_is_answered(void **state)
{
  struct sockaddr_in from;
  socklen_t from_len = sizeof(from);
  uint16_t port = 0;
  int server = host_socket(AF_INET, SOCK_DGRAM, &port);
  struct guest g;
  const uint8_t *udp;
  uint8_t buf[8];

  (void)state;
  clock_ahead = 0;
  bs_set_clock(moved_clock);
  g = guest_on("slirp");
  clock_ahead = 3600 * (bs_time_t)SECOND;
  send_udp(&g, GUEST_IP, 4000, HOST_IP, port, "ping", 4);
  assert_int_equal(recvfrom(server, buf, sizeof(buf), 0, (struct sockaddr *)&from, &from_len), 4);
  /* What is open is looked through more than once before the answer comes. */
  take_waiting(&g);
  take_waiting(&g);
  assert_int_equal(sendto(server, "pong", 4, 0, (struct sockaddr *)&from, from_len), 4);
  udp = await(&g, 4, PROTO_UDP);
  assert_int_equal(get16(udp + 2), 4000);
  assert_memory_equal(udp + UDP_LEN, "pong", 4);
  bs_link_close(g.link);
  close(server);
}

/* What comes back when we connect to a server of the host. */
static uint8_t
flags_of_answer(const char *string)
{
  uint16_t port = 0;
  int server = host_socket(AF_INET, SOCK_STREAM, &port);
  struct guest g = guest_on(string);
  struct segment syn = { .from = 4000, .to = port, .seq = 1, .flags = TCP_SYN, .window = 1000 };
  struct segment answer;

  send_tcp(&g, &syn);
  send_arp(&g, 1, HOST_IP); /* an answer always comes: that to this */
  do {
    g.len = next_frame(g.link, g.frame);
    if (strstr(string, "restrict") == NULL && frame_type(&g) == 0x0806) {
      answer = await_tcp(&g);
      break;
    }
    answer.flags = 0;
  } while (frame_type(&g) != 0x0806);
  close(server);
  bs_link_close(g.link);
  return answer.flags;
}

static void
test_unrestricted_connect_to_host_is_answered(void **state)
{
  (void)state;
  assert_int_equal(flags_of_answer("slirp"), TCP_SYN | TCP_ACK);
}

static void
test_restricted_connect_to_host_is_not_answered(void **state)
{
  (void)state;
  assert_int_equal(flags_of_answer("slirp:restrict"), 0);
}

static void
test_queue_over_half_full_send_says_again(void **state)
{
  struct guest g = guest_on("slirp");
  uint8_t arp[60] = { 0 };
  unsigned i;

  (void)state;
  for (i = 0; i < BS_SLIRP_QUEUE / 2 + 1; i++) {
    send_arp(&g, 1, HOST_IP);
  }
  put_eth(&g, arp, 0x0806);
  assert_int_equal(send_frame(g.link, arp, sizeof(arp)), -EAGAIN);
  assert_int_equal(status_of(g.link).tx_frames, BS_SLIRP_QUEUE / 2 + 1);
  wait_for_link(g.link, true, bs_now() + PATIENCE_US);
  next_frame(g.link, g.frame);
  assert_int_equal(send_frame(g.link, arp, sizeof(arp)), 0);
  assert_int_equal(status_of(g.link).rx_dropped, 0);
  bs_link_close(g.link);
}

/* Take all data segments that wait. @return the sequence number after them */
static uint32_t
take_waiting_data(struct guest *g, uint32_t seq)
{
  while (g->link->ops->receive(g->link, g->frame, sizeof(g->frame)) != 0) {
    if (frame_type(g) == 0x0800 && g->frame[ETH_LEN + 9] == PROTO_TCP) {
      struct segment s = received_tcp(g);

      assert_int_equal(s.seq, seq);
      seq += (uint32_t)s.len;
    }
  }
  return seq;
}

/* The queue is half full, and one ACK for many tiny segments sets as many free again, of which not all fit. */
static void
test_queue_full_frames_are_dropped_and_counted(void **state)
{
  enum { mss = 32, half = BS_SLIRP_QUEUE / 2, flight = half + half / 2 };
  static char data[3 * flight * mss];
  uint16_t port = free_port(SOCK_STREAM);
  bs_time_t deadline = bs_now() + PATIENCE_US;
  struct segment ack;
  struct guest g;
  uint32_t seen;
  char string[80];
  int client;
  unsigned i;

  (void)state;
  snprintf(string, sizeof(string), "slirp:fwd=tcp:%d-%d", port, GUEST_PORT);
  g = guest_on(string);
  client = host_client(AF_INET, SOCK_STREAM, port);
  assert_int_equal(send(client, data, sizeof(data), 0), sizeof(data));
  ack = accept_tcp(&g, mss, 65535);
  seen = ack.ack;
  /* Each segment acknowledged lets the congestion window grow by one, until so many are in flight. */
  while (seen - ack.ack < flight * mss) {
    seen = take_waiting_data(&g, seen);
    if (seen != ack.ack) {
      ack.ack += mss;
      send_tcp(&g, &ack);
    } else {
      assert_true(bs_now() < deadline);
      wait_for_link(g.link, false, deadline);
    }
  }
  seen = take_waiting_data(&g, seen);
  for (i = 0; i < half; i++) {
    send_arp(&g, 1, HOST_IP);
  }
  assert_int_equal(status_of(g.link).rx_dropped, 0);
  ack.ack = seen;
  send_tcp(&g, &ack);
  assert_true(status_of(g.link).rx_dropped > 0);
  for (i = 0; i < BS_SLIRP_QUEUE; i++) {
    assert_true(g.link->ops->receive(g.link, g.frame, sizeof(g.frame)) != 0);
  }
  assert_int_equal(g.link->ops->receive(g.link, g.frame, sizeof(g.frame)), 0);
  close(client);
  bs_link_close(g.link);
}

static void
test_host_connection_gone_data_does_not_kill_us(void **state)
{
  uint16_t port = free_port(SOCK_STREAM);
  struct segment data, s;
  struct sigaction now;
  struct guest g;
  char string[80];
  int client, i;

  (void)state;
  snprintf(string, sizeof(string), "slirp:fwd=tcp:%d-%d", port, GUEST_PORT);
  g = guest_on(string);
  client = host_client(AF_INET, SOCK_STREAM, port);
  data = accept_tcp(&g, 0, 8192);
  close(client);
  do {
    s = await_tcp(&g);
  } while (!(s.flags & TCP_FIN));
  data.ack = s.seq + 1;
  data.len = 10;
  /* The first makes the host's kernel reset the connection, the next ones meet that. */
  for (i = 0; i < 4; i++) {
    send_tcp(&g, &data);
    data.seq += 10;
  }
  bs_link_close(g.link);
  assert_int_equal(sigaction(SIGPIPE, NULL, &now), 0);
  assert_ptr_equal(now.sa_handler, SIG_DFL);
}

/* What slirp acknowledged to us is not yet with a host program that does not read. */
static void
test_host_does_not_read_link_is_busy_until_it_does(void **state)
{
  uint16_t port = free_port(SOCK_STREAM);
  bs_time_t deadline = bs_now() + PATIENCE_US;
  static char sink[65536];
  struct segment data;
  struct guest g;
  char string[80];
  int client;

  (void)state;
  snprintf(string, sizeof(string), "slirp:fwd=tcp:%d-%d", port, GUEST_PORT);
  g = guest_on(string);
  client = host_client(AF_INET, SOCK_STREAM, port);
  data = accept_tcp(&g, 0, 8192);
  take_waiting(&g);
  assert_false(g.link->ops->busy(g.link));
  data.len = 1400;
  while (!g.link->ops->busy(g.link)) {
    assert_true(bs_now() < deadline);
    send_tcp(&g, &data);
    data.seq += (uint32_t)data.len;
    take_waiting(&g);
  }
  while (g.link->ops->busy(g.link)) {
    assert_true(bs_now() < deadline);
    while (recv(client, sink, sizeof(sink), 0) > 0) {
    }
    take_waiting(&g);
  }
  close(client);
  bs_link_close(g.link);
}

static void
test_two_open_each_has_its_own_network(void **state)
{
  struct guest one = guest_on("slirp");
  struct guest two = guest_on("slirp");

  (void)state;
  send_arp(&one, 1, HOST_IP);
  assert_int_equal(two.link->ops->receive(two.link, two.frame, sizeof(two.frame)), 0);
  next_frame(one.link, one.frame);
  bs_link_close(one.link);
  send_arp(&two, 1, HOST_IP);
  next_frame(two.link, two.frame);
  bs_link_close(two.link);
}

#define SLIRP_TEST(name) cmocka_unit_test_teardown(name, reset_clock)

int
main(void)
{
  const struct CMUnitTest tests[] = {
    SLIRP_TEST(test_open_status_tells_its_address),
    SLIRP_TEST(test_open_dhcp_discover_is_offered_10_0_2_15),
    SLIRP_TEST(test_open_arp_for_the_host_is_answered),
    SLIRP_TEST(test_open_frame_in_pieces_is_put_together),
    SLIRP_TEST(test_open_frame_of_wrong_length_is_dropped),
    SLIRP_TEST(test_idle_wait_has_no_near_deadline),
    SLIRP_TEST(test_idle_router_advertises_by_its_timer),
    SLIRP_TEST(test_idle_for_an_hour_udp_is_answered),
    SLIRP_TEST(test_unrestricted_connect_to_host_is_answered),
    SLIRP_TEST(test_restricted_connect_to_host_is_not_answered),
    SLIRP_TEST(test_queue_over_half_full_send_says_again),
    SLIRP_TEST(test_queue_full_frames_are_dropped_and_counted),
    SLIRP_TEST(test_host_connection_gone_data_does_not_kill_us),
    SLIRP_TEST(test_host_does_not_read_link_is_busy_until_it_does),
    SLIRP_TEST(test_two_open_each_has_its_own_network),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
