/**
 * Datagram sockets: whole datagrams, their sources, and a queue bounded by bytes.
 */
#include "clock.h"
#include "pair.h"

/* Two sockets on 127.0.0.1, not connected. */
static struct ends
two_sockets(void)
{
  struct ends p = { bound(&ours, SOCK_DGRAM | SOCK_NONBLOCK), bound(&ours, SOCK_DGRAM | SOCK_NONBLOCK) };

  return p;
}

static void
send_from_to(int from, int to, const void *data, size_t len)
{
  struct sockaddr_in in = name_of(&ours, to);

  assert_int_equal(bs_sendto(from, data, len, 0, (struct sockaddr *)&in, sizeof(in)), len);
}

static void
test_bound_recvfrom_tells_the_source(void **state)
{
  struct ends p = two_sockets();
  struct sockaddr_in from, local = name_of(&ours, p.peer);
  socklen_t len = sizeof(from);
  char buf[16];

  (void)state;
  send_from_to(p.peer, p.fd, "hello", 5);
  settle();
  assert_int_equal(bs_recvfrom(p.fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &len), 5);
  assert_int_equal(len, sizeof(from));
  assert_int_equal(from.sin_port, local.sin_port);
  assert_int_equal(from.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
  close_pair(&p);
}

static void
test_several_queued_each_is_received_alone_in_order(void **state)
{
  struct ends p = two_sockets();

  (void)state;
  send_from_to(p.peer, p.fd, "one", 3);
  send_from_to(p.peer, p.fd, "two", 3);
  assert_recv(p.fd, "one");
  assert_recv(p.fd, "two");
  close_pair(&p);
}

static void
test_burst_longer_than_what_waits_for_the_pump_is_taken(void **state)
{
  struct ends p = two_sockets();
  unsigned i;

  (void)state;
  /* So that no call pumps because a millisecond has passed. */
  stop_the_clock();
  for (i = 0; i < 2 * BS_PBUF_POOL; i++) {
    send_from_to(p.peer, p.fd, "x", 1);
  }
  assert_recv(p.fd, "x");
  close_pair(&p);
}

static void
test_lesson_01_burst_is_queued_whole(void **state)
{
  enum { BURST = BS_PBUF_POOL < 200 ? BS_PBUF_POOL / 2 : 100 };
  struct ends p = two_sockets();
  unsigned i;

  (void)state;
  for (i = 0; i < BURST; i++) {
    send_from_to(p.peer, p.fd, &i, sizeof(i));
  }
  settle();
  for (i = 0; i < BURST; i++) {
    unsigned number;

    assert_int_equal(bs_recv(p.fd, &number, sizeof(number), 0), sizeof(number));
    assert_int_equal(number, i);
  }
  close_pair(&p);
}

static void
test_lesson_01_queue_full_the_rest_is_dropped_and_counted(void **state)
{
  struct ends p = two_sockets();
  uint32_t before = counter("limit", "datagram_no_room");
  unsigned got = 0, i;
  char data[100] = { 0 };

  (void)state;
  set_int(p.fd, SOL_SOCKET, SO_RCVBUF, 4096);
  for (i = 0; i < 100; i++) {
    send_from_to(p.peer, p.fd, data, sizeof(data));
    settle();
  }
  while (bs_recv(p.fd, data, sizeof(data), 0) > 0) {
    got++;
  }
  assert_in_range(got, 4, 40);
  assert_int_equal(counter("limit", "datagram_no_room"), before + 100 - got);
  send_from_to(p.peer, p.fd, "again", 5);
  assert_recv(p.fd, "again");
  close_pair(&p);
}

static void
test_queue_empty_datagram_longer_than_rcvbuf_is_taken(void **state)
{
  struct ends p = two_sockets();
  char data[1000] = { 0 };

  (void)state;
  set_int(p.fd, SOL_SOCKET, SO_RCVBUF, 1);
  send_from_to(p.peer, p.fd, data, sizeof(data));
  settle();
  assert_int_equal(bs_recv(p.fd, data, sizeof(data), 0), sizeof(data));
  close_pair(&p);
}

static void
test_queued_peek_leaves_it(void **state)
{
  struct ends p = two_sockets();
  char buf[8];

  (void)state;
  send_from_to(p.peer, p.fd, "twice", 5);
  settle();
  assert_int_equal(bs_recv(p.fd, buf, 2, MSG_PEEK), 2);
  assert_recv(p.fd, "twice");
  close_pair(&p);
}

static void
test_longer_than_buffer_rest_is_lost_and_told(void **state)
{
  struct ends p = two_sockets();
  char buf[3];
  struct iovec iov = { buf, sizeof(buf) };
  struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

  (void)state;
  send_from_to(p.peer, p.fd, "too long", 8);
  send_from_to(p.peer, p.fd, "next", 4);
  settle();
  assert_int_equal(bs_recvmsg(p.fd, &msg, 0), 3);
  assert_int_equal(msg.msg_flags, MSG_TRUNC);
  assert_recv(p.fd, "next");
  close_pair(&p);
}

static void
test_longer_than_buffer_msg_trunc_returns_the_full_length(void **state)
{
  struct ends p = two_sockets();
  char buf[3];

  (void)state;
  send_from_to(p.peer, p.fd, "too long", 8);
  settle();
  assert_int_equal(bs_recv(p.fd, buf, sizeof(buf), MSG_TRUNC), 8);
  close_pair(&p);
}

static void
test_empty_datagram_is_received_as_0(void **state)
{
  struct ends p = two_sockets();
  char buf[3];

  (void)state;
  send_from_to(p.peer, p.fd, "", 0);
  assert_int_equal(revents_of(p.fd, POLLIN), POLLIN);
  assert_int_equal(bs_recv(p.fd, buf, sizeof(buf), 0), 0);
  assert_errno(EAGAIN, bs_recv(p.fd, buf, sizeof(buf), 0));
  close_pair(&p);
}

static void
test_connected_datagrams_of_others_are_not_received(void **state)
{
  struct ends p = two_sockets();
  int stranger = bound(&ours, SOCK_DGRAM);

  (void)state;
  assert_int_equal(connect_to(&ours, p.fd, p.peer), 0);
  send_from_to(stranger, p.fd, "stranger", 8);
  send_from_to(p.peer, p.fd, "friend", 6);
  assert_recv(p.fd, "friend");
  assert_int_equal(revents_of(p.fd, POLLIN), 0);
  bs_close(stranger);
  close_pair(&p);
}

static void
test_disconnected_anybody_is_heard_again(void **state)
{
  struct ends p = { bs_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), bound(&ours, SOCK_DGRAM) };
  int stranger = bound(&ours, SOCK_DGRAM);
  struct sockaddr_in named = loopback(4000);
  struct sockaddr none = { .sa_family = AF_UNSPEC };
  socklen_t len = sizeof(none);

  (void)state;
  assert_int_equal(bs_bind(p.fd, (struct sockaddr *)&named, sizeof(named)), 0);
  assert_int_equal(connect_to(&ours, p.fd, p.peer), 0);
  assert_int_equal(bs_connect(p.fd, &none, sizeof(none)), 0);
  assert_errno(ENOTCONN, bs_getpeername(p.fd, &none, &len));
  send_from_to(stranger, p.fd, "stranger", 8);
  assert_recv(p.fd, "stranger");
  bs_close(stranger);
  close_pair(&p);
}

