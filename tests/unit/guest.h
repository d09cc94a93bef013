/**
 * A machine on a link, made by hand: it answers ARP and neighbour solicitations for its addresses and speaks as much
 * IP, UDP and TCP as a test tells it to, without a stack.
 */
#ifndef BARESOCK_TEST_GUEST_H
#define BARESOCK_TEST_GUEST_H

#include "bytes.h"
#include "frames.h"

#define ETH_LEN     14
#define IP4_LEN     20
#define IP6_LEN     40
#define UDP_LEN     8
#define TCP_LEN     20
#define PROTO_TCP   6
#define PROTO_UDP   17
#define PROTO_ICMP6 58

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

/* Where slirp puts us. */
#define GUEST_IP 0x0a00020f
#define HOST_IP  0x0a000202

struct guest {
  struct bs_link *link;
  uint8_t mac[6];
  uint8_t frame[BS_FRAME_MAX]; /* the last one received */
  size_t len;
};

/* A TCP segment to be sent, and the one received last. */
struct segment {
  uint16_t from;
  uint16_t to;
  uint32_t seq;
  uint32_t ack;
  uint8_t flags;
  uint16_t window;
  uint16_t mss; /* 0: no option */
  size_t len;   /* of the data */
};

/* The sum of a pseudo header: addresses, protocol and length. */
static inline uint32_t
pseudo_sum(const uint8_t *addresses, size_t len, unsigned proto, size_t payload)
{
  return (uint16_t)~checksum(addresses, len, 0) + proto + (uint32_t)payload;
}

static inline void
put_eth(struct guest *g, uint8_t *frame, unsigned type)
{
  memset(frame, 0xff, 6);
  memcpy(frame + 6, g->mac, 6);
  put16(frame + 12, type);
}

/* Send an IPv4 datagram whose payload of len bytes is at frame + ETH_LEN + IP4_LEN already. */
static inline void
send_ip4(struct guest *g, uint8_t *frame, uint32_t from, uint32_t to, uint8_t proto, size_t len)
{
  uint8_t *ip = frame + ETH_LEN;

  put_eth(g, frame, 0x0800);
  memset(ip, 0, IP4_LEN);
  ip[0] = 0x45;
  put16(ip + 2, (unsigned)(IP4_LEN + len));
  ip[8] = 64;
  ip[9] = proto;
  put32(ip + 12, from);
  put32(ip + 16, to);
  put16(ip + 10, checksum(ip, IP4_LEN, 0));
  assert_int_equal(send_frame(g->link, frame, ETH_LEN + IP4_LEN + len), 0);
}

static inline void
send_udp(struct guest *g, uint32_t from_ip, uint16_t from, uint32_t to_ip, uint16_t to, const void *data, size_t len)
{
  uint8_t frame[BS_FRAME_MAX];
  uint8_t *udp = frame + ETH_LEN + IP4_LEN;

  put16(udp, from);
  put16(udp + 2, to);
  put16(udp + 4, (unsigned)(UDP_LEN + len));
  put16(udp + 6, 0); /* no checksum (RFC 768) */
  memcpy(udp + UDP_LEN, data, len);
  send_ip4(g, frame, from_ip, to_ip, PROTO_UDP, UDP_LEN + len);
}

/* Send a TCP segment to the host; its data are zeros. */
static inline void
send_tcp(struct guest *g, const struct segment *s)
{
  uint8_t frame[BS_FRAME_MAX] = { 0 };
  uint8_t *tcp = frame + ETH_LEN + IP4_LEN;
  size_t head = TCP_LEN + (s->mss != 0 ? 4u : 0u);
  uint8_t addresses[8];

  put16(tcp, s->from);
  put16(tcp + 2, s->to);
  put32(tcp + 4, s->seq);
  put32(tcp + 8, s->ack);
  tcp[12] = (uint8_t)(head / 4 << 4);
  tcp[13] = s->flags;
  put16(tcp + 14, s->window);
  if (s->mss != 0) {
    put16(tcp + TCP_LEN, 0x0204);
    put16(tcp + TCP_LEN + 2, s->mss);
  }
  put32(addresses, GUEST_IP);
  put32(addresses + 4, HOST_IP);
  put16(tcp + 16, checksum(tcp, head + s->len, pseudo_sum(addresses, sizeof(addresses), PROTO_TCP, head + s->len)));
  send_ip4(g, frame, GUEST_IP, HOST_IP, PROTO_TCP, head + s->len);
}

