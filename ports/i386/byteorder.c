/**
 * Byte order as functions, for callers that take their addresses or have not seen <netinet/in.h>.
 */
#include <netinet/in.h>

#undef htonl
#undef htons
#undef ntohl
#undef ntohs

uint32_t
htonl(uint32_t host)
{
  return __builtin_bswap32(host);
}

uint32_t
ntohl(uint32_t net)
{
  return __builtin_bswap32(net);
}

uint16_t
htons(uint16_t host)
{
  return __builtin_bswap16(host);
}

uint16_t
ntohs(uint16_t net)
{
  return __builtin_bswap16(net);
}
