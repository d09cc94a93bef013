/**
 * What routers and hosts say of datagrams that they could not deliver.
 */
#include "stack/icmp_error.h"

#include <errno.h>
#include <string.h>

#include "lwip/inet_chksum.h"
#include "lwip/pbuf.h"
#include "lwip/prot/icmp.h"
#include "lwip/prot/ip.h"
#include "lwip/prot/icmp6.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"

#include "lwip_hooks.h"

/* A message: type, code, checksum, four bytes unused, then the head of the datagram. */
#define ICMP_HEAD 8

/* Of the datagram's own payload as much as every message repeats: ports, and TCP's sequence number. */
#define REPEATED 8

static void (*on_error)(const struct icmp_error *error);

/* By code, as Linux has them. */
struct meaning {
  u8_t error;
  bool fatal;
};

static const struct meaning unreachable4[] = {
  { ENETUNREACH, false },  /* net */
  { EHOSTUNREACH, false }, /* host */
  { ENOPROTOOPT, true },   /* protocol */
  { ECONNREFUSED, true },  /* port */
  { EMSGSIZE, true },      /* fragmentation needed */
  { EOPNOTSUPP, false },   /* source route failed */
  { ENETUNREACH, true },   /* net unknown */
  { EHOSTDOWN, true },     /* host unknown */
  { ENONET, true },        /* source isolated */
  { ENETUNREACH, true },   /* net prohibited */
  { EHOSTUNREACH, true },  /* host prohibited */
  { ENETUNREACH, false },  /* net, for this type of service */
  { EHOSTUNREACH, false }, /* host, for this type of service */
  { EHOSTUNREACH, true },  /* communication prohibited */
  { EHOSTUNREACH, true },  /* precedence violated */
  { EHOSTUNREACH, true },  /* precedence cut off */
};

static const struct meaning time_exceeded = { EHOSTUNREACH, false };
static const struct meaning parameter_problem = { EPROTO, true };

#if LWIP_IPV6
static const struct meaning unreachable6[] = {
  { ENETUNREACH, false },  /* no route */
  { EACCES, true },        /* prohibited */
  { EHOSTUNREACH, false }, /* beyond the scope */
  { EHOSTUNREACH, false }, /* address */
  { ECONNREFUSED, true },  /* port */
  { EACCES, true },        /* source address failed policy */
  { EACCES, true },        /* reject route */
};

static const struct meaning too_big = { EMSGSIZE, true };
#endif

void
icmp_error_on(void (*handler)(const struct icmp_error *error))
{
  on_error = handler;
}

static void
tell(struct icmp_error *error, const struct meaning *meaning, const u8_t *repeated)
{
  error->from_port = (u16_t)(repeated[0] << 8 | repeated[1]);
  error->to_port = (u16_t)(repeated[2] << 8 | repeated[3]);
  error->sequence = (u32_t)repeated[4] << 24 | (u32_t)repeated[5] << 16 | (u32_t)repeated[6] << 8 | repeated[7];
  error->error = meaning->error;
  error->fatal = meaning->fatal;
  on_error(error);
}

/* What a message says; NULL for one that is none of ours, such as the source quench that RFC 6633 forgets. */
static const struct meaning *
meaning4(u8_t type, u8_t code)
{
  switch (type) {
  case ICMP_DUR:
    return code < LWIP_ARRAYSIZE(unreachable4) ? &unreachable4[code] : NULL;
  case ICMP_TE:
    return &time_exceeded;
  case ICMP_PP:
    return &parameter_problem;
  default:
    return NULL;
  }
}

