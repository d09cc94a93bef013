/**
 * Options of TCP, with Linux's values.
 */
#ifndef BARESOCK_I386_NETINET_TCP_H
#define BARESOCK_I386_NETINET_TCP_H

#define TCP_NODELAY   1
#define TCP_MAXSEG    2
#define TCP_KEEPIDLE  4
#define TCP_KEEPINTVL 5
#define TCP_KEEPCNT   6
#define TCP_INFO      11

#endif /* BARESOCK_I386_NETINET_TCP_H */
