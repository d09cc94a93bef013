/**
 * What the tests of the loader ask of a machine: how protected mode was had, and how much memory is whose.
 */
#include <stdio.h>
#include <string.h>

#include "baresock/net.h"
#include "dos/dos.h"

/* A memory control block of DOS, and where the first one is. */
struct block {
  char kind; /* 'M', or 'Z' for the last */
  uint16_t owner;
  uint16_t paragraphs;
} __attribute__((packed));

static uint16_t
first_block(void)
{
  struct dos_regs regs = { .ax = 0x5200 };

  (void)dos_call(&regs);
  return *(uint16_t *)dos_pointer(regs.es, (uint16_t)(regs.bx - 2));
}

/* Bytes of conventional memory that are this program's. */
static unsigned
own_memory(void)
{
  uint16_t at = first_block();
  unsigned own = 0;

  for (;;) {
    const struct block *block = dos_pointer(at, 0);

    if (block->owner == dos_loader->psp) {
      own += 16u * (block->paragraphs + 1u);
    }
    if (block->kind != 'M') {
      return own;
    }
    at = (uint16_t)(at + block->paragraphs + 1);
  }
}

int
main(int argc, char **argv)
{
  static const char *const modes[] = { "raw", "vcpi", "dpmi" };

  struct bs_net_status status;

  if (argc > 1 && bs_net_up(strcmp(argv[1], "default") == 0 ? NULL : argv[1], NULL) < 0) {
    printf("%s: %s\n", argv[1], bs_net_why());
    return 1;
  }
  if (argc > 1 && bs_net_status(0, &status) == 0) {
    printf("link %s\nmtu %u\n", status.link, status.stats.mtu);
  }
  printf("mode %s\n", modes[dos_loader->mode]);
  printf("conventional %u\n", own_memory());
  printf("extended %lu\n", (unsigned long)dos_loader->size);
  return 0;
}
