/**
 * A console over TCP, for telnet: a second line to a machine's own console.
 */
#ifndef BARESOCK_I386_NET_CONSOLE_H
#define BARESOCK_I386_NET_CONSOLE_H

#include <stddef.h>

#include "i386/console_line.h"

/**
 * Listen, on all addresses. One client at a time has the line; another one takes it over.
 *
 * @param spec    "tcp:PORT"
 * @param console kept by reference
 * @return 0; -EINVAL when spec is not that; else what the socket calls give: -EADDRINUSE, -ENOBUFS, ...
 */
int net_console_open(const char *spec, const struct console_line *console);

/** Send to the client, if there is one. Waits for a slow one, and gives up one that takes nothing for a while. */
void net_console_write(const char *text, size_t len);

#endif /* BARESOCK_I386_NET_CONSOLE_H */
