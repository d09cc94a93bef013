/**
 * Every limit of baresock in one place, in the manner of lwIP's opt.h.
 *
 * Each limit can be set from outside (-DBS_MAX_SOCKETS=64); what is not set comes from the profile. A library
 * and the programs that use it must be built with the same values: baresock.pc carries them.
 * What happens at a limit stands beside it; bs_net_stats() tells how often it was reached.
 */
#ifndef BARESOCK_CONFIG_H
#define BARESOCK_CONFIG_H

/** The profiles: a 386 with little memory, a machine with a few megabytes, a computer of today. */
#define BS_PROFILE_TINY    1
#define BS_PROFILE_DEFAULT 2
#define BS_PROFILE_LARGE   3

#ifndef BS_PROFILE
#define BS_PROFILE BS_PROFILE_DEFAULT
#endif

#if BS_PROFILE == BS_PROFILE_TINY
#define BS_PICK(tiny, standard, large) (tiny)
#elif BS_PROFILE == BS_PROFILE_DEFAULT
#define BS_PICK(tiny, standard, large) (standard)
#elif BS_PROFILE == BS_PROFILE_LARGE
#define BS_PICK(tiny, standard, large) (large)
#else
#error "BS_PROFILE must be BS_PROFILE_TINY, BS_PROFILE_DEFAULT or BS_PROFILE_LARGE"
#endif

/* --- protocols --- */

/** IPv6 beside IPv4. 0 saves about a third of the stack's code. */
#ifndef BS_IPV6
#define BS_IPV6 1
#endif

/* --- sockets --- */

/** First descriptor number of ours. Smaller ones belong to the host, so that one poll() can hold both. */
#ifndef BS_FD_BASE
#define BS_FD_BASE 1024
#endif

/** Open sockets, connections that wait for accept() included. Beyond it socket() and accept() give EMFILE, and a
 * new connection is refused. */
#ifndef BS_MAX_SOCKETS
#define BS_MAX_SOCKETS BS_PICK(16, 64, 2048)
#endif

/** Largest backlog of listen(); a larger one is cut to it (POSIX SOMAXCONN). lwIP counts it in 8 bits. */
#ifndef BS_MAX_BACKLOG
#define BS_MAX_BACKLOG BS_PICK(4, 32, 255)
#endif

/** Bytes that a datagram socket queues by default (SO_RCVBUF), headers of the queue included. What comes beyond
 * is dropped and counted. */
#ifndef BS_DGRAM_RCVBUF
#define BS_DGRAM_RCVBUF BS_PICK(8192, 32768, 262144)
#endif

/** Largest SO_RCVBUF of a datagram socket. */
#ifndef BS_DGRAM_RCVBUF_MAX
#define BS_DGRAM_RCVBUF_MAX BS_PICK(32768, 131072, 4194304)
#endif

/** Multicast groups joined, counted for each socket. Beyond it IP_ADD_MEMBERSHIP gives ENOBUFS. */
#ifndef BS_MEMBERSHIPS
#define BS_MEMBERSHIPS BS_PICK(4, 16, 256)
#endif

/** Milliseconds that a program which ends waits for its closing connections to deliver what was sent. */
#ifndef BS_EXIT_DRAIN_MS
#define BS_EXIT_DRAIN_MS 5000
#endif

/* --- TCP --- */

/** TCP control blocks, those in TIME_WAIT included. When they run out, the oldest in TIME_WAIT makes room. */
#ifndef BS_TCP_PCBS
#define BS_TCP_PCBS BS_PICK(16, 64, 2560)
#endif

/** Listening control blocks. Beyond it listen() gives ENOBUFS. */
#ifndef BS_TCP_LISTEN_PCBS
#define BS_TCP_LISTEN_PCBS BS_PICK(4, 16, 128)
#endif

/** Largest segment, in bytes (RFC 9293 3.7.1). */
#ifndef BS_TCP_MSS
#define BS_TCP_MSS 1460
#endif

/** Receive window of a connection, in bytes (SO_RCVBUF's default and largest value). */
#ifndef BS_TCP_WND
#define BS_TCP_WND BS_PICK(4 * BS_TCP_MSS, 16 * BS_TCP_MSS, 90 * BS_TCP_MSS)
#endif

