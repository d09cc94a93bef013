/**
 * udp LINK HOST MODE COUNT SIZE: what the bench does with datagrams, on the stack that it was compiled for.
 *
 *   recv N SIZE     receive N datagrams of SIZE bytes, asked for BATCH at a time
 *   send N SIZE     send N datagrams of SIZE bytes; after each BATCH the host says that it has them
 *   echo N SIZE     N round trips of a datagram
 *   burst N SIZE    ask for N datagrams at once, wait a while, and print how many can be read
 *
 * Prints the seconds that it took. Where a datagram is lost, but in burst, it waits for ever.
 */
#include "bench/c/net.h"

/* As many as every stack here queues, and the kernel's smallest buffer. */
#define BATCH 64

/* Datagrams on the way to arrive at last. */
#define BURST_MS 100

/* A question to host.c's discard. */
#define ASK 1

static char buffer[65536];

static int
socket_to(const char *host, int port)
{
  struct sockaddr_in to = net_address(host, port);
  int fd = NET(socket)(AF_INET, SOCK_DGRAM, 0);

  check(fd >= 0, "socket");
  check(NET(connect)(fd, (struct sockaddr *)&to, sizeof(to)) == 0, "connect");
  return fd;
}

static void
transmit(int fd, const void *data, size_t size)
{
  check(NET(send)(fd, data, size, 0) == (ssize_t)size, "send");
}

static void
receive(int fd, size_t size)
{
  check(NET(recv)(fd, buffer, sizeof(buffer), 0) == (ssize_t)size, "recv");
}

static uint32_t
batch(uint64_t count)
{
  return count < BATCH ? (uint32_t)count : BATCH;
}

static void
order(int fd, uint32_t count, size_t size)
{
  uint32_t words[2] = { count, (uint32_t)size };

  transmit(fd, words, sizeof(words));
}

static void
receive_many(const char *host, uint64_t count, size_t size)
{
  int fd = socket_to(host, PORT_SOURCE);

  while (count > 0) {
    uint32_t n = batch(count), i;

    order(fd, n, size);
    for (i = 0; i < n; i++) {
      receive(fd, size);
    }
    count -= n;
  }
  NET(close)(fd);
}

/* How many datagrams the host has since it was asked last. */
static uint32_t
ask(int fd)
{
  uint32_t seen = 0;

  transmit(fd, buffer, ASK);
  check(NET(recv)(fd, &seen, sizeof(seen), 0) == sizeof(seen), "recv");
  return seen;
}

static void
send_many(const char *host, uint64_t count, size_t size)
{
  int fd = socket_to(host, PORT_DISCARD);

  /* A neighbour that is not known yet would lose some. */
  (void)ask(fd);
  while (count > 0) {
    uint32_t n = batch(count), i;

    for (i = 0; i < n; i++) {
      transmit(fd, buffer, size);
    }
    check(ask(fd) == n, "all sent");
    count -= n;
  }
  NET(close)(fd);
}

static void
echo(const char *host, uint64_t count, size_t size)
{
  int fd = socket_to(host, PORT_ECHO);

  while (count-- > 0) {
    transmit(fd, buffer, size);
    receive(fd, size);
  }
  NET(close)(fd);
}

/* The stack moves on, but the program does not read. */
static void
let_time_pass(void)
{
#if BENCH_STACK == BENCH_BARESOCK
  check(bs_net_sleep(BURST_MS * 1000) == 0, "sleep");
#else
  struct timespec t = { 0, BURST_MS * 1000000 };

  nanosleep(&t, NULL);
#endif
}

static unsigned
burst(const char *host, uint32_t count, size_t size)
{
  int fd = socket_to(host, PORT_SOURCE);
  unsigned got = 0;

  order(fd, count, size);
  let_time_pass();
  while (NET(recv)(fd, buffer, sizeof(buffer), MSG_DONTWAIT) == (ssize_t)size) {
    got++;
  }
  NET(close)(fd);
  return got;
}

int
main(int argc, char **argv)
{
  const char *mode = argc > 3 ? argv[3] : "";
  uint64_t count = argc > 4 ? strtoull(argv[4], NULL, 10) : 0;
  size_t size = argc > 5 ? strtoul(argv[5], NULL, 10) : 0;
  double began;

  if (argc < 6 || size <= ASK || size > sizeof(buffer)) {
    fputs("udp LINK HOST MODE COUNT SIZE\n", stderr);
    return 2;
  }
  if (net_up(argv[1]) != 0) {
    return 1;
  }
  began = now();
  if (strcmp(mode, "recv") == 0) {
    receive_many(argv[2], count, size);
  } else if (strcmp(mode, "send") == 0) {
    send_many(argv[2], count, size);
  } else if (strcmp(mode, "echo") == 0) {
    echo(argv[2], count, size);
  } else if (strcmp(mode, "burst") == 0) {
    printf("%u\n", burst(argv[2], (uint32_t)count, size));
    return 0;
  } else {
    fprintf(stderr, "udp knows no %s\n", mode);
    return 2;
  }
  printf("%.6f\n", now() - began);
  return 0;
}
