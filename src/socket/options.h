/**
 * What getsockopt() and setsockopt() are about.
 */
#ifndef BARESOCK_OPTIONS_H
#define BARESOCK_OPTIONS_H

#include "socket/sock.h"

/** The options of a new socket. */
void options_init(struct sock *s);

/** Tell the options to lwIP, for a PCB that does not know them yet. */
void options_apply(struct sock *s);

#endif /* BARESOCK_OPTIONS_H */
