/**
 * Links: frames in, frames out.
 *
 * A link carries whole Ethernet frames (14-byte header, no FCS) and knows nothing above them. A filter is a link
 * that stands on another one. Anybody can write one: fill a struct bs_link_ops, register it, and name it in a
 * link string.
 *
 * A link string names the link and its parameters, then the filters on it, the lowest first:
 *
 *     slirp   slirp:fwd=tcp:8080-80,fwd=udp:5353-53   wire:LOCAL,PEER   loop   slirp+capture:out.pcapng
 *
 * `+` joins filters, `,` joins parameters, `\` quotes either, and `=` and itself; before anything else it stands for
 * itself. A parameter is a value, or key=value.
 */
#ifndef BARESOCK_LINK_H
#define BARESOCK_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "baresock/config.h"
#include "baresock/wait.h"

/** Largest frame that a link carries, in bytes: Ethernet header and 1500 bytes. */
#define BS_FRAME_MAX 1514

/** Room for one sentence that says why a link could not be opened. */
#define BS_LINK_WHY 160

/** One parameter of a link string; key is NULL for one that is only a value. */
struct bs_link_arg {
  const char *key;
  const char *value;
};

/** The parameters of one link of a link string, in their order. Valid only during open(). */
struct bs_link_args {
  struct bs_link_arg arg[BS_LINK_ARGS];
  unsigned count;
};

/** What a NIC should let through (set_filter). Links without hardware may ignore it. */
struct bs_link_filter {
  bool promiscuous;
  bool all_multicast;
  const uint8_t (*group)[6]; /**< multicast addresses to let through; owned by the caller */
  unsigned groups;
};

/** What a link tells of itself. Counters count frames since it was opened. */
struct bs_link_status {
  uint8_t mac[6];
  uint16_t mtu; /**< bytes above the Ethernet header */
  bool up;      /**< false only where the hardware tells that nothing is attached */
  bool frames;  /**< false for a link with no wire at all (loop): no ARP, no DHCP */
  uint64_t rx_frames;
  uint64_t tx_frames;
  uint64_t rx_dropped; /**< came, but there was no room */
  uint64_t tx_dropped; /**< could not be sent, and was given up */
  uint64_t rx_errors;
  uint64_t uncaptured; /**< passed, but a capture could not write them */
  uint64_t queue_full; /**< times that a filter had no room to take one: it was offered again, or waited below */
};

struct bs_link;

/** The operations of a kind of link. All but open, close, send, receive and status may be NULL. */
struct bs_link_ops {
  const char *name;  /**< as in the link string */
  const char *usage; /**< the link string's shape and what it means, one line, for --help and error texts */
  bool filter;       /**< stands on another link */

  /**
   * Open a link.
   *
   * @param args  its parameters; refuse what is not known
   * @param below for a filter, the link to stand on, which the new link then owns; else NULL
   * @param link  where to put the new link, whose memory the driver allocates
   * @param why   BS_LINK_WHY bytes, for one sentence without a full stop that says what to do when it fails
   * @return 0 or a negative errno; on failure nothing is left open, and `below` still belongs to the caller
   */
  int (*open)(const struct bs_link_args *args, struct bs_link *below, struct bs_link **link, char *why);

  /** Close the link and the one below it, and free both. */
  void (*close)(struct bs_link *link);

  /**
   * Send a frame, given in pieces.
   *
   * @return 0: taken, or given up and counted; -EAGAIN: no room now, offer it again (prepare() waits for room)
   */
  int (*send)(struct bs_link *link, const struct iovec *iov, int count);

  /**
   * Take the next frame received. Never waits.
   *
   * @param buf where to put it; @param cap its room, at least BS_FRAME_MAX
   * @return length in bytes, or 0 when nothing waits
   */
  size_t (*receive)(struct bs_link *link, void *buf, size_t cap);

  /**
   * Name what a wait should wait for, and when the link is next due by itself.
   *
   * @param set      add sources here; want_send says whether a frame was refused with -EAGAIN
   * @param deadline make it earlier where needed, never later
   */
  void (*prepare)(struct bs_link *link, struct bs_waitset *set, bool want_send, bs_time_t *deadline);

  /** Whether frames that the link took are still on their way inside it, and would be lost if it were closed now. */
  bool (*busy)(const struct bs_link *link);

  /** Let through what @p filter names. @return 0 or a negative errno */
  int (*set_filter)(struct bs_link *link, const struct bs_link_filter *filter);

  /** Fill in @p status. */
  void (*status)(const struct bs_link *link, struct bs_link_status *status);
};

/** The part that all links have in common: first member of each driver's own structure. */
struct bs_link {
  const struct bs_link_ops *ops;
  struct bs_link *below; /**< what a filter stands on, else NULL */
};

/**
 * Make a kind of link known by its name, for link strings.
 *
 * @param ops kept by reference
 * @return 0; -1 with errno EEXIST (the name is taken) or ENOBUFS (BS_LINK_KINDS are known already)
 */
int bs_link_register(const struct bs_link_ops *ops);

/**
 * Open the links that a link string names.
 *
 * @param string a link string
 * @param why    BS_LINK_WHY bytes for one sentence that says what is wrong and what to do; may be NULL
 * @return the topmost link, to be closed with bs_link_close(); NULL with errno:
 *   EINVAL  the string or a parameter is not right
 *   ENODEV  there is no link or filter of that name
 *   others  as the link's open() gives: EACCES, EADDRINUSE, ENOENT, ENOMEM, ...
 */
struct bs_link *bs_link_open(const char *string, char *why);

/** Close a link and all that it stands on. @p link may be NULL. */
void bs_link_close(struct bs_link *link);

/** The known kinds, for help texts: the one with number @p index, or NULL past the last. */
const struct bs_link_ops *bs_link_kind(unsigned index);

#endif /* BARESOCK_LINK_H */
