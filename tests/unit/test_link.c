/**
 * Link strings, the registry, stacking, waitsets, and the link without a wire.
 */
#include <stdio.h>
#include <stdlib.h>

#include "frames.h"
#include "link/queue.h"

/* What the last test link was opened with, and what is open. */
static struct {
  char args[BS_LINK_STRING];
  struct bs_link *below;
  unsigned opened;
  unsigned open;
} seen;

static int
note_args(const struct bs_link_args *args, struct bs_link *below, struct bs_link **link, char *why)
{
  size_t used = 0;
  unsigned i;

  seen.opened++;
  seen.args[0] = '\0';
  for (i = 0; i < args->count; i++) {
    const struct bs_link_arg *arg = &args->arg[i];

    used +=
        (size_t)snprintf(seen.args + used, sizeof(seen.args) - used, "[%s=%s]", arg->key ? arg->key : "", arg->value);
  }
  if (args->count == 1 && strcmp(args->arg[0].value, "fail") == 0) {
    snprintf(why, BS_LINK_WHY, "told to fail");
    return -EACCES;
  }
  seen.below = below;
  *link = calloc(1, sizeof(**link));
  assert_non_null(*link);
  seen.open++;
  return 0;
}

static void
test_close(struct bs_link *link)
{
  bs_link_close(link->below);
  free(link);
  seen.open--;
}

static int
test_send(struct bs_link *link, const struct iovec *iov, int count)
{
  return link->below != NULL ? link->below->ops->send(link->below, iov, count) : 0;
}

static size_t
test_receive(struct bs_link *link, void *buf, size_t cap)
{
  return link->below != NULL ? link->below->ops->receive(link->below, buf, cap) : 0;
}

static void
test_status(const struct bs_link *link, struct bs_link_status *status)
{
  memset(status, 0, sizeof(*status));
  if (link->below != NULL) {
    link->below->ops->status(link->below, status);
  }
}

#define TEST_KIND(kind_name, is_filter)                                                                            \
  {                                                                                                                \
    .name = kind_name, .usage = kind_name ": a test", .filter = is_filter, .open = note_args, .close = test_close, \
    .send = test_send, .receive = test_receive, .status = test_status                                              \
  }

static const struct bs_link_ops test_link = TEST_KIND("noted", false);
static const struct bs_link_ops test_filter = TEST_KIND("sieve", true);

static int
setup(void **state)
{
  (void)state;
  memset(&seen, 0, sizeof(seen));
  return 0;
}

/* Nothing may stay open after any test. */
static int
teardown(void **state)
{
  (void)state;
  return seen.open == 0 ? 0 : -1;
}

static void
assert_args(const char *string, const char *args)
{
  bs_link_close(open_link(string));
  assert_string_equal(seen.args, args);
}

static void
test_unregistered_kind_is_unknown_then_known(void **state)
{
  (void)state;
  assert_refused("noted", ENODEV, "\"noted\"");
  assert_int_equal(bs_link_register(&test_link), 0);
  bs_link_close(open_link("noted"));
}

static void
test_registered_kind_registered_again_is_refused(void **state)
{
  (void)state;
  assert_int_equal(bs_link_register(&test_filter), 0);
  errno = 0;
  assert_int_equal(bs_link_register(&test_filter), -1);
  assert_int_equal(errno, EEXIST);
}

static void
test_registered_kinds_are_listed_port_first(void **state)
{
  unsigned i;

  (void)state;
  assert_string_equal(bs_link_kind(0)->name, port_default_link());
  for (i = 0; bs_link_kind(i) != NULL; i++) {
    assert_non_null(bs_link_kind(i)->usage);
  }
  assert_true(i >= 4);
  assert_null(bs_link_kind(i + 1000));
}

