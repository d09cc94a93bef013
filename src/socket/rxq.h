/**
 * What a stream has received and nobody has read yet.
 *
 * pbufs wait as lwIP delivered them; reading copies out of them and frees them one by one. Small segments are packed
 * into the room behind the last one, so that a stream of one-byte segments can't pin a buffer of 1.5 KB for each.
 */
#ifndef BARESOCK_RXQ_H
#define BARESOCK_RXQ_H

#include <stdbool.h>
#include <stdint.h>

#include "lwip/pbuf.h"

#include "socket/iov.h"

struct rxq {
  struct pbuf *first; /**< linked by next; each stands for itself, so that tot_len can't overflow */
  struct pbuf *last;
  uint32_t bytes;
  uint16_t read; /**< bytes of the first that were read already */
  uint16_t room; /**< bytes behind the last one's data that may be written */
};

/** Take over what lwIP delivered: all of the chain @p p. */
void rxq_append(struct rxq *q, struct pbuf *p);

/** Copy up to the cursor's room; the data stays. @return bytes */
size_t rxq_peek(const struct rxq *q, struct iov_cursor *room);

/** Drop @p len bytes, which must be there. */
void rxq_skip(struct rxq *q, size_t len);

/** Free everything. */
void rxq_clear(struct rxq *q);

#endif /* BARESOCK_RXQ_H */
