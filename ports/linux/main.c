// The program mp on Linux: its heap, its files, its start and end.

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "py/builtin.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/objstr.h"
#include "py/runtime.h"
#include "extmod/vfs.h"
#include "extmod/vfs_posix.h"

#include "baresock/net.h"
#include "ports/linux/mpmain.h"
#include "ports/mp/program.h"

#define STACK_LIMIT (2 * 1024 * 1024)

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
    if (program_options.run == RUN_FILE && realpath(program_options.what, real) != NULL) {
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
    int fd = open(program_options.what, O_RDONLY);
    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        close(fd);
        fd = -1;
    }
    if (fd < 0) {
        program_refuse("can't open '%s': %s", program_options.what, strerror(errno));
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
    size_t limit = program_options.heap_size * (PROGRAM_HEAP_GROWTH - 1);
    return limit > heap_grown ? limit - heap_grown : 0;
}

MP_NOINLINE static int run(void) {
    char *heap = malloc(program_options.heap_size);
    if (heap == NULL) {
        program_refuse("-X heapsize: not enough memory");
    }
    gc_init(heap, heap + program_options.heap_size);
    mp_init();
    MP_STATE_VM(mp_optimise_value) = program_options.optimise;
    MP_STATE_VM(default_emit_opt) = program_options.emitter;
    mount_host_files();
    set_sys_path();
    program_set_argv();
    set_sys_executable();

    if (program_options.run == RUN_NOTHING && !isatty(STDIN_FILENO) && !program_options.inspect) {
        program_options.run = RUN_STDIN;
    }
    mp_port_catch_sigint(true);
    int status = program_run();
    if (program_options.run == RUN_NOTHING || program_options.inspect) {
        bool exited;
        history_load();
        status = program_prompt(&exited);
        history_save();
    }
    int exit_status = program_at_exit();
    status = exit_status != 0 ? exit_status : status;

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
    program_parse(argc, argv);
    if (program_options.run == RUN_FILE) {
        check_script();
    }
    program_open_link();
    // Not a tail call: this frame is the top of the stack that the collector looks at.
    exit(run());
}

void nlr_jump_fail(void *val) {
    (void)val;
    mp_hal_stdio_mode_orig();
    fputs("mp: an exception had nowhere to go\n", stderr);
    abort();
}