static void
test_string_with_unknown_name_tells_the_known(void **state)
{
  (void)state;
  assert_refused("slurp", ENODEV, "slirp, tap, wire, loop");
  assert_refused("noted+slurp", ENODEV, "sieve");
  assert_refused("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                 ENODEV, "slirp");
}

static void
test_string_with_parameters_gives_them_in_order(void **state)
{
  (void)state;
  assert_args("noted", "");
  assert_args("noted:a", "[=a]");
  assert_args("noted:a,b=c,d", "[=a][b=c][=d]");
  assert_args("noted:fwd=tcp:8080-80,fwd=udp:5353-53", "[fwd=tcp:8080-80][fwd=udp:5353-53]");
  assert_args("noted:key=a=b", "[key=a=b]");
}

static void
test_string_with_backslashes_is_unquoted(void **state)
{
  (void)state;
  assert_args("noted:a\\,b", "[=a,b]");
  assert_args("noted:a\\+b,c", "[=a+b][=c]");
  assert_args("noted:a\\=b", "[=a=b]");
  assert_args("noted:a\\\\,b", "[=a\\][=b]");
  assert_args("noted:C:\\TEMP\\OUT.PCA", "[=C:\\TEMP\\OUT.PCA]");
  assert_args("noted:end\\", "[=end\\]");
}

static void
test_string_with_empty_parts_is_refused(void **state)
{
  (void)state;
  assert_refused("", EINVAL, "a name is missing");
  assert_refused(":a", EINVAL, "a name is missing");
  assert_refused("+sieve", EINVAL, "a name is missing");
  assert_refused("noted+", EINVAL, "a name is missing");
  assert_refused("noted++sieve", EINVAL, "a name is missing");
  assert_refused("noted:", EINVAL, "parameter 1 of noted is empty");
  assert_refused("noted:a,", EINVAL, "parameter 2 of noted is empty");
  assert_refused("noted:,a", EINVAL, "parameter 1 of noted is empty");
  assert_refused("noted:=a", EINVAL, "parameter 1 of noted is empty");
  assert_refused("noted:a=", EINVAL, "parameter 1 of noted is empty");
  assert_refused("noted:+sieve", EINVAL, "parameter 1 of noted is empty");
  assert_int_equal(seen.opened, 0);
}

static void
test_string_with_too_many_parameters_is_refused(void **state)
{
  char string[BS_LINK_STRING] = "noted:p";
  int i;

  (void)state;
  for (i = 1; i < BS_LINK_ARGS; i++) {
    strcat(string, ",p");
  }
  bs_link_close(open_link(string));
  strcat(string, ",p");
  assert_refused(string, EINVAL, "more than");
}

static void
test_string_at_its_limit_opens_and_beyond_is_refused(void **state)
{
  char string[BS_LINK_STRING + 1];

  (void)state;
  memset(string, 'x', sizeof(string));
  memcpy(string, "noted:", 6);
  string[BS_LINK_STRING - 1] = '\0';
  bs_link_close(open_link(string));
  string[BS_LINK_STRING - 1] = 'x';
  string[BS_LINK_STRING] = '\0';
  assert_refused(string, EINVAL, "longer than");
}

static void
test_string_without_room_for_why_is_refused(void **state)
{
  (void)state;
  errno = 0;
  assert_null(bs_link_open("slurp", NULL));
  assert_int_equal(errno, ENODEV);
}

static void
test_filters_stack_the_lowest_first(void **state)
{
  struct bs_link *top = open_link("noted:a+sieve:b+sieve:c");

  (void)state;
  assert_ptr_equal(top->ops, &test_filter);
  assert_ptr_equal(top->below->ops, &test_filter);
  assert_ptr_equal(top->below->below->ops, &test_link);
  assert_null(top->below->below->below);
  assert_ptr_equal(seen.below, top->below);
  assert_int_equal(seen.open, 3);
  assert_int_equal(send_frame(top, "frame", 5), 0);
  bs_link_close(top);
}

static void
test_filter_fails_to_open_closes_those_below(void **state)
{
  (void)state;
  assert_refused("noted+sieve+sieve:fail", EACCES, "told to fail");
  assert_int_equal(seen.opened, 3);
  assert_int_equal(seen.open, 0);
}

static void
test_filter_unknown_opens_nothing(void **state)
{
  (void)state;
  assert_refused("noted+slurp", ENODEV, "slurp");
  assert_int_equal(seen.opened, 0);
}

static void
test_filter_alone_is_refused(void **state)
{
  (void)state;
  assert_refused("sieve", EINVAL, "sieve is a filter");
}

static void
test_link_on_link_is_refused(void **state)
{
  (void)state;
  assert_refused("loop+noted", EINVAL, "noted is a link");
}

static void
test_no_link_closed_is_harmless(void **state)
{
  (void)state;
  bs_link_close(NULL);
}

static void
test_loop_open_carries_nothing(void **state)
{
  struct bs_link *link = open_link("loop");
  uint8_t frame[BS_FRAME_MAX] = { 0 };

  (void)state;
  assert_false(status_of(link).frames);
  assert_true(status_of(link).up);
  assert_int_equal(status_of(link).mtu, 1500);
  assert_int_equal(send_frame(link, frame, 60), 0);
  assert_int_equal(link->ops->receive(link, frame, sizeof(frame)), 0);
  assert_int_equal(status_of(link).tx_dropped, 1);
  bs_link_close(link);
}

static void
test_loop_with_parameter_is_refused(void **state)
{
  (void)state;
  assert_refused("loop:fast", EINVAL, "no parameter fast");
  assert_refused("loop:speed=9", EINVAL, "no parameter speed=9");
}

static void
test_waitset_full_counts_what_does_not_fit(void **state)
{
  struct bs_wait_source source[2] = { { .revents = BS_WAIT_READ }, { .revents = BS_WAIT_READ } };
  struct bs_waitset set = { .source = source, .size = 2 };

  (void)state;
  assert_int_equal(bs_waitset_add(&set, 7, BS_WAIT_READ), 0);
  assert_int_equal(bs_waitset_add(&set, 8, BS_WAIT_WRITE), 1);
  assert_int_equal(bs_waitset_add(&set, 9, BS_WAIT_READ), -1);
  assert_int_equal(set.count, 2);
  assert_int_equal(set.dropped, 1);
  assert_int_equal(source[0].handle, 7);
  assert_int_equal(source[0].revents, 0);
  assert_int_equal(source[1].events, BS_WAIT_WRITE);
}

static void
test_queue_full_refuses_and_keeps_order(void **state)
{
  struct link_queue queue;
  uint8_t frame[BS_FRAME_MAX + 1] = { 0 };
  unsigned round, i;

  (void)state;
  assert_int_equal(link_queue_init(&queue, 3), 0);
  assert_false(link_queue_put(&queue, frame, 13));
  assert_false(link_queue_put(&queue, frame, BS_FRAME_MAX + 1));
  for (round = 0; round < 5; round++) {
    for (i = 0; i < 3; i++) {
      frame[0] = (uint8_t)i;
      assert_true(link_queue_put(&queue, frame, 60 + i));
    }
    assert_false(link_queue_put(&queue, frame, 60));
    assert_int_equal(link_queue_get(&queue, frame, sizeof(frame)), 60);
    frame[0] = 3;
    assert_true(link_queue_put(&queue, frame, 63));
    for (i = 1; i < 4; i++) {
      assert_int_equal(link_queue_get(&queue, frame, sizeof(frame)), 60 + i);
      assert_int_equal(frame[0], i);
    }
    assert_int_equal(link_queue_get(&queue, frame, sizeof(frame)), 0);
  }
  link_queue_free(&queue);
}

/* The last test: what it registers stays. */
static void
test_registry_full_refuses(void **state)
{
  static const struct bs_link_ops fillers[BS_LINK_KINDS] = {
    TEST_KIND("f0", true),  TEST_KIND("f1", true),  TEST_KIND("f2", true),  TEST_KIND("f3", true),
    TEST_KIND("f4", true),  TEST_KIND("f5", true),  TEST_KIND("f6", true),  TEST_KIND("f7", true),
    TEST_KIND("f8", true),  TEST_KIND("f9", true),  TEST_KIND("f10", true), TEST_KIND("f11", true),
    TEST_KIND("f12", true), TEST_KIND("f13", true), TEST_KIND("f14", true), TEST_KIND("f15", true),
  };
  unsigned known, added;

  (void)state;
  for (known = 0; bs_link_kind(known) != NULL; known++) {
  }
  for (added = 0; known + added < BS_LINK_KINDS; added++) {
    assert_int_equal(bs_link_register(&fillers[added]), 0);
  }
  errno = 0;
  assert_int_equal(bs_link_register(&fillers[added]), -1);
  assert_int_equal(errno, ENOBUFS);
  assert_refused("noted+slurp", ENODEV, "f3");
}

#define LINK_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
  const struct CMUnitTest tests[] = {
    LINK_TEST(test_unregistered_kind_is_unknown_then_known),
    LINK_TEST(test_registered_kind_registered_again_is_refused),
    LINK_TEST(test_registered_kinds_are_listed_port_first),
    LINK_TEST(test_string_with_unknown_name_tells_the_known),
    LINK_TEST(test_string_with_parameters_gives_them_in_order),
    LINK_TEST(test_string_with_backslashes_is_unquoted),
    LINK_TEST(test_string_with_empty_parts_is_refused),
    LINK_TEST(test_string_with_too_many_parameters_is_refused),
    LINK_TEST(test_string_at_its_limit_opens_and_beyond_is_refused),
    LINK_TEST(test_string_without_room_for_why_is_refused),
    LINK_TEST(test_filters_stack_the_lowest_first),
    LINK_TEST(test_filter_fails_to_open_closes_those_below),
    LINK_TEST(test_filter_unknown_opens_nothing),
    LINK_TEST(test_filter_alone_is_refused),
    LINK_TEST(test_link_on_link_is_refused),
    LINK_TEST(test_no_link_closed_is_harmless),
    LINK_TEST(test_loop_open_carries_nothing),
    LINK_TEST(test_loop_with_parameter_is_refused),
    LINK_TEST(test_waitset_full_counts_what_does_not_fit),
    LINK_TEST(test_queue_full_refuses_and_keeps_order),
    LINK_TEST(test_registry_full_refuses),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
