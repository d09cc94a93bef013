/**
 * Random sequences of calls on a handful of sockets, the same on the kernel's and on ours.
 *
 * After each call both are given time until they agree on what can be seen: what the call said, poll(), and how much can
 * be read. What does not agree in the end is a difference.
 */
#ifndef TESTS_RANDOM_CALLS_H
#define TESTS_RANDOM_CALLS_H

#include <netinet/tcp.h>
#include <time.h>

#include "calls.h"

#define SLOTS      6
#define STEPS_MOST 40

/* Fewer than any listener here queues: what Linux does beyond is a matter of time. */
#define BACKLOG 5

/* A port on which nobody is. */
#define NOBODY 9

enum action {
  OPEN_STREAM,
  OPEN_DATAGRAM,
  BIND,
  BIND_TO_THE_SAME,
  LISTEN,
  CONNECT,
  DISCONNECT,
  ACCEPT,
  SEND,
  SENDTO,
  RECV,
  SHUTDOWN,
  CLOSE,
  RESET,
  NAMES,
  GET_OPTION,
  SET_OPTION,
};

static const char *const action_names[] = {
  "open a stream socket",
  "open a datagram socket",
  "bind",
  "bind as",
  "listen",
  "connect to",
  "connect AF_UNSPEC",
  "accept as",
  "send",
  "sendto",
  "recv",
  "shutdown",
  "close",
  "close with RST",
  "getsockname, getpeername",
  "getsockopt",
  "setsockopt",
};

struct step {
  uint8_t action;
  uint8_t slot;
  uint8_t other; /* another slot, where the action has one */
  uint8_t arg;
};

struct sequence {
  unsigned count;
  struct step steps[STEPS_MOST];
};

/* One of the two, and what it said last. */
struct side {
  const struct calls *on;
  int fds[SLOTS];
  char said[256];
  char seen[256];
};

/* What both have in common. */
static struct {
  struct {
    bool open;
    bool stream;
    bool bound; /* to a port that it named */
    bool listening;
    bool connected;  /* or was, or tried to be */
    bool botched;    /* bind() failed: Linux forgets the address that it had before */
    bool over;       /* connecting failed, and it was told */
    bool spent;      /* shut after it failed: can only be closed */
    bool stale;      /* unbound again: Linux goes on telling the port that it had */
    unsigned queued; /* connections, at most */
  } slots[SLOTS];
  unsigned sent; /* bytes, so that no two are alike */
} model;

