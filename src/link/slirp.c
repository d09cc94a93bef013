/**
 * slirp: a network of our own behind NAT, made in this process by libslirp, without any privilege. As in QEMU's user
 * network we are 10.0.2.15, the host is 10.0.2.2 and answers names at 10.0.2.3; for IPv6 fec0::/64, ::2 and ::3.
 *
 * libslirp gives us frames from within its own calls. They are queued here and fetched from above; nothing is ever
 * handed up from there. Its descriptors change at each slirp_pollfds_fill(), and what a fill gave is good for the next
 * slirp_pollfds_poll() only: prepare() names them to a wait and forgets them, receive() asks them itself.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libslirp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "baresock/net.h"
#include "link/args.h"
#include "link/kinds.h"
#include "link/queue.h"
#include "link/slirp.h"

/* libslirp is told that we mean to sleep so long. What it does not shorten has nothing due. */
#define SLIRP_IDLE_MS 1000

/* libslirp learns the time only when it is polled. After so long without, tell it before it stamps anything new, or a
 * datagram's way back would be closed as expired before the answer comes. */
#define SLIRP_STALE_US 100000

/* Descriptors to begin with. */
#define SLIRP_FDS 16

#define US_PER_MS 1000
#define NS_PER_US 1000

/* Events as libslirp, poll() and waits name them. */
static const struct {
  int slirp;
  short poll;
  short wait;
} event_names[] = {
  { SLIRP_POLL_IN, POLLIN, BS_WAIT_READ },  { SLIRP_POLL_OUT, POLLOUT, BS_WAIT_WRITE },
  { SLIRP_POLL_PRI, POLLPRI, BS_WAIT_PRI }, { SLIRP_POLL_ERR, POLLERR, 0 },
  { SLIRP_POLL_HUP, POLLHUP, 0 },
};

#define EVENT_NAMES (sizeof(event_names) / sizeof(event_names[0]))

struct slirp_timer {
  struct slirp_timer *next;
  SlirpTimerId id;
  void *data;
  bs_time_t due;
};

struct slirp_link {
  struct bs_link link;
  struct bs_link_status status;
  struct slirp_params params;
  Slirp *slirp;
  struct link_queue queue;
  struct slirp_timer *timers;
  struct pollfd *fds;
  unsigned fds_count;
  unsigned fds_size;
  bs_time_t polled; /* when libslirp last learnt the time */
  bool in_batch;    /* frames of the last poll were handed out, and the end of them not yet told */
  bool input;       /* libslirp was given frames since its last poll */
};

/* --- what libslirp calls --- */

static ssize_t
slirp_gives_frame(const void *data, size_t len, void *opaque)
{
  struct slirp_link *s = opaque;

  if (!link_queue_put(&s->queue, data, len)) {
    s->status.rx_dropped++;
  }
  return (ssize_t)len;
}

static void
slirp_refuses_frame(const char *msg, void *opaque)
{
  struct slirp_link *s = opaque;

  (void)msg;
  s->status.tx_dropped++;
}

static int64_t
slirp_clock(void *opaque)
{
  (void)opaque;
  return (int64_t)bs_now() * NS_PER_US;
}

static void *
slirp_timer_new(SlirpTimerId id, void *data, void *opaque)
{
  struct slirp_link *s = opaque;
  struct slirp_timer *timer = calloc(1, sizeof(*timer));

  if (timer != NULL) {
    timer->id = id;
    timer->data = data;
    timer->due = BS_TIME_NEVER;
    timer->next = s->timers;
    s->timers = timer;
  }
  return timer;
}

static void
slirp_timer_free(void *opaque_timer, void *opaque)
{
  struct slirp_link *s = opaque;
  struct slirp_timer **at;

  for (at = &s->timers; *at != NULL; at = &(*at)->next) {
    if (*at == opaque_timer) {
      *at = (*at)->next;
      free(opaque_timer);
      return;
    }
  }
}

static void
slirp_timer_mod(void *opaque_timer, int64_t ms, void *opaque)
{
  struct slirp_timer *timer = opaque_timer;

  (void)opaque;
  if (timer != NULL) {
    timer->due = (bs_time_t)ms * US_PER_MS;
  }
}

/* Descriptors are asked for anew each time, so that there is nothing to register and nobody to notify. */
static void
slirp_ignores_fd(int fd, void *opaque)
{
  (void)fd;
  (void)opaque;
}

static void
slirp_ignores(void *opaque)
{
  (void)opaque;
}

static const SlirpCb callbacks = {
  .send_packet = slirp_gives_frame,
  .guest_error = slirp_refuses_frame,
  .clock_get_ns = slirp_clock,
  .timer_new_opaque = slirp_timer_new,
  .timer_free = slirp_timer_free,
  .timer_mod = slirp_timer_mod,
  .register_poll_fd = slirp_ignores_fd,
  .unregister_poll_fd = slirp_ignores_fd,
  .notify = slirp_ignores,
};

