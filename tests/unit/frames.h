/**
 * What the tests of links share: a wait for a frame, and room for the reason of a failure.
 */
#ifndef BARESOCK_TEST_FRAMES_H
#define BARESOCK_TEST_FRAMES_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "baresock/link.h"
#include "baresock/net.h"
#include "port.h"

/* Long enough for the slowest machine: a test that works never waits so long. */
#define PATIENCE_US 30000000

#define TEST_SOURCES 64

/* Wait as the stack does: until a source of the link is ready or it is due. The clock may be a test's own, the port's goes
 * on by itself. */
static inline void
wait_for_link(struct bs_link *link, bool want_send, bs_time_t deadline)
{
  struct bs_wait_source source[TEST_SOURCES];
  struct bs_waitset set = { .source = source, .size = TEST_SOURCES };
  bs_time_t now;

  link->ops->prepare(link, &set, want_send, &deadline);
  assert_int_equal(set.dropped, 0);
  now = bs_now();
  port_wait(&set, port_clock() + (deadline > now ? deadline - now : 0));
}

/* The next frame, however long it takes; fails the test when none comes. */
static inline size_t
next_frame(struct bs_link *link, uint8_t *buf)
{
  bs_time_t deadline = bs_now() + PATIENCE_US;
  size_t len;

  while ((len = link->ops->receive(link, buf, BS_FRAME_MAX)) == 0) {
    assert_true(bs_now() < deadline);
    wait_for_link(link, false, deadline);
  }
  return len;
}

static inline int
send_frame(struct bs_link *link, const void *frame, size_t len)
{
  struct iovec iov = { .iov_base = (void *)(uintptr_t)frame, .iov_len = len };

  return link->ops->send(link, &iov, 1);
}

static inline struct bs_link_status
status_of(const struct bs_link *link)
{
  struct bs_link_status status;

  memset(&status, 0xee, sizeof(status));
  link->ops->status(link, &status);
  return status;
}

/* The string is refused with this errno and a sentence that holds these words. */
static inline void
assert_refused(const char *string, int err, const char *words)
{
  char why[BS_LINK_WHY];
  struct bs_link *link;

  errno = 0;
  link = bs_link_open(string, why);
  assert_null(link);
  assert_int_equal(errno, err);
  if (strstr(why, words) == NULL) {
    fail_msg("\"%s\" does not say \"%s\"", why, words);
  }
  assert_true(strlen(why) > 0 && why[strlen(why) - 1] != '.');
}

/* Open a link that must open; the reason is shown when it does not. */
static inline struct bs_link *
open_link(const char *string)
{
  char why[BS_LINK_WHY];
  struct bs_link *link = bs_link_open(string, why);

  if (link == NULL) {
    fail_msg("%s: %s", string, why);
  }
  return link;
}

#endif /* BARESOCK_TEST_FRAMES_H */