/** Send buffer of a connection, in bytes (SO_SNDBUF's default and largest value). */
#ifndef BS_TCP_SND_BUF
#define BS_TCP_SND_BUF BS_PICK(4 * BS_TCP_MSS, 16 * BS_TCP_MSS, 90 * BS_TCP_MSS)
#endif

/** Window scaling (RFC 7323), needed where a window is larger than 64 KB. */
#ifndef BS_TCP_RCV_SCALE
#define BS_TCP_RCV_SCALE BS_PICK(0, 0, 2)
#endif

/** Segments queued by all connections together, to be sent or out of order. When they run out a write takes
 * less, or waits. */
#ifndef BS_TCP_SEGS
#define BS_TCP_SEGS BS_PICK(64, 512, 16384)
#endif

/* --- UDP and raw --- */

/** UDP control blocks; DHCP and the resolver's queries use them too. Beyond it socket() gives ENOBUFS. */
#ifndef BS_UDP_PCBS
#define BS_UDP_PCBS BS_PICK(8, 32, 1024)
#endif

/** Raw control blocks (ping). */
#ifndef BS_RAW_PCBS
#define BS_RAW_PCBS BS_PICK(2, 4, 32)
#endif

/* --- memory --- */

/** Buffers for received frames, one each. When they run out, frames are dropped and the peers send again. */
#ifndef BS_PBUF_POOL
#define BS_PBUF_POOL BS_PICK(24, 96, 4096)
#endif

/** Of these, how many are kept for segments that carry no data (ACK, FIN, ARP), so that full queues can drain. */
#ifndef BS_PBUF_RESERVE
#define BS_PBUF_RESERVE BS_PICK(4, 8, 64)
#endif

/** Bytes for everything of variable size: data to be sent, and up to three quarters of it what was received. Datagrams
 * beyond that are dropped and counted. */
#ifndef BS_MEM_SIZE
#define BS_MEM_SIZE BS_PICK(32768, 262144, 64 * 1024 * 1024)
#endif

/** Take the BS_MEM_SIZE bytes from malloc() one by one, instead of one array. */
#ifndef BS_MEM_MALLOC
#define BS_MEM_MALLOC BS_PICK(0, 0, 1)
#endif

/** Take control blocks and frame buffers from malloc() as well, without their own limits: for builds with an
 * address sanitizer, which then sees every stray access. */
#ifndef BS_POOLS_MALLOC
#define BS_POOLS_MALLOC 0
#endif

/** Stop when another thread than the first one calls: for builds made to find errors. */
#ifndef BS_CHECK_THREAD
#define BS_CHECK_THREAD 0
#endif

/* --- links and the pump --- */

/** Interfaces that can be up at once. Beyond it bs_net_up() gives ENOBUFS. */
#ifndef BS_MAX_INTERFACES
#define BS_MAX_INTERFACES BS_PICK(1, 2, 4)
#endif

/** Frames that one pump takes from one link before it looks at the timers again. */
#ifndef BS_PUMP_FRAMES
#define BS_PUMP_FRAMES BS_PICK(8, 16, 64)
#endif

/** Frames that an interface holds back when its link can't take them at once. Beyond it a datagram gets
 * ENOBUFS, and TCP sends again. */
#ifndef BS_TX_QUEUE
#define BS_TX_QUEUE BS_PICK(4, 16, 256)
#endif

/** Things that one wait can wait for (links' and host descriptors). What is beyond is looked at every
 * millisecond, and counted. */
#ifndef BS_WAIT_SOURCES
#define BS_WAIT_SOURCES BS_PICK(8, 16, 4096)
#endif

/** Kinds of links and filters that can be known. Beyond it bs_link_register() gives ENOBUFS. */
#ifndef BS_LINK_KINDS
#define BS_LINK_KINDS 16
#endif

/** Parameters of one link or filter in a link string. Beyond it bs_link_open() gives EINVAL. */
#ifndef BS_LINK_ARGS
#define BS_LINK_ARGS 16
#endif

/** Length of a link string, its end included. Beyond it bs_link_open() gives EINVAL. */
#ifndef BS_LINK_STRING
#define BS_LINK_STRING 512
#endif

