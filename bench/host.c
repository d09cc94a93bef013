/**
 * host: the other end of every measurement, on the kernel's sockets.
 *
 *   host serve              until standard input ends. TCP: echo (7); discard (9), which is told by 8 bytes how many
 *                           will follow, and answers with one when it has them; source (19), which sends as many as the
 *                           8 that it is sent say (in this machine's byte order), again and again; source of small
 *                           segments (20). UDP: echo (7); discard (9), which answers a datagram of one byte with the
 *                           number of others since the last such (32 bits); source (19), which answers each datagram of
 *                           two 32-bit numbers, N and SIZE, with N datagrams of SIZE bytes
 *   host connect ADDR N     N connections to port 80, one after the other, with a byte there and back
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT_ECHO     7
#define PORT_DISCARD  9
#define PORT_SOURCE   19
#define PORT_SEGMENTS 20
#define PORT_ACCEPT   80

/* The smallest that the kernel sends (its TCP_MAXSEG). */
#define SEGMENT_SIZE 88

#define CHUNK (256 * 1024)

/* As large as every kernel allows, and fixed: left alone the kernel would let it grow by what it measures of time. */
#define RECEIVE_BUFFER (200 * 1024)

static char zeros[CHUNK];
static char sink[CHUNK]; /* nobody looks at what comes */

static void
check(int ok, const char *what)
{
  if (!ok) {
    perror(what);
    exit(1);
  }
}

static int
bound(int type, int port)
{
  struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
  int fd = socket(AF_INET, type, 0);
  int on = 1;

  check(fd >= 0, "socket");
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  check(bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0, "bind");
  return fd;
}

static int
send_all(int fd, const char *data, size_t len)
{
  while (len > 0) {
    ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

    if (n <= 0) {
      return -1;
    }
    data += n;
    len -= (size_t)n;
  }
  return 0;
}

/* --- TCP --- */

static void
echo(int fd)
{
  char data[4096];
  ssize_t n;

  while ((n = recv(fd, data, sizeof(data), 0)) > 0 && send_all(fd, data, (size_t)n) == 0) {
  }
}

static void
discard(int fd)
{
  uint64_t left;

  if (recv(fd, &left, sizeof(left), MSG_WAITALL) != sizeof(left)) {
    return;
  }
  while (left > 0) {
    ssize_t n = recv(fd, sink, left < CHUNK ? (size_t)left : CHUNK, 0);

    if (n <= 0) {
      return;
    }
    left -= (uint64_t)n;
  }
  (void)send_all(fd, zeros, 1);
  /* The client closes first, and keeps TIME_WAIT. */
  (void)recv(fd, sink, 1, 0);
}

static void
source(int fd)
{
  uint64_t left;

  while (recv(fd, &left, sizeof(left), MSG_WAITALL) == sizeof(left)) {
    while (left > 0) {
      size_t n = left < CHUNK ? (size_t)left : CHUNK;

      if (send_all(fd, zeros, n) < 0) {
        return;
      }
      left -= n;
    }
  }
}

struct service {
  void (*serve)(int fd);
  int fd;
};

static void *
serve_one(void *arg)
{
  struct service *service = arg;

  service->serve(service->fd);
  close(service->fd);
  free(service);
  return NULL;
}

static void *
accept_all(void *arg)
{
  const struct service *listener = arg;

  for (;;) {
    struct service *service = malloc(sizeof(*service));
    pthread_t thread;
    int on = 1;

    check(service != NULL, "malloc");
    *service = *listener;
    service->fd = accept(listener->fd, NULL, NULL);
    if (service->fd < 0) {
      free(service); /* it went away while it waited */
      continue;
    }
    setsockopt(service->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    check(pthread_create(&thread, NULL, serve_one, service) == 0, "thread");
    pthread_detach(thread);
  }
  return NULL;
}

/* --- UDP --- */

static void *
udp_echo(void *arg)
{
  int fd = ((const struct service *)arg)->fd;
  struct sockaddr_in from;
  char data[2048];

  for (;;) {
    socklen_t len = sizeof(from);
    ssize_t n = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from, &len);

    if (n >= 0) {
      (void)sendto(fd, data, (size_t)n, 0, (struct sockaddr *)&from, len);
    }
  }
  return NULL;
}

