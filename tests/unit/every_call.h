/**
 * Every call on a socket in some state: what it says, what poll() says before and after it, and what the next calls
 * say. Run on the kernel's sockets and on ours, it must be the same.
 */
#ifndef TESTS_EVERY_CALL_H
#define TESTS_EVERY_CALL_H

#include "calls.h"

#include <netinet/tcp.h>

/* A socket in some state, and what has to be closed beside it. */
struct subject {
  int fd;
  int other;
  int third;
};

typedef struct subject bring_about(const struct calls *on);
typedef void one_call(struct run *r, struct subject *s);

/* Connections that fill a queue. */
static int backlog_fds[2] = { -1, -1 };

static inline void
wait_for(const struct calls *on, int fd, short events)
{
  struct pollfd p = { fd, events, 0 };

  assert_int_equal(on->poll(&p, 1, PATIENCE_US / 1000), 1);
}

/* --- calls --- */

static char buffer[64];

static inline void
call_bind(struct run *r, struct subject *s)
{
  struct sockaddr_in in = loopback(0);

  note(r, "bind", r->on->bind(s->fd, (struct sockaddr *)&in, sizeof(in)));
}

static inline void
call_bind_short(struct run *r, struct subject *s)
{
  struct sockaddr_in in = loopback(0);

  note(r, "bind to a short address", r->on->bind(s->fd, (struct sockaddr *)&in, 4));
}

static inline void
call_listen(struct run *r, struct subject *s)
{
  note(r, "listen", r->on->listen(s->fd, 4));
}

static inline void
call_accept(struct run *r, struct subject *s)
{
  s->third = note_ok(r, "accept", r->on->accept(s->fd, NULL, NULL));
}

static inline void
call_connect(struct run *r, struct subject *s)
{
  /* To ourselves: there it is refused, if it is tried. */
  struct sockaddr_in in = loopback(9);

  note(r, "connect", r->on->connect(s->fd, (struct sockaddr *)&in, sizeof(in)));
}

static inline void
call_connect_nowhere(struct run *r, struct subject *s)
{
  struct sockaddr none = { .sa_family = AF_UNSPEC };

  note(r, "connect AF_UNSPEC", r->on->connect(s->fd, &none, sizeof(none)));
}

static inline void
call_send(struct run *r, struct subject *s)
{
  note(r, "send", r->on->sendto(s->fd, "hello", 5, 0, NULL, 0));
}

static inline void
call_send_nothing(struct run *r, struct subject *s)
{
  note(r, "send nothing", r->on->sendto(s->fd, "", 0, 0, NULL, 0));
}

static inline void
call_recv(struct run *r, struct subject *s)
{
  note(r, "recv", r->on->recvfrom(s->fd, buffer, sizeof(buffer), 0, NULL, NULL));
}

static inline void
call_recv_part(struct run *r, struct subject *s)
{
  note(r, "recv 2", r->on->recvfrom(s->fd, buffer, 2, 0, NULL, NULL));
}

static inline void
call_recv_peek(struct run *r, struct subject *s)
{
  note(r, "recv MSG_PEEK", r->on->recvfrom(s->fd, buffer, sizeof(buffer), MSG_PEEK, NULL, NULL));
}

static inline void
call_recv_waitall(struct run *r, struct subject *s)
{
  note(r, "recv MSG_WAITALL", r->on->recvfrom(s->fd, buffer, sizeof(buffer), MSG_WAITALL, NULL, NULL));
}

static inline void
call_recv_trunc(struct run *r, struct subject *s)
{
  note(r, "recv MSG_TRUNC", r->on->recvfrom(s->fd, buffer, 3, MSG_TRUNC, NULL, NULL));
}

static inline void
call_recv_oob(struct run *r, struct subject *s)
{
  note(r, "recv MSG_OOB", r->on->recvfrom(s->fd, buffer, sizeof(buffer), MSG_OOB, NULL, NULL));
}

