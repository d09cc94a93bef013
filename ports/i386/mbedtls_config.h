/**
 * What of mbed TLS is compiled in: the hash that port_entropy() gathers with.
 */
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_SMALLER
