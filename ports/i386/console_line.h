/**
 * What a second line to a machine's console does with what was typed on it.
 */
#ifndef BARESOCK_I386_CONSOLE_LINE_H
#define BARESOCK_I386_CONSOLE_LINE_H

#include <stdbool.h>
#include <stdint.h>

struct console_line {
  bool (*put)(uint8_t byte); /**< takes a byte that was typed; false when it could not */
  bool (*has_room)(void);    /**< whether there is room for at least two more */
};

#endif /* BARESOCK_I386_CONSOLE_LINE_H */
