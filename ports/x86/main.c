// The program mp on a bare x86 machine: its heap, its files, its start and end.

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "py/builtin.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/objstr.h"
#include "py/runtime.h"
#include "shared/runtime/gchelper.h"

#include "baresock/net.h"
#include "i386/net_console.h"
#include "ports/mp/program.h"
#include "ports/x86/ramdisk.h"
#include "python/pynet.h"
#include "x86/x86.h"

// What C may still take of the stack where Python may take no more.
#define STACK_RESERVE 8192

extern char x86_stack[], x86_stack_top[];

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
    size_t left = x86_memory_left() + mallinfo().fordblks;
    if (program_options.heap_size != 0 || left < X86_HEAP_RESERVE) {
        return 0;
    }
    return left - X86_HEAP_RESERVE;
}

void gc_collect(void) {
    gc_collect_start();
    gc_helper_collect_regs_and_stack();
    gc_collect_end();
}

static void init_heap(void) {
    if (program_options.heap_size != 0) {
        char *heap = malloc(program_options.heap_size);
        if (heap == NULL) {
            program_refuse("-X heapsize: not enough memory");
        }
        gc_init(heap, heap + program_options.heap_size);
    } else {
        struct x86_region low = x86_memory_low();
        gc_init((void *)low.start, (void *)low.end);
    }
}

// --- start and end ---

static void set_sys_path(void) {
    mp_sys_path = mp_obj_new_list(0, NULL);
    mp_obj_list_append(mp_sys_path, MP_OBJ_NEW_QSTR(MP_QSTR_));
    mp_obj_list_append(mp_sys_path, MP_OBJ_NEW_QSTR(MP_QSTR__dot_frozen));
    mp_obj_list_append(mp_sys_path, MP_OBJ_NEW_QSTR(MP_QSTR__slash_lib));
}

// Returns false when the files could not be had.
static bool mount_files(bool first) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        mp_obj_print_exception(&mp_stderr_print, MP_OBJ_FROM_PTR(nlr.ret_val));
        return false;
    }
    ramdisk_mount();
    if (first) {
        ramdisk_add_modules();
    }
    nlr_pop();
    return true;
}

// --- the prompt ---

static bool prompt_ended;

// The prompt over TCP is a second line to the console.
static void open_repl(void) {
    static const struct console_line line = {x86_console_put, x86_console_has_room};
    if (program_options.repl == NULL) {
        return;
    }
    int err = net_console_open(program_options.repl, &line);
    if (err == -EINVAL) {
        program_refuse("repl=%s: write repl=tcp:PORT", program_options.repl);
    } else if (err != 0) {
        program_refuse("repl=%s: %s", program_options.repl, bs_net_why()[0] != '\0' ? bs_net_why() : strerror(-err));
    }
    pynet_use();
}

// --- a life of Python, from an empty heap to one that is given up ---

static int run_program(void) {
    if (program_options.run == RUN_FILE && mp_import_stat(program_options.what) != MP_IMPORT_STAT_FILE) {
        program_refuse("can't open '%s': %s", program_options.what, strerror(ENOENT));
    }
    return program_run();
}

// Returns the exit status.
MP_NOINLINE static int run(bool first) {
    init_heap();
    mp_init();
    MP_STATE_VM(mp_optimise_value) = program_options.optimise;
    MP_STATE_VM(default_emit_opt) = program_options.emitter;
    set_sys_path();
    program_set_argv();
    int status = mount_files(first) ? 0 : 1;
    if (first && status == 0) {
        status = run_program();
    }
    prompt_ended = true;
    if (program_options.run == RUN_NOTHING || program_options.inspect) {
        status = program_prompt(&prompt_ended);
    }
    int exit_status = program_at_exit();
    bs_net_shutdown();
    mp_deinit();
    return exit_status != 0 ? exit_status : status;
}

int main(int argc, char **argv) {
    mp_cstack_init_with_top(x86_stack_top, (mp_uint_t)(x86_stack_top - x86_stack) - STACK_RESERVE);
    program_parse(argc, argv);
    if (program_options.run == RUN_STDIN) {
        program_options.run = RUN_NOTHING;
    }
    program_open_link();
    open_repl();
    int status = run(true);
    // After Ctrl-D at the prompt. What is on the disk stays.
    while (!prompt_ended) {
        mp_hal_stdout_tx_str("MPY: soft reboot\r\n");
        program_open_link();
        status = run(false);
    }
    exit(status);
}

void nlr_jump_fail(void *val) {
    (void)val;
    mp_hal_stdout_tx_str("mp: an exception had nowhere to go\r\n");
    x86_power_off(126);
}
