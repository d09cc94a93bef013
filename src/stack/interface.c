/**
 * Between a link's frames and lwIP's pbufs.
 */
#include "stack/interface.h"

#include <errno.h>
#include <string.h>

#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/pbuf.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/stats.h"
#include "netif/ethernet.h"
#include "lwip/tcp.h"

#include "stack/stack.h"

/* Pieces in which a frame is handed to a link; one in more pieces is copied together. */
#define FRAME_PIECES 8

/* A frame that carries no data to speak of: ACK, FIN, ARP. */
#define SMALL_FRAME 128

/* --- to the link --- */

static int
link_send(struct interface *iface, const struct pbuf *frame)
{
  struct iovec iov[FRAME_PIECES];
  u8_t flat[BS_FRAME_MAX];
  const struct pbuf *p;
  int count = 0;

  for (p = frame; p != NULL && count < FRAME_PIECES; p = p->next) {
    iov[count].iov_base = p->payload;
    iov[count].iov_len = p->len;
    count++;
  }
  if (p != NULL) {
    iov[0].iov_base = flat;
    iov[0].iov_len = pbuf_copy_partial(frame, flat, sizeof(flat), 0);
    count = 1;
  }
  return iface->link->ops->send(iface->link, iov, count);
}

/* Keep a copy of a frame until the link can take it. */
static err_t
hold(struct interface *iface, struct pbuf *frame)
{
  struct pbuf *copy;

  if (iface->held_count == BS_TX_QUEUE) {
    iface->overflow++;
    iface->refused = true;
    return ERR_MEM;
  }
  copy = pbuf_clone(PBUF_RAW, PBUF_RAM, frame);
  if (copy == NULL) {
    iface->refused = true;
    return ERR_MEM;
  }
  iface->held[(iface->held_first + iface->held_count) % BS_TX_QUEUE] = copy;
  iface->held_count++;
  iface->held_most = LWIP_MAX(iface->held_most, iface->held_count);
  return ERR_OK;
}

static err_t
link_output(struct netif *netif, struct pbuf *frame)
{
  struct interface *iface = netif->state;

  if (frame->tot_len > BS_FRAME_MAX) {
    return ERR_VAL;
  }
  LINK_STATS_INC(link.xmit);
  if (iface->held_count > 0 || link_send(iface, frame) == -EAGAIN) {
    return hold(iface, frame);
  }
  return ERR_OK;
}

static void
resume_list(struct interface *iface, struct tcp_pcb *first)
{
  struct tcp_pcb *pcb, *next;

  for (pcb = first; pcb != NULL && !iface->refused; pcb = next) {
    next = pcb->next;
    if (pcb->unsent != NULL || (pcb->flags & TF_ACK_NOW)) {
      (void)tcp_output(pcb);
    }
  }
}

/* TCP does not try again by itself before its next timeout, and an ACK for the last FIN not at all. */
static void
resume_tcp(struct interface *iface)
{
  iface->refused = false;
  resume_list(iface, tcp_active_pcbs);
  resume_list(iface, tcp_tw_pcbs);
}

static unsigned
send_held(struct interface *iface)
{
  unsigned sent = 0;

  while (iface->held_count > 0) {
    struct pbuf *frame = iface->held[iface->held_first];

    if (link_send(iface, frame) == -EAGAIN) {
      break;
    }
    iface->held_first = (iface->held_first + 1) % BS_TX_QUEUE;
    iface->held_count--;
    pbuf_free(frame);
    sent++;
  }
  /* Half of the ring at a time: each try walks all connections. */
  if (iface->refused && iface->held_count <= BS_TX_QUEUE / 2) {
    resume_tcp(iface);
  }
  return sent;
}

/* --- from the link --- */

static unsigned
free_buffers(void)
{
  mem_size_t used = lwip_stats.memp[MEMP_PBUF_POOL]->used;

  return used < BS_PBUF_POOL ? (unsigned)(BS_PBUF_POOL - used) : 0;
}

/* The next frame, while buffers are short: data is dropped (its sender sends it again), but what lets queues drain
 * gets through in memory of its own. */
static struct pbuf *
receive_small(struct interface *iface, bool *more)
{
  u8_t frame[BS_FRAME_MAX];
  size_t len = iface->link->ops->receive(iface->link, frame, sizeof(frame));
  struct pbuf *p = NULL;

  *more = len > 0;
  if (len > 0 && len <= SMALL_FRAME) {
    p = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_RAM);
  }
  if (p != NULL) {
    (void)pbuf_take(p, frame, (u16_t)len);
  } else if (len > 0) {
    iface->starved++;
    LINK_STATS_INC(link.memerr);
    LINK_STATS_INC(link.drop);
  }
  return p;
}

