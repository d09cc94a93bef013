/**
 * The C library's limits, and one of POSIX that it lacks.
 */
#ifndef BARESOCK_I386_LIMITS_H
#define BARESOCK_I386_LIMITS_H

#include_next <limits.h>

#ifndef SSIZE_MAX
#define SSIZE_MAX INT_MAX
#endif

#endif /* BARESOCK_I386_LIMITS_H */
