/**
 * What randomness is made of: entropy.c gathers it, the machine gives it.
 */
#ifndef BARESOCK_I386_ENTROPY_H
#define BARESOCK_I386_ENTROPY_H

#include <stdint.h>

/** Mix something in that is hard to foresee. Interrupts are off, or none calls this. */
void i386_entropy_stir(uint32_t value);

/** How far the processor was at a moment of the timer's. The machine's; takes about 50 us, and leaves interrupts on. */
void i386_entropy_sample(uint32_t *sample);

#endif /* BARESOCK_I386_ENTROPY_H */
