/**
 * Addresses as text: the types come from <netinet/in.h>, the functions are baresock's (<baresock/netdb.h>).
 */
#ifndef BARESOCK_I386_ARPA_INET_H
#define BARESOCK_I386_ARPA_INET_H

#include <netinet/in.h>

#endif /* BARESOCK_I386_ARPA_INET_H */