static const struct {
  const char *name;
  int level;
  int option;
} options[] = {
  { "SO_ERROR", SOL_SOCKET, SO_ERROR },
  { "SO_TYPE", SOL_SOCKET, SO_TYPE },
  { "SO_ACCEPTCONN", SOL_SOCKET, SO_ACCEPTCONN },
  { "SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR },
  { "SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE },
  { "SO_BROADCAST", SOL_SOCKET, SO_BROADCAST },
  { "TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY },
  { "TCP_KEEPIDLE", IPPROTO_TCP, TCP_KEEPIDLE },
  { "TCP_KEEPCNT", IPPROTO_TCP, TCP_KEEPCNT },
  { "IP_TTL", IPPROTO_IP, IP_TTL },
  { "IP_TOS", IPPROTO_IP, IP_TOS },
  { "SO_LINGER", SOL_SOCKET, SO_LINGER },
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))

static const int recv_flags[] = { 0, 0, 0, MSG_PEEK, MSG_WAITALL, MSG_TRUNC, MSG_DONTWAIT, MSG_PEEK | MSG_TRUNC };

#define RECV_FLAGS (sizeof(recv_flags) / sizeof(recv_flags[0]))

/* --- which steps have a meaning --- */

/* Whether a step can be compared as things are. What is left out differs from Linux on purpose (docs/socket-states.md),
 * or is a matter of time or of the machine. */
static inline bool
applies(const struct step *step)
{
  bool open = model.slots[step->slot].open;
  bool stream = model.slots[step->slot].stream;
  /* A connection that is over stays over. */
  bool may_bind = !(stream && (model.slots[step->slot].connected || model.slots[step->slot].over));

  if (model.slots[step->slot].spent) {
    return step->action == CLOSE || step->action == RESET;
  }
  switch (step->action) {
  case OPEN_STREAM:
  case OPEN_DATAGRAM:
    return !open;
  case BIND:
    return may_bind;
  case BIND_TO_THE_SAME:
    /* The port of a connection is free once that has ended, and anybody may have got it. */
    return may_bind && !(stream && model.slots[step->other].connected);
  case CONNECT:
    return !stream || model.slots[step->other].queued < BACKLOG - 1;
  case ACCEPT:
    return !model.slots[step->other].open;
  case NAMES:
    return !model.slots[step->slot].stale && !model.slots[step->slot].botched;
  case SHUTDOWN:
    /* One that fails changes nothing: on Linux it says ENOTCONN, and shuts the socket for what comes later. */
    return !open || model.slots[step->slot].connected || model.slots[step->slot].listening;
  default:
    return true;
  }
}

/* --- a step on one side --- */

static inline void __attribute__((format(printf, 2, 3))) say(struct side *side, const char *format, ...)
{
  size_t length = strlen(side->said);
  va_list args;

  va_start(args, format);
  vsnprintf(side->said + length, sizeof(side->said) - length, format, args);
  va_end(args);
}

static inline long
say_result(struct side *side, long result)
{
  if (result < 0) {
    say(side, "%s ", strerrorname_np(errno));
  } else {
    say(side, "%ld ", result);
  }
  return result;
}

static inline bool
own_name(const struct side *side, unsigned slot, struct sockaddr_in *in)
{
  socklen_t len = sizeof(*in);

  return side->fds[slot] >= 0 && !model.slots[slot].stale && !model.slots[slot].botched &&
         side->on->getsockname(side->fds[slot], (struct sockaddr *)in, &len) == 0;
}

/* A name by the socket that has it. */
static inline void
say_name(struct side *side, const struct sockaddr_in *in, bool stream)
{
  struct sockaddr_in own;
  unsigned i;

  for (i = 0; i < SLOTS; i++) {
    if (in->sin_port != 0 && model.slots[i].stream == stream && own_name(side, i, &own) &&
        own.sin_port == in->sin_port) {
      say(side, "%s port of %u ", inet_ntoa(in->sin_addr), i);
      return;
    }
  }
  say(side, "%s%s ", inet_ntoa(in->sin_addr), in->sin_port != 0 ? " some port" : "");
}

/* The address of another socket if it is of the same type and has one, else of nobody. */
static inline struct sockaddr_in
target(const struct side *side, const struct step *step)
{
  struct sockaddr_in in;

  if (model.slots[step->other].open && model.slots[step->other].stream == model.slots[step->slot].stream &&
      own_name(side, step->other, &in) && in.sin_port != 0) {
    return in;
  }
  return loopback(NOBODY);
}

static inline void
do_open(struct side *side, const struct step *step)
{
  int type = step->action == OPEN_STREAM ? SOCK_STREAM : SOCK_DGRAM;
  int one = 1;
  int fd = side->on->socket(AF_INET, type | SOCK_NONBLOCK, 0);

  assert_true(fd >= 0);
  if (type == SOCK_STREAM) {
    /* Nagle's algorithm would make it a matter of time. */
    assert_int_equal(side->on->setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)), 0);
  }
  side->fds[step->slot] = fd;
}

static inline void
do_accept(struct side *side, const struct step *step)
{
  struct sockaddr_in in;
  socklen_t len = sizeof(in);
  int fd = side->on->accept(side->fds[step->slot], (struct sockaddr *)&in, &len);

  say_result(side, fd < 0 ? fd : 0);
  if (fd >= 0) {
    say_name(side, &in, true);
    assert_int_equal(side->on->fcntl_int(fd, F_SETFL, O_NONBLOCK), 0);
  }
  side->fds[step->other] = fd;
}

static inline void
do_send(struct side *side, const struct step *step)
{
  static uint8_t data[1024];
  struct sockaddr_in in = target(side, step);
  size_t len = (size_t)step->arg * 4;
  bool to = step->action == SENDTO;
  size_t i;

  for (i = 0; i < len; i++) {
    data[i] = (uint8_t)(model.sent + i);
  }
  say_result(side, side->on->sendto(side->fds[step->slot], data, len, 0, to ? (struct sockaddr *)&in : NULL,
                                    to ? sizeof(in) : 0));
}