static inline void
call_recvfrom(struct run *r, struct subject *s)
{
  struct sockaddr_storage from;
  socklen_t len = sizeof(from);

  note(r, "recvfrom", r->on->recvfrom(s->fd, buffer, sizeof(buffer), 0, (struct sockaddr *)&from, &len));
}

static inline void
call_shutdown_read(struct run *r, struct subject *s)
{
  note(r, "shutdown SHUT_RD", r->on->shutdown(s->fd, SHUT_RD));
}

static inline void
call_shutdown_write(struct run *r, struct subject *s)
{
  note(r, "shutdown SHUT_WR", r->on->shutdown(s->fd, SHUT_WR));
}

static inline void
call_shutdown_both(struct run *r, struct subject *s)
{
  note(r, "shutdown SHUT_RDWR", r->on->shutdown(s->fd, SHUT_RDWR));
}

static inline void
call_shutdown_wrong(struct run *r, struct subject *s)
{
  note(r, "shutdown 7", r->on->shutdown(s->fd, 7));
}

static inline void
call_getsockname(struct run *r, struct subject *s)
{
  struct sockaddr_in in;
  socklen_t len = sizeof(in);

  if (note(r, "getsockname", r->on->getsockname(s->fd, (struct sockaddr *)&in, &len)) == 0) {
    note_text(r, "family %d length %u port %s addr %s\n", in.sin_family, len, in.sin_port != 0 ? "some" : "none",
              inet_ntoa(in.sin_addr));
  }
}

static inline void
call_getpeername(struct run *r, struct subject *s)
{
  struct sockaddr_in in;
  socklen_t len = sizeof(in);

  if (note(r, "getpeername", r->on->getpeername(s->fd, (struct sockaddr *)&in, &len)) == 0) {
    note_text(r, "family %d length %u addr %s\n", in.sin_family, len, inet_ntoa(in.sin_addr));
  }
}

static inline void
note_int_option(struct run *r, int fd, const char *what, int level, int name)
{
  int value = -1;
  socklen_t len = sizeof(value);

  if (note(r, what, r->on->getsockopt(fd, level, name, &value, &len)) == 0) {
    note_text(r, "is %d in %u\n", value, len);
  }
}

static inline void
call_so_error(struct run *r, struct subject *s)
{
  note_int_option(r, s->fd, "SO_ERROR", SOL_SOCKET, SO_ERROR);
}

static inline void
call_so_acceptconn(struct run *r, struct subject *s)
{
  note_int_option(r, s->fd, "SO_ACCEPTCONN", SOL_SOCKET, SO_ACCEPTCONN);
}

static inline void
call_set_nodelay(struct run *r, struct subject *s)
{
  int one = 1;

  note(r, "TCP_NODELAY", r->on->setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)));
  note_int_option(r, s->fd, "TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY);
}

static inline void
call_set_keepidle(struct run *r, struct subject *s)
{
  int value = 77;

  note(r, "TCP_KEEPIDLE", r->on->setsockopt(s->fd, IPPROTO_TCP, TCP_KEEPIDLE, &value, sizeof(value)));
  note_int_option(r, s->fd, "TCP_KEEPIDLE", IPPROTO_TCP, TCP_KEEPIDLE);
}

static inline void
call_set_keepalive(struct run *r, struct subject *s)
{
  int one = 1;

  note(r, "SO_KEEPALIVE", r->on->setsockopt(s->fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one)));
  note_int_option(r, s->fd, "SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE);
}

static inline void
call_set_ttl(struct run *r, struct subject *s)
{
  int value = 33;

  note(r, "IP_TTL", r->on->setsockopt(s->fd, IPPROTO_IP, IP_TTL, &value, sizeof(value)));
  note_int_option(r, s->fd, "IP_TTL", IPPROTO_IP, IP_TTL);
}

static inline void
call_fionread(struct run *r, struct subject *s)
{
  int value = -1;

  if (note(r, "FIONREAD", r->on->ioctl_int(s->fd, FIONREAD, &value)) == 0) {
    note_text(r, "is %d\n", value);
  }
}

