/**
 * raw LINK HOST MODE COUNT [SIZE]: what bench/c/tcp.c does with a TCP connection (recv, send, echo), with nothing
 * between the program and lwIP. Prints the seconds that it took, without the time to connect.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lwip/init.h"
#include "lwip/tcp.h"
#include "netif/ethernet.h"

#include "netif_link.h"

/* The stack's own address, and ports of bench/host.c. */
#define OWN_IP4      "10.9.0.2/24"
#define PORT_ECHO    7
#define PORT_DISCARD 9
#define PORT_SOURCE  19

/* Received pbufs that wait to be read; beyond it lwIP keeps them and offers them again. */
#define QUEUE 1024

static char buffer[1 << 20];

static struct tcp_pcb *conn;
static bool connected, ended;
static struct pbuf *queue[QUEUE];
static unsigned first, count;
static u16_t offset; /* what was read of the first */

static err_t
on_connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
  LWIP_UNUSED_ARG(arg);
  LWIP_UNUSED_ARG(pcb);
  connected = err == ERR_OK;
  return ERR_OK;
}

static err_t
on_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
  LWIP_UNUSED_ARG(arg);
  LWIP_UNUSED_ARG(pcb);
  LWIP_UNUSED_ARG(err);
  if (p == NULL) {
    ended = true;
    return ERR_OK;
  }
  if (count == QUEUE) {
    return ERR_MEM;
  }
  queue[(first + count++) % QUEUE] = p;
  return ERR_OK;
}

static void
on_error(void *arg, err_t err)
{
  LWIP_UNUSED_ARG(arg);
  LWIP_UNUSED_ARG(err);
  conn = NULL;
  ended = true;
}

static void
wait(void)
{
  if (netif_link_pump() == 0) {
    (void)netif_link_sleep(BS_TIME_NEVER);
  }
}

static void
check(bool ok, const char *what)
{
  if (!ok) {
    fprintf(stderr, "raw: %s failed\n", what);
    exit(1);
  }
}

static void
dial(const char *host, u16_t port)
{
  ip_addr_t to;

  conn = tcp_new();
  check(conn != NULL && ipaddr_aton(host, &to), host);
  tcp_recv(conn, on_received);
  tcp_err(conn, on_error);
  check(tcp_connect(conn, &to, port, on_connected) == ERR_OK, "connect");
  while (!connected && !ended) {
    wait();
  }
  check(connected, "connect");
}

/* Read what waits of the first pbuf, at most len bytes. */
static size_t
read_first(char *to, size_t len)
{
  struct pbuf *p = queue[first];
  u16_t n = (u16_t)LWIP_MIN(len, (size_t)(p->tot_len - offset));

  (void)pbuf_copy_partial(p, to, n, offset);
  offset = (u16_t)(offset + n);
  if (offset == p->tot_len) {
    pbuf_free(p);
    first = (first + 1) % QUEUE;
    count--;
    offset = 0;
  }
  return n;
}

static long
receive(void *buf, size_t len)
{
  size_t done = 0;
  size_t told;

  while (count == 0 && !ended) {
    wait();
  }
  while (done < len && count > 0) {
    done += read_first((char *)buf + done, len - done);
  }
  for (told = 0; conn != NULL && told < done; told += LWIP_MIN(done - told, 0xffff)) {
    tcp_recved(conn, (u16_t)LWIP_MIN(done - told, 0xffff));
  }
  return (long)done;
}

static long
transmit(const void *buf, size_t len)
{
  u16_t n = 0;

  while (conn != NULL && n == 0) {
    n = (u16_t)LWIP_MIN(LWIP_MIN(len, tcp_sndbuf(conn)), 0xffff);
    if (n == 0 || tcp_write(conn, buf, n, TCP_WRITE_FLAG_COPY) != ERR_OK) {
      n = 0;
      wait();
    }
  }
  if (conn == NULL) {
    return -1;
  }
  (void)tcp_output(conn);
  return n;
}

/* --- what is measured --- */

static void
send_all(const char *data, size_t len)
{
  while (len > 0) {
    long n = transmit(data, len);

    check(n > 0, "send");
    data += n;
    len -= (size_t)n;
  }
}

static void
receive_bytes(uint64_t total, size_t size)
{
  while (total > 0) {
    long n = receive(buffer, size);

    check(n > 0, "recv");
    total -= (uint64_t)n;
  }
}

static void
send_bytes(uint64_t total, size_t size)
{
  while (total > 0) {
    size_t n = total < size ? (size_t)total : size;

    send_all(buffer, n);
    total -= n;
  }
  check(receive(buffer, 1) == 1, "the host's answer");
}

static void
echo(uint64_t trips, size_t size)
{
  while (trips-- > 0) {
    size_t got = 0;

    send_all(buffer, size);
    while (got < size) {
      long n = receive(buffer, size - got);

      check(n > 0, "recv");
      got += (size_t)n;
    }
  }
}

static double
now(void)
{
  struct timespec t;

  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
  const char *mode = argc > 3 ? argv[3] : "";
  uint64_t total = argc > 4 ? strtoull(argv[4], NULL, 10) : 0;
  size_t size = argc > 5 ? strtoul(argv[5], NULL, 10) : 1;
  bool receives = strcmp(mode, "recv") == 0;
  bool echoes = strcmp(mode, "echo") == 0;
  double began;

  if (argc < 5 || size < 1 || size > sizeof(buffer) || !(receives || echoes || strcmp(mode, "send") == 0)) {
    fprintf(stderr, "usage: raw LINK HOST recv|send|echo COUNT [SIZE]\n");
    return 2;
  }
  netif_link_seed();
  lwip_init();
  if (netif_link_up(argv[1], OWN_IP4, ethernet_input) < 0) {
    return 1;
  }
  dial(argv[2], receives ? PORT_SOURCE : echoes ? PORT_ECHO : PORT_DISCARD);
  began = now();
  if (echoes) {
    tcp_nagle_disable(conn);
    echo(total, size);
  } else {
    send_all((const char *)&total, sizeof(total));
    if (receives) {
      receive_bytes(total, size);
    } else {
      send_bytes(total, size);
    }
  }
  printf("%.6f\n", now() - began);
  if (conn != NULL) {
    (void)tcp_close(conn);
    (void)netif_link_pump();
  }
  return 0;
}
