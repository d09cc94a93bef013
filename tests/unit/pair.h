/**
 * Connections of ours over the loopback, and what they carry.
 */
#ifndef TESTS_PAIR_H
#define TESTS_PAIR_H

#include "calls.h"

static inline struct ends
connected_pair(void)
{
  return connected(&ours);
}

static inline void
close_pair(const struct ends *p)
{
  assert_int_equal(bs_close(p->fd), 0);
  assert_int_equal(bs_close(p->peer), 0);
}

static inline void
set_waiting(int fd)
{
  assert_int_equal(bs_fcntl(fd, F_SETFL, 0), 0);
}

static inline void
set_int(int fd, int level, int name, int value)
{
  assert_int_equal(bs_setsockopt(fd, level, name, &value, sizeof(value)), 0);
}

static inline int
get_int(int fd, int level, int name)
{
  int value = -1;
  socklen_t len = sizeof(value);

  assert_int_equal(bs_getsockopt(fd, level, name, &value, &len), 0);
  assert_int_equal(len, sizeof(value));
  return value;
}

static inline int
so_error(int fd)
{
  return get_int(fd, SOL_SOCKET, SO_ERROR);
}

/* The socket becomes ready, however long it takes. */
static inline void
assert_becomes(int fd, short events)
{
  struct pollfd p = { fd, events, 0 };

  assert_int_equal(bs_poll(&p, 1, PATIENCE_US / 1000), 1);
  assert_int_equal(p.revents, events);
}

#define assert_errno(expected, call)                                        \
  do {                                                                      \
    errno = 0;                                                              \
    assert_int_equal((call), -1);                                           \
    assert_string_equal(strerrorname_np(errno), strerrorname_np(expected)); \
  } while (0)

static inline void
assert_send(int fd, const char *text)
{
  assert_int_equal(bs_send(fd, text, strlen(text), 0), strlen(text));
}

/* Exactly this text comes, and no more is queued. */
static inline void
assert_recv(int fd, const char *text)
{
  bs_time_t deadline = bs_now() + PATIENCE_US;
  size_t len = 0;
  char buf[256];

  for (;;) {
    ssize_t n;

    settle();
    n = bs_recv(fd, buf + len, sizeof(buf) - 1 - len, MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN) {
      fail_msg("recv: %s instead of \"%s\"", strerrorname_np(errno), text);
    }
    len += n > 0 ? (size_t)n : 0;
    if (n == 0 || len >= strlen(text) || clock_stopped) {
      break;
    }
    /* Nagle's algorithm and a delayed acknowledgment may hold it back. */
    assert_true(bs_now() < deadline);
    assert_int_equal(bs_net_sleep(1000), 0);
  }
  buf[len] = '\0';
  assert_string_equal(buf, text);
}

static inline void
assert_end(int fd)
{
  struct pollfd p = { fd, POLLIN, 0 };
  char buf[1];

  assert_int_equal(bs_poll(&p, 1, PATIENCE_US / 1000), 1);
  assert_int_equal(bs_recv(fd, buf, sizeof(buf), MSG_DONTWAIT), 0);
}

/* poll() of one descriptor, without waiting. */
static inline short
revents_of(int fd, short events)
{
  struct pollfd p = { fd, events, 0 };

  settle();
  assert_true(bs_poll(&p, 1, 0) >= 0);
  return p.revents;
}

/* Send until no more is taken. @return bytes */
static inline size_t
fill(int fd)
{
  static char block[65536];
  size_t done = 0;
  ssize_t n;

  for (;;) {
    n = bs_send(fd, block, sizeof(block), MSG_DONTWAIT);
    if (n < 0) {
      assert_int_equal(errno, EAGAIN);
      return done;
    }
    done += (size_t)n;
  }
}

/* Read all that there is. @return bytes */
static inline size_t
drain(int fd)
{
  static char block[65536];
  size_t done = 0;
  ssize_t n;

  while ((n = bs_recv(fd, block, sizeof(block), MSG_DONTWAIT)) > 0) {
    done += (size_t)n;
    settle();
  }
  return done;
}

/* Read until so many bytes came, or the end. @return bytes */
static inline size_t
drain_until(int fd, size_t bytes)
{
  bs_time_t deadline = bs_now() + PATIENCE_US;
  size_t got = drain(fd);

  while (got < bytes && bs_now() < deadline) {
    assert_int_equal(bs_net_sleep(1000), 0);
    got += drain(fd);
  }
  return got;
}

#endif /* TESTS_PAIR_H */
