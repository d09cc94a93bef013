/**
 * What a stream has received and nobody has read yet.
 */
#include "socket/rxq.h"

#include <string.h>

#include "lwip/stats.h"

#include "baresock/config.h"
#include "stack/stack.h"

/* A segment up to this size is worth copying to save its buffer. */
#define SMALL_SEGMENT 256

/* Where small segments are gathered when the last buffer has no room of its own. */
#define GATHER_SIZE 1024

/* When fewer frame buffers than this part of them are free, waiting data moves into memory of its own. */
#define POOL_SHORT_PART 4

static bool
is_ours_alone(const struct pbuf *p)
{
  return p->ref == 1 && (p->flags & PBUF_FLAG_IS_CUSTOM) == 0;
}

static uint16_t
room_behind(const struct pbuf *p)
{
  const char *data_end = (const char *)p->payload + p->len;
  const char *buffer_end;

  if (pbuf_match_allocsrc(p, PBUF_TYPE_ALLOC_SRC_MASK_STD_MEMP_PBUF_POOL) == 0 || !is_ours_alone(p)) {
    return 0;
  }
  buffer_end = (const char *)p + LWIP_MEM_ALIGN_SIZE(sizeof(struct pbuf)) + PBUF_POOL_BUFSIZE;
  return buffer_end > data_end ? (uint16_t)(buffer_end - data_end) : 0;
}

static bool
pool_is_short(void)
{
  return lwip_stats.memp[MEMP_PBUF_POOL]->used > BS_PBUF_POOL - BS_PBUF_POOL / POOL_SHORT_PART;
}

static void
link_last(struct rxq *q, struct pbuf *p, uint16_t room)
{
  if (q->last != NULL) {
    q->last->next = p;
  } else {
    q->first = p;
  }
  q->last = p;
  q->room = room;
  q->bytes += p->len;
}

static void
pack_behind_last(struct rxq *q, const struct pbuf *p)
{
  memcpy((char *)q->last->payload + q->last->len, p->payload, p->len);
  q->last->len = (u16_t)(q->last->len + p->len);
  q->last->tot_len = q->last->len;
  q->room = (uint16_t)(q->room - p->len);
  q->bytes += p->len;
}

/* A buffer of @p size with the data of @p p, which is freed; p itself when there is no memory. */
static struct pbuf *
move(struct pbuf *p, uint16_t size, uint16_t *room)
{
  struct pbuf *to = stack_heap_is_short() ? NULL : pbuf_alloc(PBUF_RAW, size, PBUF_RAM);

  if (to == NULL) {
    *room = 0;
    return p;
  }
  memcpy(to->payload, p->payload, p->len);
  to->len = to->tot_len = p->len;
  *room = (uint16_t)(size - p->len);
  pbuf_free(p);
  return to;
}

static void
append_one(struct rxq *q, struct pbuf *p)
{
  uint16_t room = room_behind(p);

  if (q->last != NULL && p->len <= SMALL_SEGMENT && p->len <= q->room) {
    pack_behind_last(q, p);
    pbuf_free(p);
    return;
  }
  if (q->last != NULL && p->len <= SMALL_SEGMENT && room < SMALL_SEGMENT) {
    p = move(p, GATHER_SIZE, &room);
  } else if (room > 0 && pool_is_short()) {
    p = move(p, p->len, &room);
  }
  link_last(q, p, room);
}

void
rxq_append(struct rxq *q, struct pbuf *p)
{
  while (p != NULL) {
    struct pbuf *next = p->next;

    p->next = NULL;
    p->tot_len = p->len;
    if (p->len > 0) {
      append_one(q, p);
    } else {
      pbuf_free(p);
    }
    p = next;
  }
}

static void
free_first(struct rxq *q)
{
  struct pbuf *p = q->first;

  q->first = p->next;
  if (q->first == NULL) {
    q->last = NULL;
    q->room = 0;
  }
  q->read = 0;
  p->next = NULL;
  pbuf_free(p);
}

size_t
rxq_peek(const struct rxq *q, struct iov_cursor *room)
{
  const struct pbuf *p;
  uint16_t offset = q->read;
  size_t done = 0;

  for (p = q->first; p != NULL && room->left > 0; p = p->next) {
    done += iov_cursor_write(room, (const char *)p->payload + offset, (size_t)(p->len - offset));
    offset = 0;
  }
  return done;
}

void
rxq_skip(struct rxq *q, size_t len)
{
  q->bytes -= (uint32_t)len;
  while (len > 0) {
    size_t unread = (size_t)(q->first->len - q->read);

    if (len < unread) {
      q->read = (uint16_t)(q->read + len);
      return;
    }
    len -= unread;
    free_first(q);
  }
}

void
rxq_clear(struct rxq *q)
{
  while (q->first != NULL) {
    free_first(q);
  }
  q->bytes = 0;
}
