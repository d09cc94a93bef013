/**
 * The link `wire`: two ends of a cable as UNIX datagram paths.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "frames.h"

#define FRAME_LEN 60

/* More than any kernel queues for one socket. */
#define PLENTY 100000

static char folder[] = "/tmp/baresock-wire-XXXXXX";
static char path_a[64];
static char path_b[64];
static char string_a[160];
static char string_b[160];

static int
make_folder(void **state)
{
  (void)state;
  if (mkdtemp(folder) == NULL) {
    return -1;
  }
  snprintf(path_a, sizeof(path_a), "%s/a", folder);
  snprintf(path_b, sizeof(path_b), "%s/b", folder);
  snprintf(string_a, sizeof(string_a), "wire:%s,%s", path_a, path_b);
  snprintf(string_b, sizeof(string_b), "wire:%s,%s", path_b, path_a);
  return 0;
}

static int
remove_folder(void **state)
{
  (void)state;
  unlink(path_a);
  unlink(path_b);
  return rmdir(folder);
}

static int
send_numbered(struct bs_link *link, unsigned number)
{
  uint8_t head[14] = { 0x52, 0x54 };
  uint8_t body[FRAME_LEN - sizeof(head)] = { 0 };
  struct iovec iov[2] = { { head, sizeof(head) }, { body, sizeof(body) } };

  memcpy(body, &number, sizeof(number));
  return link->ops->send(link, iov, 2);
}

static unsigned
receive_numbered(struct bs_link *link)
{
  uint8_t frame[BS_FRAME_MAX];
  unsigned number;

  assert_int_equal(next_frame(link, frame), FRAME_LEN);
  memcpy(&number, frame + 14, sizeof(number));
  return number;
}

static int
raw_socket(const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

  assert_true(fd >= 0);
  strcpy(address.sun_path, path);
  assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
  return fd;
}

static void
test_both_open_frames_pass_both_ways(void **state)
{
  struct bs_link *a = open_link(string_a);
  struct bs_link *b = open_link(string_b);
  uint8_t frame[BS_FRAME_MAX];

  (void)state;
  assert_int_equal(b->ops->receive(b, frame, sizeof(frame)), 0);
  assert_int_equal(send_numbered(a, 1), 0);
  assert_int_equal(send_numbered(a, 2), 0);
  assert_int_equal(receive_numbered(b), 1);
  assert_int_equal(receive_numbered(b), 2);
  assert_int_equal(send_numbered(b, 3), 0);
  assert_int_equal(receive_numbered(a), 3);
  assert_int_equal(status_of(a).tx_frames, 2);
  assert_int_equal(status_of(a).rx_frames, 1);
  assert_int_equal(status_of(b).rx_frames, 2);
  bs_link_close(a);
  bs_link_close(b);
}

static void
test_both_open_status_tells_a_wire(void **state)
{
  struct bs_link *a = open_link(string_a);
  struct bs_link *b = open_link(string_b);
  struct bs_link_status first = status_of(a);

  (void)state;
  assert_true(first.frames && first.up);
  assert_int_equal(first.mtu, 1500);
  assert_int_equal(first.mac[0] & 3, 2);
  assert_memory_not_equal(first.mac, status_of(b).mac, 6);
  bs_link_close(a);
  a = open_link(string_a);
  assert_memory_equal(first.mac, status_of(a).mac, 6);
  bs_link_close(a);
  bs_link_close(b);
}

static void
test_mac_given_is_taken(void **state)
{
  static const uint8_t mac[6] = { 0x52, 0x54, 0x00, 0xab, 0xCD, 0x01 };
  char string[200];
  struct bs_link *a;

  (void)state;
  snprintf(string, sizeof(string), "%s,mac=52:54:00:ab:CD:01", string_a);
  a = open_link(string);
  assert_memory_equal(status_of(a).mac, mac, 6);
  bs_link_close(a);
}

static void
test_mac_wrong_is_refused(void **state)
{
  static const char *const wrong[] = { "52:54",
                                       "52:54:00:ab:cd",
                                       "52:54:00:ab:cd:0",
                                       "52-54-00-ab-cd-01",
                                       "52:54:00:ab:cd:0g",
                                       "52:54:00:ab:cd:01:02",
                                       "01:00:5e:00:00:01",
                                       "00:00:00:00:00:00",
                                       "x" };
  unsigned i;

  (void)state;
  for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    char string[200];

    snprintf(string, sizeof(string), "%s,mac=%s", string_a, wrong[i]);
    assert_refused(string, EINVAL, "mac=52:54:00:12:34:56");
  }
}

