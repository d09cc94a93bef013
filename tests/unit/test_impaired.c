/**
 * TCP over a bad network, on virtual time: the stack meets itself on a mirror through the filter impair.
 */
#include "mirror.h"
#include "pair.h"

#include "lwip/priv/tcp_priv.h"

#define PORT 7

#define MB (1024u * 1024u)

/* Each way; with sanitizers less, as it takes them ten times as long. */
#define MANY_MB (BS_POOLS_MALLOC ? 2 * MB : 20 * MB)

/* A virtual day: no transfer takes so long, one that hangs would take for ever. */
#define DEADLINE_US (86400u * 1000000ull)

/* What is sent: so long, and a prime, that no segment, buffer or window moved would fit by chance. */
#define PATTERN 1048573u

static uint8_t pattern[PATTERN + 65536];

static void
make_pattern(void)
{
  uint32_t x = 1;
  size_t i;

  for (i = 0; i < PATTERN; i++) {
    x = x * 1664525 + 1013904223;
    pattern[i] = (uint8_t)(x >> 24);
  }
  memcpy(pattern + PATTERN, pattern, sizeof(pattern) - PATTERN);
}

struct direction {
  int from;
  int to;
  uint32_t shift; /* where its pattern begins: the two directions differ */
  size_t total;
  size_t sent;
  size_t got;
  bool ended;
};

/* Send as much as goes now, then the end. */
static void
send_data(struct direction *d)
{
  while (d->sent < d->total) {
    size_t len = LWIP_MIN(65536, d->total - d->sent);
    ssize_t n = bs_send(d->from, pattern + (d->shift + d->sent) % PATTERN, len, MSG_DONTWAIT);

    if (n < 0) {
      assert_string_equal(strerrorname_np(errno), "EAGAIN");
      return;
    }
    d->sent += (size_t)n;
    if (d->sent == d->total) {
      assert_int_equal(bs_shutdown(d->from, SHUT_WR), 0);
    }
  }
}

/* Receive as much as there is, and look at it. */
static void
receive_data(struct direction *d)
{
  static uint8_t buf[65536];

  while (!d->ended) {
    ssize_t n = bs_recv(d->to, buf, sizeof(buf), MSG_DONTWAIT);

    if (n < 0) {
      assert_string_equal(strerrorname_np(errno), "EAGAIN");
      return;
    }
    if (memcmp(buf, pattern + (d->shift + d->got) % PATTERN, (size_t)n) != 0) {
      fail_msg("something is wrong between bytes %zu and %zu", d->got, d->got + (size_t)n);
    }
    d->got += (size_t)n;
    d->ended = n == 0;
  }
}

static struct sockaddr_in6
address(const char *text)
{
  struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };

  assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
  return in6;
}

