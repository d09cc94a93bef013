/**
 * The link `tap`, in a network namespace of its own: the other side is this machine's kernel. Where the machine allows
 * no namespaces, or has no tap device, the tests are skipped.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>

#include "guest.h"

#define TAP_MAC_OF_US "52:54:00:00:00:07"

/* What nobody else has. */
#define NOBODY 65534

static const char *lacking; /* why the tests can't run; NULL when they can */
static bool root;           /* also outside the namespace */

/* --- the namespace --- */

static bool
write_file(const char *path, const char *text)
{
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

  if (fd >= 0) {
    close(fd);
  }
  return ok;
}

/* Whoever is not root is it in a user namespace. */
static bool
become_root(void)
{
  char map[64];

  snprintf(map, sizeof(map), "0 %u 1", getuid());
  return unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) == 0 && write_file("/proc/self/uid_map", map);
}

static void
enter_namespace(void)
{
  int fd;

  root = geteuid() == 0;
  if (root ? unshare(CLONE_NEWNET | CLONE_NEWNS) != 0 : !become_root()) {
    lacking = "no namespaces for us";
  } else if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
    lacking = "no private mounts for us";
  } else if ((fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC)) < 0) {
    lacking = "no tap device for us";
  } else {
    close(fd);
  }
}

static void
test_machine_that_allows_no_tap_is_skipped(void **state)
{
  (void)state;
  print_message("# this machine has %s\n", lacking);
  skip();
}

/* An ioctl on an interface of the kernel. */
static void
configure(const char *name, unsigned long what, struct ifreq *request)
{
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  assert_true(fd >= 0);
  strcpy(request->ifr_name, name);
  if (ioctl(fd, what, request) < 0) {
    fail_msg("%s: ioctl %#lx: %s", name, what, strerror(errno));
  }
  close(fd);
}

