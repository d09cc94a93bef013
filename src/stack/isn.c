/**
 * Initial sequence numbers of TCP that an outsider can't guess (RFC 6528): a clock, and a keyed hash of both ends.
 *
 * The hash is SipHash-2-4 (Aumasson and Bernstein, 2012), as in other kernels: made for short inputs, where MD5, which
 * lwIP's add-on has, takes ten times as long.
 */
#include "stack/isn.h"

#include <string.h>

#include "stack/lwip/lwip_hooks.h"
#include "stack/stack.h"

/* RFC 6528 3: the clock ticks every 4 us. */
#define TICK_US 4

#define WORDS_MOST 9 /* two addresses of IPv6, and both ports */

struct sip {
  uint64_t v0, v1, v2, v3;
};

static uint64_t key[2];
static uint64_t base;

static uint64_t
rotate(uint64_t x, unsigned bits)
{
  return (x << bits) | (x >> (64 - bits));
}

static void
rounds(struct sip *s, unsigned count)
{
  while (count-- > 0) {
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 = rotate(s->v0, 32) + s->v3;
    s->v2 += s->v1;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 = rotate(s->v2, 32);
  }
}

static void
compress(struct sip *s, uint64_t block)
{
  s->v3 ^= block;
  rounds(s, 2);
  s->v0 ^= block;
}

uint64_t
isn_hash(const uint64_t with_key[2], const uint32_t *words, unsigned count)
{
  struct sip s = {
    with_key[0] ^ 0x736f6d6570736575u,
    with_key[1] ^ 0x646f72616e646f6du,
    with_key[0] ^ 0x6c7967656e657261u,
    with_key[1] ^ 0x7465646279746573u,
  };
  uint64_t last = (uint64_t)count * sizeof(uint32_t) << 56;
  unsigned i;

  for (i = 0; i + 1 < count; i += 2) {
    compress(&s, words[i] | (uint64_t)words[i + 1] << 32);
  }
  compress(&s, i < count ? last | words[i] : last);
  s.v2 ^= 0xff;
  rounds(&s, 4);
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

void
isn_init(const void *secret, bs_time_t from)
{
  memcpy(key, secret, sizeof(key));
  base = from;
}

static unsigned
add_address(uint32_t *words, const ip_addr_t *ip)
{
#if LWIP_IPV6
  if (IP_IS_V6(ip)) {
    memcpy(words, ip_2_ip6(ip)->addr, sizeof(ip_2_ip6(ip)->addr));
    return LWIP_ARRAYSIZE(ip_2_ip6(ip)->addr);
  }
#endif
  words[0] = ip4_addr_get_u32(ip_2_ip4(ip));
  return 1;
}

u32_t
lwip_hook_tcp_isn(const ip_addr_t *local_ip, u16_t local_port, const ip_addr_t *remote_ip, u16_t remote_port)
{
  uint32_t words[WORDS_MOST];
  unsigned count = add_address(words, local_ip);

  count += add_address(words + count, remote_ip);
  words[count++] = (uint32_t)local_port << 16 | remote_port;
  return (u32_t)isn_hash(key, words, count) + (u32_t)((base + stack_now()) / TICK_US);
}
