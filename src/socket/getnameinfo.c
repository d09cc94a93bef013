#include "baresock/netdb.h"

#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "services.h"
#include "stack/hosts.h"
#include "stack/iptext.h"
#include "stack/resolve.h"
#include "stack/stack.h"

#define KNOWN_FLAGS (NI_NUMERICHOST | NI_NUMERICSERV | NI_NAMEREQD | NI_DGRAM | NI_NOFQDN)

/* An address with its scope: ADDR%interface. */
#define HOST_TEXT (IPTEXT_SIZE + IF_NAMESIZE + 1)

static int
put(char *to, socklen_t size, const char *text)
{
  size_t len = strlen(text);

  if (len >= size) {
    return EAI_OVERFLOW;
  }
  memcpy(to, text, len + 1);
  return 0;
}

/* Write the scope: an interface's name where only interfaces tell addresses apart, else its number. */
static void
write_scope(const struct sockaddr_in6 *in6, char *text, size_t size)
{
  char name[IF_NAMESIZE];
  bool link = IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr) || IN6_IS_ADDR_MC_LINKLOCAL(&in6->sin6_addr);

  if (link && bs_if_indextoname(in6->sin6_scope_id, name) != NULL) {
    snprintf(text, size, "%%%s", name);
  } else {
    snprintf(text, size, "%%%lu", (unsigned long)in6->sin6_scope_id);
  }
}

static void
write_address(const struct sockaddr *addr, char *text)
{
  size_t len;

  if (addr->sa_family == AF_INET) {
    iptext_write4((const uint8_t *)&((const struct sockaddr_in *)(const void *)addr)->sin_addr, text);
  } else {
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)addr;

    len = iptext_write6(in6->sin6_addr.s6_addr, text);
    if (in6->sin6_scope_id != 0) {
      write_scope(in6, text + len, HOST_TEXT - len);
    }
  }
}

/* Ask DNS for the name of an address, and wait. @return 0 or an EAI_ code */
static int
ask_name(const ip_addr_t *ip, char *name)
{
  struct resolve_query *query;
  int err;

  resolve_msg_reverse(ip, name);
  err = resolve_start(name, RESOLVE_PTR, &query);
  if (err != 0) {
    return err;
  }
  while ((err = resolve_result(query)) == EAI_INPROGRESS) {
    if (stack_wait(NULL, resolve_next_due()) == -EINTR) {
      err = EAI_SYSTEM;
      break;
    }
  }
  if (err == 0) {
    memcpy(name, resolve_answer(query)->name, RESOLVE_NAME_SIZE);
  }
  resolve_end(query);
  if (err == EAI_SYSTEM) {
    errno = EINTR;
  }
  return err;
}

static int
find_host(const struct sockaddr *addr, socklen_t len, int flags, char *host, socklen_t hostlen)
{
  char name[RESOLVE_NAME_SIZE];
  char text[HOST_TEXT];
  int err = EAI_NONAME;
  struct name from;

  if (!(flags & NI_NUMERICHOST)) {
    /* A v4-mapped address is asked for as what it is. */
    if (address_read(addr, len, AF_UNSPEC, &from) < 0) {
      return EAI_FAMILY;
    }
    err = hosts_find_name(&from.ip, name) ? 0 : ask_name(&from.ip, name);
    if (err == 0) {
      return put(host, hostlen, name);
    }
  }
  if (flags & NI_NAMEREQD || err == EAI_SYSTEM) {
    return err == EAI_NODATA ? EAI_NONAME : err;
  }
  write_address(addr, text);
  return put(host, hostlen, text);
}

static int
find_service(const struct sockaddr *addr, int flags, char *serv, socklen_t servlen)
{
  /* The port is at the same place for both families. */
  uint16_t port = ntohs(((const struct sockaddr_in *)(const void *)addr)->sin_port);
  const char *name = NULL;
  char text[8];

  if (!(flags & NI_NUMERICSERV)) {
    name = services_name(port, flags & NI_DGRAM ? SERVICE_UDP : SERVICE_TCP);
  }
  if (name == NULL) {
    snprintf(text, sizeof(text), "%u", port);
    name = text;
  }
  return put(serv, servlen, name);
}

/* Whether this is an address of a family that we know, in full. */
static bool
address_is_whole(const struct sockaddr *addr, socklen_t len)
{
  if (len < sizeof(addr->sa_family)) {
    return false;
  }
  if (addr->sa_family == AF_INET) {
    return len >= sizeof(struct sockaddr_in);
  }
  return BS_IPV6 && addr->sa_family == AF_INET6 && len >= sizeof(struct sockaddr_in6);
}

/* NI_NOFQDN changes nothing: we have no domain of our own whose names could be shortened. */
int
bs_getnameinfo(const struct sockaddr *addr, socklen_t len, char *host, socklen_t hostlen, char *serv, socklen_t servlen,
               int flags)
{
  bool wants_host = host != NULL && hostlen > 0;
  bool wants_serv = serv != NULL && servlen > 0;
  int err = 0;

  if (flags & ~KNOWN_FLAGS) {
    return EAI_BADFLAGS;
  }
  if (!address_is_whole(addr, len)) {
    return EAI_FAMILY;
  }
  if (!wants_host && flags & NI_NAMEREQD) {
    return EAI_NONAME;
  }
  if (wants_host) {
    err = find_host(addr, len, flags, host, hostlen);
  }
  if (err == 0 && wants_serv) {
    err = find_service(addr, flags, serv, servlen);
  }
  return err;
}
