/**
 * Every call on a stream socket in every state: its result or errno, what poll() says afterwards, and what the next
 * calls say, must be Linux's.
 */
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

/* --- states --- */

static struct subject
fresh(const struct calls *on)
{
  struct subject s = { on->socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), -1, -1 };

  assert_true(s.fd >= 0);
  return s;
}

static struct subject
bound_only(const struct calls *on)
{
  struct subject s = { bound(on, SOCK_STREAM | SOCK_NONBLOCK), -1, -1 };

  return s;
}

static struct subject
listener(const struct calls *on)
{
  struct subject s = { listening(on, 4), -1, -1 };

  return s;
}

static struct subject
listener_with_connection(const struct calls *on)
{
  struct subject s = { listening(on, 4), -1, -1 };
  struct pollfd p = { s.fd, POLLIN, 0 };

  s.other = connecting_to(on, s.fd);
  assert_int_equal(on->poll(&p, 1, PATIENCE_US / 1000), 1);
  return s;
}

static struct subject
listener_shut_down(const struct calls *on)
{
  struct subject s = listener(on);

  assert_int_equal(on->shutdown(s.fd, SHUT_RD), 0);
  return s;
}

static struct subject
established(const struct calls *on)
{
  struct ends c = connected(on);
  struct subject s = { c.fd, c.peer, -1 };

  return s;
}

static void
wait_for(const struct calls *on, int fd, short events)
{
  struct pollfd p = { fd, events, 0 };

  assert_int_equal(on->poll(&p, 1, PATIENCE_US / 1000), 1);
}

static struct subject
with_data(const struct calls *on)
{
  struct subject s = established(on);

  assert_int_equal(on->sendto(s.other, "data", 4, 0, NULL, 0), 4);
  wait_for(on, s.fd, POLLIN);
  return s;
}

static struct subject
peer_closed(const struct calls *on)
{
  struct subject s = established(on);

  assert_int_equal(on->shutdown(s.other, SHUT_WR), 0);
  wait_for(on, s.fd, POLLIN);
  return s;
}

static struct subject
peer_closed_with_data(const struct calls *on)
{
  struct subject s = with_data(on);

  assert_int_equal(on->shutdown(s.other, SHUT_WR), 0);
  wait_for(on, s.fd, POLLRDHUP);
  return s;
}

static struct subject
shut_for_writing(const struct calls *on)
{
  struct subject s = established(on);

  assert_int_equal(on->shutdown(s.fd, SHUT_WR), 0);
  wait_for(on, s.other, POLLIN);
  return s;
}

static struct subject
shut_for_reading(const struct calls *on)
{
  struct subject s = established(on);

  assert_int_equal(on->shutdown(s.fd, SHUT_RD), 0);
  return s;
}

static struct subject
shut_for_both(const struct calls *on)
{
  struct subject s = established(on);

  assert_int_equal(on->shutdown(s.fd, SHUT_RDWR), 0);
  wait_for(on, s.other, POLLIN);
  return s;
}

static struct subject
both_closed_we_first(const struct calls *on)
{
  struct subject s = shut_for_writing(on);

  assert_int_equal(on->shutdown(s.other, SHUT_WR), 0);
  wait_for(on, s.fd, POLLHUP);
  return s;
}

static struct subject
both_closed_peer_first(const struct calls *on)
{
  struct subject s = peer_closed(on);

  assert_int_equal(on->shutdown(s.fd, SHUT_WR), 0);
  wait_for(on, s.fd, POLLHUP);
  return s;
}

static struct subject
reset_by_peer(const struct calls *on)
{
  struct subject s = established(on);

  close_with_reset(on, s.other);
  s.other = -1;
  wait_for(on, s.fd, POLLERR);
  return s;
}

static struct subject
reset_by_peer_with_data(const struct calls *on)
{
  struct subject s = with_data(on);

  close_with_reset(on, s.other);
  s.other = -1;
  wait_for(on, s.fd, POLLERR);
  return s;
}

static struct subject
reset_after_fin(const struct calls *on)
{
  struct subject s = peer_closed(on);

  /* Who has closed altogether answers data with RST. */
  on->close(s.other);
  s.other = -1;
  assert_int_equal(on->sendto(s.fd, "x", 1, 0, NULL, 0), 1);
  wait_for(on, s.fd, POLLERR);
  return s;
}

