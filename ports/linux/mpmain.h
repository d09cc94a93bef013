// What the files of the mp program share.
#ifndef BARESOCK_LINUX_MPMAIN_H
#define BARESOCK_LINUX_MPMAIN_H

#include <stdbool.h>

// Whether SIGINT is ours (Ctrl-C raises KeyboardInterrupt, or clears the prompt's line) or ends the program.
void mp_port_catch_sigint(bool catch);

// The prompt's history: $BARESOCK_HISTORY, or ~/.mp_history.
void history_load(void);
void history_save(void);

#endif // BARESOCK_LINUX_MPMAIN_H
