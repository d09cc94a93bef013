/**
 * Socket options: the table, its numbers, and what they do.
 */
#include "pair.h"

#include <netinet/tcp.h>

struct option {
  const char *name;
  int level;
  int option;
  int value; /* to set */
};

#define OPTION(level, option, value) \
  {                                  \
#option, level, option, value    \
  }

/* Integers that can be set and read back. */
static const struct option settable[] = {
  OPTION(SOL_SOCKET, SO_REUSEADDR, 1), OPTION(SOL_SOCKET, SO_KEEPALIVE, 1),   OPTION(SOL_SOCKET, SO_BROADCAST, 1),
  OPTION(IPPROTO_TCP, TCP_NODELAY, 1), OPTION(IPPROTO_TCP, TCP_KEEPIDLE, 55), OPTION(IPPROTO_TCP, TCP_KEEPINTVL, 66),
  OPTION(IPPROTO_TCP, TCP_KEEPCNT, 7), OPTION(IPPROTO_IP, IP_TTL, 99),        OPTION(IPPROTO_IP, IP_TOS, 0x10),
};

static void
set_and_get(struct run *r)
{
  int fd = r->on->socket(AF_INET, SOCK_STREAM, 0);
  unsigned i;

  for (i = 0; i < sizeof(settable) / sizeof(settable[0]); i++) {
    const struct option *o = &settable[i];
    int value = -1;
    socklen_t len = sizeof(value);

    r->where = o->name;
    note(r, " set", r->on->setsockopt(fd, o->level, o->option, &o->value, sizeof(o->value)));
    note(r, " get", r->on->getsockopt(fd, o->level, o->option, &value, &len));
    note_text(r, "is %d in %u\n", value, len);
    /* At the level of IP a byte is enough. */
    note(r, " set short", r->on->setsockopt(fd, o->level, o->option, &o->value, 3));
  }
  r->on->close(fd);
}

static void
test_new_each_option_set_and_read_as_linux(void **state)
{
  (void)state;
  both(set_and_get);
}

static void
defaults(struct run *r)
{
  static const struct option readable[] = {
    OPTION(SOL_SOCKET, SO_TYPE, 0),       OPTION(SOL_SOCKET, SO_DOMAIN, 0),      OPTION(SOL_SOCKET, SO_PROTOCOL, 0),
    OPTION(SOL_SOCKET, SO_ACCEPTCONN, 0), OPTION(SOL_SOCKET, SO_ERROR, 0),       OPTION(SOL_SOCKET, SO_REUSEADDR, 0),
    OPTION(SOL_SOCKET, SO_KEEPALIVE, 0),  OPTION(SOL_SOCKET, SO_BROADCAST, 0),   OPTION(IPPROTO_TCP, TCP_NODELAY, 0),
    OPTION(IPPROTO_TCP, TCP_KEEPIDLE, 0), OPTION(IPPROTO_TCP, TCP_KEEPINTVL, 0), OPTION(IPPROTO_TCP, TCP_KEEPCNT, 0),
    OPTION(IPPROTO_IP, IP_TOS, 0),
  };
  int fd = r->on->socket(AF_INET, SOCK_STREAM, 0);
  unsigned i;

  for (i = 0; i < sizeof(readable) / sizeof(readable[0]); i++) {
    int value = -1;
    socklen_t len = sizeof(value);

    r->where = readable[i].name;
    note(r, "", r->on->getsockopt(fd, readable[i].level, readable[i].option, &value, &len));
    note_text(r, "is %d\n", value);
  }
  r->on->close(fd);
}

static void
test_new_defaults_as_linux(void **state)
{
  (void)state;
  both(defaults);
}

static void
refusals(struct run *r)
{
  static const struct option wrong[] = {
    OPTION(SOL_SOCKET, SO_TYPE, 1),        OPTION(SOL_SOCKET, SO_ERROR, 1),
    OPTION(SOL_SOCKET, SO_ACCEPTCONN, 1),  OPTION(IPPROTO_TCP, TCP_KEEPIDLE, 0),
    OPTION(IPPROTO_TCP, TCP_KEEPIDLE, -1), OPTION(IPPROTO_TCP, TCP_KEEPIDLE, 40000),
    OPTION(IPPROTO_TCP, TCP_KEEPINTVL, 0), OPTION(IPPROTO_TCP, TCP_KEEPCNT, 0),
    OPTION(IPPROTO_TCP, TCP_KEEPCNT, 128), OPTION(IPPROTO_IP, IP_TTL, 0),
    OPTION(IPPROTO_IP, IP_TTL, 256),       OPTION(IPPROTO_IP, IP_TTL, -2),
    OPTION(SOL_SOCKET, 12345, 1),          OPTION(IPPROTO_TCP, 12345, 1),
  };
  struct timeval tv = { 0, 1000000 };
  int fd = r->on->socket(AF_INET, SOCK_STREAM, 0), value;
  socklen_t len = sizeof(value);
  unsigned i;

  for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    r->where = wrong[i].name;
    note(r, " set", r->on->setsockopt(fd, wrong[i].level, wrong[i].option, &wrong[i].value, sizeof(int)));
  }
  r->where = "";
  note(r, "get unknown", r->on->getsockopt(fd, SOL_SOCKET, 12345, &value, &len));
  note(r, "tv_usec", r->on->setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
  note(r, "short timeval", r->on->setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, 4));
  note(r, "short linger", r->on->setsockopt(fd, SOL_SOCKET, SO_LINGER, &tv, 4));
  len = 2;
  value = -1;
  note(r, "get into 2 bytes", r->on->getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &len));
  note_text(r, "%x in %u\n", (unsigned)value, len);
  r->on->close(fd);
}

