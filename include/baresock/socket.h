/**
 * BSD sockets over lwIP, without threads.
 *
 * Each call has the POSIX signature, return value and errno; types and numbers are those of <sys/socket.h>. Where a
 * call may wait, it moves the network on meanwhile. A socket that is non-blocking (SOCK_NONBLOCK, bs_fcntl(), or
 * MSG_DONTWAIT for one call) never waits, not for memory either.
 *
 * The library belongs to the thread that uses it first: no call may come from another one, or from a signal handler.
 *
 * These errno values mean the same everywhere and are not repeated below:
 *   EBADF   fd is not an open descriptor of ours
 *   EFAULT  a pointer that must point to something is NULL
 *   EINTR   a signal handler ran while the call waited, before it had done anything
 */
#ifndef BARESOCK_SOCKET_H
#define BARESOCK_SOCKET_H

#include <netinet/in.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "baresock/config.h"

/**
 * Create a socket (POSIX socket()).
 *
 * @param domain   AF_INET or AF_INET6; an AF_INET6 socket also speaks IPv4 (RFC 3493 3.7) unless IPV6_V6ONLY is set
 * @param type     SOCK_STREAM (TCP) or SOCK_DGRAM (UDP), with SOCK_NONBLOCK and SOCK_CLOEXEC added if wanted
 * @param protocol 0, or the type's own: IPPROTO_TCP, IPPROTO_UDP
 * @return a descriptor from BS_FD_BASE up, to be closed with bs_close(); -1 with errno:
 *   EAFNOSUPPORT     another domain, or AF_INET6 in a build without it
 *   EIO              the machine has no source of randomness
 *   EMFILE           BS_MAX_SOCKETS are open
 *   ENOBUFS          no control block is left (BS_TCP_PCBS, BS_UDP_PCBS)
 *   EPROTONOSUPPORT  a protocol that does not go with the type
 *   EINVAL           unknown flags in @p type
 *   ESOCKTNOSUPPORT  another type
 */
int bs_socket(int domain, int type, int protocol);

/**
 * Create two sockets that are connected to each other, over the stack's own loopback (POSIX socketpair()).
 *
 * @param domain AF_INET; AF_UNIX is taken to mean the same
 * @param type   SOCK_STREAM or SOCK_DGRAM, with SOCK_NONBLOCK and SOCK_CLOEXEC added if wanted
 * @param fds    where to put the two descriptors; untouched on failure
 * @return 0; -1 with errno as bs_socket(), or ECONNABORTED (another socket of this program got in between)
 */
int bs_socketpair(int domain, int type, int protocol, int fds[2]);

/**
 * Close a socket (POSIX close()).
 *
 * What was sent is delivered in the background, then the connection ends with FIN. It is reset instead when data was
 * not read (RFC 9293 3.10.4), and with SO_LINGER of 0 seconds. With SO_LINGER of more, a blocking socket waits that
 * long for the peer to acknowledge everything. A listening socket resets the connections in its queue.
 *
 * @return 0; -1 with errno EBADF
 */
int bs_close(int fd);

/**
 * Give a socket its local address (POSIX bind()).
 *
 * @param addr address of this machine, or the wildcard; port 0 takes a free one
 * @param len  size of *addr in bytes
 * @return 0; -1 with errno:
 *   EADDRINUSE     the port is taken (see SO_REUSEADDR), or none is free
 *   EADDRNOTAVAIL  the address is not one of this machine, or not yet (bs_net_wait())
 *   EAFNOSUPPORT   an address of another family
 *   EINVAL         the socket has a local address or a peer already, or len is too short
 */
int bs_bind(int fd, const struct sockaddr *addr, socklen_t len);

/**
 * Let a stream socket accept connections (POSIX listen()). Without bs_bind() before, it gets a free port.
 *
 * @param backlog connections that may wait for bs_accept(), 1 to BS_MAX_BACKLOG; others are cut to that. What comes
 *                beyond is not answered, so that the peer tries again
 * @return 0; -1 with errno:
 *   EADDRINUSE  another socket listens on that address
 *   EINVAL      the socket is connected, or was
 *   ENOBUFS     no control block is left (BS_TCP_LISTEN_PCBS)
 *   EOPNOTSUPP  not a stream socket
 */