static struct subject
reset_and_told(const struct calls *on)
{
  struct subject s = reset_by_peer(on);
  char buf[1];

  assert_int_equal(on->recvfrom(s.fd, buf, 1, 0, NULL, NULL), -1);
  assert_int_equal(errno, ECONNRESET);
  return s;
}

static struct subject
refused(const struct calls *on)
{
  struct subject s = fresh(on);
  int nobody = bound(on, SOCK_STREAM);

  assert_int_equal(connect_to(on, s.fd, nobody), -1);
  if (errno == EINPROGRESS) {
    wait_for(on, s.fd, POLLERR);
  } else {
    /* Over the kernel's loopback the answer may come before connect() returns. */
    fail_msg("%s", strerrorname_np(errno));
  }
  on->close(nobody);
  return s;
}

static struct subject
refused_and_told(const struct calls *on)
{
  struct subject s = refused(on);
  int error;
  socklen_t len = sizeof(error);

  assert_int_equal(on->getsockopt(s.fd, SOL_SOCKET, SO_ERROR, &error, &len), 0);
  assert_int_equal(error, ECONNREFUSED);
  return s;
}

static struct subject
connecting(const struct calls *on)
{
  struct subject s = { -1, listening(on, 1), -1 };
  int queued = on == &kernel ? 2 : 1;
  int i;

  /* Beyond the backlog nobody answers. */
  for (i = 0; i < queued; i++) {
    s.third = connecting_to(on, s.other);
    wait_for(on, s.third, POLLOUT);
    assert_true(backlog_fds[i] < 0);
    backlog_fds[i] = s.third;
  }
  s.third = -1;
  s.fd = connecting_to(on, s.other);
  return s;
}

static struct subject
closed(const struct calls *on)
{
  struct subject s = fresh(on);

  on->close(s.fd);
  return s;
}

/* --- calls --- */

static char buffer[64];

static void
call_bind(struct run *r, struct subject *s)
{
  struct sockaddr_in in = loopback(0);

  note(r, "bind", r->on->bind(s->fd, (struct sockaddr *)&in, sizeof(in)));
}

static void
call_bind_short(struct run *r, struct subject *s)
{
  struct sockaddr_in in = loopback(0);

  note(r, "bind to a short address", r->on->bind(s->fd, (struct sockaddr *)&in, 4));
}

static void
call_listen(struct run *r, struct subject *s)
{
  note(r, "listen", r->on->listen(s->fd, 4));
}

static void
call_accept(struct run *r, struct subject *s)
{
  s->third = note_ok(r, "accept", r->on->accept(s->fd, NULL, NULL));
}

static void
call_connect(struct run *r, struct subject *s)
{
  /* To ourselves: there it is refused, if it is tried. */
  struct sockaddr_in in = loopback(9);

  note(r, "connect", r->on->connect(s->fd, (struct sockaddr *)&in, sizeof(in)));
}

static void
call_connect_nowhere(struct run *r, struct subject *s)
{
  struct sockaddr none = { .sa_family = AF_UNSPEC };

  note(r, "connect AF_UNSPEC", r->on->connect(s->fd, &none, sizeof(none)));
}

static void
call_send(struct run *r, struct subject *s)
{
  note(r, "send", r->on->sendto(s->fd, "hello", 5, 0, NULL, 0));
}

static void
call_send_nothing(struct run *r, struct subject *s)
{
  note(r, "send nothing", r->on->sendto(s->fd, "", 0, 0, NULL, 0));
}

static void
call_recv(struct run *r, struct subject *s)
{
  note(r, "recv", r->on->recvfrom(s->fd, buffer, sizeof(buffer), 0, NULL, NULL));
}

static void
call_recv_part(struct run *r, struct subject *s)
{
  note(r, "recv 2", r->on->recvfrom(s->fd, buffer, 2, 0, NULL, NULL));
}

static void
call_recv_peek(struct run *r, struct subject *s)
{
  note(r, "recv MSG_PEEK", r->on->recvfrom(s->fd, buffer, sizeof(buffer), MSG_PEEK, NULL, NULL));
}

static void
call_recv_waitall(struct run *r, struct subject *s)
{
  note(r, "recv MSG_WAITALL", r->on->recvfrom(s->fd, buffer, sizeof(buffer), MSG_WAITALL, NULL, NULL));
}

