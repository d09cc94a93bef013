/**
 * A lwIP interface on one of baresock's links.
 */
#include "netif_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/pbuf.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"

#include "baresock/link.h"
#include "port.h"

/* Pieces in which a frame is handed to a link; one in more pieces is copied together. */
#define FRAME_PIECES 8

/* Frames that wait until the link takes them. */
#define HELD_FRAMES 256

static struct netif netif;
static struct bs_link *wire;
static struct pbuf *spare;
static struct pbuf *held[HELD_FRAMES];
static unsigned held_first, held_count;

void (*netif_link_sent)(void);

/* What the links ask the stack for. */
bs_time_t bs_now(void);
bs_time_t
bs_now(void)
{
  return port_clock();
}

void
netif_link_seed(void)
{
  unsigned seed;

  if (port_entropy(&seed, sizeof(seed)) == 0) {
    srand(seed);
  }
}

/* --- to the link --- */

static int
link_send(const struct pbuf *frame)
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
  return wire->ops->send(wire, iov, count);
}

static err_t
hold(struct pbuf *frame)
{
  struct pbuf *copy = held_count < HELD_FRAMES ? pbuf_clone(PBUF_RAW, PBUF_RAM, frame) : NULL;

  if (copy == NULL) {
    return ERR_MEM;
  }
  held[(held_first + held_count) % HELD_FRAMES] = copy;
  held_count++;
  return ERR_OK;
}

static err_t
link_output(struct netif *on, struct pbuf *frame)
{
  err_t err = ERR_OK;

  LWIP_UNUSED_ARG(on);
  if (frame->tot_len > BS_FRAME_MAX) {
    return ERR_VAL;
  }
  if (held_count > 0 || link_send(frame) != 0) {
    err = hold(frame);
  }
  if (netif_link_sent != NULL) {
    netif_link_sent();
  }
  return err;
}

bool
netif_link_holds(void)
{
  return held_count > 0;
}

unsigned
netif_link_flush(void)
{
  unsigned sent = 0;

  while (held_count > 0 && link_send(held[held_first]) == 0) {
    pbuf_free(held[held_first]);
    held_first = (held_first + 1) % HELD_FRAMES;
    held_count--;
    sent++;
  }
  return sent;
}

/* --- from the link --- */

struct pbuf *
netif_link_take(void)
{
  struct pbuf *p;
  size_t len;

  if (spare == NULL) {
    spare = pbuf_alloc(PBUF_RAW, BS_FRAME_MAX, PBUF_POOL);
  }
  p = spare;
  if (p == NULL) {
    u8_t lost[BS_FRAME_MAX];

    (void)wire->ops->receive(wire, lost, sizeof(lost));
    return NULL;
  }
  len = wire->ops->receive(wire, p->payload, p->len);
  if (len == 0) {
    return NULL;
  }
  spare = NULL;
  pbuf_realloc(p, (u16_t)len);
  return p;
}

bool
netif_link_input(struct pbuf *frame)
{
  return netif.input(frame, &netif) == ERR_OK;
}

int
netif_link_wait(bs_time_t deadline, void (*lock)(void), void (*unlock)(void))
{
  static struct bs_wait_source room[BS_WAIT_SOURCES];
  struct bs_waitset set = { room, 0, BS_WAIT_SOURCES, 0 };

  if (lock != NULL) {
    lock();
  }
  wire->ops->prepare(wire, &set, held_count > 0, &deadline);
  if (unlock != NULL) {
    unlock();
  }
  return port_wait(&set, deadline);
}

#if NO_SYS
unsigned
netif_link_pump(void)
{
  unsigned handled = netif_link_flush();
  unsigned n;

  for (n = 0; n < NETIF_LINK_FRAMES; n++) {
    struct pbuf *p = netif_link_take();

    if (p == NULL) {
      break;
    }
    if (!netif_link_input(p)) {
      pbuf_free(p);
    }
  }
  netif_poll_all();
  sys_check_timeouts();
  return handled + n;
}

int
netif_link_sleep(bs_time_t deadline)
{
  u32_t timer = sys_timeouts_sleeptime();
  bs_time_t due = timer != SYS_TIMEOUTS_SLEEPTIME_INFINITE ? port_clock() + (bs_time_t)timer * 1000 : BS_TIME_NEVER;

  return netif_link_wait(LWIP_MIN(due, deadline), NULL, NULL);
}
#endif

/* --- the interface --- */

/* Read ADDRESS/LENGTH[,GATEWAY]. */
static bool
read_ip4(const char *text, ip4_addr_t *addr, ip4_addr_t *mask, ip4_addr_t *gateway)
{
  char part[3][20] = { "", "", "" };
  int bits;

  ip4_addr_set_zero(gateway);
  if (sscanf(text, "%19[0-9.]/%19[0-9],%19[0-9.]", part[0], part[1], part[2]) < 2 || !ip4addr_aton(part[0], addr)) {
    return false;
  }
  bits = atoi(part[1]);
  if (bits < 1 || bits > 32 || (part[2][0] != '\0' && !ip4addr_aton(part[2], gateway))) {
    return false;
  }
  mask->addr = lwip_htonl(0xffffffffu << (32 - bits));
  return true;
}

static err_t
set_up_netif(struct netif *on)
{
  struct bs_link_status status;

  memset(&status, 0, sizeof(status));
  wire->ops->status(wire, &status);
  memcpy(on->name, "en", 2);
  memcpy(on->hwaddr, status.mac, sizeof(status.mac));
  on->hwaddr_len = ETH_HWADDR_LEN;
  on->mtu = status.mtu;
  on->linkoutput = link_output;
  on->output = etharp_output;
  on->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_IGMP | NETIF_FLAG_MLD6 |
              NETIF_FLAG_LINK_UP;
#if LWIP_IPV6
  on->output_ip6 = ethip6_output;
#endif
  return ERR_OK;
}

int
netif_link_up(const char *link, const char *ip4, netif_input_fn input)
{
  ip4_addr_t addr, mask, gateway;
  char why[BS_LINK_WHY];

  if (link == NULL || ip4 == NULL || !read_ip4(ip4, &addr, &mask, &gateway)) {
    fprintf(stderr, "A link string and ADDRESS/LENGTH[,GATEWAY] are needed (BENCH_LINK and BENCH_IP4).\n");
    return -1;
  }
  wire = bs_link_open(link, why);
  if (wire == NULL) {
    fprintf(stderr, "%s\n", why);
    return -1;
  }
  if (netif_add(&netif, &addr, &mask, &gateway, NULL, set_up_netif, input) == NULL) {
    fprintf(stderr, "lwIP takes no interface.\n");
    return -1;
  }
  netif_set_default(&netif);
  netif_set_up(&netif);
  return 0;
}
