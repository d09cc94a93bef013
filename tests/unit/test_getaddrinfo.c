/**
 * getaddrinfo() and getnameinfo(): hints, literals and errors as the C library has them; names from a hosts file and
 * from a DNS server in the same stack.
 */
#include "dns_server.h"
#include "hosts_file.h"

#include <errno.h>

#include "port.h"

#include "lwip/netif.h"

/* --- what the C library does --- */

struct request {
  const char *host, *service;
  int flags, family, socktype, protocol;
};

/* Only what needs no name service, and where we mean to do the same. */
static const struct request requests[] = {
  { NULL, "80", 0, 0, SOCK_STREAM, 0 },
  { NULL, "80", AI_PASSIVE, 0, SOCK_STREAM, 0 },
  { NULL, "80", AI_PASSIVE, 0, 0, 0 },
  { NULL, "80", AI_PASSIVE, AF_INET6, SOCK_DGRAM, 0 },
  { NULL, "80", 0, AF_INET, 0, 0 },
  { NULL, "80", AI_V4MAPPED, AF_INET6, SOCK_STREAM, 0 },
  { NULL, "80", AI_NUMERICHOST, 0, SOCK_STREAM, 0 },
  { NULL, "", 0, 0, SOCK_STREAM, 0 },
  { NULL, NULL, 0, 0, 0, 0 },
  { NULL, "80", AI_CANONNAME, 0, SOCK_STREAM, 0 },
  { "1.2.3.4", NULL, 0, 0, 0, 0 },
  { "1.2.3.4", "", 0, 0, 0, 0 },
  { "1.2.3.4", "http", 0, 0, 0, 0 },
  { "1.2.3.4", "domain", 0, 0, 0, 0 },
  { "1.2.3.4", "tftp", 0, 0, 0, 0 },
  { "1.2.3.4", "http", 0, 0, SOCK_DGRAM, 0 },
  { "1.2.3.4", "http", 0, 0, SOCK_RAW, 0 },
  { "1.2.3.4", "80", 0, 0, SOCK_RAW, 0 },
  { "1.2.3.4", NULL, 0, 0, SOCK_RAW, IPPROTO_ICMP },
  { "1.2.3.4", NULL, 0, 0, SOCK_RAW, IPPROTO_TCP },
  { "1.2.3.4", "80", 0, 0, 0, IPPROTO_ICMP },
  { "1.2.3.4", "80", 0, 0, SOCK_STREAM, IPPROTO_UDP },
  { "1.2.3.4", "80", 0, 0, 0, IPPROTO_UDP },
  { "1.2.3.4", "80", 0, 0, 0, IPPROTO_TCP },
  { "1.2.3.4", "80", 0, 0, 77, 0 },
  { "1.2.3.4", "nosuch", 0, 0, SOCK_STREAM, 0 },
  { "1.2.3.4", "nosuch", 0, 0, 0, 0 },
  { "1.2.3.4", "HTTP", 0, 0, SOCK_STREAM, 0 },
  { "1.2.3.4", "-1", 0, 0, SOCK_STREAM, 0 },
  { "1.2.3.4", "http", AI_NUMERICSERV, 0, SOCK_STREAM, 0 },
  { "1.2.3.4", "65535", AI_NUMERICSERV, 0, SOCK_STREAM, 0 },
  { "1.2.3.4", NULL, AI_CANONNAME, 0, SOCK_STREAM, 0 },
  { "1.2.3.4", NULL, 0x100000, 0, SOCK_STREAM, 0 },
  { "1.2.3.4", NULL, AI_ADDRCONFIG, 0, SOCK_STREAM, 0 },
  { "1.2.3.4", NULL, 0, AF_INET6, SOCK_STREAM, 0 },
  { "1.2.3.4", NULL, AI_V4MAPPED, AF_INET6, SOCK_STREAM, 0 },
  { "127.1", NULL, 0, 0, SOCK_STREAM, 0 },
  { "0x7f.1", NULL, 0, 0, SOCK_STREAM, 0 },
  { "0177.1", NULL, AI_NUMERICHOST, 0, SOCK_STREAM, 0 },
  { "1.2.3", NULL, 0, 0, SOCK_STREAM, 0 },
  { "0x7f000001", NULL, 0, 0, SOCK_STREAM, 0 },
  { "1.2.3.256", NULL, AI_NUMERICHOST, 0, SOCK_STREAM, 0 },
  { "1.2.3.4.5", NULL, AI_NUMERICHOST, 0, SOCK_STREAM, 0 },
  { "1.2.3.4 ", NULL, AI_NUMERICHOST, 0, SOCK_STREAM, 0 },
  { "", "80", 0, 0, SOCK_STREAM, 0 },
  { "localhost", "80", AI_NUMERICHOST, 0, SOCK_STREAM, 0 },
  { "::1", "80", 0, 0, SOCK_STREAM, 0 },
  { "::1", NULL, AI_CANONNAME | AI_V4MAPPED, AF_INET6, SOCK_STREAM, 0 },
  { "::1", NULL, 0, AF_INET, SOCK_STREAM, 0 },
  { "::1", NULL, 0, 99, SOCK_STREAM, 0 },
  { "::ffff:1.2.3.4", "80", 0, AF_INET, SOCK_STREAM, 0 },
  { "::ffff:1.2.3.4", "80", 0, 0, SOCK_STREAM, 0 },
  { "fe80::1%7", "80", 0, 0, SOCK_STREAM, 0 },
  { "fe80::1%4294967295", "80", 0, 0, SOCK_STREAM, 0 },
  { "fe80::1%4294967296", "80", 0, 0, SOCK_STREAM, 0 },
  { "fe80::1%", "80", 0, 0, SOCK_STREAM, 0 },
  { "fe80::1%nope", "80", 0, 0, SOCK_STREAM, 0 },
  { "2001:db8::1%1", "80", AI_CANONNAME, 0, SOCK_STREAM, 0 },
  { "2001:db8::1%lo0", "80", 0, 0, SOCK_STREAM, 0 },
};

