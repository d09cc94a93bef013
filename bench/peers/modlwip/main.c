// The program mp-modlwip: runs one script with upstream's modlwip.

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "py/builtin.h"
#include "py/compile.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "extmod/vfs.h"
#include "extmod/vfs_posix.h"

#include "bench/peers/modlwip/network.h"
#include "ports/linux/mpmain.h"

// As in mp.
#define STACK_LIMIT (2 * 1024 * 1024)
#define HEAP_SIZE (sizeof(void *) * 8 * 1024 * 1024)
#define HEAP_GROWTH (16)

static size_t heap_size = HEAP_SIZE;
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
    size_t limit = heap_size * (HEAP_GROWTH - 1);
    return limit > heap_grown ? limit - heap_grown : 0;
}

static void mount_host_files(void) {
    mp_obj_t args[] = {
        MP_OBJ_TYPE_GET_SLOT(&mp_type_vfs_posix, make_new)(&mp_type_vfs_posix, 0, 0, NULL),
        MP_OBJ_NEW_QSTR(MP_QSTR__slash_),
    };
    mp_vfs_mount(MP_ARRAY_SIZE(args), args, (mp_map_t *)&mp_const_empty_map);
    MP_STATE_VM(vfs_cur) = MP_STATE_VM(vfs_mount_table);
}

static void set_sys(char **argv) {
    mp_sys_path = mp_obj_new_list(0, NULL);
    mp_obj_list_append(mp_sys_path, MP_OBJ_NEW_QSTR(MP_QSTR_));
    mp_obj_list_append(mp_sys_path, MP_OBJ_NEW_QSTR(MP_QSTR__dot_frozen));
    mp_obj_list_init(MP_OBJ_TO_PTR(mp_sys_argv), 0);
    for (; *argv != NULL; argv++) {
        mp_obj_list_append(mp_sys_argv, mp_obj_new_str_from_cstr(*argv));
    }
}

static int exit_status(mp_obj_t exception) {
    if (!mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(mp_obj_get_type(exception)), MP_OBJ_FROM_PTR(&mp_type_SystemExit))) {
        mp_obj_print_exception(&mp_stderr_print, exception);
        return 1;
    }
    mp_obj_t value = mp_obj_exception_get_value(exception);
    mp_int_t status;
    return value == mp_const_none ? 0 : mp_obj_get_int_maybe(value, &status) ? status & 0xff : 1;
}

static int run_script(const char *name) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        return exit_status(MP_OBJ_FROM_PTR(nlr.ret_val));
    }
    qstr source = qstr_from_str(name);
    mp_lexer_t *lexer = mp_lexer_new_from_file(source);
    mp_parse_tree_t tree = mp_parse(lexer, MP_PARSE_FILE_INPUT);
    mp_call_function_0(mp_compile(&tree, source, false));
    nlr_pop();
    return 0;
}

MP_NOINLINE static int run(char **argv) {
    char *heap = malloc(heap_size);
    if (heap == NULL) {
        fputs("mp-modlwip: not enough memory\n", stderr);
        return 1;
    }
    gc_init(heap, heap + heap_size);
    mp_init();
    mount_host_files();
    set_sys(argv);
    mp_hal_set_interrupt_char(CHAR_CTRL_C);
    mp_port_catch_sigint(true);
    int status = run_script(argv[0]);
    mp_deinit();
    free(heap);
    return status;
}

int main(int argc, char **argv) {
    mp_cstack_init_with_sp_here(STACK_LIMIT);
    signal(SIGPIPE, SIG_IGN);
    argv++;
    if (argc > 3 && strcmp(argv[0], "-X") == 0 && strncmp(argv[1], "heapsize=", 9) == 0) {
        char *unit;
        heap_size = strtoull(argv[1] + 9, &unit, 10) << (*unit == 'm' ? 20 : *unit == 'k' ? 10 : 0);
        argv += 2;
    }
    if (argv[0] == NULL || argv[0][0] == '-') {
        fputs("usage: mp-modlwip [-X heapsize=N[k|m]] SCRIPT [ARGUMENT...]\n"
            "The network is what BENCH_LINK (a link string) and BENCH_IP4 (ADDRESS/LENGTH[,GATEWAY]) say.\n", stderr);
        return 2;
    }
    if (!network_up()) {
        return 1;
    }
    // Not a tail call: this frame is the top of the stack that the collector looks at.
    exit(run(argv));
}

void nlr_jump_fail(void *val) {
    (void)val;
    fputs("mp-modlwip: an exception had nowhere to go\n", stderr);
    abort();
}
