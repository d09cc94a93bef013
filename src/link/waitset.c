/**
 * Waitsets: what a wait waits for.
 */
#include "baresock/wait.h"

int
bs_waitset_add(struct bs_waitset *set, int handle, short events)
{
  struct bs_wait_source *source;

  if (set->count >= set->size) {
    set->dropped++;
    return -1;
  }
  source = &set->source[set->count];
  source->handle = handle;
  source->events = events;
  source->revents = 0;
  return (int)set->count++;
}
