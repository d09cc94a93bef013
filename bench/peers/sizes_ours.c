/**
 * What baresock keeps for a connection: sizes as symbols, for bench/size.py. Never run.
 */
#include "socket/sock.h"

#include "lwip/tcp.h"
#include "lwip/udp.h"

#define SIZE(name)                                 \
  extern char size_of_##name[sizeof(struct name)]; \
  char size_of_##name[sizeof(struct name)]

SIZE(sock);
SIZE(tcp_pcb);
SIZE(udp_pcb);
SIZE(pbuf);
