/**
 * lwIP's options for its own unit tests: ours, but for what the tests can't be compiled or run without.
 *
 * With LWIP_TESTS_AS_WRITTEN those options too that some tests take for granted, so that those judge the code as well.
 */
#ifndef TESTS_LWIP_LWIPOPTS_H
#define TESTS_LWIP_LWIPOPTS_H

#include "../../src/stack/lwip/lwipopts.h"

/* The tests are a TCP application with callbacks, and look into lwIP. */
#undef LWIP_EVENT_API
#undef LWIP_CALLBACK_API
#define LWIP_EVENT_API    0
#define LWIP_CALLBACK_API 1
#define LWIP_TESTMODE     1
#define MIB2_STATS        1

/* They bring their own clock, and no floors above lwIP. */
#undef LWIP_TIMERS_CUSTOM
#undef LWIP_HOOK_FILENAME
#undef LWIP_ASSERT_CORE_LOCKED
#define LWIP_TIMERS_CUSTOM 0

/* They count what is in the pools, and reach their ends. */
#undef MEMP_MEM_MALLOC
#define MEMP_MEM_MALLOC 0

/* They fill the window before the send buffer. */
#undef TCP_SND_BUF
#define TCP_SND_BUF (TCP_WND + 2 * TCP_MSS)

#if LWIP_TESTS_AS_WRITTEN

/* An address is announced, and those announcements are counted. */
#undef LWIP_DHCP_DOES_ACD_CHECK
#define LWIP_DHCP_DOES_ACD_CHECK 1

/* The first retransmission comes after lwIP's three seconds. */
#undef LWIP_TCP_RTO_TIME
#define LWIP_TCP_RTO_TIME 3000

/* A window is a few small segments, which the congestion window soon reaches. */
#undef TCP_MSS
#undef TCP_WND
#undef TCP_RCV_SCALE
#define TCP_MSS       536
#define TCP_WND       (10 * TCP_MSS)
#define TCP_RCV_SCALE 0

/* A kilobyte takes two buffers. */
#undef PBUF_POOL_BUFSIZE
#define PBUF_POOL_BUFSIZE 592

/* One socket hears a broadcast, not all. */
#undef SO_REUSE_RXTOALL
#define SO_REUSE_RXTOALL 0

#endif /* LWIP_TESTS_AS_WRITTEN */

#endif /* TESTS_LWIP_LWIPOPTS_H */
