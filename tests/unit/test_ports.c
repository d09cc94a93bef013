/**
 * Where the search for a free port begins.
 */
#include "leak.h"

#include "lwip/opt.h"
#include "lwip/arch.h"

/* lwIP's own macro began with 0xffff once in 16384 programs, and their first connect() found no port. */
static void
test_any_random_number_begins_within_the_dynamic_ports_and_before_the_last(void **state)
{
  uint32_t random;

  (void)state;
  for (random = 0; random <= 0x1ffff; random++) {
    u16_t port = TCP_ENSURE_LOCAL_PORT_RANGE(random);

    assert_true(port >= TCP_LOCAL_PORT_RANGE_START && port < TCP_LOCAL_PORT_RANGE_END);
  }
  assert_true(TCP_ENSURE_LOCAL_PORT_RANGE(UINT32_MAX) < TCP_LOCAL_PORT_RANGE_END);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_any_random_number_begins_within_the_dynamic_ports_and_before_the_last),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
