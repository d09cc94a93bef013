/**
 * A socket, as the files of this floor share it.
 *
 * Inside this floor, functions return 0 or a length, or a negative errno. Operations never wait: what can't be done
 * now is -EAGAIN, and the one loop in socket.c that waits tries again.
 */
#ifndef BARESOCK_SOCK_H
#define BARESOCK_SOCK_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "baresock/config.h"
#include "baresock/net.h"
#include "baresock/wait.h"
#include "socket/address.h"
#include "socket/iov.h"
#include "socket/rxq.h"

#include "lwip/err.h"
#include "lwip/ip_addr.h"
#include "lwip/tcp.h"
#include "lwip/udp.h"

struct sock;

/** What recv() is told beside the data. */
struct rx_info {
  struct name from; /**< port 0: nobody */
  bool truncated;   /**< more may have been cut off than fits */
};

/** What a type of socket does. */
struct sock_ops {
  uint8_t type; /**< SOCK_STREAM, SOCK_DGRAM */
  uint8_t protocol;

  /** Give a new socket its PCB. @return 0, -ENOBUFS */
  int (*open)(struct sock *s);

  /** Have lwIP bind the PCB. @return the port in *port */
  err_t (*bind)(struct sock *s, const ip_addr_t *ip, u16_t *port);

  int (*listen)(struct sock *s, int backlog);
  int (*accept)(struct sock *s, struct sock **accepted);

  /** 0, -EINPROGRESS (poll for writing, then look at the error), or why it can't be tried. */
  int (*connect)(struct sock *s, const struct name *to);

  /** Undo connect(), as AF_UNSPEC asks. */
  int (*disconnect)(struct sock *s);

  /** Take what there is room for; @p to is NULL where send() names no address. */
  ssize_t (*send)(struct sock *s, struct iov_cursor *data, int flags, const struct name *to);

  /** Give what is queued, up to the cursor's room. */
  ssize_t (*recv)(struct sock *s, struct iov_cursor *room, int flags, struct rx_info *info);

  int (*shutdown)(struct sock *s, int how);

  /** Let go of everything but the slot. */
  void (*close)(struct sock *s);

  /** POLLIN and so on, for the state that it is in now. */
  short (*ready)(struct sock *s);

  /** Bytes that can be read at once (FIONREAD). */
  size_t (*readable)(const struct sock *s);

  /** Bytes sent that the peer has not acknowledged (TIOCOUTQ). */
  size_t (*unsent)(const struct sock *s);

  int (*peer)(const struct sock *s, struct name *peer);
};

extern const struct sock_ops stream_ops;
extern const struct sock_ops datagram_ops;

/** Life of a socket. Datagram sockets are NEW, or CONNECTED to a default peer. */
enum sock_state {
  SOCK_NEW, /**< not connected; bound when local.port is set */
  SOCK_LISTENING,
  SOCK_CONNECTING, /**< also while the interface still asks for its address */
  SOCK_CONNECTED,
  SOCK_CLOSED /**< was connecting or connected; lwIP's PCB is gone */
};

/* Flags. */
#define SOCK_F_NONBLOCK   0x0001u
#define SOCK_F_EOF        0x0002u /**< the peer has sent its FIN */
#define SOCK_F_SHUT_RD    0x0004u
#define SOCK_F_SHUT_WR    0x0008u
#define SOCK_F_UNTOLD     0x0010u /**< nobody was told yet how connect() ended */
#define SOCK_F_WAIT_ROUTE 0x0020u /**< waits for an interface to get its address */
#define SOCK_F_QUEUED     0x0040u /**< established, waits for accept() */
#define SOCK_F_TX_STUCK   0x0080u /**< the last write found buffers used up, not the window */
#define SOCK_F_TX_FULL    0x0100u /**< the last write was not taken whole: the next one waits until it is worth it */
#define SOCK_F_BOUND_IP   0x0200u /**< bind() chose the local address, not connect() */
#define SOCK_F_BOUND_PORT 0x0400u /**< bind() named the local port */

/* Flags of the options: lwIP's, which a PCB has too, and ours. */
#define SOCK_O_LWIP    (SOF_REUSEADDR | SOF_KEEPALIVE | SOF_BROADCAST)
#define SOCK_O_NODELAY 0x01u
#define SOCK_O_V6ONLY  0x02u
#define SOCK_O_LINGER  0x10u

/**
 * Options that are kept beside the PCB: one that listens has no room for them, and a socket outlives its PCBs. What
 * accept() returns inherits them.
 */
struct sock_options {
  uint32_t rcv_timeout_ms; /**< 0 for none */
  uint32_t snd_timeout_ms;
  uint32_t rcvbuf; /**< bytes */
  uint16_t keep_idle_s;
  uint16_t keep_interval_s;
  uint8_t keep_count;
  uint8_t flags;
  uint8_t ttl;
  uint8_t tos;
};

/** A socket: a slot of the table. */
struct sock {
  const struct sock_ops *ops; /**< NULL: the slot is free */
  union {
    struct tcp_pcb *tcp; /**< also a listening one, which lwIP returns by this type */
    struct tcp_pcb_listen *listening;
    struct udp_pcb *udp;
    struct ip_pcb *any; /**< what they have in common */
  } pcb;                /**< NULL once lwIP has freed it, or it was left to die by itself */