static void
disconnected_gives_its_port_back(const struct calls *on)
{
  struct ends p = { bound(on, SOCK_DGRAM), bound(on, SOCK_DGRAM) };
  struct sockaddr_in had = name_of(on, p.fd);
  struct sockaddr none = { .sa_family = AF_UNSPEC };

  assert_int_equal(connect_to(on, p.fd, p.peer), 0);
  assert_int_equal(on->connect(p.fd, &none, sizeof(none)), 0);
  assert_int_equal(name_of(on, p.fd).sin_port, 0);
  assert_int_equal(on->close(p.peer), 0);
  p.peer = on->socket(AF_INET, SOCK_DGRAM, 0);
  assert_int_equal(on->bind(p.peer, (struct sockaddr *)&had, sizeof(had)), 0);
  on->close(p.fd);
  on->close(p.peer);
}

static void
test_disconnected_gives_a_port_back_as_linux(void **state)
{
  (void)state;
  disconnected_gives_its_port_back(&kernel);
  disconnected_gives_its_port_back(&ours);
}

static void
test_not_bound_sendto_takes_a_port(void **state)
{
  int fd = bs_socket(AF_INET, SOCK_DGRAM, 0);
  int other = bound(&ours, SOCK_DGRAM | SOCK_NONBLOCK);

  (void)state;
  send_from_to(fd, other, "x", 1);
  assert_int_not_equal(name_of(&ours, fd).sin_port, 0);
  assert_recv(other, "x");
  bs_close(fd);
  bs_close(other);
}