static void
test_peer_full_send_says_again_and_wait_ends_with_room(void **state)
{
  struct bs_link *a = open_link(string_a);
  struct bs_link *b = open_link(string_b);
  struct bs_wait_source source[2];
  struct bs_waitset set = { .source = source, .size = 2 };
  bs_time_t deadline = bs_now();
  unsigned sent = 0, got;

  (void)state;
  while (send_numbered(a, sent) == 0) {
    sent++;
    assert_true(sent < PLENTY);
  }
  assert_int_equal(send_numbered(a, sent), -EAGAIN);
  assert_int_equal(status_of(a).tx_frames, sent);
  assert_int_equal(status_of(a).tx_dropped, 0);

  /* No room: the wait does not end by itself. */
  a->ops->prepare(a, &set, true, &deadline);
  port_wait(&set, deadline);
  assert_int_equal(source[1].revents & BS_WAIT_WRITE, 0);

  for (got = 0; got < sent; got++) {
    assert_int_equal(receive_numbered(b), got);
  }
  wait_for_link(a, true, bs_now() + PATIENCE_US);
  assert_int_equal(send_numbered(a, sent), 0);
  assert_int_equal(receive_numbered(b), sent);
  bs_link_close(a);
  bs_link_close(b);
}

static void
test_peer_absent_send_drops_and_counts(void **state)
{
  struct bs_link *a = open_link(string_a);

  (void)state;
  assert_int_equal(send_numbered(a, 1), 0);
  assert_int_equal(status_of(a).tx_frames, 0);
  assert_int_equal(status_of(a).tx_dropped, 1);
  bs_link_close(a);
}

static void
test_peer_restarted_frames_pass_again(void **state)
{
  struct bs_link *a = open_link(string_a);
  struct bs_link *b = open_link(string_b);

  (void)state;
  assert_int_equal(send_numbered(a, 1), 0);
  assert_int_equal(receive_numbered(b), 1);
  bs_link_close(b);
  assert_int_equal(send_numbered(a, 2), 0);
  assert_int_equal(status_of(a).tx_dropped, 1);

  b = open_link(string_b);
  assert_int_equal(send_numbered(a, 3), 0);
  assert_int_equal(receive_numbered(b), 3);
  bs_link_close(b);

  /* An end that has not sent since hears the new peer all the same. */
  b = open_link(string_b);
  assert_int_equal(send_numbered(b, 4), 0);
  assert_int_equal(receive_numbered(a), 4);
  assert_int_equal(send_numbered(a, 5), 0);
  assert_int_equal(receive_numbered(b), 5);
  assert_int_equal(status_of(a).tx_dropped, 1);
  bs_link_close(a);
  bs_link_close(b);
}

static void
test_peer_full_dies_send_drops(void **state)
{
  struct bs_link *a = open_link(string_a);
  struct bs_link *b = open_link(string_b);
  unsigned sent = 0;

  (void)state;
  while (send_numbered(a, sent) == 0) {
    sent++;
    assert_true(sent < PLENTY);
  }
  bs_link_close(b);
  wait_for_link(a, true, bs_now() + PATIENCE_US);
  assert_int_equal(send_numbered(a, sent), 0);
  assert_int_equal(status_of(a).tx_dropped, 1);
  bs_link_close(a);
}

static void
test_path_stale_is_replaced(void **state)
{
  struct bs_link *a;

  (void)state;
  close(raw_socket(path_a));
  assert_int_equal(access(path_a, F_OK), 0);
  a = open_link(string_a);
  bs_link_close(a);
}

static void
test_path_live_is_refused(void **state)
{
  struct bs_link *a = open_link(string_a);

  (void)state;
  assert_refused(string_a, EADDRINUSE, "in use");
  assert_int_equal(access(path_a, F_OK), 0);
  bs_link_close(a);
}

static void
test_path_live_and_connected_elsewhere_is_refused(void **state)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = raw_socket(path_a);
  int other = raw_socket(path_b);

  (void)state;
  strcpy(address.sun_path, path_b);
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
  assert_refused(string_a, EADDRINUSE, "in use");
  close(fd);
  close(other);
  unlink(path_a);
  unlink(path_b);
}

static void
test_path_of_a_file_is_refused_and_kept(void **state)
{
  FILE *file = fopen(path_a, "w");

  (void)state;
  assert_non_null(file);
  fclose(file);
  assert_refused(string_a, EADDRINUSE, "not a wire's");
  assert_int_equal(access(path_a, F_OK), 0);
  unlink(path_a);
}

static void
test_path_is_removed_on_close(void **state)
{
  struct bs_link *a = open_link(string_a);

  (void)state;
  assert_int_equal(access(path_a, F_OK), 0);
  bs_link_close(a);
  assert_int_equal(access(path_a, F_OK), -1);
}

static void
test_path_taken_over_is_kept_on_close(void **state)
{
  struct bs_link *a = open_link(string_a);
  int fd;

  (void)state;
  unlink(path_a);
  fd = raw_socket(path_a);
  bs_link_close(a);
  assert_int_equal(access(path_a, F_OK), 0);
  close(fd);
  unlink(path_a);
}

