/**
 * loop: no wire at all. Nothing leaves and nothing arrives; a program runs on 127.0.0.1 and ::1 alone, which are
 * the stack's own and need no frames.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "link/args.h"
#include "link/kinds.h"

struct loop_link {
  struct bs_link link;
  struct bs_link_status status;
};

static int
loop_open(const struct bs_link_args *args, struct bs_link *below, struct bs_link **link, char *why)
{
  struct loop_link *loop;

  (void)below;
  if (args->count != 0) {
    return link_refuse_arg(why, &link_loop_ops, &args->arg[0]);
  }
  loop = calloc(1, sizeof(*loop));
  if (loop == NULL) {
    return link_refuse(why, ENOMEM, "no memory for the link");
  }
  loop->status.mtu = LINK_MTU;
  loop->status.up = true;
  *link = &loop->link;
  return 0;
}

static void
loop_close(struct bs_link *link)
{
  free(link);
}

static int
loop_send(struct bs_link *link, const struct iovec *iov, int count)
{
  struct loop_link *loop = (struct loop_link *)link;

  (void)iov;
  (void)count;
  loop->status.tx_dropped++;
  return 0;
}

static size_t
loop_receive(struct bs_link *link, void *buf, size_t cap)
{
  (void)link;
  (void)buf;
  (void)cap;
  return 0;
}

static void
loop_status(const struct bs_link *link, struct bs_link_status *status)
{
  *status = ((const struct loop_link *)link)->status;
}

const struct bs_link_ops link_loop_ops = {
  .name = "loop",
  .usage = "loop: no wire, only 127.0.0.1 and ::1",
  .open = loop_open,
  .close = loop_close,
  .send = loop_send,
  .receive = loop_receive,
  .status = loop_status,
};
