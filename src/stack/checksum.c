/**
 * The Internet checksum (RFC 1071), which is most of what TCP costs per byte.
 *
 * A ones' complement sum may be taken in words of any even size, as long as each carry comes back in at the other end:
 * so it is taken in the largest words that the machine adds in one step, and folded to 16 bits at the end. It comes out in
 * the byte order of the data, whatever the machine's.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lwip/inet_chksum.h"

#if UINTPTR_MAX > 0xffffffffu
typedef uint64_t word_t;
#else
typedef uint32_t word_t;
#endif

/* Unaligned, and of any type. */
#define LOAD(type, at)                \
  ({                                  \
    type value_;                      \
    memcpy(&value_, at, sizeof(type)); \
    value_;                           \
  })

/* With the carry brought back in. */
static inline uint64_t
add(uint64_t sum, word_t word)
{
  sum += word;
  return sizeof(word) < sizeof(sum) ? sum : sum + (sum < word);
}

#if defined(__x86_64__)
/* No compiler keeps the carry in its flag from one addition to the next: twice the instructions. */
#define BLOCK 128

static inline uint64_t
add_block(uint64_t sum, const uint8_t *at)
{
  __asm__("addq (%1), %0\n\t"
          "adcq 8(%1), %0\n\t"
          "adcq 16(%1), %0\n\t"
          "adcq 24(%1), %0\n\t"
          "adcq 32(%1), %0\n\t"
          "adcq 40(%1), %0\n\t"
          "adcq 48(%1), %0\n\t"
          "adcq 56(%1), %0\n\t"
          "adcq 64(%1), %0\n\t"
          "adcq 72(%1), %0\n\t"
          "adcq 80(%1), %0\n\t"
          "adcq 88(%1), %0\n\t"
          "adcq 96(%1), %0\n\t"
          "adcq 104(%1), %0\n\t"
          "adcq 112(%1), %0\n\t"
          "adcq 120(%1), %0\n\t"
          "adcq $0, %0"
          : "+r"(sum)
          : "r"(at), "m"(*(const uint8_t(*)[BLOCK])at)
          : "cc");
  return sum;
}
#else
#define BLOCK (8 * sizeof(word_t))

static inline uint64_t
add_block(uint64_t sum, const uint8_t *at)
{
  unsigned i;

  for (i = 0; i < BLOCK; i += sizeof(word_t)) {
    sum = add(sum, LOAD(word_t, at + i));
  }
  return sum;
}
#endif

static u16_t
fold(uint64_t sum)
{
  sum = (sum & 0xffffffffu) + (sum >> 32);
  sum = (sum & 0xffffffffu) + (sum >> 32);
  sum = (sum & 0xffffu) + (sum >> 16);
  sum = (sum & 0xffffu) + (sum >> 16);
  return (u16_t)sum;
}

u16_t
stack_checksum(const void *data, int len)
{
  const uint8_t *at = data;
  size_t left = (size_t)len;
  uint64_t sum = 0;

  for (; left >= BLOCK; left -= BLOCK, at += BLOCK) {
    sum = add_block(sum, at);
  }
  for (; left >= sizeof(word_t); left -= sizeof(word_t), at += sizeof(word_t)) {
    sum = add(sum, LOAD(word_t, at));
  }
  if (left & 4) {
    sum = add(sum, LOAD(uint32_t, at));
    at += 4;
  }
  if (left & 2) {
    sum = add(sum, LOAD(uint16_t, at));
    at += 2;
  }
  if (left & 1) {
    /* As if a zero followed. */
    uint16_t last = 0;

    memcpy(&last, at, 1);
    sum = add(sum, last);
  }
  return fold(sum);
}
