/**
 * Initial sequence numbers of TCP that an outsider can't guess (RFC 6528).
 */
#ifndef BARESOCK_STACK_ISN_H
#define BARESOCK_STACK_ISN_H

#include <stdint.h>

#include "baresock/wait.h"

/** Bytes of a secret. */
#define ISN_SECRET 16

/** Begin with ISN_SECRET unpredictable bytes, and with the clock at @p from (us), which nobody should know either. */
void isn_init(const void *secret, bs_time_t from);

/** SipHash-2-4 of @p count words, each with its lowest byte first. */
uint64_t isn_hash(const uint64_t key[2], const uint32_t *words, unsigned count);

#endif /* BARESOCK_STACK_ISN_H */