/* The next frame; NULL when there is none, or (*more) it had to be dropped. */
static struct pbuf *
receive(struct interface *iface, bool *more)
{
  struct pbuf *p;
  size_t len;

  if (iface->spare == NULL && free_buffers() > BS_PBUF_RESERVE) {
    iface->spare = pbuf_alloc(PBUF_RAW, BS_FRAME_MAX, PBUF_POOL);
  }
  if (iface->spare == NULL) {
    return receive_small(iface, more);
  }
  p = iface->spare;
  len = iface->link->ops->receive(iface->link, p->payload, p->len);
  *more = len > 0;
  if (len == 0) {
    return NULL;
  }
  iface->spare = NULL;
  p->len = p->tot_len = (u16_t)len;
  return p;
}

unsigned
interface_pump(struct interface *iface)
{
  unsigned handled = send_held(iface);
  unsigned n;
  bool more = true;

  if (iface->filter_stale) {
    interface_filter_update(iface);
  }
  for (n = 0; n < BS_PUMP_FRAMES && more; n++) {
    struct pbuf *p = receive(iface, &more);

    if (more) {
      handled++;
    }
    if (p == NULL) {
      continue;
    }
    timers_kick();
    LINK_STATS_INC(link.recv);
    if (iface->netif.input(p, &iface->netif) != ERR_OK) {
      pbuf_free(p);
    }
  }
  return handled;
}

/* --- the netif --- */

/* For a link without a wire: only what we send to ourselves gets anywhere, and lwIP keeps that from here. */
static err_t
nowhere4(struct netif *netif, struct pbuf *p, const ip4_addr_t *to)
{
  LWIP_UNUSED_ARG(netif);
  LWIP_UNUSED_ARG(p);
  LWIP_UNUSED_ARG(to);
  return ERR_RTE;
}

#if LWIP_IPV6
static err_t
nowhere6(struct netif *netif, struct pbuf *p, const ip6_addr_t *to)
{
  LWIP_UNUSED_ARG(netif);
  LWIP_UNUSED_ARG(p);
  LWIP_UNUSED_ARG(to);
  return ERR_RTE;
}
#endif

static err_t
set_up_netif(struct netif *netif)
{
  struct interface *iface = netif->state;
  struct bs_link_status status;

  memset(&status, 0, sizeof(status));
  iface->link->ops->status(iface->link, &status);
  memcpy(netif->name, "en", 2);
  memcpy(netif->hwaddr, status.mac, sizeof(status.mac));
  netif->hwaddr_len = ETH_HWADDR_LEN;
  netif->mtu = status.mtu;
  netif->hostname = bs_net_get_hostname();
  netif->linkoutput = link_output;
  if (status.frames) {
    netif->output = etharp_output;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
#if LWIP_IPV6
    netif->output_ip6 = ethip6_output;
#endif
  } else {
    netif->output = nowhere4;
    netif->flags = NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
#if LWIP_IPV6
    netif->output_ip6 = nowhere6;
#endif
  }
  if (status.up) {
    netif->flags = (u8_t)(netif->flags | NETIF_FLAG_LINK_UP);
  }
  return ERR_OK;
}

int
interface_attach(struct interface *iface, struct bs_link *link)
{
  iface->link = link;
  if (netif_add(&iface->netif, IP4_ADDR_ANY4, IP4_ADDR_ANY4, IP4_ADDR_ANY4, iface, set_up_netif, ethernet_input) ==
      NULL) {
    iface->link = NULL;
    return -ENOMEM;
  }
  interface_filter_init(iface);
  netif_set_up(&iface->netif);
  interface_unsettle();
  return 0;
}

void
interface_detach(struct interface *iface)
{
  netif_remove(&iface->netif);
  while (iface->held_count > 0) {
    pbuf_free(iface->held[iface->held_first]);
    iface->held_first = (iface->held_first + 1) % BS_TX_QUEUE;
    iface->held_count--;
  }
  if (iface->spare != NULL) {
    pbuf_free(iface->spare);
  }
  bs_link_close(iface->link);
  memset(iface, 0, sizeof(*iface));
}
