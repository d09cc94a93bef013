/**
 * A console over TCP: as much of telnet as a prompt needs (RFC 854; ECHO, RFC 857; SUPPRESS-GO-AHEAD, RFC 858).
 *
 * What is typed is taken at the end of each pump, and so also while a program computes or waits: that is how Ctrl-C ends
 * it. A client that speaks no telnet (nc) works too, but for the echo of its own terminal.
 */
#include "i386/net_console.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>

#include "baresock/net.h"
#include "baresock/poll.h"
#include "baresock/socket.h"
#include "link/args.h"
#include "stack/stack.h"

#define IAC  255
#define DONT 254
#define DO   253
#define WONT 252
#define WILL 251
#define SB   250
#define IP   244 /* Interrupt Process */
#define SE   240

#define OPTION_ECHO 1
#define OPTION_SGA  3

#define CTRL_C 3

#define OUT_SIZE   512
#define STALLED_MS 5000 /* after which a client that takes nothing is given up */

static const struct console_line *line;
static uint16_t port;

/* A descriptor of ours, with its generation: lwip.reset() closes it behind our back. */
struct end {
  int fd;
  uint32_t generation;
};

static struct end listener, client;

/* What is shown is kept until the network moves: the echo of a burst of keys goes in one segment. */
static struct {
  char text[OUT_SIZE];
  size_t len;
} out;

/* Where in telnet's stream of bytes the client is. */
static enum { TEXT, CR, COMMAND, OPTION, SUBNEGOTIATION, SUBNEGOTIATION_IAC } state;
static uint8_t command;

static bool
is_open(const struct end *end)
{
  return end->fd > 0 && bs_generation(end->fd) == end->generation;
}

static void
set_end(struct end *end, int fd)
{
  end->fd = fd;
  end->generation = fd > 0 ? bs_generation(fd) : 0;
}

static void
close_end(struct end *end)
{
  if (is_open(end)) {
    bs_close(end->fd);
  }
  end->fd = 0;
}

/* --- what the client types --- */

static void
answer(uint8_t verb, uint8_t option)
{
  const uint8_t words[] = { IAC, verb, option };

  (void)bs_send(client.fd, words, sizeof(words), MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* We echo and suppress go-ahead, as was said at the start; everything else is refused. */
static void
negotiate(uint8_t verb, uint8_t option)
{
  if (verb == DO && option != OPTION_ECHO && option != OPTION_SGA) {
    answer(WONT, option);
  } else if (verb == WILL && option != OPTION_SGA) {
    answer(DONT, option);
  }
}

static void
take_command(uint8_t byte)
{
  state = TEXT;
  switch (byte) {
  case IAC:
    (void)line->put(IAC);
    break;
  case IP:
    (void)line->put(CTRL_C);
    break;
  case SB:
    state = SUBNEGOTIATION;
    break;
  case WILL:
  case WONT:
  case DO:
  case DONT:
    command = byte;
    state = OPTION;
    break;
  default:
    break;
  }
}

static void
take(uint8_t byte)
{
  switch (state) {
  case CR:
    /* The end of a line is CR LF, or CR NUL. */
    state = TEXT;
    if (byte == '\n' || byte == '\0') {
      return;
    }
    take(byte);
    break;
  case TEXT:
    if (byte == IAC) {
      state = COMMAND;
      return;
    }
    state = byte == '\r' ? CR : TEXT;
    (void)line->put(byte == '\n' ? '\r' : byte);
    break;
  case COMMAND:
    take_command(byte);
    break;
  case OPTION:
    state = TEXT;
    negotiate(command, byte);
    break;
  case SUBNEGOTIATION:
    state = byte == IAC ? SUBNEGOTIATION_IAC : SUBNEGOTIATION;
    break;
  case SUBNEGOTIATION_IAC:
    state = byte == SE ? TEXT : SUBNEGOTIATION;
    break;
  }
}

/* --- what the client is shown --- */

/* Send as much of what is kept as can go now. @return false when the client is gone */
static bool
flush(void)
{
  ssize_t n = out.len > 0 ? bs_send(client.fd, out.text, out.len, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;

  if (n < 0) {
    if (errno != EAGAIN) {
      close_end(&client);
      return false;
    }
    return true;
  }
  out.len -= (size_t)n;
  memmove(out.text, out.text + n, out.len);
  return true;
}

/* --- the sockets --- */

static int
listen_on_port(void)
{
  const int on = 1;
#if BS_IPV6
  struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
  int fd = bs_socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
#else
  struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port) };
  int fd = bs_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
#endif
  int err;

  if (fd < 0) {
    return -errno;
  }
  (void)bs_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bs_bind(fd, (const struct sockaddr *)&any, sizeof(any)) < 0 || bs_listen(fd, 1) < 0) {
    err = errno;
    bs_close(fd);
    return -err;
  }
  set_end(&listener, fd);
  return 0;
}