/* --- its descriptors and timers --- */

static bool
over_half_full(const struct slirp_link *s)
{
  return s->queue.count > s->queue.size / 2;
}

/* SlirpAddPollCb of a poll of our own. */
static int
add_pollfd(int fd, int events, void *opaque)
{
  struct slirp_link *s = opaque;
  struct pollfd *pollfd;
  unsigned i;

  if (s->fds_count == s->fds_size) {
    unsigned size = s->fds_size != 0 ? 2 * s->fds_size : SLIRP_FDS;
    struct pollfd *fds = realloc(s->fds, size * sizeof(fds[0]));

    if (fds == NULL) {
      return -1; /* this one is looked at another time */
    }
    s->fds = fds;
    s->fds_size = size;
  }
  pollfd = &s->fds[s->fds_count];
  pollfd->fd = fd;
  pollfd->events = 0;
  pollfd->revents = 0;
  for (i = 0; i < EVENT_NAMES; i++) {
    if (events & event_names[i].slirp) {
      pollfd->events |= event_names[i].poll;
    }
  }
  return (int)s->fds_count++;
}

/* SlirpGetREventsCb of a poll of our own. Called one by one while frames come: those that are not heard once the
 * queue is over half full stay ready for the next poll. */
static int
pollfd_events(int index, void *opaque)
{
  const struct slirp_link *s = opaque;
  int events = 0;
  unsigned i;

  if (index < 0 || over_half_full(s)) {
    return 0;
  }
  for (i = 0; i < EVENT_NAMES; i++) {
    if (s->fds[index].revents & event_names[i].poll) {
      events |= event_names[i].slirp;
    }
  }
  return events;
}

static void
run_timers(struct slirp_link *s)
{
  struct slirp_timer *timer;

  for (timer = s->timers; timer != NULL; timer = timer->next) {
    if (timer->due <= s->polled) {
      timer->due = BS_TIME_NEVER;
      slirp_handle_timer(s->slirp, timer->id, timer->data);
    }
  }
}

/* Let libslirp see what its descriptors have, what time it is, and what it still holds back. */
static void
poll_slirp(struct slirp_link *s)
{
  uint32_t timeout = SLIRP_IDLE_MS;
  int failed = 0;

  s->fds_count = 0;
  slirp_pollfds_fill(s->slirp, &timeout, add_pollfd, s);
  if (s->fds_count != 0) {
    failed = poll(s->fds, s->fds_count, 0) < 0;
  }
  s->polled = bs_now();
  s->input = false;
  slirp_pollfds_poll(s->slirp, failed, pollfd_events, s);
  run_timers(s);
}

/* SlirpAddPollCb of a wait. */
static int
add_source(int fd, int events, void *opaque)
{
  short wanted = 0;
  unsigned i;

  for (i = 0; i < EVENT_NAMES; i++) {
    if (events & event_names[i].slirp) {
      wanted |= event_names[i].wait;
    }
  }
  return bs_waitset_add(opaque, fd, wanted);
}

/* --- the link --- */

static void
slirp_free(struct slirp_link *s)
{
  if (s->slirp != NULL) {
    slirp_cleanup(s->slirp);
    slirp_guard_leave();
  }
  while (s->timers != NULL) {
    slirp_timer_free(s->timers, s);
  }
  link_queue_free(&s->queue);
  free(s->fds);
  free(s);
}

static int
slirp_start(struct slirp_link *s, char *why)
{
  SlirpConfig config = {
    .version = 4,
    .restricted = s->params.restricted,
    .in_enabled = true,
    .vnetwork = { htonl(0x0a000200) },
    .vnetmask = { htonl(0xffffff00) },
    .vhost = { htonl(0x0a000202) },
    .vdhcp_start = { htonl(0x0a00020f) },
    .vnameserver = { htonl(0x0a000203) },
    .in6_enabled = s->params.mtu >= SLIRP_MTU_MIN_IP6,
    .vprefix_len = 64,
    .if_mtu = s->params.mtu,
    .if_mru = s->params.mtu,
  };

  inet_pton(AF_INET6, SLIRP_PREFIX6, &config.vprefix_addr6);
  inet_pton(AF_INET6, SLIRP_PREFIX6 "2", &config.vhost6);
  inet_pton(AF_INET6, SLIRP_PREFIX6 "3", &config.vnameserver6);
  if (link_queue_init(&s->queue, BS_SLIRP_QUEUE) < 0) {
    return link_refuse(why, ENOMEM, "no memory for slirp's frames");
  }
  slirp_guard_enter();
  s->slirp = slirp_new(&config, &callbacks, s);
  if (s->slirp == NULL) {
    slirp_guard_leave();
    return link_refuse(why, EINVAL, "libslirp does not start: see that its version is 4.7 or later");
  }
  return slirp_forward(s->slirp, &s->params, why);
}

