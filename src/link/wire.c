/**
 * wire: a pair of UNIX datagram paths, one frame per datagram. Two baresock processes, or one and QEMU's
 * `-netdev dgram,local.type=unix,local.path=PEER,remote.type=unix,remote.path=LOCAL`.
 *
 * Each end has two sockets. The one that receives is bound to LOCAL and connected to nobody, so that a peer which
 * starts again under the same path is heard at once (a connected one refuses its new socket). The one that sends
 * is connected to PEER, because only then does the kernel tell when there is room in the peer's queue.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "link/args.h"
#include "link/kinds.h"

/* Longest path that a socket address holds. */
#define WIRE_PATH_MAX (sizeof(((struct sockaddr_un *)0)->sun_path) - 1)

struct wire_link {
  struct bs_link link;
  struct bs_link_status status;
  struct sockaddr_un local;
  struct sockaddr_un peer;
  dev_t dev; /* of the socket file that we made: another one under its name is not ours to remove */
  ino_t ino;
  int rx;
  int tx;
  bool plugged; /* tx is connected to a peer that was alive when we last looked */
};

static int
wire_socket(void)
{
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  return fd >= 0 ? fd : -errno;
}

static int
wire_connect(int fd, const struct sockaddr_un *to)
{
  return connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0 ? 0 : -errno;
}

static int
wire_bind(int fd, const struct sockaddr_un *to)
{
  return bind(fd, (const struct sockaddr *)to, sizeof(*to)) == 0 ? 0 : -errno;
}

/* Is there a socket file that no process listens to any more? Only a refused connection says so for sure: one that is
 * connected elsewhere gives EPERM, one of another type EPROTOTYPE. */
static bool
is_stale(const struct sockaddr_un *path)
{
  struct stat st;
  int fd, err;

  if (lstat(path->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode)) {
    return false;
  }
  fd = wire_socket();
  if (fd < 0) {
    return false;
  }
  err = wire_connect(fd, path);
  close(fd);
  return err == -ECONNREFUSED;
}

/* Bind in the place of a dead process's socket file. The lock on its folder keeps a second process, which found the
 * same dead file, from removing the live one that we put there. */
static int
replace_stale(int fd, const struct sockaddr_un *path)
{
  char folder[sizeof(path->sun_path)];
  int err = -EADDRINUSE;
  int lock;

  memcpy(folder, path->sun_path, sizeof(folder));
  lock = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock < 0) {
    return -errno;
  }
  while (flock(lock, LOCK_EX) != 0) {
    if (errno != EINTR) {
      err = -errno;
      close(lock);
      return err;
    }
  }
  if (is_stale(path)) {
    err = unlink(path->sun_path) == 0 ? wire_bind(fd, path) : -errno;
  }
  close(lock);
  return err;
}

static int
bind_local(struct wire_link *wire, char *why)
{
  const char *path = wire->local.sun_path;
  struct stat st;
  int err = wire_bind(wire->rx, &wire->local);

  if (err == -EADDRINUSE) {
    err = replace_stale(wire->rx, &wire->local);
  }
  if (err == -EADDRINUSE) {
    return link_refuse(why, EADDRINUSE,
                       "%.72s exists and is in use, or is not a wire's: end its owner, or name another", path);
  }
  if (err == 0 && lstat(path, &st) != 0) {
    err = -errno;
  }
  if (err != 0) {
    return link_refuse(why, -err, "can't make %.72s (%.40s): name a path in a folder that you may write to", path,
                       strerror(-err));
  }
  wire->dev = st.st_dev;
  wire->ino = st.st_ino;
  return 0;
}

/* Connect to whoever has the peer's path now. */
static bool
plug_in(struct wire_link *wire)
{
  wire->plugged = wire_connect(wire->tx, &wire->peer) == 0;
  return wire->plugged;
}

static int
set_path(struct sockaddr_un *address, const char *path, char *why)
{
  if (strlen(path) > WIRE_PATH_MAX) {
    return link_refuse(why, EINVAL, "the path %.32s... is longer than %d bytes: take a shorter one, as in /tmp", path,
                       (int)WIRE_PATH_MAX);
  }
  address->sun_family = AF_UNIX;
  strcpy(address->sun_path, path);
  return 0;
}

static int
read_args(struct wire_link *wire, const struct bs_link_args *args, char *why)
{
  struct sockaddr_un *ends[2] = { &wire->local, &wire->peer };
  const char *mac = NULL;
  unsigned paths = 0;
  unsigned i;

  for (i = 0; i < args->count; i++) {
    const struct bs_link_arg *arg = &args->arg[i];
    int err = 0;

    if (link_arg_is(arg, "mac")) {
      mac = arg->value;
    } else if (arg->key == NULL && paths < 2) {
      err = set_path(ends[paths++], arg->value, why);
    } else {
      err = link_refuse_arg(why, &link_wire_ops, arg);
    }
    if (err < 0) {
      return err;
    }
  }
  if (paths < 2) {
    return link_refuse(why, EINVAL, "wire needs two paths: use %s", link_wire_ops.usage);
  }
  if (strcmp(wire->local.sun_path, wire->peer.sun_path) == 0) {
    return link_refuse(why, EINVAL, "both ends of the wire are %.72s: name two different paths", wire->peer.sun_path);
  }
  if (mac != NULL) {
    return link_read_mac(mac, wire->status.mac, why);
  }
  link_make_mac(wire->status.mac, wire->local.sun_path);
  return 0;
}

