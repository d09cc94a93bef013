/**
 * What the tests of the filter `impair` share: a link below it that notes what it is given, and frames with numbers.
 */
#ifndef TESTS_IMPAIR_STUB_H
#define TESTS_IMPAIR_STUB_H

#include <stdio.h>
#include <stdlib.h>

#include "frames.h"

#define FRAME_LEN   100
#define STUB_FRAMES 12000

/* The link below: notes what it is given, and gives what it is told to. */
static struct {
  bool shut;         /* refuses what is sent */
  bool busy;         /* says so */
  unsigned sent;     /* frames that it took */
  unsigned to_come;  /* frames that it gives: numbered from given on */
  unsigned given;    /* frames that it gave */
  unsigned prepared; /* calls of prepare */
  bool wanted_send;  /* in the last one */
  unsigned closed;
  const struct bs_link_filter *filter;
  struct {
    bs_time_t at;
    size_t len;
    uint8_t data[BS_FRAME_MAX];
  } frame[STUB_FRAMES];
} stub;

static bs_time_t now;

static inline bs_time_t
test_clock(void)
{
  return now;
}

static inline void
make_frame(uint8_t *frame, size_t len, unsigned number)
{
  size_t i;

  for (i = 0; i < len; i++) {
    frame[i] = (uint8_t)(i * 7);
  }
  memcpy(frame, &number, sizeof(number));
}

static inline unsigned
number_of(const uint8_t *frame)
{
  unsigned number;

  memcpy(&number, frame, sizeof(number));
  return number;
}

static inline int
stub_open(const struct bs_link_args *args, struct bs_link *below, struct bs_link **link, char *why)
{
  static struct bs_link only;

  (void)args;
  (void)below;
  (void)why;
  *link = &only;
  return 0;
}

static inline void
stub_close(struct bs_link *link)
{
  (void)link;
  stub.closed++;
}

static inline int
stub_send(struct bs_link *link, const struct iovec *iov, int count)
{
  uint8_t *to = stub.frame[stub.sent].data;
  int i;

  (void)link;
  if (stub.shut) {
    return -EAGAIN;
  }
  assert_true(stub.sent < STUB_FRAMES);
  stub.frame[stub.sent].at = now;
  for (i = 0; i < count; i++) {
    memcpy(to, iov[i].iov_base, iov[i].iov_len);
    to += iov[i].iov_len;
  }
  stub.frame[stub.sent].len = (size_t)(to - stub.frame[stub.sent].data);
  stub.sent++;
  return 0;
}

static inline size_t
stub_receive(struct bs_link *link, void *buf, size_t cap)
{
  (void)link;
  assert_true(cap >= BS_FRAME_MAX);
  if (stub.to_come == 0) {
    return 0;
  }
  stub.to_come--;
  make_frame(buf, FRAME_LEN, stub.given++);
  return FRAME_LEN;
}

static inline void
stub_prepare(struct bs_link *link, struct bs_waitset *set, bool want_send, bs_time_t *deadline)
{
  (void)link;
  (void)set;
  (void)deadline;
  stub.prepared++;
  stub.wanted_send = want_send;
}

static inline bool
stub_busy(const struct bs_link *link)
{
  (void)link;
  return stub.busy;
}

static inline int
stub_set_filter(struct bs_link *link, const struct bs_link_filter *filter)
{
  (void)link;
  stub.filter = filter;
  return -EIO;
}

static inline void
stub_status(const struct bs_link *link, struct bs_link_status *status)
{
  (void)link;
  *status = (struct bs_link_status){ .mtu = 1234, .up = true, .rx_dropped = 1000, .tx_dropped = 2000, .tx_frames = 7 };
}

static const struct bs_link_ops stub_ops = {
  .name = "stub",
  .usage = "stub: for tests",
  .open = stub_open,
  .close = stub_close,
  .send = stub_send,
  .receive = stub_receive,
  .prepare = stub_prepare,
  .busy = stub_busy,
  .set_filter = stub_set_filter,
  .status = stub_status,
};

static inline int
register_stub(void **state)
{
  (void)state;
  bs_set_clock(test_clock);
  return bs_link_register(&stub_ops);
}

static inline int
setup(void **state)
{
  (void)state;
  memset(&stub, 0, sizeof(stub));
  now = 1000000;
  return 0;
}

/* --- passing frames --- */

static inline struct bs_link *
open_impair(const char *params)
{
  char string[160];

  snprintf(string, sizeof(string), "stub+impair:%s", params);
  return open_link(string);
}

static inline int
send_numbered(struct bs_link *link, unsigned number)
{
  uint8_t frame[FRAME_LEN];
  struct iovec pieces[] = { { frame, 14 }, { frame + 14, 0 }, { frame + 14, FRAME_LEN - 14 } };

  make_frame(frame, sizeof(frame), number);
  return link->ops->send(link, pieces, 3);
}

/* What the link does by itself at this time. @return a frame that it received, 0 for none */
static inline size_t
turn(struct bs_link *link, uint8_t *buf)
{
  return link->ops->receive(link, buf, BS_FRAME_MAX);
}

static inline bs_time_t
due(struct bs_link *link, bool want_send)
{
  struct bs_waitset set = { .size = 0 };
  bs_time_t deadline = BS_TIME_NEVER;

  link->ops->prepare(link, &set, want_send, &deadline);
  return deadline;
}

/* Let time pass until the link holds nothing that it sends. */
static inline void
let_all_go(struct bs_link *link)
{
  uint8_t buf[BS_FRAME_MAX];

  (void)turn(link, buf);
  while (link->ops->busy(link)) {
    assert_true(due(link, false) > now);
    now = due(link, false);
    (void)turn(link, buf);
  }
}

/* Send frames 0 to count - 1 and see what stub.frame[] then holds. */
static inline struct bs_link_status
pass(const char *params, unsigned count)
{
  struct bs_link *link = open_impair(params);
  struct bs_link_status status;
  unsigned i;

  stub.sent = 0;
  for (i = 0; i < count; i++) {
    assert_int_equal(send_numbered(link, i), 0);
  }
  let_all_go(link);
  status = status_of(link);
  bs_link_close(link);
  return status;
}

/* The numbers of the frames that the stub has, in their order, as a string to compare. */
static inline uint64_t
order_of_frames(void)
{
  uint64_t hash = 14695981039346656037u; /* FNV-1a */
  unsigned i;

  for (i = 0; i < stub.sent; i++) {
    hash = (hash ^ number_of(stub.frame[i].data)) * 1099511628211u;
  }
  return hash;
}

/* Receive until nothing more comes at this time. @return how many */
static inline unsigned
receive_now(struct bs_link *link)
{
  uint8_t buf[BS_FRAME_MAX];
  unsigned count = 0;

  while (turn(link, buf) > 0) {
    count++;
  }
  return count;
}

#define IMPAIR_TEST(name) cmocka_unit_test_setup(name, setup)

#endif /* TESTS_IMPAIR_STUB_H */