static inline void
do_recv(struct side *side, const struct step *step)
{
  static uint8_t data[1024];
  struct sockaddr_in in = { 0 };
  socklen_t len = sizeof(in);
  bool stream = model.slots[step->slot].stream;
  ssize_t n = side->on->recvfrom(side->fds[step->slot], data, (size_t)step->other * 150,
                                 recv_flags[step->arg % RECV_FLAGS], (struct sockaddr *)&in, &len);
  uint32_t hash = 2166136261u;
  ssize_t i;

  say_result(side, n);
  if (n > 0 && !(stream && (recv_flags[step->arg % RECV_FLAGS] & MSG_TRUNC))) {
    for (i = 0; i < n && i < step->other * 150; i++) {
      hash = (hash ^ data[i]) * 16777619u;
    }
    say(side, "data %08x ", hash);
  }
  if (n >= 0 && !stream) {
    say_name(side, &in, stream);
  }
}

static inline void
do_names(struct side *side, const struct step *step)
{
  struct sockaddr_in in;
  socklen_t len = sizeof(in);
  bool stream = model.slots[step->slot].stream;

  if (say_result(side, side->on->getsockname(side->fds[step->slot], (struct sockaddr *)&in, &len)) == 0) {
    say_name(side, &in, stream);
  }
  len = sizeof(in);
  if (say_result(side, side->on->getpeername(side->fds[step->slot], (struct sockaddr *)&in, &len)) == 0) {
    say_name(side, &in, stream);
  }
}

static inline void
do_get_option(struct side *side, const struct step *step)
{
  int value[2] = { -1, -1 };
  socklen_t len = sizeof(value);

  if (say_result(side, side->on->getsockopt(side->fds[step->slot], options[step->arg % OPTIONS].level,
                                            options[step->arg % OPTIONS].option, value, &len)) == 0) {
    say(side, "%d %d in %u ", value[0], value[1], len);
  }
}

static inline void
do_set_option(struct side *side, const struct step *step)
{
  int value = step->arg / OPTIONS;
  int linger[2] = { 0, value };
  bool two = options[step->arg % OPTIONS].option == SO_LINGER;

  say_result(side, side->on->setsockopt(side->fds[step->slot], options[step->arg % OPTIONS].level,
                                        options[step->arg % OPTIONS].option, two ? linger : &value,
                                        two ? sizeof(linger) : sizeof(value)));
}

