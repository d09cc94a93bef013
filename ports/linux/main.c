// The program mp: MicroPython with baresock's network.

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "py/builtin.h"
#include "py/compile.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/objstr.h"
#include "py/runtime.h"
#include "extmod/vfs.h"
#include "extmod/vfs_posix.h"

#include "baresock/net.h"
#include "port.h"
#include "ports/linux/mpmain.h"
#include "python/pynet.h"

#define STACK_LIMIT (2 * 1024 * 1024)
#define EXIT_USAGE 2

// How much larger than its first part the heap may become, so that a runaway program ends before the machine does.
#define HEAP_GROWTH (16)

// What the command line asks for.
static struct {
    enum { RUN_NOTHING, RUN_COMMAND, RUN_MODULE, RUN_FILE, RUN_STDIN } run;
    const char *what;       // command, module or file
    char **args;            // what becomes sys.argv after its first item
    const char *link;
    const char *capture;
    size_t heap_size;
    int optimise;
    uint emitter;
    bool inspect;
} options = {
    .heap_size = sizeof(void *) * 8 * 1024 * 1024,
};

static void NORETURN usage_error(const char *format, ...) {
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
        "  -X heapsize=N   size of the heap in bytes, or with k or m behind (now %zuk); it grows to %d times that\n"
        "  -X emit=E       compile to bytecode (the default), native or viper code\n"
        "  --link LINK     the network's link, instead of BARESOCK_LINK or the default (%s)\n"
        "  --capture FILE  record the link's frames in FILE (pcapng)\n"
        "  --version       print the version\n"
        "  --help          print this\n"
        "\n"
        "Links and filters, joined by +, as in slirp+capture:out.pcapng:\n",
        options.heap_size / 1024, HEAP_GROWTH, port_default_link());
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
        usage_error("-X heapsize=%s: a number of bytes, at least 16k, is needed", text);
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
        options.heap_size = parse_heap_size(option + 9);
        return;
    }
    for (size_t i = 0; i < MP_ARRAY_SIZE(emitters); i++) {
        if (strcmp(option, emitters[i].name) == 0) {
            options.emitter = emitters[i].emitter;
            return;
        }
    }
    usage_error("unknown option '-X %s'; see mp --help", option);
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
        usage_error("option '%s' needs a value; see mp --help", name);
    }
    return argv[++*i];
}

static void parse_options(int argc, char **argv) {
    int i;
    for (i = 1; i < argc && options.run == RUN_NOTHING; i++) {
        const char *arg = argv[i];
        const char *value;
        if (arg[0] != '-') {
            options.run = RUN_FILE;
            options.what = arg;
        } else if (strcmp(arg, "-") == 0) {
            options.run = RUN_STDIN;
            options.what = arg;
        } else if (strcmp(arg, "-h") == 0 || strcmp(arg, "--help") == 0) {
            print_help();
            exit(0);
        } else if (strcmp(arg, "--version") == 0) {
            puts(MICROPY_BANNER_NAME_AND_VERSION "; " MICROPY_BANNER_MACHINE);
            exit(0);
        } else if (strcmp(arg, "-i") == 0) {
            options.inspect = true;
        } else if (strspn(arg + 1, "O") == strlen(arg + 1)) {
            options.optimise += (int)strlen(arg + 1);
        } else if (strcmp(arg, "-v") == 0) {
            mp_verbose_flag++;
        } else if ((value = option_value(argc, argv, &i, "-c")) != NULL) {
            options.run = RUN_COMMAND;
            options.what = value;
        } else if ((value = option_value(argc, argv, &i, "-m")) != NULL) {
            options.run = RUN_MODULE;
            options.what = value;
        } else if ((value = option_value(argc, argv, &i, "--link")) != NULL) {
            options.link = value;
        } else if ((value = option_value(argc, argv, &i, "--capture")) != NULL) {
            options.capture = value;
        } else if ((value = option_value(argc, argv, &i, "-X")) != NULL) {
            parse_implementation_option(value);
        } else {
            usage_error("unknown option '%s'; see mp --help", arg);
        }
    }
    options.args = argv + i;
}