int bs_listen(int fd, int backlog);

/**
 * Take the connection that has waited longest (POSIX accept()), or wait for one.
 *
 * It inherits the listening socket's options, but not its being non-blocking. One that was reset while it waited is
 * returned too, as on Linux: reading gives what came before, then ECONNRESET.
 *
 * @param addr where to put the peer's address; NULL if it is not wanted
 * @param len  room there, in bytes; set to the size of the address, 0 when the peer is gone already
 * @return a descriptor; -1 with errno:
 *   EAGAIN      none waits, and the socket must not wait, or SO_RCVTIMEO passed
 *   EINVAL      the socket does not listen
 *   EOPNOTSUPP  not a stream socket
 */
int bs_accept(int fd, struct sockaddr *addr, socklen_t *len);

/**
 * Connect a stream socket, or set a datagram socket's peer (POSIX connect()).
 *
 * Brings up the default link when the program set up none. While an interface still asks for its address the
 * connection waits for it, up to BS_CONFIGURE_TIMEOUT_MS.
 *
 * Asked again after EINPROGRESS, it tells once how that ended. A socket whose connect failed is then like a new one,
 * with its options and what bind() gave it, and may try again.
 *
 * @param addr the peer; the wildcard address means the loopback. AF_UNSPEC takes a datagram socket's peer away,
 *             with a port that bind() did not name, and resets a stream's connection
 * @param len  size of *addr in bytes
 * @return 0; -1 with errno:
 *   EACCES         a broadcast address, without SO_BROADCAST
 *   EADDRNOTAVAIL  no local port is free for that peer
 *   EAFNOSUPPORT   an address of another family
 *   EALREADY       it is connecting already
 *   ECONNABORTED   it failed, and SO_ERROR told why already
 *   ECONNREFUSED   nobody listens there
 *   EINPROGRESS    it goes on: poll for writing, then read SO_ERROR. The socket must not wait, or SO_SNDTIMEO passed
 *   EINVAL         len is too short
 *   EISCONN        it is connected, or listens
 *   ENETDOWN       no interface is up
 *   ENETUNREACH    no interface leads there, or none got an address
 *   ENOBUFS        out of memory
 *   ETIMEDOUT      no answer
 */
int bs_connect(int fd, const struct sockaddr *addr, socklen_t len);

/**
 * Send (POSIX send()). On a stream, waits until all was taken; a socket that must not wait takes what there is room
 * for. A datagram goes as a whole or not at all.
 *
 * @param buf   data; owned by the caller throughout, and free again when the call returns
 * @param len   its size in bytes
 * @param flags MSG_DONTWAIT, MSG_MORE, MSG_NOSIGNAL (no signal is ever raised), or 0
 * @return bytes taken; -1 with errno:
 *   EACCES        a broadcast address, without SO_BROADCAST
 *   EAGAIN        no room, or no address yet, and the socket must not wait, or SO_SNDTIMEO passed
 *   ECONNRESET    the peer reset the connection; told once
 *   EDESTADDRREQ  a datagram socket without a peer
 *   EMSGSIZE      a datagram longer than UDP can carry
 *   ENETDOWN      no interface is up
 *   ENETUNREACH   no interface leads there
 *   ENOBUFS       out of memory for a datagram, or its interface's queue (BS_TX_QUEUE) is full
 *   EOPNOTSUPP    other flags
 *   EPIPE         a stream that is not connected, or whose writing end is shut down
 *   ETIMEDOUT     the peer stopped to answer; told once
 */
ssize_t bs_send(int fd, const void *buf, size_t len, int flags);

/**
 * Send a datagram to an address (POSIX sendto()). On a stream the address is ignored.
 *
 * @param to    where to; NULL for the socket's peer
 * @param tolen size of *to in bytes
 * @return as bs_send(); also EAFNOSUPPORT and EINVAL as bs_connect()
 */
