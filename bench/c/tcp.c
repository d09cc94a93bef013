/**
 * tcp LINK HOST MODE COUNT [SIZE]: what the bench does with a TCP connection, on the stack that it was compiled for.
 *
 *   recv N SIZE     receive N bytes, SIZE at most in a call
 *   send N SIZE     send N bytes, SIZE in a call, and wait until the host has read them
 *   echo N SIZE     N round trips of SIZE bytes
 *   connect N       open and close N connections, one after the other
 *   accept N        print "listening", then take N connections of the host, one after the other, a byte from each
 *   early N         the same, but each connection and its first byte are there for a while before accept()
 *   idle SECONDS    print "idle", then wait for a byte that does not come
 *
 * Prints the seconds that it took, without the time to connect.
 */
#include <time.h>

#include "bench/c/net.h"

/* Ports of host.c. */
#define PORT_ECHO    7
#define PORT_DISCARD 9
#define PORT_SOURCE  19

/* Where accept and early listen. */
#define PORT_ACCEPT 80

#define EARLY_MS 30

static const char *host;
static char buffer[1 << 20];

static double
now(void)
{
  struct timespec t;

  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
connect_to(int port)
{
  struct sockaddr_in to = net_address(host, port);
  int fd = NET(socket)(AF_INET, SOCK_STREAM, 0);

  check(fd >= 0, "socket");
  check(NET(connect)(fd, (struct sockaddr *)&to, sizeof(to)) == 0, "connect");
  return fd;
}

static void
send_all(int fd, const char *data, size_t len)
{
  while (len > 0) {
    ssize_t n = NET(send)(fd, data, len, 0);

    check(n > 0, "send");
    data += n;
    len -= (size_t)n;
  }
}

static void
receive(uint64_t count, size_t size)
{
  int fd = connect_to(PORT_SOURCE);
  uint64_t order = count;
  ssize_t n;

  send_all(fd, (const char *)&order, sizeof(order));
  while (count > 0) {
    n = NET(recv)(fd, buffer, size, 0);
    check(n > 0, "recv");
    count -= (uint64_t)n;
  }
  NET(close)(fd);
}

static void
send_bytes(uint64_t count, size_t size)
{
  int fd = connect_to(PORT_DISCARD);

  while (count > 0) {
    size_t n = count < size ? (size_t)count : size;

    send_all(fd, buffer, n);
    count -= n;
  }
  NET(shutdown)(fd, SHUT_WR);
  check(NET(recv)(fd, buffer, 1, 0) == 0, "the host's end");
  NET(close)(fd);
}

static void
echo(uint64_t count, size_t size)
{
  int fd = connect_to(PORT_ECHO);
  int on = 1;

  check(NET(setsockopt)(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0, "TCP_NODELAY");
  while (count-- > 0) {
    size_t got = 0;

    send_all(fd, buffer, size);
    while (got < size) {
      ssize_t n = NET(recv)(fd, buffer, size - got, 0);

      check(n > 0, "recv");
      got += (size_t)n;
    }
  }
  NET(close)(fd);
}

static void
connect_many(uint64_t count)
{
  while (count-- > 0) {
    NET(close)(connect_to(PORT_DISCARD));
  }
}

static int
listening(void)
{
  struct sockaddr_in any = net_address("0.0.0.0", PORT_ACCEPT);
  int fd = NET(socket)(AF_INET, SOCK_STREAM, 0);
  int on = 1;

  check(fd >= 0, "socket");
  check(NET(setsockopt)(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0, "SO_REUSEADDR");
  check(NET(bind)(fd, (struct sockaddr *)&any, sizeof(any)) == 0, "bind");
  check(NET(listen)(fd, 64) == 0, "listen");
  puts("listening");
  fflush(stdout);
  return fd;
}

/* The stack moves on, but the program does not accept. */
static void
let_time_pass(void)
{
#if BENCH_STACK == BENCH_BARESOCK
  bs_net_sleep(EARLY_MS * 1000);
#else
  struct timespec t = { 0, EARLY_MS * 1000000 };

  nanosleep(&t, NULL);
#endif
}

/* @return the longest time that a first byte took after accept(), in seconds */
static double
accept_many(uint64_t count, int early)
{
  int listener = listening();
  double longest = 0;

  while (count-- > 0) {
    double began, took;
    int fd;

    if (early) {
      let_time_pass();
    }
    fd = NET(accept)(listener, NULL, NULL);
    check(fd >= 0, "accept");
    began = now();
    check(NET(recv)(fd, buffer, 1, 0) == 1, "recv");
    took = now() - began;
    longest = took > longest ? took : longest;
    NET(close)(fd);
  }
  NET(close)(listener);
  return longest;
}

static void
idle(void)
{
  int fd = connect_to(PORT_ECHO);

  puts("idle");
  fflush(stdout);
  (void)NET(recv)(fd, buffer, 1, 0);
}

int
main(int argc, char **argv)
{
  const char *mode = argc > 3 ? argv[3] : "";
  uint64_t count = argc > 4 ? strtoull(argv[4], NULL, 10) : 0;
  size_t size = argc > 5 ? strtoul(argv[5], NULL, 10) : 1;
  double began, took = -1;

  check(argc > 4 && size <= sizeof(buffer), "tcp LINK HOST MODE COUNT [SIZE]");
  host = argv[2];
  check(net_up(argv[1]) == 0, argv[1]);
  began = now();
  if (strcmp(mode, "recv") == 0) {
    receive(count, size);
  } else if (strcmp(mode, "send") == 0) {
    send_bytes(count, size);
  } else if (strcmp(mode, "echo") == 0) {
    echo(count, size);
  } else if (strcmp(mode, "connect") == 0) {
    connect_many(count);
  } else if (strcmp(mode, "accept") == 0) {
    (void)accept_many(count, 0);
  } else if (strcmp(mode, "early") == 0) {
    took = accept_many(count, 1);
  } else if (strcmp(mode, "idle") == 0) {
    idle();
  } else {
    check(0, mode);
  }
  printf("%.6f\n", took >= 0 ? took : now() - began);
  return 0;
}
