/**
 * TCP's windows, with a peer made by hand: what it has no room for is not sent, and what we have no room for is not
 * taken. These are the tests of the patches in deps/patches/lwip.
 */
#include <netinet/tcp.h>

#include "bytes.h"
#include "pair.h"

#include "lwip/etharp.h"

#include "baresock/link.h"

#define FIN 0x01
#define SYN 0x02
#define ACK 0x10

#define MSS      1460u
#define ISS      1000u /* the peer's */
#define SEGMENTS 100

/* Of what we sent: counted from our first byte of data. */
struct segment {
  uint32_t seq;
  uint32_t ack;
  uint8_t flags;
  uint16_t window;
  uint32_t len;
};

static struct {
  struct bs_link link;
  uint16_t port; /* ours */
  uint32_t base; /* number of our first byte */
  unsigned count;
  struct segment sent[SEGMENTS];
  struct {
    uint16_t len;
    uint8_t data[BS_FRAME_MAX];
  } waiting; /* the frame that we receive next */
} peer;

static int fd;

/* --- the link --- */

static int
peer_open(const struct bs_link_args *args, struct bs_link *below, struct bs_link **link, char *why)
{
  (void)args;
  (void)below;
  (void)why;
  memset(&peer, 0, sizeof(peer));
  *link = &peer.link;
  return 0;
}

static void
peer_close(struct bs_link *link)
{
  (void)link;
}

/* Note a TCP segment over IPv4 without options of IP. */
static int
peer_send(struct bs_link *link, const struct iovec *iov, int count)
{
  uint8_t frame[BS_FRAME_MAX];
  const uint8_t *tcp = frame + 34;
  size_t len = 0;
  int i;

  (void)link;
  for (i = 0; i < count; i++) {
    memcpy(frame + len, iov[i].iov_base, iov[i].iov_len);
    len += iov[i].iov_len;
  }
  if (frame[12] != 8 || frame[13] != 0 || frame[23] != 6) {
    return 0;
  }
  assert_true(peer.count < SEGMENTS);
  if (tcp[13] & SYN) {
    peer.base = get32(tcp + 4) + 1;
    peer.port = (uint16_t)(tcp[0] << 8 | tcp[1]);
  }
  peer.sent[peer.count++] = (struct segment){
    .seq = get32(tcp + 4) - peer.base,
    .ack = get32(tcp + 8),
    .flags = tcp[13],
    .window = (uint16_t)(tcp[14] << 8 | tcp[15]),
    .len = (uint32_t)(frame[16] << 8 | frame[17]) - 20 - (uint32_t)(tcp[12] >> 4) * 4,
  };
  return 0;
}

static size_t
peer_receive(struct bs_link *link, void *buf, size_t cap)
{
  size_t len = peer.waiting.len;

  (void)link;
  assert_true(len <= cap);
  memcpy(buf, peer.waiting.data, len);
  peer.waiting.len = 0;
  return len;
}

static void
peer_status(const struct bs_link *link, struct bs_link_status *status)
{
  (void)link;
  *status = (struct bs_link_status){ .mac = { 0x52, 0x54, 0, 0, 0, 1 }, .mtu = 1500, .up = true, .frames = true };
}

static const struct bs_link_ops peer_ops = {
  .name = "peer",
  .usage = "peer: for tests",
  .open = peer_open,
  .close = peer_close,
  .send = peer_send,
  .receive = peer_receive,
  .status = peer_status,
};

/* --- what the peer says --- */

/* The peer sends a segment, which is handled: numbers from its first byte of data and from ours. Its data is the
 * low byte of each one's number. */
