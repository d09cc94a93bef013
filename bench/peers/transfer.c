/**
 * What the programs on the peers' C interfaces have in common.
 */
#include "transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LARGEST (1024 * 1024)

static char buf[LARGEST];

static double
now(void)
{
  struct timespec ts;

  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* @return bytes received before the server closed, at most n */
static long
receive_bytes(const struct transfer_ops *ops, long n, size_t size)
{
  long done = 0;

  while (done < n) {
    size_t want = n - done < (long)size ? (size_t)(n - done) : size;
    long got = ops->receive(buf, want);

    if (got <= 0) {
      break;
    }
    done += got;
  }
  return done;
}

static long
send_bytes(const struct transfer_ops *ops, long n, size_t size)
{
  long done = 0;

  while (done < n) {
    size_t want = n - done < (long)size ? (size_t)(n - done) : size;
    long put = ops->transmit(buf, want);

    if (put <= 0) {
      break;
    }
    done += put;
  }
  return done;
}

static long
send_and_wait(const struct transfer_ops *ops, long n, size_t size)
{
  long done = send_bytes(ops, n, size);
  char byte;

  ops->finish();
  while (ops->receive(&byte, 1) > 0) {
  }
  return done;
}

static long
echo(const struct transfer_ops *ops, long trips, size_t size)
{
  long done;

  for (done = 0; done < trips; done++) {
    if (send_bytes(ops, (long)size, size) != (long)size || receive_bytes(ops, (long)size, size) != (long)size) {
      break;
    }
  }
  return done;
}

int
transfer_main(int argc, char **argv, const struct transfer_ops *ops)
{
  const char *mode = argc > 4 ? argv[3] : "";
  bool echoes = strcmp(mode, "echo") == 0;
  bool sends = strcmp(mode, "send") == 0;
  long n = argc > 4 ? atol(argv[4]) : 0;
  size_t size = argc > 5 ? (size_t)atol(argv[5]) : echoes ? 1 : 16384;
  double start;
  long done;

  if (n < 1 || size < 1 || size > LARGEST || !(echoes || sends || strcmp(mode, "recv") == 0)) {
    fprintf(stderr, "usage: %s HOST PORT recv|send|echo N [SIZE], with BENCH_LINK and BENCH_IP4 set\n", argv[0]);
    return 2;
  }
  if (!ops->dial(argv[1], (unsigned short)atoi(argv[2]))) {
    fprintf(stderr, "%s: no connection to %s\n", argv[0], argv[1]);
    return 1;
  }
  start = now();
  done = echoes ? echo(ops, n, size) : sends ? send_and_wait(ops, n, size) : receive_bytes(ops, n, size);
  printf("{\"mode\": \"%s\", \"%s\": %ld, \"seconds\": %.6f}\n", mode, echoes ? "trips" : "bytes", done, now() - start);
  ops->hang_up();
  return done == n ? 0 : 1;
}
