/**
 * Numbers in network byte order, and the Internet checksum, as a test writes them by hand.
 */
#ifndef TESTS_BYTES_H
#define TESTS_BYTES_H

#include <stddef.h>
#include <stdint.h>

static inline void
put16(uint8_t *at, unsigned value)
{
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}

static inline void
put32(uint8_t *at, uint32_t value)
{
  put16(at, value >> 16);
  put16(at + 2, value & 0xffff);
}

static inline uint16_t
get16(const uint8_t *at)
{
  return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t
get32(const uint8_t *at)
{
  return (uint32_t)get16(at) << 16 | get16(at + 2);
}

/* The Internet checksum of data, on top of a sum. */
static inline uint16_t
checksum(const uint8_t *data, size_t len, uint32_t sum)
{
  size_t i;

  for (i = 0; i < len; i++) {
    sum += (i & 1) ? data[i] : (uint32_t)data[i] << 8;
  }
  while (sum >> 16) {
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return (uint16_t)~sum;
}

#endif /* TESTS_BYTES_H */
