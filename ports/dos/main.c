// The program mp on DOS: its heap, its files, its start and end.

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
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
#include "shared/runtime/gchelper.h"

#include "baresock/net.h"
#include "dos/dos.h"
#include "i386/net_console.h"
#include "i386/serial.h"
#include "ports/mp/program.h"
#include "python/pynet.h"

// What C may still take of the stack where Python may take no more.
#define STACK_RESERVE 8192

extern char dos_stack[], dos_stack_top[];

// --- the heap ---

void *mp_port_alloc_heap(size_t size) {
    return malloc(size);
}

void mp_port_free_heap(void *heap) {
    free(heap);
}

// malloc() keeps something for the network and for files.
size_t gc_get_max_new_split(void) {
    // What was freed counts: parts of the heap come and go.
    size_t left = dos_memory_left() + mallinfo().fordblks;
    if (program_options.heap_size != 0 || left < DOS_HEAP_RESERVE) {
        return 0;
    }
    return left - DOS_HEAP_RESERVE;
}

void gc_collect(void) {
    gc_collect_start();
    gc_helper_collect_regs_and_stack();
    gc_collect_end();
}

static void init_heap(void) {
    size_t size = program_options.heap_size != 0 ? program_options.heap_size : DOS_FIRST_HEAP;
    char *heap;
    // Where there is little memory, the first part is smaller.
    while ((heap = malloc(size)) == NULL && program_options.heap_size == 0 && size > 16384) {
        size /= 2;
    }
    if (heap == NULL) {
        program_refuse("%s: not enough memory", program_options.heap_size != 0 ? "-X heapsize" : "start");
    }
    gc_init(heap, heap + size);
}

// --- files ---

static void mount_files(void) {
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

// The script's folder (none for other programs: the working directory), then MICROPYPATH.
static void set_sys_path(void) {
    const char *path = getenv("MICROPYPATH");
    size_t len = program_options.run == RUN_FILE ? dos_folder_len(program_options.what) : 0;
    mp_sys_path = mp_obj_new_list(0, NULL);
    if (len > 0 && program_options.what[len - 1] != ':' && (len < 2 || program_options.what[len - 2] != ':')) {
        len--;
    }
    mp_obj_list_append(mp_sys_path, mp_obj_new_str(program_options.run == RUN_FILE ? program_options.what : "", len));
    if (path == NULL) {
        path = MICROPY_PY_SYS_PATH_DEFAULT;
    }
    while (*path != '\0') {
        len = strcspn(path, ";");
        if (len > 0) {
            mp_obj_list_append(mp_sys_path, mp_obj_new_str(path, len));
        }
        path += len + (path[len] == ';');
    }
}

extern mp_obj_str_t mp_sys_executable_obj;

static void check_script(void) {
    int fd = open(program_options.what, O_RDONLY);
    if (fd < 0) {
        program_refuse("can't open '%s': %s", program_options.what, strerror(errno));
    }
    close(fd);
}

// A second line to the console: COM1, or over TCP.
static void open_repl(void) {
    static const struct console_line line = {dos_console_put, dos_console_has_room};
    if (program_options.repl == NULL) {
        return;
    }
    if (strcmp(program_options.repl, "com1") == 0) {
        if (!serial_open(&line)) {
            program_refuse("repl=com1: there is no serial port at 0x3f8");
        }
        return;
    }
    int err = net_console_open(program_options.repl, &line);
    if (err == -EINVAL) {
        program_refuse("repl=%s: write repl=tcp:PORT or repl=com1", program_options.repl);
    } else if (err != 0) {
        program_refuse("repl=%s: %s", program_options.repl, bs_net_why()[0] != '\0' ? bs_net_why() : strerror(-err));
    }
    pynet_use();
}

// --- start and end ---

MP_NOINLINE static int run(const char *program) {
    init_heap();
    mp_init();
    MP_STATE_VM(mp_optimise_value) = program_options.optimise;
    MP_STATE_VM(default_emit_opt) = program_options.emitter;
    mount_files();
    set_sys_path();
    program_set_argv();
    mp_obj_str_set_data(&mp_sys_executable_obj, (const byte *)program, strlen(program));

    if (program_options.run == RUN_NOTHING && !isatty(STDIN_FILENO) && !program_options.inspect) {
        program_options.run = RUN_STDIN;
    }
    int status = program_run();
    if (program_options.run == RUN_NOTHING || program_options.inspect) {
        bool exited;
        status = program_prompt(&exited);
    }
    int exit_status = program_at_exit();
    status = exit_status != 0 ? exit_status : status;
    bs_net_shutdown();
    mp_deinit();
    return status;
}

int main(int argc, char **argv) {
    mp_cstack_init_with_top(dos_stack_top, (mp_uint_t)(dos_stack_top - dos_stack) - STACK_RESERVE);
    mp_hal_set_interrupt_char(-1);
    program_parse(argc, argv);
    if (program_options.run == RUN_FILE) {
        check_script();
    }
    program_open_link();
    open_repl();
    exit(run(argv[0]));
}

void nlr_jump_fail(void *val) {
    (void)val;
    fputs("mp: an exception had nowhere to go\n", stderr);
    abort();
}
