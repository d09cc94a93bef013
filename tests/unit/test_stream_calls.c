/**
 * Every call on a stream socket in every state must be as Linux has it.
 */
#include "every_call.h"

/* --- states --- */

static struct subject
fresh(const struct calls *on)
{
  struct subject s = { on->socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), -1, -1 };

  assert_true(s.fd >= 0);
  return s;
}

static struct subject
bound_only(const struct calls *on)
{
  struct subject s = { bound(on, SOCK_STREAM | SOCK_NONBLOCK), -1, -1 };

  return s;
}

static struct subject
listener(const struct calls *on)
{
  struct subject s = { listening(on, 4), -1, -1 };

  return s;
}

static struct subject
listener_with_connection(const struct calls *on)
{
  struct subject s = { listening(on, 4), -1, -1 };
  struct pollfd p = { s.fd, POLLIN, 0 };

  s.other = connecting_to(on, s.fd);
  assert_int_equal(on->poll(&p, 1, PATIENCE_US / 1000), 1);
  return s;
}

static struct subject
listener_shut_down(const struct calls *on)
{
  struct subject s = listener(on);

  assert_int_equal(on->shutdown(s.fd, SHUT_RD), 0);
  return s;
}

static struct subject
established(const struct calls *on)
{
  struct ends c = connected(on);
  struct subject s = { c.fd, c.peer, -1 };

  return s;
}

static struct subject
with_data(const struct calls *on)
{
  struct subject s = established(on);

  assert_int_equal(on->sendto(s.other, "data", 4, 0, NULL, 0), 4);
  wait_for(on, s.fd, POLLIN);
  return s;
}

static struct subject
peer_closed(const struct calls *on)
{
  struct subject s = established(on);

  assert_int_equal(on->shutdown(s.other, SHUT_WR), 0);
  wait_for(on, s.fd, POLLIN);
  return s;
}

static struct subject
peer_closed_with_data(const struct calls *on)
{
  struct subject s = with_data(on);

  assert_int_equal(on->shutdown(s.other, SHUT_WR), 0);
  wait_for(on, s.fd, POLLRDHUP);
  return s;
}

static struct subject
shut_for_writing(const struct calls *on)
{
  struct subject s = established(on);

  assert_int_equal(on->shutdown(s.fd, SHUT_WR), 0);
  wait_for(on, s.other, POLLIN);
  return s;
}

static struct subject
shut_for_reading(const struct calls *on)
{
  struct subject s = established(on);

  assert_int_equal(on->shutdown(s.fd, SHUT_RD), 0);
  return s;
}

static struct subject
shut_for_both(const struct calls *on)
{
  struct subject s = established(on);

  assert_int_equal(on->shutdown(s.fd, SHUT_RDWR), 0);
  wait_for(on, s.other, POLLIN);
  return s;
}

static struct subject
both_closed_we_first(const struct calls *on)
{
  struct subject s = shut_for_writing(on);

  assert_int_equal(on->shutdown(s.other, SHUT_WR), 0);
  wait_for(on, s.fd, POLLHUP);
  return s;
}

static struct subject
both_closed_peer_first(const struct calls *on)
{
  struct subject s = peer_closed(on);

  assert_int_equal(on->shutdown(s.fd, SHUT_WR), 0);
  wait_for(on, s.fd, POLLHUP);
  return s;
}

static struct subject
reset_by_peer(const struct calls *on)
{
  struct subject s = established(on);

  close_with_reset(on, s.other);
  s.other = -1;
  wait_for(on, s.fd, POLLERR);
  return s;
}

static struct subject
reset_by_peer_with_data(const struct calls *on)
{
  struct subject s = with_data(on);

  close_with_reset(on, s.other);
  s.other = -1;
  wait_for(on, s.fd, POLLERR);
  return s;
}

static struct subject
reset_after_fin(const struct calls *on)
{
  struct subject s = peer_closed(on);

  /* Who has closed altogether answers data with RST. */
  on->close(s.other);
  s.other = -1;
  assert_int_equal(on->sendto(s.fd, "x", 1, 0, NULL, 0), 1);
  wait_for(on, s.fd, POLLERR);
  return s;
}

static struct subject
reset_and_told(const struct calls *on)
{
  struct subject s = reset_by_peer(on);
  char buf[1];

  assert_int_equal(on->recvfrom(s.fd, buf, 1, 0, NULL, NULL), -1);
  assert_int_equal(errno, ECONNRESET);
  return s;
}

