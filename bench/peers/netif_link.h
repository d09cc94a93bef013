/**
 * A lwIP interface on one of baresock's links, so that every peer uses the very same links.
 */
#ifndef BENCH_NETIF_LINK_H
#define BENCH_NETIF_LINK_H

#include <stdbool.h>

#include "baresock/wait.h"
#include "lwip/netif.h"

/** Frames that are taken from the link at one wake-up, as baresock's large profile does. */
#define NETIF_LINK_FRAMES 64

/**
 * Open a link and make lwIP's default interface of it. lwip_init() or tcpip_init() was called before.
 *
 * @param link  a link string
 * @param ip4   ADDRESS/LENGTH[,GATEWAY]
 * @param input what takes the frames: ethernet_input, or tcpip_input
 * @return 0, or -1 after saying why on standard error
 */
int netif_link_up(const char *link, const char *ip4, netif_input_fn input);

/** Seed lwIP's random numbers, so that ports and sequence numbers differ from run to run. */
void netif_link_seed(void);

/** The next frame, to be given to netif_link_input(); NULL when there is none. */
struct pbuf *netif_link_take(void);

/** Give a frame to lwIP. @return false when it has no room for it now: the frame is still the caller's */
bool netif_link_input(struct pbuf *frame);

/** Whether frames wait until the link has room for them. */
bool netif_link_holds(void);

/** Send what the link had no room for. @return how many frames went */
unsigned netif_link_flush(void);

/** Called after each frame that lwIP sends, where another thread may sleep in netif_link_wait(); else NULL. */
extern void (*netif_link_sent)(void);

/** Sleep until the link has something, or the deadline. @param lock and @param unlock surround the link's own part;
 * NULL where there is one thread. @return as port_wait() */
int netif_link_wait(bs_time_t deadline, void (*lock)(void), void (*unlock)(void));

/** For one thread (NO_SYS): move frames and lwIP's timers on. @return how many frames moved */
unsigned netif_link_pump(void);

/** For one thread (NO_SYS): sleep until the link has something, lwIP's next timer or the deadline. */
int netif_link_sleep(bs_time_t deadline);

#endif /* BENCH_NETIF_LINK_H */
