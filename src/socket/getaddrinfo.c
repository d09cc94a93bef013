#include "baresock/netdb.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gai_hints.h"
#include "gai_list.h"
#include "stack/hosts.h"
#include "stack/interface.h"
#include "stack/iptext.h"
#include "stack/resolve.h"
#include "stack/stack.h"

/* A and AAAA are asked at the same time. */
enum { ASK_A, ASK_AAAA, ASKS };

struct bs_gai_request {
  struct gai_wish wish;
  struct gai_found found;
  struct resolve_query *query[ASKS];
  int code; /* EAI_INPROGRESS while a query goes on */
};

/* The scope behind the '%' of a literal: a number, or where only interfaces tell addresses apart, a name. */
static bool
read_scope(const char *text, const uint8_t *octet, uint32_t *scope)
{
  bool link_local = octet[0] == 0xfe && (octet[1] & 0xc0) == 0x80;
  bool multicast = octet[0] == 0xff && ((octet[1] & 15) == 1 || (octet[1] & 15) == 2);
  uint64_t number = 0;
  const char *at = text;

  for (; *at >= '0' && *at <= '9' && number <= UINT32_MAX; at++) {
    number = number * 10 + (unsigned)(*at - '0');
  }
  if (*at == '\0' && at != text && number <= UINT32_MAX) {
    *scope = (uint32_t)number;
    return true;
  }
  if (!link_local && !multicast) {
    return false;
  }
  *scope = bs_if_nametoindex(text);
  return *scope != 0;
}

/* Read an IPv6 literal with or without a scope. */
static bool
read_literal6(const char *host, uint8_t *octet, uint32_t *scope)
{
  char text[IPTEXT_SIZE];
  size_t len = strcspn(host, "%");

  if (len >= sizeof(text)) {
    return false;
  }
  memcpy(text, host, len);
  text[len] = '\0';
  *scope = 0;
  return iptext_read6(text, octet) && (host[len] == '\0' || read_scope(host + len + 1, octet, scope));
}

/* Take an address that is written out. @return 0, EAI_ADDRFAMILY, or EAI_NONAME when it is none */
static int
find_literal(const char *host, const struct gai_wish *wish, struct gai_found *found)
{
  static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
  uint8_t octet[16];
  uint32_t scope;

  if (iptext_read4_classic(host, octet)) {
    if (!gai_wants_ip4(wish)) {
      return EAI_ADDRFAMILY;
    }
    gai_found_add(found, AF_INET, octet, 0);
    return 0;
  }
  if (!read_literal6(host, octet, &scope)) {
    return EAI_NONAME;
  }
  if (gai_wants_ip6(wish)) {
    gai_found_add(found, AF_INET6, octet, scope);
    return 0;
  }
  if (memcmp(octet, mapped, sizeof(mapped)) == 0) {
    gai_found_add(found, AF_INET, octet + 12, 0);
    return 0;
  }
  return EAI_ADDRFAMILY;
}

/* No host: the addresses of this machine, any of them or the loopback. The order is glibc's. */
static void
find_self(const struct gai_wish *wish, struct gai_found *found)
{
  static const uint8_t any[16];
  static const uint8_t loopback4[4] = { 127, 0, 0, 1 };
  static const uint8_t loopback6[16] = { [15] = 1 };
  bool passive = wish->flags & AI_PASSIVE;

  if (wish->family != AF_INET6 && passive) {
    gai_found_add(found, AF_INET, any, 0);
  }
  if (gai_wants_ip6(wish)) {
    gai_found_add(found, AF_INET6, passive ? any : loopback6, 0);
  }
  if (wish->family != AF_INET6 && !passive) {
    gai_found_add(found, AF_INET, loopback4, 0);
  }
}

/* Take the addresses of an answer that are wanted. */
static void
take_answer(const struct resolve_answer *answer, const struct gai_wish *wish, struct gai_found *found)
{
  for (unsigned i = 0; i < answer->count; i++) {
    const ip_addr_t *addr = &answer->addr[i];

    if (IP_IS_V4(addr) && gai_wants_ip4(wish)) {
      gai_found_add(found, AF_INET, &ip_2_ip4(addr)->addr, 0);
    }
#if BS_IPV6
    if (IP_IS_V6(addr) && gai_wants_ip6(wish)) {
      gai_found_add(found, AF_INET6, ip_2_ip6(addr)->addr, ip6_addr_zone(ip_2_ip6(addr)));
    }
#endif
  }
  if (answer->count > 0 && found->name[0] == '\0') {
    memcpy(found->name, answer->name, sizeof(found->name));
  }
}

/*
 * AI_ADDRCONFIG: whether a family may be asked for or given. As long as neither has an address nothing is gained by
 * leaving one out.
 */
static bool
family_allowed(const struct gai_wish *wish, int family, bool soon)
{
  int other = family == AF_INET ? AF_INET6 : AF_INET;

  return !(wish->flags & AI_ADDRCONFIG) || gai_family_configured(family, soon) || !gai_family_configured(other, soon);
}