static inline void
call_fcntl(struct run *r, struct subject *s)
{
  int flags = r->on->fcntl_int(s->fd, F_GETFL, 0);

  note(r, "F_GETFL", flags < 0 ? flags : flags & (O_NONBLOCK | O_ACCMODE));
}

static inline void
call_close(struct run *r, struct subject *s)
{
  note(r, "close", r->on->close(s->fd));
}

#define CALL(name)              \
  {                             \
    "[" #name "] ", call_##name \
  }

static const struct {
  const char *name;
  one_call *call;
} calls[] = {
  CALL(bind),           CALL(bind_short),      CALL(listen),         CALL(accept),
  CALL(connect),        CALL(connect_nowhere), CALL(send),           CALL(send_nothing),
  CALL(recv),           CALL(recv_part),       CALL(recv_peek),      CALL(recv_waitall),
  CALL(recv_trunc),     CALL(recv_oob),        CALL(recvfrom),       CALL(shutdown_read),
  CALL(shutdown_write), CALL(shutdown_both),   CALL(shutdown_wrong), CALL(getsockname),
  CALL(getpeername),    CALL(so_error),        CALL(so_acceptconn),  CALL(set_nodelay),
  CALL(set_keepidle),   CALL(set_keepalive),   CALL(set_ttl),        CALL(fionread),
  CALL(fcntl),          CALL(close),
};

/* --- the walk --- */

/* What differs from Linux on purpose. */
enum left_out {
  NOTHING,
  BIND,    /* one that was connected can't be bound again: Linux allows it once the connection is gone */
  PORT,    /* as SHUTDOWN, and the port that was freed is not told any more */
  OPTIONS, /* an option of another type of socket does not exist (POSIX): Linux says EOPNOTSUPP */
  BOTH,    /* SHUTDOWN and OPTIONS */
  SHUTDOWN /* one that fails changes nothing: Linux says ENOTCONN, but shuts the socket for what comes later */
};

static bring_about *state_under_test;
static enum left_out left_out;

static inline bool
is_left_out(one_call *call)
{
  switch (left_out) {
  case BIND:
    return call == call_bind;
  case PORT:
    return call == call_shutdown_read || call == call_shutdown_both || call == call_getsockname;
  case OPTIONS:
    return call == call_set_nodelay || call == call_set_keepidle;
  case BOTH:
    return call == call_shutdown_read || call == call_shutdown_both || call == call_set_nodelay ||
           call == call_set_keepidle;
  case SHUTDOWN:
    return call == call_shutdown_read || call == call_shutdown_both;
  default:
    return false;
  }
}

static inline void
close_subject(const struct calls *on, const struct subject *s)
{
  unsigned i;

  on->close(s->fd);
  if (s->other >= 0) {
    on->close(s->other);
  }
  if (s->third >= 0) {
    on->close(s->third);
  }
  for (i = 0; i < 2; i++) {
    if (backlog_fds[i] >= 0) {
      on->close(backlog_fds[i]);
      backlog_fds[i] = -1;
    }
  }
}

static inline void
every_call(struct run *r)
{
  unsigned i;

  for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
    struct subject s;

    if (is_left_out(calls[i].call)) {
      continue;
    }
    s = state_under_test(r->on);
    r->where = calls[i].name;
    note_poll(r, "before", s.fd);
    calls[i].call(r, &s);
    note_poll(r, "after", s.fd);
    call_recv(r, &s);
    call_so_error(r, &s);
    call_recv(r, &s);
    call_send(r, &s);
    close_subject(r->on, &s);
  }
}

#define TEST(name, bring, without) \
  static void name(void **state)   \
  {                                \
    (void)state;                   \
    state_under_test = bring;      \
    left_out = without;            \
    both(every_call);              \
  }

#endif /* TESTS_EVERY_CALL_H */
