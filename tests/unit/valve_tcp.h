/**
 * TCP by hand through the valve: a peer at 192.0.2.9 that sends what a test tells it to, when it tells it to.
 */
#ifndef TESTS_VALVE_TCP_H
#define TESTS_VALVE_TCP_H

#include "bytes.h"
#include "pair.h"
#include "valve.h"

#define VALVE_PORT 80

#define TCP_AT (14 + 20)

#define F_FIN 0x01
#define F_SYN 0x02
#define F_RST 0x04
#define F_ACK 0x10

/* A connection as the peer sees it. */
struct peer_tcp {
  uint16_t port;
  uint32_t seq; /* of the next byte that it sends */
  uint32_t ack; /* what it has acknowledged */
};

/* Let a segment of the peer wait at the link. Its data are zeros. */
static inline void
put_segment(const struct peer_tcp *p, uint32_t seq, uint8_t flags, uint16_t len)
{
  uint8_t *f = valve.frame[valve.waiting].data;
  uint8_t *tcp = f + TCP_AT;

  assert_true(valve.waiting < VALVE_FRAMES);
  memset(f, 0, BS_FRAME_MAX);
  memcpy(f, "\x52\x54\0\0\0\1\x52\x54\0\0\0\x9\x8\0\x45", 15);
  put16(f + 16, 40u + len);
  f[22] = 64;
  f[23] = IPPROTO_TCP;
  memcpy(f + 26, "\xc0\0\2\x9\xc0\0\2\1", 8);
  put16(f + 24, checksum(f + 14, 20, 0));
  put16(tcp, p->port);
  put16(tcp + 2, VALVE_PORT);
  put32(tcp + 4, seq);
  put32(tcp + 8, p->ack);
  tcp[12] = 5 << 4;
  tcp[13] = flags;
  put16(tcp + 14, 0xffff);
  put16(tcp + 16, checksum(tcp, 20u + len, (uint16_t)~checksum(f + 26, 8, 0) + IPPROTO_TCP + 20u + len));
  valve.frame[valve.waiting++].len = (uint16_t)(54 + len);
}

/* Let the next data of the peer wait at the link. */
static inline void
put_data(struct peer_tcp *p, uint16_t len)
{
  put_segment(p, p->seq, F_ACK, len);
  p->seq += len;
}

/* The TCP header that the stack sent last, or so many frames before. */
static inline const uint8_t *
sent_tcp(unsigned before_last)
{
  assert_true(before_last < LWIP_MIN(valve.sent, VALVE_HEADS));
  return valve.head[(valve.sent - 1 - before_last) % VALVE_HEADS] + TCP_AT;
}

static inline uint32_t
sent_seq(void)
{
  return get32(sent_tcp(0) + 4);
}

static inline uint32_t
sent_ack(void)
{
  return get32(sent_tcp(0) + 8);
}

static inline uint8_t
sent_flags(void)
{
  return sent_tcp(0)[13];
}

static inline uint16_t
sent_window(void)
{
  return get16(sent_tcp(0) + 14);
}

static inline int
valve_listening(void)
{
  struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(VALVE_PORT) };
  int fd = bs_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

  assert_int_equal(bs_bind(fd, (struct sockaddr *)&any, sizeof(any)), 0);
  assert_int_equal(bs_listen(fd, 4), 0);
  return fd;
}

/* The peer's SYN, and the answer to it. */
static inline struct peer_tcp
peer_syn(uint16_t port)
{
  struct peer_tcp p = { .port = port, .seq = 1000 };

  put_segment(&p, p.seq++, F_SYN, 0);
  settle();
  assert_int_equal(sent_flags(), F_SYN | F_ACK);
  assert_int_equal(sent_ack(), p.seq);
  p.ack = sent_seq() + 1;
  return p;
}

/* A connection of the peer, established. @return our descriptor of it */
static inline int
peer_connects(int listener, uint16_t port, struct peer_tcp *p)
{
  int fd;

  *p = peer_syn(port);
  put_segment(p, p->seq, F_ACK, 0);
  settle();
  fd = bs_accept(listener, NULL, NULL);
  assert_true(fd >= 0);
  assert_int_equal(bs_fcntl(fd, F_SETFL, O_NONBLOCK), 0);
  return fd;
}

#endif /* TESTS_VALVE_TCP_H */
