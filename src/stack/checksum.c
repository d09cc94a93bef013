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

/* Words that are added in one go: a full segment is little else. */
#define BLOCK_WORDS 16

/* With the carry brought back in; 64 bits have room for all carries of 32-bit words. */
static inline uint64_t
add(uint64_t sum, word_t word)
{
  sum += word;
  return sizeof(word) < sizeof(sum) ? sum : sum + (sum < word);
}

static inline word_t
load_word(const uint8_t *at)
{
  word_t word;

  memcpy(&word, at, sizeof(word));
  return word;
}

#if defined(__x86_64__)
/* No compiler keeps the carry in its flag from one addition to the next: twice the instructions. */
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
          : "r"(at), "m"(*(const uint8_t(*)[BLOCK_WORDS * sizeof(word_t)]) at)
          : "cc");
  return sum;
}
#elif defined(__i386__)
/* Likewise; the last carry goes where 64 bits have room for it. */
static inline uint64_t
add_block(uint64_t sum, const uint8_t *at)
{
  uint32_t low = (uint32_t)sum;
  uint32_t carries = (uint32_t)(sum >> 32);

  __asm__("addl (%2), %0\n\t"
          "adcl 4(%2), %0\n\t"
          "adcl 8(%2), %0\n\t"
          "adcl 12(%2), %0\n\t"
          "adcl 16(%2), %0\n\t"
          "adcl 20(%2), %0\n\t"
          "adcl 24(%2), %0\n\t"
          "adcl 28(%2), %0\n\t"
          "adcl 32(%2), %0\n\t"
          "adcl 36(%2), %0\n\t"
          "adcl 40(%2), %0\n\t"
          "adcl 44(%2), %0\n\t"
          "adcl 48(%2), %0\n\t"
          "adcl 52(%2), %0\n\t"
          "adcl 56(%2), %0\n\t"
          "adcl 60(%2), %0\n\t"
          "adcl $0, %1"
          : "+r"(low), "+r"(carries)
          : "r"(at), "m"(*(const uint8_t(*)[BLOCK_WORDS * sizeof(word_t)]) at)
          : "cc");
  return (uint64_t)carries << 32 | low;
}
#else
static inline uint64_t
add_block(uint64_t sum, const uint8_t *at)
{
  unsigned i;

  for (i = 0; i < BLOCK_WORDS; i++) {
    sum = add(sum, load_word(at + i * sizeof(word_t)));
  }
  return sum;
}
#endif

/* The upper half of x + (x rotated by half) is the sum of the halves and their carry. */
static inline u16_t
fold(uint64_t sum)
{
  uint32_t half;

  sum += sum << 32 | sum >> 32;
  half = (uint32_t)(sum >> 32);
  half += half << 16 | half >> 16;
  return (u16_t)(half >> 16);
}

u16_t
stack_checksum(const void *data, int len)
{
  const uint8_t *at = data;
  const uint8_t *words_end;
  size_t left = (size_t)len;
  uint64_t sum = 0;

  for (; left >= BLOCK_WORDS * sizeof(word_t); left -= BLOCK_WORDS * sizeof(word_t)) {
    sum = add_block(sum, at);
    at += BLOCK_WORDS * sizeof(word_t);
  }
  words_end = at + left / sizeof(word_t) * sizeof(word_t);
  for (; at != words_end; at += sizeof(word_t)) {
    sum = add(sum, load_word(at));
  }
  if (sizeof(word_t) > sizeof(uint32_t) && (left & sizeof(uint32_t))) {
    uint32_t word;

    memcpy(&word, at, sizeof(word));
    sum = add(sum, word);
    at += sizeof(word);
  }
  if (left & sizeof(uint16_t)) {
    uint16_t word;

    memcpy(&word, at, sizeof(word));
    sum = add(sum, word);
    at += sizeof(word);
  }
  if (left & 1) {
    /* As if a zero followed. */
    uint16_t word = 0;

    memcpy(&word, at, 1);
    sum = add(sum, word);
  }
  return fold(sum);
}