static void
assert_same_lists(const struct addrinfo *ours, const struct addrinfo *theirs)
{
  for (; ours != NULL && theirs != NULL; ours = ours->ai_next, theirs = theirs->ai_next) {
    assert_int_equal(ours->ai_flags, theirs->ai_flags);
    assert_int_equal(ours->ai_family, theirs->ai_family);
    assert_int_equal(ours->ai_socktype, theirs->ai_socktype);
    assert_int_equal(ours->ai_protocol, theirs->ai_protocol);
    assert_int_equal(ours->ai_addrlen, theirs->ai_addrlen);
    assert_memory_equal(ours->ai_addr, theirs->ai_addr, theirs->ai_addrlen);
    assert_int_equal(ours->ai_canonname == NULL, theirs->ai_canonname == NULL);
    if (ours->ai_canonname != NULL) {
      assert_string_equal(ours->ai_canonname, theirs->ai_canonname);
    }
  }
  assert_null(ours);
  assert_null(theirs);
}

static void
test_requests_without_names_agree_with_libc(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
    const struct request *r = &requests[i];
    struct addrinfo hints = {
      .ai_flags = r->flags, .ai_family = r->family, .ai_socktype = r->socktype, .ai_protocol = r->protocol
    };
    struct addrinfo *ours = NULL, *theirs = NULL;
    int our_code = bs_getaddrinfo(r->host, r->service, &hints, &ours);
    int their_code = getaddrinfo(r->host, r->service, &hints, &theirs);

    if (our_code != their_code) {
      print_error("request %zu (%s, %s): %d, not %d\n", i, r->host, r->service, our_code, their_code);
    }
    assert_int_equal(our_code, their_code);
    if (our_code == 0) {
      assert_same_lists(ours, theirs);
      freeaddrinfo(theirs);
    } else {
      assert_string_equal(bs_gai_strerror(our_code), gai_strerror(our_code));
    }
    bs_freeaddrinfo(ours);
  }
}

