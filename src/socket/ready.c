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
};

static const struct row stream_table[] = {
  [SOCK_NEW] = { WRITE | POLLHUP, 0, 0 },
  [SOCK_LISTENING] = { 0, READ, 0 },
  [SOCK_CONNECTING] = { 0, 0, 0 },
  [SOCK_CONNECTED] = { 0, READ, WRITE },
  [SOCK_CLOSED] = { READ | WRITE | POLLRDHUP | POLLHUP, 0, 0 },
};

/* What each half of a connection that is closed adds. */
static const short stream_read_closed = READ | POLLRDHUP;
static const short stream_write_closed = WRITE;
static const short stream_both_closed = POLLHUP;

static const struct row datagram_row = { 0, READ, WRITE };

short
ready_stream(const struct sock *s, bool readable, bool writable)
{
  const struct row *row = &stream_table[s->state];
  bool read_closed = (s->flags & (SOCK_F_EOF | SOCK_F_SHUT_RD)) != 0;
  bool write_closed = (s->flags & SOCK_F_SHUT_WR) != 0;
  int mask = row->always;

  mask |= readable ? row->if_readable : 0;
  mask |= writable ? row->if_writable : 0;
  if (s->state == SOCK_CONNECTED) {
    mask |= read_closed ? stream_read_closed : 0;
    mask |= write_closed ? stream_write_closed : 0;
    mask |= read_closed && write_closed ? stream_both_closed : 0;
  }
  mask |= s->error != 0 ? POLLERR : 0;
  return (short)mask;
}

short
ready_datagram(const struct sock *s, bool readable, bool writable)
{
  bool read_closed = (s->flags & SOCK_F_SHUT_RD) != 0;
  bool write_closed = (s->flags & SOCK_F_SHUT_WR) != 0;
  int mask = datagram_row.always;

  mask |= readable ? datagram_row.if_readable : 0;
  mask |= writable ? datagram_row.if_writable : 0;
  mask |= read_closed ? stream_read_closed : 0;
  mask |= read_closed && write_closed ? stream_both_closed : 0;
  mask |= s->error != 0 ? POLLERR : 0;
  return (short)mask;
}
