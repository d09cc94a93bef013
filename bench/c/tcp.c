/**
 * tcp LINK HOST MODE COUNT [SIZE]: what the bench does with a TCP connection, on the stack that it was compiled for.
 *
 *   recv N SIZE     receive N bytes, SIZE at most in a call
 *   segments N      receive N of the smallest segments that the kernel sends, as fast as they come
 *   send N SIZE     send N bytes, SIZE in a call, and wait until the host has read them
 *   echo N SIZE     N round trips of SIZE bytes
 *   connect N       N connections, one after the other, with a byte there and back
 *   accept N        print "listening", then take connections of the host, one after the other, with a byte there and
 *                   back: one, and N that are measured
 *   early N         the same with N, but each connection and its first byte are there for a while before accept()
 *   idle            print "idle", then wait for a byte that does not come
 *
 * Prints the seconds that it took, without the time to connect; early the longest that a first byte took.
 */
#include "bench/c/net.h"

/* How long early lets connections wait. */
#define EARLY_MS 30

/* The kernel's smallest TCP_MAXSEG, and how many of these segments are asked for at once: fewer than a tap queues. */
#define SEGMENT_SIZE  88
#define SEGMENT_BATCH 256

static const char *host;
static char buffer[1 << 20];

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
receive_all(int fd, uint64_t count, size_t size)
{
  while (count > 0) {
    ssize_t n = NET(recv)(fd, buffer, count < size ? (size_t)count : size, 0);

    check(n > 0, "recv");
    count -= (uint64_t)n;
  }
}

static double
receive_bytes(uint64_t count, size_t size)
{
  int fd = connect_to(PORT_SOURCE);
  double began = now(), took;

  send_all(fd, (const char *)&count, sizeof(count));
  receive_all(fd, count, size);
  took = now() - began;
  NET(close)(fd);
  return took;
}

static double
receive_segments(uint64_t count)
{
  int fd = connect_to(PORT_SEGMENTS);
  double began = now(), took;

  while (count > 0) {
    uint64_t segments = count < SEGMENT_BATCH ? count : SEGMENT_BATCH;
    uint64_t order = segments * SEGMENT_SIZE;

    send_all(fd, (const char *)&order, sizeof(order));
    receive_all(fd, order, sizeof(buffer));
    count -= segments;
  }
  took = now() - began;
  NET(close)(fd);
  return took;
}

static double
send_bytes(uint64_t count, size_t size)
{
  int fd = connect_to(PORT_DISCARD);
  double began = now(), took;

  send_all(fd, (const char *)&count, sizeof(count));
  while (count > 0) {
    size_t n = count < size ? (size_t)count : size;

    send_all(fd, buffer, n);
    count -= n;
  }
  receive_all(fd, 1, 1);
  took = now() - began;
  NET(close)(fd);
  return took;
}

static double
echo(uint64_t count, size_t size)
{
  int fd = connect_to(PORT_ECHO);
  int on = 1;
  double began, took;

  check(NET(setsockopt)(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0, "TCP_NODELAY");
  began = now();
  while (count-- > 0) {
    send_all(fd, buffer, size);
    receive_all(fd, size, size);
  }
  took = now() - began;
  NET(close)(fd);
  return took;
}

static double
connect_many(uint64_t count)
{
  double began = now();

  while (count-- > 0) {
    int fd = connect_to(PORT_ECHO);

    send_all(fd, buffer, 1);
    receive_all(fd, 1, 1);
    NET(close)(fd);
  }
  return now() - began;
}

/* --- connections of the host --- */

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

/* Take a connection. @return the seconds that its first byte took */
static double
serve_one(int listener)
{
  int fd = NET(accept)(listener, NULL, NULL);
  double began = now(), took;

  check(fd >= 0, "accept");
  receive_all(fd, 1, 1);
  took = now() - began;
  send_all(fd, buffer, 1);
  NET(close)(fd);
  return took;
}

static double
accept_many(uint64_t count)
{
  int listener = listening();
  double began, took;

  /* The host's program has to start first. */
  (void)serve_one(listener);
  began = now();
  while (count-- > 0) {
    (void)serve_one(listener);
  }
  took = now() - began;
  NET(close)(listener);
  return took;
}

/* The stack moves on, but the program does not accept. */
static void
let_time_pass(void)
{
#if BENCH_STACK == BENCH_BARESOCK
  check(bs_net_sleep(EARLY_MS * 1000) == 0, "sleep");
#else
  struct timespec t = { 0, EARLY_MS * 1000000 };

  nanosleep(&t, NULL);
#endif
}

static double
accept_early(uint64_t count)
{
  int listener = listening();
  double longest = 0;

  while (count-- > 0) {
    double took;

    let_time_pass();
    took = serve_one(listener);
    longest = took > longest ? took : longest;
  }
  NET(close)(listener);
  return longest;
}

static double
idle(void)
{
  int fd = connect_to(PORT_ECHO);
  double began = now();

  puts("idle");
  fflush(stdout);
  (void)NET(recv)(fd, buffer, 1, 0);
  return now() - began;
}

int
main(int argc, char **argv)
{
  const char *mode = argc > 3 ? argv[3] : "";
  uint64_t count = argc > 4 ? strtoull(argv[4], NULL, 10) : 0;
  size_t size = argc > 5 ? strtoul(argv[5], NULL, 10) : 1;
  double took = 0;

  if (argc < 5 || size < 1 || size > sizeof(buffer)) {
    fputs("tcp LINK HOST MODE COUNT [SIZE]\n", stderr);
    return 2;
  }
  host = argv[2];
  if (net_up(argv[1]) != 0) {
    return 1;
  }
  if (strcmp(mode, "recv") == 0) {
    took = receive_bytes(count, size);
  } else if (strcmp(mode, "segments") == 0) {
    took = receive_segments(count);
  } else if (strcmp(mode, "send") == 0) {
    took = send_bytes(count, size);
  } else if (strcmp(mode, "echo") == 0) {
    took = echo(count, size);
  } else if (strcmp(mode, "connect") == 0) {
    took = connect_many(count);
  } else if (strcmp(mode, "accept") == 0) {
    took = accept_many(count);
  } else if (strcmp(mode, "early") == 0) {
    took = accept_early(count);
  } else if (strcmp(mode, "idle") == 0) {
    took = idle();
  } else {
    fprintf(stderr, "tcp knows no %s\n", mode);
    return 2;
  }
  printf("%.6f\n", took);
  return 0;
}
