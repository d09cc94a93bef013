/**
 * The filter `capture`: which frames the file holds, and what happens to it and to the link below.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "frames.h"

#define INBOUND  1u
#define OUTBOUND 2u

#define HEAD_SIZE     60u                                /* of the file: section and interface */
#define BLOCK_SIZE(n) (28u + ((n) + 3u) / 4u * 4u + 16u) /* of a frame of n bytes */

#define CAPTURED_MOST 16

/* What the file holds, once read. */
static struct {
  uint32_t snap;
  unsigned count;
  struct {
    uint64_t time;
    uint32_t captured;
    uint32_t original;
    uint32_t flags;
    char comment[80]; /* empty without one */
    uint8_t data[BS_FRAME_MAX];
  } frame[CAPTURED_MOST];
} file;

/* The link below. */
static struct {
  bool shut; /* refuses what is sent */
  bool busy;
  bool drops; /* what is sent */
  uint8_t reply[BS_FRAME_MAX];
  size_t reply_len; /* received next, once */
  unsigned sent;
  uint64_t tx_dropped;
  uint64_t rx_dropped;
  unsigned closed;
  const struct bs_link_filter *filter;
} stub;

static char folder[] = "/tmp/baresock-capture-XXXXXX";
static char path[64];
static char string[128];
static bs_time_t now;
static int fd_before; /* what the next open() gave before the test */

static int
stub_open(const struct bs_link_args *args, struct bs_link *below, struct bs_link **link, char *why)
{
  static struct bs_link only;

  (void)args;
  (void)below;
  (void)why;
  *link = &only;
  return 0;
}

static void
stub_close(struct bs_link *link)
{
  (void)link;
  stub.closed++;
}

static int
stub_send(struct bs_link *link, const struct iovec *iov, int count)
{
  (void)link;
  (void)iov;
  (void)count;
  if (stub.shut) {
    return -EAGAIN;
  }
  stub.sent++;
  stub.tx_dropped += stub.drops;
  return 0;
}

static size_t
stub_receive(struct bs_link *link, void *buf, size_t cap)
{
  size_t len = stub.reply_len;

  (void)link;
  assert_true(len <= cap);
  memcpy(buf, stub.reply, len);
  stub.reply_len = 0;
  return len;
}

static void
stub_prepare(struct bs_link *link, struct bs_waitset *set, bool want_send, bs_time_t *deadline)
{
  (void)link;
  (void)set;
  *deadline = want_send ? 7 : 8;
}

static bool
stub_busy(const struct bs_link *link)
{
  (void)link;
  return stub.busy;
}

static int
stub_set_filter(struct bs_link *link, const struct bs_link_filter *filter)
{
  (void)link;
  stub.filter = filter;
  return -EIO;
}

static void
stub_status(const struct bs_link *link, struct bs_link_status *status)
{
  (void)link;
  *status = (struct bs_link_status){ .mac = { 2, 0, 0, 0, 0, 9 }, .mtu = 1234, .up = true, .rx_errors = 5 };
  status->tx_dropped = stub.tx_dropped;
  status->rx_dropped = stub.rx_dropped;
}

static const struct bs_link_ops stub_ops = {
  .name = "stub",
  .usage = "stub: for tests",
  .open = stub_open,
  .close = stub_close,
  .send = stub_send,
  .receive = stub_receive,
  .prepare = stub_prepare,
  .busy = stub_busy,
  .set_filter = stub_set_filter,
  .status = stub_status,
};

static bs_time_t
test_clock(void)
{
  return now;
}

static int
make_folder(void **state)
{
  (void)state;
  /* A write beyond RLIMIT_FSIZE is to fail, not to end the program. */
  signal(SIGXFSZ, SIG_IGN);
  if (mkdtemp(folder) == NULL || bs_link_register(&stub_ops) < 0) {
    return -1;
  }
  snprintf(path, sizeof(path), "%s/out.pcapng", folder);
  snprintf(string, sizeof(string), "stub+capture:%s", path);
  bs_set_clock(test_clock);
  return 0;
}

static int
remove_folder(void **state)
{
  (void)state;
  return rmdir(folder);
}

static int
next_fd(void)
{
  int fd = open("/dev/null", O_RDONLY);

  close(fd);
  return fd;
}

static int
setup(void **state)
{
  (void)state;
  memset(&stub, 0, sizeof(stub));
  now = 1000000;
  fd_before = next_fd();
  return 0;
}

/* No file may stay open after any test. */
static int
teardown(void **state)
{
  (void)state;
  unlink(path);
  return next_fd() == fd_before ? 0 : -1;
}

