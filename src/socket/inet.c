#include "baresock/netdb.h"

#include <errno.h>
#include <net/if.h>
#include <stdint.h>
#include <string.h>

#include "stack/iptext.h"
#include "stack/stack.h"

#include "lwip/netif.h"

_Static_assert(NETIF_NAMESIZE <= IF_NAMESIZE, "lwIP's names fit");

int
bs_inet_pton(int family, const char *text, void *addr)
{
  switch (family) {
  case AF_INET:
    return iptext_read4(text, addr);
  case AF_INET6:
    return iptext_read6(text, addr);
  default:
    errno = EAFNOSUPPORT;
    return -1;
  }
}

int
bs_inet_aton(const char *text, struct in_addr *addr)
{
  return iptext_read4_classic(text, (uint8_t *)&addr->s_addr);
}

const char *
bs_inet_ntop(int family, const void *addr, char *text, socklen_t size)
{
  char whole[IPTEXT_SIZE];
  size_t len;

  switch (family) {
  case AF_INET:
    len = iptext_write4(addr, whole);
    break;
  case AF_INET6:
    len = iptext_write6(addr, whole);
    break;
  default:
    errno = EAFNOSUPPORT;
    return NULL;
  }
  if (len >= size) {
    errno = ENOSPC;
    return NULL;
  }
  return memcpy(text, whole, len + 1);
}

unsigned
bs_if_nametoindex(const char *name)
{
  char found[NETIF_NAMESIZE];
  unsigned index = 0;

  /* lwIP looks at the third character of any name, and reads "lo0x" as "lo0". */
  if (stack_init() == 0 && strlen(name) > 2) {
    index = netif_name_to_index(name);
  }
  if (index == 0 || netif_index_to_name((u8_t)index, found) == NULL || strcmp(found, name) != 0) {
    errno = ENODEV;
    return 0;
  }
  return index;
}

char *
bs_if_indextoname(unsigned index, char *name)
{
  if (stack_init() < 0 || index == 0 || index > UINT8_MAX || netif_index_to_name((u8_t)index, name) == NULL) {
    errno = ENXIO;
    return NULL;
  }
  return name;
}
