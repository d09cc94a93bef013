/**
 * A bounded queue of frames.
 */
#include "link/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "link/args.h"

int
link_queue_init(struct link_queue *queue, unsigned size)
{
  queue->frame = malloc(size * sizeof(queue->frame[0]));
  queue->size = size;
  queue->first = 0;
  queue->count = 0;
  return queue->frame != NULL ? 0 : -ENOMEM;
}

void
link_queue_free(struct link_queue *queue)
{
  free(queue->frame);
  queue->frame = NULL;
}

bool
link_queue_put(struct link_queue *queue, const void *data, size_t len)
{
  struct link_frame *frame;

  if (queue->count == queue->size || len < LINK_HEADER_LEN || len > BS_FRAME_MAX) {
    return false;
  }
  frame = &queue->frame[(queue->first + queue->count) % queue->size];
  frame->len = len;
  memcpy(frame->data, data, len);
  queue->count++;
  return true;
}

size_t
link_queue_get(struct link_queue *queue, void *buf, size_t cap)
{
  const struct link_frame *frame;
  size_t len;

  if (queue->count == 0) {
    return 0;
  }
  frame = &queue->frame[queue->first];
  len = frame->len < cap ? frame->len : cap;
  memcpy(buf, frame->data, len);
  queue->count--;
  /* An empty queue starts over, so that a short one stays in the same few cache lines. */
  queue->first = queue->count != 0 ? (queue->first + 1) % queue->size : 0;
  return len;
}
