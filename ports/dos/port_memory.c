/**
 * Memory for malloc(): what the loader took, from behind the program on.
 */
#include <errno.h>
#include <unistd.h>

#include "dos/dos.h"

static uintptr_t taken;

size_t
dos_memory_left(void)
{
  return dos_loader->size - (taken != 0 ? taken : dos_loader->image_end);
}

void *
sbrk(ptrdiff_t increment)
{
  uintptr_t before;

  if (taken == 0) {
    taken = (dos_loader->image_end + 15) & ~15u;
  }
  if (increment > 0 && (size_t)increment > dos_loader->size - taken) {
    errno = ENOMEM;
    return (void *)-1;
  }
  before = taken;
  taken += (uintptr_t)increment;
  return (void *)before;
}
