/**
 * Names and addresses.
 */
#ifndef BARESOCK_NETDB_H
#define BARESOCK_NETDB_H

#include <arpa/inet.h>
#include <netdb.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "baresock/config.h"
#include "baresock/wait.h"

/**
 * Look up a host and a service (POSIX getaddrinfo(), RFC 3493 6.1). Waits for the answer.
 *
 * A numeric address needs no network. A name is looked for in the hosts file, then asked of the DNS servers: A and
 * AAAA as the hints' family allows. "localhost" and names under it are 127.0.0.1 and ::1 (RFC 6761 6.3).
 *
 * @param host    name, dotted quad, or IPv6 text with an optional %scope; NULL for the wildcard address
 *                (AI_PASSIVE) or the loopback
 * @param service port number or service name; NULL for port 0
 * @param hints   NULL, or ai_flags (AI_PASSIVE AI_CANONNAME AI_NUMERICHOST AI_NUMERICSERV AI_ADDRCONFIG AI_V4MAPPED
 *                AI_ALL), ai_family, ai_socktype and ai_protocol
 * @param result  list of results, to be freed with bs_freeaddrinfo()
 * @return 0, or
 *   EAI_ADDRFAMILY a numeric address of another family than the hints ask for
 *   EAI_AGAIN     no server answered within BS_RESOLVE_TIMEOUT_MS, or one said "try again"
 *   EAI_BADFLAGS  flags that are not known, or AI_CANONNAME without a host
 *   EAI_FAIL      the server refused or failed
 *   EAI_FAMILY    a family other than AF_UNSPEC, AF_INET, AF_INET6
 *   EAI_MEMORY    out of memory, or BS_RESOLVE_QUERIES are under way
 *   EAI_NONAME    no such name, or neither host nor service was given
 *   EAI_NODATA    the name exists, but has no address of that family
 *   EAI_SERVICE   the service is not known for that socket type
 *   EAI_SOCKTYPE  socket type and protocol don't fit
 *   EAI_SYSTEM    see errno: EINTR (a signal handler ran; nothing goes on in the background)
 */
int bs_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **result);

/** Free the list of bs_getaddrinfo(). NULL is allowed. */
void bs_freeaddrinfo(struct addrinfo *list);

/** What an EAI_* value means, in words. */
const char *bs_gai_strerror(int code);

/** A look-up that goes on while the caller does other things. */
struct bs_gai_request;

/**
 * Start a look-up without waiting.
 *
 * @param request where to put the request, which the caller ends with bs_gai_end()
 * @return 0 when it was started (or is answered already), else as bs_getaddrinfo()
 */
int bs_gai_start(const char *host, const char *service, const struct addrinfo *hints, struct bs_gai_request **request);

/**
 * Ask how a look-up stands. Never waits; the pump moves it on.
 *
 * @param result set when 0 is returned, once; to be freed with bs_freeaddrinfo()
 * @return EAI_INPROGRESS, 0, or an error as bs_getaddrinfo()
 */
int bs_gai_result(struct bs_gai_request *request, struct addrinfo **result);

/** End a look-up, finished or not: nothing of it goes on afterwards. NULL is allowed. */
void bs_gai_end(struct bs_gai_request *request);

#ifndef EAI_INPROGRESS
#define EAI_INPROGRESS (-100)
#endif
#ifndef EAI_NODATA
#define EAI_NODATA (-5)
#endif
#ifndef EAI_ADDRFAMILY
#define EAI_ADDRFAMILY (-9)
#endif

/**
 * Turn an address into names (POSIX getnameinfo(), RFC 3493 6.2). Asks the hosts file and DNS (PTR) unless
 * NI_NUMERICHOST is set.
 *
 * @param host, hostlen  room for the name; NULL and 0 for none
 * @param serv, servlen  room for the service; NULL and 0 for none
 * @param flags NI_NUMERICHOST NI_NUMERICSERV NI_NAMEREQD NI_DGRAM NI_NOFQDN
 * @return 0, or EAI_AGAIN, EAI_BADFLAGS, EAI_FAIL, EAI_FAMILY, EAI_MEMORY, EAI_NONAME, EAI_OVERFLOW, EAI_SYSTEM
 */
int bs_getnameinfo(const struct sockaddr *addr, socklen_t len, char *host, socklen_t hostlen, char *serv,
                   socklen_t servlen, int flags);

/** Text to address (POSIX inet_pton()). @return 1; 0 when text is not one; -1 with errno EAFNOSUPPORT */
int bs_inet_pton(int family, const char *text, void *addr);

/**
 * Text to IPv4 address in the classic forms of inet_aton(): one to four numbers, decimal, octal (0...) or hexadecimal
 * (0x...), the last of which fills the rest: "127.1", "0x7f000001".
 *
 * @return 1; 0 when text is not one
 */
int bs_inet_aton(const char *text, struct in_addr *addr);

/** Address to text (POSIX inet_ntop(), RFC 5952). @return text; NULL with errno EAFNOSUPPORT or ENOSPC */
const char *bs_inet_ntop(int family, const void *addr, char *text, socklen_t size);

/** Index of an interface from its name as lwIP spells it ("en1"). @return 0 with errno ENODEV when there is none */
unsigned bs_if_nametoindex(const char *name);

/** Name of the interface with that index, in @p name (IF_NAMESIZE bytes). @return name, or NULL with errno ENXIO */
char *bs_if_indextoname(unsigned index, char *name);

#endif /* BARESOCK_NETDB_H */