static void
greet(int fd)
{
  static const uint8_t offers[] = { IAC, WILL, OPTION_ECHO, IAC, WILL, OPTION_SGA };
  static const char taken[] = "\r\nAnother client has taken the line over.\r\n";
  const int on = 1;

  if (is_open(&client)) {
    (void)bs_send(client.fd, taken, sizeof(taken) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    close_end(&client);
  }
  set_end(&client, fd);
  state = TEXT;
  out.len = 0;
  (void)bs_setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  (void)bs_setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
  (void)bs_send(fd, offers, sizeof(offers), MSG_DONTWAIT | MSG_NOSIGNAL);
  /* So that the client sees the prompt. */
  (void)line->put('\r');
}

static void
after_pump(void)
{
  uint8_t byte;
  ssize_t n;
  int fd;

  if (!is_open(&listener) && listen_on_port() < 0) {
    return;
  }
  fd = bs_accept(listener.fd, NULL, NULL);
  if (fd >= 0) {
    greet(fd);
  }
  while (is_open(&client) && line->has_room()) {
    n = bs_recv(client.fd, &byte, 1, MSG_DONTWAIT);
    if (n == 1) {
      take(byte);
    } else {
      if (n == 0 || errno != EAGAIN) {
        close_end(&client);
      }
      break;
    }
  }
  if (is_open(&client)) {
    (void)flush();
  }
}

int
net_console_open(const char *spec, const struct console_line *console)
{
  const char *end;
  long number = strncmp(spec, "tcp:", 4) == 0 ? link_read_number(spec + 4, 1, 65535, &end) : -1;
  int result;

  if (number < 0 || *end != '\0') {
    return -EINVAL;
  }
  line = console;
  port = (uint16_t)number;
  result = listen_on_port();
  if (result == 0) {
    stack_after_pump(after_pump);
  }
  return result;
}

/* Send what is kept, and wait for room when the client is slow. @return false when it is given up */
static bool
flush_all(void)
{
  bs_time_t deadline = bs_now() + STALLED_MS * 1000ull;
  size_t before = out.len;

  while (is_open(&client) && flush() && out.len > 0) {
    struct pollfd room = { .fd = client.fd, .events = POLLOUT };

    if (out.len < before) {
      before = out.len;
      deadline = bs_now() + STALLED_MS * 1000ull;
    } else if (bs_now() >= deadline) {
      close_end(&client);
      return false;
    }
    /* An interruption (Ctrl-C) is for the program, which sees it later. */
    (void)bs_poll_until(&room, 1, deadline);
  }
  return is_open(&client);
}

void
net_console_write(const char *text, size_t len)
{
  for (; len > 0 && is_open(&client); text++, len--) {
    if (out.len + 2 > sizeof(out.text) && !flush_all()) {
      return;
    }
    out.text[out.len++] = *text;
    if ((uint8_t)*text == IAC) {
      out.text[out.len++] = *text;
    }
  }
}
