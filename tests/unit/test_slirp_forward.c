/**
 * The parameters of the link `slirp`, above all its forwards from the host's ports to ours.
 */
#include "host.h"

static void
test_forward_tcp_client_connects_sends_syn(void **state)
{
  uint16_t port = free_port(SOCK_STREAM);
  char string[80];
  struct segment s;
  struct guest g;
  int client;

  (void)state;
  snprintf(string, sizeof(string), "slirp:fwd=tcp:%d-%d", port, GUEST_PORT);
  g = guest_on(string);
  client = host_client(AF_INET, SOCK_STREAM, port);
  s = await_tcp(&g);
  assert_int_equal(s.to, GUEST_PORT);
  assert_int_equal(s.flags, TCP_SYN);
  assert_int_equal(get32(g.frame + ETH_LEN + 16), GUEST_IP);
  close(client);
  bs_link_close(g.link);
}

static void
test_forward_tcp6_client_connects_sends_syn_to_slaac_address(void **state)
{
  static const uint8_t slaac[16] = { 0xfe, 0xc0, 0, 0, 0, 0, 0, 0, 0x50, 0x54, 0, 0xff, 0xfe, 1, 2, 3 };
  uint16_t port = 0;
  int probe = host_socket(AF_INET6, SOCK_STREAM, &port);
  char string[80];
  struct guest g;
  uint8_t *tcp;
  int client;

  (void)state;
  if (probe < 0) {
    skip();
  }
  close(probe);
  port = free_port(SOCK_STREAM);
  snprintf(string, sizeof(string), "slirp:fwd=tcp:%d-%d,mac=52:54:00:01:02:03", port, GUEST_PORT);
  g = guest_on(string);
  client = host_client(AF_INET6, SOCK_STREAM, port);
  tcp = await(&g, 6, PROTO_TCP);
  assert_int_equal(get16(tcp + 2), GUEST_PORT);
  assert_int_equal(tcp[13] & 0x3f, TCP_SYN);
  assert_memory_equal(g.frame + ETH_LEN + 24, slaac, sizeof(slaac));
  close(client);
  bs_link_close(g.link);
}

static void
test_forward_udp_datagram_arrives(void **state)
{
  uint16_t port = free_port(SOCK_DGRAM);
  char string[80];
  struct guest g;
  uint8_t *udp;
  int client;

  (void)state;
  snprintf(string, sizeof(string), "slirp:fwd=udp:%d-5353", port);
  g = guest_on(string);
  client = host_client(AF_INET, SOCK_DGRAM, port);
  assert_int_equal(send(client, "hello", 5, 0), 5);
  udp = await(&g, 4, PROTO_UDP);
  assert_int_equal(get16(udp + 2), 5353);
  assert_memory_equal(udp + UDP_LEN, "hello", 5);
  close(client);
  bs_link_close(g.link);
}

static void
test_forward_closed_frees_its_port(void **state)
{
  uint16_t tcp = free_port(SOCK_STREAM);
  uint16_t udp = free_port(SOCK_DGRAM);
  char string[80];
  int i;

  (void)state;
  snprintf(string, sizeof(string), "slirp:fwd=tcp:%d-80,fwd=udp:%d-53", tcp, udp);
  for (i = 0; i < 3; i++) {
    bs_link_close(open_link(string));
  }
}

/* The port that is taken is free on the other loopback: else that would be refused first. */
static void
check_port_taken(int family, int type, const char *proto)
{
  uint16_t taken = free_port(type);
  uint16_t other = free_port(type);
  int holder = host_socket(family, type, &taken);
  char string[80], words[40];
  int fd;

  if (holder < 0) {
    skip();
  }
  snprintf(string, sizeof(string), "slirp:fwd=%s:%d-1,fwd=%s:%d-2", proto, other, proto, taken);
  snprintf(words, sizeof(words), "port %d of %s is taken", taken, family == AF_INET ? "127.0.0.1" : "::1");
  assert_refused(string, EADDRINUSE, words);
  close(holder);

  /* Nothing is left open. */
  fd = host_socket(AF_INET, type, &other);
  assert_true(fd >= 0);
  close(fd);
}

