/**
 * A link for tests on which the stack meets itself: each IP packet comes back with its two addresses exchanged, so that
 * what goes to a neighbour comes as from that neighbour. Sums over addresses stay right. The neighbours' MAC is asked
 * for by ARP and ND, or known (mirror_know()); all have the same one.
 */
#ifndef TESTS_MIRROR_H
#define TESTS_MIRROR_H

#include "leak.h"

#include "lwip/etharp.h"

#include "baresock/link.h"
#include "link/queue.h"

/* Few, so that the stack has to wait now and then. */
#define MIRROR_FRAMES 32

#define MIRROR_MAC       0x52, 0x54, 0, 0, 0, 9
#define MIRROR_MAC_OF_US 0x52, 0x54, 0, 0, 0, 1

static struct {
  struct bs_link link;
  struct link_queue queue;
  struct bs_link_status status;
} mirror;

static inline int
mirror_open(const struct bs_link_args *args, struct bs_link *below, struct bs_link **link, char *why)
{
  static const uint8_t mac[] = { MIRROR_MAC_OF_US };

  (void)args;
  (void)below;
  (void)why;
  memset(&mirror, 0, sizeof(mirror));
  assert_int_equal(link_queue_init(&mirror.queue, MIRROR_FRAMES), 0);
  memcpy(mirror.status.mac, mac, sizeof(mac));
  mirror.status.mtu = 1500;
  mirror.status.up = mirror.status.frames = true;
  *link = &mirror.link;
  return 0;
}

static inline void
mirror_close(struct bs_link *link)
{
  (void)link;
  link_queue_free(&mirror.queue);
}

static inline void
exchange(uint8_t *a, uint8_t *b, size_t len)
{
  while (len-- > 0) {
    uint8_t byte = *a;

    *a++ = *b;
    *b++ = byte;
  }
}

/* The answer to a question for any address but the asker's own: that would be a conflict. */
static inline bool
answer_arp(uint8_t *arp)
{
  static const uint8_t mac[] = { MIRROR_MAC };

  if (arp[7] != 1 || memcmp(arp + 14, arp + 24, 4) == 0) {
    return false;
  }
  arp[7] = 2;
  memcpy(arp + 18, mac, sizeof(mac));
  exchange(arp + 8, arp + 18, 10);
  return true;
}

static inline uint32_t
sum_words(const uint8_t *at, size_t len)
{
  uint32_t sum = 0;
  size_t i;

  for (i = 0; i < len; i += 2) {
    sum += (uint32_t)(at[i] << 8 | at[i + 1]);
  }
  return sum;
}

/* The same for a neighbour solicitation (RFC 4861 4.3) that holds the asker's MAC: one without looks for a conflict. */
static inline bool
answer_nd(uint8_t *ip, size_t len)
{
  static const uint8_t mac[] = { MIRROR_MAC };
  uint8_t *icmp = ip + 40;
  uint32_t sum;

  if (len < 72 || ip[6] != 58 || icmp[0] != 135 || icmp[24] != 1) {
    return false;
  }
  memcpy(ip + 24, ip + 8, 16);
  memcpy(ip + 8, icmp + 8, 16);
  memcpy(icmp, "\x88\0\0\0\x60\0\0", 8); /* an advertisement, solicited, to override */
  icmp[24] = 2;
  memcpy(icmp + 26, mac, sizeof(mac));
  sum = sum_words(ip + 8, 32) + sum_words(icmp, 32) + 32 + 58;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = ~((sum & 0xffff) + (sum >> 16));
  icmp[2] = (uint8_t)(sum >> 8);
  icmp[3] = (uint8_t)sum;
  return true;
}

static inline bool
reflect_ip6(uint8_t *ip, size_t len)
{
  if (ip[24] == 0xff) {
    return answer_nd(ip, len);
  }
  exchange(ip + 8, ip + 24, 16);
  return true;
}

/* What a frame becomes on its way back. @return false where nothing comes back */
static inline bool
reflect(uint8_t *frame, size_t len)
{
  static const uint8_t mac[] = { MIRROR_MAC };
  unsigned type = (unsigned)(frame[12] << 8 | frame[13]);

  memcpy(frame, frame + 6, 6);
  memcpy(frame + 6, mac, sizeof(mac));
  if (type == 0x0800 && len >= 34) {
    exchange(frame + 26, frame + 30, 4);
    return true;
  }
  if (type == 0x86dd && len >= 54) {
    return reflect_ip6(frame + 14, len - 14);
  }
  return type == 0x0806 && len >= 42 && answer_arp(frame + 14);
}

static inline int
mirror_send(struct bs_link *link, const struct iovec *iov, int count)
{
  uint8_t frame[BS_FRAME_MAX];
  size_t len = 0;
  int i;

  (void)link;
  if (mirror.queue.count == mirror.queue.size) {
    return -EAGAIN;
  }
  for (i = 0; i < count; i++) {
    memcpy(frame + len, iov[i].iov_base, iov[i].iov_len);
    len += iov[i].iov_len;
  }
  mirror.status.tx_frames++;
  if (reflect(frame, len)) {
    assert_true(link_queue_put(&mirror.queue, frame, len));
  }
  return 0;
}

static inline size_t
mirror_receive(struct bs_link *link, void *buf, size_t cap)
{
  size_t len = link_queue_get(&mirror.queue, buf, cap);

  (void)link;
  mirror.status.rx_frames += len > 0;
  return len;
}

static inline void
mirror_prepare(struct bs_link *link, struct bs_waitset *set, bool want_send, bs_time_t *deadline)
{
  (void)link;
  (void)set;
  if (mirror.queue.count > 0 || want_send) {
    *deadline = 0;
  }
}

static inline void
mirror_status(const struct bs_link *link, struct bs_link_status *status)
{
  (void)link;
  *status = mirror.status;
}

static const struct bs_link_ops mirror_ops = {
  .name = "mirror",
  .usage = "mirror: for tests",
  .open = mirror_open,
  .close = mirror_close,
  .send = mirror_send,
  .receive = mirror_receive,
  .prepare = mirror_prepare,
  .status = mirror_status,
};

/* The interface 10.0.0.1 on a mirror, with these filters ("" or "+NAME..."). */
static inline void
mirror_up(const char *filters)
{
  char string[BS_LINK_STRING];

  if (bs_link_register(&mirror_ops) < 0) {
    assert_int_equal(errno, EEXIST);
  }
  snprintf(string, sizeof(string), "mirror%s", filters);
  if (bs_net_up(string, NULL) < 0) {
    fail_msg("%s: %s", string, bs_net_why());
  }
  assert_int_equal(bs_net_ip4(0, "10.0.0.1/24"), 0);
  /* It sends after random times. */
  assert_int_equal(bs_net_ip6(0, "off"), 0);
}

/* 10.0.0.2 needs not be asked for: ARP has no checksum, and a damaged answer would be believed. */
static inline void
mirror_know(void)
{
  static const struct eth_addr mac = { { MIRROR_MAC } };
  ip4_addr_t neighbour;

  IP4_ADDR(&neighbour, 10, 0, 0, 2);
  assert_int_equal(etharp_add_static_entry(&neighbour, (struct eth_addr *)(uintptr_t)&mac), ERR_OK);
}

#endif /* TESTS_MIRROR_H */
