/**
 * lwIP's heap: what part of it is for whom, and how it is taken from malloc() up to BS_MEM_SIZE bytes.
 *
 * lwIP counts what is in use (lwip_stats.mem); this file only holds it to the limits.
 */
#include <stdlib.h>
#include <string.h>

#include "lwip/opt.h"
#include "lwip/mem.h"
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

/* Blocks that were freed lately, by size: a segment's block is taken and freed once for each segment, and malloc() needs
 * 300 instructions for one of that size. With a sanitizer each goes back, so that it sees them freed. */
#define CACHE_STEP    128u
#define CACHE_CLASSES 16u
#define CACHE_BLOCKS  256u /* of one class */

struct cached {
  mem_size_t size; /* lwIP writes it, in front of what it hands out */
  struct cached *next;
};

static struct {
  struct cached *first;
  unsigned count;
} cache[CACHE_CLASSES];

/* Blocks of a class hold up to (class + 1) * CACHE_STEP bytes. */
static size_t
class_of(size_t size)
{
  return (size - 1) / CACHE_STEP;
}

void *
stack_malloc(size_t size)
{
  size_t class = class_of(size);
  struct cached *block;

  if (size > BS_MEM_SIZE || lwip_stats.mem.used > BS_MEM_SIZE - size) {
    return NULL;
  }
  if (class >= CACHE_CLASSES) {
    return malloc(size);
  }
  block = cache[class].first;
  if (block == NULL) {
    return malloc((class + 1) * CACHE_STEP);
  }
  cache[class].first = block->next;
  cache[class].count--;
  return block;
}

void *
stack_calloc(size_t count, size_t size)
{
  void *memory;

  if (size > 0 && count > BS_MEM_SIZE / size) {
    return NULL;
  }
  memory = stack_malloc(count * size);
  return memory != NULL ? memset(memory, 0, count * size) : NULL;
}

void
stack_free(void *memory)
{
  struct cached *block = memory;
  size_t class = class_of(block->size + LWIP_MEM_ALIGN_SIZE(sizeof(mem_size_t)));

  if (BS_POOLS_MALLOC || class >= CACHE_CLASSES || cache[class].count == CACHE_BLOCKS) {
    free(memory);
    return;
  }
  block->next = cache[class].first;
  cache[class].first = block;
  cache[class].count++;
}
#endif