/* --- reading the file --- */

static uint32_t
word(const uint8_t *at)
{
  uint32_t value;

  memcpy(&value, at, sizeof(value));
  return value;
}

/* Read the comment, if options begin with one. @return its size in the file */
static uint32_t
read_comment(const uint8_t *options, char *comment)
{
  static const uint8_t padding[3] = { 0 };
  uint32_t len = options[2];

  if (options[0] != 1 || options[1] != 0) {
    return 0;
  }
  assert_true(options[3] == 0 && len < sizeof(file.frame[0].comment));
  memcpy(comment, options + 4, len);
  assert_memory_equal(options + 4 + len, padding, -len & 3);
  return 4 + (len + 3) / 4 * 4;
}

static void
read_packet(const uint8_t *block, uint32_t size)
{
  static const uint8_t padding[3] = { 0 };
  static const uint8_t flags_option[] = { 2, 0, 4, 0 };
  uint32_t captured = word(block + 20);
  uint32_t size_comment;

  assert_int_equal(word(block + 8), 0);
  assert_true(captured <= BS_FRAME_MAX);
  assert_true(file.count < CAPTURED_MOST);
  size_comment = read_comment(block + 28 + (captured + 3) / 4 * 4, file.frame[file.count].comment);
  assert_int_equal(size, BLOCK_SIZE(captured) + size_comment);
  file.frame[file.count].time = (uint64_t)word(block + 12) << 32 | word(block + 16);
  file.frame[file.count].captured = captured;
  file.frame[file.count].original = word(block + 24);
  memcpy(file.frame[file.count].data, block + 28, captured);
  assert_memory_equal(block + 28 + captured, padding, -captured & 3);
  assert_memory_equal(block + size - 16, flags_option, sizeof(flags_option));
  file.frame[file.count].flags = word(block + size - 12);
  assert_int_equal(word(block + size - 8), 0);
  file.count++;
}

/* Read the file, which must be whole and hold nothing else; this is little-endian, as are all machines that run it. */
static void
read_file(void)
{
  static const uint8_t head[HEAD_SIZE] = {
    0x0a, 0x0d, 0x0d, 0x0a, 28,   0,    0,    0,    0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, /* section */
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 28,   0,    0,    0,                /* any length */
    1,    0,    0,    0,    32,   0,    0,    0,    1,    0,    0,    0,                /* interface, Ethernet */
    0,    0,    0,    0,    9,    0,    1,    0,    6,    0,    0,    0,                /* snap, microseconds */
    0,    0,    0,    0,    32,   0,    0,    0,
  };
  static uint8_t data[HEAD_SIZE + CAPTURED_MOST * (BS_FRAME_MAX + 64)];
  FILE *in = fopen(path, "rb");
  size_t len, at;

  assert_non_null(in);
  len = fread(data, 1, sizeof(data), in);
  fclose(in);
  memset(&file, 0, sizeof(file));
  assert_true(len >= HEAD_SIZE);
  file.snap = word(data + 40);
  memset(data + 40, 0, 4);
  assert_memory_equal(data, head, HEAD_SIZE);
  for (at = HEAD_SIZE; at < len; at += word(data + at + 4)) {
    uint32_t size;

    assert_true(len - at >= 12);
    size = word(data + at + 4);
    assert_true(size >= 12 && size <= len - at);
    assert_int_equal(word(data + at), 6);
    assert_int_equal(word(data + at + size - 4), size);
    read_packet(data + at, size);
  }
}

static void
assert_frame(unsigned index, uint32_t flags, const void *data, size_t len)
{
  assert_true(index < file.count);
  assert_int_equal(file.frame[index].flags, flags);
  assert_int_equal(file.frame[index].captured, len);
  assert_int_equal(file.frame[index].original, len);
  assert_memory_equal(file.frame[index].data, data, len);
}

static void
receive_reply(struct bs_link *link, const void *data, size_t len)
{
  uint8_t buf[BS_FRAME_MAX];

  memcpy(stub.reply, data, len);
  stub.reply_len = len;
  assert_int_equal(link->ops->receive(link, buf, sizeof(buf)), len);
  assert_memory_equal(buf, data, len);
}

/* --- which frames --- */

static void
test_open_without_frames_is_whole(void **state)
{
  (void)state;
  bs_link_close(open_link(string));
  read_file();
  assert_int_equal(file.count, 0);
  assert_int_equal(file.snap, BS_FRAME_MAX);
}

