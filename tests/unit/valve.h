/**
 * A link for tests: what the stack sends lands in a list, what a test puts in is received, and it can be shut.
 */
#ifndef TESTS_VALVE_H
#define TESTS_VALVE_H

#include "fake_link.h"
#include "leak.h"

#include "lwip/etharp.h"

#define VALVE_FRAMES 4096
#define VALVE_HEADS  16

static struct {
  struct bs_link link;
  bool flood;                    /* the first frame comes again and again, without end */
  bool shut;                     /* takes no frame: the stack has to hold them */
  unsigned sent;                 /* frames taken */
  unsigned refused;              /* times that -EAGAIN was given */
  uint32_t last_mark;            /* of the last frame taken: its last 4 bytes */
  uint8_t head[VALVE_HEADS][60]; /* of the frames taken last: their first bytes */
  unsigned given;                /* frames received by the stack */
  unsigned waiting;
  struct {
    uint16_t len;
    uint8_t data[BS_FRAME_MAX];
  } frame[VALVE_FRAMES];
} valve;

static inline int
valve_open(const struct bs_link_args *args, struct bs_link *below, struct bs_link **link, char *why)
{
  (void)args;
  (void)below;
  (void)why;
  valve.shut = valve.flood = false;
  valve.sent = valve.refused = valve.given = valve.waiting = 0;
  *link = &valve.link;
  return 0;
}

static inline int
valve_send(struct bs_link *link, const struct iovec *iov, int count)
{
  const struct iovec *last = &iov[count - 1];
  uint8_t *head;
  size_t at;
  int i;

  (void)link;
  if (valve.shut) {
    valve.refused++;
    return -EAGAIN;
  }
  if (last->iov_len >= sizeof(valve.last_mark)) {
    memcpy(&valve.last_mark, (const char *)last->iov_base + last->iov_len - sizeof(valve.last_mark),
           sizeof(valve.last_mark));
  }
  head = valve.head[valve.sent++ % VALVE_HEADS];
  memset(head, 0, sizeof(valve.head[0]));
  for (at = 0, i = 0; i < count && at < sizeof(valve.head[0]); at += iov[i++].iov_len) {
    memcpy(head + at, iov[i].iov_base, LWIP_MIN(iov[i].iov_len, sizeof(valve.head[0]) - at));
  }
  return 0;
}

static inline size_t
valve_receive(struct bs_link *link, void *buf, size_t cap)
{
  size_t len;

  (void)link;
  if (valve.flood) {
    valve.given = 0;
  }
  if (valve.given == valve.waiting) {
    return 0;
  }
  len = valve.frame[valve.given].len;
  assert_true(len <= cap);
  memcpy(buf, valve.frame[valve.given++].data, len);
  return len;
}

static const struct bs_link_ops valve_ops = {
  .name = "valve",
  .usage = "valve: for tests",
  .open = valve_open,
  .close = fake_link_close,
  .send = valve_send,
  .receive = valve_receive,
  .status = fake_link_status,
};

/* The link, an address on it, and a neighbour whose MAC is known: 192.0.2.9. */
static inline void
valve_with_neighbour(void **state)
{
  static const struct eth_addr mac = { { 0x52, 0x54, 0, 0, 0, 9 } };
  ip4_addr_t neighbour;

  remember_pools(state);
  if (bs_link_register(&valve_ops) < 0) {
    assert_int_equal(errno, EEXIST);
  }
  assert_true(bs_net_up("valve", NULL) > 0);
  assert_int_equal(bs_net_ip4(0, "192.0.2.1/24"), 0);
  assert_int_equal(bs_net_ip6(0, "off"), 0);
  IP4_ADDR(&neighbour, 192, 0, 2, 9);
  assert_int_equal(etharp_add_static_entry(&neighbour, (struct eth_addr *)(uintptr_t)&mac), ERR_OK);
  settle();
}

/* Put a frame in: UDP from 192.0.2.9 to 192.0.2.1, from and to a port, with so many bytes of data. */
static inline void
valve_put_udp(uint16_t port, uint16_t bytes)
{
  static const uint8_t head[] = { 0x52, 0x54, 0, 0, 0, 1, 0x52, 0x54, 0, 0, 0, 9, 8, 0,
                                  /* IPv4 */
                                  0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 9, 192, 0, 2, 1,
                                  /* UDP without a checksum */
                                  0, 9, 0, 0, 0, 0, 0, 0 };
  uint8_t *f = valve.frame[valve.waiting].data;
  uint32_t sum = 0;
  unsigned i;

  assert_true(valve.waiting < VALVE_FRAMES);
  memset(f, 0, sizeof(valve.frame[0].data));
  memcpy(f, head, sizeof(head));
  f[16] = (uint8_t)((bytes + 28) >> 8);
  f[17] = (uint8_t)(bytes + 28);
  f[34] = f[36] = (uint8_t)(port >> 8);
  f[35] = f[37] = (uint8_t)port;
  f[38] = (uint8_t)((bytes + 8) >> 8);
  f[39] = (uint8_t)(bytes + 8);
  for (i = 14; i < 34; i += 2) {
    sum += (uint32_t)(f[i] << 8 | f[i + 1]);
  }
  sum = (sum & 0xffff) + (sum >> 16);
  sum = ~((sum & 0xffff) + (sum >> 16));
  f[24] = (uint8_t)(sum >> 8);
  f[25] = (uint8_t)sum;
  valve.frame[valve.waiting++].len = (uint16_t)(bytes + 42);
}

#endif /* TESTS_VALVE_H */
