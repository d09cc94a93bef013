/**
 * What a machine must provide: a clock, a way to sleep, randomness, and its links.
 *
 * A port is one folder with these functions and a start-up. Nothing else of baresock depends on the machine.
 */
#ifndef BARESOCK_PORT_H
#define BARESOCK_PORT_H

#include <stddef.h>
#include <stdint.h>

#include "baresock/link.h"
#include "baresock/wait.h"

/** Microseconds since some moment in the past. Never goes back, also not at midnight. */
bs_time_t port_clock(void);

/**
 * Sleep until a source of @p set is ready, or port_clock() reaches @p deadline, or the program was interrupted.
 * Fills in each source's revents. Does not sleep when the deadline has passed.
 *
 * @return 0, or -EINTR once for each port_interrupt() or signal handler that ran
 */
int port_wait(struct bs_waitset *set, bs_time_t deadline);

/** End the wait that is going on, or else the next one, with -EINTR. For signal and interrupt handlers too. */
void port_interrupt(void);

/** A number that tells the calling thread from others; any constant where there is only one. */
uintptr_t port_thread(void);

/**
 * Fill @p buf with unpredictable bytes.
 *
 * @return 0, or -EIO when the machine has no source of them (ports say in their README how good theirs is)
 */
int port_entropy(void *buf, size_t len);

/** The link that comes up by itself when a program uses a socket and set up none. */
const char *port_default_link(void);

/**
 * What the machine's own configuration says of the network where the environment says nothing.
 *
 * @param name of the variable: BARESOCK_IP4, BARESOCK_IP6, BARESOCK_DNS or BARESOCK_HOSTNAME
 * @return its value, or NULL
 */
const char *port_setting(const char *name);

/** Make the links that this machine has known, with bs_link_register(). Called once, before the first link string. */
void port_register_links(void);

/** Path of the hosts file that is read when BARESOCK_HOSTS names none; NULL for none. */
const char *port_hosts_file(void);

#endif /* BARESOCK_PORT_H */
