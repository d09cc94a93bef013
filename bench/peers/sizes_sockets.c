/**
 * What lwIP's sockets keep for a connection: sizes as symbols, for bench/size.py. Never run.
 *
 * A TCP connection has a struct netconn with one semaphore and one mailbox of three semaphores. The structures of the
 * mailbox and the semaphore are private to contrib's sys_arch.c.
 */
#include "sys_arch.c"

#include "lwip/api.h"
#include "lwip/priv/sockets_priv.h"
#include "lwip/tcp.h"
#include "lwip/udp.h"

#define SIZE(name)                                 \
  extern char size_of_##name[sizeof(struct name)]; \
  char size_of_##name[sizeof(struct name)]

SIZE(netconn);
SIZE(lwip_sock);
SIZE(sys_mbox);
SIZE(sys_sem);
SIZE(tcp_pcb);
SIZE(udp_pcb);
SIZE(pbuf);
