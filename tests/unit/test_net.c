/**
 * Interfaces: addresses, names, states, and what the environment says.
 */
#include "pair.h"

static struct bs_net_status
status_of(int index)
{
  struct bs_net_status status;

  assert_int_equal(bs_net_status(index, &status), 0);
  return status;
}

static int
loop_up(void)
{
  char why[BS_LINK_WHY];
  int index = bs_net_up("loop", why);

  if (index < 1) {
    fail_msg("%s", why);
  }
  return index;
}

static void
test_none_up_default_is_0(void **state)
{
  struct bs_net_status status;

  (void)state;
  assert_int_equal(bs_net_default(), 0);
  assert_errno(ENODEV, bs_net_status(0, &status));
  assert_errno(ENODEV, bs_net_down(0));
  assert_errno(ENODEV, bs_net_ip4(7, "off"));
}

static void
test_up_status_tells_the_link(void **state)
{
  int index = loop_up();

  (void)state;
  assert_int_equal(bs_net_default(), index);
  assert_string_equal(status_of(index).link, "loop");
  assert_int_equal(status_of(0).ip4, BS_NET_OFF);
  assert_string_equal(status_of(0).addr4, "");
  assert_int_equal(bs_net_wait(0, 0), 0);
}

static void
test_up_static_address_is_told(void **state)
{
  struct bs_net_status status;

  (void)state;
  (void)loop_up();
  assert_int_equal(bs_net_ip4(0, "192.0.2.7/26,192.0.2.1"), 0);
  status = status_of(0);
  assert_int_equal(status.ip4, BS_NET_READY);
  assert_string_equal(status.addr4, "192.0.2.7");
  assert_string_equal(status.mask4, "255.255.255.192");
  assert_string_equal(status.gateway4, "192.0.2.1");
  assert_false(status.dhcp);
  assert_int_equal(bs_net_wait(0, 0), 0);
}

static void
test_address_off_it_is_gone(void **state)
{
  (void)state;
  (void)loop_up();
  assert_int_equal(bs_net_ip4(0, "192.0.2.7/24"), 0);
  assert_int_equal(bs_net_ip4(0, "off"), 0);
  assert_int_equal(status_of(0).ip4, BS_NET_OFF);
  assert_string_equal(status_of(0).addr4, "");
}

static void
test_address_wrong_is_refused_and_the_old_one_stays(void **state)
{
  (void)state;
  (void)loop_up();
  assert_int_equal(bs_net_ip4(0, "192.0.2.7/24"), 0);
  assert_errno(EINVAL, bs_net_ip4(0, "192.0.2.8"));
  assert_errno(EINVAL, bs_net_ip4(0, "auto"));
  assert_string_equal(status_of(0).addr4, "192.0.2.7");
  assert_errno(EINVAL, bs_net_ip6(0, "dhcp"));
}

static void
test_up_static_ipv6_address_is_told(void **state)
{
  struct bs_net_status status;

  (void)state;
  stop_the_clock();
  (void)loop_up();
  assert_int_equal(bs_net_ip6(0, "fd00::7/64,fd00::1"), 0);
  pass_ms(5000);
  status = status_of(0);
  assert_int_equal(status.ip6, BS_NET_READY);
  assert_string_equal(status.addr6[1], "fd00::7");
  assert_string_equal(status.gateway6, "fd00::1");
  assert_int_equal(bs_net_ip6(0, "off"), 0);
  assert_int_equal(status_of(0).ip6, BS_NET_OFF);
}

static void
test_own_address_is_reached(void **state)
{
  struct sockaddr_in in = { .sin_family = AF_INET };
  int listener = bs_socket(AF_INET, SOCK_STREAM, 0), client;

  (void)state;
  (void)loop_up();
  assert_int_equal(bs_net_ip4(0, "192.0.2.7/24"), 0);
  in.sin_addr.s_addr = htonl(0xc0000207);
  assert_int_equal(bs_bind(listener, (struct sockaddr *)&in, sizeof(in)), 0);
  assert_int_equal(bs_listen(listener, 1), 0);
  client = bs_socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(connect_to(&ours, client, listener), 0);
  bs_close(client);
  bs_close(listener);
}

static void
test_foreign_address_bind_gives_eaddrnotavail(void **state)
{
  struct sockaddr_in in = { .sin_family = AF_INET };
  int fd = bs_socket(AF_INET, SOCK_STREAM, 0);

  (void)state;
  (void)loop_up();
  in.sin_addr.s_addr = htonl(0xc0000208);
  assert_errno(EADDRNOTAVAIL, bs_bind(fd, (struct sockaddr *)&in, sizeof(in)));
  bs_close(fd);
}

static void
test_all_up_another_gives_enobufs_and_says_why(void **state)
{
  char why[BS_LINK_WHY] = "";
  int i;

  (void)state;
  for (i = 0; i < BS_MAX_INTERFACES; i++) {
    (void)loop_up();
  }
  assert_errno(ENOBUFS, bs_net_up("loop", why));
  assert_non_null(strstr(why, "take one down"));
  assert_int_equal(bs_net_down(bs_net_default()), 0);
  (void)loop_up();
}

static void
test_default_down_the_next_is_default(void **state)
{
  int first, second;

  (void)state;
  if (BS_MAX_INTERFACES < 2) {
    skip();
  }
  first = loop_up();
  second = loop_up();
  assert_int_equal(bs_net_default(), first);
  assert_int_equal(bs_net_down(first), 0);
  assert_int_equal(bs_net_default(), second);
}

static void
test_link_unknown_says_why(void **state)
{
  char why[BS_LINK_WHY] = "";

  (void)state;
  assert_errno(ENODEV, bs_net_up("no-such-link", why));
  assert_true(strlen(why) > 0);
  assert_errno(ENODEV, bs_net_up("no-such-link", NULL));
}

