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
settle(struct iov_cursor *cursor)
{
  while (cursor->left > 0 && cursor->offset >= cursor->iov->iov_len) {
    cursor->offset -= cursor->iov->iov_len;
    cursor->iov++;
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
  settle(cursor);
  return 0;
}

void
iov_cursor_advance(struct iov_cursor *cursor, size_t len)
{
  len = len < cursor->left ? len : cursor->left;
  cursor->offset += len;
  cursor->left -= len;
  settle(cursor);
}

/* Copy between the cursor and @p data, which is only read from when it goes to the cursor. */
static size_t
copy(struct iov_cursor *cursor, char *data, size_t len, bool to_cursor)
{
  size_t left = len;

  while (left > 0 && cursor->left > 0) {
    size_t piece;
    char *at = iov_cursor_piece(cursor, &piece);
    size_t n = left < piece ? left : piece;

    memcpy(to_cursor ? at : data, to_cursor ? data : at, n);
    iov_cursor_advance(cursor, n);
    data += n;
    left -= n;
  }
  return len - left;
}

size_t
iov_cursor_write_pieces(struct iov_cursor *cursor, const void *data, size_t len)
{
  return copy(cursor, (char *)(uintptr_t)data, len, true);
}

size_t
iov_cursor_read(struct iov_cursor *cursor, void *data, size_t len)
{
  return copy(cursor, data, len, false);
}
