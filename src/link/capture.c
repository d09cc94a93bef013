/**
 * capture: a filter that writes the frames which pass to a pcapng file, for Wireshark and its kin.
 *
 * The file (draft-ietf-opsawg-pcapng) holds one section with one interface, and one enhanced packet block for each frame,
 * in the byte order of this machine, which the section's header tells. A block is written as soon as its frame has
 * passed: whatever ends the program, the file is whole up to there.
 *
 * What the link below drops is told in comments: of a frame that was sent, in its own; of those that were received, in
 * the next one's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "baresock/net.h"
#include "link/args.h"
#include "link/kinds.h"

#define BLOCK_SECTION   0x0a0d0d0au
#define BLOCK_INTERFACE 1u
#define BLOCK_PACKET    6u

#define SECTION_MAGIC        0x1a2b3c4du
#define SECTION_ANY_LENGTH   0xffffffffu
#define LINKTYPE_ETHERNET    1
#define OPTION_END           0
#define OPTION_COMMENT       1
#define OPTION_IF_TSRESOL    9
#define OPTION_EPB_FLAGS     2
#define TSRESOL_MICROSECONDS 6

#define US_PER_S 1000000u

/* The values of epb_flags. */
enum direction { INBOUND = 1, OUTBOUND = 2 };

/* Room for a comment. */
#define COMMENT_MOST 80

/* What a file begins with. */
struct file_head {
  struct {
    uint32_t type;
    uint32_t size;
    uint32_t magic;
    uint16_t major;
    uint16_t minor;
    uint32_t length[2]; /* of the section, 64 bits */
    uint32_t size_again;
  } section;
  struct {
    uint32_t type;
    uint32_t size;
    uint16_t linktype;
    uint16_t reserved;
    uint32_t snap;
    uint16_t tsresol_code;
    uint16_t tsresol_size;
    uint8_t tsresol[4]; /* one byte, and padding */
    uint16_t end_code;
    uint16_t end_size;
    uint32_t size_again;
  } interface;
};

/* What stands before a frame, and behind it, its padding and its comment. */
struct packet_head {
  uint32_t type;
  uint32_t size;
  uint32_t interface;
  uint32_t time_high;
  uint32_t time_low;
  uint32_t captured;
  uint32_t original;
};

struct packet_tail {
  uint16_t flags_code;
  uint16_t flags_size;
  uint32_t flags;
  uint16_t end_code;
  uint16_t end_size;
  uint32_t size_again;
};

_Static_assert(sizeof(struct file_head) == 60 && sizeof(struct packet_head) == 28 && sizeof(struct packet_tail) == 16,
               "the structures are what the file holds");

struct capture_link {
  struct bs_link link;
  int fd;              /* -1 once a block could not be written */
  off_t written;       /* bytes of whole blocks */
  size_t snap;         /* most bytes of a frame that are kept */
  uint64_t epoch;      /* the wall clock, in microseconds, when bs_now() was 0 */
  uint64_t missed;     /* frames that passed and are not in the file */
  uint64_t tx_dropped; /* what the link below had dropped when we looked last */
  uint64_t rx_dropped; /* the same, as far as it was told */
  uint8_t block[sizeof(struct packet_head) + BS_FRAME_MAX + 3 + 4 + COMMENT_MOST + 3 + sizeof(struct packet_tail)];
};

/* @return 0 or a negative errno */
static int
write_all(int fd, const void *data, size_t len)
{
  const uint8_t *at = data;

  while (len > 0) {
    ssize_t n = write(fd, at, len);

    if (n < 0 && errno != EINTR) {
      return -errno;
    }
    if (n > 0) {
      at += n;
      len -= (size_t)n;
    }
  }
  return 0;
}

/* Write one whole block, or stop capturing. */
static int
write_block(struct capture_link *capture, const void *block, size_t size)
{
  int err = write_all(capture->fd, block, size);

  if (err < 0) {
    /* A block cut short would make readers refuse the file. Where it can't be taken back, they tell. */
    int uncut = ftruncate(capture->fd, capture->written);

    (void)uncut;
    close(capture->fd);
    capture->fd = -1;
    return err;
  }
  capture->written += (off_t)size;
  return 0;
}