/* glibc cuts a port to 16 bits and skips spaces; we refuse what is no port. */
static void
test_odd_ports_are_refused(void **state)
{
  static const char *const ports[] = { "65536", "99999999999999999999", " 80", "80 ", "0x50", "+80" };
  struct addrinfo *list;

  (void)state;
  for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
    assert_int_equal(bs_getaddrinfo("1.2.3.4", ports[i], NULL, &list), EAI_SERVICE);
  }
}

/* --- names --- */

static void
answer_zone(struct dns_message *reply, const uint8_t *query, size_t len, const char *name, unsigned type)
{
  msg_reply(reply, query, len, RCODE_OK);
  if (strcmp(name, "both.test") == 0 || strcmp(name, "alias.test") == 0) {
    if (name[0] == 'a') {
      msg_alias(reply, NULL, TYPE_CNAME, 100, "both.test");
    }
    if (type == TYPE_A) {
      msg_address(reply, "both.test", 100, "192.0.2.1");
      msg_address(reply, "both.test", 100, "192.0.2.2");
    } else if (type == TYPE_AAAA) {
      msg_address(reply, "both.test", 100, "2001:db8::1");
      msg_address(reply, "both.test", 100, "2001:db8::2");
    }
  } else if (strcmp(name, "four.test") == 0) {
    if (type == TYPE_A) {
      msg_address(reply, NULL, 100, "192.0.2.4");
    }
  } else if (strcmp(name, "half.test") == 0) {
    if (type == TYPE_A) {
      msg_address(reply, NULL, 100, "192.0.2.5");
    } else {
      msg_reply(reply, query, len, RCODE_SERVFAIL);
    }
  } else if (strcmp(name, "slow.test") == 0) {
    if (type == TYPE_A) {
      msg_address(reply, NULL, 100, "192.0.2.6");
    } else {
      server.silent = true;
    }
  } else if (type == TYPE_PTR && strcmp(name, "1.2.0.192.in-addr.arpa") == 0) {
    msg_alias(reply, NULL, TYPE_PTR, 100, "both.test");
  } else if (type == TYPE_PTR && strcmp(name + strlen(name) - 8, "ip6.arpa") == 0) {
    msg_alias(reply, NULL, TYPE_PTR, 100, "six.test");
  } else if (strcmp(name, "broken.test") == 0) {
    msg_reply(reply, query, len, RCODE_REFUSED);
  } else {
    msg_reply(reply, query, len, RCODE_NXDOMAIN);
  }
}

/* The results in one line: "192.0.2.1 2001:db8::1". */
static const char *
look_up(const char *host, int family, int flags)
{
  static char line[1024];
  struct addrinfo hints = { .ai_family = family, .ai_flags = flags, .ai_socktype = SOCK_STREAM };
  struct addrinfo *list;
  int code = bs_getaddrinfo(host, "80", &hints, &list);

  if (code != 0) {
    return bs_gai_strerror(code);
  }
  line[0] = '\0';
  for (struct addrinfo *a = list; a != NULL; a = a->ai_next) {
    char text[64];

    assert_int_equal(bs_getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST), 0);
    sprintf(line + strlen(line), "%s%s", line[0] != '\0' ? " " : "", text);
  }
  if (list->ai_canonname != NULL) {
    sprintf(line + strlen(line), " (%s)", list->ai_canonname);
  }
  bs_freeaddrinfo(list);
  return line;
}

static void
test_lesson_04_family_is_honoured_and_every_result_returned(void **state)
{
  (void)state;
  server_start(answer_zone);
  assert_string_equal(look_up("both.test", AF_INET, 0), "192.0.2.1 192.0.2.2");
  assert_string_equal(look_up("both.test", AF_INET6, 0), "2001:db8::1 2001:db8::2");
  assert_string_equal(look_up("both.test", AF_UNSPEC, 0), "192.0.2.1 192.0.2.2 2001:db8::1 2001:db8::2");
}