static struct subject
refused(const struct calls *on)
{
  struct subject s = fresh(on);
  int nobody = bound(on, SOCK_STREAM);

  assert_int_equal(connect_to(on, s.fd, nobody), -1);
  if (errno == EINPROGRESS) {
    wait_for(on, s.fd, POLLERR);
  } else {
    /* Over the kernel's loopback the answer may come before connect() returns. */
    fail_msg("%s", strerrorname_np(errno));
  }
  on->close(nobody);
  return s;
}

static struct subject
refused_and_told(const struct calls *on)
{
  struct subject s = refused(on);
  int error;
  socklen_t len = sizeof(error);

  assert_int_equal(on->getsockopt(s.fd, SOL_SOCKET, SO_ERROR, &error, &len), 0);
  assert_int_equal(error, ECONNREFUSED);
  return s;
}

static struct subject
connecting(const struct calls *on)
{
  struct subject s = { -1, listening(on, 1), -1 };
  int queued = on == &kernel ? 2 : 1;
  int i;

  /* Beyond the backlog nobody answers. */
  for (i = 0; i < queued; i++) {
    s.third = connecting_to(on, s.other);
    wait_for(on, s.third, POLLOUT);
    assert_true(backlog_fds[i] < 0);
    backlog_fds[i] = s.third;
  }
  s.third = -1;
  s.fd = connecting_to(on, s.other);
  return s;
}

static struct subject
closed(const struct calls *on)
{
  struct subject s = fresh(on);

  on->close(s.fd);
  return s;
}

TEST(test_new_every_call_as_linux, fresh, SHUTDOWN)
TEST(test_bound_every_call_as_linux, bound_only, SHUTDOWN)
TEST(test_listening_every_call_as_linux, listener, NOTHING)
TEST(test_listening_with_connection_every_call_as_linux, listener_with_connection, NOTHING)
TEST(test_listening_shut_down_every_call_as_linux, listener_shut_down, PORT)
TEST(test_established_every_call_as_linux, established, NOTHING)
TEST(test_data_queued_every_call_as_linux, with_data, NOTHING)
TEST(test_peer_closed_every_call_as_linux, peer_closed, NOTHING)
TEST(test_peer_closed_data_queued_every_call_as_linux, peer_closed_with_data, NOTHING)
TEST(test_shut_for_writing_every_call_as_linux, shut_for_writing, NOTHING)
TEST(test_shut_for_reading_every_call_as_linux, shut_for_reading, NOTHING)
TEST(test_shut_for_both_every_call_as_linux, shut_for_both, NOTHING)
TEST(test_both_closed_we_first_every_call_as_linux, both_closed_we_first, BIND)
TEST(test_both_closed_peer_first_every_call_as_linux, both_closed_peer_first, BIND)
TEST(test_reset_every_call_as_linux, reset_by_peer, BIND)
TEST(test_reset_data_queued_every_call_as_linux, reset_by_peer_with_data, BIND)
TEST(test_reset_after_fin_every_call_as_linux, reset_after_fin, BIND)
TEST(test_reset_told_every_call_as_linux, reset_and_told, BIND)
TEST(test_refused_every_call_as_linux, refused, BIND)
TEST(test_refused_told_every_call_as_linux, refused_and_told, BIND)
TEST(test_connecting_every_call_as_linux, connecting, NOTHING)
TEST(test_closed_every_call_as_linux, closed, NOTHING)

int
main(void)
{
  const struct CMUnitTest tests[] = {
    leak_free(test_new_every_call_as_linux),
    leak_free(test_bound_every_call_as_linux),
    leak_free(test_listening_every_call_as_linux),
    leak_free(test_listening_with_connection_every_call_as_linux),
    leak_free(test_listening_shut_down_every_call_as_linux),
    leak_free(test_established_every_call_as_linux),
    leak_free(test_data_queued_every_call_as_linux),
    leak_free(test_peer_closed_every_call_as_linux),
    leak_free(test_peer_closed_data_queued_every_call_as_linux),
    leak_free(test_shut_for_writing_every_call_as_linux),
    leak_free(test_shut_for_reading_every_call_as_linux),
    leak_free(test_shut_for_both_every_call_as_linux),
    leak_free(test_both_closed_we_first_every_call_as_linux),
    leak_free(test_both_closed_peer_first_every_call_as_linux),
    leak_free(test_reset_every_call_as_linux),
    leak_free(test_reset_data_queued_every_call_as_linux),
    leak_free(test_reset_after_fin_every_call_as_linux),
    leak_free(test_reset_told_every_call_as_linux),
    leak_free(test_refused_every_call_as_linux),
    leak_free(test_refused_told_every_call_as_linux),
    leak_free(test_connecting_every_call_as_linux),
    leak_free(test_closed_every_call_as_linux),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
