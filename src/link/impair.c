/**
 * impair: a filter that treats frames badly, as a network may: it loses, delays, reorders, doubles and damages them, and
 * lets only so many pass in a second.
 *
 * What is not impaired passes at once. The rest waits in a bounded queue of its direction (impair_lane.c). Where that
 * is full, a frame that is to be sent is refused, and what was received stays in the link below.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "baresock/net.h"
#include "link/args.h"
#include "link/impair.h"
#include "link/kinds.h"

struct impair_link {
  struct bs_link link;
  struct impair_params params;
  struct impair_lane tx;
  struct impair_lane rx;
  uint64_t tx_odd; /* no frames by their length */
  bool refused;    /* the link below did not take a frame that is due */
  bool more;       /* the link below may have more, which was left there to give others a turn */
};

static void
impair_free(struct impair_link *impair)
{
  impair_lane_free(&impair->tx);
  impair_lane_free(&impair->rx);
  free(impair);
}

static int
impair_open(const struct bs_link_args *args, struct bs_link *below, struct bs_link **link, char *why)
{
  struct impair_link *impair = calloc(1, sizeof(*impair));
  int err;

  (void)below;
  if (impair == NULL) {
    return link_refuse(why, ENOMEM, "no memory for the filter");
  }
  err = impair_read_params(&impair->params, args, why);
  if (err == 0 && (impair_lane_init(&impair->tx, &impair->params, 1) < 0 ||
                   impair_lane_init(&impair->rx, &impair->params, 2) < 0)) {
    err = link_refuse(why, ENOMEM, "no memory for queue=%u frames: write a smaller number", impair->params.queue);
  }
  if (err < 0) {
    impair_free(impair);
    return err;
  }
  *link = &impair->link;
  return 0;
}

static void
impair_close(struct bs_link *link)
{
  bs_link_close(link->below);
  impair_free((struct impair_link *)link);
}

/* --- to the link below --- */

/* Send what is due. */
static void
send_due(struct impair_link *impair)
{
  struct bs_link *below = impair->link.below;
  const struct impair_frame *frame;

  impair->refused = false;
  while (!impair->refused && (frame = impair_lane_peek(&impair->tx)) != NULL) {
    struct iovec iov = { .iov_base = (void *)(uintptr_t)frame->data, .iov_len = frame->len };

    if (below->ops->send(below, &iov, 1) == -EAGAIN) {
      impair->refused = true;
    } else {
      impair_lane_drop(&impair->tx);
    }
  }
}

static int
impair_send(struct bs_link *link, const struct iovec *iov, int count)
{
  struct impair_link *impair = (struct impair_link *)link;
  size_t len = link_frame_len(iov, count);
  uint8_t *to;
  int i;

  if (!impair->params.tx) {
    return link->below->ops->send(link->below, iov, count);
  }
  if (len < LINK_HEADER_LEN || len > BS_FRAME_MAX) {
    impair->tx_odd++;
    return 0;
  }
  /* Those that were to go meanwhile make room, and are not overtaken. */
  send_due(impair);
  to = impair_lane_room(&impair->tx);
  if (to == NULL) {
    return -EAGAIN;
  }
  for (i = 0; i < count; i++) {
    memcpy(to, iov[i].iov_base, iov[i].iov_len);
    to += iov[i].iov_len;
  }
  impair_lane_put(&impair->tx, len);
  if (!impair->refused) {
    send_due(impair);
  }
  return 0;
}

/* --- from the link below --- */

/* Take the next frame from below. @return false when there is none, or no room */
static bool
take_one(struct impair_link *impair)
{
  struct bs_link *below = impair->link.below;
  uint8_t *to = impair_lane_room(&impair->rx);
  size_t len = to != NULL ? below->ops->receive(below, to, BS_FRAME_MAX) : 0;

  if (len == 0) {
    return false;
  }
  impair_lane_put(&impair->rx, len);
  return true;
}

static size_t
receive_due(struct impair_link *impair, void *buf, size_t cap)
{
  const struct impair_frame *frame;
  size_t len;
  unsigned n;

  impair->more = false;
  for (n = 0; (frame = impair_lane_peek(&impair->rx)) == NULL; n++) {
    /* All may be lost or delayed, and come without end. */
    if (n == BS_PUMP_FRAMES) {
      impair->more = true;
      return 0;
    }
    if (!take_one(impair)) {
      return 0;
    }
  }
  len = frame->len < cap ? frame->len : cap;
  memcpy(buf, frame->data, len);
  impair_lane_drop(&impair->rx);
  return len;
}

static size_t
impair_receive(struct bs_link *link, void *buf, size_t cap)
{
  struct impair_link *impair = (struct impair_link *)link;
  size_t len;

  if (impair->params.rx) {
    len = receive_due(impair, buf, cap);
  } else {
    len = link->below->ops->receive(link->below, buf, cap);
  }
  /* Behind what was received: that may have made room below. */
  send_due(impair);
  return len;
}

/* --- the rest --- */

static void
impair_prepare(struct bs_link *link, struct bs_waitset *set, bool want_send, bs_time_t *deadline)
{
  struct impair_link *impair = (struct impair_link *)link;
  struct bs_link *below = link->below;
  bs_time_t due = impair_lane_due(&impair->rx);
  bool impaired = impair->params.tx;

  if (!impair->refused && impair_lane_due(&impair->tx) < due) {
    due = impair_lane_due(&impair->tx);
  }
  if (impair->more || (impaired && want_send && impair_lane_has_room(&impair->tx))) {
    due = 0;
  }
  if (due < *deadline) {
    *deadline = due;
  }
  /* Without room for what comes, waiting for it would be a busy loop. */
  if (below->ops->prepare != NULL && impair_lane_has_room(&impair->rx)) {
    below->ops->prepare(below, set, impaired ? impair->refused : want_send, deadline);
  }
}

static bool
impair_busy(const struct bs_link *link)
{
  const struct impair_link *impair = (const struct impair_link *)link;

  return impair_lane_holds(&impair->tx) || (link->below->ops->busy != NULL && link->below->ops->busy(link->below));
}

static int
impair_set_filter(struct bs_link *link, const struct bs_link_filter *filter)
{
  return link->below->ops->set_filter != NULL ? link->below->ops->set_filter(link->below, filter) : 0;
}

static void
impair_status(const struct bs_link *link, struct bs_link_status *status)
{
  const struct impair_link *impair = (const struct impair_link *)link;

  link->below->ops->status(link->below, status);
  status->tx_dropped += impair->tx.lost + impair->tx_odd;
  status->rx_dropped += impair->rx.lost;
  status->queue_full += impair->tx.full + impair->rx.full;
}

const struct bs_link_ops link_impair_ops = {
  .name = "impair",
  .usage =
      "impair:loss=2%,delay=20ms,jitter=5ms,reorder=5%,duplicate=2%,corrupt=1%,rate=10mbit,only=rx,queue=100,seed=7: "
      "treats frames badly",
  .filter = true,
  .open = impair_open,
  .close = impair_close,
  .send = impair_send,
  .receive = impair_receive,
  .prepare = impair_prepare,
  .busy = impair_busy,
  .set_filter = impair_set_filter,
  .status = impair_status,
};