static void
test_lesson_04_type_is_honoured(void **state)
{
  static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW };
  struct addrinfo hints = { .ai_family = AF_INET };
  struct addrinfo *list;
  unsigned n = 0;

  (void)state;
  server_start(answer_zone);
  assert_int_equal(bs_getaddrinfo("both.test", "80", &hints, &list), 0);
  for (struct addrinfo *a = list; a != NULL; a = a->ai_next) {
    assert_int_equal(a->ai_socktype, types[n++ % 3]);
  }
  assert_int_equal(n, 6);
  bs_freeaddrinfo(list);
  hints.ai_socktype = SOCK_DGRAM;
  assert_int_equal(bs_getaddrinfo("both.test", "80", &hints, &list), 0);
  assert_int_equal(list->ai_socktype, SOCK_DGRAM);
  assert_int_equal(list->ai_protocol, IPPROTO_UDP);
  assert_int_equal(list->ai_next->ai_socktype, SOCK_DGRAM);
  assert_null(list->ai_next->ai_next);
  bs_freeaddrinfo(list);
}

static void
test_machine_with_global_ip6_gets_ip6_first(void **state)
{
  int index = bs_net_default();

  (void)state;
  server_start(answer_zone);
  assert_int_equal(bs_net_ip6(index, "2001:db8:5::5/64"), 0);
  pass_ms(4000);
  assert_string_equal(look_up("both.test", AF_UNSPEC, 0), "2001:db8::1 2001:db8::2 192.0.2.1 192.0.2.2");
  assert_string_equal(look_up("both.test", AF_UNSPEC, AI_ADDRCONFIG), "2001:db8::1 2001:db8::2");
  assert_int_equal(bs_net_ip6(index, "off"), 0);
}

static void
test_addrconfig_leaves_out_what_is_not_configured(void **state)
{
  int index = bs_net_default();

  (void)state;
  server_start(answer_zone);
  assert_string_equal(look_up("both.test", AF_UNSPEC, AI_ADDRCONFIG), "192.0.2.1 192.0.2.2 2001:db8::1 2001:db8::2");
  resolve_cache_flush();
  assert_int_equal(bs_net_ip4(index, "10.1.2.3/24"), 0);
  server.received = 0;
  assert_string_equal(look_up("both.test", AF_UNSPEC, AI_ADDRCONFIG), "192.0.2.1 192.0.2.2");
  assert_int_equal(server.received, 1);
  assert_string_equal(look_up("both.test", AF_INET6, AI_ADDRCONFIG), "No address associated with hostname");
  assert_int_equal(bs_net_ip4(index, "off"), 0);
}

static void
test_mapped_addresses_as_the_flags_say(void **state)
{
  (void)state;
  server_start(answer_zone);
  assert_string_equal(look_up("four.test", AF_INET6, 0), "No address associated with hostname");
  assert_string_equal(look_up("four.test", AF_INET6, AI_V4MAPPED), "::ffff:192.0.2.4");
  assert_string_equal(look_up("both.test", AF_INET6, AI_V4MAPPED), "2001:db8::1 2001:db8::2");
  assert_string_equal(look_up("alias.test", AF_INET6, AI_V4MAPPED | AI_ALL | AI_CANONNAME),
                      "::ffff:192.0.2.1 ::ffff:192.0.2.2 2001:db8::1 2001:db8::2 (both.test)");
  assert_string_equal(look_up("four.test", AF_INET, AI_V4MAPPED), "192.0.2.4");
}

static void
test_canonical_name_is_the_chain_s_end(void **state)
{
  (void)state;
  server_start(answer_zone);
  assert_string_equal(look_up("alias.test", AF_INET, AI_CANONNAME), "192.0.2.1 192.0.2.2 (both.test)");
  assert_string_equal(look_up("both.test", AF_INET, AI_CANONNAME), "192.0.2.1 192.0.2.2 (both.test)");
}

static void
test_one_failing_question_does_not_spoil_the_other(void **state)
{
  (void)state;
  server_start(answer_zone);
  assert_string_equal(look_up("half.test", AF_UNSPEC, 0), "192.0.2.5");
  assert_string_equal(look_up("half.test", AF_INET6, 0), "Temporary failure in name resolution");
}

static void
test_one_unanswered_question_does_not_spoil_the_other(void **state)
{
  (void)state;
  server_start(answer_zone);
  clock_step = 1000;
  assert_string_equal(look_up("slow.test", AF_UNSPEC, 0), "192.0.2.6");
}