static void
test_open_frames_of_both_directions_are_recorded_in_order(void **state)
{
  struct bs_link *link = open_link(string);
  uint8_t largest[BS_FRAME_MAX];
  struct iovec pieces[] = { { (void *)(uintptr_t) "a header of 14", 14 },
                            { (void *)(uintptr_t) "", 0 },
                            { (void *)(uintptr_t) " and more", 9 } };

  (void)state;
  memset(largest, 0x5a, sizeof(largest));
  assert_int_equal(link->ops->send(link, pieces, 3), 0);
  receive_reply(link, "a frame from the other side", 27);
  receive_reply(link, largest, sizeof(largest));
  assert_int_equal(send_frame(link, largest, sizeof(largest)), 0);
  receive_reply(link, "a short frame again", 19);
  receive_reply(link, "shorter by a byte.", 18);
  bs_link_close(link);

  read_file();
  assert_int_equal(file.count, 6);
  assert_frame(0, OUTBOUND, "a header of 14 and more", 23);
  assert_frame(1, INBOUND, "a frame from the other side", 27);
  assert_frame(2, INBOUND, largest, sizeof(largest));
  assert_frame(3, OUTBOUND, largest, sizeof(largest));
  assert_frame(4, INBOUND, "a short frame again", 19);
  assert_frame(5, INBOUND, "shorter by a byte.", 18);
}

static void
test_open_nothing_received_is_not_recorded(void **state)
{
  struct bs_link *link = open_link(string);
  uint8_t buf[BS_FRAME_MAX];

  (void)state;
  assert_int_equal(link->ops->receive(link, buf, sizeof(buf)), 0);
  bs_link_close(link);
  read_file();
  assert_int_equal(file.count, 0);
}

static void
test_below_shut_frame_is_recorded_once_taken(void **state)
{
  struct bs_link *link = open_link(string);

  (void)state;
  stub.shut = true;
  assert_int_equal(send_frame(link, "a frame refused", 15), -EAGAIN);
  read_file();
  assert_int_equal(file.count, 0);
  stub.shut = false;
  assert_int_equal(send_frame(link, "a frame refused", 15), 0);
  bs_link_close(link);
  read_file();
  assert_int_equal(file.count, 1);
  assert_frame(0, OUTBOUND, "a frame refused", 15);
}

static void
test_open_file_is_whole_before_it_is_closed(void **state)
{
  struct bs_link *link = open_link(string);

  (void)state;
  assert_int_equal(send_frame(link, "a frame written", 15), 0);
  read_file();
  assert_frame(0, OUTBOUND, "a frame written", 15);
  bs_link_close(link);
}

static void
test_snap_frames_are_cut_and_tell_their_length(void **state)
{
  char snapped[140];
  struct bs_link *link;
  struct iovec pieces[] = { { (void *)(uintptr_t) "0123456789", 10 },
                            { (void *)(uintptr_t) "abcdefghij", 10 },
                            { (void *)(uintptr_t) "klm", 3 } };

  (void)state;
  snprintf(snapped, sizeof(snapped), "%s,snap=17", string);
  link = open_link(snapped);
  assert_int_equal(link->ops->send(link, pieces, 3), 0);
  receive_reply(link, "0123456789abcdefg", 17);
  bs_link_close(link);

  read_file();
  assert_int_equal(file.snap, 17);
  assert_int_equal(file.count, 2);
  assert_int_equal(file.frame[0].captured, 17);
  assert_int_equal(file.frame[0].original, 23);
  assert_memory_equal(file.frame[0].data, "0123456789abcdefg", 17);
  assert_frame(1, INBOUND, "0123456789abcdefg", 17);
}

static void
test_clock_of_the_stack_gives_the_time_of_day(void **state)
{
  uint64_t before = (uint64_t)time(NULL) * 1000000;
  struct bs_link *link = open_link(string);

  (void)state;
  assert_int_equal(send_frame(link, "the first frame", 15), 0);
  now += 5000000000; /* more than 32 bits */
  receive_reply(link, "the second frame", 16);
  bs_link_close(link);
  read_file();
  assert_true(file.frame[0].time >= before);
  assert_true(file.frame[0].time <= (uint64_t)time(NULL) * 1000000 + 1000000);
  assert_int_equal(file.frame[1].time - file.frame[0].time, 5000000000);
}

/* --- what the link below drops --- */

static void
send_dropped(struct bs_link *link, const void *data, size_t len)
{
  stub.drops = true;
  assert_int_equal(send_frame(link, data, len), 0);
  stub.drops = false;
}

