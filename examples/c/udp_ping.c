/*
 * Ask a UDP echo server a few times, and tell how long each answer takes: udp_ping HOST PORT [COUNT]
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <baresock/net.h>
#include <baresock/netdb.h>
#include <baresock/socket.h>

/* Ask once. Returns whether there was an answer. */
static bool
ping(int fd, const struct addrinfo *to, int number)
{
  char data[1500];
  char text[BS_ADDR_TEXT];
  struct sockaddr_storage peer;
  socklen_t peer_len = sizeof(peer);
  int len = snprintf(data, sizeof(data), "ping %d", number);
  bs_time_t sent = bs_now();
  ssize_t n;

  if (bs_sendto(fd, data, (size_t)len, 0, to->ai_addr, to->ai_addrlen) < 0) {
    perror("sendto");
    return false;
  }
  n = bs_recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&peer, &peer_len);
  if (n < 0) {
    if (errno == EAGAIN) {
      printf("no answer\n");
    } else {
      perror("recvfrom");
    }
    return false;
  }
  bs_getnameinfo((struct sockaddr *)&peer, peer_len, text, sizeof(text), NULL, 0, NI_NUMERICHOST);
  printf("%zd bytes from %s in %.2f ms\n", n, text, (double)(bs_now() - sent) / 1000);
  return true;
}

int
main(int argc, char **argv)
{
  struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
  struct timeval second = { .tv_sec = 1 };
  struct addrinfo *to;
  int count = argc > 3 ? atoi(argv[3]) : 4;
  int answers = 0;
  int fd, error;

  if (argc < 3) {
    fprintf(stderr, "usage: udp_ping HOST PORT [COUNT]\n");
    return 2;
  }
  error = bs_getaddrinfo(argv[1], argv[2], &hints, &to);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", argv[1], bs_gai_strerror(error));
    return 1;
  }
  /* A name may have addresses of both families; the socket has to be of the same one. */
  fd = bs_socket(to->ai_family, to->ai_socktype, to->ai_protocol);
  /* Datagrams get lost: never wait for one for ever. */
  if (fd < 0 || bs_setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second)) < 0) {
    perror("udp_ping");
    return 1;
  }
  for (int i = 0; i < count; i++) {
    answers += ping(fd, to, i);
  }
  printf("%d sent, %d answered\n", count, answers);
  bs_freeaddrinfo(to);
  bs_close(fd);
  return answers > 0 ? 0 : 1;
}