static int
write_file_head(struct capture_link *capture)
{
  const struct file_head head = {
    .section = { .type = BLOCK_SECTION,
                 .size = sizeof(head.section),
                 .magic = SECTION_MAGIC,
                 .major = 1,
                 .minor = 0,
                 .length = { SECTION_ANY_LENGTH, SECTION_ANY_LENGTH },
                 .size_again = sizeof(head.section) },
    .interface = { .type = BLOCK_INTERFACE,
                   .size = sizeof(head.interface),
                   .linktype = LINKTYPE_ETHERNET,
                   .snap = (uint32_t)capture->snap,
                   .tsresol_code = OPTION_IF_TSRESOL,
                   .tsresol_size = 1,
                   .tsresol = { TSRESOL_MICROSECONDS },
                   .end_code = OPTION_END,
                   .size_again = sizeof(head.interface) },
  };

  return write_block(capture, &head, sizeof(head));
}

/* Copy the first bytes of a frame that is given in pieces. */
static void
gather(uint8_t *to, size_t len, const struct iovec *iov, int count)
{
  int i;

  for (i = 0; i < count; i++) {
    size_t part = iov[i].iov_len < len ? iov[i].iov_len : len;

    memcpy(to, iov[i].iov_base, part);
    to += part;
    len -= part;
  }
}

/* Append padding up to a multiple of 4 bytes. @return its end */
static uint8_t *
pad(uint8_t *to, size_t len)
{
  size_t padding = -len & 3;

  memset(to, 0, padding);
  return to + padding;
}

/* Append a comment as an option. @return its end */
static uint8_t *
put_comment(uint8_t *to, const char *comment)
{
  const uint16_t option[2] = { OPTION_COMMENT, (uint16_t)strlen(comment) };

  memcpy(to, option, sizeof(option));
  memcpy(to + sizeof(option), comment, option[1]);
  return pad(to + sizeof(option) + option[1], option[1]);
}

/* @p comment may be NULL. */
static void
record(struct capture_link *capture, const struct iovec *iov, int count, enum direction direction, const char *comment)
{
  size_t len = link_frame_len(iov, count);
  size_t kept = len < capture->snap ? len : capture->snap;
  uint64_t now = capture->epoch + bs_now();
  struct packet_head head = {
    .type = BLOCK_PACKET,
    .time_high = (uint32_t)(now >> 32),
    .time_low = (uint32_t)now,
    .captured = (uint32_t)kept,
    .original = (uint32_t)len,
  };
  struct packet_tail tail = {
    .flags_code = OPTION_EPB_FLAGS,
    .flags_size = sizeof(tail.flags),
    .flags = direction,
    .end_code = OPTION_END,
  };
  uint8_t *to = capture->block + sizeof(head);

  if (capture->fd >= 0) {
    gather(to, kept, iov, count);
    to = pad(to + kept, kept);
    if (comment != NULL) {
      to = put_comment(to, comment);
    }
    head.size = tail.size_again = (uint32_t)(to + sizeof(tail) - capture->block);
    memcpy(capture->block, &head, sizeof(head));
    memcpy(to, &tail, sizeof(tail));
    (void)write_block(capture, capture->block, head.size);
  }
  if (capture->fd < 0) {
    capture->missed++;
  }
}

static int
read_snap(struct capture_link *capture, const char *text, char *why)
{
  const char *end;
  long snap = link_read_number(text, LINK_HEADER_LEN, BS_FRAME_MAX, &end);

  if (snap < 0 || *end != '\0') {
    return link_refuse(why, EINVAL, "snap=%.24s is not a number of bytes from %d to %d: write it as snap=96", text,
                       LINK_HEADER_LEN, BS_FRAME_MAX);
  }
  capture->snap = (size_t)snap;
  return 0;
}

static int
read_args(struct capture_link *capture, const struct bs_link_args *args, const char **path, char *why)
{
  unsigned i;

  *path = NULL;
  capture->snap = BS_FRAME_MAX;
  for (i = 0; i < args->count; i++) {
    const struct bs_link_arg *arg = &args->arg[i];
    int err = 0;

    if (link_arg_is(arg, "snap")) {
      err = read_snap(capture, arg->value, why);
    } else if (arg->key == NULL && *path == NULL) {
      *path = arg->value;
    } else {
      err = link_refuse_arg(why, &link_capture_ops, arg);
    }
    if (err < 0) {
      return err;
    }
  }
  return 0;
}