// --- the link that the command line names ---

// Whether the environment says something about the network.
static bool environment_names_network(void) {
    static const char *const names[] = {
        "BARESOCK_LINK", "BARESOCK_IP4", "BARESOCK_IP6", "BARESOCK_DNS", "BARESOCK_HOSTNAME",
    };
    for (size_t i = 0; i < MP_ARRAY_SIZE(names); i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return true;
        }
    }
    return false;
}

// Says in one sentence who named a link that can't be used, and why it can't.
static NORETURN void refuse_link(void) {
    const char *why = bs_net_why()[0] != '\0' ? bs_net_why() : strerror(errno);
    if (strncmp(why, "BARESOCK_", strlen("BARESOCK_")) == 0) {
        usage_error("%s", why);
    }
    usage_error("%s: %s", options.link != NULL ? "--link" : options.capture != NULL ? "--capture" : "BARESOCK_LINK", why);
}

// Opens a link that somebody named at once, so that what is wrong with it is told before anything runs. The variable
// makes it the default link, also after lwip.reset().
static void open_link(void) {
    char string[BS_LINK_STRING];
    const char *base = options.link;
    size_t len;

    if (options.link == NULL && options.capture == NULL && !environment_names_network()) {
        return;
    }
    if (base == NULL) {
        base = getenv("BARESOCK_LINK");
    }
    if (base == NULL || base[0] == '\0') {
        base = port_default_link();
    }
    len = strlen(base);
    if (len < sizeof(string)) {
        strcpy(string, base);
    }
    if (options.capture != NULL && len + sizeof("+capture:") < sizeof(string)) {
        strcpy(string + len, "+capture:");
        len += strlen("+capture:");
        for (const char *p = options.capture; *p != '\0' && len + 2 < sizeof(string); p++) {
            if (strchr("+,\\=", *p) != NULL) {
                string[len++] = '\\';
            }
            string[len++] = *p;
        }
        string[len] = '\0';
        if (len + 2 >= sizeof(string)) {
            len = sizeof(string);
        }
    }
    if (len >= sizeof(string)) {
        usage_error("%s: too long", options.link != NULL ? "--link" : "--capture");
    }
    setenv("BARESOCK_LINK", string, 1);
    if (bs_net_up(string, NULL) < 0) {
        refuse_link();
    }
    pynet_use();
}

// --- running Python ---

int exception_status(void *exception_in) {
    mp_obj_t exception = MP_OBJ_FROM_PTR(exception_in);
    if (!mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(mp_obj_get_type(exception)), MP_OBJ_FROM_PTR(&mp_type_SystemExit))) {
        mp_obj_print_exception(&mp_stderr_print, exception);
        return 1;
    }
    mp_obj_t value = mp_obj_exception_get_value(exception);
    mp_int_t status;
    if (value == mp_const_none) {
        return 0;
    }
    if (mp_obj_get_int_maybe(value, &status)) {
        return status & 0xff;
    }
    mp_obj_print_helper(&mp_stderr_print, value, PRINT_STR);
    mp_print_str(&mp_stderr_print, "\n");
    return 1;
}

typedef mp_obj_t (*run_fun_t)(void *arg);

// Calls a function with Ctrl-C enabled. Returns the exit status that it comes to.
static int run_protected(run_fun_t fun, void *arg) {
    nlr_buf_t nlr;
    int status = 0;
    mp_hal_set_interrupt_char(CHAR_CTRL_C);
    if (nlr_push(&nlr) == 0) {
        fun(arg);
        mp_handle_pending(true);
        nlr_pop();
        mp_hal_set_interrupt_char(-1);
    } else {
        mp_hal_set_interrupt_char(-1);
        mp_handle_pending(false);
        status = exception_status(nlr.ret_val);
    }
    return status;
}

