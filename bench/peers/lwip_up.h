/**
 * Start lwIP with threads: lwip_socket() and its like can be called afterwards.
 */
#ifndef BENCH_LWIP_UP_H
#define BENCH_LWIP_UP_H

/**
 * Start lwIP's thread, and one that reads the link.
 *
 * @param link a link string
 * @param ip4  ADDRESS/LENGTH[,GATEWAY]
 * @return 0, or -1 after saying why on standard error
 */
int lwip_up(const char *link, const char *ip4);

#endif /* BENCH_LWIP_UP_H */