static int
open_sockets(struct wire_link *wire, char *why)
{
  wire->rx = wire_socket();
  wire->tx = wire_socket();
  if (wire->rx < 0 || wire->tx < 0) {
    int err = wire->rx < 0 ? wire->rx : wire->tx;

    return link_refuse(why, -err, "can't make a UNIX socket: %.60s", strerror(-err));
  }
  return bind_local(wire, why);
}

static void
wire_free(struct wire_link *wire)
{
  if (wire->rx >= 0) {
    close(wire->rx);
  }
  if (wire->tx >= 0) {
    close(wire->tx);
  }
  free(wire);
}

static int
wire_open(const struct bs_link_args *args, struct bs_link *below, struct bs_link **link, char *why)
{
  struct wire_link *wire = calloc(1, sizeof(*wire));
  int err;

  (void)below;
  if (wire == NULL) {
    return link_refuse(why, ENOMEM, "no memory for the link");
  }
  wire->rx = wire->tx = -1;
  wire->status.mtu = LINK_MTU;
  wire->status.up = true;
  wire->status.frames = true;
  err = read_args(wire, args, why);
  if (err == 0) {
    err = open_sockets(wire, why);
  }
  if (err < 0) {
    wire_free(wire);
    return err;
  }
  plug_in(wire);
  *link = &wire->link;
  return 0;
}

static void
wire_close(struct bs_link *link)
{
  struct wire_link *wire = (struct wire_link *)link;
  struct stat st;

  if (lstat(wire->local.sun_path, &st) == 0 && st.st_dev == wire->dev && st.st_ino == wire->ino) {
    unlink(wire->local.sun_path);
  }
  wire_free(wire);
}

/* One try. @return 0 or a negative errno */
static int
put_frame(struct wire_link *wire, const struct iovec *iov, int count)
{
  struct msghdr msg = { .msg_iov = (struct iovec *)iov, .msg_iovlen = (size_t)count };

  return sendmsg(wire->tx, &msg, MSG_NOSIGNAL) >= 0 ? 0 : -errno;
}

static int
wire_send(struct bs_link *link, const struct iovec *iov, int count)
{
  struct wire_link *wire = (struct wire_link *)link;
  size_t len = link_frame_len(iov, count);
  int err = -ENOTCONN;

  if (len < LINK_HEADER_LEN || len > BS_FRAME_MAX) {
    wire->status.tx_dropped++;
    return 0;
  }
  if (wire->plugged) {
    err = put_frame(wire, iov, count);
  }
  if (err < 0 && err != -EAGAIN && plug_in(wire)) {
    /* The peer died and another one has its path. */
    err = put_frame(wire, iov, count);
  }
  if (err == -EAGAIN) {
    return -EAGAIN;
  }
  if (err < 0) {
    wire->status.tx_dropped++;
  } else {
    wire->status.tx_frames++;
  }
  return 0;
}

static size_t
wire_receive(struct bs_link *link, void *buf, size_t cap)
{
  struct wire_link *wire = (struct wire_link *)link;
  ssize_t len;

  /* MSG_TRUNC tells the datagram's true length, also of one that did not fit. */
  while ((len = recv(wire->rx, buf, cap, MSG_TRUNC)) >= 0) {
    if (len >= LINK_HEADER_LEN && len <= BS_FRAME_MAX) {
      wire->status.rx_frames++;
      return (size_t)len;
    }
    wire->status.rx_errors++;
  }
  return 0;
}

static void
wire_prepare(struct bs_link *link, struct bs_waitset *set, bool want_send, bs_time_t *deadline)
{
  struct wire_link *wire = (struct wire_link *)link;

  (void)deadline;
  bs_waitset_add(set, wire->rx, BS_WAIT_READ);
  if (want_send) {
    bs_waitset_add(set, wire->tx, BS_WAIT_WRITE);
  }
}

static void
wire_status(const struct bs_link *link, struct bs_link_status *status)
{
  *status = ((const struct wire_link *)link)->status;
}

const struct bs_link_ops link_wire_ops = {
  .name = "wire",
  .usage = "wire:LOCAL,PEER[,mac=MAC]: a cable between two UNIX datagram paths",
  .open = wire_open,
  .close = wire_close,
  .send = wire_send,
  .receive = wire_receive,
  .prepare = wire_prepare,
  .status = wire_status,
};