static void
test_largest_datagram_passes_and_larger_gives_emsgsize(void **state)
{
  static char data[65508], got[65508];
  struct ends p = two_sockets();
  struct sockaddr_in in = name_of(&ours, p.fd);

  (void)state;
  memset(data, 9, sizeof(data));
  assert_errno(EMSGSIZE, bs_sendto(p.peer, data, 65508, 0, (struct sockaddr *)&in, sizeof(in)));
  if (BS_MEM_SIZE > 1024 * 1024) {
    set_int(p.fd, SOL_SOCKET, SO_RCVBUF, 262144);
    send_from_to(p.peer, p.fd, data, 65507);
    settle();
    assert_int_equal(bs_recv(p.fd, got, sizeof(got), 0), 65507);
    assert_memory_equal(got, data, 65507);
  }
  close_pair(&p);
}

static void
test_without_so_broadcast_sendto_gives_eacces(void **state)
{
  int index = bs_net_up("loop", NULL);
  int fd = bs_socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(9) };

  (void)state;
  assert_int_equal(bs_net_ip4(index, "192.0.2.1/24"), 0);
  in.sin_addr.s_addr = INADDR_BROADCAST;
  assert_errno(EACCES, bs_sendto(fd, "x", 1, 0, (struct sockaddr *)&in, sizeof(in)));
  assert_errno(EACCES, bs_connect(fd, (struct sockaddr *)&in, sizeof(in)));
  bs_close(fd);
}

static void
test_nobody_listens_connected_socket_is_told(void **state)
{
  struct ends p = two_sockets();
  char buf[1];

  (void)state;
  assert_int_equal(connect_to(&ours, p.fd, p.peer), 0);
  bs_close(p.peer);
  assert_send(p.fd, "x");
  settle();
  assert_errno(ECONNREFUSED, bs_recv(p.fd, buf, 1, 0));
  assert_errno(EAGAIN, bs_recv(p.fd, buf, 1, 0));
  bs_close(p.fd);
}

static void
test_closed_with_datagrams_queued_frees_them(void **state)
{
  struct ends p = two_sockets();
  char data[1200] = { 0 };

  (void)state;
  send_from_to(p.peer, p.fd, "small", 5);
  send_from_to(p.peer, p.fd, data, sizeof(data));
  settle();
  close_pair(&p);
  assert_pools_as_before();
}

static void
test_fionread_tells_the_next_datagram(void **state)
{
  struct ends p = two_sockets();
  int value;

  (void)state;
  send_from_to(p.peer, p.fd, "12345", 5);
  send_from_to(p.peer, p.fd, "123", 3);
  settle();
  assert_int_equal(bs_ioctl(p.fd, FIONREAD, &value), 0);
  assert_int_equal(value, 5);
  close_pair(&p);
}

static void
test_two_on_one_port_as_linux_is_refused(void **state)
{
  int first = bound(&ours, SOCK_DGRAM);
  int second = bs_socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in in = name_of(&ours, first);

  (void)state;
  assert_errno(EADDRINUSE, bs_bind(second, (struct sockaddr *)&in, sizeof(in)));
  bs_close(first);
  assert_int_equal(bs_bind(second, (struct sockaddr *)&in, sizeof(in)), 0);
  bs_close(second);
}