/* Everything has been asked: keep what the flags allow, and put it into order. */
static int
settle(const struct gai_wish *wish, struct gai_found *found)
{
  if (!family_allowed(wish, AF_INET, false)) {
    gai_found_drop(found, AF_INET);
  }
  if (!family_allowed(wish, AF_INET6, false)) {
    gai_found_drop(found, AF_INET6);
  }
  if (wish->family == AF_INET6) {
    if (!(wish->flags & AI_ALL) && gai_found_count(found, AF_INET6) > 0) {
      gai_found_drop(found, AF_INET);
    }
    gai_found_map(found);
  }
  if (found->count == 0) {
    return EAI_NODATA;
  }
  gai_found_sort(found);
  return 0;
}

static int
ask(struct bs_gai_request *r, const char *host, unsigned which)
{
  return resolve_start(host, which == ASK_A ? RESOLVE_A : RESOLVE_AAAA, &r->query[which]);
}

/* Ask DNS for the families that are wanted. */
static int
ask_dns(struct bs_gai_request *r, const char *host)
{
  const struct gai_wish *wish = &r->wish;
  int err = 0;

  (void)interface_autostart();
  if (gai_wants_ip4(wish) && family_allowed(wish, AF_INET, true)) {
    err = ask(r, host, ASK_A);
  }
  if (err == 0 && gai_wants_ip6(wish) && family_allowed(wish, AF_INET6, true)) {
    err = ask(r, host, ASK_AAAA);
  }
  if (err != 0) {
    return err;
  }
  return r->query[ASK_A] == NULL && r->query[ASK_AAAA] == NULL ? EAI_NODATA : EAI_INPROGRESS;
}

/* Begin: what needs no server is found at once. @return 0, EAI_INPROGRESS, or an error */
static int
request_begin(struct bs_gai_request *r, const char *host)
{
  struct resolve_answer *answer;
  int err;

  if (host == NULL) {
    find_self(&r->wish, &r->found);
    return 0;
  }
  err = find_literal(host, &r->wish, &r->found);
  if (err == 0) {
    if (r->wish.family == AF_INET6) {
      gai_found_map(&r->found);
    }
    snprintf(r->found.name, sizeof(r->found.name), "%s", host);
  }
  if (err != EAI_NONAME || host[0] == '\0' || strchr(host, '%') != NULL || r->wish.flags & AI_NUMERICHOST) {
    return err;
  }
  answer = malloc(sizeof(*answer));
  if (answer == NULL) {
    return EAI_MEMORY;
  }
  if (hosts_find(host, answer)) {
    take_answer(answer, &r->wish, &r->found);
  }
  free(answer);
  return r->found.count > 0 ? settle(&r->wish, &r->found) : ask_dns(r, host);
}

/*
 * The error of two questions of which neither has an address. That a name doesn't exist is true for all types;
 * otherwise one that may succeed later outweighs one that has failed, and that one which knows of no address.
 */
static int
worse(int a, int b)
{
  static const int order[] = { EAI_NONAME, EAI_AGAIN, EAI_FAIL, EAI_NODATA };

  for (unsigned i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
    if (a == order[i] || b == order[i]) {
      return order[i];
    }
  }
  return EAI_FAIL;
}

/* See whether the servers have answered. One question's failure doesn't spoil what the other found. */
static int
request_look(struct bs_gai_request *r)
{
  int code = EAI_NODATA;

  for (unsigned i = 0; i < ASKS; i++) {
    if (r->query[i] != NULL && resolve_result(r->query[i]) == EAI_INPROGRESS) {
      return EAI_INPROGRESS;
    }
  }
  for (unsigned i = 0; i < ASKS; i++) {
    if (r->query[i] != NULL) {
      int result = resolve_result(r->query[i]);

      if (result == 0) {
        take_answer(resolve_answer(r->query[i]), &r->wish, &r->found);
      } else {
        code = worse(code, result);
      }
      resolve_end(r->query[i]);
      r->query[i] = NULL;
    }
  }
  return r->found.count > 0 ? settle(&r->wish, &r->found) : code;
}

int
bs_gai_start(const char *host, const char *service, const struct addrinfo *hints, struct bs_gai_request **request)
{
  struct bs_gai_request *r = calloc(1, sizeof(*r));
  int err;

  if (r == NULL) {
    return EAI_MEMORY;
  }
  err = gai_hints_read(host, service, hints, &r->wish);
  if (err == 0) {
    err = request_begin(r, host);
  }
  if (err != 0 && err != EAI_INPROGRESS) {
    bs_gai_end(r);
    return err;
  }
  r->code = err;
  *request = r;
  return 0;
}

int
bs_gai_result(struct bs_gai_request *request, struct addrinfo **result)
{
  if (request->code == EAI_INPROGRESS) {
    request->code = request_look(request);
  }
  if (request->code != 0) {
    return request->code;
  }
  return gai_list_make(&request->found, &request->wish, result);
}

void
bs_gai_end(struct bs_gai_request *request)
{
  if (request != NULL) {
    resolve_end(request->query[ASK_A]);
    resolve_end(request->query[ASK_AAAA]);
    free(request);
  }
}

int
bs_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
  struct bs_gai_request *request;
  int err = bs_gai_start(host, service, hints, &request);

  if (err != 0) {
    return err;
  }
  while ((err = bs_gai_result(request, result)) == EAI_INPROGRESS) {
    if (stack_wait(NULL, resolve_next_due()) == -EINTR) {
      err = EAI_SYSTEM;
      break;
    }
  }
  bs_gai_end(request);
  if (err == EAI_SYSTEM) {
    errno = EINTR;
  }
  return err;
}
