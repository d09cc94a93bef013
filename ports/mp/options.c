// The command line of the program mp, the same on every machine.

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "py/emitglue.h"
#include "py/mpstate.h"
#include "py/runtime.h"

#include "baresock/link.h"
#include "port.h"
#include "ports/mp/program.h"

#define EXIT_USAGE 2

program_options_t program_options = {
    .heap_size = PROGRAM_HEAP_SIZE,
};

NORETURN void program_refuse(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("mp: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(EXIT_USAGE);
}

static void print_help(void) {
    printf(
        "usage: mp [options] [script.py | -c command | -m module | -] [arguments]\n"
        "Without a script it runs standard input, or the prompt when that is a terminal.\n"
        "\n"
        "  -c command      run a command\n"
        "  -m module       run a module as a program\n"
        "  -i              then give the prompt\n"
        "  -O              leave out assertions (-OO: and line numbers)\n"
        "  -X heapsize=N   size of the heap in bytes, or with k or m behind%s\n"
        "  -X emit=E       compile to bytecode (the default), native or viper code\n"
        "  --link LINK     the network's link, instead of BARESOCK_LINK or the default (%s)\n"
        "  --capture FILE  record the link's frames in FILE (pcapng)\n"
        "%s"
        "  --version       print the version\n"
        "  --help          print this\n"
        "\n"
        "Links and filters, joined by +, as in %s+impair:loss=2%%:\n",
        PROGRAM_HEAP_HELP, port_default_link(),
        PROGRAM_REPL_HELP, port_default_link());
    for (unsigned i = 0; bs_link_kind(i) != NULL; i++) {
        printf("  %s\n", bs_link_kind(i)->usage);
    }
}

// --- the command line ---

static size_t parse_heap_size(const char *text) {
    char *end;
    errno = 0;
    unsigned long long size = strtoull(text, &end, 10);
    unsigned shift = 0;
    if (*end == 'k' || *end == 'K') {
        shift = 10;
        end++;
    } else if (*end == 'm' || *end == 'M') {
        shift = 20;
        end++;
    }
    if (errno != 0 || end == text || *end != '\0' || size > (SIZE_MAX >> 4) >> shift || (size << shift) < 16384) {
        program_refuse("-X heapsize=%s: a number of bytes, at least 16k, is needed", text);
    }
    return (size_t)(size << shift);
}

// What follows -X.
static void parse_implementation_option(const char *option) {
    static const struct { const char *name; uint emitter; } emitters[] = {
        { "emit=bytecode", MP_EMIT_OPT_BYTECODE },
        { "emit=native", MP_EMIT_OPT_NATIVE_PYTHON },
        { "emit=viper", MP_EMIT_OPT_VIPER },
    };
    if (strncmp(option, "heapsize=", 9) == 0) {
        program_options.heap_size = parse_heap_size(option + 9);
        return;
    }
    for (size_t i = 0; i < MP_ARRAY_SIZE(emitters); i++) {
        if (strcmp(option, emitters[i].name) == 0) {
            program_options.emitter = emitters[i].emitter;
            return;
        }
    }
    program_refuse("unknown option '-X %s'; see mp --help", option);
}

// The value of an option: "--name value" or "--name=value". NULL when argv[*i] is another option.
static const char *option_value(int argc, char **argv, int *i, const char *name) {
    size_t len = strlen(name);
    if (strncmp(argv[*i], name, len) != 0) {
        return NULL;
    }
    if (argv[*i][len] == '=' && name[1] == '-') {
        return argv[*i] + len + 1;
    }
    if (argv[*i][len] != '\0') {
        return NULL;
    }
    if (*i + 1 >= argc) {
        program_refuse("option '%s' needs a value; see mp --help", name);
    }
    return argv[++*i];
}

void program_parse(int argc, char **argv) {
    int i;
    for (i = 1; i < argc && program_options.run == RUN_NOTHING; i++) {
        const char *arg = argv[i];
        const char *value;
        if (PROGRAM_REPL_HELP[0] != '\0' && strncmp(arg, "repl=", 5) == 0) {
            program_options.repl = arg + 5;
        } else if (arg[0] != '-') {
            program_options.run = RUN_FILE;
            program_options.what = arg;
        } else if (strcmp(arg, "-") == 0) {
            program_options.run = RUN_STDIN;
            program_options.what = arg;
        } else if (strcmp(arg, "-h") == 0 || strcmp(arg, "--help") == 0) {
            print_help();
            exit(0);
        } else if (strcmp(arg, "--version") == 0) {
            puts(MICROPY_BANNER_NAME_AND_VERSION "; " MICROPY_BANNER_MACHINE);
            exit(0);
        } else if (strcmp(arg, "-i") == 0) {
            program_options.inspect = true;
        } else if (strspn(arg + 1, "O") == strlen(arg + 1)) {
            program_options.optimise += (int)strlen(arg + 1);
        } else if (strcmp(arg, "-v") == 0) {
            mp_verbose_flag++;
        } else if ((value = option_value(argc, argv, &i, "-c")) != NULL) {
            program_options.run = RUN_COMMAND;
            program_options.what = value;
        } else if ((value = option_value(argc, argv, &i, "-m")) != NULL) {
            program_options.run = RUN_MODULE;
            program_options.what = value;
        } else if ((value = option_value(argc, argv, &i, "--link")) != NULL) {
            program_options.link = value;
        } else if ((value = option_value(argc, argv, &i, "--capture")) != NULL) {
            program_options.capture = value;
        } else if ((value = option_value(argc, argv, &i, "-X")) != NULL) {
            parse_implementation_option(value);
        } else {
            program_refuse("unknown option '%s'; see mp --help", arg);
        }
    }
    program_options.args = argv + i;
}