static void
bring(const char *name, bool up)
{
  struct ifreq request;

  memset(&request, 0, sizeof(request));
  configure(name, SIOCGIFFLAGS, &request);
  request.ifr_flags = (short)(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
  configure(name, SIOCSIFFLAGS, &request);
}

/* --- frames both ways --- */

static void
set_mac(struct guest *g)
{
  memcpy(g->mac, status_of(g->link).mac, sizeof(g->mac));
}

/* The kernel answers for an IPv4 address of its own. */
static void
assert_kernel_answers_arp(struct guest *g, uint32_t host, uint32_t us)
{
  uint8_t frame[60] = { 0 };
  uint8_t *arp = frame + ETH_LEN;

  put_eth(g, frame, 0x0806);
  memcpy(arp, "\x00\x01\x08\x00\x06\x04\x00\x01", 8);
  memcpy(arp + 8, g->mac, 6);
  put32(arp + 14, us);
  put32(arp + 24, host);
  assert_int_equal(send_frame(g->link, frame, sizeof(frame)), 0);
  do {
    g->len = next_frame(g->link, g->frame);
  } while (frame_type(g) != 0x0806 || get16(g->frame + ETH_LEN + 6) != 2);
  assert_int_equal(get32(g->frame + ETH_LEN + 14), host);
  assert_memory_equal(g->frame, g->mac, 6);
}

static void
test_host_has_ip4_address_frames_pass_both_ways(void **state)
{
  struct guest g = { .link = open_link("tap:bs0,host=192.168.7.1/24") };
  struct bs_link_status status;

  (void)state;
  set_mac(&g);
  assert_kernel_answers_arp(&g, 0xc0a80701, 0xc0a80707);
  status = status_of(g.link);
  assert_int_equal(status.tx_frames, 1);
  assert_true(status.rx_frames >= 1);
  assert_int_equal(status.tx_dropped + status.rx_errors, 0);
  bs_link_close(g.link);
}

/* Ask the kernel for fd07::1, from fd07::7. */
static void
solicit(struct guest *g)
{
  uint8_t frame[ETH_LEN + IP6_LEN + 32] = { 0 };
  uint8_t *ip = frame + ETH_LEN;
  uint8_t *icmp = ip + IP6_LEN;

  put_eth(g, frame, 0x86dd);
  memcpy(frame, "\x33\x33\xff\x00\x00\x01", 6);
  ip[0] = 0x60;
  put16(ip + 4, 32);
  ip[6] = PROTO_ICMP6;
  ip[7] = 255;
  memcpy(ip + 8, "\xfd\x07\0\0\0\0\0\0\0\0\0\0\0\0\0\x07", 16);
  memcpy(ip + 24, "\xff\x02\0\0\0\0\0\0\0\0\0\x01\xff\0\0\x01", 16);
  icmp[0] = 135;
  memcpy(icmp + 8, "\xfd\x07\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 16);
  icmp[24] = 1;
  icmp[25] = 1;
  memcpy(icmp + 26, g->mac, 6);
  put16(icmp + 2, checksum(icmp, 32, pseudo_sum(ip + 8, 32, PROTO_ICMP6, 32)));
  assert_int_equal(send_frame(g->link, frame, sizeof(frame)), 0);
}

static void
test_host_has_ip6_address_frames_pass_both_ways(void **state)
{
  struct guest g = { .link = open_link("tap:bs0,host=192.168.7.1/24,host=fd07::1/64") };
  bs_time_t deadline = bs_now() + PATIENCE_US;

  (void)state;
  set_mac(&g);
  /* The kernel first looks whether somebody else has the address, and does not answer for it meanwhile. */
  do {
    bs_time_t again = bs_now() + 100000;

    assert_true(bs_now() < deadline);
    solicit(&g);
    do {
      g.len = g.link->ops->receive(g.link, g.frame, BS_FRAME_MAX);
      if (g.len == 0) {
        wait_for_link(g.link, false, again);
      }
    } while (!(g.len > 0 && is_icmp6(&g, 136)) && bs_now() < again);
  } while (!(g.len > 0 && is_icmp6(&g, 136)));
  assert_memory_equal(g.frame + ETH_LEN + 8, "\xfd\x07\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 16);
  assert_kernel_answers_arp(&g, 0xc0a80701, 0xc0a80707);
  bs_link_close(g.link);
}

static void
test_closed_name_is_free_again(void **state)
{
  (void)state;
  bs_link_close(open_link("tap:bs0"));
  assert_int_equal(if_nametoindex("bs0"), 0);
  bs_link_close(open_link("tap:bs0,host=fd07::1/64"));
  bs_link_close(open_link("tap:bs0,host=fd07::1/64"));
}

static void
test_name_with_a_pattern_the_kernel_numbers_it(void **state)
{
  struct bs_link *first = open_link("tap:bs%d,host=192.168.7.1/24");
  struct bs_link *second = open_link("tap:bs%d,host=192.168.8.1/24");

  (void)state;
  assert_true(if_nametoindex("bs0") != 0 && if_nametoindex("bs1") != 0);
  assert_memory_not_equal(status_of(first).mac, status_of(second).mac, 6);
  bs_link_close(first);
  bs_link_close(second);
}

static void
test_mac_given_is_taken(void **state)
{
  struct bs_link *link = open_link("tap:bs0,mac=" TAP_MAC_OF_US);

  (void)state;
  assert_memory_equal(status_of(link).mac, "\x52\x54\0\0\0\x07", 6);
  assert_int_equal(status_of(link).mtu, 1500);
  assert_true(status_of(link).up && status_of(link).frames);
  bs_link_close(link);
}

/* --- what gets lost --- */

static void
test_interface_down_frame_is_dropped_and_counted(void **state)
{
  struct bs_link *link = open_link("tap:bs0");
  uint8_t frame[60] = { 0 };

  (void)state;
  assert_int_equal(send_frame(link, frame, sizeof(frame)), 0);
  assert_int_equal(status_of(link).tx_dropped, 1);
  bring("bs0", true);
  assert_int_equal(send_frame(link, frame, sizeof(frame)), 0);
  bring("bs0", false);
  assert_int_equal(send_frame(link, frame, sizeof(frame)), 0);
  assert_int_equal(status_of(link).tx_dropped, 2);
  assert_int_equal(status_of(link).tx_frames, 1);
  bs_link_close(link);
}

/* The kernel sends a frame of this type and length. */
static void
kernel_sends(const char *name, unsigned type, size_t len)
{
  static uint8_t frame[9014];
  struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name), .sll_halen = 6 };
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

  assert_true(fd >= 0);
  put16(frame + 12, type);
  assert_int_equal(sendto(fd, frame, len, 0, (struct sockaddr *)&to, sizeof(to)), len);
  close(fd);
}

static void
test_frame_longer_than_any_is_counted_as_error_the_next_one_comes(void **state)
{
  struct guest g = { .link = open_link("tap:bs0,host=192.168.7.1/24") };
  struct ifreq request = { .ifr_mtu = 9000 };

  (void)state;
  configure("bs0", SIOCSIFMTU, &request);
  kernel_sends("bs0", 0x88b5, BS_FRAME_MAX + 1); /* a type for experiments (IEEE 802) */
  kernel_sends("bs0", 0x88b5, 9014);
  kernel_sends("bs0", 0x88b5, BS_FRAME_MAX);
  do {
    g.len = next_frame(g.link, g.frame);
  } while (frame_type(&g) != 0x88b5);
  assert_int_equal(g.len, BS_FRAME_MAX);
  assert_int_equal(status_of(g.link).rx_errors, 2);
  bs_link_close(g.link);
}

/* --- refusals --- */

static void
test_parameters_that_are_wrong_are_refused(void **state)
{
  static const char *const hosts[] = { "192.168.7.1",  "192.168.7.1/33",  "192.168.7/24",
                                       "192.168.7.1/", "192.168.7.1/24x", "fd07::1",
                                       "fd07::1/129",  "fd07::g/64",      "/24",
                                       "host/24",      "192.168.7.1/-1" };
  char string[100];
  unsigned i;

  (void)state;
  for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
    snprintf(string, sizeof(string), "tap:bs0,host=%s", hosts[i]);
    assert_refused(string, EINVAL, "is not ADDRESS/LENGTH: write it as host=192.168.7.1/24");
  }
  assert_refused("tap", EINVAL, "tap needs the name of an interface: use tap:NAME");
  assert_refused("tap:host=192.168.7.1/24", EINVAL, "tap needs the name of an interface");
  assert_refused("tap:bs0,bs1", EINVAL, "tap has no parameter bs1: use tap:NAME");
  assert_refused("tap:bs0,mtu=9000", EINVAL, "tap has no parameter mtu=9000");
  assert_refused("tap:sixteen_letters_", EINVAL, "is longer than 15 bytes: name an interface, as in tap:tap0");
  assert_refused("tap:bs0,mac=52:54", EINVAL, "write it as mac=52:54:00:12:34:56");
  assert_int_equal(if_nametoindex("bs0"), 0);
}

