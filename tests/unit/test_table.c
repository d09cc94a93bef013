/**
 * Descriptors: their numbers, their owners, and how many there are.
 */
#include "pair.h"

static int fds[BS_MAX_SOCKETS];

/* Control blocks run out before slots where a profile has fewer; datagram and stream sockets share the load. */
static int
open_some_socket(void)
{
  int fd = bs_socket(AF_INET, SOCK_STREAM, 0);

  return fd >= 0 || errno != ENOBUFS ? fd : bs_socket(AF_INET, SOCK_DGRAM, 0);
}

static unsigned
open_all(void)
{
  unsigned n = 0;

  while (n < BS_MAX_SOCKETS && (fds[n] = open_some_socket()) >= 0) {
    n++;
  }
  return n;
}

static void
close_all_of(unsigned n)
{
  while (n > 0) {
    assert_int_equal(bs_close(fds[--n]), 0);
  }
}

static void
test_new_descriptor_is_above_the_hosts(void **state)
{
  int fd = bs_socket(AF_INET, SOCK_STREAM, 0);

  (void)state;
  assert_in_range(fd, BS_FD_BASE, BS_FD_BASE + BS_MAX_SOCKETS - 1);
  assert_int_equal(bs_close(fd), 0);
}

static void
test_open_generation_is_not_0(void **state)
{
  int fd = bs_socket(AF_INET, SOCK_STREAM, 0);

  (void)state;
  assert_int_not_equal(bs_generation(fd), 0);
  assert_int_equal(bs_close(fd), 0);
}

static void
test_closed_generation_is_0(void **state)
{
  int fd = bs_socket(AF_INET, SOCK_STREAM, 0);

  (void)state;
  assert_int_equal(bs_close(fd), 0);
  assert_int_equal(bs_generation(fd), 0);
}

static void
test_lesson_16_slot_used_again_generation_differs(void **state)
{
  int fd = bs_socket(AF_INET, SOCK_STREAM, 0);
  uint32_t first = bs_generation(fd);

  (void)state;
  assert_int_equal(bs_close(fd), 0);
  assert_int_equal(bs_socket(AF_INET, SOCK_DGRAM, 0), fd);
  assert_int_not_equal(bs_generation(fd), first);
  assert_int_equal(bs_close(fd), 0);
}

