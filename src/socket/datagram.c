/**
 * Datagram sockets (UDP).
 *
 * Whole datagrams wait with their source. A small one is copied together with it into memory of its own size, so that
 * it does not pin a frame buffer; a large one keeps its buffer. The queue is bounded by bytes (SO_RCVBUF) as it really
 * holds them, and what is dropped is counted.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "lwip/netif.h"
#include "lwip/pbuf.h"

#include "socket/local.h"
#include "socket/multicast.h"
#include "socket/ready.h"
#include "socket/sock.h"
#include "stack/interface.h"
#include "stack/stack.h"

/* Up to here a datagram is copied. */
#define SMALL_DATAGRAM 512

/* Largest payload: 65535 less the headers of IPv4 and UDP. Over IPv6 its header does not count (RFC 8200 4.5). */
#define DATAGRAM_MAX4 (65535 - 20 - 8)
#define DATAGRAM_MAX6 (65535 - 8)

/* At the head of a queued datagram: the payload of a pbuf. Its data follows right there, or in the pbuf's next. */
struct queued {
  struct pbuf *next; /* the next one's head */
  struct name from;
  uint32_t charge;
  uint16_t length;
};

static struct queued *
queued_of(const struct pbuf *head)
{
  return head->payload;
}

/* --- receiving --- */

static uint32_t
charge_of(const struct pbuf *p)
{
  uint32_t charge = 0;

  for (; p != NULL; p = p->next) {
    charge += (uint32_t)sizeof(*p) +
              (pbuf_match_allocsrc(p, PBUF_TYPE_ALLOC_SRC_MASK_STD_MEMP_PBUF_POOL) ? PBUF_POOL_BUFSIZE : p->len);
  }
  return charge;
}

/* A head for @p p, which holds the data itself if it is small. Takes over p. */
static struct pbuf *
wrap(struct pbuf *p)
{
  bool small = p->tot_len <= SMALL_DATAGRAM;
  struct pbuf *head = NULL;
  struct queued *q;

  if (!stack_heap_is_short()) {
    head = pbuf_alloc(PBUF_RAW, (u16_t)(sizeof(struct queued) + (small ? p->tot_len : 0)), PBUF_RAM);
  }
  if (head == NULL) {
    return NULL;
  }
  q = queued_of(head);
  q->next = NULL;
  q->length = p->tot_len;
  if (small) {
    (void)pbuf_copy_partial(p, q + 1, p->tot_len, 0);
    pbuf_free(p);
  } else {
    /* Their lengths together may be more than tot_len can hold. */
    head->next = p;
  }
  q->charge = charge_of(head);
  return head;
}

static void
on_recv(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr, u16_t port)
{
  struct sock *s = arg;
  struct pbuf *head;

  LWIP_UNUSED_ARG(pcb);
  if (s->rx.dgram.charge + charge_of(p) > s->options.rcvbuf && s->rx.dgram.first != NULL) {
    sock_counters.datagram_no_room++;
    pbuf_free(p);
    return;
  }
  head = wrap(p);
  if (head == NULL) {
    sock_counters.datagram_no_memory++;
    pbuf_free(p);
    return;
  }
  ip_addr_copy(queued_of(head)->from.ip, *addr);
  queued_of(head)->from.port = port;
  if (s->rx.dgram.last != NULL) {
    queued_of(s->rx.dgram.last)->next = head;
  } else {
    s->rx.dgram.first = head;
  }
  s->rx.dgram.last = head;
  s->rx.dgram.charge += queued_of(head)->charge;
}

static void
drop_first(struct sock *s)
{
  struct pbuf *head = s->rx.dgram.first;

  s->rx.dgram.first = queued_of(head)->next;
  if (s->rx.dgram.first == NULL) {
    s->rx.dgram.last = NULL;
  }
  s->rx.dgram.charge -= queued_of(head)->charge;
  pbuf_free(head);
}

static size_t
copy_out(const struct pbuf *p, struct iov_cursor *room)
{
  size_t skip = sizeof(struct queued);
  size_t done = 0;

  for (; p != NULL; p = p->next) {
    done += iov_cursor_write(room, (const char *)p->payload + skip, p->len - skip);
    skip = 0;
  }
  return done;
}

