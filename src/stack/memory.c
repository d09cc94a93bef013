/**
 * lwIP's heap, taken from malloc() up to BS_MEM_SIZE bytes.
 *
 * lwIP counts what is in use (lwip_stats.mem); this file only holds it to the limit.
 */
#include <stdlib.h>

#include "lwip/opt.h"
#include "lwip/stats.h"

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
