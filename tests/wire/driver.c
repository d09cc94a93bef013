/**
 * driver: the stack on a stopped clock and a link that is a pipe, for kit.py.
 *
 * Each line of standard input is a command; what comes back is a line for each frame that the stack sent meanwhile, and
 * one line with the result:
 *
 *     > MICROSECONDS HEX    a frame, and when it was sent
 *     = VALUE...            done
 *     ! ERRNO               the call failed, by the errno's name
 *
 * Time passes by `advance` alone, and every socket is non-blocking: a run is the same each time but for what is random
 * by design (ports, initial sequence numbers, ids). The argument is the link, by default "pipe"; filters may stand on it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "baresock/info.h"
#include "baresock/net.h"
#include "baresock/poll.h"
#include "baresock/socket.h"
#include "clock.h"
#include "pipe.h"

#define WORDS_MOST 8
#define LINE_MOST  (2 * 65536 + 256)
#define DATA_MOST  65536

/* --- words of a command --- */

static char *word[WORDS_MOST];
static unsigned words;

static void
fail(const char *what)
{
  fprintf(stderr, "driver: %s\n", what);
  _exit(2);
}

static const char *
text(unsigned i)
{
  if (i >= words) {
    fail("a word is missing");
  }
  return word[i];
}

static int
number(unsigned i)
{
  return (int)strtol(text(i), NULL, 0);
}

/* "-" stands for nothing. */
static size_t
bytes(unsigned i, uint8_t *to, size_t most)
{
  const char *hex = text(i);
  size_t len = 0;

  if (strcmp(hex, "-") == 0) {
    return 0;
  }
  for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
    unsigned byte;

    if (len == most || sscanf(hex, "%2x", &byte) != 1) {
      fail("bytes that are none, or too many");
    }
    to[len++] = (uint8_t)byte;
  }
  return len;
}

/* ADDRESS PORT */
static socklen_t
address(unsigned i, struct sockaddr_storage *addr)
{
  struct sockaddr_in *in = (struct sockaddr_in *)addr;
  struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr;

  memset(addr, 0, sizeof(*addr));
  if (inet_pton(AF_INET, text(i), &in->sin_addr) == 1) {
    in->sin_family = AF_INET;
    in->sin_port = htons((uint16_t)number(i + 1));
    return sizeof(*in);
  }
  if (inet_pton(AF_INET6, text(i), &in6->sin6_addr) == 1) {
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons((uint16_t)number(i + 1));
    return sizeof(*in6);
  }
  fail("an address that is none");
  return 0;
}

/* --- answers --- */

static void
answer_number(long result)
{
  if (result < 0) {
    printf("! %s\n", strerrorname_np(errno));
  } else {
    printf("= %ld\n", result);
  }
}

static void
print_address(const struct sockaddr_storage *addr, socklen_t len)
{
  char name[INET6_ADDRSTRLEN] = "-";
  unsigned port = 0;

  if (len > 0 && addr->ss_family == AF_INET) {
    const struct sockaddr_in *in = (const struct sockaddr_in *)addr;

    inet_ntop(AF_INET, &in->sin_addr, name, sizeof(name));
    port = ntohs(in->sin_port);
  } else if (len > 0) {
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;

    inet_ntop(AF_INET6, &in6->sin6_addr, name, sizeof(name));
    port = ntohs(in6->sin6_port);
  }
  printf(" %s %u", name, port);
}

static void
print_bytes(const uint8_t *data, size_t len)
{
  size_t i;

  printf("= %s", len == 0 ? "-" : "");
  for (i = 0; i < len; i++) {
    printf("%02x", data[i]);
  }
}

/* --- commands --- */

static uint8_t data[DATA_MOST];

static void
do_ip4(void)
{
  answer_number(bs_net_ip4(0, text(1)));
}

static void
do_ip6(void)
{
  answer_number(bs_net_ip6(0, text(1)));
}

static void
do_frame(void)
{
  pipe_link.waiting = bytes(1, pipe_link.frame, sizeof(pipe_link.frame));
  settle();
  answer_number(0);
}

/* Ends at the first frame that the stack sends, for that may be a question, and says how much time is left. */
static void
do_advance(void)
{
  pipe_link.sent = false;
  answer_number((long)pass_us((bs_time_t)strtoull(text(1), NULL, 10), &pipe_link.sent));
}

static void
do_now(void)
{
  printf("= %llu\n", (unsigned long long)clock_is);
}

static void
do_socket(void)
{
  answer_number(bs_socket(number(1), number(2) | SOCK_NONBLOCK, 0));
}

static void
do_bind(void)
{
  struct sockaddr_storage addr;
  socklen_t len = address(2, &addr);

  answer_number(bs_bind(number(1), (struct sockaddr *)&addr, len));
}

static void
do_connect(void)
{
  struct sockaddr_storage addr;
  socklen_t len = address(2, &addr);

  answer_number(bs_connect(number(1), (struct sockaddr *)&addr, len));
}

static void
do_listen(void)
{
  answer_number(bs_listen(number(1), number(2)));
}

static void
do_accept(void)
{
  struct sockaddr_storage addr;
  socklen_t len = sizeof(addr);
  int fd = bs_accept(number(1), (struct sockaddr *)&addr, &len);

  if (fd < 0) {
    answer_number(fd);
    return;
  }
  bs_fcntl(fd, F_SETFL, O_NONBLOCK);
  printf("= %d", fd);
  print_address(&addr, len);
  putchar('\n');
}