static void
test_dns_servers_are_listed(void **state)
{
  char text[BS_ADDR_TEXT];

  (void)state;
  assert_int_equal(bs_net_dns("9.9.9.9,10.0.0.1:5353,[::1]:54"), 0);
  assert_int_equal(bs_net_dns_server(0, text), 0);
  assert_string_equal(text, "9.9.9.9");
  assert_int_equal(bs_net_dns_server(1, text), 0);
  assert_string_equal(text, "10.0.0.1:5353");
  assert_int_equal(bs_net_dns_server(2, text), 0);
  assert_string_equal(text, "[::1]:54");
  assert_errno(ENOENT, bs_net_dns_server(3, text));
}

static void
test_dns_wrong_is_refused_and_the_old_ones_stay(void **state)
{
  char text[BS_ADDR_TEXT];

  (void)state;
  assert_int_equal(bs_net_dns("9.9.9.9"), 0);
  assert_errno(EINVAL, bs_net_dns("1.1.1.1,x"));
  assert_errno(E2BIG, bs_net_dns("1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5"));
  assert_int_equal(bs_net_dns_server(0, text), 0);
  assert_string_equal(text, "9.9.9.9");
  assert_int_equal(bs_net_dns(""), 0);
  assert_errno(ENOENT, bs_net_dns_server(0, text));
}

static void
test_hostname_wrong_is_refused(void **state)
{
  static char longer[BS_HOSTNAME_MAX + 1];

  (void)state;
  memset(longer, 'x', BS_HOSTNAME_MAX);
  assert_errno(ENAMETOOLONG, bs_net_hostname(longer));
  assert_errno(EINVAL, bs_net_hostname(""));
  assert_errno(EINVAL, bs_net_hostname("under_score"));
  assert_errno(EINVAL, bs_net_hostname("-x"));
  assert_int_equal(bs_net_hostname("my-host.test"), 0);
  assert_string_equal(bs_net_get_hostname(), "my-host.test");
}

/* --- by itself, from the environment --- */

static int
connect_outside(void)
{
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(9) };
  int fd = bs_socket(AF_INET, SOCK_DGRAM, 0);
  int result;

  in.sin_addr.s_addr = htonl(0xc0000209);
  result = bs_connect(fd, (struct sockaddr *)&in, sizeof(in));
  result = result < 0 ? -errno : 0;
  bs_close(fd);
  return result;
}

static void
test_nothing_set_up_the_environments_link_comes_up(void **state)
{
  (void)state;
  setenv("BARESOCK_LINK", "loop", 1);
  setenv("BARESOCK_IP4", "192.0.2.5/24,192.0.2.1", 1);
  setenv("BARESOCK_DNS", "192.0.2.3", 1);
  assert_int_equal(connect_outside(), 0);
  assert_string_equal(status_of(0).link, "loop");
  assert_string_equal(status_of(0).addr4, "192.0.2.5");
  unsetenv("BARESOCK_LINK");
  unsetenv("BARESOCK_IP4");
  unsetenv("BARESOCK_DNS");
}

static void
test_loopback_alone_brings_nothing_up(void **state)
{
  struct ends p = connected_pair();

  (void)state;
  assert_int_equal(bs_net_default(), 0);
  close_pair(&p);
}

static void
test_environment_wrong_says_which_variable(void **state)
{
  static const char *const wrong[][2] = { { "BARESOCK_IP4", "10.0.0.2" },
                                          { "BARESOCK_IP6", "fd00::2" },
                                          { "BARESOCK_DNS", "x" },
                                          { "BARESOCK_HOSTNAME", "under_score" } };
  char why[BS_LINK_WHY];
  unsigned i;

  (void)state;
  for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    setenv(wrong[i][0], wrong[i][1], 1);
    assert_errno(EINVAL, bs_net_up("loop", why));
    unsetenv(wrong[i][0]);
    assert_non_null(strstr(why, wrong[i][0]));
    assert_int_equal(bs_net_default(), 0);
  }
}

static void
test_program_took_all_down_connect_gives_enetdown(void **state)
{
  (void)state;
  assert_int_equal(bs_net_down(loop_up()), 0);
  assert_int_equal(connect_outside(), -ENETDOWN);
}

static void
test_up_without_address_connect_gives_enetunreach(void **state)
{
  (void)state;
  (void)loop_up();
  assert_int_equal(connect_outside(), -ENETUNREACH);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    leak_free(test_none_up_default_is_0),
    leak_free(test_up_status_tells_the_link),
    leak_free(test_up_static_address_is_told),
    leak_free(test_address_off_it_is_gone),
    leak_free(test_address_wrong_is_refused_and_the_old_one_stays),
    leak_free(test_up_static_ipv6_address_is_told),
    leak_free(test_own_address_is_reached),
    leak_free(test_foreign_address_bind_gives_eaddrnotavail),
    leak_free(test_all_up_another_gives_enobufs_and_says_why),
    leak_free(test_default_down_the_next_is_default),
    leak_free(test_link_unknown_says_why),
    leak_free(test_dns_servers_are_listed),
    leak_free(test_dns_wrong_is_refused_and_the_old_ones_stay),
    leak_free(test_hostname_wrong_is_refused),
    leak_free(test_nothing_set_up_the_environments_link_comes_up),
    leak_free(test_loopback_alone_brings_nothing_up),
    leak_free(test_environment_wrong_says_which_variable),
    leak_free(test_program_took_all_down_connect_gives_enetdown),
    leak_free(test_up_without_address_connect_gives_enetunreach),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
