/**
 * Listening sockets: the queue, its limit, and those that die in it.
 */
#include "pair.h"

/* A client and, once accepted, its other end. */
static int
accepted_from(int listener)
{
  int fd;

  settle();
  fd = bs_accept(listener, NULL, NULL);
  assert_true(fd >= 0);
  assert_int_equal(bs_fcntl(fd, F_SETFL, O_NONBLOCK), 0);
  return fd;
}

static void
test_connections_waiting_accept_takes_the_oldest_first(void **state)
{
  int listener = listening(&ours, 4);
  int client[3], server, i;

  (void)state;
  for (i = 0; i < 3; i++) {
    client[i] = connecting_to(&ours, listener);
    settle();
  }
  for (i = 0; i < 3; i++) {
    struct sockaddr_in peer, local = name_of(&ours, client[i]);
    socklen_t len = sizeof(peer);

    server = bs_accept(listener, (struct sockaddr *)&peer, &len);
    assert_true(server >= 0);
    assert_int_equal(len, sizeof(peer));
    assert_int_equal(peer.sin_port, local.sin_port);
    bs_close(server);
  }
  for (i = 0; i < 3; i++) {
    bs_close(client[i]);
  }
  bs_close(listener);
}

static void
test_data_before_accept_is_kept(void **state)
{
  int listener = listening(&ours, 4);
  int client = connecting_to(&ours, listener);
  int server;

  (void)state;
  settle();
  assert_send(client, "early");
  settle();
  assert_send(client, " bird");
  server = accepted_from(listener);
  assert_recv(server, "early bird");
  bs_close(server);
  bs_close(client);
  bs_close(listener);
}

static void
test_backlog_full_syn_is_not_answered_until_there_is_room(void **state)
{
  int listener, client[3], i;

  (void)state;
  stop_the_clock();
  listener = listening(&ours, 2);
  for (i = 0; i < 3; i++) {
    client[i] = connecting_to(&ours, listener);
    settle();
  }
  pass_ms(500);
  assert_int_equal(revents_of(client[1], POLLOUT), POLLOUT);
  assert_int_equal(revents_of(client[2], POLLOUT), 0);
  bs_close(accepted_from(listener));
  /* The SYN comes again, as from any TCP. */
  pass_ms(5000);
  assert_int_equal(revents_of(client[2], POLLOUT), POLLOUT);
  for (i = 0; i < 3; i++) {
    bs_close(client[i]);
  }
  bs_close(listener);
}

static void
test_backlog_of_zero_takes_one(void **state)
{
  int listener = listening(&ours, 0);
  int client = connecting_to(&ours, listener);

  (void)state;
  assert_int_equal(revents_of(listener, POLLIN), POLLIN);
  bs_close(client);
  bs_close(listener);
}

static void
test_listening_again_changes_the_backlog(void **state)
{
  int listener = listening(&ours, 1);
  int first = connecting_to(&ours, listener), second;

  (void)state;
  settle();
  assert_int_equal(bs_listen(listener, 2), 0);
  second = connecting_to(&ours, listener);
  assert_int_equal(revents_of(second, POLLOUT), POLLOUT);
  bs_close(first);
  bs_close(second);
  bs_close(listener);
}

static void
test_backlog_beyond_the_limit_is_cut(void **state)
{
  int listener = listening(&ours, 100000);
  int client = connecting_to(&ours, listener);

  (void)state;
  assert_int_equal(revents_of(listener, POLLIN), POLLIN);
  bs_close(client);
  bs_close(listener);
}

static void
test_lesson_08_reset_in_the_queue_is_accepted_and_tells(void **state)
{
  int listener = listening(&ours, 4);
  int client = connecting_to(&ours, listener);
  struct sockaddr_in peer;
  socklen_t len = sizeof(peer);
  int server;
  char buf[8];

  (void)state;
  settle();
  assert_send(client, "last");
  settle();
  close_with_reset(&ours, client);
  settle();
  server = bs_accept(listener, (struct sockaddr *)&peer, &len);
  assert_true(server >= 0);
  assert_int_equal(len, 0);
  assert_recv(server, "last");
  assert_errno(ECONNRESET, bs_recv(server, buf, sizeof(buf), 0));
  assert_end(server);
  bs_close(server);
  bs_close(listener);
}