static void
test_slot_used_again_has_nothing_of_its_former_owner(void **state)
{
  int fd = bs_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct linger linger = { 1, 5 };
  socklen_t len = sizeof(linger);

  (void)state;
  set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  assert_int_equal(bs_setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
  assert_int_equal(bs_close(fd), 0);
  assert_int_equal(bs_socket(AF_INET, SOCK_STREAM, 0), fd);
  assert_int_equal(bs_getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len), 0);
  assert_int_equal(linger.l_onoff, 0);
  assert_int_equal(get_int(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
  assert_int_equal(bs_fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
  assert_int_equal(bs_close(fd), 0);
}

static void
test_all_open_socket_gives_emfile_and_counts(void **state)
{
  unsigned n = open_all();
  uint32_t before = counter("limit", "socket_none_left");

  (void)state;
  assert_int_equal(n, BS_MAX_SOCKETS);
  assert_errno(EMFILE, bs_socket(AF_INET, SOCK_STREAM, 0));
  assert_int_equal(counter("limit", "socket_none_left"), before + 1);
  assert_int_equal(net_stat("pool", "SOCKET").value, BS_MAX_SOCKETS);
  close_all_of(n);
}

static void
test_all_open_one_closed_its_slot_is_used(void **state)
{
  unsigned n = open_all();

  (void)state;
  assert_int_equal(n, BS_MAX_SOCKETS);
  assert_int_equal(bs_close(fds[3]), 0);
  assert_int_equal(open_some_socket(), fds[3]);
  close_all_of(n);
}

static void
test_all_open_connection_is_refused_and_listener_lives(void **state)
{
  struct sockaddr_in in;
  int listener = listening(&ours, 4);
  int client = bs_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  unsigned n = open_all();

  (void)state;
  in = name_of(&ours, listener);
  assert_errno(EINPROGRESS, bs_connect(client, (struct sockaddr *)&in, sizeof(in)));
  settle();
  assert_errno(EAGAIN, bs_accept(listener, NULL, NULL));
  close_all_of(n);
  bs_close(client);
  client = connecting_to(&ours, listener);
  assert_int_equal(revents_of(listener, POLLIN), POLLIN);
  bs_close(client);
  bs_close(listener);
}

static void
test_one_slot_too_few_socketpair_gives_emfile(void **state)
{
  unsigned n = open_all();
  int pair[2] = { -1, -1 };

  (void)state;
  assert_int_equal(n, BS_MAX_SOCKETS);
  /* It needs three for a moment: one listens. Those that are closed gave their control blocks back, too. */
  assert_int_equal(bs_close(fds[0]), 0);
  assert_int_equal(bs_close(fds[1]), 0);
  assert_errno(EMFILE, bs_socketpair(AF_INET, SOCK_STREAM, 0, pair));
  assert_int_equal(pair[0], -1);
  fds[0] = open_some_socket();
  fds[1] = open_some_socket();
  close_all_of(n);
}

static void
test_foreign_descriptors_give_ebadf(void **state)
{
  static const int foreign[] = { -1, 0, BS_FD_BASE - 1, BS_FD_BASE + BS_MAX_SOCKETS, INT32_MAX, INT32_MIN };
  unsigned i;

  (void)state;
  for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
    assert_errno(EBADF, bs_close(foreign[i]));
    assert_errno(EBADF, bs_listen(foreign[i], 1));
    assert_int_equal(bs_generation(foreign[i]), 0);
  }
}

static void
test_queued_connection_has_no_descriptor_yet(void **state)
{
  int listener = listening(&ours, 4);
  int client = connecting_to(&ours, listener);
  int fd;

  (void)state;
  settle();
  fd = bs_accept(listener, NULL, NULL);
  assert_true(fd >= 0);
  bs_close(fd);
  bs_close(client);
  client = connecting_to(&ours, listener);
  settle();
  /* The next connection waits in the slot that was freed last. */
  for (fd = BS_FD_BASE; fd < BS_FD_BASE + BS_MAX_SOCKETS; fd++) {
    if (fd != listener && fd != client) {
      assert_errno(EBADF, bs_close(fd));
    }
  }
  assert_int_equal(net_stat("pool", "SOCKET").value, 3);
  bs_close(client);
  bs_close(listener);
}

static void
test_refused_arguments_open_nothing(void **state)
{
  (void)state;
  assert_errno(EAFNOSUPPORT, bs_socket(AF_UNIX, SOCK_STREAM, 0));
  assert_errno(EAFNOSUPPORT, bs_socket(-1, SOCK_STREAM, 0));
  assert_errno(ESOCKTNOSUPPORT, bs_socket(AF_INET, SOCK_SEQPACKET, 0));
  assert_errno(EPROTONOSUPPORT, bs_socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
  assert_errno(EPROTONOSUPPORT, bs_socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP));
  assert_int_equal(net_stat("pool", "SOCKET").value, 0);
}

static void
test_lesson_32_closed_every_call_gives_ebadf(void **state)
{
  struct sockaddr_in in = loopback(0);
  struct msghdr msg = { 0 };
  socklen_t len = sizeof(in);
  int fd = bs_socket(AF_INET, SOCK_STREAM, 0);
  int value = 1;
  char buf[1];

  (void)state;
  assert_int_equal(bs_close(fd), 0);
  assert_errno(EBADF, bs_bind(fd, (struct sockaddr *)&in, sizeof(in)));
  assert_errno(EBADF, bs_listen(fd, 1));
  assert_errno(EBADF, bs_accept(fd, NULL, NULL));
  assert_errno(EBADF, bs_connect(fd, (struct sockaddr *)&in, sizeof(in)));
  assert_errno(EBADF, bs_send(fd, buf, 1, 0));
  assert_errno(EBADF, bs_sendto(fd, buf, 1, 0, (struct sockaddr *)&in, sizeof(in)));
  assert_errno(EBADF, bs_sendmsg(fd, &msg, 0));
  assert_errno(EBADF, bs_recv(fd, buf, 1, 0));
  assert_errno(EBADF, bs_recvfrom(fd, buf, 1, 0, (struct sockaddr *)&in, &len));
  assert_errno(EBADF, bs_recvmsg(fd, &msg, 0));
  assert_errno(EBADF, bs_shutdown(fd, SHUT_WR));
  assert_errno(EBADF, bs_close(fd));
  assert_errno(EBADF, bs_getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &len));
  assert_errno(EBADF, bs_setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, sizeof(value)));
  assert_errno(EBADF, bs_getsockname(fd, (struct sockaddr *)&in, &len));
  assert_errno(EBADF, bs_getpeername(fd, (struct sockaddr *)&in, &len));
  assert_errno(EBADF, bs_fcntl(fd, F_GETFL));
  assert_errno(EBADF, bs_ioctl(fd, FIONREAD, &value));
  assert_int_equal(revents_of(fd, POLLIN), POLLNVAL);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    leak_free(test_new_descriptor_is_above_the_hosts),
    leak_free(test_open_generation_is_not_0),
    leak_free(test_closed_generation_is_0),
    leak_free(test_lesson_16_slot_used_again_generation_differs),
    leak_free(test_slot_used_again_has_nothing_of_its_former_owner),
    leak_free(test_all_open_socket_gives_emfile_and_counts),
    leak_free(test_all_open_one_closed_its_slot_is_used),
    leak_free(test_all_open_connection_is_refused_and_listener_lives),
    leak_free(test_one_slot_too_few_socketpair_gives_emfile),
    leak_free(test_foreign_descriptors_give_ebadf),
    leak_free(test_queued_connection_has_no_descriptor_yet),
    leak_free(test_refused_arguments_open_nothing),
    leak_free(test_lesson_32_closed_every_call_gives_ebadf),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
