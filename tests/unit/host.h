/**
 * slirp's other side: sockets of the host, and a guest that is reached through a forwarded port.
 */
#ifndef BARESOCK_TEST_HOST_H
#define BARESOCK_TEST_HOST_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest.h"

#define GUEST_PORT 80

static inline struct guest
guest_on(const char *string)
{
  struct guest g = { .link = open_link(string) };

  memcpy(g.mac, status_of(g.link).mac, sizeof(g.mac));
  return g;
}

/* A socket of the host on a loopback address; port 0 takes a free one. @return -1 where the address is not there */
static inline int
host_socket(int family, int type, uint16_t *port)
{
  struct sockaddr_in ip4 = { .sin_family = AF_INET, .sin_port = htons(*port) };
  struct sockaddr_in6 ip6 = { .sin6_family = AF_INET6, .sin6_port = htons(*port), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
  struct sockaddr *address = family == AF_INET ? (struct sockaddr *)&ip4 : (struct sockaddr *)&ip6;
  socklen_t len = family == AF_INET ? sizeof(ip4) : sizeof(ip6);
  int fd = socket(family, type, 0);

  ip4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0) {
    return -1;
  }
  if (bind(fd, address, len) != 0) {
    int err = errno;

    close(fd);
    errno = err;
    return -1;
  }
  if (type == SOCK_STREAM) {
    assert_int_equal(listen(fd, 1), 0);
  }
  assert_int_equal(getsockname(fd, address, &len), 0);
  *port = ntohs(family == AF_INET ? ip4.sin_port : ip6.sin6_port);
  return fd;
}

static inline bool
port_is_free(int family, int type, uint16_t port)
{
  int fd = host_socket(family, type, &port);

  if (fd >= 0) {
    close(fd);
  }
  return fd >= 0 || errno != EADDRINUSE;
}

/* A port of the host that is free now, on all its loopbacks. Below those that the kernel gives out by itself, which
 * another program could have by the time that a link opens it. */
static inline uint16_t
free_port(int type)
{
  static unsigned seed;
  uint16_t port;

  seed = seed != 0 ? seed : (unsigned)getpid();
  do {
    port = (uint16_t)(15000 + rand_r(&seed) % 17000);
  } while (!port_is_free(AF_INET, type, port) || !port_is_free(AF_INET6, type, port));
  return port;
}

/* A socket of the host that is connected, or connecting, to a forwarded port. */
static inline int
host_client(int family, int type, uint16_t port)
{
  struct sockaddr_in ip4 = { .sin_family = AF_INET, .sin_port = htons(port) };
  struct sockaddr_in6 ip6 = { .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
  int fd = socket(family, type, 0);
  int result;

  ip4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  assert_true(fd >= 0);
  result = family == AF_INET ? connect(fd, (struct sockaddr *)&ip4, sizeof(ip4))
                             : connect(fd, (struct sockaddr *)&ip6, sizeof(ip6));
  assert_int_equal(result, 0);
  assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
  return fd;
}

/* Take the connection that a host client makes. @return the segment that came, turned around: an answer to fill in */
static inline struct segment
accept_tcp(struct guest *g, uint16_t mss, uint16_t window)
{
  struct segment s = await_tcp(g);
  struct segment answer = { .from = s.to, .to = s.from, .seq = 1000, .ack = s.seq + 1, .window = window, .mss = mss };

  assert_int_equal(s.flags, TCP_SYN);
  assert_int_equal(s.to, GUEST_PORT);
  answer.flags = TCP_SYN | TCP_ACK;
  send_tcp(g, &answer);
  answer.flags = TCP_ACK;
  answer.seq++;
  answer.mss = 0;
  return answer;
}

#endif /* BARESOCK_TEST_HOST_H */
