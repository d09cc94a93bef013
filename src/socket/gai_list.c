#include "gai_list.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* A result with its address. The first one of a list is where its block of memory begins. */
struct node {
  struct addrinfo info;
  union {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
  } addr;
};

void
gai_found_add(struct gai_found *found, int family, const void *octets, uint32_t scope)
{
  struct gai_addr *a = &found->addr[found->count];

  if (found->count < sizeof(found->addr) / sizeof(found->addr[0])) {
    memset(a, 0, sizeof(*a));
    a->family = family;
    a->scope = scope;
    memcpy(a->octet, octets, family == AF_INET ? 4 : 16);
    found->count++;
  }
}

void
gai_found_map(struct gai_found *found)
{
  static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

  for (unsigned i = 0; i < found->count; i++) {
    struct gai_addr *a = &found->addr[i];

    if (a->family == AF_INET) {
      a->family = AF_INET6;
      memcpy(a->octet + 12, a->octet, 4);
      memcpy(a->octet, prefix, sizeof(prefix));
    }
  }
}

void
gai_found_drop(struct gai_found *found, int family)
{
  unsigned kept = 0;

  for (unsigned i = 0; i < found->count; i++) {
    if (found->addr[i].family != family) {
      found->addr[kept++] = found->addr[i];
    }
  }
  found->count = kept;
}

unsigned
gai_found_count(const struct gai_found *found, int family)
{
  unsigned n = 0;

  for (unsigned i = 0; i < found->count; i++) {
    n += found->addr[i].family == family;
  }
  return n;
}

static void
node_fill(struct node *node, const struct gai_addr *a, const struct gai_kind *kind, int flags)
{
  if (a->family == AF_INET) {
    node->addr.in.sin_family = AF_INET;
    node->addr.in.sin_port = htons(kind->port);
    memcpy(&node->addr.in.sin_addr, a->octet, 4);
    node->info.ai_addrlen = sizeof(node->addr.in);
  } else {
    node->addr.in6.sin6_family = AF_INET6;
    node->addr.in6.sin6_port = htons(kind->port);
    memcpy(&node->addr.in6.sin6_addr, a->octet, 16);
    node->addr.in6.sin6_scope_id = a->scope;
    node->info.ai_addrlen = sizeof(node->addr.in6);
  }
  node->info.ai_flags = flags;
  node->info.ai_family = a->family;
  node->info.ai_socktype = kind->socktype;
  node->info.ai_protocol = kind->protocol;
  node->info.ai_addr = &node->addr.any;
}

int
gai_list_make(const struct gai_found *found, const struct gai_wish *wish, struct addrinfo **list)
{
  unsigned count = found->count * wish->kinds;
  size_t name_size = wish->flags & AI_CANONNAME ? strlen(found->name) + 1 : 0;
  struct node *node = calloc(1, count * sizeof(struct node) + name_size);
  unsigned n = 0;

  if (node == NULL) {
    return EAI_MEMORY;
  }
  for (unsigned i = 0; i < found->count; i++) {
    for (unsigned k = 0; k < wish->kinds; k++, n++) {
      node_fill(&node[n], &found->addr[i], &wish->kind[k], wish->flags);
      if (n > 0) {
        node[n - 1].info.ai_next = &node[n].info;
      }
    }
  }
  if (name_size > 0) {
    node->info.ai_canonname = memcpy(node + count, found->name, name_size);
  }
  *list = &node->info;
  return 0;
}

void
bs_freeaddrinfo(struct addrinfo *list)
{
  free(list);
}