static mp_obj_t run_lexer(void *arg) {
    mp_lexer_t *lexer;
    qstr name = MP_QSTR__lt_stdin_gt_;
    (void)arg;
    if (options.run == RUN_COMMAND) {
        name = MP_QSTR__lt_string_gt_;
        lexer = mp_lexer_new_from_str_len(name, options.what, strlen(options.what), 0);
    } else if (options.run == RUN_FILE) {
        name = qstr_from_str(options.what);
        lexer = mp_lexer_new_from_file(name);
        mp_store_global(MP_QSTR___file__, MP_OBJ_NEW_QSTR(name));
    } else {
        lexer = mp_lexer_new_from_fd(name, STDIN_FILENO, false);
    }
    mp_parse_tree_t tree = mp_parse(lexer, MP_PARSE_FILE_INPUT);
    return mp_call_function_0(mp_compile(&tree, name, false));
}

static mp_obj_t import_as_main(const char *name) {
    // False as "fromlist" asks upstream's __import__ for the module itself, run as __main__.
    mp_obj_t args[] = {mp_obj_new_str_from_cstr(name), mp_const_none, mp_const_none, mp_const_false};
    return mp_builtin___import__(MP_ARRAY_SIZE(args), args);
}

static mp_obj_t run_module(void *arg) {
    (void)arg;
    mp_obj_t module = import_as_main(options.what);
    mp_obj_t path[2];
    mp_load_method_protected(module, MP_QSTR___path__, path, true);
    if (path[0] != MP_OBJ_NULL) {
        // A package: its program is in __main__.py.
        vstr_t name;
        vstr_init(&name, 64);
        vstr_printf(&name, "%s.__main__", options.what);
        module = import_as_main(vstr_null_terminated_str(&name));
    }
    return module;
}

static mp_obj_t run_exitfunc(void *arg) {
    (void)arg;
    return mp_call_function_0(MP_STATE_VM(sys_exitfunc));
}

// --- start and end ---

static void mount_host_files(void) {
    mp_obj_t args[] = {
        MP_OBJ_TYPE_GET_SLOT(&mp_type_vfs_posix, make_new)(&mp_type_vfs_posix, 0, 0, NULL),
        MP_OBJ_NEW_QSTR(MP_QSTR__slash_),
    };
    mp_vfs_mount(MP_ARRAY_SIZE(args), args, (mp_map_t *)&mp_const_empty_map);
    // The root comes last in the table; being in it must not change the working directory.
    mp_vfs_mount_t *mount = MP_STATE_VM(vfs_mount_table);
    while (mount->next != NULL) {
        mount = mount->next;
    }
    MP_STATE_VM(vfs_cur) = mount;
}

static void append_path(const char *dir, size_t len) {
    const char *home = getenv("HOME");
    if (len >= 2 && dir[0] == '~' && dir[1] == '/' && home != NULL) {
        vstr_t path;
        vstr_init(&path, strlen(home) + len);
        vstr_add_str(&path, home);
        vstr_add_strn(&path, dir + 1, len - 1);
        mp_obj_list_append(mp_sys_path, mp_obj_new_str_from_vstr(&path));
    } else {
        mp_obj_list_append(mp_sys_path, mp_obj_new_str(dir, len));
    }
}

// The script's folder (none for other programs: the working directory), then MICROPYPATH.
static void set_sys_path(void) {
    char real[PATH_MAX];
    const char *path = getenv("MICROPYPATH");
    mp_sys_path = mp_obj_new_list(0, NULL);
    if (options.run == RUN_FILE && realpath(options.what, real) != NULL) {
        append_path(real, (size_t)(strrchr(real, '/') - real));
    } else {
        append_path("", 0);
    }
    if (path == NULL) {
        path = MICROPY_PY_SYS_PATH_DEFAULT;
    }
    while (*path != '\0') {
        size_t len = strcspn(path, ":");
        if (len > 0) {
            append_path(path, len);
        }
        path += len + (path[len] == ':');
    }
}

