/**
 * Parameters of the slirp link, and its forwards from the host's ports to ours.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libslirp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "link/kinds.h"
#include "link/slirp.h"

#define PORT_MAX 65535

/* Each slirp is a network of its own: all can have the same address, that of QEMU's first NIC. */
static const uint8_t default_mac[LINK_MAC_LEN] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };

static int
read_fwd(struct slirp_fwd *fwd, const char *text, char *why)
{
  const char *at = text + 4;
  long host = -1, guest = -1;

  if (strncmp(text, "tcp:", 4) != 0 && strncmp(text, "udp:", 4) != 0) {
    return link_refuse(why, EINVAL, "fwd=%.32s is not tcp or udp: write fwd=PROTO:HOSTPORT-PORT, as in fwd=tcp:8080-80",
                       text);
  }
  host = link_read_number(at, 1, PORT_MAX, &at);
  if (host > 0 && *at == '-') {
    guest = link_read_number(at + 1, 1, PORT_MAX, &at);
  }
  if (guest < 0 || *at != '\0') {
    return link_refuse(why, EINVAL,
                       "fwd=%.32s is not two ports from 1 to %d: write fwd=PROTO:HOSTPORT-PORT, as in "
                       "fwd=tcp:8080-80",
                       text, PORT_MAX);
  }
  fwd->udp = text[0] == 'u';
  fwd->host_port = (uint16_t)host;
  fwd->guest_port = (uint16_t)guest;
  return 0;
}

static int
read_mtu(uint16_t *mtu, const char *text, char *why)
{
  const char *end = text;
  long number = link_read_number(text, SLIRP_MTU_MIN, LINK_MTU, &end);

  if (number < 0 || *end != '\0') {
    return link_refuse(why, EINVAL, "mtu=%.16s is not a number from %d to %d: name one of these", text, SLIRP_MTU_MIN,
                       LINK_MTU);
  }
  *mtu = (uint16_t)number;
  return 0;
}

int
slirp_read_params(struct slirp_params *params, const struct bs_link_args *args, char *why)
{
  unsigned i;

  memcpy(params->mac, default_mac, sizeof(params->mac));
  params->mtu = LINK_MTU;
  for (i = 0; i < args->count; i++) {
    const struct bs_link_arg *arg = &args->arg[i];
    int err = 0;

    if (link_arg_is(arg, "fwd")) {
      err = read_fwd(&params->fwd[params->fwds++], arg->value, why);
    } else if (link_arg_is(arg, "mac")) {
      err = link_read_mac(arg->value, params->mac, why);
    } else if (link_arg_is(arg, "mtu")) {
      err = read_mtu(&params->mtu, arg->value, why);
    } else if (arg->key == NULL && strcmp(arg->value, "restrict") == 0) {
      params->restricted = true;
    } else {
      err = link_refuse_arg(why, &link_slirp_ops, arg);
    }
    if (err < 0) {
      return err;
    }
  }
  return 0;
}

/* Our address by SLAAC: the prefix, and the MAC as RFC 4291 A makes an interface identifier of it. */
static void
slaac_address(struct in6_addr *address, const uint8_t mac[LINK_MAC_LEN])
{
  uint8_t *id = &address->s6_addr[8];

  inet_pton(AF_INET6, SLIRP_PREFIX6, address);
  memcpy(&id[0], &mac[0], 3);
  id[0] ^= 0x02;
  id[3] = 0xff;
  id[4] = 0xfe;
  memcpy(&id[5], &mac[3], 3);
}

/* errno of a failed call. Where libslirp has lost it, something else than 0. */
static int
last_error(void)
{
  return errno != 0 ? -errno : -EIO;
}

static int
forward_ip4(Slirp *slirp, const struct slirp_fwd *fwd)
{
  struct in_addr host = { htonl(INADDR_LOOPBACK) };
  struct in_addr guest = { htonl(INADDR_ANY) }; /* libslirp's word for the first address of its DHCP */

  errno = 0;
  return slirp_add_hostfwd(slirp, fwd->udp, host, fwd->host_port, guest, fwd->guest_port) == 0 ? 0 : last_error();
}

static int
forward_ip6(Slirp *slirp, const struct slirp_fwd *fwd, const uint8_t mac[LINK_MAC_LEN])
{
  struct sockaddr_in6 host = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
  struct sockaddr_in6 guest = { .sin6_family = AF_INET6 };
  int flags = SLIRP_HOSTFWD_V6ONLY | (fwd->udp ? SLIRP_HOSTFWD_UDP : 0);

  host.sin6_port = htons(fwd->host_port);
  guest.sin6_port = htons(fwd->guest_port);
  slaac_address(&guest.sin6_addr, mac);
  errno = 0;
  return slirp_add_hostxfwd(slirp, (struct sockaddr *)&host, sizeof(host), (struct sockaddr *)&guest, sizeof(guest),
                            flags) == 0
             ? 0
             : last_error();
}

static int
refuse_port(const struct slirp_fwd *fwd, const char *address, int err, char *why)
{
  if (err == -EADDRINUSE) {
    return link_refuse(why, EADDRINUSE, "%s port %d of %s is taken: forward from another one", fwd->udp ? "UDP" : "TCP",
                       fwd->host_port, address);
  }
  return link_refuse(why, -err, "can't listen on %s port %d of %s (%.40s): forward from another one",
                     fwd->udp ? "UDP" : "TCP", fwd->host_port, address, strerror(-err));
}

/* SlirpAddPollCb. libslirp listens with a backlog of 1, so that of a few connections at the same moment most had to
 * come again a second later. Who listens once more changes that; a UDP socket refuses. */
static int
widen_backlog(int fd, int events, void *opaque)
{
  (void)events;
  (void)opaque;
  (void)listen(fd, SOMAXCONN);
  return -1;
}

int
slirp_forward(Slirp *slirp, const struct slirp_params *params, char *why)
{
  uint32_t timeout = 0;
  unsigned i;
  int err;

  for (i = 0; i < params->fwds; i++) {
    err = forward_ip4(slirp, &params->fwd[i]);
    if (err < 0) {
      return refuse_port(&params->fwd[i], "127.0.0.1", err, why);
    }
    if (params->mtu < SLIRP_MTU_MIN_IP6) {
      continue;
    }
    err = forward_ip6(slirp, &params->fwd[i], params->mac);
    /* A host without ::1 has only the other one. */
    if (err < 0 && err != -EADDRNOTAVAIL && err != -EAFNOSUPPORT) {
      return refuse_port(&params->fwd[i], "::1", err, why);
    }
  }
  slirp_pollfds_fill(slirp, &timeout, widen_backlog, NULL);
  return 0;
}