static void
test_name_that_no_interface_can_have_is_refused(void **state)
{
  (void)state;
  assert_refused("tap:a/b", EINVAL, "a/b is no name for an interface: write one like tap0");
  assert_refused("tap:a b", EINVAL, "a b is no name for an interface");
  assert_refused("tap:..", EINVAL, ".. is no name for an interface");
  assert_refused("tap:%s", EINVAL, "%s is no name for an interface");
}

static void
test_interface_that_is_no_tap_is_refused(void **state)
{
  (void)state;
  assert_refused("tap:lo", EINVAL, "lo is an interface, but no tap with one queue: name another");
}

static void
test_interface_in_use_is_refused(void **state)
{
  struct bs_link *link = open_link("tap:bs0");

  (void)state;
  assert_refused("tap:bs0", EBUSY, "the tap bs0 is in use by another program: end that, or name another");
  bs_link_close(link);
}

static void
test_host_address_that_the_kernel_refuses_is_told(void **state)
{
  (void)state;
  assert_refused("tap:bs0,host=224.0.0.1/4", EINVAL,
                 "can't give the host's side of bs0 its address (Invalid argument)");
  assert_int_equal(if_nametoindex("bs0"), 0);
}

/* A tap that stays, and that nobody may use. */
static void
make_tap_of_nobody(const char *name)
{
  struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
  int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

  assert_true(fd >= 0);
  strcpy(request.ifr_name, name);
  assert_int_equal(ioctl(fd, TUNSETIFF, &request), 0);
  assert_int_equal(ioctl(fd, TUNSETOWNER, NOBODY), 0);
  assert_int_equal(ioctl(fd, TUNSETPERSIST, 1), 0);
  close(fd);
}

static void
remove_tap(const char *name)
{
  struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
  int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

  strcpy(request.ifr_name, name);
  assert_int_equal(ioctl(fd, TUNSETIFF, &request), 0);
  assert_int_equal(ioctl(fd, TUNSETPERSIST, 0), 0);
  close(fd);
}

