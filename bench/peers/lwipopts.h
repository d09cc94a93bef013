/**
 * lwIP's options for the peers that `make bench` compares baresock with: baresock's own options, except where a
 * peer is another program. What baresock changes in lwIP to be faster is taken back here, so that a peer is lwIP as it
 * comes.
 *
 * BENCH_SOCKETS=1: lwIP's own sockets, with threads. BENCH_MODLWIP=1: MicroPython's modlwip. Neither: the raw API.
 */
#ifndef BENCH_LWIPOPTS_H
#define BENCH_LWIPOPTS_H

#ifndef BENCH_SOCKETS
#define BENCH_SOCKETS 0
#endif
#ifndef BENCH_MODLWIP
#define BENCH_MODLWIP 0
#endif

#include "../../src/stack/lwip/lwipopts.h"

/* --- no hooks, lwIP's own timers, callbacks and checksums --- */

#undef LWIP_HOOK_FILENAME
#undef LWIP_HOOK_TCP_ISN
#undef LWIP_HOOK_IP4_INPUT
#undef LWIP_HOOK_IP6_INPUT
#undef LWIP_HOOK_ND6_GET_GW
#undef LWIP_HOOK_TCP_INPACKET_PCB
#undef LWIP_HOOK_MEMP_AVAILABLE

#undef LWIP_TIMERS_CUSTOM
#define LWIP_TIMERS_CUSTOM 0

#undef LWIP_EVENT_API
#undef LWIP_CALLBACK_API
#define LWIP_EVENT_API    0
#define LWIP_CALLBACK_API 1

#undef LWIP_CHKSUM
#undef LWIP_CHKSUM_ALGORITHM
#undef LWIP_CHKSUM_COPY
#undef LWIP_CHKSUM_COPY_ALGORITHM
#undef LWIP_CHECKSUM_ON_COPY
#undef LWIP_CHECKSUM_CTRL_PER_NETIF
#undef MEMCPY
#undef SMEMCPY
#define LWIP_CHECKSUM_ON_COPY 0

#undef LWIP_TCP_MAX_SACK_NUM
#undef TCP_WND_UPDATE_THRESHOLD

#undef LWIP_ASSERT_CORE_LOCKED

/* --- names: lwIP's own resolver, as large as it comes --- */

#undef DNS_TABLE_SIZE
#undef DNS_MAX_REQUESTS

/* --- memory: malloc() itself, where baresock takes from malloc() --- */

#if BS_MEM_MALLOC
#undef MEM_CUSTOM_ALLOCATOR
#undef MEM_CUSTOM_MALLOC
#undef MEM_CUSTOM_CALLOC
#undef MEM_CUSTOM_FREE
#define MEM_LIBC_MALLOC 1
#endif

/* --- MicroPython's modlwip --- */

#if BENCH_MODLWIP
/* It keeps the room for sending in 16 bits, and would write a few hundred bytes at a time into a buffer of 128 KB. */
#if BS_TCP_SND_BUF > 0xffff
#undef TCP_SND_BUF
#undef TCP_SND_QUEUELEN
#define BENCH_SND_SEGS   (0xffff / BS_TCP_MSS)
#define TCP_SND_BUF      (BENCH_SND_SEGS * BS_TCP_MSS)
#define TCP_SND_QUEUELEN (4 * BENCH_SND_SEGS)
#endif
#endif

/* --- lwIP's sockets --- */

#if BENCH_SOCKETS
#undef NO_SYS
#undef SYS_LIGHTWEIGHT_PROT
#undef LWIP_NETCONN
#undef LWIP_SOCKET
#define NO_SYS               0
#define SYS_LIGHTWEIGHT_PROT 1
#define LWIP_NETCONN         1
#define LWIP_SOCKET          1
/* A program calls lwip_socket() and so on, and keeps the host's functions. */
#define LWIP_COMPAT_SOCKETS 0
#define LWIP_SO_RCVTIMEO    1
#define LWIP_SO_SNDTIMEO    1

/* Not 2048: descriptors must fit into the host's fd_set. */
#define MEMP_NUM_NETCONN   (BS_MAX_SOCKETS > 1024 ? 1024 : BS_MAX_SOCKETS)
#define MEMP_NUM_NETBUF    BS_PICK(32, 128, 4096)
#define MEMP_NUM_SELECT_CB BS_PICK(4, 16, 64)
/* The mailboxes of contrib's port hold 128 messages, whatever is asked for. */
#define BENCH_MBOX                128
#define TCPIP_MBOX_SIZE           BENCH_MBOX
#define DEFAULT_TCP_RECVMBOX_SIZE BENCH_MBOX
#define DEFAULT_UDP_RECVMBOX_SIZE BENCH_MBOX
#define DEFAULT_RAW_RECVMBOX_SIZE BENCH_MBOX
#define DEFAULT_ACCEPTMBOX_SIZE   BENCH_MBOX
#define MEMP_NUM_TCPIP_MSG_INPKT  (2 * BENCH_MBOX)
#define MEMP_NUM_TCPIP_MSG_API    BENCH_MBOX
#define TCPIP_THREAD_NAME         "lwip"
#endif

#endif /* BENCH_LWIPOPTS_H */
