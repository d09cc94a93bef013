/**
 * A program on lwIP's own sockets: what one connection to a server receives, sends, or gets back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lwip/sockets.h"

#include "lwip_up.h"
#include "transfer.h"

static int fd;

static bool
dial(const char *host, unsigned short port)
{
  struct sockaddr_in to;
  int on = 1;

  memset(&to, 0, sizeof(to));
  to.sin_family = AF_INET;
  to.sin_port = lwip_htons(port);
  to.sin_addr.s_addr = ipaddr_addr(host);
  fd = lwip_socket(AF_INET, SOCK_STREAM, 0);
  return fd >= 0 && lwip_setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0 &&
         lwip_connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0;
}

static long
receive(void *buf, size_t len)
{
  return lwip_recv(fd, buf, len, 0);
}

static long
transmit(const void *buf, size_t len)
{
  return lwip_send(fd, buf, len, 0);
}

static void
finish(void)
{
  (void)lwip_shutdown(fd, SHUT_WR);
}

static void
hang_up(void)
{
  (void)lwip_close(fd);
}

int
main(int argc, char **argv)
{
  static const struct transfer_ops ops = { dial, receive, transmit, finish, hang_up };

  if (lwip_up(getenv("BENCH_LINK"), getenv("BENCH_IP4")) < 0) {
    return 1;
  }
  return transfer_main(argc, argv, &ops);
}