static void
test_below_drops_frame_sent_says_so(void **state)
{
  struct bs_link *link = open_link(string);

  (void)state;
  assert_int_equal(send_frame(link, "a frame before.", 15), 0);
  send_dropped(link, "a frame dropped", 15);
  send_dropped(link, "one more, longer", 16);
  assert_int_equal(send_frame(link, "a frame after it", 16), 0);
  bs_link_close(link);
  read_file();
  assert_int_equal(file.count, 4);
  assert_string_equal(file.frame[0].comment, "");
  assert_frame(1, OUTBOUND, "a frame dropped", 15);
  assert_string_equal(file.frame[1].comment, "dropped below");
  assert_frame(2, OUTBOUND, "one more, longer", 16);
  assert_string_equal(file.frame[2].comment, "dropped below");
  assert_string_equal(file.frame[3].comment, "");
}

static void
test_below_drops_received_frames_next_one_says_how_many(void **state)
{
  struct bs_link *link = open_link(string);

  (void)state;
  receive_reply(link, "a frame before.", 15);
  stub.rx_dropped += 2;
  assert_int_equal(send_frame(link, "a frame sent...", 15), 0);
  receive_reply(link, "a frame after it", 16);
  receive_reply(link, "a frame at last", 15);
  bs_link_close(link);
  read_file();
  assert_int_equal(file.count, 4);
  assert_string_equal(file.frame[0].comment, "");
  assert_string_equal(file.frame[1].comment, "");
  assert_string_equal(file.frame[2].comment, "received and dropped below before this one: 2");
  assert_frame(2, INBOUND, "a frame after it", 16);
  assert_string_equal(file.frame[3].comment, "");
}

static void
test_below_drops_between_frames_sent_none_is_blamed(void **state)
{
  struct bs_link *link = open_link(string);
  uint8_t buf[BS_FRAME_MAX];

  (void)state;
  /* As a filter does that held the frame until now. */
  stub.tx_dropped++;
  assert_int_equal(link->ops->receive(link, buf, sizeof(buf)), 0);
  assert_int_equal(send_frame(link, "a frame that went", 17), 0);
  bs_link_close(link);
  read_file();
  assert_string_equal(file.frame[0].comment, "");
}

static void
test_below_dropped_before_it_was_opened_nothing_is_said(void **state)
{
  struct bs_link *link;

  (void)state;
  stub.tx_dropped = stub.rx_dropped = 7;
  link = open_link(string);
  assert_int_equal(send_frame(link, "a frame sent...", 15), 0);
  receive_reply(link, "a frame received", 16);
  bs_link_close(link);
  read_file();
  assert_string_equal(file.frame[0].comment, "");
  assert_string_equal(file.frame[1].comment, "");
}

static void
test_below_drops_snapped_frame_says_so(void **state)
{
  char snapped[140];
  struct bs_link *link;

  (void)state;
  snprintf(snapped, sizeof(snapped), "%s,snap=17", string);
  link = open_link(snapped);
  send_dropped(link, "a frame that is cut", 19);
  bs_link_close(link);
  read_file();
  assert_int_equal(file.frame[0].captured, 17);
  assert_string_equal(file.frame[0].comment, "dropped below");
}

/* --- the file --- */

static void
test_file_that_exists_is_replaced(void **state)
{
  struct bs_link *link = open_link(string);

  (void)state;
  assert_int_equal(send_frame(link, "an earlier one.", 15), 0);
  bs_link_close(link);
  bs_link_close(open_link(string));
  read_file();
  assert_int_equal(file.count, 0);
}

static void
test_file_that_cannot_be_created_is_refused(void **state)
{
  (void)state;
  assert_refused("stub+capture:/no/such/folder/x", ENOENT, "can't write /no/such/folder/x (No such file or directory)");
  assert_refused("stub+capture:/", EISDIR, "can't write / (Is a directory)");
  assert_int_equal(stub.closed, 2);
}

static void
test_disk_full_at_open_is_refused(void **state)
{
  (void)state;
  assert_refused("stub+capture:/dev/full", ENOSPC, "can't write /dev/full (No space left on device)");
  assert_int_equal(stub.closed, 1);
}

static void
test_disk_full_later_stops_the_capture_not_the_network(void **state)
{
  struct bs_link *link = open_link(string);
  struct rlimit before, room;

  (void)state;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  room = before;
  room.rlim_cur = HEAD_SIZE + BLOCK_SIZE(15) + 40; /* for one frame and a part of the next */
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &room), 0);
  assert_int_equal(send_frame(link, "there was room.", 15), 0);
  assert_int_equal(status_of(link).uncaptured, 0);
  assert_int_equal(send_frame(link, "too much for it", 15), 0);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  assert_int_equal(status_of(link).uncaptured, 1);
  receive_reply(link, "no longer recorded", 18);
  assert_int_equal(status_of(link).uncaptured, 2);
  assert_int_equal(stub.sent, 2);
  bs_link_close(link);

  read_file();
  assert_int_equal(file.count, 1);
  assert_frame(0, OUTBOUND, "there was room.", 15);
}

