/**
 * What the drivers share to read their parameters and to say what is wrong with them.
 */
#ifndef BARESOCK_LINK_ARGS_H
#define BARESOCK_LINK_ARGS_H

#include <stdint.h>

#include "baresock/link.h"

/** Bytes of a MAC address. */
#define LINK_MAC_LEN 6

/** Bytes of an Ethernet header: no frame is shorter. */
#define LINK_HEADER_LEN 14

/** Bytes above the Ethernet header, unless a link says otherwise. */
#define LINK_MTU (BS_FRAME_MAX - LINK_HEADER_LEN)

/** Write one sentence into @p why (BS_LINK_WHY bytes) and return -@p err, for `return link_refuse(...)`. */
int link_refuse(char *why, int err, const char *format, ...) __attribute__((format(printf, 3, 4)));

/** Refuse a parameter that the link does not know, and tell its usage. @return -EINVAL */
int link_refuse_arg(char *why, const struct bs_link_ops *ops, const struct bs_link_arg *arg);

/** Is it the parameter KEY=...? */
bool link_arg_is(const struct bs_link_arg *arg, const char *key);

/**
 * Read a decimal number at the start of a text.
 *
 * @param end where it ended; the caller says what may follow
 * @return the number, or -1 when there is none from @p min to @p max
 */
long link_read_number(const char *text, long min, long max, const char **end);

/** Read a station's MAC address, 52:54:00:12:34:56. @return 0, or -EINVAL with the reason in @p why */
int link_read_mac(const char *text, uint8_t mac[LINK_MAC_LEN], char *why);

/** Make a station's MAC address of a text: another text gives another one, and each run the same. */
void link_make_mac(uint8_t mac[LINK_MAC_LEN], const char *text);

/** Bytes of a frame that is given in pieces. */
size_t link_frame_len(const struct iovec *iov, int count);

#endif /* BARESOCK_LINK_ARGS_H */
