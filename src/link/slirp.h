/**
 * The parts of the slirp link: its parameters and forwards (slirp_fwd.c), and what the process must be kept from
 * while libslirp works in it (slirp_guard.c).
 */
#ifndef BARESOCK_LINK_SLIRP_H
#define BARESOCK_LINK_SLIRP_H

#include <stdbool.h>
#include <stdint.h>

#include "baresock/link.h"
#include "link/args.h"

struct Slirp;

/** The IPv6 network: what routers advertise, and the first half of our address. */
#define SLIRP_PREFIX6 "fec0::"

/** The MTUs that can be asked for. Every IPv4 host takes 576 bytes (RFC 791); IPv6 needs 1280 (RFC 8200). */
#define SLIRP_MTU_MIN     576
#define SLIRP_MTU_MIN_IP6 1280

/** fwd=PROTO:HOSTPORT-GUESTPORT */
struct slirp_fwd {
  bool udp;
  uint16_t host_port;
  uint16_t guest_port;
};

/** What the link string says. */
struct slirp_params {
  uint8_t mac[LINK_MAC_LEN];
  uint16_t mtu;
  bool restricted; /**< no way out but the forwards' */
  unsigned fwds;
  struct slirp_fwd fwd[BS_LINK_ARGS];
};

/** Read the parameters. @return 0 or -EINVAL with the reason in @p why */
int slirp_read_params(struct slirp_params *params, const struct bs_link_args *args, char *why);

/**
 * Listen for all forwards: on 127.0.0.1, leading to 10.0.2.15, and where the host has it on ::1, leading to the address
 * that SLAAC makes of our MAC.
 *
 * @return 0 or a negative errno, EADDRINUSE when a port is taken; slirp_cleanup() then closes those that were opened
 */
int slirp_forward(struct Slirp *slirp, const struct slirp_params *params, char *why);

/** Before the first use of libslirp: quiet its log, and keep SIGPIPE from ending the process. */
void slirp_guard_enter(void);

/** After the last: undo slirp_guard_enter(), with the last link that entered. */
void slirp_guard_leave(void);

#endif /* BARESOCK_LINK_SLIRP_H */