static void
ipv6_talk(struct run *r)
{
  struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback }, from;
  socklen_t len = sizeof(in6);
  int fd = r->on->socket(AF_INET6, SOCK_DGRAM, 0);
  int other = r->on->socket(AF_INET6, SOCK_DGRAM, 0);
  char buf[8];

  note(r, "bind", r->on->bind(fd, (struct sockaddr *)&in6, sizeof(in6)));
  note(r, "getsockname", r->on->getsockname(fd, (struct sockaddr *)&in6, &len));
  note_text(r, "length %u\n", len);
  note(r, "sendto", r->on->sendto(other, "six", 3, 0, (struct sockaddr *)&in6, sizeof(in6)));
  await(r, fd, POLLIN);
  len = sizeof(from);
  note(r, "recvfrom", r->on->recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &len));
  note_text(r, "length %u loopback %d scope %u\n", len, IN6_IS_ADDR_LOOPBACK(&from.sin6_addr), from.sin6_scope_id);
  r->on->close(fd);
  r->on->close(other);
}

static void
test_ipv6_as_linux(void **state)
{
  (void)state;
  both(ipv6_talk);
}

static void
dual_stack_talk(struct run *r)
{
  struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 }, from;
  struct sockaddr_in in;
  socklen_t len = sizeof(in6);
  int fd = r->on->socket(AF_INET6, SOCK_DGRAM, 0);
  int other = r->on->socket(AF_INET, SOCK_DGRAM, 0);
  char buf[8], text[INET6_ADDRSTRLEN];

  note(r, "bind", r->on->bind(fd, (struct sockaddr *)&in6, sizeof(in6)));
  note(r, "getsockname", r->on->getsockname(fd, (struct sockaddr *)&in6, &len));
  in = loopback(ntohs(in6.sin6_port));
  note(r, "sendto", r->on->sendto(other, "four", 4, 0, (struct sockaddr *)&in, sizeof(in)));
  await(r, fd, POLLIN);
  len = sizeof(from);
  note(r, "recvfrom", r->on->recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &len));
  note_text(r, "from %s\n", inet_ntop(AF_INET6, &from.sin6_addr, text, sizeof(text)));
  note(r, "answer", r->on->sendto(fd, "back", 4, 0, (struct sockaddr *)&from, len));
  await(r, other, POLLIN);
  note(r, "recv", r->on->recvfrom(other, buf, sizeof(buf), 0, NULL, NULL));
  r->on->close(fd);
  r->on->close(other);
}

static void
test_dual_stack_ipv4_is_mapped_as_linux(void **state)
{
  (void)state;
  both(dual_stack_talk);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    leak_free(test_bound_recvfrom_tells_the_source),
    leak_free(test_several_queued_each_is_received_alone_in_order),
    leak_free(test_burst_longer_than_what_waits_for_the_pump_is_taken),
    leak_free(test_lesson_01_burst_is_queued_whole),
    leak_free(test_lesson_01_queue_full_the_rest_is_dropped_and_counted),
    leak_free(test_queue_empty_datagram_longer_than_rcvbuf_is_taken),
    leak_free(test_queued_peek_leaves_it),
    leak_free(test_longer_than_buffer_rest_is_lost_and_told),
    leak_free(test_longer_than_buffer_msg_trunc_returns_the_full_length),
    leak_free(test_empty_datagram_is_received_as_0),
    leak_free(test_connected_datagrams_of_others_are_not_received),
    leak_free(test_disconnected_anybody_is_heard_again),
    leak_free(test_disconnected_gives_a_port_back_as_linux),
    leak_free(test_not_bound_sendto_takes_a_port),
    leak_free(test_largest_datagram_passes_and_larger_gives_emsgsize),
    leak_free(test_without_so_broadcast_sendto_gives_eacces),
    leak_free(test_nobody_listens_connected_socket_is_told),
    leak_free(test_closed_with_datagrams_queued_frees_them),
    leak_free(test_fionread_tells_the_next_datagram),
    leak_free(test_two_on_one_port_as_linux_is_refused),
    leak_free(test_ipv6_as_linux),
    leak_free(test_dual_stack_ipv4_is_mapped_as_linux),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