static void
call_recv_trunc(struct run *r, struct subject *s)
{
  note(r, "recv MSG_TRUNC", r->on->recvfrom(s->fd, buffer, 3, MSG_TRUNC, NULL, NULL));
}

static void
call_recv_oob(struct run *r, struct subject *s)
{
  note(r, "recv MSG_OOB", r->on->recvfrom(s->fd, buffer, sizeof(buffer), MSG_OOB, NULL, NULL));
}

static void
call_recvfrom(struct run *r, struct subject *s)
{
  struct sockaddr_storage from;
  socklen_t len = sizeof(from);

  note(r, "recvfrom", r->on->recvfrom(s->fd, buffer, sizeof(buffer), 0, (struct sockaddr *)&from, &len));
}

static void
call_shutdown_read(struct run *r, struct subject *s)
{
  note(r, "shutdown SHUT_RD", r->on->shutdown(s->fd, SHUT_RD));
}

static void
call_shutdown_write(struct run *r, struct subject *s)
{
  note(r, "shutdown SHUT_WR", r->on->shutdown(s->fd, SHUT_WR));
}

static void
call_shutdown_both(struct run *r, struct subject *s)
{
  note(r, "shutdown SHUT_RDWR", r->on->shutdown(s->fd, SHUT_RDWR));
}

static void
call_shutdown_wrong(struct run *r, struct subject *s)
{
  note(r, "shutdown 7", r->on->shutdown(s->fd, 7));
}

static void
call_getsockname(struct run *r, struct subject *s)
{
  struct sockaddr_in in;
  socklen_t len = sizeof(in);

  if (note(r, "getsockname", r->on->getsockname(s->fd, (struct sockaddr *)&in, &len)) == 0) {
    note_text(r, "family %d length %u port %s addr %s\n", in.sin_family, len, in.sin_port != 0 ? "some" : "none",
              inet_ntoa(in.sin_addr));
  }
}

static void
call_getpeername(struct run *r, struct subject *s)
{
  struct sockaddr_in in;
  socklen_t len = sizeof(in);

  if (note(r, "getpeername", r->on->getpeername(s->fd, (struct sockaddr *)&in, &len)) == 0) {
    note_text(r, "family %d length %u addr %s\n", in.sin_family, len, inet_ntoa(in.sin_addr));
  }
}

static void
note_int_option(struct run *r, int fd, const char *what, int level, int name)
{
  int value = -1;
  socklen_t len = sizeof(value);

  if (note(r, what, r->on->getsockopt(fd, level, name, &value, &len)) == 0) {
    note_text(r, "is %d in %u\n", value, len);
  }
}

static void
call_so_error(struct run *r, struct subject *s)
{
  note_int_option(r, s->fd, "SO_ERROR", SOL_SOCKET, SO_ERROR);
}

static void
call_so_acceptconn(struct run *r, struct subject *s)
{
  note_int_option(r, s->fd, "SO_ACCEPTCONN", SOL_SOCKET, SO_ACCEPTCONN);
}

static void
call_set_nodelay(struct run *r, struct subject *s)
{
  int one = 1;

  note(r, "TCP_NODELAY", r->on->setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)));
  note_int_option(r, s->fd, "TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY);
}

static void
call_set_keepidle(struct run *r, struct subject *s)
{
  int value = 77;

  note(r, "TCP_KEEPIDLE", r->on->setsockopt(s->fd, IPPROTO_TCP, TCP_KEEPIDLE, &value, sizeof(value)));
  note_int_option(r, s->fd, "TCP_KEEPIDLE", IPPROTO_TCP, TCP_KEEPIDLE);
}

static void
call_set_keepalive(struct run *r, struct subject *s)
{
  int one = 1;

  note(r, "SO_KEEPALIVE", r->on->setsockopt(s->fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one)));
  note_int_option(r, s->fd, "SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE);
}

static void
call_set_ttl(struct run *r, struct subject *s)
{
  int value = 33;

  note(r, "IP_TTL", r->on->setsockopt(s->fd, IPPROTO_IP, IP_TTL, &value, sizeof(value)));
  note_int_option(r, s->fd, "IP_TTL", IPPROTO_IP, IP_TTL);
}

