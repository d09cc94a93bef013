/**
 * The moments that randomness is made of: how far the processor is each time that the timer has counted on.
 */
#include "dos/dos.h"
#include "i386/cpu.h"
#include "i386/entropy.h"
#include "i386/io.h"

#define CHANNEL0 0x40
#define CONTROL  0x43
#define LATCH0   0x00
#define COUNTS   60u /* of the timer, 50 us */

#define BIOS_DATA      0x400u
#define BIOS_DATA_SIZE 0x100u

static uint16_t
read_count(void)
{
  uint16_t count;

  io_out8(CONTROL, LATCH0);
  count = io_in8(CHANNEL0);
  return (uint16_t)(count | io_in8(CHANNEL0) << 8);
}

/* What differs from one run to the next: the BIOS's variables, and the time of day. */
static void
stir_in_machine(void)
{
  const volatile uint32_t *word = dos_linear(BIOS_DATA);
  uint64_t now = dos_wall_clock();
  unsigned i;

  for (i = 0; i < BIOS_DATA_SIZE / sizeof(*word); i++) {
    i386_entropy_stir(word[i]);
  }
  i386_entropy_stir((uint32_t)now);
  i386_entropy_stir((uint32_t)(now >> 32));
}

void
i386_entropy_sample(uint32_t *sample)
{
  static bool begun, has_tsc;
  uint16_t before = read_count();
  uint32_t loops = 0, tsc = 0;

  if (!begun) {
    begun = true;
    has_tsc = (i386_cpu_features() & I386_CPU_TSC) != 0;
    stir_in_machine();
  }
  while ((uint16_t)(before - read_count()) < COUNTS) {
    loops++;
  }
  if (has_tsc) {
    __asm__ volatile("rdtsc" : "=a"(tsc) : : "edx");
  }
  *sample = tsc ^ loops << 16 ^ read_count();
}