static void
test_errors_are_told_apart(void **state)
{
  (void)state;
  server_start(answer_zone);
  assert_string_equal(look_up("nosuch.test", AF_UNSPEC, 0), "Name or service not known");
  assert_string_equal(look_up("broken.test", AF_UNSPEC, 0), "Non-recoverable failure in name resolution");
  assert_string_equal(look_up("a..b", AF_UNSPEC, 0), "Name or service not known");
  assert_int_equal(bs_net_dns(""), 0);
  assert_string_equal(look_up("both.test", AF_UNSPEC, 0), "Temporary failure in name resolution");
}

static void
test_lesson_03_silent_server_call_ends_by_its_deadline(void **state)
{
  bs_time_t start;

  (void)state;
  server_start(NULL);
  start = clock_is;
  clock_step = 1000;
  assert_string_equal(look_up("both.test", AF_UNSPEC, 0), "Temporary failure in name resolution");
  assert_in_range(clock_is - start, BS_RESOLVE_TIMEOUT_MS * 1000ull, (BS_RESOLVE_TIMEOUT_MS + 500) * 1000ull);
}

static void
assert_no_query_is_open(void)
{
  struct resolve_stats stats;

  resolve_get_stats(&stats);
  assert_int_equal(stats.in_use, 0);
}

static void
test_lesson_03_interrupted_call_leaves_nothing_behind(void **state)
{
  struct addrinfo *list;
  struct dns_message late = { .len = 0 };

  (void)state;
  server_start(NULL);
  port_interrupt();
  errno = 0;
  assert_int_equal(bs_getaddrinfo("both.test", NULL, NULL, &list), EAI_SYSTEM);
  assert_int_equal(errno, EINTR);
  assert_no_query_is_open();
  /* The answers come when nobody waits for them any more. */
  settle_network();
  assert_int_equal(server.received, 2);
  msg_reply(&late, server.last.data, server.last.len, RCODE_OK);
  msg_address(&late, NULL, 100, "192.0.2.66");
  server_send(server.pcb, &late, server.ports[0]);
  server_send(server.pcb, &late, server.ports[1]);
  settle_network();
}

static void
test_request_ends_early_nothing_is_left(void **state)
{
  struct bs_gai_request *r;
  struct addrinfo *list;

  (void)state;
  server_start(answer_zone);
  assert_int_equal(bs_gai_start("both.test", "80", NULL, &r), 0);
  assert_int_equal(bs_gai_result(r, &list), EAI_INPROGRESS);
  bs_gai_end(r);
  assert_no_query_is_open();
  bs_gai_end(NULL);
}

static void
test_request_is_asked_while_the_pump_moves_it_on(void **state)
{
  struct bs_gai_request *r;
  struct addrinfo *list;

  (void)state;
  server_start(answer_zone);
  assert_int_equal(bs_gai_start("both.test", "80", NULL, &r), 0);
  assert_int_equal(bs_gai_result(r, &list), EAI_INPROGRESS);
  settle_network();
  assert_int_equal(bs_gai_result(r, &list), 0);
  bs_freeaddrinfo(list);
  bs_gai_end(r);
}

static void
test_too_many_requests_get_eai_memory(void **state)
{
  struct bs_gai_request *r[BS_RESOLVE_QUERIES], *more;

  (void)state;
  server_start(NULL);
  for (unsigned i = 0; i < BS_RESOLVE_QUERIES; i++) {
    assert_int_equal(bs_gai_start("both.test", NULL, NULL, &r[i]), 0);
  }
  assert_int_equal(bs_gai_start("both.test", NULL, NULL, &more), EAI_MEMORY);
  for (unsigned i = 0; i < BS_RESOLVE_QUERIES; i++) {
    bs_gai_end(r[i]);
  }
  assert_no_query_is_open();
}

