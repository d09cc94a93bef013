/**
 * A position in scattered buffers.
 */
#ifndef BARESOCK_IOV_H
#define BARESOCK_IOV_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/uio.h>

struct iov_cursor {
  const struct iovec *iov; /**< the piece it stands in, which has a byte from there on unless left is 0 */
  size_t offset;           /**< in that piece */
  size_t left;             /**< bytes from here to the end */
};

/** Stand at the beginning of @p count pieces. @return 0, or -EINVAL when they are longer than SSIZE_MAX together */
int iov_cursor_init(struct iov_cursor *cursor, const struct iovec *iov, size_t count);

/** Whether each piece that is not empty has a buffer. */
bool iov_has_buffers(const struct iovec *iov, size_t count);

/** Where the cursor stands, and how many bytes (at least 1 unless it is at the end) follow in one piece. */
static inline void *
iov_cursor_piece(const struct iov_cursor *cursor, size_t *len)
{
  if (cursor->left == 0) {
    *len = 0;
    return NULL;
  }
  *len = cursor->iov->iov_len - cursor->offset;
  return (char *)cursor->iov->iov_base + cursor->offset;
}

/** Move on by @p len bytes, at most to the end. */
void iov_cursor_advance(struct iov_cursor *cursor, size_t len);

/** The same for any number of pieces. */
size_t iov_cursor_write_pieces(struct iov_cursor *cursor, const void *data, size_t len);

/** Copy @p len bytes, at most left, to the cursor, and move on. @return bytes copied */
static inline size_t
iov_cursor_write(struct iov_cursor *cursor, const void *data, size_t len)
{
  size_t piece = cursor->left > 0 ? cursor->iov->iov_len - cursor->offset : 0;

  if (len < piece || (len == piece && len == cursor->left)) {
    memcpy((char *)cursor->iov->iov_base + cursor->offset, data, len);
    cursor->offset += len;
    cursor->left -= len;
    return len;
  }
  return iov_cursor_write_pieces(cursor, data, len);
}

/** Copy @p len bytes, at most left, from the cursor, and move on. @return bytes copied */
size_t iov_cursor_read(struct iov_cursor *cursor, void *data, size_t len);

#endif /* BARESOCK_IOV_H */
