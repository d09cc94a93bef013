/**
 * What the programs on the peers' C interfaces have in common: three ways to use one connection, and how they are told.
 */
#ifndef BENCH_TRANSFER_H
#define BENCH_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>

/** One connection of a peer. All wait; receive and transmit return how much they moved, 0 at the end, or -1. */
struct transfer_ops {
  bool (*dial)(const char *host, unsigned short port);
  long (*receive)(void *buf, size_t len);
  long (*transmit)(const void *buf, size_t len);
  void (*finish)(void); /**< no more will be sent */
  void (*hang_up)(void);
};

/**
 * Run PROGRAM HOST PORT MODE N [SIZE] and print one line of JSON: mode, bytes (or trips), seconds, wall clock.
 *
 *   recv N   receive N bytes
 *   send N   send N bytes, then wait until the server closes
 *   echo N   N times: send SIZE bytes (default 1) and wait until they came back
 *
 * SIZE is what one call reads or writes: 16384 unless given, for echo 1.
 */
int transfer_main(int argc, char **argv, const struct transfer_ops *ops);

#endif /* BENCH_TRANSFER_H */
