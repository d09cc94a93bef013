/**
 * Between POSIX socket addresses and lwIP's.
 */
#include "socket/address.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "lwip/def.h"
#include "lwip/netif.h"

#if LWIP_IPV6
static int
read6(const struct sockaddr *addr, socklen_t len, struct name *name)
{
  ip_addr_t *ip = &name->ip;
  struct sockaddr_in6 in6;

  /* RFC 2133 had no scope id yet, and Linux takes that size too. */
  if (len < offsetof(struct sockaddr_in6, sin6_scope_id)) {
    return -EINVAL;
  }
  memset(&in6, 0, sizeof(in6));
  memcpy(&in6, addr, len < sizeof(in6) ? len : sizeof(in6));
  name->port = lwip_ntohs(in6.sin6_port);
  if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
    u32_t v4;

    memcpy(&v4, &in6.sin6_addr.s6_addr[12], sizeof(v4));
    ip_addr_set_ip4_u32(ip, v4);
    return 0;
  }
  ip_addr_set_zero_ip6(ip);
  memcpy(ip_2_ip6(ip)->addr, &in6.sin6_addr, sizeof(in6.sin6_addr));
  if (in6.sin6_scope_id > 0xff) {
    return -EINVAL;
  }
  if (in6.sin6_scope_id != 0 && ip6_addr_has_scope(ip_2_ip6(ip), IP6_UNKNOWN)) {
    ip6_addr_set_zone(ip_2_ip6(ip), (u8_t)in6.sin6_scope_id);
  }
  return 0;
}
#endif

int
address_read(const struct sockaddr *addr, socklen_t len, int family, struct name *name)
{
  struct sockaddr_in in;

  if (addr == NULL) {
    return -EFAULT;
  }
  if (len < sizeof(addr->sa_family)) {
    return -EINVAL;
  }
  if (family != AF_UNSPEC && addr->sa_family != family) {
    return -EAFNOSUPPORT;
  }
#if LWIP_IPV6
  if (addr->sa_family == AF_INET6) {
    return read6(addr, len, name);
  }
#endif
  if (addr->sa_family != AF_INET) {
    return -EAFNOSUPPORT;
  }
  if (len < sizeof(in)) {
    return -EINVAL;
  }
  memcpy(&in, addr, sizeof(in));
  ip_addr_set_ip4_u32(&name->ip, in.sin_addr.s_addr);
  name->port = lwip_ntohs(in.sin_port);
  return 0;
}

/* As the kernel: what does not fit is cut off, and the full length told. */
static void
hand_out(struct sockaddr *addr, socklen_t *len, const void *full, socklen_t full_len)
{
  memcpy(addr, full, *len < full_len ? *len : full_len);
  *len = full_len;
}

void
address_write(struct sockaddr *addr, socklen_t *len, int family, const struct name *name)
{
  const ip_addr_t *ip = &name->ip;

  if (family == AF_INET) {
    struct sockaddr_in in;

    memset(&in, 0, sizeof(in));
    in.sin_family = AF_INET;
    in.sin_port = lwip_htons(name->port);
    in.sin_addr.s_addr = ip4_addr_get_u32(ip_2_ip4(ip));
    hand_out(addr, len, &in, sizeof(in));
    return;
  }
#if LWIP_IPV6
  {
    struct sockaddr_in6 in6;

    memset(&in6, 0, sizeof(in6));
    in6.sin6_family = AF_INET6;
    in6.sin6_port = lwip_htons(name->port);
    if (IP_IS_V6(ip)) {
      memcpy(&in6.sin6_addr, ip_2_ip6(ip)->addr, sizeof(in6.sin6_addr));
      in6.sin6_scope_id = ip6_addr_zone(ip_2_ip6(ip));
    } else {
      u32_t v4 = ip4_addr_get_u32(ip_2_ip4(ip));

      in6.sin6_addr.s6_addr[10] = 0xff;
      in6.sin6_addr.s6_addr[11] = 0xff;
      memcpy(&in6.sin6_addr.s6_addr[12], &v4, sizeof(v4));
    }
    hand_out(addr, len, &in6, sizeof(in6));
  }
#endif
}