static void
says(uint8_t flags, uint32_t seq, uint32_t ack, uint16_t window, uint32_t len)
{
  static const uint8_t head[] = { 0x52, 0x54, 0, 0, 0, 1,  0x52, 0x54, 0, 0,   0, 9, 8, 0,   0x45, 0, 0,
                                  0,    0,    0, 0, 0, 64, 6,    0,    0, 192, 0, 2, 9, 192, 0,    2, 1 };
  uint8_t *f = peer.waiting.data;
  uint8_t *tcp = f + 34;
  uint32_t head_len = (flags & SYN) ? 24 : 20;
  uint32_t i;

  memset(f, 0, sizeof(peer.waiting.data));
  memcpy(f, head, sizeof(head));
  put16(f + 16, 20 + head_len + len);
  put16(f + 24, checksum(f + 14, 20, 0));
  put16(tcp, 80);
  put16(tcp + 2, peer.port);
  put32(tcp + 4, ISS + 1 + seq);
  put32(tcp + 8, peer.base + ack);
  tcp[12] = (uint8_t)(head_len / 4 << 4);
  tcp[13] = flags;
  put16(tcp + 14, window);
  if (flags & SYN) {
    put32(tcp + 20, 0x02040000 | MSS);
  }
  for (i = 0; i < len; i++) {
    tcp[head_len + i] = (uint8_t)(seq + i);
  }
  put16(tcp + 16, checksum(f + 26, 8 + head_len + len, 6 + head_len + len));
  peer.waiting.len = (uint16_t)(34 + head_len + len);
  settle();
}

/* Where what we sent ends: the highest number, data only. */
static uint32_t
sent_up_to(void)
{
  uint32_t end = 0;
  unsigned i;

  for (i = 0; i < peer.count; i++) {
    if (peer.sent[i].len > 0 && peer.sent[i].seq + peer.sent[i].len > end) {
      end = peer.sent[i].seq + peer.sent[i].len;
    }
  }
  return end;
}

/* --- a connection to it --- */

static int
begin(void **state)
{
  static const struct eth_addr mac = { { 0x52, 0x54, 0, 0, 0, 9 } };
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = htonl(0xc0000209) };
  ip4_addr_t neighbour;

  remember_pools(state);
  stop_the_clock();
  if (bs_link_register(&peer_ops) < 0) {
    assert_int_equal(errno, EEXIST);
  }
  assert_true(bs_net_up("peer", NULL) > 0);
  assert_int_equal(bs_net_ip4(0, "192.0.2.1/24"), 0);
  assert_int_equal(bs_net_ip6(0, "off"), 0);
  IP4_ADDR(&neighbour, 192, 0, 2, 9);
  assert_int_equal(etharp_add_static_entry(&neighbour, (struct eth_addr *)(uintptr_t)&mac), ERR_OK);

  fd = bs_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  assert_errno(EINPROGRESS, bs_connect(fd, (struct sockaddr *)&in, sizeof(in)));
  settle();
  assert_int_equal(peer.count, 1);
  return 0;
}

static int
end(void **state)
{
  close_with_reset(&ours, fd);
  settle();
  return nothing_is_left(state);
}

/* The peer accepts, and has room for so many bytes. */
static void
accepts(uint16_t window)
{
  says(SYN | ACK, (uint32_t)-1, 0, window, 0);
  assert_int_equal(peer.count, 2);
}

static void
send_segments(unsigned count)
{
  static char data[8 * MSS];

  assert_int_equal(bs_send(fd, data, count * MSS, 0), count * MSS);
  settle();
}

/* --- what the peer has room for --- */

static void
test_lost_one_sent_again_into_closed_window_goes_when_it_opens(void **state)
{
  unsigned i, before;

  (void)state;
  accepts(8 * MSS);
  send_segments(3);
  assert_int_equal(sent_up_to(), 3 * MSS);
  /* The first one is lost: the later ones fill the peer's buffers, and three say so. */
  for (i = 0; i < 4; i++) {
    says(ACK, 0, 0, 0, 0);
  }
  /* The retransmission time-out. */
  pass_ms(5000);
  before = peer.count;
  says(ACK, 0, 0, 8 * MSS, 0);
  assert_true(peer.count > before);
  assert_int_equal(peer.sent[before].seq, 0);
  assert_int_equal(peer.sent[before].len, MSS);
  says(ACK, 0, MSS, 8 * MSS, 0);
  says(ACK, 0, 3 * MSS, 8 * MSS, 0);
  send_segments(1);
  assert_int_equal(sent_up_to(), 4 * MSS);
}