/* --- parameters --- */

static void
test_parameters_that_are_wrong_are_refused(void **state)
{
  (void)state;
  assert_refused("capture:x", EINVAL, "capture is a filter");
  assert_refused("stub+capture", EINVAL, "capture needs a file");
  assert_refused("stub+capture:snap=60", EINVAL, "capture needs a file");
  assert_refused("stub+capture:/x/a,/x/b", EINVAL, "no parameter /x/b");
  assert_refused("stub+capture:/x/a,size=60", EINVAL, "no parameter size=60");
  assert_refused("stub+capture:/x/a,snap=13", EINVAL, "snap=13 is not a number of bytes from 14 to 1514");
  assert_refused("stub+capture:/x/a,snap=1515", EINVAL, "snap=1515");
  assert_refused("stub+capture:/x/a,snap=60k", EINVAL, "snap=60k");
}

/* --- the link below --- */

static void
test_open_all_operations_reach_the_link_below(void **state)
{
  struct bs_link *link = open_link(string);
  struct bs_waitset set = { .size = 0 };
  const struct bs_link_filter filter = { .promiscuous = true };
  bs_time_t deadline = BS_TIME_NEVER;
  struct bs_link_status status;

  (void)state;
  link->ops->prepare(link, &set, true, &deadline);
  assert_int_equal(deadline, 7);
  link->ops->prepare(link, &set, false, &deadline);
  assert_int_equal(deadline, 8);
  assert_false(link->ops->busy(link));
  stub.busy = true;
  assert_true(link->ops->busy(link));
  assert_int_equal(link->ops->set_filter(link, &filter), -EIO);
  assert_ptr_equal(stub.filter, &filter);
  status = status_of(link);
  assert_int_equal(status.mac[5], 9);
  assert_int_equal(status.mtu, 1234);
  assert_true(status.up);
  assert_int_equal(status.rx_errors, 5);
  bs_link_close(link);
  assert_int_equal(stub.closed, 1);
}

static void
test_below_without_optional_operations_is_left_alone(void **state)
{
  char on_loop[128];
  struct bs_link *link;
  struct bs_waitset set = { .size = 0 };
  const struct bs_link_filter filter = { .promiscuous = true };
  bs_time_t deadline = 9;

  (void)state;
  snprintf(on_loop, sizeof(on_loop), "loop+capture:%s", path);
  link = open_link(on_loop);
  link->ops->prepare(link, &set, true, &deadline);
  assert_int_equal(deadline, 9);
  assert_false(link->ops->busy(link));
  assert_int_equal(link->ops->set_filter(link, &filter), 0);
  bs_link_close(link);
}

#define CAPTURE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
  const struct CMUnitTest tests[] = {
    CAPTURE_TEST(test_open_without_frames_is_whole),
    CAPTURE_TEST(test_open_frames_of_both_directions_are_recorded_in_order),
    CAPTURE_TEST(test_open_nothing_received_is_not_recorded),
    CAPTURE_TEST(test_below_shut_frame_is_recorded_once_taken),
    CAPTURE_TEST(test_open_file_is_whole_before_it_is_closed),
    CAPTURE_TEST(test_snap_frames_are_cut_and_tell_their_length),
    CAPTURE_TEST(test_clock_of_the_stack_gives_the_time_of_day),
    CAPTURE_TEST(test_below_drops_frame_sent_says_so),
    CAPTURE_TEST(test_below_drops_received_frames_next_one_says_how_many),
    CAPTURE_TEST(test_below_drops_between_frames_sent_none_is_blamed),
    CAPTURE_TEST(test_below_dropped_before_it_was_opened_nothing_is_said),
    CAPTURE_TEST(test_below_drops_snapped_frame_says_so),
    CAPTURE_TEST(test_file_that_exists_is_replaced),
    CAPTURE_TEST(test_file_that_cannot_be_created_is_refused),
    CAPTURE_TEST(test_disk_full_at_open_is_refused),
    CAPTURE_TEST(test_disk_full_later_stops_the_capture_not_the_network),
    CAPTURE_TEST(test_parameters_that_are_wrong_are_refused),
    CAPTURE_TEST(test_open_all_operations_reach_the_link_below),
    CAPTURE_TEST(test_below_without_optional_operations_is_left_alone),
  };

  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