static void
test_hosts_file_comes_before_dns(void **state)
{
  (void)state;
  server_start(answer_zone);
  hosts_write("192.0.2.77 both.test\n10.0.0.7 box box.test\n");
  assert_string_equal(look_up("both.test", AF_UNSPEC, AI_CANONNAME), "192.0.2.77 (both.test)");
  assert_string_equal(look_up("box.test", AF_UNSPEC, AI_CANONNAME), "10.0.0.7 (box)");
  assert_int_equal(server.received, 0);
  /* The file has no address of that family. */
  assert_string_equal(look_up("both.test", AF_INET6, 0), "2001:db8::1 2001:db8::2");
  hosts_write("");
}

static void
test_localhost_is_the_loopback(void **state)
{
  (void)state;
  server_start(answer_zone);
  assert_string_equal(look_up("localhost", AF_UNSPEC, 0), "::1 127.0.0.1");
  assert_string_equal(look_up("localhost", AF_INET, 0), "127.0.0.1");
  assert_string_equal(look_up("www.localhost", AF_INET6, 0), "::1");
  assert_int_equal(server.received, 0);
}

static void
test_scope_by_interface_name(void **state)
{
  struct addrinfo *list;
  unsigned index = bs_if_nametoindex("lo0");

  (void)state;
  assert_int_equal(bs_getaddrinfo("fe80::1%lo0", NULL, NULL, &list), 0);
  assert_int_equal(((struct sockaddr_in6 *)list->ai_addr)->sin6_scope_id, index);
  bs_freeaddrinfo(list);
  assert_string_equal(look_up("fe80::1%lo0", AF_UNSPEC, 0), "fe80::1%lo0");
  assert_string_equal(look_up("fe80::1%99", AF_UNSPEC, 0), "fe80::1%99");
}

/* --- getnameinfo --- */

static int
name_of(const char *host, int flags, char *name, char *service)
{
  struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM };
  struct addrinfo *list;
  int code;

  assert_int_equal(bs_getaddrinfo(host, "80", &hints, &list), 0);
  code = bs_getnameinfo(list->ai_addr, list->ai_addrlen, name, NI_MAXHOST, service, NI_MAXSERV, flags);
  bs_freeaddrinfo(list);
  return code;
}

static void
test_address_gets_its_name_from_dns(void **state)
{
  char name[NI_MAXHOST], service[NI_MAXSERV];

  (void)state;
  server_start(answer_zone);
  assert_int_equal(name_of("192.0.2.1", 0, name, service), 0);
  assert_string_equal(name, "both.test");
  assert_string_equal(service, "http");
  assert_int_equal(name_of("::ffff:192.0.2.1", 0, name, service), 0);
  assert_string_equal(name, "both.test");
  assert_int_equal(name_of("2001:db8::1", NI_NUMERICSERV, name, service), 0);
  assert_string_equal(name, "six.test");
  assert_string_equal(service, "80");
}

static void
test_address_without_name_is_told_as_text(void **state)
{
  char name[NI_MAXHOST], service[NI_MAXSERV];

  (void)state;
  server_start(answer_zone);
  assert_int_equal(name_of("192.0.2.9", 0, name, service), 0);
  assert_string_equal(name, "192.0.2.9");
  assert_int_equal(name_of("192.0.2.9", NI_NAMEREQD, name, service), EAI_NONAME);
  server_start(NULL);
  clock_step = 1000;
  assert_int_equal(name_of("192.0.2.1", NI_NAMEREQD, name, service), EAI_AGAIN);
}

static void
test_address_gets_its_name_from_hosts(void **state)
{
  char name[NI_MAXHOST], service[NI_MAXSERV];

  (void)state;
  server_start(answer_zone);
  hosts_write("192.0.2.1 mine\n");
  assert_int_equal(name_of("192.0.2.1", 0, name, service), 0);
  assert_string_equal(name, "mine");
  assert_int_equal(name_of("127.0.0.1", 0, name, service), 0);
  assert_string_equal(name, "localhost");
  assert_int_equal(server.received, 0);
  hosts_write("");
}

static void
test_lesson_03_interrupted_name_look_up_leaves_nothing_behind(void **state)
{
  char name[NI_MAXHOST], service[NI_MAXSERV];

  (void)state;
  server_start(NULL);
  port_interrupt();
  errno = 0;
  assert_int_equal(name_of("192.0.2.1", 0, name, service), EAI_SYSTEM);
  assert_int_equal(errno, EINTR);
  assert_no_query_is_open();
}