static void
do_send(void)
{
  size_t len = bytes(2, data, sizeof(data));

  answer_number((long)bs_send(number(1), data, len, number(3)));
}

static void
do_sendto(void)
{
  size_t len = bytes(2, data, sizeof(data));
  struct sockaddr_storage addr;
  socklen_t addr_len = address(4, &addr);

  answer_number((long)bs_sendto(number(1), data, len, number(3), (struct sockaddr *)&addr, addr_len));
}

static void
do_recvfrom(void)
{
  struct sockaddr_storage addr;
  socklen_t addr_len = sizeof(addr);
  int most = number(2);
  ssize_t n;

  if (most < 0 || (size_t)most > sizeof(data)) {
    fail("more than can be received at once");
  }
  n = bs_recvfrom(number(1), data, (size_t)most, number(3), (struct sockaddr *)&addr, &addr_len);
  if (n < 0) {
    answer_number((long)n);
    return;
  }
  print_bytes(data, (size_t)n);
  print_address(&addr, addr_len);
  putchar('\n');
}

static void
do_shutdown(void)
{
  answer_number(bs_shutdown(number(1), number(2)));
}

static void
do_close(void)
{
  answer_number(bs_close(number(1)));
}

static void
do_getsockopt(void)
{
  int value = 0;
  socklen_t len = sizeof(value);
  int result = bs_getsockopt(number(1), number(2), number(3), &value, &len);

  answer_number(result < 0 ? result : value);
}

static void
do_setsockopt(void)
{
  int value = number(4);

  answer_number(bs_setsockopt(number(1), number(2), number(3), &value, sizeof(value)));
}

static void
do_linger(void)
{
  struct linger linger = { .l_onoff = number(2), .l_linger = number(3) };

  answer_number(bs_setsockopt(number(1), SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
}

static void
do_name(int (*get)(int fd, struct sockaddr *addr, socklen_t *len))
{
  struct sockaddr_storage addr;
  socklen_t len = sizeof(addr);
  int result = get(number(1), (struct sockaddr *)&addr, &len);

  if (result < 0) {
    answer_number(result);
    return;
  }
  printf("=");
  print_address(&addr, len);
  putchar('\n');
}

static void
do_getsockname(void)
{
  do_name(bs_getsockname);
}

static void
do_getpeername(void)
{
  do_name(bs_getpeername);
}

static void
do_poll(void)
{
  struct pollfd p = { .fd = number(1), .events = (short)number(2) };

  if (bs_poll(&p, 1, 0) < 0) {
    answer_number(-1);
  } else {
    answer_number(p.revents);
  }
}

static void
do_state(void)
{
  struct bs_tcp_info info;

  if (bs_tcp_info(number(1), &info) < 0) {
    answer_number(-1);
  } else {
    printf("= %s\n", info.state);
  }
}

/* How much of a pool is in use, or a counter. */
static void
do_stat(void)
{
  struct bs_net_stat stat;
  unsigned i;

  for (i = 0; bs_net_stats(i, &stat) == 0; i++) {
    if (strcmp(stat.group, text(1)) == 0 && strcmp(stat.name, text(2)) == 0) {
      answer_number((long)stat.value);
      return;
    }
  }
  fail("there is no such counter");
}

static const struct {
  const char *name;
  void (*run)(void);
} commands[] = {
  { "ip4", do_ip4 },
  { "ip6", do_ip6 },
  { "frame", do_frame },
  { "advance", do_advance },
  { "now", do_now },
  { "socket", do_socket },
  { "bind", do_bind },
  { "connect", do_connect },
  { "listen", do_listen },
  { "accept", do_accept },
  { "send", do_send },
  { "sendto", do_sendto },
  { "recvfrom", do_recvfrom },
  { "shutdown", do_shutdown },
  { "close", do_close },
  { "getsockopt", do_getsockopt },
  { "setsockopt", do_setsockopt },
  { "linger", do_linger },
  { "getsockname", do_getsockname },
  { "getpeername", do_getpeername },
  { "poll", do_poll },
  { "state", do_state },
  { "stat", do_stat },
};

static void
run_line(char *line)
{
  char *at;
  size_t i;

  words = 0;
  for (at = strtok(line, " \n"); at != NULL && words < WORDS_MOST; at = strtok(NULL, " \n")) {
    word[words++] = at;
  }
  for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
    if (words > 0 && strcmp(word[0], commands[i].name) == 0) {
      commands[i].run();
      fflush(stdout);
      return;
    }
  }
  fail("an unknown command");
}

int
main(int argc, char **argv)
{
  static char line[LINE_MOST];

  if (bs_link_register(&pipe_ops) < 0 || bs_net_up(argc > 1 ? argv[1] : "pipe", NULL) < 0 || bs_net_ip6(0, "off") < 0 ||
      bs_net_ip4(0, "off") < 0) {
    fail("the stack does not come up");
  }
  stop_the_clock();
  while (fgets(line, sizeof(line), stdin) != NULL) {
    run_line(line);
  }
  /* On a clock that stands still there is no waiting for the peer. */
  bs_net_reset();
  return 0;
}
