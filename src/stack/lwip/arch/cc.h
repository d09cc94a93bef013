/**
 * The compiler and the machine, for lwIP.
 */
#ifndef BARESOCK_ARCH_CC_H
#define BARESOCK_ARCH_CC_H

#include <stdint.h>

/* htons() and friends are the host's (<arpa/inet.h>); lwIP uses its own lwip_htons(). */
#define LWIP_DONT_PROVIDE_BYTEORDER_FUNCTIONS

/* In place of functions. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define lwip_htons(x) __builtin_bswap16(x)
#define lwip_htonl(x) __builtin_bswap32(x)
#endif

/** Sum of @p len bytes as 16-bit words, in their byte order, not complemented (RFC 1071): src/stack/checksum.c. */
uint16_t stack_checksum(const void *data, int len);
#define LWIP_CHKSUM stack_checksum

uint32_t stack_random(void);
#define LWIP_RAND() stack_random()

/** Say what invariant broke, and stop: never returns. */
void stack_assert_failed(const char *what, const char *file, int line) __attribute__((noreturn));
#define LWIP_PLATFORM_ASSERT(what) stack_assert_failed((what), __FILE__, __LINE__)

#define LWIP_PLATFORM_DIAG(message) \
  do {                              \
  } while (0)

#endif /* BARESOCK_ARCH_CC_H */
