/**
 * Start lwIP with threads: its own, and one that reads the link.
 */
#include "lwip_up.h"

#include <sched.h>
#include <stdbool.h>
#include <string.h>

#include "lwip/pbuf.h"
#include "lwip/sys.h"
#include "lwip/tcpip.h"

#include "netif_link.h"
#include "port.h"

/* A tap's two directions do not meet. In other links they do, and lwIP sends under the lock of its core; what a link
 * waits for may then change while the reader sleeps. */
static bool shared;

static void
lock(void)
{
  if (shared) {
    LOCK_TCPIP_CORE();
  }
}

static void
unlock(void)
{
  if (shared) {
    UNLOCK_TCPIP_CORE();
  }
}

static struct pbuf *
take(void)
{
  struct pbuf *p;

  lock();
  p = netif_link_take();
  unlock();
  return p;
}

static void
read_link(void *arg)
{
  LWIP_UNUSED_ARG(arg);
  for (;;) {
    struct pbuf *p;
    unsigned n;

    (void)netif_link_wait(BS_TIME_NEVER, lock, unlock);
    if (netif_link_holds()) {
      LOCK_TCPIP_CORE();
      (void)netif_link_flush();
      UNLOCK_TCPIP_CORE();
    }
    for (n = 0; n < NETIF_LINK_FRAMES && (p = take()) != NULL; n++) {
      /* lwIP's mailbox is full: leave the frames in the link, where dropping one would cost a retransmission. */
      while (!netif_link_input(p)) {
        sched_yield();
      }
    }
  }
}

static void
started(void *done)
{
  sys_sem_signal(done);
}

int
lwip_up(const char *link, const char *ip4)
{
  sys_sem_t done;
  int result;

  netif_link_seed();
  shared = link != NULL && strncmp(link, "tap:", 4) != 0;
  netif_link_sent = shared ? port_interrupt : NULL;
  (void)sys_sem_new(&done, 0);
  tcpip_init(started, &done);
  (void)sys_arch_sem_wait(&done, 0);
  sys_sem_free(&done);
  LOCK_TCPIP_CORE();
  result = netif_link_up(link, ip4, tcpip_input);
  UNLOCK_TCPIP_CORE();
  if (result == 0) {
    (void)sys_thread_new("link", read_link, NULL, 0, 0);
  }
  return result;
}
