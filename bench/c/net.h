/**
 * One program, three stacks: NET(socket) is bs_socket, lwip_socket or socket.
 *
 * BENCH_STACK says which: BENCH_BARESOCK, BENCH_LWIP (lwIP's own sockets layer) or BENCH_KERNEL.
 */
#ifndef BENCH_NET_H
#define BENCH_NET_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BENCH_BARESOCK 1
#define BENCH_LWIP     2
#define BENCH_KERNEL   3

/* The stack's own address. The kernel's stack is at 127.0.0.1, as are the host's servers (host.c) for it. */
#define BENCH_IP4 "10.9.0.2/24"

/* Ports of host.c, and where accept and early listen. */
#define PORT_ECHO     7
#define PORT_DISCARD  9
#define PORT_SOURCE   19
#define PORT_SEGMENTS 20
#define PORT_ACCEPT   80

#if BENCH_STACK == BENCH_BARESOCK

#include <arpa/inet.h>

#include "baresock/link.h"
#include "baresock/net.h"
#include "baresock/poll.h"
#include "baresock/socket.h"

#define NET(call) bs_##call

static inline int
net_up(const char *link)
{
  char why[BS_LINK_WHY];
  int iface = bs_net_up(link, why);

  if (iface < 0) {
    fprintf(stderr, "%s\n", why);
    return -1;
  }
  return bs_net_ip6(iface, "off") == 0 ? bs_net_ip4(iface, BENCH_IP4) : -1;
}

#elif BENCH_STACK == BENCH_LWIP

#include "lwip/inet.h"
#include "lwip/sockets.h"

#include "bench/peers/lwip_up.h"

#define NET(call) lwip_##call

static inline int
net_up(const char *link)
{
  return lwip_up(link, BENCH_IP4);
}

#elif BENCH_STACK == BENCH_KERNEL

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define NET(call) call

static inline int
net_up(const char *link)
{
  (void)link;
  return 0;
}

#else
#error "BENCH_STACK must be set"
#endif

#ifndef TCP_NODELAY
#define TCP_NODELAY 1
#endif

/* Say what failed, and end. */
static inline void
check(int ok, const char *what)
{
  if (!ok) {
    perror(what);
    exit(1);
  }
}

/* Seconds, from some time on. */
static inline double
now(void)
{
  struct timespec t;

  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline struct sockaddr_in
net_address(const char *host, int port)
{
  struct sockaddr_in in;

  memset(&in, 0, sizeof(in));
  in.sin_family = AF_INET;
  in.sin_port = htons((uint16_t)port);
  in.sin_addr.s_addr = inet_addr(host);
  return in;
}

#endif /* BENCH_NET_H */
