/**
 * lwIP's heap as this program's malloc() gives it (src/stack/memory.c): blocks that are used again, and the limit.
 */
#include "leak.h"

#include "lwip/mem.h"
#include "lwip/stats.h"

#define BLOCKS     500
#define ROUNDS     20000
#define SIZE_MOST  3000
#define LARGE_STEP 4096

static struct {
  uint8_t *data;
  mem_size_t size;
  uint8_t mark;
} block[BLOCKS];

static void
give_back(unsigned i)
{
  mem_size_t at;

  for (at = 0; at < block[i].size; at++) {
    assert_int_equal(block[i].data[at], block[i].mark);
  }
  mem_free(block[i].data);
  block[i].data = NULL;
}

static void
test_blocks_of_all_sizes_are_nobody_elses(void **state)
{
  unsigned i, round;

  (void)state;
  srandom(1);
  for (round = 0; round < ROUNDS; round++) {
    i = (unsigned)random() % BLOCKS;
    if (block[i].data != NULL) {
      give_back(i);
      continue;
    }
    block[i].size = (mem_size_t)(1 + random() % SIZE_MOST);
    block[i].mark = (uint8_t)round;
    block[i].data = mem_malloc(block[i].size);
    if (block[i].data != NULL) {
      memset(block[i].data, block[i].mark, block[i].size);
    }
  }
  for (i = 0; i < BLOCKS; i++) {
    if (block[i].data != NULL) {
      give_back(i);
    }
  }
}

static void
test_calloc_of_a_block_used_before_gives_zeros(void **state)
{
  static const uint8_t zeros[SIZE_MOST];
  mem_size_t size;

  (void)state;
  for (size = 1; size < SIZE_MOST; size = (mem_size_t)(size * 2 + 1)) {
    uint8_t *data = mem_malloc(size);

    memset(data, 0xff, size);
    mem_free(data);
    data = mem_calloc(1, size);
    assert_memory_equal(data, zeros, size);
    mem_free(data);
  }
}

static void
test_heap_used_up_a_block_is_refused_and_counted_until_one_is_free(void **state)
{
  static void *taken[BS_MEM_SIZE / LARGE_STEP + 1];
  uint32_t failed = net_stat("pool", "MEMORY").failed;
  unsigned n = 0;

  (void)state;
  while ((taken[n] = mem_malloc(LARGE_STEP)) != NULL) {
    n++;
    assert_true(n < sizeof(taken) / sizeof(taken[0]));
  }
  assert_int_equal(net_stat("pool", "MEMORY").failed, failed + 1);
  assert_true(n > 0 && net_stat("pool", "MEMORY").value <= BS_MEM_SIZE);
  mem_free(taken[--n]);
  taken[n] = mem_malloc(LARGE_STEP);
  assert_non_null(taken[n++]);
  while (n > 0) {
    mem_free(taken[--n]);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    leak_free(test_blocks_of_all_sizes_are_nobody_elses),
    leak_free(test_calloc_of_a_block_used_before_gives_zeros),
    leak_free(test_heap_used_up_a_block_is_refused_and_counted_until_one_is_free),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
