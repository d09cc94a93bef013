/**
 * The first serial line of a PC, as a line to its console.
 */
#ifndef BARESOCK_I386_SERIAL_H
#define BARESOCK_I386_SERIAL_H

#include <stddef.h>

#include "i386/console_line.h"

/**
 * Use the line, with 115200 bits a second, 8 data bits and no parity.
 *
 * @param console kept by reference
 * @return false when there is no such line, or its interrupt can't be had
 */
bool serial_open(const struct console_line *console);

/** Leave it alone again. */
void serial_close(void);

/** Take received bytes for the console, as far as it has room. Interrupts are off, or no handler runs by itself. */
void serial_drain(void);

/** Write, if the line is open. Waits for the line. */
void serial_write(const char *text, size_t len);

#endif /* BARESOCK_I386_SERIAL_H */
