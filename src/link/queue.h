/**
 * A bounded queue of frames, for links whose frames come before they are asked for.
 */
#ifndef BARESOCK_LINK_QUEUE_H
#define BARESOCK_LINK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "baresock/link.h"

struct link_frame {
  size_t len;
  unsigned char data[BS_FRAME_MAX];
};

struct link_queue {
  struct link_frame *frame;
  unsigned size;
  unsigned first;
  unsigned count;
};

/** Make room for @p size frames. @return 0 or -ENOMEM */
int link_queue_init(struct link_queue *queue, unsigned size);

/** Free the frames. */
void link_queue_free(struct link_queue *queue);

/** Append a frame. @return false when there is no room for it, or it is no frame by its length */
bool link_queue_put(struct link_queue *queue, const void *data, size_t len);

/** Take the first frame. @return its length, 0 when there is none */
size_t link_queue_get(struct link_queue *queue, void *buf, size_t cap);

#endif /* BARESOCK_LINK_QUEUE_H */
