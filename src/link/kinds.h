/**
 * The links that come with baresock, for the lists in ports/.
 */
#ifndef BARESOCK_LINK_KINDS_H
#define BARESOCK_LINK_KINDS_H

#include "baresock/link.h"

/** No wire at all, on any machine: src/link/loop.c. */
extern const struct bs_link_ops link_loop_ops;

/** A pair of UNIX datagram sockets, on Linux: src/link/wire.c. */
extern const struct bs_link_ops link_wire_ops;

/** NAT in the process itself by libslirp, on Linux: src/link/slirp.c. */
extern const struct bs_link_ops link_slirp_ops;

/** A tap device of the kernel, on Linux: src/link/tap.c. */
extern const struct bs_link_ops link_tap_ops;

/** The filter that writes frames to a file, on any machine with files: src/link/capture.c. */
extern const struct bs_link_ops link_capture_ops;

/** The filter that treats frames badly, on any machine: src/link/impair.c. */
extern const struct bs_link_ops link_impair_ops;

/** An Intel 8254x network card, on a machine with PCI: src/link/e1000.c. */
extern const struct bs_link_ops link_e1000_ops;

/** Whether the machine has such a card. */
bool link_e1000_is_there(void);

/** An NE2000 network card, on a machine with ISA or PCI: src/link/ne2000.c. */
extern const struct bs_link_ops link_ne2000_ops;

/** Whether the machine has such a card at one of the usual addresses. Nobody else may use it. */
bool link_ne2000_is_there(void);

/** A packet driver, on DOS: src/link/pktdrv.c. */
extern const struct bs_link_ops link_pktdrv_ops;

/** Whether a packet driver for Ethernet is loaded. */
bool link_pktdrv_is_there(void);

#endif /* BARESOCK_LINK_KINDS_H */