static int
slirp_open(const struct bs_link_args *args, struct bs_link *below, struct bs_link **link, char *why)
{
  struct slirp_link *s = calloc(1, sizeof(*s));
  int err;

  (void)below;
  if (s == NULL) {
    return link_refuse(why, ENOMEM, "no memory for the link");
  }
  err = slirp_read_params(&s->params, args, why);
  if (err == 0) {
    err = slirp_start(s, why);
  }
  if (err < 0) {
    slirp_free(s);
    return err;
  }
  memcpy(s->status.mac, s->params.mac, sizeof(s->status.mac));
  s->status.mtu = s->params.mtu;
  s->status.up = true;
  s->status.frames = true;
  poll_slirp(s);
  *link = &s->link;
  return 0;
}

static void
slirp_close(struct bs_link *link)
{
  slirp_free((struct slirp_link *)link);
}

static int
slirp_send(struct bs_link *link, const struct iovec *iov, int count)
{
  struct slirp_link *s = (struct slirp_link *)link;
  size_t len = link_frame_len(iov, count);
  uint8_t flat[BS_FRAME_MAX];
  const uint8_t *frame = flat;
  int i;

  if (len < LINK_HEADER_LEN || len > BS_FRAME_MAX) {
    s->status.tx_dropped++;
    return 0;
  }
  /* Its answers come from within slirp_input() and need room. */
  if (over_half_full(s)) {
    return -EAGAIN;
  }
  if (bs_now() - s->polled > SLIRP_STALE_US) {
    s->polled = bs_now();
    slirp_pollfds_poll(s->slirp, 1, pollfd_events, s);
  }
  if (count == 1) {
    frame = iov[0].iov_base;
  } else {
    uint8_t *to = flat;

    for (i = 0; i < count; i++) {
      memcpy(to, iov[i].iov_base, iov[i].iov_len);
      to += iov[i].iov_len;
    }
  }
  s->status.tx_frames++;
  s->input = true;
  slirp_input(s->slirp, frame, (int)len);
  return 0;
}

/* One poll for a batch of frames: its end is told without asking again, as the next wait or pump does so anyway. */
static size_t
slirp_receive(struct bs_link *link, void *buf, size_t cap)
{
  struct slirp_link *s = (struct slirp_link *)link;
  size_t len;

  if (s->queue.count == 0) {
    if (s->in_batch) {
      s->in_batch = false;
      return 0;
    }
    poll_slirp(s);
    s->in_batch = s->queue.count != 0;
  }
  len = link_queue_get(&s->queue, buf, cap);
  if (len != 0) {
    s->status.rx_frames++;
  }
  return len;
}

static void
slirp_prepare(struct bs_link *link, struct bs_waitset *set, bool want_send, bs_time_t *deadline)
{
  struct slirp_link *s = (struct slirp_link *)link;
  uint32_t timeout = SLIRP_IDLE_MS;
  const struct slirp_timer *timer;
  bs_time_t due = BS_TIME_NEVER;

  (void)want_send; /* there is room again once frames were received, and those are waiting */
  if (s->queue.count != 0 || s->in_batch || s->input) {
    due = 0;
  } else {
    slirp_pollfds_fill(s->slirp, &timeout, add_source, set);
    if (timeout < SLIRP_IDLE_MS) {
      due = bs_now() + (bs_time_t)timeout * US_PER_MS;
    }
    for (timer = s->timers; timer != NULL; timer = timer->next) {
      due = timer->due < due ? timer->due : due;
    }
  }
  if (due < *deadline) {
    *deadline = due;
  }
}

/* SlirpAddPollCb that looks for data which wait for room in a connection of the host. One that is still connecting is
 * asked for with the same event, and holds nothing. */
static int
note_unwritten(int fd, int events, void *opaque)
{
  struct sockaddr_storage peer;
  socklen_t len = sizeof(peer);
  bool *unwritten = opaque;

  if ((events & SLIRP_POLL_OUT) && getpeername(fd, (struct sockaddr *)&peer, &len) == 0) {
    *unwritten = true;
  }
  return -1;
}

static bool
slirp_busy(const struct bs_link *link)
{
  const struct slirp_link *s = (const struct slirp_link *)link;
  uint32_t timeout = SLIRP_IDLE_MS;
  bool unwritten = false;

  slirp_pollfds_fill(s->slirp, &timeout, note_unwritten, &unwritten);
  return unwritten;
}

static void
slirp_status(const struct bs_link *link, struct bs_link_status *status)
{
  *status = ((const struct slirp_link *)link)->status;
}

const struct bs_link_ops link_slirp_ops = {
  .name = "slirp",
  .usage = "slirp[:fwd=tcp:HOSTPORT-PORT][,fwd=udp:...][,mac=MAC][,mtu=BYTES][,restrict]: NAT by libslirp",
  .open = slirp_open,
  .close = slirp_close,
  .send = slirp_send,
  .receive = slirp_receive,
  .prepare = slirp_prepare,
  .busy = slirp_busy,
  .status = slirp_status,
};