/** Frames from slirp that wait to be taken. While more than half of them wait, slirp is given nothing and asked for
 * nothing, so that only what one segment of ours sets free at once can exceed it; that is dropped and counted. */
#ifndef BS_SLIRP_QUEUE
#define BS_SLIRP_QUEUE BS_PICK(64, 256, 1024)
#endif

/** Multicast groups that a network card is told one by one, IPv6's own included. Beyond it the card lets all multicast
 * through. */
#ifndef BS_FILTER_GROUPS
#define BS_FILTER_GROUPS BS_PICK(4, 16, 128)
#endif

/** Frames that a network card's ring takes in memory before the program fetches them. What comes beyond is dropped, by the
 * card where it can say so, and counted. */
#ifndef BS_NIC_RX
#define BS_NIC_RX BS_PICK(8, 32, 128)
#endif

/** Frames that a packet driver puts into conventional memory before the program fetches them: a power of two, at 1520 bytes
 * each. What comes beyond is dropped and counted. */
#ifndef BS_PKTDRV_RX
#define BS_PKTDRV_RX 32
#endif

/** Frames that wait in memory to be sent by a network card. Beyond it a frame is held back by the interface (BS_TX_QUEUE). */
#ifndef BS_NIC_TX
#define BS_NIC_TX BS_PICK(8, 16, 64)
#endif

/** Frames that the filter impair holds in each direction, unless its parameter queue says otherwise. Beyond it what is
 * sent is refused and offered again, and what comes stays in the link below; both are counted. */
#ifndef BS_IMPAIR_QUEUE
#define BS_IMPAIR_QUEUE BS_PICK(16, 128, 1024)
#endif

/** Milliseconds after which impair lets a frame go on that it holds back to reorder it, when none overtakes it. */
#ifndef BS_IMPAIR_HOLD_MS
#define BS_IMPAIR_HOLD_MS 50
#endif

/* --- names and addresses --- */

/** Length of the machine's name, its end included. */
#ifndef BS_HOSTNAME_MAX
#define BS_HOSTNAME_MAX 64
#endif

/** DNS servers kept. */
#ifndef BS_DNS_SERVERS
#define BS_DNS_SERVERS 4
#endif

/** Names looked up at the same time. Beyond it getaddrinfo() gives EAI_MEMORY. */
#ifndef BS_RESOLVE_QUERIES
#define BS_RESOLVE_QUERIES BS_PICK(2, 4, 64)
#endif

/** Answers kept for their time to live; the oldest makes room. */
#ifndef BS_RESOLVE_CACHE
#define BS_RESOLVE_CACHE BS_PICK(4, 16, 256)
#endif

/** Addresses taken from one DNS answer. */
#ifndef BS_RESOLVE_ADDRS
#define BS_RESOLVE_ADDRS BS_PICK(4, 8, 32)
#endif

/** Steps of a chain of CNAME records that are followed. A longer one, or a loop, is a failure of the server. */
#ifndef BS_RESOLVE_CHAIN
#define BS_RESOLVE_CHAIN 8
#endif

/** Seconds that an answer is kept at most, whatever its time to live. */
#ifndef BS_RESOLVE_TTL_MAX_S
#define BS_RESOLVE_TTL_MAX_S 86400
#endif

/** Seconds that the answer "there is none" is kept at most (RFC 2308 section 5). */
#ifndef BS_RESOLVE_NEGATIVE_MAX_S
#define BS_RESOLVE_NEGATIVE_MAX_S 60
#endif

/** Milliseconds before a query is sent again, to the next server if there is one. It doubles each time. */
#ifndef BS_RESOLVE_RETRY_MS
#define BS_RESOLVE_RETRY_MS 1000
#endif

/** Milliseconds after which a look-up fails with EAI_AGAIN, whatever the servers and links do. */
#ifndef BS_RESOLVE_TIMEOUT_MS
#define BS_RESOLVE_TIMEOUT_MS 10000
#endif

/** Milliseconds that a connect or a datagram waits for an interface which is still asking for its address. */
#ifndef BS_CONFIGURE_TIMEOUT_MS
#define BS_CONFIGURE_TIMEOUT_MS 15000
#endif

#endif /* BARESOCK_CONFIG_H */
