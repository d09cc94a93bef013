#include "gai_hints.h"

#include <netinet/in.h>
#include <stddef.h>

#include "services.h"

#define KNOWN_FLAGS (AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST | AI_NUMERICSERV | AI_ADDRCONFIG | AI_V4MAPPED | AI_ALL)

/* What sockets there are, in the order of results. */
static const struct {
  int socktype;
  int protocol;
  unsigned service; /* 0: has no services */
} sockets[GAI_KINDS] = {
  { SOCK_STREAM, IPPROTO_TCP, SERVICE_TCP },
  { SOCK_DGRAM, IPPROTO_UDP, SERVICE_UDP },
  { SOCK_RAW, 0, 0 },
};

/* A port number; -1 when the text isn't a number at all, -2 when it is too large. */
static int
read_port(const char *text)
{
  int port = 0;

  for (; *text != '\0'; text++) {
    if (*text < '0' || *text > '9') {
      return -1;
    }
    if (port <= UINT16_MAX) {
      port = port * 10 + (*text - '0');
    }
  }
  return port <= UINT16_MAX ? port : -2;
}

/* Whether a kind of socket fits the hints. Any protocol may be asked of a raw socket. */
static bool
kind_fits(unsigned i, int socktype, int protocol)
{
  if (socktype != 0 && socktype != sockets[i].socktype) {
    return false;
  }
  return protocol == 0 || sockets[i].socktype == SOCK_RAW || protocol == sockets[i].protocol;
}

/*
 * Spell out socket types and ports. When the hints name a type or a protocol, the first kind that fits is meant;
 * when they name none, all kinds that have the service are.
 */
static int
read_kinds(const char *service, int socktype, int protocol, struct gai_wish *wish)
{
  bool has_service = service != NULL && service[0] != '\0';
  int number = has_service ? read_port(service) : 0;
  bool any = socktype == 0 && protocol == 0;
  bool fits = false;

  if (number == -1 && wish->flags & AI_NUMERICSERV) {
    return EAI_NONAME;
  }
  for (unsigned i = 0; i < GAI_KINDS && (any || !fits); i++) {
    int port = number;

    if (!kind_fits(i, socktype, protocol)) {
      continue;
    }
    fits = true;
    if (has_service && sockets[i].service == 0 && (!any || number < 0)) {
      continue;
    }
    if (number == -1) {
      port = services_port(service, sockets[i].service);
      if (port == 0) {
        continue;
      }
    } else if (number < 0) {
      continue;
    }
    wish->kind[wish->kinds++] = (struct gai_kind){
      .socktype = sockets[i].socktype,
      .protocol = sockets[i].socktype == SOCK_RAW ? protocol : sockets[i].protocol,
      .port = (uint16_t)port,
    };
  }
  if (!fits) {
    return EAI_SOCKTYPE;
  }
  return wish->kinds > 0 ? 0 : EAI_SERVICE;
}

static bool
family_known(int family)
{
  return family == AF_UNSPEC || family == AF_INET || (BS_IPV6 && family == AF_INET6);
}

int
gai_hints_read(const char *host, const char *service, const struct addrinfo *hints, struct gai_wish *wish)
{
  static const struct addrinfo none;

  if (hints == NULL) {
    hints = &none;
  }
  if (host == NULL && service == NULL) {
    return EAI_NONAME;
  }
  if (hints->ai_flags & ~KNOWN_FLAGS || (host == NULL && hints->ai_flags & AI_CANONNAME)) {
    return EAI_BADFLAGS;
  }
  if (!family_known(hints->ai_family)) {
    return EAI_FAMILY;
  }
  wish->flags = hints->ai_flags;
  wish->family = hints->ai_family;
  wish->kinds = 0;
  return read_kinds(service, hints->ai_socktype, hints->ai_protocol, wish);
}

bool
gai_wants_ip4(const struct gai_wish *wish)
{
  return wish->family != AF_INET6 || wish->flags & AI_V4MAPPED;
}

bool
gai_wants_ip6(const struct gai_wish *wish)
{
  return BS_IPV6 && wish->family != AF_INET;
}