static ssize_t
datagram_recv(struct sock *s, struct iov_cursor *room, int flags, struct rx_info *info)
{
  const struct queued *q;
  size_t n;

  if (s->error != 0) {
    return sock_take_error(s);
  }
  if (s->rx.dgram.first == NULL) {
    /* As Linux: only who would wait learns that there is nothing to wait for. */
    bool waits = (s->flags & SOCK_F_NONBLOCK) == 0 && (flags & MSG_DONTWAIT) == 0;

    return (s->flags & SOCK_F_SHUT_RD) && waits ? 0 : -EAGAIN;
  }
  q = queued_of(s->rx.dgram.first);
  n = copy_out(s->rx.dgram.first, room);
  info->from = q->from;
  info->truncated = n < q->length;
  if (flags & MSG_TRUNC) {
    n = q->length;
  }
  if (!(flags & MSG_PEEK)) {
    drop_first(s);
  }
  return (ssize_t)n;
}

/* Nobody acknowledges them. */
static size_t
datagram_unsent(const struct sock *s)
{
  LWIP_UNUSED_ARG(s);
  return 0;
}

static size_t
datagram_readable(const struct sock *s)
{
  return s->rx.dgram.first != NULL ? queued_of(s->rx.dgram.first)->length : 0;
}

/* --- names --- */

static int
datagram_open(struct sock *s)
{
  s->pcb.udp = udp_new_ip_type(local_type(s));
  if (s->pcb.udp == NULL) {
    return -ENOBUFS;
  }
  udp_recv(s->pcb.udp, on_recv, s);
  multicast_init(s);
  return 0;
}

static err_t
datagram_bind(struct sock *s, const ip_addr_t *ip, u16_t *port)
{
  err_t err = udp_bind(s->pcb.udp, ip, *port);

  *port = s->pcb.udp->local_port;
  return err;
}

/* Give back a port that nobody asked for by name. */
static void
unbind(struct sock *s)
{
  struct udp_pcb **link = &udp_pcbs;

  while (*link != NULL && *link != s->pcb.udp) {
    link = &(*link)->next;
  }
  if (*link != NULL) {
    *link = s->pcb.udp->next;
  }
  s->pcb.udp->local_port = 0;
  s->local.port = 0;
}

static int
datagram_disconnect(struct sock *s)
{
  udp_disconnect(s->pcb.udp);
  s->state = SOCK_NEW;
  if ((s->flags & SOCK_F_BOUND_IP) == 0) {
    ip_addr_set_any(s->family == AF_INET6, &s->local.ip);
  }
  if ((s->flags & SOCK_F_BOUND_PORT) == 0) {
    unbind(s);
  }
  return 0;
}

/* Whether datagrams can leave for @p to: 0, or why not. */
static int
check_route(struct sock *s, const ip_addr_t *to)
{
  /* IP_MULTICAST_IF chose the way already. */
  if (ip_addr_ismulticast(to) && udp_get_multicast_netif_index(s->pcb.udp) != NETIF_NO_INDEX) {
    return 0;
  }
  return local_route(s, to);
}

static bool
is_broadcast(const ip_addr_t *to)
{
  const struct netif *netif;

  if (!IP_IS_V4(to)) {
    return false;
  }
  NETIF_FOREACH (netif) {
    if (ip4_addr_isbroadcast(ip_2_ip4(to), netif)) {
      return true;
    }
  }
  return false;
}

static int
check_broadcast(const struct sock *s, const ip_addr_t *to)
{
  return !ip_get_option(s->pcb.udp, SOF_BROADCAST) && is_broadcast(to) ? -EACCES : 0;
}

static int
datagram_connect(struct sock *s, const struct name *to)
{
  struct netif *netif;
  int result = check_broadcast(s, &to->ip);
  err_t err;

  if (result == 0) {
    result = check_route(s, &to->ip);
  }
  if (result < 0 && result != -EAGAIN) {
    return result;
  }
  err = udp_connect(s->pcb.udp, &to->ip, to->port);
  if (err != ERR_OK) {
    return -errno_from_lwip(err);
  }
  s->state = SOCK_CONNECTED;
  s->local.port = s->pcb.udp->local_port;
  netif = ip_route(&s->pcb.udp->local_ip, &to->ip);
  if (ip_addr_isany(&s->local.ip) && netif != NULL) {
    const ip_addr_t *from = ip_netif_get_local_ip(netif, &to->ip);

    if (from != NULL) {
      ip_addr_copy(s->local.ip, *from);
    }
  }
  return 0;
}