ssize_t bs_sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *to, socklen_t tolen);

/**
 * Send from several buffers (POSIX sendmsg()).
 *
 * @param msg msg_iov and msg_iovlen name the data, msg_name and msg_namelen the address if any; control data is not
 *            looked at
 * @return as bs_sendto(); also EINVAL when the buffers are longer than SSIZE_MAX together
 */
ssize_t bs_sendmsg(int fd, const struct msghdr *msg, int flags);

/**
 * Receive from a socket (POSIX recv()).
 *
 * Returns what is queued, up to @p len bytes, as soon as there is anything; waits only when nothing is queued
 * (RFC 9293 3.10.5). One call may return the data of several segments. Of a datagram, what does not fit is lost.
 *
 * @param fd     descriptor from bs_socket() or bs_accept()
 * @param buf    where to put the data; owned by the caller throughout
 * @param len    its size in bytes; with 0 it waits like any other and takes nothing of a stream, as on Linux
 * @param flags  MSG_PEEK leaves the data queued; MSG_DONTWAIT does not wait; MSG_WAITALL waits until a stream has
 *               filled the buffer; MSG_TRUNC returns a datagram's full length, and drops a stream's data; or 0
 * @return bytes received; 0 once the peer has closed and everything was read; -1 with errno:
 *   EAGAIN       nothing queued, and the socket (or the call) must not wait, or SO_RCVTIMEO passed
 *   ECONNRESET   the peer reset the connection; told once, after the data that came before it
 *   EINVAL       MSG_OOB: there is no urgent data
 *   ENOTCONN     a stream socket that is not connected (also: one that listens)
 *   EOPNOTSUPP   other flags
 *   ETIMEDOUT    the peer stopped to answer; told once
 */
ssize_t bs_recv(int fd, void *buf, size_t len, int flags);

/**
 * Receive, with the sender's address (POSIX recvfrom()).
 *
 * @param from    where to put a datagram's source; NULL if it is not wanted
 * @param fromlen room there, in bytes; set to the size of the address, 0 for a stream
 * @return as bs_recv()
 */
ssize_t bs_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *from, socklen_t *fromlen);

/**
 * Receive into several buffers (POSIX recvmsg()).
 *
 * @param msg msg_iov and msg_iovlen name the room, msg_name and msg_namelen that for the source if wanted. msg_namelen
 *            is set as by bs_recvfrom(), msg_flags to MSG_TRUNC when a datagram was cut, msg_controllen to 0
 * @return as bs_recv(); also EINVAL when the buffers are longer than SSIZE_MAX together
 */
ssize_t bs_recvmsg(int fd, struct msghdr *msg, int flags);

/**
 * Close one direction, or both (POSIX shutdown()).
 *
 * @param how SHUT_WR sends what is queued, then FIN; SHUT_RD lets reading end with 0 whenever the queue is empty, also
 *            if more may come; SHUT_RDWR does both, and resets the connection when more comes (RFC 1122 4.2.2.13). A
 *            listening socket stops to listen
 * @return 0; -1 with errno EINVAL (how), ENOTCONN
 */
int bs_shutdown(int fd, int how);

/**
 * Read an option (POSIX getsockopt()).
 *
 * SOL_SOCKET: SO_ACCEPTCONN SO_BROADCAST SO_DOMAIN SO_ERROR SO_KEEPALIVE SO_LINGER SO_PROTOCOL SO_RCVBUF SO_RCVTIMEO
 * SO_REUSEADDR SO_REUSEPORT SO_SNDBUF SO_SNDTIMEO SO_TYPE; IPPROTO_TCP: TCP_KEEPCNT TCP_KEEPIDLE TCP_KEEPINTVL
 * TCP_MAXSEG TCP_NODELAY; IPPROTO_IP: IP_TOS IP_TTL; IPPROTO_IPV6: IPV6_UNICAST_HOPS IPV6_V6ONLY. Of datagram sockets
 * also IP_MULTICAST_IF IP_MULTICAST_LOOP IP_MULTICAST_TTL and IPV6_MULTICAST_HOPS IPV6_MULTICAST_IF IPV6_MULTICAST_LOOP.
 * SO_ERROR tells the pending error and forgets it.
 *
 * @param value where to put it: an int, a struct linger, or a struct timeval
 * @param len   room there, in bytes; a value that does not fit is cut; set to the size given
 * @return 0; -1 with errno ENOPROTOOPT (no such option, or one that can't be read), EOPNOTSUPP (a level that a socket of
 *         this family and type has not)
 */
