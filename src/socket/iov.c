/**
 * A position in scattered buffers.
 */
#include "socket/iov.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

/* Pass over pieces that are used up, or empty from the start. */
static void
skip_empty(struct iov_cursor *cursor)
{
  while (cursor->left > 0 && cursor->offset == cursor->iov->iov_len) {
    cursor->iov++;
    cursor->offset = 0;
  }
}

bool
iov_has_buffers(const struct iovec *iov, size_t count)
{
  size_t i;

  if (iov == NULL) {
    return count == 0;
  }
  for (i = 0; i < count; i++) {
    if (iov[i].iov_base == NULL && iov[i].iov_len > 0) {
      return false;
    }
  }
  return true;
}

int
iov_cursor_init(struct iov_cursor *cursor, const struct iovec *iov, size_t count)
{
  size_t i;

  cursor->iov = iov;
  cursor->offset = 0;
  cursor->left = 0;
  for (i = 0; i < count; i++) {
    if (iov[i].iov_len > SSIZE_MAX - cursor->left) {
      return -EINVAL;
    }
    cursor->left += iov[i].iov_len;
  }
  skip_empty(cursor);
  return 0;
}

void *
iov_cursor_piece(const struct iov_cursor *cursor, size_t *len)
{
  if (cursor->left == 0) {
    *len = 0;
    return NULL;
  }
  *len = cursor->iov->iov_len - cursor->offset;
  return (char *)cursor->iov->iov_base + cursor->offset;
}

void
iov_cursor_advance(struct iov_cursor *cursor, size_t len)
{
  while (len > 0 && cursor->left > 0) {
    size_t piece = cursor->iov->iov_len - cursor->offset;
    size_t n = len < piece ? len : piece;

    cursor->offset += n;
    cursor->left -= n;
    len -= n;
    skip_empty(cursor);
  }
}

size_t
iov_cursor_write_pieces(struct iov_cursor *cursor, const void *data, size_t len)
{
  const char *from = data;
  size_t left = len;

  while (left > 0 && cursor->left > 0) {
    size_t piece;
    void *at = iov_cursor_piece(cursor, &piece);
    size_t n = left < piece ? left : piece;

    memcpy(at, from, n);
    iov_cursor_advance(cursor, n);
    from += n;
    left -= n;
  }
  return len - left;
}

size_t
iov_cursor_read(struct iov_cursor *cursor, void *data, size_t len)
{
  char *to = data;
  size_t left = len;

  while (left > 0 && cursor->left > 0) {
    size_t piece;
    const void *at = iov_cursor_piece(cursor, &piece);
    size_t n = left < piece ? left : piece;

    memcpy(to, at, n);
    iov_cursor_advance(cursor, n);
    to += n;
    left -= n;
  }
  return len - left;
}