static void
test_dead_ones_fill_the_queue_later_connection_is_refused_and_counted(void **state)
{
  int listener = listening(&ours, 2);
  uint32_t before = counter("limit", "backlog_full");
  int i, late;

  (void)state;
  for (i = 0; i < 2; i++) {
    int client = connecting_to(&ours, listener);

    settle();
    close_with_reset(&ours, client);
    settle();
  }
  late = connecting_to(&ours, listener);
  settle();
  assert_int_equal(counter("limit", "backlog_full"), before + 1);
  bs_close(accepted_from(listener));
  bs_close(late);
  late = connecting_to(&ours, listener);
  assert_int_equal(revents_of(late, POLLOUT | POLLERR), POLLOUT);
  bs_close(late);
  bs_close(listener);
}

static void
test_lesson_31_closed_with_connections_waiting_resets_and_frees_them(void **state)
{
  int listener = listening(&ours, 4);
  int first = connecting_to(&ours, listener);
  int second = connecting_to(&ours, listener);
  char buf[1];

  (void)state;
  settle();
  assert_send(first, "never read");
  settle();
  assert_int_equal(bs_close(listener), 0);
  settle();
  assert_errno(ECONNRESET, bs_recv(first, buf, 1, 0));
  assert_errno(ECONNRESET, bs_recv(second, buf, 1, 0));
  assert_int_equal(net_stat("pool", "SOCKET").value, 2);
  bs_close(first);
  bs_close(second);
  assert_pools_as_before();
}

static void
test_closed_during_the_handshake_leaves_nothing(void **state)
{
  int listener, client;

  (void)state;
  stop_the_clock();
  listener = listening(&ours, 4);
  client = connecting_to(&ours, listener);
  /* The SYN is still on its way. */
  assert_int_equal(bs_close(listener), 0);
  settle();
  assert_int_equal(so_error(client), ECONNREFUSED);
  bs_close(client);
  assert_pools_as_before();
}

static void
test_client_gone_before_accept_data_and_end_are_read(void **state)
{
  int listener = listening(&ours, 4);
  int client = connecting_to(&ours, listener);
  int server;

  (void)state;
  settle();
  assert_send(client, "bye");
  bs_close(client);
  server = accepted_from(listener);
  assert_recv(server, "bye");
  assert_end(server);
  bs_close(server);
  bs_close(listener);
}

static void
test_blocking_accept_waits_for_a_connection(void **state)
{
  int listener = listening(&ours, 4);
  int client = connecting_to(&ours, listener);
  int server;

  (void)state;
  set_waiting(listener);
  server = bs_accept(listener, NULL, NULL);
  assert_true(server >= 0);
  bs_close(server);
  bs_close(client);
  bs_close(listener);
}

static void
test_nobody_comes_accept_with_timeout_gives_eagain(void **state)
{
  struct timeval tv = { 0, 1000 };
  int listener = listening(&ours, 4);

  (void)state;
  set_waiting(listener);
  assert_int_equal(bs_setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), 0);
  assert_errno(EAGAIN, bs_accept(listener, NULL, NULL));
  bs_close(listener);
}

