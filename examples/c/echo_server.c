/*
 * Send back to every client what it sends, many at a time in one thread: echo_server [PORT]
 *
 * BARESOCK_LINK=slirp:fwd=tcp:7007-7 makes port 7 of this program reachable as 127.0.0.1 port 7007 of the machine: try
 * `nc 127.0.0.1 7007`.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <baresock/poll.h>
#include <baresock/socket.h>

/* Send back what a client sent. Returns whether it is still there. */
static bool
echo(int fd)
{
  char data[4096];
  ssize_t n = bs_recv(fd, data, sizeof(data), 0);

  if (n < 0) {
    perror("recv");
  }
  /* Waits for a client that does not read, and the others wait with it; chat_server.c does better. */
  return n > 0 && bs_send(fd, data, (size_t)n, 0) == n;
}

int
main(int argc, char **argv)
{
  int port = argc > 1 ? atoi(argv[1]) : 7;
  struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
  int listener = bs_socket(AF_INET, SOCK_STREAM, 0);
  bs_fd_set all, ready;

  if (listener < 0 || bs_bind(listener, (struct sockaddr *)&addr, sizeof(addr)) < 0 || bs_listen(listener, 8) < 0) {
    perror("echo_server");
    return 1;
  }
  printf("listening on port %d\n", port);
  fflush(stdout);

  BS_FD_ZERO(&all);
  BS_FD_SET(listener, &all);
  for (;;) {
    /* Sleeps until the listener has a client to accept, or a client has data or is gone. */
    ready = all;
    if (bs_select(BS_FD_SETSIZE, &ready, NULL, NULL, NULL) < 0) {
      perror("select");
      return 1;
    }
    for (int fd = BS_FD_BASE; fd < BS_FD_SETSIZE; fd++) {
      if (!BS_FD_ISSET(fd, &ready)) {
        continue;
      }
      if (fd == listener) {
        int client = bs_accept(listener, NULL, NULL);

        if (client >= 0) {
          BS_FD_SET(client, &all);
        }
      } else if (!echo(fd)) {
        BS_FD_CLR(fd, &all);
        bs_close(fd);
      }
    }
  }
}