static void
test_path_too_long_is_refused(void **state)
{
  char path[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];
  char string[300];

  (void)state;
  memset(path, 'x', sizeof(path));
  path[sizeof(path) - 1] = '\0';
  snprintf(string, sizeof(string), "wire:%s,%s", path, path_b);
  assert_refused(string, EINVAL, "longer than 107 bytes");
  snprintf(string, sizeof(string), "wire:%s,%s", path_a, path);
  assert_refused(string, EINVAL, "longer than 107 bytes");
  assert_int_equal(access(path_a, F_OK), -1);
}

static void
test_path_longest_opens(void **state)
{
  char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
  char string[300];

  (void)state;
  memset(path, 'x', sizeof(path));
  memcpy(path, folder, strlen(folder));
  path[strlen(folder)] = '/';
  path[sizeof(path) - 1] = '\0';
  snprintf(string, sizeof(string), "wire:%s,%s", path, path_b);
  bs_link_close(open_link(string));
  assert_int_equal(access(path, F_OK), -1);
}

static void
test_path_in_no_folder_is_refused(void **state)
{
  char string[200];

  (void)state;
  snprintf(string, sizeof(string), "wire:%s/none/a,%s", folder, path_b);
  assert_refused(string, ENOENT, "can't make");
}

static void
test_paths_missing_or_too_many_are_refused(void **state)
{
  char string[200];

  (void)state;
  assert_refused("wire", EINVAL, "two paths");
  assert_refused("wire:/tmp/a", EINVAL, "two paths");
  assert_refused("wire:/tmp/a,/tmp/a", EINVAL, "two different paths");
  assert_refused("wire:/tmp/a,/tmp/b,/tmp/c", EINVAL, "no parameter /tmp/c");
  snprintf(string, sizeof(string), "%s,speed=9", string_a);
  assert_refused(string, EINVAL, "no parameter speed=9");
}

static void
test_frame_of_wrong_length_is_not_sent(void **state)
{
  struct bs_link *a = open_link(string_a);
  struct bs_link *b = open_link(string_b);
  uint8_t frame[BS_FRAME_MAX + 1] = { 0 };

  (void)state;
  assert_int_equal(send_frame(a, frame, BS_FRAME_MAX + 1), 0);
  assert_int_equal(send_frame(a, frame, 13), 0);
  assert_int_equal(status_of(a).tx_dropped, 2);
  assert_int_equal(send_frame(a, frame, BS_FRAME_MAX), 0);
  assert_int_equal(next_frame(b, frame), BS_FRAME_MAX);
  bs_link_close(a);
  bs_link_close(b);
}

static void
test_datagram_of_wrong_length_is_counted_and_skipped(void **state)
{
  struct bs_link *a = open_link(string_a);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = raw_socket(path_b);
  uint8_t frame[BS_FRAME_MAX + 100] = { 0 };

  (void)state;
  strcpy(address.sun_path, path_a);
  assert_int_equal(sendto(fd, frame, sizeof(frame), 0, (struct sockaddr *)&address, sizeof(address)), sizeof(frame));
  assert_int_equal(sendto(fd, frame, 0, 0, (struct sockaddr *)&address, sizeof(address)), 0);
  assert_int_equal(sendto(fd, frame, 60, 0, (struct sockaddr *)&address, sizeof(address)), 60);
  assert_int_equal(next_frame(a, frame), 60);
  assert_int_equal(status_of(a).rx_errors, 2);
  close(fd);
  unlink(path_b);
  bs_link_close(a);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_both_open_frames_pass_both_ways),
    cmocka_unit_test(test_both_open_status_tells_a_wire),
    cmocka_unit_test(test_mac_given_is_taken),
    cmocka_unit_test(test_mac_wrong_is_refused),
    cmocka_unit_test(test_peer_full_send_says_again_and_wait_ends_with_room),
    cmocka_unit_test(test_peer_absent_send_drops_and_counts),
    cmocka_unit_test(test_peer_restarted_frames_pass_again),
    cmocka_unit_test(test_peer_full_dies_send_drops),
    cmocka_unit_test(test_path_stale_is_replaced),
    cmocka_unit_test(test_path_live_is_refused),
    cmocka_unit_test(test_path_live_and_connected_elsewhere_is_refused),
    cmocka_unit_test(test_path_of_a_file_is_refused_and_kept),
    cmocka_unit_test(test_path_is_removed_on_close),
    cmocka_unit_test(test_path_taken_over_is_kept_on_close),
    cmocka_unit_test(test_path_too_long_is_refused),
    cmocka_unit_test(test_path_longest_opens),
    cmocka_unit_test(test_path_in_no_folder_is_refused),
    cmocka_unit_test(test_paths_missing_or_too_many_are_refused),
    cmocka_unit_test(test_frame_of_wrong_length_is_not_sent),
    cmocka_unit_test(test_datagram_of_wrong_length_is_counted_and_skipped),
  };

  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