static void
test_getnameinfo_refuses_as_libc_does(void **state)
{
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(0x7f000001) };
  struct sockaddr *addr = (struct sockaddr *)&in;
  char a[64], b[64];

  (void)state;
  assert_int_equal(bs_getnameinfo(addr, 4, a, 64, b, 64, 0), getnameinfo(addr, 4, a, 64, b, 64, 0));
  assert_int_equal(bs_getnameinfo(addr, sizeof(in), a, 3, b, 64, NI_NUMERICHOST),
                   getnameinfo(addr, sizeof(in), a, 3, b, 64, NI_NUMERICHOST));
  assert_int_equal(bs_getnameinfo(addr, sizeof(in), NULL, 0, b, 3, NI_DGRAM),
                   getnameinfo(addr, sizeof(in), NULL, 0, b, 3, NI_DGRAM));
  assert_int_equal(bs_getnameinfo(addr, sizeof(in), a, 64, b, 64, 0x10000), EAI_BADFLAGS);
  assert_int_equal(bs_getnameinfo(addr, sizeof(in), a, 64, b, 64, NI_NUMERICHOST | NI_NAMEREQD), EAI_NONAME);
  assert_int_equal(bs_getnameinfo(addr, sizeof(in), NULL, 0, NULL, 0, NI_NAMEREQD), EAI_NONAME);
  assert_int_equal(bs_getnameinfo(addr, sizeof(in), NULL, 0, NULL, 0, 0), 0);
  assert_int_equal(bs_getnameinfo(addr, sizeof(in), NULL, 0, b, 64, NI_DGRAM), 0);
  assert_string_equal(b, "domain");
  in.sin_family = AF_UNIX;
  assert_int_equal(bs_getnameinfo(addr, sizeof(in), a, 64, b, 64, 0), EAI_FAMILY);
}

static int
setup(void **state)
{
  return hosts_setup(state) || server_group_setup(state);
}

static int
teardown(void **state)
{
  return hosts_teardown(state) || server_group_teardown(state);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_requests_without_names_agree_with_libc),
    cmocka_unit_test(test_odd_ports_are_refused),
    cmocka_unit_test(test_lesson_04_family_is_honoured_and_every_result_returned),
    cmocka_unit_test(test_lesson_04_type_is_honoured),
    cmocka_unit_test(test_machine_with_global_ip6_gets_ip6_first),
    cmocka_unit_test(test_addrconfig_leaves_out_what_is_not_configured),
    cmocka_unit_test(test_mapped_addresses_as_the_flags_say),
    cmocka_unit_test(test_canonical_name_is_the_chain_s_end),
    cmocka_unit_test(test_one_failing_question_does_not_spoil_the_other),
    cmocka_unit_test(test_one_unanswered_question_does_not_spoil_the_other),
    cmocka_unit_test(test_errors_are_told_apart),
    cmocka_unit_test(test_lesson_03_silent_server_call_ends_by_its_deadline),
    cmocka_unit_test(test_lesson_03_interrupted_call_leaves_nothing_behind),
    cmocka_unit_test(test_request_ends_early_nothing_is_left),
    cmocka_unit_test(test_request_is_asked_while_the_pump_moves_it_on),
    cmocka_unit_test(test_too_many_requests_get_eai_memory),
    cmocka_unit_test(test_hosts_file_comes_before_dns),
    cmocka_unit_test(test_localhost_is_the_loopback),
    cmocka_unit_test(test_scope_by_interface_name),
    cmocka_unit_test(test_address_gets_its_name_from_dns),
    cmocka_unit_test(test_address_without_name_is_told_as_text),
    cmocka_unit_test(test_address_gets_its_name_from_hosts),
    cmocka_unit_test(test_lesson_03_interrupted_name_look_up_leaves_nothing_behind),
    cmocka_unit_test(test_getnameinfo_refuses_as_libc_does),
  };

  return cmocka_run_group_tests(tests, setup, teardown);
}
