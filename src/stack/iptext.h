/**
 * IP addresses as text, in network byte order, without a library that may not be there.
 */
#ifndef BARESOCK_IPTEXT_H
#define BARESOCK_IPTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Room for any address that iptext_write4() or iptext_write6() writes, its end included. */
#define IPTEXT_SIZE 46

/** Read a dotted quad: four decimal numbers without leading zeros, nothing else. */
bool iptext_read4(const char *text, uint8_t addr[4]);

/**
 * Read the classic forms of inet_aton(): one to four numbers, decimal, octal (0...) or hexadecimal (0x...); the last
 * one fills the rest of the address. "127.1" is 127.0.0.1.
 */
bool iptext_read4_classic(const char *text, uint8_t addr[4]);

/** Read an IPv6 address (RFC 4291 2.2), without a scope. */
bool iptext_read6(const char *text, uint8_t addr[16]);

/** Write a dotted quad into @p text (IPTEXT_SIZE bytes). @return its length */
size_t iptext_write4(const uint8_t addr[4], char *text);

/** Write an IPv6 address as RFC 5952 says into @p text (IPTEXT_SIZE bytes). @return its length */
size_t iptext_write6(const uint8_t addr[16], char *text);

#endif /* BARESOCK_IPTEXT_H */