/* A peer should not shrink its window, but may (RFC 9293 3.8.6). */
static void
test_new_ack_with_smaller_window_is_believed(void **state)
{
  (void)state;
  accepts(8 * MSS);
  send_segments(1);
  says(ACK, 0, MSS, 8 * MSS, 0);
  send_segments(1);
  says(ACK, 0, 2 * MSS, 0, 0);
  send_segments(1);
  assert_int_equal(sent_up_to(), 2 * MSS);
  says(ACK, 0, 2 * MSS, 8 * MSS, 0);
  assert_int_equal(sent_up_to(), 3 * MSS);
}

static void
test_old_segment_with_new_ack_window_ends_where_it_ended(void **state)
{
  (void)state;
  accepts(2 * MSS);
  send_segments(4);
  assert_int_equal(sent_up_to(), 2 * MSS);
  /* Of its two segments the first one comes late. It has read nothing since. */
  says(ACK, 10, 0, 2 * MSS, 10);
  says(ACK, 0, 2 * MSS, 0, 10);
  assert_int_equal(sent_up_to(), 2 * MSS);
  says(ACK, 20, 2 * MSS, 2 * MSS, 0);
  assert_int_equal(sent_up_to(), 4 * MSS);
}

static void
test_old_ack_window_ends_where_it_ended(void **state)
{
  (void)state;
  accepts(2 * MSS);
  send_segments(4);
  says(ACK, 0, 2 * MSS, 0, 0);
  /* What it sent before comes now. */
  says(ACK, 10, 0, 2 * MSS, 10);
  assert_int_equal(sent_up_to(), 2 * MSS);
  says(ACK, 10, 2 * MSS, MSS, 0);
  assert_int_equal(sent_up_to(), 3 * MSS);
}

/* --- what we have room for --- */

/* All that comes before byte end, which is read then. @return how many bytes could be read */
static uint32_t
fill_gap_and_read(uint32_t end_of_gap)
{
  static uint8_t data[0x10000];
  uint32_t at, got, i;
  ssize_t n;

  for (at = 0; at < end_of_gap; at += LWIP_MIN(1000, end_of_gap - at)) {
    says(ACK, at, 0, MSS, LWIP_MIN(1000, end_of_gap - at));
  }
  for (got = 0; (n = bs_recv(fd, data + got, sizeof(data) - got, MSG_DONTWAIT)) > 0; got += (uint32_t)n) {
  }
  assert_errno(EAGAIN, bs_recv(fd, data, 1, MSG_DONTWAIT));
  for (i = 0; i < got; i++) {
    assert_int_equal(data[i], (uint8_t)i);
  }
  return got;
}

static void
test_segment_out_of_order_beyond_window_is_cut(void **state)
{
  uint32_t window;

  (void)state;
  accepts(MSS);
  window = peer.sent[peer.count - 1].window;
  says(ACK, window - 100, 0, MSS, 1000);
  assert_int_equal(fill_gap_and_read(window - 100), window);
}

static void
test_segment_out_of_order_with_fin_beyond_window_fin_is_cut(void **state)
{
  uint32_t window;
  char byte;

  (void)state;
  accepts(MSS);
  window = peer.sent[peer.count - 1].window;
  says(ACK | FIN, window - 1000, 0, MSS, 1000);
  assert_int_equal(fill_gap_and_read(window - 1000), window);
  /* It comes again when there is room. */
  says(ACK | FIN, window, 0, MSS, 0);
  assert_int_equal(bs_recv(fd, &byte, 1, MSG_DONTWAIT), 0);
}

#define WINDOW_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
  const struct CMUnitTest tests[] = {
    WINDOW_TEST(test_lost_one_sent_again_into_closed_window_goes_when_it_opens),
    WINDOW_TEST(test_new_ack_with_smaller_window_is_believed),
    WINDOW_TEST(test_old_segment_with_new_ack_window_ends_where_it_ended),
    WINDOW_TEST(test_old_ack_window_ends_where_it_ended),
    WINDOW_TEST(test_segment_out_of_order_beyond_window_is_cut),
    WINDOW_TEST(test_segment_out_of_order_with_fin_beyond_window_fin_is_cut),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
