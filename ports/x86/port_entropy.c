/**
 * The moments that randomness is made of: those at which the timer's interrupt comes.
 */
#include "i386/entropy.h"
#include "i386/io.h"
#include "port.h"
#include "x86/x86.h"

#define SAMPLE_US 50

void
i386_entropy_sample(uint32_t *sample)
{
  unsigned before = x86_clock_alarms();
  uint32_t loops = 0;

  (void)io_disable();
  x86_clock_alarm(port_clock() + SAMPLE_US);
  __asm__ volatile("sti");
  while (x86_clock_alarms() == before) {
    loops++;
  }
  *sample = x86_clock_cycles() ^ loops << 16;
}
