/**
 * lwIP's options, derived from baresock's limits. Only what differs from lwIP's own defaults stands here.
 */
#ifndef BARESOCK_LWIPOPTS_H
#define BARESOCK_LWIPOPTS_H

#include <stdint.h>

#include "baresock/config.h"

/* --- one thread, our own sockets, our own timers --- */

#define NO_SYS                       1
#define SYS_LIGHTWEIGHT_PROT         0
#define LWIP_NETCONN                 0
#define LWIP_SOCKET                  0
#define LWIP_TIMERS                  1
#define LWIP_TIMERS_CUSTOM           1

#if BS_CHECK_THREAD
void stack_check_thread(void);
#define LWIP_ASSERT_CORE_LOCKED()    stack_check_thread()
#endif

/* --- protocols --- */

#define LWIP_IPV4                    1
#define LWIP_IPV6                    BS_IPV6
#define LWIP_ARP                     1
#define LWIP_ICMP                    1
#define LWIP_RAW                     1
#define LWIP_IGMP                    1
#define LWIP_DHCP                    1
/* A lease is used at once: the probes of RFC 5227 take seconds. */
#define LWIP_DHCP_DOES_ACD_CHECK     0
#define LWIP_IPV6_MLD                BS_IPV6
#define LWIP_IPV6_DHCP6              0
#define LWIP_IPV6_SCOPES             BS_IPV6
#define LWIP_IPV6_NUM_ADDRESSES      4
#define LWIP_ND6_RDNSS_MAX_DNS_SERVERS BS_DNS_SERVERS
#define LWIP_MULTICAST_TX_OPTIONS    1
/* What IANA recommends and Linux has; lwIP says 255. */
#define IP_DEFAULT_TTL               64

/* lwIP's resolver is not used, only its list of servers, which DHCP and router advertisements fill. */
#define LWIP_DNS                     1
#define DNS_TABLE_SIZE               1
#define DNS_MAX_REQUESTS             1
#define DNS_MAX_SERVERS              BS_DNS_SERVERS

/* --- interfaces --- */

#define LWIP_HAVE_LOOPIF             1
#define LWIP_NETIF_LOOPBACK          1
#define LWIP_LOOPIF_MULTICAST        1
#define LWIP_LOOPBACK_MAX_PBUFS      BS_PBUF_POOL
#define LWIP_NETIF_HOSTNAME          1
#define LWIP_NETIF_EXT_STATUS_CALLBACK 1
#define LWIP_NETIF_LINK_CALLBACK     1
#define ETH_PAD_SIZE                 0
#define ETHARP_SUPPORT_STATIC_ENTRIES 1
#define ARP_TABLE_SIZE               BS_PICK(8, 16, 64)
#define ARP_QUEUEING                 1
#define ARP_QUEUE_LEN                BS_PICK(3, 8, 64)
/* The fragment header has no room for a 64-bit pointer. */
#define IPV6_FRAG_COPYHEADER         (UINTPTR_MAX > 0xffffffff)
#define LWIP_ND6_QUEUEING            1
#define MEMP_NUM_ARP_QUEUE           BS_PICK(8, 32, 512)
#define MEMP_NUM_ND6_QUEUE           BS_PICK(8, 32, 512)
#define LWIP_ND6_NUM_NEIGHBORS       BS_PICK(8, 16, 64)
#define LWIP_ND6_NUM_DESTINATIONS    BS_PICK(8, 16, 64)

/* --- TCP --- */

/* One function for what TCP has to say instead of pointers in each PCB. */
#define LWIP_EVENT_API               1
#define LWIP_CALLBACK_API            0
#define TCP_MSS                      BS_TCP_MSS
#define TCP_WND                      BS_TCP_WND
#define TCP_SND_BUF                  BS_TCP_SND_BUF
#define TCP_SND_QUEUELEN             (4 * ((BS_TCP_SND_BUF + BS_TCP_MSS - 1) / BS_TCP_MSS))
/* A write is worth a wake-up when two segments fit, or an eighth of a large buffer: so much less is under way at times. */
#define TCP_SNDLOWAT                 LWIP_MAX(TCP_SND_BUF / 8, 2 * TCP_MSS)
/* A reader's calls are not answered one by one. */
#define TCP_WND_UPDATE_THRESHOLD     (TCP_WND / 4)
#define TCP_SNDQUEUELOWAT            (TCP_SND_QUEUELEN / 2)
/* The dynamic ports (RFC 6335 6). lwIP's own macro may begin with the last one, and then finds port 0 after it. */
#define TCP_LOCAL_PORT_RANGE_START   0xc000
#define TCP_LOCAL_PORT_RANGE_END     0xffff
#define TCP_ENSURE_LOCAL_PORT_RANGE(port) \
  ((u16_t)((port) % (TCP_LOCAL_PORT_RANGE_END - TCP_LOCAL_PORT_RANGE_START) + TCP_LOCAL_PORT_RANGE_START))