static int
datagram_peer(const struct sock *s, struct name *peer)
{
  if (s->state != SOCK_CONNECTED) {
    return -ENOTCONN;
  }
  ip_addr_copy(peer->ip, s->pcb.udp->remote_ip);
  peer->port = s->pcb.udp->remote_port;
  return 0;
}

/* --- sending --- */

static ssize_t
send_to(struct sock *s, struct iov_cursor *data, const struct name *to)
{
  size_t len = data->left;
  struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)len, PBUF_RAM);
  err_t err;

  if (p == NULL) {
    return -ENOBUFS;
  }
  (void)iov_cursor_read(data, p->payload, len);
  timers_kick();
  err = udp_sendto(s->pcb.udp, p, &to->ip, to->port);
  pbuf_free(p);
  return err == ERR_OK ? (ssize_t)len : -errno_from_lwip(err);
}

static ssize_t
datagram_send(struct sock *s, struct iov_cursor *data, int flags, const struct name *to)
{
  struct name peer;
  int result;

  LWIP_UNUSED_ARG(flags);
  if (s->local.port == 0) {
    /* As on Linux, also if nothing comes of the sending. */
    err_t err = datagram_bind(s, &s->pcb.udp->local_ip, &s->local.port);

    if (err != ERR_OK) {
      return -errno_from_lwip(err);
    }
  }
  if (to == NULL) {
    if (datagram_peer(s, &peer) < 0) {
      return -EDESTADDRREQ;
    }
    to = &peer;
  } else if (to->port == 0) {
    return -EINVAL;
  }
  if (data->left > (IP_IS_V6_VAL(to->ip) ? DATAGRAM_MAX6 : DATAGRAM_MAX4)) {
    return -EMSGSIZE;
  }
  result = check_route(s, &to->ip);
  if (result == 0) {
    result = check_broadcast(s, &to->ip);
  }
  if (result == 0 && s->error != 0) {
    result = sock_take_error(s);
  }
  if (result == 0 && (s->flags & SOCK_F_SHUT_WR)) {
    result = -EPIPE;
  }
  return result < 0 ? result : send_to(s, data, to);
}

/* --- the rest --- */

static int
datagram_shutdown(struct sock *s, int how)
{
  if (s->state != SOCK_CONNECTED) {
    return -ENOTCONN;
  }
  s->flags |= how != SHUT_WR ? SOCK_F_SHUT_RD : 0;
  s->flags |= how != SHUT_RD ? SOCK_F_SHUT_WR : 0;
  return 0;
}

static void
datagram_close(struct sock *s)
{
  multicast_close(s);
  udp_remove(s->pcb.udp);
  s->pcb.udp = NULL;
  while (s->rx.dgram.first != NULL) {
    drop_first(s);
  }
}

static short
datagram_ready(struct sock *s)
{
  return ready_mask(s, s->rx.dgram.first != NULL, (s->flags & SOCK_F_WAIT_ROUTE) == 0);
}

static int
datagram_listen(struct sock *s, int backlog)
{
  LWIP_UNUSED_ARG(s);
  LWIP_UNUSED_ARG(backlog);
  return -EOPNOTSUPP;
}

static int
datagram_accept(struct sock *s, struct sock **accepted)
{
  LWIP_UNUSED_ARG(s);
  LWIP_UNUSED_ARG(accepted);
  return -EOPNOTSUPP;
}

const struct sock_ops datagram_ops = {
  .type = SOCK_DGRAM,
  .protocol = IPPROTO_UDP,
  .open = datagram_open,
  .bind = datagram_bind,
  .listen = datagram_listen,
  .accept = datagram_accept,
  .connect = datagram_connect,
  .disconnect = datagram_disconnect,
  .send = datagram_send,
  .recv = datagram_recv,
  .shutdown = datagram_shutdown,
  .close = datagram_close,
  .ready = datagram_ready,
  .readable = datagram_readable,
  .unsent = datagram_unsent,
  .peer = datagram_peer,
};
