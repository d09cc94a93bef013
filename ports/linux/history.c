// The prompt's history, kept in a file from one run to the next.

#include <stdio.h>
#include <stdlib.h>

#include "py/mpstate.h"
#include "py/runtime.h"
#include "shared/readline/readline.h"

#include "ports/linux/mpmain.h"

static FILE *history_open(const char *mode) {
    char path[4096];
    const char *name = getenv("BARESOCK_HISTORY");
    if (name == NULL) {
        const char *home = getenv("HOME");
        if (home == NULL || snprintf(path, sizeof(path), "%s/.mp_history", home) >= (int)sizeof(path)) {
            return NULL;
        }
        name = path;
    }
    return name[0] == '\0' ? NULL : fopen(name, mode);
}

void history_load(void) {
    readline_init0();
    FILE *file = history_open("r");
    if (file == NULL) {
        return;
    }
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    while ((len = getline(&line, &size, file)) > 0) {
        if (line[len - 1] == '\n') {
            line[len - 1] = '\0';
        }
        readline_push_history(line);
    }
    free(line);
    fclose(file);
}

void history_save(void) {
    FILE *file = history_open("w");
    if (file == NULL) {
        return;
    }
    for (size_t i = MP_ARRAY_SIZE(MP_STATE_PORT(readline_hist)); i-- > 0;) {
        const char *entry = MP_STATE_PORT(readline_hist)[i];
        if (entry != NULL) {
            fprintf(file, "%s\n", entry);
        }
    }
    fclose(file);
}
