/**
 * getsockopt() and setsockopt().
 */
#ifndef BARESOCK_OPTIONS_H
#define BARESOCK_OPTIONS_H

#include "socket/sock.h"

/** The options of a new socket. */
void options_init(struct sock *s);

/** Tell the options to lwIP, for a PCB that does not know them yet. */
void options_apply(struct sock *s);

/** As bs_getsockopt(), but 0 or a negative errno. */
int option_get(struct sock *s, int level, int name, void *value, socklen_t *len);

/** As bs_setsockopt(), but 0 or a negative errno. */
int option_set(struct sock *s, int level, int name, const void *value, socklen_t len);

#endif /* BARESOCK_OPTIONS_H */
