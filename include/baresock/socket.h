/**
 * BSD sockets over lwIP, without threads.
 *
 * Each call has the POSIX signature, return value and errno; types and numbers are those of <sys/socket.h>. Where a
 * call may wait, it moves the network on meanwhile; a socket that is non-blocking never waits.
 * The library belongs to one thread: no call may come from another one, or from a signal handler.
 */
#ifndef BARESOCK_SOCKET_H
#define BARESOCK_SOCKET_H

#include <netinet/in.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "baresock/config.h"

int bs_socket(int domain, int type, int protocol);
int bs_bind(int fd, const struct sockaddr *addr, socklen_t len);
int bs_listen(int fd, int backlog);
int bs_accept(int fd, struct sockaddr *addr, socklen_t *len);
int bs_connect(int fd, const struct sockaddr *addr, socklen_t len);
ssize_t bs_send(int fd, const void *buf, size_t len, int flags);
ssize_t bs_sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *to, socklen_t tolen);
ssize_t bs_sendmsg(int fd, const struct msghdr *msg, int flags);
ssize_t bs_recv(int fd, void *buf, size_t len, int flags);
ssize_t bs_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *from, socklen_t *fromlen);
ssize_t bs_recvmsg(int fd, struct msghdr *msg, int flags);
int bs_shutdown(int fd, int how);
int bs_close(int fd);
int bs_getsockopt(int fd, int level, int name, void *value, socklen_t *len);
int bs_setsockopt(int fd, int level, int name, const void *value, socklen_t len);
int bs_getsockname(int fd, struct sockaddr *addr, socklen_t *len);
int bs_getpeername(int fd, struct sockaddr *addr, socklen_t *len);
int bs_fcntl(int fd, int cmd, ...);
int bs_ioctl(int fd, unsigned long request, ...);
int bs_socketpair(int domain, int type, int protocol, int fds[2]);
uint32_t bs_generation(int fd);

#endif /* BARESOCK_SOCKET_H */