static void
test_forward_tcp_port_taken_is_refused(void **state)
{
  (void)state;
  check_port_taken(AF_INET, SOCK_STREAM, "tcp");
}

static void
test_forward_udp_port_taken_is_refused(void **state)
{
  (void)state;
  check_port_taken(AF_INET, SOCK_DGRAM, "udp");
}

static void
test_forward_tcp6_port_taken_is_refused(void **state)
{
  (void)state;
  check_port_taken(AF_INET6, SOCK_STREAM, "tcp");
}

static void
test_forward_udp6_port_taken_is_refused(void **state)
{
  (void)state;
  check_port_taken(AF_INET6, SOCK_DGRAM, "udp");
}

static void
test_forward_written_wrong_is_refused(void **state)
{
  static const char *const wrong[] = {
    "80",           "tcp",          "tcp:",        "tcp:8080",     "tcp:8080-",
    "tcp:-80",      "tcp:0-80",     "tcp:8080-0",  "tcp:65536-80", "tcp:8080-65536",
    "tcp:8080-80x", "sctp:8080-80", "tcp:8080:80", "tcp: 8080-80", "tcp:99999999999999999999-80"
  };
  unsigned i;

  (void)state;
  for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    char string[80];

    snprintf(string, sizeof(string), "slirp:fwd=%s", wrong[i]);
    assert_refused(string, EINVAL, "fwd=tcp:8080-80");
  }
}

static void
test_parameters_written_wrong_are_refused(void **state)
{
  (void)state;
  assert_refused("slirp:fast", EINVAL, "no parameter fast");
  assert_refused("slirp:restrict=1", EINVAL, "no parameter restrict=1");
  assert_refused("slirp:mac=1", EINVAL, "mac=52:54:00:12:34:56");
  assert_refused("slirp:mtu=575", EINVAL, "from 576 to 1500");
  assert_refused("slirp:mtu=1501", EINVAL, "from 576 to 1500");
  assert_refused("slirp:mtu=1000x", EINVAL, "from 576 to 1500");
}

static void
test_mtu_given_is_told_and_offered(void **state)
{
  uint16_t port = free_port(SOCK_STREAM);
  struct guest g;
  char string[80];
  int client;

  (void)state;
  snprintf(string, sizeof(string), "slirp:mtu=600,fwd=tcp:%d-%d", port, GUEST_PORT);
  g = guest_on(string);
  assert_int_equal(status_of(g.link).mtu, 600);
  client = host_client(AF_INET, SOCK_STREAM, port);
  (void)await_tcp(&g);
  assert_int_equal(get16(g.frame + ETH_LEN + IP4_LEN + TCP_LEN), 0x0204);
  assert_true(get16(g.frame + ETH_LEN + IP4_LEN + TCP_LEN + 2) <= 560);
  close(client);
  bs_link_close(g.link);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_forward_tcp_client_connects_sends_syn),
    cmocka_unit_test(test_forward_tcp6_client_connects_sends_syn_to_slaac_address),
    cmocka_unit_test(test_forward_udp_datagram_arrives),
    cmocka_unit_test(test_forward_closed_frees_its_port),
    cmocka_unit_test(test_forward_tcp_port_taken_is_refused),
    cmocka_unit_test(test_forward_udp_port_taken_is_refused),
    cmocka_unit_test(test_forward_tcp6_port_taken_is_refused),
    cmocka_unit_test(test_forward_udp6_port_taken_is_refused),
    cmocka_unit_test(test_forward_written_wrong_is_refused),
    cmocka_unit_test(test_parameters_written_wrong_are_refused),
    cmocka_unit_test(test_mtu_given_is_told_and_offered),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