static void set_sys_argv(void) {
    mp_obj_list_init(MP_OBJ_TO_PTR(mp_sys_argv), 0);
    const char *first = options.run == RUN_NOTHING ? "" : options.run == RUN_COMMAND ? "-c" : options.what;
    mp_obj_list_append(mp_sys_argv, mp_obj_new_str_from_cstr(first));
    for (char **arg = options.args; *arg != NULL; arg++) {
        mp_obj_list_append(mp_sys_argv, mp_obj_new_str_from_cstr(*arg));
    }
}

extern mp_obj_str_t mp_sys_executable_obj;

static void set_sys_executable(void) {
    static char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (len > 0) {
        mp_obj_str_set_data(&mp_sys_executable_obj, (const byte *)path, (size_t)len);
    }
}

static void check_script(void) {
    struct stat status;
    int fd = open(options.what, O_RDONLY);
    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        close(fd);
        fd = -1;
    }
    if (fd < 0) {
        usage_error("can't open '%s': %s", options.what, strerror(errno));
    }
    close(fd);
}

// --- the heap beyond its first part ---

static size_t heap_grown;

void *mp_port_alloc_heap(size_t size) {
    void *heap = malloc(size);
    heap_grown += heap != NULL ? malloc_usable_size(heap) : 0;
    return heap;
}

void mp_port_free_heap(void *heap) {
    heap_grown -= malloc_usable_size(heap);
    free(heap);
}

size_t gc_get_max_new_split(void) {
    size_t limit = options.heap_size * (HEAP_GROWTH - 1);
    return limit > heap_grown ? limit - heap_grown : 0;
}

MP_NOINLINE static int run(void) {
    int status = 0;
    char *heap = malloc(options.heap_size);
    if (heap == NULL) {
        usage_error("-X heapsize: not enough memory");
    }
    gc_init(heap, heap + options.heap_size);
    mp_init();
    MP_STATE_VM(mp_optimise_value) = options.optimise;
    MP_STATE_VM(default_emit_opt) = options.emitter;
    mount_host_files();
    set_sys_path();
    set_sys_argv();
    set_sys_executable();

    if (options.run == RUN_NOTHING && !isatty(STDIN_FILENO) && !options.inspect) {
        options.run = RUN_STDIN;
    }
    mp_port_catch_sigint(true);
    if (options.run == RUN_MODULE) {
        status = run_protected(run_module, NULL);
    } else if (options.run != RUN_NOTHING) {
        status = run_protected(run_lexer, NULL);
    }
    if (options.run == RUN_NOTHING || options.inspect) {
        status = prompt_run();
    }
    if (mp_obj_is_callable(MP_STATE_VM(sys_exitfunc))) {
        int exit_status = run_protected(run_exitfunc, NULL);
        status = exit_status != 0 ? exit_status : status;
    }

    // From here on a Ctrl-C ends the wait for peers that don't answer.
    mp_port_catch_sigint(false);
    bs_net_shutdown();
    mp_deinit();
    free(heap);
    return status;
}

int main(int argc, char **argv) {
    mp_cstack_init_with_sp_here(STACK_LIMIT);
    // As in CPython: a reader that went away is EPIPE.
    signal(SIGPIPE, SIG_IGN);
    parse_options(argc, argv);
    if (options.run == RUN_FILE) {
        check_script();
    }
    open_link();
    // Not a tail call: this frame is the top of the stack that the collector looks at.
    exit(run());
}

void nlr_jump_fail(void *val) {
    (void)val;
    mp_hal_stdio_mode_orig();
    fputs("mp: an exception had nowhere to go\n", stderr);
    abort();
}