  struct name local; /**< kept here: it outlives the PCB */
  union {
    struct rxq stream;
    struct {
      struct pbuf *first;
      struct pbuf *last;
      uint32_t charge; /**< bytes that the queue holds, its own overhead included */
    } dgram;
    struct {
      struct sock *first;
      struct sock *last;
      uint16_t length;
      uint16_t backlog;
    } accept;
  } rx;

  struct sock *next;    /**< in the accept queue, or in the list of free slots */
  uint32_t generation;  /**< of the slot: told apart from its earlier owners */
  uint32_t window_debt; /**< bytes of window that lwIP announced beyond rcvbuf, not to be given again */
  struct sock_options options;
  uint16_t linger_s; /**< an option too, which fits better here */
  uint16_t flags;
  uint8_t family; /**< AF_INET, AF_INET6 */
  uint8_t state;
  uint8_t error;      /**< errno to be told once, 0 for none */
  uint8_t soft_error; /**< what the network said of data under way; told if it is given up, 0 for nothing */
};

/* --- table.c --- */

/** A new socket, with a PCB yet to come. @return NULL when BS_MAX_SOCKETS are open */
struct sock *sock_new(const struct sock_ops *ops, int family);

/** Give a slot back. */
void sock_free(struct sock *s);

/** All slots. */
extern struct sock sock_table[BS_MAX_SOCKETS];

/** The socket of a descriptor; NULL when it is none of ours, closed, or not accepted yet. */
static inline struct sock *
sock_find(int fd)
{
  unsigned slot = (unsigned)fd - BS_FD_BASE;
  struct sock *s = &sock_table[slot < BS_MAX_SOCKETS ? slot : 0];

  return slot < BS_MAX_SOCKETS && s->ops != NULL && (s->flags & SOCK_F_QUEUED) == 0 ? s : NULL;
}

int sock_fd(const struct sock *s);

/** The error that is to be told, once. @return a negative errno, 0 for none */
static inline int
sock_take_error(struct sock *s)
{
  int error = s->error;

  s->error = 0;
  return -error;
}

/** The first open socket from slot *@p i on, and *i its slot; NULL past the last. For walks over all sockets. */
struct sock *sock_each(unsigned *i);

/* --- errors.c --- */

/** errno for lwIP's @p err, as it comes from a call; 0 for ERR_OK. */
int errno_from_lwip(err_t err);

/* --- listen.c --- */

int stream_listen(struct sock *s, int backlog);
int stream_accept(struct sock *s, struct sock **accepted);

/** lwIP has established a connection for a listening socket. @return ERR_OK, or why it has to be reset */
err_t listen_take(struct sock *listener, struct tcp_pcb *pcb, err_t err);

/** Close a listening socket and reset what waits in its queue. */
void listen_close(struct sock *s);

/* --- stream_lwip.c --- */

/** Let lwIP tell this socket what happens to a PCB. */
void stream_attach(struct sock *s, struct tcp_pcb *pcb);

/** Part from the PCB without closing it: lwIP does not know the socket any more. @return the PCB */
struct tcp_pcb *stream_detach(struct sock *s);

/** When both sides have closed, the rest (FIN, TIME_WAIT) is lwIP's alone, which frees the PCB without a word. */
void stream_let_go_when_both_closed(struct sock *s);

/** Where a receiver has made room: tell the peer, but not of window that is owed. */
void stream_open_window(struct sock *s, size_t bytes);

/** An interface changed: start the connect that waited for it, or fail. */
void stream_route_changed(struct sock *s);

/** Connecting failed with @p error (an errno), which is to be told; the PCB is closed. */
void stream_fail_connect(struct sock *s, int error);

/** A dynamic port (RFC 6335 6) that was never given out before; 0 once there is none, and lwIP has to search. */
u16_t stream_fresh_port(void);

/** bind() named a port: if it is a dynamic one, none is fresh any more. */
void stream_port_named(u16_t port);

/** Start to connect, the socket being in a state for it. @return 0 or a negative errno */
int stream_start_connect(struct sock *s, const struct name *to);

/* --- unreachable.c --- */

struct icmp_error;

/** Tell the socket that an ICMP error is about. */
void sock_unreachable(const struct icmp_error *error);

/* --- limits --- */

/** Counters of this floor, in bs_net_stats(). */
struct sock_counters {
  uint32_t open;
  uint32_t most;
  uint32_t no_slot;          /**< socket() or a new connection found BS_MAX_SOCKETS open */
  uint32_t backlog_full;     /**< a connection was refused because the accept queue was full of dead ones */
  uint32_t datagram_no_room; /**< dropped: SO_RCVBUF */
  uint32_t datagram_no_memory;
  uint32_t no_membership; /**< a group was not joined: BS_MEMBERSHIPS are */
  uint32_t exit_resets;   /**< connections reset because BS_EXIT_DRAIN_MS was over */
};

extern struct sock_counters sock_counters;

#endif /* BARESOCK_SOCK_H */