static void
look_at4(const u8_t *message, size_t len)
{
  const struct ip_hdr *ip = (const struct ip_hdr *)(const void *)(message + ICMP_HEAD);
  const struct meaning *meaning;
  struct icmp_error error;
  size_t head;

  if (len < ICMP_HEAD + IP_HLEN + REPEATED || (meaning = meaning4(message[0], message[1])) == NULL) {
    return;
  }
  head = IPH_HL_BYTES(ip);
  if (IPH_V(ip) != 4 || head < IP_HLEN || len < ICMP_HEAD + head + REPEATED || inet_chksum(message, (u16_t)len) != 0) {
    return;
  }
  if (IPH_OFFSET(ip) & PP_HTONS(IP_OFFMASK)) {
    /* A later fragment has no ports. */
    return;
  }
  error.protocol = IPH_PROTO(ip);
  ip_addr_copy_from_ip4(error.from, ip->src);
  ip_addr_copy_from_ip4(error.to, ip->dest);
  tell(&error, meaning, message + ICMP_HEAD + head);
}

int
icmp_error_look4(struct pbuf *p, struct netif *netif)
{
  const struct ip_hdr *ip = p->payload;

  LWIP_UNUSED_ARG(netif);
  if (on_error != NULL && p->len >= IP_HLEN && IPH_PROTO(ip) == IP_PROTO_ICMP) {
    size_t head = IPH_HL_BYTES(ip);
    size_t total = lwip_ntohs(IPH_LEN(ip));

    if (head >= IP_HLEN && total >= head && total <= p->len && (IPH_OFFSET(ip) & PP_HTONS(IP_OFFMASK | IP_MF)) == 0) {
      look_at4((const u8_t *)p->payload + head, total - head);
    }
  }
  /* Not consumed: lwIP goes on with it. */
  return 0;
}

#if LWIP_IPV6
static const struct meaning *
meaning6(u8_t type, u8_t code)
{
  switch (type) {
  case ICMP6_TYPE_DUR:
    return code < LWIP_ARRAYSIZE(unreachable6) ? &unreachable6[code] : NULL;
  case ICMP6_TYPE_PTB:
    return &too_big;
  case ICMP6_TYPE_TE:
    return &time_exceeded;
  case ICMP6_TYPE_PP:
    return &parameter_problem;
  default:
    return NULL;
  }
}

static void
look_at6(const u8_t *message, size_t len)
{
  const struct ip6_hdr *ip = (const struct ip6_hdr *)(const void *)(message + ICMP_HEAD);
  const struct meaning *meaning;
  struct icmp_error error;

  if (len < ICMP_HEAD + IP6_HLEN + REPEATED || (meaning = meaning6(message[0], message[1])) == NULL ||
      IP6H_V(ip) != 6) {
    return;
  }
  error.protocol = IP6H_NEXTH(ip);
  ip_addr_copy_from_ip6_packed(error.from, ip->src);
  ip_addr_copy_from_ip6_packed(error.to, ip->dest);
  tell(&error, meaning, message + ICMP_HEAD + IP6_HLEN);
}

static bool
checksum_is_right(struct pbuf *p, const struct ip6_hdr *ip, size_t len)
{
  ip6_addr_t src, dest;
  bool right;

  ip6_addr_copy_from_packed(src, ip->src);
  ip6_addr_copy_from_packed(dest, ip->dest);
  /* lwIP sums from the payload on. */
  (void)pbuf_remove_header(p, IP6_HLEN);
  right = ip6_chksum_pseudo_partial(p, IP6_NEXTH_ICMP6, (u16_t)len, (u16_t)len, &src, &dest) == 0;
  (void)pbuf_add_header_force(p, IP6_HLEN);
  return right;
}

int
icmp_error_look6(struct pbuf *p, struct netif *netif)
{
  const struct ip6_hdr *ip = p->payload;

  LWIP_UNUSED_ARG(netif);
  if (on_error != NULL && p->len >= IP6_HLEN && IP6H_NEXTH(ip) == IP6_NEXTH_ICMP6) {
    size_t len = IP6H_PLEN(ip);

    if (IP6_HLEN + len <= p->len && len >= ICMP_HEAD && checksum_is_right(p, ip, len)) {
      look_at6((const u8_t *)p->payload + IP6_HLEN, len);
    }
  }
  return 0;
}
#endif
