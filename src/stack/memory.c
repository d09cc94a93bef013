/**
 * lwIP's heap: what part of it is for whom, and how it is taken from malloc() up to BS_MEM_SIZE bytes.
 *
 * lwIP counts what is in use (lwip_stats.mem); this file only holds it to the limits.
 */
#include <stdlib.h>

#include "lwip/opt.h"
#include "lwip/stats.h"

#include "stack/stack.h"

/* This part of the heap is for sending alone: sockets that nobody reads can't use up all of it. */
#define SENDING_PART 4

bool
stack_heap_is_short(void)
{
  return lwip_stats.mem.used > BS_MEM_SIZE - BS_MEM_SIZE / SENDING_PART;
}

#if BS_MEM_MALLOC
void *
stack_malloc(size_t size)
{
  if (size > BS_MEM_SIZE || lwip_stats.mem.used > BS_MEM_SIZE - size) {
    return NULL;
  }
  return malloc(size);
}

void *
stack_calloc(size_t count, size_t size)
{
  if (size > 0 && count > BS_MEM_SIZE / size) {
    return NULL;
  }
  if (lwip_stats.mem.used > BS_MEM_SIZE - count * size) {
    return NULL;
  }
  return calloc(count, size);
}

void
stack_free(void *memory)
{
  free(memory);
}
#endif
