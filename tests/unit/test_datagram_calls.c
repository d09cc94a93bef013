/**
 * Every call on a datagram socket in every state must be as Linux has it.
 */
#include "every_call.h"

static struct subject
fresh(const struct calls *on)
{
  struct subject s = { on->socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), -1, -1 };

  assert_true(s.fd >= 0);
  return s;
}

static struct subject
bound_only(const struct calls *on)
{
  struct subject s = { bound(on, SOCK_DGRAM | SOCK_NONBLOCK), -1, -1 };

  return s;
}

static struct subject
with_peer(const struct calls *on)
{
  struct subject s = bound_only(on);

  s.other = bound(on, SOCK_DGRAM);
  assert_int_equal(connect_to(on, s.fd, s.other), 0);
  return s;
}

static struct subject
with_datagram(const struct calls *on)
{
  struct subject s = bound_only(on);
  struct sockaddr_in in = name_of(on, s.fd);

  s.other = bound(on, SOCK_DGRAM);
  assert_int_equal(on->sendto(s.other, "data", 4, 0, (struct sockaddr *)&in, sizeof(in)), 4);
  wait_for(on, s.fd, POLLIN);
  return s;
}

static struct subject
with_empty_datagram(const struct calls *on)
{
  struct subject s = bound_only(on);
  struct sockaddr_in in = name_of(on, s.fd);

  s.other = bound(on, SOCK_DGRAM);
  assert_int_equal(on->sendto(s.other, "", 0, 0, (struct sockaddr *)&in, sizeof(in)), 0);
  wait_for(on, s.fd, POLLIN);
  return s;
}

static struct subject
with_peer_and_datagram(const struct calls *on)
{
  struct subject s = with_datagram(on);

  assert_int_equal(connect_to(on, s.fd, s.other), 0);
  return s;
}

static struct subject
shut_for_reading(const struct calls *on)
{
  struct subject s = with_peer(on);

  assert_int_equal(on->shutdown(s.fd, SHUT_RD), 0);
  return s;
}

static struct subject
shut_for_writing(const struct calls *on)
{
  struct subject s = with_peer(on);

  assert_int_equal(on->shutdown(s.fd, SHUT_WR), 0);
  return s;
}

static struct subject
shut_for_both(const struct calls *on)
{
  struct subject s = with_peer(on);

  assert_int_equal(on->shutdown(s.fd, SHUT_RDWR), 0);
  return s;
}

static struct subject
refused(const struct calls *on)
{
  struct subject s = with_peer(on);

  on->close(s.other);
  s.other = -1;
  assert_int_equal(on->sendto(s.fd, "x", 1, 0, NULL, 0), 1);
  wait_for(on, s.fd, POLLERR);
  return s;
}

static struct subject
closed(const struct calls *on)
{
  struct subject s = fresh(on);

  on->close(s.fd);
  return s;
}

TEST(test_new_every_call_as_linux, fresh, BOTH)
TEST(test_bound_every_call_as_linux, bound_only, BOTH)
TEST(test_connected_every_call_as_linux, with_peer, OPTIONS)
TEST(test_datagram_queued_every_call_as_linux, with_datagram, BOTH)
TEST(test_empty_datagram_queued_every_call_as_linux, with_empty_datagram, BOTH)
TEST(test_connected_datagram_queued_every_call_as_linux, with_peer_and_datagram, OPTIONS)
TEST(test_shut_for_reading_every_call_as_linux, shut_for_reading, OPTIONS)
TEST(test_shut_for_writing_every_call_as_linux, shut_for_writing, OPTIONS)
TEST(test_shut_for_both_every_call_as_linux, shut_for_both, OPTIONS)
TEST(test_refused_every_call_as_linux, refused, OPTIONS)
TEST(test_closed_every_call_as_linux, closed, OPTIONS)

int
main(void)
{
  const struct CMUnitTest tests[] = {
    leak_free(test_new_every_call_as_linux),
    leak_free(test_bound_every_call_as_linux),
    leak_free(test_connected_every_call_as_linux),
    leak_free(test_datagram_queued_every_call_as_linux),
    leak_free(test_empty_datagram_queued_every_call_as_linux),
    leak_free(test_connected_datagram_queued_every_call_as_linux),
    leak_free(test_shut_for_reading_every_call_as_linux),
    leak_free(test_shut_for_writing_every_call_as_linux),
    leak_free(test_shut_for_both_every_call_as_linux),
    leak_free(test_refused_every_call_as_linux),
    leak_free(test_closed_every_call_as_linux),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
