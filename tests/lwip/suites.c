/**
 * lwIP's own unit tests: what they need around them, and their results as TAP.
 */
#include "suites.h"

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/stats.h"
#include "lwip/sys.h"

#include "lwip_check.h"

#include "core/test_def.h"
#include "core/test_netif.h"
#include "core/test_pbuf.h"
#include "dhcp/test_dhcp.h"
#include "etharp/test_etharp.h"
#include "ip4/test_ip4.h"
#include "ip6/test_ip6.h"
#include "tcp/test_tcp.h"
#include "tcp/test_tcp_oos.h"
#include "tcp/test_tcp_state.h"
#include "udp/test_udp.h"

/* --- what the floors above lwIP would give --- */

uint32_t
stack_random(void)
{
  return (uint32_t)random();
}

void
stack_assert_failed(const char *what, const char *file, int line)
{
  ck_abort_msg("%s (%s:%d)", what, file, line);
  abort();
}

/* The tests' clock, in milliseconds. */
u32_t lwip_sys_now;

u32_t
sys_now(void)
{
  return lwip_sys_now;
}

/* In place of lwIP's thread, which takes what an interface sent to itself. The tests declare it themselves. */
int tcpip_thread_poll_one(void);
int
tcpip_thread_poll_one(void)
{
  netif_poll_all();
  return 0;
}

/* --- memory: a test leaves none in use --- */

/* What lwIP uses by itself. */
static struct {
  mem_size_t heap;
  mem_size_t pool[MEMP_MAX];
} before;

static void
keep_use(void)
{
  unsigned i;

  before.heap = lwip_stats.mem.used;
  for (i = 0; i < MEMP_MAX; i++) {
    before.pool[i] = lwip_stats.memp[i]->used;
  }
}

/* Called by the tests, with what may be in use. */
void
lwip_check_ensure_no_alloc(unsigned int skip)
{
  unsigned i;

  if ((skip & SKIP_HEAP) == 0) {
    ck_assert_uint_eq(lwip_stats.mem.used, before.heap);
  }
  for (i = 0; i < MEMP_MAX; i++) {
    if ((skip & SKIP_POOL(i)) == 0) {
      ck_assert_msg(lwip_stats.memp[i]->used == before.pool[i], "of pool %u %u are in use, before %u", i,
                    (unsigned)lwip_stats.memp[i]->used, (unsigned)before.pool[i]);
    }
  }
}

/* --- the suites --- */

/* Each test is a case of its own, and so has its name in the results. */
Suite *
create_suite(const char *name, testfunc *tests, size_t count, SFun setup, SFun teardown)
{
  Suite *suite = suite_create(name);
  size_t i;

  for (i = 0; i < count; i++) {
    TCase *one = tcase_create(tests[i]->name);

    if (setup != NULL || teardown != NULL) {
      tcase_add_checked_fixture(one, setup, teardown);
    }
    tcase_add_named_test(one, tests[i]);
    suite_add_tcase(suite, one);
  }
  return suite;
}

/* Those of the parts that baresock uses. */
static suite_getter_fn *const suites[] = {
  ip4_suite,    ip6_suite,  udp_suite,   tcp_suite,  tcp_oos_suite, tcp_state_suite,
  etharp_suite, dhcp_suite, netif_suite, pbuf_suite, def_suite,
};

/* What our patches to lwIP change on purpose (deps/patches/lwip). */
static const struct lwip_failure patched[] = {
  { "test_tcp_gen_rst_in_TIME_WAIT", "a SYN is challenged, as RFC 9293 3.10.7.4 says (timewait-syn.patch)" },
  { "test_ip6_dest_unreachable_chained_pbuf",
    "its datagram has no checksum, which IPv6 forbids (udp-no-checksum.patch)" },
  { NULL, NULL },
};

static const struct lwip_failure *
find(const struct lwip_failure *must_fail, const char *test)
{
  while (must_fail->test != NULL && strcmp(must_fail->test, test) != 0) {
    must_fail++;
  }
  return must_fail->test != NULL ? must_fail : NULL;
}

/* @return whether it is as it must be */
static bool
tell(int number, TestResult *result, const struct lwip_failure *must_fail)
{
  const struct lwip_failure *failure = find(must_fail, tr_tcname(result));
  bool passed = tr_rtype(result) == CK_PASS;

  if (failure == NULL) {
    failure = find(patched, tr_tcname(result));
  }
  printf("%s %d - %s", passed == (failure == NULL) ? "ok" : "not ok", number, tr_tcname(result));
  if (failure != NULL) {
    printf(passed ? ": passes, and must not: %s" : ": fails, as it must: %s", failure->why);
  }
  putchar('\n');
  if (!passed && failure == NULL) {
    printf("# %s:%d: %s\n", tr_lfile(result), tr_lno(result), tr_msg(result));
  }
  return passed == (failure == NULL);
}

int
lwip_suites_run(const struct lwip_failure *must_fail)
{
  SRunner *runner = srunner_create(NULL);
  TestResult **results;
  int failed = 0;
  int count, i;

  lwip_init();
  keep_use();
  for (i = 0; i < (int)LWIP_ARRAYSIZE(suites); i++) {
    srunner_add_suite(runner, suites[i]());
  }
  srunner_run_all(runner, CK_SILENT);
  results = srunner_results(runner);
  count = srunner_ntests_run(runner);
  for (i = 0; i < count; i++) {
    failed += tell(i + 1, results[i], must_fail) ? 0 : 1;
  }
  free(results);
  srunner_free(runner);
  printf("1..%d\n", count);
  return failed != 0;
}
