/**
 * Names of interfaces: the one number of POSIX <net/if.h> that baresock needs.
 */
#ifndef BARESOCK_I386_NET_IF_H
#define BARESOCK_I386_NET_IF_H

#define IF_NAMESIZE 16

#endif /* BARESOCK_I386_NET_IF_H */