static inline void
do_close(struct side *side, const struct step *step)
{
  struct linger linger = { 1, 0 };

  if (step->action == RESET) {
    say_result(side, side->on->setsockopt(side->fds[step->slot], SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
  }
  say_result(side, side->on->close(side->fds[step->slot]));
  side->fds[step->slot] = -1;
}

static inline void
do_step(struct side *side, const struct step *step)
{
  static const struct sockaddr none = { .sa_family = AF_UNSPEC };
  struct sockaddr_in in;
  int fd = side->fds[step->slot];

  side->said[0] = '\0';
  switch (step->action) {
  case OPEN_STREAM:
  case OPEN_DATAGRAM:
    do_open(side, step);
    break;
  case BIND:
    in = loopback(0);
    say_result(side, side->on->bind(fd, (struct sockaddr *)&in, sizeof(in)));
    break;
  case BIND_TO_THE_SAME:
    in = target(side, step);
    in.sin_port = in.sin_port == htons(NOBODY) ? 0 : in.sin_port;
    say_result(side, side->on->bind(fd, (struct sockaddr *)&in, sizeof(in)));
    break;
  case LISTEN:
    say_result(side, side->on->listen(fd, BACKLOG));
    break;
  case CONNECT:
    in = target(side, step);
    say_result(side, side->on->connect(fd, (struct sockaddr *)&in, sizeof(in)));
    break;
  case DISCONNECT:
    say_result(side, side->on->connect(fd, &none, sizeof(none)));
    break;
  case ACCEPT:
    do_accept(side, step);
    break;
  case SEND:
  case SENDTO:
    do_send(side, step);
    break;
  case RECV:
    do_recv(side, step);
    break;
  case SHUTDOWN:
    say_result(side, side->on->shutdown(fd, step->arg % 4));
    break;
  case NAMES:
    do_names(side, step);
    break;
  case GET_OPTION:
    do_get_option(side, step);
    break;
  case SET_OPTION:
    do_set_option(side, step);
    break;
  default:
    do_close(side, step);
    break;
  }
}

/* What a step that both took alike has changed. */
static inline void
follow(const struct step *step, const struct side *side)
{
  bool done = strncmp(side->said, "0 ", 2) == 0;

  switch (step->action) {
  case OPEN_STREAM:
  case OPEN_DATAGRAM:
    memset(&model.slots[step->slot], 0, sizeof(model.slots[step->slot]));
    model.slots[step->slot].open = true;
    model.slots[step->slot].stream = step->action == OPEN_STREAM;
    break;
  case BIND_TO_THE_SAME:
    model.slots[step->slot].botched |= !done;
    model.slots[step->slot].bound |= done && step->other != step->slot && target(side, step).sin_port != htons(NOBODY);
    model.slots[step->slot].stale &= !done;
    break;
  case BIND:
    model.slots[step->slot].stale &= !done;
    break;
  case LISTEN:
    model.slots[step->slot].listening |= done;
    model.slots[step->slot].stale &= !done;
    break;
  case CONNECT:
    done |= strncmp(side->said, "EINPROGRESS", 11) == 0;
    model.slots[step->slot].connected |= done;
    model.slots[step->slot].stale &= !done;
    if (model.slots[step->slot].stream && strncmp(side->said, "E", 1) == 0 && strncmp(side->said, "EIN", 3) != 0 &&
        strncmp(side->said, "EALREADY", 8) != 0 && strncmp(side->said, "EISCONN", 7) != 0) {
      /* It told how a connection ended. */
      model.slots[step->slot].stale = !model.slots[step->slot].bound;
      model.slots[step->slot].connected = false;
      model.slots[step->slot].over = true;
    }
    if (model.slots[step->slot].stream) {
      model.slots[step->other].queued++;
    }
    break;
  case ACCEPT:
    if (done) {
      memset(&model.slots[step->other], 0, sizeof(model.slots[step->other]));
      model.slots[step->other].open = model.slots[step->other].stream = model.slots[step->other].connected = true;
      model.slots[step->slot].queued--;
    }
    break;
  case DISCONNECT:
    model.slots[step->slot].connected &= !done;
    model.slots[step->slot].over &= !done;
    model.slots[step->slot].listening &= !done;
    model.slots[step->slot].stale |= done && !model.slots[step->slot].bound;
    break;
  case SHUTDOWN:
    model.slots[step->slot].spent = model.slots[step->slot].stream && !done;
    if (done && model.slots[step->slot].listening && step->arg % 4 != SHUT_WR) {
      model.slots[step->slot].listening = false;
      model.slots[step->slot].stale = !model.slots[step->slot].bound;
    }
    break;
  case SEND:
  case SENDTO:
    model.sent += step->arg * 4u;
    break;
  case CLOSE:
  case RESET:
    memset(&model.slots[step->slot], 0, sizeof(model.slots[step->slot]));
    break;
  default:
    break;
  }
}

static inline void
print_step(const struct step *step)
{
  print_message("#   %u: %s", step->slot, action_names[step->action]);
  switch (step->action) {
  case BIND_TO_THE_SAME:
  case CONNECT:
  case ACCEPT:
    print_message(" %u\n", step->other);
    break;
  case SEND:
    print_message(" %u bytes\n", step->arg * 4u);
    break;
  case SENDTO:
    print_message(" %u: %u bytes\n", step->other, step->arg * 4u);
    break;
  case RECV:
    print_message(" %u bytes, flags 0x%x\n", step->other * 150u, (unsigned)recv_flags[step->arg % RECV_FLAGS]);
    break;
  case SHUTDOWN:
    print_message(" %u\n", step->arg % 4u);
    break;
  case GET_OPTION:
    print_message(" %s\n", options[step->arg % OPTIONS].name);
    break;
  case SET_OPTION:
    print_message(" %s to %u\n", options[step->arg % OPTIONS].name, step->arg / (unsigned)OPTIONS);
    break;
  default:
    print_message("\n");
    break;
  }
}

#endif /* TESTS_RANDOM_CALLS_H */