static void
call_fionread(struct run *r, struct subject *s)
{
  int value = -1;

  if (note(r, "FIONREAD", r->on->ioctl_int(s->fd, FIONREAD, &value)) == 0) {
    note_text(r, "is %d\n", value);
  }
}

static void
call_fcntl(struct run *r, struct subject *s)
{
  int flags = r->on->fcntl_int(s->fd, F_GETFL, 0);

  note(r, "F_GETFL", flags < 0 ? flags : flags & (O_NONBLOCK | O_ACCMODE));
}

static void
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
  SHUTDOWN /* one that fails changes nothing: Linux says ENOTCONN, but shuts the socket for what comes later */
};

static bring_about *state_under_test;
static enum left_out left_out;

static bool
is_left_out(one_call *call)
{
  switch (left_out) {
  case BIND:
    return call == call_bind;
  case PORT:
    return call == call_shutdown_read || call == call_shutdown_both || call == call_getsockname;
  case SHUTDOWN:
    return call == call_shutdown_read || call == call_shutdown_both;
  default:
    return false;
  }
}

static void
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

static void
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

TEST(test_new_every_call_as_linux, fresh, SHUTDOWN)
TEST(test_bound_every_call_as_linux, bound_only, SHUTDOWN)
TEST(test_listening_every_call_as_linux, listener, NOTHING)
TEST(test_listening_with_connection_every_call_as_linux, listener_with_connection, NOTHING)
TEST(test_listening_shut_down_every_call_as_linux, listener_shut_down, PORT)
TEST(test_established_every_call_as_linux, established, NOTHING)
TEST(test_data_queued_every_call_as_linux, with_data, NOTHING)
TEST(test_peer_closed_every_call_as_linux, peer_closed, NOTHING)
TEST(test_peer_closed_data_queued_every_call_as_linux, peer_closed_with_data, NOTHING)
TEST(test_shut_for_writing_every_call_as_linux, shut_for_writing, NOTHING)
TEST(test_shut_for_reading_every_call_as_linux, shut_for_reading, NOTHING)
TEST(test_shut_for_both_every_call_as_linux, shut_for_both, NOTHING)
TEST(test_both_closed_we_first_every_call_as_linux, both_closed_we_first, BIND)
TEST(test_both_closed_peer_first_every_call_as_linux, both_closed_peer_first, BIND)
TEST(test_reset_every_call_as_linux, reset_by_peer, BIND)
TEST(test_reset_data_queued_every_call_as_linux, reset_by_peer_with_data, BIND)
TEST(test_reset_after_fin_every_call_as_linux, reset_after_fin, BIND)
TEST(test_reset_told_every_call_as_linux, reset_and_told, BIND)
TEST(test_refused_every_call_as_linux, refused, BIND)
TEST(test_refused_told_every_call_as_linux, refused_and_told, BIND)
TEST(test_connecting_every_call_as_linux, connecting, NOTHING)
TEST(test_closed_every_call_as_linux, closed, NOTHING)

int
main(void)
{
  const struct CMUnitTest tests[] = {
    leak_free(test_new_every_call_as_linux),
    leak_free(test_bound_every_call_as_linux),
    leak_free(test_listening_every_call_as_linux),
    leak_free(test_listening_with_connection_every_call_as_linux),
    leak_free(test_listening_shut_down_every_call_as_linux),
    leak_free(test_established_every_call_as_linux),
    leak_free(test_data_queued_every_call_as_linux),
    leak_free(test_peer_closed_every_call_as_linux),
    leak_free(test_peer_closed_data_queued_every_call_as_linux),
    leak_free(test_shut_for_writing_every_call_as_linux),
    leak_free(test_shut_for_reading_every_call_as_linux),
    leak_free(test_shut_for_both_every_call_as_linux),
    leak_free(test_both_closed_we_first_every_call_as_linux),
    leak_free(test_both_closed_peer_first_every_call_as_linux),
    leak_free(test_reset_every_call_as_linux),
    leak_free(test_reset_data_queued_every_call_as_linux),
    leak_free(test_reset_after_fin_every_call_as_linux),
    leak_free(test_reset_told_every_call_as_linux),
    leak_free(test_refused_every_call_as_linux),
    leak_free(test_refused_told_every_call_as_linux),
    leak_free(test_connecting_every_call_as_linux),
    leak_free(test_closed_every_call_as_linux),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
