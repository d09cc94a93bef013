/**
 * What the processor has beyond a 386.
 */
#ifndef BARESOCK_I386_CPU_H
#define BARESOCK_I386_CPU_H

#define I386_CPU_TSC    0x1
#define I386_CPU_RDRAND 0x2

/** Which of the above it has. */
unsigned i386_cpu_features(void);

#endif /* BARESOCK_I386_CPU_H */
