/*
 * Fetch a page over HTTP and print it: http_get HOST [PORT [PATH]]
 */
#include <stdio.h>
#include <string.h>

#include <baresock/netdb.h>
#include <baresock/socket.h>

/* A socket that is connected to the first address of the host that answers, or -1. */
static int
connect_to(const char *host, const char *port)
{
  struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
  struct addrinfo *list;
  int fd = -1;
  int error = bs_getaddrinfo(host, port, &hints, &list);

  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, bs_gai_strerror(error));
    return -1;
  }
  for (struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next) {
    fd = bs_socket(ai->ai_family, ai->ai_socktype, ai->ai_protocol);
    if (fd >= 0 && bs_connect(fd, ai->ai_addr, ai->ai_addrlen) == 0) {
      break;
    }
    perror(host);
    if (fd >= 0) {
      bs_close(fd);
    }
    fd = -1;
  }
  bs_freeaddrinfo(list);
  return fd;
}

int
main(int argc, char **argv)
{
  char text[4096];
  const char *port = argc > 2 ? argv[2] : "80";
  const char *path = argc > 3 ? argv[3] : "/";
  ssize_t n;
  int fd, len;

  if (argc < 2) {
    fprintf(stderr, "usage: http_get HOST [PORT [PATH]]\n");
    return 2;
  }
  fd = connect_to(argv[1], port);
  if (fd < 0) {
    return 1;
  }
  len = snprintf(text, sizeof(text), "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", path, argv[1]);
  if (len >= (int)sizeof(text)) {
    fprintf(stderr, "The path is too long.\n");
    return 1;
  }
  /* A send on a blocking socket takes all of it. */
  if (bs_send(fd, text, (size_t)len, 0) < 0) {
    perror("send");
    return 1;
  }
  /* What has come, up to the size of the buffer; 0 once the server has closed. */
  while ((n = bs_recv(fd, text, sizeof(text), 0)) > 0) {
    fwrite(text, 1, (size_t)n, stdout);
  }
  if (n < 0) {
    perror("recv");
  }
  bs_close(fd);
  return n < 0 ? 1 : 0;
}