/* In a process without rights: /dev/net holds a tap device that all may open (device 0666), or nobody (0), or none (-1). */
static void
open_as_nobody(const char *string, int mode, int *err, char *why)
{
  int ends[2];
  pid_t child;

  assert_int_equal(pipe(ends), 0);
  child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    struct {
      int err;
      char why[BS_LINK_WHY];
    } said = { .err = -1 };

    if (unshare(CLONE_NEWNS) == 0 && mount("none", "/dev/net", "tmpfs", 0, "mode=755") == 0 &&
        (mode < 0 ||
         (mknod("/dev/net/tun", S_IFCHR, makedev(10, 200)) == 0 && chmod("/dev/net/tun", (mode_t)mode) == 0)) &&
        setgid(NOBODY) == 0 && setuid(NOBODY) == 0) {
      struct bs_link *link = bs_link_open(string, said.why);

      said.err = link == NULL ? errno : 0;
      bs_link_close(link);
    }
    _exit(write(ends[1], &said, sizeof(said)) == sizeof(said) ? 0 : 1);
  }
  close(ends[1]);
  assert_int_equal(read(ends[0], err, sizeof(*err)), sizeof(*err));
  assert_int_equal(read(ends[0], why, BS_LINK_WHY), BS_LINK_WHY);
  close(ends[0]);
  assert_int_equal(waitpid(child, NULL, 0), child);
}

static void
assert_nobody_is_refused(const char *string, int mode, int err, const char *words)
{
  char why[BS_LINK_WHY];
  int is;

  open_as_nobody(string, mode, &is, why);
  assert_int_equal(is, err);
  if (strstr(why, words) == NULL) {
    fail_msg("\"%s\" does not say \"%s\"", why, words);
  }
}

static void
test_nobody_has_no_permission_is_told_how_to_get_it(void **state)
{
  (void)state;
  if (!root) {
    skip();
  }
  assert_nobody_is_refused("tap:bs0", 0666, EPERM,
                           "no permission for the tap bs0: run 'sudo ip tuntap add bs0 mode tap user $USER' first");
  assert_nobody_is_refused("tap:bs0", 0, EACCES, "can't open /dev/net/tun (Permission denied): run as root");
}

static void
test_no_device_is_told_how_to_get_it(void **state)
{
  (void)state;
  if (!root) {
    skip();
  }
  assert_nobody_is_refused("tap:bs0", -1, ENOENT, "there is no /dev/net/tun: run 'sudo modprobe tun'");
}

static void
test_nobody_has_a_tap_made_for_him_opens_but_can_give_no_address(void **state)
{
  char why[BS_LINK_WHY];
  int err;

  (void)state;
  if (!root) {
    skip();
  }
  make_tap_of_nobody("bs0");
  open_as_nobody("tap:bs0", 0666, &err, why);
  assert_int_equal(err, 0);
  assert_nobody_is_refused("tap:bs0,host=192.168.7.1/24", 0666, EPERM,
                           "can't give the host's side of bs0 its address (Operation not permitted): leave out host= "
                           "and use ip");
  remove_tap("bs0");
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_host_has_ip4_address_frames_pass_both_ways),
    cmocka_unit_test(test_host_has_ip6_address_frames_pass_both_ways),
    cmocka_unit_test(test_closed_name_is_free_again),
    cmocka_unit_test(test_name_with_a_pattern_the_kernel_numbers_it),
    cmocka_unit_test(test_mac_given_is_taken),
    cmocka_unit_test(test_interface_down_frame_is_dropped_and_counted),
    cmocka_unit_test(test_frame_longer_than_any_is_counted_as_error_the_next_one_comes),
    cmocka_unit_test(test_parameters_that_are_wrong_are_refused),
    cmocka_unit_test(test_name_that_no_interface_can_have_is_refused),
    cmocka_unit_test(test_interface_that_is_no_tap_is_refused),
    cmocka_unit_test(test_interface_in_use_is_refused),
    cmocka_unit_test(test_host_address_that_the_kernel_refuses_is_told),
    cmocka_unit_test(test_nobody_has_no_permission_is_told_how_to_get_it),
    cmocka_unit_test(test_no_device_is_told_how_to_get_it),
    cmocka_unit_test(test_nobody_has_a_tap_made_for_him_opens_but_can_give_no_address),
  };

  const struct CMUnitTest skipped[] = {
    cmocka_unit_test(test_machine_that_allows_no_tap_is_skipped),
  };

  enter_namespace();
  return lacking == NULL ? cmocka_run_group_tests(tests, NULL, NULL) : cmocka_run_group_tests(skipped, NULL, NULL);
}
