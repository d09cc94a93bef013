/**
 * Interfaces: bring them up, give them addresses, ask how they do.
 *
 * A program that sets up nothing gets the port's default link with DHCP and SLAAC when it first uses a socket.
 * The variables BARESOCK_LINK, BARESOCK_IP4, BARESOCK_IP6, BARESOCK_DNS and BARESOCK_HOSTNAME change that from
 * outside; what a program says with these calls wins over them.
 *
 * All calls are for the one thread that the library belongs to.
 */
#ifndef BARESOCK_NET_H
#define BARESOCK_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "baresock/config.h"
#include "baresock/link.h"
#include "baresock/wait.h"

/** Room for an address as text, with scope and end. */
#define BS_ADDR_TEXT 64

/** Addresses of one interface in its status. */
#define BS_NET_ADDRS 4

/** Where an interface stands on its way to an IPv4 address. */
enum bs_net_state {
  BS_NET_OFF,         /**< no address wanted */
  BS_NET_CONFIGURING, /**< DHCP asks, or an IPv6 address is being checked */
  BS_NET_READY,       /**< has an address */
  BS_NET_FAILED       /**< nobody answered in BS_CONFIGURE_TIMEOUT_MS; it goes on asking */
};

/** What bs_net_status() tells. Texts are empty where there is nothing. */
struct bs_net_status {
  char link[BS_LINK_STRING]; /**< the link string it was brought up with */
  struct bs_link_status stats;
  enum bs_net_state ip4;
  enum bs_net_state ip6;
  bool dhcp;
  bool autoconf; /**< SLAAC */
  char addr4[BS_ADDR_TEXT];
  char mask4[BS_ADDR_TEXT];
  char gateway4[BS_ADDR_TEXT];
  char addr6[BS_NET_ADDRS][BS_ADDR_TEXT]; /**< valid ones, link-local first */
  char gateway6[BS_ADDR_TEXT];
  uint32_t lease_s; /**< seconds that the DHCP lease was given for, 0 without one */
};

/** A counter or a pool, as bs_net_stats() lists them. */
struct bs_net_stat {
  const char *group; /**< "tcp", "udp", "ip4", "link", "pool", "limit", ... */
  const char *name;  /**< "recv", "drop", ...; for pools the pool's name */
  uint32_t value;    /**< count; for a pool: in use now */
  uint32_t most;     /**< pools: most in use at once */
  uint32_t size;     /**< pools: how many there are, 0 when bounded by memory only */
  uint32_t failed;   /**< pools: how often there was none */
};

/**
 * Start the stack without an interface: 127.0.0.1 and ::1 work. Any other call does it by itself.
 *
 * @return 0; -1 with errno ENOMEM, or EIO when the machine has no source of randomness
 */
int bs_net_init(void);

/**
 * Bring up an interface on a link, with IPv4 and IPv6 as bs_net_ip4(dhcp) and bs_net_ip6(auto) do it. The first one
 * that is up is the default interface. Does not wait: see bs_net_wait().
 *
 * @param link a link string; NULL for the default (BARESOCK_LINK, or the port's)
 * @param why  BS_LINK_WHY bytes for the reason when it fails; may be NULL
 * @return index of the interface, from 1; -1 with errno as bs_link_open(), or ENOBUFS (BS_MAX_INTERFACES are up)
 */
int bs_net_up(const char *link, char *why);

/**
 * Why the last bs_net_up() failed, also one that the first use of a socket made by itself: a sentence without a full
 * stop that says what to do. Empty when it did not fail.
 */
const char *bs_net_why(void);

/**
 * Take an interface down and close its link. Connections over it die with ENETDOWN.
 *
 * @return 0; -1 with errno ENODEV (no such interface)
 */
int bs_net_down(int index);

/** Index of the default interface, 0 when none is up. */
int bs_net_default(void);

/**
 * Give an interface its IPv4 address.
 *
 * @param index an interface; 0 for the default one, which is brought up if there is none
 * @param spec  "dhcp" (RFC 2131), "off", or "ADDR/LEN[,GATEWAY]"
 * @return 0; -1 with errno EINVAL (spec is none of these), ENODEV, ENOMEM
 */
int bs_net_ip4(int index, const char *spec);

/**
 * Give an interface its IPv6 address, beside the link-local one.
 *
 * @param spec "auto" (RFC 4862), "off", or "ADDR/LEN[,GATEWAY]"
 * @return 0; -1 with errno EINVAL, ENODEV, ENOTSUP (built without IPv6)
 */
int bs_net_ip6(int index, const char *spec);

/**
 * Name the DNS servers, instead of those that DHCP and router advertisements name.
 *
 * @param spec "SERVER[:PORT],...", an IPv6 server with a port in brackets; "" for DHCP's again
 * @return 0; -1 with errno EINVAL, or E2BIG (more than BS_DNS_SERVERS)
 */
int bs_net_dns(const char *spec);

/** Write the DNS server with number @p index to @p text (BS_ADDR_TEXT bytes): "ADDR" or "ADDR:PORT", an IPv6 one with a
 * port in brackets. @return 0; -1 with errno ENOENT past the last */
int bs_net_dns_server(unsigned index, char *text);

/**
 * Name this machine: sent with DHCP, told by gethostname().
 *
 * @return 0; -1 with errno ENAMETOOLONG (BS_HOSTNAME_MAX), or EINVAL (not a host name by RFC 1123)
 */
int bs_net_hostname(const char *name);

/** This machine's name: as set, or from BARESOCK_HOSTNAME, else "baresock". */
const char *bs_net_get_hostname(void);

/**
 * Wait until an interface has an address, or it is known that it gets none.
 *
 * @param index      an interface, 0 for the default one
 * @param timeout_ms how long to wait; -1 for BS_CONFIGURE_TIMEOUT_MS
 * @return 0; -1 with errno ETIMEDOUT, ENODEV, EINTR (a signal handler ran)
 */
int bs_net_wait(int index, int timeout_ms);

/** Tell how an interface does. @return 0; -1 with errno ENODEV */
int bs_net_status(int index, struct bs_net_status *status);

/** The counter or pool with number @p number. @return 0; -1 with errno ENOENT past the last */
int bs_net_stats(unsigned number, struct bs_net_stat *stat);

/**
 * Move the network on without waiting. Needed only in computations so long that peers would give up.
 *
 * @return how many frames and timers were handled
 */
int bs_net_pump(void);

/**
 * Sleep, and keep the network moving.
 *
 * @return 0; -1 with errno EINTR (a signal handler ran before the time was over)
 */
int bs_net_sleep(uint64_t microseconds);

/** The stack's monotonic clock, in microseconds. */
bs_time_t bs_now(void);

/**
 * Replace the clock, for tests on virtual time; NULL for the port's again. The new one must not stand before the
 * old one.
 */
void bs_set_clock(bs_time_t (*clock)(void));

/**
 * End: close all sockets, wait up to BS_EXIT_DRAIN_MS until closing connections have delivered what was sent,
 * reset the rest, and take all interfaces down. Runs at exit() by itself; the stack can be used again afterwards.
 *
 * @return how many connections had to be reset
 */
int bs_net_shutdown(void);

/** As bs_net_shutdown(), but wait for nobody: what was not delivered yet is lost, and its connections are reset. */
void bs_net_reset(void);

/** Of baresock, as text. */
const char *bs_version(void);

#endif /* BARESOCK_NET_H */
