/**
 * A link that prints what the stack sends, and gives it one frame at a time.
 */
#ifndef TESTS_PIPE_H
#define TESTS_PIPE_H

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "fake_link.h"

static struct {
  struct bs_link link;
  bool sent;      /* a frame was, since somebody cleared this */
  size_t waiting; /* bytes of the frame that comes next */
  uint8_t frame[BS_FRAME_MAX];
} pipe_link;

static int
pipe_open(const struct bs_link_args *args, struct bs_link *below, struct bs_link **link, char *why)
{
  (void)args;
  (void)below;
  (void)why;
  *link = &pipe_link.link;
  return 0;
}

static int
pipe_send(struct bs_link *link, const struct iovec *iov, int count)
{
  size_t at;
  int i;

  (void)link;
  printf("> %llu ", (unsigned long long)clock_is);
  for (i = 0; i < count; i++) {
    for (at = 0; at < iov[i].iov_len; at++) {
      printf("%02x", ((const uint8_t *)iov[i].iov_base)[at]);
    }
  }
  putchar('\n');
  pipe_link.sent = true;
  return 0;
}

static size_t
pipe_receive(struct bs_link *link, void *buf, size_t cap)
{
  size_t len = pipe_link.waiting;

  (void)link;
  (void)cap;
  memcpy(buf, pipe_link.frame, len);
  pipe_link.waiting = 0;
  return len;
}

static const struct bs_link_ops pipe_ops = {
  .name = "pipe",
  .usage = "pipe: for tests",
  .open = pipe_open,
  .close = fake_link_close,
  .send = pipe_send,
  .receive = pipe_receive,
  .status = fake_link_status,
};

#endif /* TESTS_PIPE_H */
