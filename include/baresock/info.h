/**
 * What the stack knows of its sockets: for netstat-like lists and for measuring.
 */
#ifndef BARESOCK_INFO_H
#define BARESOCK_INFO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/** A socket. Of addresses that it does not have the family is AF_UNSPEC. */
struct bs_socket_info {
  int family;        /**< AF_INET, AF_INET6 */
  int type;          /**< SOCK_STREAM, SOCK_DGRAM */
  const char *state; /**< "new", "bound", "listening", "connecting", "connected", "closed" */
  struct sockaddr_storage local;
  struct sockaddr_storage peer;
  uint32_t receive_queue; /**< bytes that can be read; of a listening socket, connections that wait */
  uint32_t send_queue;    /**< bytes sent that the peer has not acknowledged; of a listening socket, its backlog */
};

/** A connection as TCP keeps it (RFC 9293, RFC 6298, RFC 5681). lwIP measures time in steps of 500 ms. */
struct bs_tcp_info {
  const char *state;   /**< RFC 9293 3.3.2: "ESTABLISHED", "CLOSE_WAIT", ... */
  uint32_t cwnd;       /**< congestion window, bytes */
  uint32_t ssthresh;   /**< slow start threshold, bytes */
  uint32_t srtt_ms;    /**< smoothed round-trip time, 0 before it was measured */
  uint32_t rto_ms;     /**< retransmission time-out */
  uint32_t retransmit; /**< how often the oldest segment in flight was sent again */
  uint32_t snd_wnd;    /**< window that the peer offers, bytes */
  uint32_t rcv_wnd;    /**< window that we offer, bytes */
  uint32_t snd_buf;    /**< room for data to be sent, bytes */
  uint32_t mss;        /**< largest segment, bytes */
  uint32_t unacked;    /**< bytes in flight or waiting to be sent */
  uint32_t received;   /**< bytes received that were not read */
  bool nodelay;
};

/**
 * Tell how a socket does.
 *
 * @param fd descriptor; a list of all goes through BS_FD_BASE to BS_FD_BASE + BS_MAX_SOCKETS - 1
 * @return 0; -1 with errno EBADF (not an open descriptor of ours)
 */
int bs_socket_info(int fd, struct bs_socket_info *info);

/**
 * Tell how a connection does.
 *
 * @return 0; -1 with errno EBADF, EOPNOTSUPP (not a stream socket), ENOTCONN (no connection: new, listening, or gone)
 */
int bs_tcp_info(int fd, struct bs_tcp_info *info);

#endif /* BARESOCK_INFO_H */