static void
test_wrong_values_refused_as_linux(void **state)
{
  (void)state;
  both(refusals);
}

static void
shapes(struct run *r)
{
  struct linger linger = { 1, 7 };
  struct timeval tv = { 3, 500000 };
  int fd = r->on->socket(AF_INET, SOCK_STREAM, 0);
  socklen_t len = sizeof(linger);

  note(r, "SO_LINGER", r->on->setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
  memset(&linger, 0, sizeof(linger));
  note(r, "SO_LINGER", r->on->getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len));
  note_text(r, "%d %d in %u\n", linger.l_onoff, linger.l_linger, len);
  note(r, "SO_RCVTIMEO", r->on->setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
  memset(&tv, 0, sizeof(tv));
  len = sizeof(tv);
  note(r, "SO_RCVTIMEO", r->on->getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, &len));
  note_text(r, "%ld %ld in %u\n", (long)tv.tv_sec, (long)tv.tv_usec, len);
  r->on->close(fd);
}

static void
test_new_linger_and_timeouts_as_linux(void **state)
{
  (void)state;
  both(shapes);
}

static void
test_lesson_05_listening_nodelay_touches_no_smaller_block(void **state)
{
  int listener = listening(&ours, 1);

  (void)state;
  /* AddressSanitizer sees a write beyond the listening control block. */
  set_int(listener, IPPROTO_TCP, TCP_NODELAY, 1);
  set_int(listener, IPPROTO_TCP, TCP_KEEPIDLE, 9);
  assert_int_equal(get_int(listener, IPPROTO_TCP, TCP_NODELAY), 1);
  bs_close(listener);
}

static void
test_lesson_05_nodelay_is_1_as_in_posix(void **state)
{
  int fd = bs_socket(AF_INET, SOCK_STREAM, 0);
  int one = 1;

  (void)state;
  assert_int_equal(bs_setsockopt(fd, IPPROTO_TCP, 1, &one, sizeof(one)), 0);
  assert_int_equal(get_int(fd, IPPROTO_TCP, 1), 1);
  bs_close(fd);
}

static void
test_rcvbuf_small_bounds_what_the_peer_may_send(void **state)
{
  int listener = listening(&ours, 1), client, server;
  size_t sent;
  int queued = 0;

  (void)state;
  set_int(listener, SOL_SOCKET, SO_RCVBUF, 4 * BS_TCP_MSS);
  client = connecting_to(&ours, listener);
  settle();
  server = bs_accept(listener, NULL, NULL);
  assert_int_equal(get_int(server, SOL_SOCKET, SO_RCVBUF), 4 * BS_TCP_MSS);
  /* The handshake promised the whole window; once that is used up, no more than the buffer is promised again. */
  sent = fill(client);
  settle();
  sent += fill(client);
  assert_true(sent > BS_TCP_WND);
  assert_int_equal(drain_until(server, sent), sent);
  (void)fill(client);
  settle();
  while (bs_net_sleep(10000) == 0 && queued == 0) {
    assert_int_equal(bs_ioctl(server, FIONREAD, &queued), 0);
  }
  assert_in_range(queued, 1, 4 * BS_TCP_MSS);
  close_with_reset(&ours, client);
  bs_close(server);
  bs_close(listener);
}

static void
test_rcvbuf_of_client_bounds_from_the_first_byte(void **state)
{
  int listener = listening(&ours, 1);
  int client = bs_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), server, queued = 0;

  (void)state;
  set_int(client, SOL_SOCKET, SO_RCVBUF, 4 * BS_TCP_MSS);
  assert_errno(EINPROGRESS, connect_to(&ours, client, listener));
  settle();
  server = bs_accept(listener, NULL, NULL);
  (void)fill(server);
  settle();
  assert_int_equal(bs_ioctl(client, FIONREAD, &queued), 0);
  assert_in_range(queued, 1, 4 * BS_TCP_MSS);
  close_with_reset(&ours, server);
  bs_close(client);
  bs_close(listener);
}

