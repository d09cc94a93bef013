/**
 * Connects, sends 100,000 bytes, and ends in the way that it is told: "close", "exit" (nothing closed), "return".
 * Usage: send_and_exit ADDRESS PORT WAY
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baresock/socket.h"

int
main(int argc, char **argv)
{
  static char data[100000];
  struct sockaddr_in to = { .sin_family = AF_INET };
  int fd = bs_socket(AF_INET, SOCK_STREAM, 0);

  if (argc != 4) {
    return 2;
  }
  memset(data, 'c', sizeof(data));
  to.sin_port = htons((uint16_t)atoi(argv[2]));
  if (inet_pton(AF_INET, argv[1], &to.sin_addr) != 1 || bs_connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 ||
      bs_send(fd, data, sizeof(data), 0) != (ssize_t)sizeof(data)) {
    perror("send_and_exit");
    return 1;
  }
  if (strcmp(argv[3], "close") == 0) {
    bs_close(fd);
  } else if (strcmp(argv[3], "exit") == 0) {
    exit(0);
  }
  return 0;
}
