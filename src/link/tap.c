/**
 * tap: an Ethernet device of the Linux kernel, whose other end is this link.
 *
 * One frame per read() and write(). Several queues are for several threads, and there is one; the offloads of vnet_hdr
 * would let frames pass that are larger than a frame, with checksums that nobody has computed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <netinet/in.h>

#include "link/args.h"
#include "link/kinds.h"

#define TAP_DEVICE "/dev/net/tun"

struct tap_link {
  struct bs_link link;
  struct bs_link_status status;
  char name[IFNAMSIZ]; /* of the kernel's interface */
  bool has_mac;        /* one was given */
  int fd;
  unsigned run;  /* frames received since there was none, or since we sent */
  bool alone;    /* frames come one by one */
  bool unlooked; /* it was not looked whether there is another */
};

/* --- opening --- */

/* Why the kernel does not give us the interface. */
static int
refuse_interface(const char *name, int err, char *why)
{
  switch (err) {
  case EPERM:
    return link_refuse(why, err, "no permission for the tap %s: run 'sudo ip tuntap add %s mode tap user $USER' first",
                       name, name);
  case EBUSY:
    return link_refuse(why, err, "the tap %s is in use by another program: end that, or name another", name);
  case EINVAL:
    return link_refuse(why, err,
                       if_nametoindex(name) != 0 ? "%s is an interface, but no tap with one queue: name another"
                                                 : "%s is no name for an interface: write one like tap0",
                       name);
  default:
    return link_refuse(why, err, "can't open the tap %s: %.60s", name, strerror(err));
  }
}

static int
open_device(struct tap_link *tap, char *why)
{
  struct ifreq request;

  tap->fd = open(TAP_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (tap->fd < 0) {
    int err = errno;
    bool missing = err == ENOENT || err == ENODEV || err == ENXIO;

    return link_refuse(why, err,
                       missing ? "there is no %s: run 'sudo modprobe tun'" : "can't open %s (%.40s): run as root",
                       TAP_DEVICE, strerror(err));
  }
  memset(&request, 0, sizeof(request));
  strcpy(request.ifr_name, tap->name);
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (ioctl(tap->fd, TUNSETIFF, &request) < 0) {
    return refuse_interface(tap->name, errno, why);
  }
  /* The kernel has numbered a name like tap%d. */
  strcpy(tap->name, request.ifr_name);
  if (!tap->has_mac) {
    link_make_mac(tap->status.mac, tap->name);
  }
  return 0;
}

/* --- the host's side --- */

/* Give the kernel's interface an IPv4 address. @return 0 or a negative errno */
static int
set_host_ip4(int fd, const char *name, struct in_addr addr, int bits)
{
  struct ifreq request;
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr = addr };

  memset(&request, 0, sizeof(request));
  strcpy(request.ifr_name, name);
  memcpy(&request.ifr_addr, &in, sizeof(in));
  if (ioctl(fd, SIOCSIFADDR, &request) < 0) {
    return -errno;
  }
  in.sin_addr.s_addr = htonl(bits > 0 ? UINT32_MAX << (32 - bits) : 0);
  memcpy(&request.ifr_netmask, &in, sizeof(in));
  return ioctl(fd, SIOCSIFNETMASK, &request) < 0 ? -errno : 0;
}

/* The same for IPv6. */
static int
set_host_ip6(int fd, const char *name, const struct in6_addr *addr, int bits)
{
  struct in6_ifreq request = { .ifr6_addr = *addr, .ifr6_prefixlen = (uint32_t)bits };

  request.ifr6_ifindex = (int)if_nametoindex(name);
  /* An earlier run may have left it. */
  return ioctl(fd, SIOCSIFADDR, &request) < 0 && errno != EEXIST ? -errno : 0;
}

static int
bring_up(int fd, const char *name)
{
  struct ifreq request;

  memset(&request, 0, sizeof(request));
  strcpy(request.ifr_name, name);
  if (ioctl(fd, SIOCGIFFLAGS, &request) < 0) {
    return -errno;
  }
  request.ifr_flags = (short)(request.ifr_flags | IFF_UP);
  return ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
}

struct host_address {
  int family;
  int bits;
  struct in_addr ip4;
  struct in6_addr ip6;
};

/* Read ADDR/LEN. */
static int
read_host(struct host_address *host, const char *text, char *why)
{
  char addr[INET6_ADDRSTRLEN];
  const char *slash = strchr(text, '/');
  size_t len = slash != NULL ? (size_t)(slash - text) : sizeof(addr);
  const char *end = "";

  host->family = AF_UNSPEC;
  host->bits = -1;
  if (len < sizeof(addr)) {
    memcpy(addr, text, len);
    addr[len] = '\0';
    if (inet_pton(AF_INET, addr, &host->ip4) == 1) {
      host->family = AF_INET;
    } else if (inet_pton(AF_INET6, addr, &host->ip6) == 1) {
      host->family = AF_INET6;
    }
  }
  if (host->family != AF_UNSPEC) {
    host->bits = (int)link_read_number(slash + 1, 0, host->family == AF_INET ? 32 : 128, &end);
  }
  if (host->family == AF_UNSPEC || host->bits < 0 || *end != '\0') {
    return link_refuse(why, EINVAL, "host=%.48s is not ADDRESS/LENGTH: write it as host=192.168.7.1/24", text);
  }
  return 0;
}