/* On failure nothing is left open. */
static int
open_file(struct capture_link *capture, const char *path, char *why)
{
  int err = 0;

  if (path == NULL) {
    return link_refuse(why, EINVAL, "capture needs a file to write to: use %s", link_capture_ops.usage);
  }
  capture->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (capture->fd < 0) {
    err = -errno;
  } else {
    err = write_file_head(capture);
  }
  if (err < 0) {
    return link_refuse(why, -err, "can't write %.72s (%.40s): name a file in a folder with room", path, strerror(-err));
  }
  return 0;
}

/* The wall clock is looked at once: afterwards it may jump, and tests have a clock of their own. */
static uint64_t
find_epoch(void)
{
  struct timeval now;

  gettimeofday(&now, NULL);
  return (uint64_t)now.tv_sec * US_PER_S + (uint64_t)now.tv_usec - bs_now();
}

static int
capture_open(const struct bs_link_args *args, struct bs_link *below, struct bs_link **link, char *why)
{
  struct capture_link *capture = calloc(1, sizeof(*capture));
  struct bs_link_status status;
  const char *path;
  int err;

  if (capture == NULL) {
    return link_refuse(why, ENOMEM, "no memory for the capture");
  }
  err = read_args(capture, args, &path, why);
  if (err == 0) {
    err = open_file(capture, path, why);
  }
  if (err < 0) {
    free(capture);
    return err;
  }
  below->ops->status(below, &status);
  capture->tx_dropped = status.tx_dropped;
  capture->rx_dropped = status.rx_dropped;
  capture->epoch = find_epoch();
  *link = &capture->link;
  return 0;
}

static void
capture_close(struct bs_link *link)
{
  struct capture_link *capture = (struct capture_link *)link;

  bs_link_close(link->below);
  if (capture->fd >= 0) {
    close(capture->fd);
  }
  free(capture);
}

static struct bs_link_status
status_below(const struct bs_link *link)
{
  struct bs_link_status status;

  link->below->ops->status(link->below, &status);
  return status;
}

static int
capture_send(struct bs_link *link, const struct iovec *iov, int count)
{
  struct capture_link *capture = (struct capture_link *)link;
  int err = link->below->ops->send(link->below, iov, count);
  uint64_t dropped = status_below(link).tx_dropped;

  /* One that was refused is offered again. */
  if (err == 0) {
    record(capture, iov, count, OUTBOUND, dropped != capture->tx_dropped ? "dropped below" : NULL);
  }
  capture->tx_dropped = dropped;
  return err;
}

static size_t
capture_receive(struct bs_link *link, void *buf, size_t cap)
{
  struct capture_link *capture = (struct capture_link *)link;
  size_t len = link->below->ops->receive(link->below, buf, cap);
  struct bs_link_status below = status_below(link);

  if (len > 0) {
    struct iovec frame = { .iov_base = buf, .iov_len = len };
    uint64_t dropped = below.rx_dropped - capture->rx_dropped;
    char comment[COMMENT_MOST];

    if (dropped > 0) {
      snprintf(comment, sizeof(comment), "received and dropped below before this one: %llu",
               (unsigned long long)dropped);
    }
    record(capture, &frame, 1, INBOUND, dropped > 0 ? comment : NULL);
    capture->rx_dropped = below.rx_dropped;
  }
  /* A filter below also sends, and drops, what comes due. */
  capture->tx_dropped = below.tx_dropped;
  return len;
}

static void
capture_prepare(struct bs_link *link, struct bs_waitset *set, bool want_send, bs_time_t *deadline)
{
  if (link->below->ops->prepare != NULL) {
    link->below->ops->prepare(link->below, set, want_send, deadline);
  }
}

static bool
capture_busy(const struct bs_link *link)
{
  return link->below->ops->busy != NULL && link->below->ops->busy(link->below);
}

static int
capture_set_filter(struct bs_link *link, const struct bs_link_filter *filter)
{
  return link->below->ops->set_filter != NULL ? link->below->ops->set_filter(link->below, filter) : 0;
}

static void
capture_status(const struct bs_link *link, struct bs_link_status *status)
{
  link->below->ops->status(link->below, status);
  status->uncaptured += ((const struct capture_link *)link)->missed;
}

const struct bs_link_ops link_capture_ops = {
  .name = "capture",
  .usage = "capture:FILE[,snap=BYTES]: writes the frames to a pcapng file",
  .filter = true,
  .open = capture_open,
  .close = capture_close,
  .send = capture_send,
  .receive = capture_receive,
  .prepare = capture_prepare,
  .busy = capture_busy,
  .set_filter = capture_set_filter,
  .status = capture_status,
};
