/**
 * Which port a socket gets that names none.
 */
#include "pair.h"

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

/* @return the port of a socket that bind() gave one, and that is closed again */
static u16_t
given_port(void)
{
  int fd = bound(&ours, SOCK_STREAM);
  u16_t port = ntohs(name_of(&ours, fd).sin_port);

  bs_close(fd);
  return port;
}

static u16_t
connected_port(int listener)
{
  int fd = connecting_to(&ours, listener);
  u16_t port = ntohs(name_of(&ours, fd).sin_port);

  settle();
  close_with_reset(&ours, fd);
  settle();
  close_with_reset(&ours, bs_accept(listener, NULL, NULL));
  return port;
}

static u16_t
after(u16_t port)
{
  return (u16_t)(port + 1 == TCP_LOCAL_PORT_RANGE_END ? TCP_LOCAL_PORT_RANGE_START : port + 1);
}

static void
test_ports_come_in_a_row_whether_bound_or_connected(void **state)
{
  int listener = listening(&ours, 4);
  u16_t first = given_port();

  (void)state;
  assert_int_equal(connected_port(listener), after(first));
  assert_int_equal(given_port(), after(after(first)));
  bs_close(listener);
}

/* As late as this: all that come after look for their ports. */
static void
test_named_dynamic_port_is_given_to_nobody_else(void **state)
{
  int listener = listening(&ours, 4);
  struct sockaddr_in next = loopback(after(given_port()));
  int named = bs_socket(AF_INET, SOCK_STREAM, 0);
  unsigned i;

  (void)state;
  assert_int_equal(bs_bind(named, (struct sockaddr *)&next, sizeof(next)), 0);
  for (i = 0; i < 20000; i++) {
    u16_t port = given_port();

    assert_in_range(port, TCP_LOCAL_PORT_RANGE_START, TCP_LOCAL_PORT_RANGE_END - 1);
    assert_int_not_equal(port, ntohs(next.sin_port));
  }
  assert_int_not_equal(connected_port(listener), ntohs(next.sin_port));
  bs_close(named);
  bs_close(listener);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_any_random_number_begins_within_the_dynamic_ports_and_before_the_last),
    leak_free(test_ports_come_in_a_row_whether_bound_or_connected),
    leak_free(test_named_dynamic_port_is_given_to_nobody_else),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