static void
inherits(struct run *r)
{
  static const struct {
    int level, name, value;
  } options[] = {
    { SOL_SOCKET, SO_KEEPALIVE, 1 },
    { IPPROTO_TCP, 1 /* TCP_NODELAY */, 1 },
    { IPPROTO_TCP, 4 /* TCP_KEEPIDLE */, 99 },
    { IPPROTO_IP, IP_TTL, 44 },
    { IPPROTO_IP, IP_TOS, 0x10 },
    { SOL_SOCKET, SO_REUSEADDR, 1 },
  };
  int listener = listening(r->on, 1);
  int client, fd, value;
  socklen_t len = sizeof(value);
  unsigned i;

  for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
    note(r, "set",
         r->on->setsockopt(listener, options[i].level, options[i].name, &options[i].value, sizeof(options[i].value)));
  }
  client = connecting_to(r->on, listener);
  await(r, listener, POLLIN);
  fd = r->on->accept(listener, NULL, NULL);
  assert_true(fd >= 0);
  for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
    note(r, "get", r->on->getsockopt(fd, options[i].level, options[i].name, &value, &len));
    note_text(r, "is %d\n", value);
  }
  note(r, "flags", r->on->fcntl_int(fd, F_GETFL, 0) & O_NONBLOCK);
  r->on->close(fd);
  r->on->close(client);
  r->on->close(listener);
}

static void
test_accepted_inherits_options_as_linux(void **state)
{
  (void)state;
  both(inherits);
}

static void
two_on_one_port(struct run *r)
{
  struct sockaddr_in in;
  int first = listening(r->on, 1);
  int second = r->on->socket(AF_INET, SOCK_STREAM, 0);
  int one = 1;

  in = name_of(r->on, first);
  note(r, "bind", r->on->bind(second, (struct sockaddr *)&in, sizeof(in)));
  r->on->setsockopt(second, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  note(r, "bind with SO_REUSEADDR", r->on->bind(second, (struct sockaddr *)&in, sizeof(in)));
  r->on->close(first);
  note(r, "bind when the first is closed", r->on->bind(second, (struct sockaddr *)&in, sizeof(in)));
  note(r, "listen", r->on->listen(second, 1));
  r->on->close(second);
}

static void
test_port_in_use_second_listener_as_linux(void **state)
{
  (void)state;
  both(two_on_one_port);
}

static void
restarted_server(struct run *r)
{
  struct sockaddr_in in;
  int listener = listening(r->on, 1), again, client, server;
  int one = 1;

  r->on->setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  in = name_of(r->on, listener);
  client = connecting_to(r->on, listener);
  await(r, listener, POLLIN);
  server = r->on->accept(listener, NULL, NULL);
  /* Who closes first keeps the port in TIME_WAIT. */
  r->on->shutdown(server, SHUT_WR);
  await(r, client, POLLIN);
  r->on->close(client);
  await(r, server, POLLIN);
  r->on->close(server);
  r->on->close(listener);
  again = r->on->socket(AF_INET, SOCK_STREAM, 0);
  note(r, "bind", r->on->bind(again, (struct sockaddr *)&in, sizeof(in)));
  r->on->setsockopt(again, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  note(r, "bind with SO_REUSEADDR", r->on->bind(again, (struct sockaddr *)&in, sizeof(in)));
  note(r, "listen", r->on->listen(again, 1));
  r->on->close(again);
}

static void
test_port_in_time_wait_listener_as_linux(void **state)
{
  (void)state;
  both(restarted_server);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    leak_free(test_connections_waiting_accept_takes_the_oldest_first),
    leak_free(test_data_before_accept_is_kept),
    leak_free(test_backlog_full_syn_is_not_answered_until_there_is_room),
    leak_free(test_backlog_of_zero_takes_one),
    leak_free(test_listening_again_changes_the_backlog),
    leak_free(test_backlog_beyond_the_limit_is_cut),
    leak_free(test_lesson_08_reset_in_the_queue_is_accepted_and_tells),
    leak_free(test_dead_ones_fill_the_queue_later_connection_is_refused_and_counted),
    leak_free(test_lesson_31_closed_with_connections_waiting_resets_and_frees_them),
    leak_free(test_closed_during_the_handshake_leaves_nothing),
    leak_free(test_client_gone_before_accept_data_and_end_are_read),
    leak_free(test_blocking_accept_waits_for_a_connection),
    leak_free(test_nobody_comes_accept_with_timeout_gives_eagain),
    leak_free(test_accepted_inherits_options_as_linux),
    leak_free(test_port_in_use_second_listener_as_linux),
    leak_free(test_port_in_time_wait_listener_as_linux),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
