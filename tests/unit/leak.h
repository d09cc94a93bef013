/**
 * What every test of the stack begins and ends with: afterwards all pools are as full as before, and no descriptor is
 * open.
 */
#ifndef TESTS_LEAK_H
#define TESTS_LEAK_H

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "baresock/socket.h"
#include "clock.h"

#define POOLS_MOST 64

/* Long enough for the slowest machine: a test that works never waits so long. */
#define PATIENCE_US 60000000u

/* What was in use before the test. */
static uint32_t pools_before[POOLS_MOST];
static unsigned host_fds_before;

/* A counter or a pool by its name. */
static inline struct bs_net_stat
net_stat(const char *group, const char *name)
{
  struct bs_net_stat stat;
  unsigned i;

  for (i = 0; bs_net_stats(i, &stat) == 0; i++) {
    if (strcmp(stat.group, group) == 0 && strcmp(stat.name, name) == 0) {
      return stat;
    }
  }
  fail_msg("there is no %s %s", group, name);
  return stat;
}

static inline uint32_t
counter(const char *group, const char *name)
{
  return net_stat(group, name).value;
}

static inline unsigned
host_fds(void)
{
  DIR *dir = opendir("/proc/self/fd");
  unsigned n = 0;

  assert_non_null(dir);
  while (readdir(dir) != NULL) {
    n++;
  }
  closedir(dir);
  return n;
}

static inline void
each_pool(void (*look)(const struct bs_net_stat *stat, uint32_t *before))
{
  struct bs_net_stat stat;
  unsigned i, pool = 0;

  for (i = 0; bs_net_stats(i, &stat) == 0; i++) {
    if (strcmp(stat.group, "pool") == 0) {
      assert_true(pool < POOLS_MOST);
      look(&stat, &pools_before[pool++]);
    }
  }
  assert_true(pool > 10);
}

static inline void
keep_use(const struct bs_net_stat *stat, uint32_t *before)
{
  *before = stat->value;
}

static inline void
compare_use(const struct bs_net_stat *stat, uint32_t *before)
{
  if (stat->value != *before) {
    fail_msg("of pool %s, %u are in use, before %u", stat->name, stat->value, *before);
  }
}

/* All pools are as full as when the test began. */
static inline void
assert_pools_as_before(void)
{
  each_pool(compare_use);
}

/* Setup of a test. */
static inline int
remember_pools(void **state)
{
  (void)state;
  assert_int_equal(bs_net_init(), 0);
  /* The library's own descriptors and counters come with the first socket, and stay. */
  assert_int_equal(bs_close(bs_socket(AF_INET, SOCK_DGRAM, 0)), 0);
  settle();
  each_pool(keep_use);
  host_fds_before = host_fds();
  return 0;
}

/* Teardown of a test. */
static inline int
nothing_is_left(void **state)
{
  (void)state;
  start_the_clock();
  (void)bs_net_shutdown();
  settle();
  assert_int_equal(net_stat("pool", "SOCKET").value, 0);
  assert_pools_as_before();
  assert_int_equal(host_fds(), host_fds_before);
  return 0;
}

/* A test that leaves nothing behind. */
#define leak_free(test) cmocka_unit_test_setup_teardown(test, remember_pools, nothing_is_left)

#endif /* TESTS_LEAK_H */