/* What `ip address add` and `ip link set up` do. */
static int
set_host(const char *name, const struct host_address *host, char *why)
{
  int fd = socket(host->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int err = fd >= 0 ? 0 : -errno;

  if (err == 0) {
    err = host->family == AF_INET ? set_host_ip4(fd, name, host->ip4, host->bits)
                                  : set_host_ip6(fd, name, &host->ip6, host->bits);
  }
  if (err == 0) {
    err = bring_up(fd, name);
  }
  if (fd >= 0) {
    close(fd);
  }
  if (err < 0) {
    return link_refuse(why, -err, "can't give the host's side of %s its address (%.40s): leave out host= and use ip",
                       name, strerror(-err));
  }
  return 0;
}

/* --- the parameters --- */

static int
set_name(struct tap_link *tap, const char *name, char *why)
{
  if (strlen(name) >= sizeof(tap->name)) {
    return link_refuse(why, EINVAL, "the name %.32s is longer than %d bytes: name an interface, as in tap:tap0", name,
                       (int)sizeof(tap->name) - 1);
  }
  strcpy(tap->name, name);
  return 0;
}

static int
read_args(struct tap_link *tap, const struct bs_link_args *args, char *why)
{
  struct host_address host;
  unsigned i;

  for (i = 0; i < args->count; i++) {
    const struct bs_link_arg *arg = &args->arg[i];
    int err;

    if (link_arg_is(arg, "mac")) {
      err = link_read_mac(arg->value, tap->status.mac, why);
      tap->has_mac = true;
    } else if (link_arg_is(arg, "host")) {
      err = read_host(&host, arg->value, why);
    } else if (arg->key == NULL && tap->name[0] == '\0') {
      err = set_name(tap, arg->value, why);
    } else {
      err = link_refuse_arg(why, &link_tap_ops, arg);
    }
    if (err < 0) {
      return err;
    }
  }
  if (tap->name[0] == '\0') {
    return link_refuse(why, EINVAL, "tap needs the name of an interface: use %s", link_tap_ops.usage);
  }
  return 0;
}

/* The addresses were found right before. */
static int
set_hosts(const struct tap_link *tap, const struct bs_link_args *args, char *why)
{
  struct host_address host;
  unsigned i;

  for (i = 0; i < args->count; i++) {
    if (link_arg_is(&args->arg[i], "host")) {
      int err = read_host(&host, args->arg[i].value, why);

      if (err == 0) {
        err = set_host(tap->name, &host, why);
      }
      if (err < 0) {
        return err;
      }
    }
  }
  return 0;
}

/* --- the link --- */

static void
tap_free(struct tap_link *tap)
{
  if (tap->fd >= 0) {
    close(tap->fd);
  }
  free(tap);
}

static int
tap_open(const struct bs_link_args *args, struct bs_link *below, struct bs_link **link, char *why)
{
  struct tap_link *tap = calloc(1, sizeof(*tap));
  int err;

  (void)below;
  if (tap == NULL) {
    return link_refuse(why, ENOMEM, "no memory for the link");
  }
  tap->fd = -1;
  tap->status.mtu = LINK_MTU;
  tap->status.up = true;
  tap->status.frames = true;
  err = read_args(tap, args, why);
  if (err == 0) {
    err = open_device(tap, why);
  }
  if (err == 0) {
    err = set_hosts(tap, args, why);
  }
  if (err < 0) {
    tap_free(tap);
    return err;
  }
  *link = &tap->link;
  return 0;
}

static void
tap_close(struct bs_link *link)
{
  tap_free((struct tap_link *)link);
}

static int
tap_send(struct bs_link *link, const struct iovec *iov, int count)
{
  struct tap_link *tap = (struct tap_link *)link;

  tap->run = 0;
  if (writev(tap->fd, iov, count) >= 0) {
    tap->status.tx_frames++;
    return 0;
  }
  if (errno == EAGAIN || errno == EINTR) {
    return -EAGAIN;
  }
  /* EIO: nobody has brought the interface up. Like a cable without a peer. */
  tap->status.tx_dropped++;
  return 0;
}

/* Ask the kernel for a frame. @return its length, 0 when there is none */
static size_t
look(struct tap_link *tap, void *buf, size_t cap)
{
  uint8_t excess; /* tells a frame that did not fit, where the interface has a larger MTU */
  struct iovec iov[2] = { { buf, cap }, { &excess, sizeof(excess) } };
  ssize_t len;

  tap->unlooked = false;
  while ((len = readv(tap->fd, iov, 2)) > 0) {
    if (len >= LINK_HEADER_LEN && (size_t)len <= cap) {
      tap->run++;
      tap->alone = tap->alone && tap->run == 1;
      tap->status.rx_frames++;
      return (size_t)len;
    }
    tap->status.rx_errors++;
  }
  tap->alone = tap->run <= 1;
  tap->run = 0;
  return 0;
}

static size_t
tap_receive(struct bs_link *link, void *buf, size_t cap)
{
  struct tap_link *tap = (struct tap_link *)link;

  /* In a dialogue, looking for a second frame would be a third of the system calls. Who waits looks again. */
  if (tap->alone && tap->run == 1 && !tap->unlooked) {
    tap->unlooked = true;
    return 0;
  }
  return look(tap, buf, cap);
}

static void
tap_prepare(struct bs_link *link, struct bs_waitset *set, bool want_send, bs_time_t *deadline)
{
  const struct tap_link *tap = (const struct tap_link *)link;

  (void)deadline;
  bs_waitset_add(set, tap->fd, (short)(BS_WAIT_READ | (want_send ? BS_WAIT_WRITE : 0)));
}

static void
tap_status(const struct bs_link *link, struct bs_link_status *status)
{
  *status = ((const struct tap_link *)link)->status;
}

const struct bs_link_ops link_tap_ops = {
  .name = "tap",
  .usage = "tap:NAME[,host=ADDRESS/LENGTH][,mac=MAC]: a tap interface of the kernel, and its address on this machine",
  .open = tap_open,
  .close = tap_close,
  .send = tap_send,
  .receive = tap_receive,
  .prepare = tap_prepare,
  .status = tap_status,
};
