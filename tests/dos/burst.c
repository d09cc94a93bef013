/**
 * What becomes of datagrams that nobody takes for a while: `BURST LINK` counts those that come, and those that the link
 * says it lost.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "baresock/net.h"
#include "baresock/poll.h"
#include "baresock/socket.h"
#include "dos/dos.h"
#include "port.h"

#define PORT    7000
#define DEAF_US 3000000u /* in which the network has no turn */

static int sock;

static int
take(int timeout_ms)
{
  struct pollfd pollfd = { .fd = sock, .events = POLLIN };
  char data[2000];

  if (bs_poll(&pollfd, 1, timeout_ms) != 1) {
    return 0;
  }
  return bs_recv(sock, data, sizeof(data), 0) > 0;
}

int
main(int argc, char **argv)
{
  struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(PORT) };
  struct bs_net_status status;
  bs_time_t until;
  unsigned got = 0;

  if (argc < 2 || bs_net_up(argv[1], NULL) < 0) {
    printf("%s\n", bs_net_why());
    return 1;
  }
  sock = bs_socket(AF_INET, SOCK_DGRAM, 0);
  if (sock < 0 || bs_bind(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
    printf("%s\n", strerror(errno));
    return 1;
  }
  puts("ready");
  while (!take(100)) {
  }
  puts("deaf");
  fflush(stdout);
  dos_flush_output();
  for (until = port_clock() + DEAF_US; port_clock() < until;) {
  }
  while (take(1000)) {
    got++;
  }
  if (bs_net_status(0, &status) < 0) {
    printf("%s\n", strerror(errno));
    return 1;
  }
  printf("got %u lost %lu errors %lu\n", got, (unsigned long)status.stats.rx_dropped,
         (unsigned long)status.stats.rx_errors);
  while (!take(100)) {
  }
  puts("goes on");
  return 0;
}
