/**
 * Time, and what a wait waits for.
 *
 * baresock has no threads. Whatever waits (a blocking call, poll(), a prompt) fills a waitset, and the port
 * sleeps until one of its sources is ready or the earliest deadline is due.
 */
#ifndef BARESOCK_WAIT_H
#define BARESOCK_WAIT_H

#include <stdint.h>

/** A point in time: microseconds of the stack's monotonic clock (bs_now()). */
typedef uint64_t bs_time_t;

/** Later than any point in time. */
#define BS_TIME_NEVER UINT64_MAX

/** What a source is waited for, and what it was found to be: POLLIN and so on, as Linux numbers them. The port
 * translates. */
#define BS_WAIT_READ  0x01
#define BS_WAIT_PRI   0x02
#define BS_WAIT_WRITE 0x04
#define BS_WAIT_ERROR 0x08
#define BS_WAIT_HUP   0x10
#define BS_WAIT_INVAL 0x20

/** Something outside the stack that can become ready: on Linux a descriptor, elsewhere the console (handle 0). */
struct bs_wait_source {
  int handle;
  short events;  /**< BS_WAIT_READ, BS_WAIT_WRITE, BS_WAIT_PRI */
  short revents; /**< filled by the port: as above, or BS_WAIT_ERROR, BS_WAIT_HUP, BS_WAIT_INVAL */
};

/** The sources of one wait. The caller's own come first; bs_waitset_add() appends and keeps the count. */
struct bs_waitset {
  struct bs_wait_source *source;
  unsigned count;
  unsigned size; /**< room in source[]; what does not fit is counted, and the wait becomes a short one */
  unsigned dropped;
};

/** Add a source to a waitset; @return its index, or -1 when there was no room (the wait then ends early). */
int bs_waitset_add(struct bs_waitset *set, int handle, short events);

#endif /* BARESOCK_WAIT_H */