int bs_getsockopt(int fd, int level, int name, void *value, socklen_t *len);

/**
 * Set an option (POSIX setsockopt()): those of bs_getsockopt() but SO_ACCEPTCONN, SO_DOMAIN, SO_ERROR, SO_PROTOCOL,
 * SO_TYPE and TCP_MAXSEG; and IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP (a struct ip_mreq or ip_mreqn), IPV6_JOIN_GROUP,
 * IPV6_LEAVE_GROUP (a struct ipv6_mreq), which bring up the default link when the program set up none.
 *
 * SO_RCVBUF is a stream's window (BS_TCP_MSS to BS_TCP_WND bytes) or bounds a datagram socket's queue (up to
 * BS_DGRAM_RCVBUF_MAX bytes); other values are cut to that. SO_SNDBUF is taken as a hint.
 *
 * @return 0; -1 with errno:
 *   EADDRINUSE, EADDRNOTAVAIL  the group was joined already, or was not; or no interface has that address
 *   ENOBUFS      BS_MEMBERSHIPS groups are joined
 *   ENODEV       no such interface
 *   EDOM         a timeval whose tv_usec is not one
 *   EINVAL       len is too short, the value is out of range, or the socket's state does not allow it
 *   ENOPROTOOPT  no such option for this type of socket, or one that can't be set
 */
int bs_setsockopt(int fd, int level, int name, const void *value, socklen_t len);

/**
 * Tell a socket's own address (POSIX getsockname()).
 *
 * @param addr where to put it
 * @param len  room there, in bytes; what does not fit is cut; set to the full size
 * @return 0; -1 with errno EBADF, EFAULT
 */
int bs_getsockname(int fd, struct sockaddr *addr, socklen_t *len);

/**
 * Tell the address of a socket's peer (POSIX getpeername()).
 *
 * @param addr, len as in bs_getsockname()
 * @return 0; -1 with errno ENOTCONN (not connected, or not any more)
 */
int bs_getpeername(int fd, struct sockaddr *addr, socklen_t *len);

/**
 * Make a socket non-blocking, or ask whether it is (POSIX fcntl()).
 *
 * @param cmd F_GETFL; F_SETFL with an int of which O_NONBLOCK counts; F_GETFD, F_SETFD (no descriptor of ours survives
 *            exec())
 * @return the flags, or 0; -1 with errno EINVAL (another cmd)
 */
int bs_fcntl(int fd, int cmd, ...);

/**
 * Ask for queue lengths, or make a socket non-blocking (Linux ioctl()).
 *
 * @param request FIONREAD: bytes that can be read at once, of a datagram socket those of the next one; TIOCOUTQ: bytes
 *                sent that the peer has not acknowledged; FIONBIO: non-blocking if not 0. Each with a pointer to int
 * @return 0; -1 with errno EINVAL (FIONREAD of a listening socket), ENOTTY (another request)
 */
int bs_ioctl(int fd, unsigned long request, ...);

/**
 * Tell a descriptor's owners apart.
 *
 * A slot is used again after bs_close(), and so is its descriptor. Who keeps one where another part of the program may
 * close it also keeps this number, and compares it before use.
 *
 * @return a number that no earlier owner of the descriptor had; 0 when it is not open
 */
uint32_t bs_generation(int fd);

#endif /* BARESOCK_SOCKET_H */
