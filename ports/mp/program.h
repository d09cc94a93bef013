// What the files of the program mp share, on every machine.
#ifndef BARESOCK_MP_PROGRAM_H
#define BARESOCK_MP_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "py/mpconfig.h"

// What the command line asks for.
typedef struct _program_options_t {
    enum { RUN_NOTHING, RUN_COMMAND, RUN_MODULE, RUN_FILE, RUN_STDIN } run;
    const char *what;       // command, module or file
    char **args;            // what becomes sys.argv after its first item
    const char *link;
    const char *capture;
    const char *repl;       // where the prompt is besides the console
    size_t heap_size;       // in bytes
    int optimise;
    unsigned emitter;
    bool inspect;
} program_options_t;

extern program_options_t program_options;

// Reads the command line. Ends the program when it is wrong, or asks only for help.
void program_parse(int argc, char **argv);

// Says in one sentence what is wrong with how the program was called, and ends it.
NORETURN void program_refuse(const char *format, ...);

// Opens a link that somebody named at once, so that what is wrong with it is told before anything runs.
void program_open_link(void);

// Runs what the command line names, if anything. Returns the exit status that it comes to.
int program_run(void);

// Calls what sys.atexit() named, if anything. Returns the exit status that it comes to.
int program_at_exit(void);

// Reads, runs and prints until Ctrl-D, or until exit() is called, which it tells. Returns the exit status.
int program_prompt(bool *exited);

// Sets sys.argv.
void program_set_argv(void);

// Exit status of an exception that nobody caught; it is printed unless it is SystemExit.
int program_exception_status(void *exception);

#endif // BARESOCK_MP_PROGRAM_H