/* RFC 6298 2.1: a second before the first measurement. */
#define LWIP_TCP_RTO_TIME            1000
#define LWIP_WND_SCALE               (BS_TCP_RCV_SCALE > 0)
#define TCP_RCV_SCALE                BS_TCP_RCV_SCALE
#define LWIP_TCP_SACK_OUT            1
/* What is seldom needed is left out where memory is. */
#define LWIP_TCP_MAX_SACK_NUM        BS_PICK(2, 2, 4)
#define TCP_OOSEQ_MAX_PBUFS          BS_PICK(4, 32, 512)
#define TCP_LISTEN_BACKLOG           1
#define TCP_DEFAULT_LISTEN_BACKLOG   1
#define LWIP_TCP_KEEPALIVE           1
#define SO_REUSE                     1
#define SO_REUSE_RXTOALL             1
#define IP_SOF_BROADCAST             1
#define IP_SOF_BROADCAST_RECV        0

/* --- memory --- */

/* 16 also serves structures that hold 64-bit values on every machine. */
#define MEM_ALIGNMENT                BS_PICK(4, 4, 16)
#define MEM_SIZE                     BS_MEM_SIZE
#if BS_MEM_MALLOC
#include <stddef.h>
#define MEM_CUSTOM_ALLOCATOR         1
#define MEM_CUSTOM_MALLOC            stack_malloc
#define MEM_CUSTOM_CALLOC            stack_calloc
#define MEM_CUSTOM_FREE              stack_free
void *stack_malloc(size_t size);
void *stack_calloc(size_t count, size_t size);
void stack_free(void *memory);
#endif
#define MEMP_MEM_MALLOC              BS_POOLS_MALLOC

#define MEMP_NUM_TCP_PCB             BS_TCP_PCBS
#define MEMP_NUM_TCP_PCB_LISTEN      BS_TCP_LISTEN_PCBS
#define MEMP_NUM_TCP_SEG             BS_TCP_SEGS
#define MEMP_NUM_UDP_PCB             BS_UDP_PCBS
#define MEMP_NUM_RAW_PCB             BS_RAW_PCBS
/* Beside the program's groups each interface, the loopback too, has all systems and its addresses' solicited-node ones. */
#define MEMP_NUM_IGMP_GROUP          (BS_MEMBERSHIPS + BS_MAX_INTERFACES + 1)
#define MEMP_NUM_MLD6_GROUP          (BS_MEMBERSHIPS + LWIP_IPV6_NUM_ADDRESSES * (BS_MAX_INTERFACES + 1))
#define MEMP_NUM_PBUF                BS_PICK(32, 128, 4096)
#define MEMP_NUM_REASSDATA           BS_PICK(2, 5, 64)
#define MEMP_NUM_FRAG_PBUF           BS_PICK(8, 48, 1024)
#define IP_REASS_MAX_PBUFS           BS_PICK(8, 48, 512)
#define PBUF_POOL_SIZE               BS_PBUF_POOL
/* A whole frame fits into one buffer. */
#define PBUF_POOL_BUFSIZE            LWIP_MEM_ALIGN_SIZE(BS_FRAME_ROOM)
#define BS_FRAME_ROOM                (BS_TCP_MSS + 40 + 14 + 2)

/* --- hooks --- */

#define LWIP_HOOK_FILENAME           "lwip_hooks.h"

/* --- diagnostics --- */

#define LWIP_STATS                   1
#define LWIP_STATS_LARGE             1
#define LWIP_STATS_DISPLAY           0
#define MEM_STATS                    1
#define MEMP_STATS                   1

#endif /* BARESOCK_LWIPOPTS_H */