static inline void
send_arp(struct guest *g, unsigned op, uint32_t target)
{
  uint8_t frame[60] = { 0 };
  uint8_t *arp = frame + ETH_LEN;

  put_eth(g, frame, 0x0806);
  memcpy(arp, "\x00\x01\x08\x00\x06\x04", 6);
  put16(arp + 6, op);
  memcpy(arp + 8, g->mac, 6);
  put32(arp + 14, GUEST_IP);
  put32(arp + 24, target);
  assert_int_equal(send_frame(g->link, frame, sizeof(frame)), 0);
}

/* Answer the neighbour solicitation that was received. */
static inline void
send_advertisement(struct guest *g)
{
  const uint8_t *asked = g->frame + ETH_LEN;
  uint8_t frame[ETH_LEN + IP6_LEN + 32] = { 0 };
  uint8_t *ip = frame + ETH_LEN;
  uint8_t *icmp = ip + IP6_LEN;

  put_eth(g, frame, 0x86dd);
  ip[0] = 0x60;
  put16(ip + 4, 32);
  ip[6] = PROTO_ICMP6;
  ip[7] = 255;
  memcpy(ip + 8, asked + IP6_LEN + 8, 16);
  memcpy(ip + 24, asked + 8, 16);
  icmp[0] = 136;
  icmp[4] = 0x60; /* solicited, override */
  memcpy(icmp + 8, ip + 8, 16);
  icmp[24] = 2;
  icmp[25] = 1;
  memcpy(icmp + 26, g->mac, 6);
  put16(icmp + 2, checksum(icmp, 32, pseudo_sum(ip + 8, 32, PROTO_ICMP6, 32)));
  assert_int_equal(send_frame(g->link, frame, sizeof(frame)), 0);
}

static inline unsigned
frame_type(const struct guest *g)
{
  return get16(g->frame + 12);
}

/* Is the frame received an IPv6 packet that holds an ICMPv6 message of this type? */
static inline bool
is_icmp6(const struct guest *g, unsigned type)
{
  return frame_type(g) == 0x86dd && g->frame[ETH_LEN + 6] == PROTO_ICMP6 && g->frame[ETH_LEN + IP6_LEN] == type;
}

/* Receive until an IP packet (version 4 or 6) of this protocol came; @return its payload. Neighbours get answers. */
static inline uint8_t *
await(struct guest *g, unsigned version, unsigned proto)
{
  for (;;) {
    uint8_t *ip = g->frame + ETH_LEN;

    g->len = next_frame(g->link, g->frame);
    if (frame_type(g) == 0x0806 && get16(ip + 6) == 1 && get32(ip + 24) == GUEST_IP) {
      send_arp(g, 2, HOST_IP);
    } else if (is_icmp6(g, 135)) {
      send_advertisement(g);
    }
    if (version == 4 && frame_type(g) == 0x0800 && ip[9] == proto) {
      return ip + IP4_LEN;
    }
    if (version == 6 && frame_type(g) == 0x86dd && ip[6] == proto && !is_icmp6(g, 135)) {
      return ip + IP6_LEN;
    }
  }
}

/* The TCP segment over IPv4 that was received. */
static inline struct segment
received_tcp(const struct guest *g)
{
  const uint8_t *tcp = g->frame + ETH_LEN + IP4_LEN;
  struct segment s = {
    .from = get16(tcp),
    .to = get16(tcp + 2),
    .seq = get32(tcp + 4),
    .ack = get32(tcp + 8),
    .flags = tcp[13] & 0x3f,
    .window = get16(tcp + 14),
  };

  s.len = get16(g->frame + ETH_LEN + 2) - (size_t)IP4_LEN - (size_t)(tcp[12] >> 4) * 4;
  return s;
}

/* Wait for a TCP segment over IPv4. */
static inline struct segment
await_tcp(struct guest *g)
{
  (void)await(g, 4, PROTO_TCP);
  return received_tcp(g);
}

#endif /* BARESOCK_TEST_GUEST_H */