static void
test_rcvbuf_small_all_read_close_ends_with_fin(void **state)
{
  struct ends p = connected_pair();

  (void)state;
  set_int(p.fd, SOL_SOCKET, SO_RCVBUF, BS_TCP_MSS);
  assert_send(p.peer, "read");
  assert_recv(p.fd, "read");
  /* A window that is not wide open is no unread data. */
  bs_close(p.fd);
  assert_end(p.peer);
  assert_int_equal(so_error(p.peer), 0);
  bs_close(p.peer);
}

static void
v6only(struct run *r)
{
  struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
  struct sockaddr_in in;
  socklen_t len = sizeof(in6);
  int fd = r->on->socket(AF_INET6, SOCK_STREAM, 0), client, one = 1;

  note(r, "set", r->on->setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)));
  note(r, "bind", r->on->bind(fd, (struct sockaddr *)&in6, sizeof(in6)));
  note(r, "set when bound", r->on->setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)));
  note(r, "getsockname", r->on->getsockname(fd, (struct sockaddr *)&in6, &len));
  note(r, "listen", r->on->listen(fd, 1));
  client = r->on->socket(AF_INET, SOCK_STREAM, 0);
  in = loopback(ntohs(in6.sin6_port));
  note(r, "connect IPv4", r->on->connect(client, (struct sockaddr *)&in, sizeof(in)));
  r->on->close(client);
  client = r->on->socket(AF_INET6, SOCK_STREAM, 0);
  in6.sin6_addr = in6addr_loopback;
  note(r, "connect IPv6", r->on->connect(client, (struct sockaddr *)&in6, sizeof(in6)));
  r->on->close(client);
  r->on->close(fd);
}

static void
test_v6only_as_linux(void **state)
{
  (void)state;
  both(v6only);
}

static void
dual_stack(struct run *r)
{
  struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 }, peer;
  struct sockaddr_in in;
  socklen_t len = sizeof(in6);
  int fd = r->on->socket(AF_INET6, SOCK_STREAM, 0), client, server;
  char text[INET6_ADDRSTRLEN];

  note(r, "bind", r->on->bind(fd, (struct sockaddr *)&in6, sizeof(in6)));
  note(r, "getsockname", r->on->getsockname(fd, (struct sockaddr *)&in6, &len));
  note(r, "listen", r->on->listen(fd, 1));
  client = r->on->socket(AF_INET, SOCK_STREAM, 0);
  in = loopback(ntohs(in6.sin6_port));
  note(r, "connect IPv4", r->on->connect(client, (struct sockaddr *)&in, sizeof(in)));
  len = sizeof(peer);
  server = note_ok(r, "accept", r->on->accept(fd, (struct sockaddr *)&peer, &len));
  note_text(r, "peer %s in %u\n", inet_ntop(AF_INET6, &peer.sin6_addr, text, sizeof(text)), len);
  len = sizeof(peer);
  note(r, "getsockname", r->on->getsockname(server, (struct sockaddr *)&peer, &len));
  note_text(r, "local %s\n", inet_ntop(AF_INET6, &peer.sin6_addr, text, sizeof(text)));
  r->on->close(server);
  r->on->close(client);
  client = r->on->socket(AF_INET6, SOCK_STREAM, 0);
  inet_pton(AF_INET6, "::ffff:127.0.0.1", &in6.sin6_addr);
  note(r, "connect v4-mapped", r->on->connect(client, (struct sockaddr *)&in6, sizeof(in6)));
  len = sizeof(peer);
  note(r, "getpeername", r->on->getpeername(client, (struct sockaddr *)&peer, &len));
  note_text(r, "peer %s\n", inet_ntop(AF_INET6, &peer.sin6_addr, text, sizeof(text)));
  r->on->close(client);
  r->on->close(fd);
}

static void
test_dual_stack_listener_as_linux(void **state)
{
  (void)state;
  both(dual_stack);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    leak_free(test_new_each_option_set_and_read_as_linux),
    leak_free(test_new_defaults_as_linux),
    leak_free(test_wrong_values_refused_as_linux),
    leak_free(test_new_linger_and_timeouts_as_linux),
    leak_free(test_lesson_05_listening_nodelay_touches_no_smaller_block),
    leak_free(test_lesson_05_nodelay_is_1_as_in_posix),
    leak_free(test_rcvbuf_small_bounds_what_the_peer_may_send),
    leak_free(test_rcvbuf_of_client_bounds_from_the_first_byte),
    leak_free(test_rcvbuf_small_all_read_close_ends_with_fin),
    leak_free(test_v6only_as_linux),
    leak_free(test_dual_stack_listener_as_linux),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
