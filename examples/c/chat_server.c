/*
 * A chat room: what one client says, all others hear: chat_server [PORT]
 *
 * With BARESOCK_LINK=slirp:fwd=tcp:7007-7000, `nc 127.0.0.1 7007` from two terminals.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <baresock/netdb.h>
#include <baresock/poll.h>
#include <baresock/socket.h>

#define GUESTS_MAX 32

static struct guest {
  char name[64];
  char line[512]; /* what it has said of a line so far */
  size_t len;
} guests[1 + GUESTS_MAX];

/* Entry 0 is the listener; entry i belongs to guests[i]. */
static struct pollfd fds[1 + GUESTS_MAX];
static nfds_t count = 1;

/* Tell everyone but one. */
static void
say(const char *text, nfds_t speaker)
{
  for (nfds_t i = 1; i < count; i++) {
    /* Who does not read misses something, and holds up nobody. */
    if (i != speaker) {
      bs_send(fds[i].fd, text, strlen(text), MSG_DONTWAIT);
    }
  }
}

static void
say_of(nfds_t i, const char *what)
{
  char text[600];

  snprintf(text, sizeof(text), "* %s %s\n", guests[i].name, what);
  say(text, i);
}

static void
welcome(void)
{
  struct sockaddr_storage addr;
  socklen_t len = sizeof(addr);
  char host[64], port[16];
  int fd = bs_accept(fds[0].fd, (struct sockaddr *)&addr, &len);

  if (fd < 0) {
    return;
  }
  if (count == 1 + GUESTS_MAX) {
    bs_close(fd);
    return;
  }
  bs_getnameinfo((struct sockaddr *)&addr, len, host, sizeof(host), port, sizeof(port),
                 NI_NUMERICHOST | NI_NUMERICSERV);
  snprintf(guests[count].name, sizeof(guests[count].name), "%.40s:%.8s", host, port);
  guests[count].len = 0;
  fds[count] = (struct pollfd){ .fd = fd, .events = POLLIN };
  say_of(count, "is here");
  count++;
}

static void
part(nfds_t i)
{
  bs_close(fds[i].fd);
  say_of(i, "is gone");
  count--;
  fds[i] = fds[count];
  guests[i] = guests[count];
}

/* Hear what guest i says, and pass on every line that is complete. Returns whether it is still there. */
static bool
hear(nfds_t i)
{
  struct guest *guest = &guests[i];
  char text[600];
  char *end;
  ssize_t n = bs_recv(fds[i].fd, guest->line + guest->len, sizeof(guest->line) - 1 - guest->len, MSG_DONTWAIT);

  if (n <= 0) {
    return false;
  }
  guest->len += (size_t)n;
  guest->line[guest->len] = '\0';
  while ((end = strchr(guest->line, '\n')) != NULL) {
    *end = '\0';
    snprintf(text, sizeof(text), "%s: %s\n", guest->name, guest->line);
    say(text, i);
    guest->len -= (size_t)(end + 1 - guest->line);
    memmove(guest->line, end + 1, guest->len + 1);
  }
  /* A line that never ends is no line. */
  return guest->len < sizeof(guest->line) - 1;
}

int
main(int argc, char **argv)
{
  int port = argc > 1 ? atoi(argv[1]) : 7000;
  struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

  fds[0] = (struct pollfd){ .fd = bs_socket(AF_INET, SOCK_STREAM, 0), .events = POLLIN };
  if (bs_bind(fds[0].fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || bs_listen(fds[0].fd, 8) < 0) {
    perror("chat_server");
    return 1;
  }
  printf("listening on port %d\n", port);
  fflush(stdout);
  while (bs_poll(fds, count, -1) > 0) {
    /* From the last, because part() moves the last one to the place that it frees. */
    for (nfds_t i = count - 1; i > 0; i--) {
      if (fds[i].revents != 0 && !hear(i)) {
        part(i);
      }
    }
    if (fds[0].revents != 0) {
      welcome();
    }
  }
  perror("poll");
  return 1;
}
