/**
 * The one table that says which state of a socket shows as which poll mask.
 *
 * The mask is worked out from the state when somebody asks, so that it can't be stale. The values are Linux's.
 */
#include <poll.h>

#include "socket/ready.h"

#define READ  (POLLIN | POLLRDNORM)
#define WRITE (POLLOUT | POLLWRNORM)

struct row {
  short always;      /* whatever else */
  short if_readable; /* data or a connection waits */
  short if_writable; /* a write would take something */

  /* Each half of a connection that is closed. */
  short if_read_closed;
  short if_write_closed;
  short if_both_closed;

  short if_failed; /* SO_ERROR has something to tell */
};

static const struct row stream_table[] = {
  [SOCK_NEW] = { WRITE | POLLHUP, 0, 0, 0, 0, 0, POLLERR },
  /* What failed was a connection before. */
  [SOCK_LISTENING] = { 0, READ, 0, 0, 0, 0, 0 },
  [SOCK_CONNECTING] = { 0, 0, 0, 0, 0, 0, POLLERR },
  [SOCK_CONNECTED] = { 0, READ, WRITE, READ | POLLRDHUP, WRITE, POLLHUP, POLLERR },
  [SOCK_CLOSED] = { READ | WRITE | POLLRDHUP | POLLHUP, 0, 0, 0, 0, 0, POLLERR },
};

static const struct row datagram_row = { 0, READ, WRITE, READ | POLLRDHUP, 0, POLLHUP, POLLERR };

short
ready_mask(const struct sock *s, bool readable, bool writable)
{
  const struct row *row = s->ops == &stream_ops ? &stream_table[s->state] : &datagram_row;
  int mask = row->always;

  if (readable) {
    mask |= row->if_readable;
  }
  if (writable) {
    mask |= row->if_writable;
  }
  if (s->flags & (SOCK_F_EOF | SOCK_F_SHUT_RD)) {
    mask |= row->if_read_closed;
    mask |= (s->flags & SOCK_F_SHUT_WR) ? row->if_both_closed : 0;
  }
  if (s->flags & SOCK_F_SHUT_WR) {
    mask |= row->if_write_closed;
  }
  if (s->error != 0) {
    mask |= row->if_failed;
  }
  return (short)mask;
}