/* Connect to a neighbour, which is our own listener seen in the mirror. */
static struct ends
connect_through_mirror(const char *neighbour)
{
  struct sockaddr_in6 in6 = address("::"), to = address(neighbour);
  int listener = bs_socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct ends c = { .fd = bs_socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0), .peer = -1 };
  bs_time_t start = clock_is;
  socklen_t len = sizeof(in6);

  assert_true(listener >= 0 && c.fd >= 0);
  set_int(listener, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  set_int(c.fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  assert_int_equal(bs_bind(listener, (struct sockaddr *)&in6, sizeof(in6)), 0);
  assert_int_equal(bs_listen(listener, 1), 0);
  assert_errno(EINPROGRESS, bs_connect(c.fd, (struct sockaddr *)&to, sizeof(to)));
  settle();
  while ((c.peer = bs_accept(listener, (struct sockaddr *)&in6, &len)) < 0) {
    assert_string_equal(strerrorname_np(errno), "EAGAIN");
    assert_true(pass_to_next_event() && clock_is < start + DEADLINE_US);
    assert_int_equal(so_error(c.fd), 0);
  }
  assert_memory_equal(&in6.sin6_addr, &to.sin6_addr, sizeof(to.sin6_addr));
  assert_int_equal(bs_fcntl(c.peer, F_SETFL, O_NONBLOCK), 0);
  bs_close(listener);
  return c;
}

/* Move so many bytes each way, and close. @return virtual microseconds */
static bs_time_t
transfer(const char *neighbour, size_t total)
{
  bs_time_t start = clock_is;
  struct ends c = connect_through_mirror(neighbour);
  struct direction out = { .from = c.fd, .to = c.peer, .total = total };
  struct direction back = { .from = c.peer, .to = c.fd, .total = total, .shift = 500000 };

  while (!out.ended || !back.ended) {
    size_t before = out.sent + out.got + back.sent + back.got;

    send_data(&out);
    receive_data(&out);
    send_data(&back);
    receive_data(&back);
    if (stack_pump() == 0 && out.sent + out.got + back.sent + back.got == before &&
        (!pass_to_next_event() || clock_is - start > DEADLINE_US)) {
      fail_msg("it stalls: sent %zu and %zu, got %zu and %zu", out.sent, back.sent, out.got, back.got);
    }
  }
  assert_int_equal(out.got, total);
  assert_int_equal(back.got, total);
  close_pair(&c);
  return clock_is - start;
}

/* Of the link alone: what the stack could not hand to it is another matter. */
static struct bs_link_status
link_status(void)
{
  const struct bs_link *link = interface_find(0)->link;
  struct bs_link_status status;

  link->ops->status(link, &status);
  return status;
}

/* Until nobody is in TIME_WAIT. */
static void
take_mirror_down(void)
{
  pass_ms(600000);
  assert_null(tcp_active_pcbs);
  assert_null(tcp_tw_pcbs);
  assert_int_equal(bs_net_down(bs_net_default()), 0);
}

static void
put_mirror_up(const char *filters)
{
  stop_the_clock();
  mirror_up(filters);
  mirror_know();
}

/* --- the tests --- */

/* Damage is done in one direction only: two flipped bits in one segment can make up for each other in TCP's checksum,
 * and some would in so many. */
static void
transfer_from_20_seeds(const char *neighbour, size_t total)
{
  char filters[160];
  unsigned seed;

  for (seed = 1; seed <= 20; seed++) {
    snprintf(filters, sizeof(filters),
             "+impair:corrupt=1%%,only=tx,seed=%u+impair:loss=5%%,reorder=5%%,duplicate=2%%,seed=%u", seed, seed);
    put_mirror_up(filters);
    if (strchr(neighbour, '.') == NULL) {
      assert_int_equal(bs_net_ip6(0, "fd00::1/64"), 0);
      pass_ms(5000);
    }
    print_message("# seed %u\n", seed);
    (void)transfer(neighbour, total);
    assert_true(link_status().tx_dropped > total / BS_TCP_MSS / 10);
    assert_true(link_status().rx_dropped > total / BS_TCP_MSS / 10);
    take_mirror_down();
  }
}

static void
test_impaired_from_20_seeds_20_mb_each_way_arrive(void **state)
{
  uint32_t damaged = counter("tcp", "bad_checksum");

  (void)state;
  transfer_from_20_seeds("::ffff:10.0.0.2", MANY_MB);
  assert_true(counter("tcp", "bad_checksum") > damaged);
}

static void
test_impaired_over_ip6_from_20_seeds_all_arrives(void **state)
{
  (void)state;
  transfer_from_20_seeds("fd00::2", 2 * MB);
}

static void
test_delayed_with_jitter_all_arrives(void **state)
{
  (void)state;
  put_mirror_up("+impair:delay=20ms,jitter=5ms,loss=1%");
  (void)transfer("::ffff:10.0.0.2", MB);
  take_mirror_down();
}

static void
test_rate_limited_it_takes_the_time_that_it_must(void **state)
{
  bs_time_t took;

  (void)state;
  put_mirror_up("+impair:rate=8mbit,only=tx");
  took = transfer("::ffff:10.0.0.2", MB);
  /* Both ways pass the one line, at a byte in a microsecond; beside them headers and acknowledgments. */
  assert_in_range(took, 2 * MB, 5 * MB / 2);
  take_mirror_down();
}

static void
test_queue_of_few_frames_it_is_full_and_all_arrives(void **state)
{
  (void)state;
  put_mirror_up("+impair:queue=2,delay=1ms");
  (void)transfer("::ffff:10.0.0.2", MB / 4);
  assert_true(link_status().queue_full > 0);
  assert_int_equal(link_status().tx_dropped + link_status().rx_dropped, 0);
  take_mirror_down();
}

static void
test_lossy_neighbour_is_asked_for_until_it_answers(void **state)
{
  uint32_t before;

  (void)state;
  stop_the_clock();
  mirror_up("+impair:loss=10%,seed=20");
  settle();
  before = counter("arp", "sent");
  (void)transfer("::ffff:10.0.0.2", 10000);
  /* The first question or its answer was lost. */
  assert_true(counter("arp", "sent") > before + 1);
  take_mirror_down();
}

static void
test_end_with_frames_delayed_they_go_first(void **state)
{
  struct sockaddr_in6 to = address("::ffff:10.0.0.2");
  int fd = bs_socket(AF_INET6, SOCK_DGRAM, 0);
  uint64_t before;

  (void)state;
  mirror_up("+impair:delay=50ms,only=tx");
  mirror_know();
  set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  before = mirror.status.tx_frames;
  assert_int_equal(bs_sendto(fd, "last words", 10, 0, (struct sockaddr *)&to, sizeof(to)), 10);
  assert_int_equal(mirror.status.tx_frames, before);
  (void)bs_net_shutdown();
  assert_true(mirror.status.tx_frames > before);
}

/* Time is virtual and chance comes from a seed: each run of this program is as the one before. */
static int
begin(void **state)
{
  (void)state;
  clock_is = 1000000000;
  clock_stopped = true;
  bs_set_clock(test_clock);
  make_pattern();
  return 0;
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    leak_free(test_impaired_from_20_seeds_20_mb_each_way_arrive),
    leak_free(test_impaired_over_ip6_from_20_seeds_all_arrives),
    leak_free(test_delayed_with_jitter_all_arrives),
    leak_free(test_rate_limited_it_takes_the_time_that_it_must),
    leak_free(test_queue_of_few_frames_it_is_full_and_all_arrives),
    leak_free(test_lossy_neighbour_is_asked_for_until_it_answers),
    leak_free(test_end_with_frames_delayed_they_go_first),
  };

  return cmocka_run_group_tests(tests, begin, NULL);
}