static void *
udp_discard(void *arg)
{
  int fd = ((const struct service *)arg)->fd;
  struct sockaddr_in from;
  char data[2048];
  uint32_t seen = 0;

  for (;;) {
    socklen_t len = sizeof(from);
    ssize_t n = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from, &len);

    if (n > 1) {
      seen++;
    } else if (n == 1) {
      (void)sendto(fd, &seen, sizeof(seen), 0, (struct sockaddr *)&from, len);
      seen = 0;
    }
  }
  return NULL;
}

static void *
udp_source(void *arg)
{
  int fd = ((const struct service *)arg)->fd;
  struct sockaddr_in from;
  uint32_t order[2];

  for (;;) {
    socklen_t len = sizeof(from);
    ssize_t n = recvfrom(fd, order, sizeof(order), 0, (struct sockaddr *)&from, &len);

    while (n == sizeof(order) && order[0]-- > 0) {
      (void)sendto(fd, zeros, order[1], 0, (struct sockaddr *)&from, len);
    }
  }
  return NULL;
}

static void
start(void *(*run)(void *), struct service service)
{
  struct service *own = malloc(sizeof(*own));
  pthread_t thread;

  check(own != NULL, "malloc");
  *own = service;
  check(pthread_create(&thread, NULL, run, own) == 0, "thread");
}

static void
serve_tcp(int port, void (*serve)(int fd), int largest)
{
  int fd = bound(SOCK_STREAM, port);
  int room = RECEIVE_BUFFER;

  check(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)) == 0, "SO_RCVBUF");

  if (largest != 0) {
    check(setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &largest, sizeof(largest)) == 0, "TCP_MAXSEG");
  }
  check(listen(fd, 128) == 0, "listen");
  start(accept_all, (struct service){ serve, fd });
}

static void
serve_udp(int port, void *(*run)(void *))
{
  start(run, (struct service){ NULL, bound(SOCK_DGRAM, port) });
}

static void
serve(void)
{
  serve_tcp(PORT_ECHO, echo, 0);
  serve_tcp(PORT_DISCARD, discard, 0);
  serve_tcp(PORT_SOURCE, source, 0);
  serve_tcp(PORT_SEGMENTS, source, SEGMENT_SIZE);
  serve_udp(PORT_ECHO, udp_echo);
  serve_udp(PORT_DISCARD, udp_discard);
  serve_udp(PORT_SOURCE, udp_source);
  puts("serving");
  fflush(stdout);
  while (read(STDIN_FILENO, sink, sizeof(sink)) > 0) {
  }
}

static void
connect_many(const char *address, unsigned long count)
{
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT_ACCEPT) };

  check(inet_pton(AF_INET, address, &to.sin_addr) == 1, address);
  while (count-- > 0) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char byte = 1;

    check(fd >= 0, "socket");
    check(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0, "connect");
    check(send(fd, &byte, 1, 0) == 1, "send");
    check(recv(fd, &byte, 1, 0) == 1, "answer");
    /* The other end closes first, and keeps TIME_WAIT: here the ports would run out. */
    check(recv(fd, &byte, 1, 0) == 0, "end");
    close(fd);
  }
}

int
main(int argc, char **argv)
{
  signal(SIGPIPE, SIG_IGN);
  if (argc == 2 && strcmp(argv[1], "serve") == 0) {
    serve();
  } else if (argc == 4 && strcmp(argv[1], "connect") == 0) {
    connect_many(argv[2], strtoul(argv[3], NULL, 10));
  } else {
    fputs("host serve, or host connect ADDRESS COUNT\n", stderr);
    return 2;
  }
  return 0;
}
