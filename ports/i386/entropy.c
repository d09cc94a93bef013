/**
 * Randomness: what RDRAND gives where the processor has it, and the jitter of the timer, gathered in a hash.
 *
 * The pool is SHA-256 of all that went into it. Before it is first used it gets POOL_BITS bits: of RDRAND, or else of
 * SAMPLES moments of the timer (i386_entropy_sample()). The timer has a crystal of its own (an emulator: its host), so
 * that nobody outside can tell to a few counts how far the processor was; a moment is put down as half a bit, and the
 * machines' README say what was measured. What else they stir in is counted as nothing.
 *
 * What is given out is a hash of the pool and a count. Then the pool is hashed forward, so that who learns it later
 * can't tell what was given out before.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "mbedtls/sha256.h"

#include "i386/cpu.h"
#include "i386/entropy.h"
#include "i386/io.h"
#include "port.h"

#define POOL_BITS    256
#define SAMPLES      (2 * POOL_BITS)
#define HASH_LEN     32
#define RDRAND_TRIES 10

static uint8_t pool[HASH_LEN];
static bool filled;

/* What interrupts left since the pool was last hashed. Only their handlers write, with interrupts off. */
static uint32_t stirred[16];
static volatile unsigned stirs;

void
i386_entropy_stir(uint32_t value)
{
  unsigned i = stirs++ % (sizeof(stirred) / sizeof(stirred[0]));

  stirred[i] = (stirred[i] << 7 | stirred[i] >> 25) ^ value;
}

static void
stir(uint32_t value)
{
  uint32_t flags = io_disable();

  i386_entropy_stir(value);
  io_restore(flags);
}

/* out = SHA-256(tag, pool, what was stirred in); different tags give results that say nothing of each other. */
static void
hash(uint8_t tag, uint32_t count, uint8_t out[HASH_LEN])
{
  mbedtls_sha256_context context;

  mbedtls_sha256_init(&context);
  (void)mbedtls_sha256_starts(&context, 0);
  (void)mbedtls_sha256_update(&context, &tag, sizeof(tag));
  (void)mbedtls_sha256_update(&context, (const uint8_t *)&count, sizeof(count));
  (void)mbedtls_sha256_update(&context, pool, sizeof(pool));
  (void)mbedtls_sha256_update(&context, (const uint8_t *)stirred, sizeof(stirred));
  (void)mbedtls_sha256_finish(&context, out);
  mbedtls_sha256_free(&context);
}

static void
hash_forward(void)
{
  hash('f', 0, pool);
}

static bool
rdrand(uint32_t *value)
{
  bool good;
  unsigned tries;

  for (tries = 0; tries < RDRAND_TRIES; tries++) {
    __asm__ volatile("rdrand %0; setc %1" : "=r"(*value), "=qm"(good) : : "cc");
    if (good) {
      return true;
    }
  }
  return false;
}

static bool
fill_from_rdrand(void)
{
  uint32_t value;
  unsigned i;

  if ((i386_cpu_features() & I386_CPU_RDRAND) == 0) {
    return false;
  }
  for (i = 0; i < POOL_BITS / 32; i++) {
    /* One that sticks at a value, as some processors' did after a sleep, is none. */
    uint32_t again;

    if (!rdrand(&value) || !rdrand(&again) || value == again) {
      return false;
    }
    stir(value);
    stir(again);
    hash_forward();
  }
  return true;
}

static void
fill_from_jitter(void)
{
  uint32_t sample;
  unsigned i;

  for (i = 0; i < SAMPLES; i++) {
    i386_entropy_sample(&sample);
    stir(sample);
    hash_forward();
  }
}

int
port_entropy(void *buf, size_t len)
{
  uint8_t block[HASH_LEN];
  uint8_t *to = buf;
  uint32_t count = 0;

  if (!filled) {
    if (!fill_from_rdrand()) {
      fill_from_jitter();
    }
    filled = true;
  }
  hash_forward();
  while (len > 0) {
    size_t n = len < sizeof(block) ? len : sizeof(block);

    hash('o', count++, block);
    memcpy(to, block, n);
    to += n;
    len -= n;
  }
  hash_forward();
  memset(block, 0, sizeof(block));
  return 0;
}
