// What MicroPython is on every machine of ours: the features of upstream's unix "standard" variant, without threads,
// ffi, btree and jni; sockets, select and network are ours (python/). A machine's own mpconfigport.h includes this.

#include <alloca.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "python/pyerrno.h"

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

#define MICROPY_BANNER_NAME_AND_VERSION "MicroPython v" MICROPY_VERSION_STRING "; baresock " BS_VERSION
// printf() is the C library's, which libbaresock expects.
#define MICROPY_USE_INTERNAL_PRINTF (0)

typedef long mp_int_t;
typedef unsigned long mp_uint_t;
typedef long mp_off_t;

#define MP_STATE_PORT MP_STATE_VM
#define MICROPY_EPOCH_IS_1970 (1)

// --- memory: a first heap, and more from malloc() when it is full ---

void *mp_port_alloc_heap(size_t size);
void mp_port_free_heap(void *heap);
#define MP_PLAT_ALLOC_HEAP(size) mp_port_alloc_heap(size)
#define MP_PLAT_FREE_HEAP(heap) mp_port_free_heap(heap)
#define MICROPY_ENABLE_GC (1)
#define MICROPY_GC_SPLIT_HEAP (1)
#define MICROPY_GC_SPLIT_HEAP_AUTO (1)
// Of a block only what its user leaves unused is cleared: half of the time of a large receive would be clearing.
#define MICROPY_GC_CONSERVATIVE_CLEAR (0)
#define MICROPY_ENABLE_FINALISER (1)
#define MICROPY_ENABLE_EMERGENCY_EXCEPTION_BUF (1)
#define MICROPY_EMERGENCY_EXCEPTION_BUF_SIZE (256)
#define MICROPY_MALLOC_USES_ALLOCATED_SIZE (1)
#define MICROPY_MEM_STATS (1)
#define MICROPY_PY_GC_COLLECT_RETVAL (1)

// --- the language ---

#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_DOUBLE)
#define MICROPY_FLOAT_USE_NATIVE_FLT16 (0)
#define MICROPY_LONGINT_IMPL (MICROPY_LONGINT_IMPL_MPZ)
#define MICROPY_PERSISTENT_CODE_LOAD (1)
#define MICROPY_MODULE_OVERRIDE_MAIN_IMPORT (1)
#define MICROPY_OPT_COMPUTED_GOTO (1)
#define MICROPY_ERROR_REPORTING (MICROPY_ERROR_REPORTING_DETAILED)
#define MICROPY_WARNINGS (1)
#define MICROPY_PY_STR_BYTES_CMP_WARN (1)
#define MICROPY_DEBUG_PRINTERS (1)

extern const struct _mp_print_t mp_stderr_print;
#define MICROPY_DEBUG_PRINTER (&mp_stderr_print)
#define MICROPY_ERROR_PRINTER (&mp_stderr_print)

// --- the prompt ---

#define MICROPY_USE_READLINE (1)
#define MICROPY_USE_READLINE_HISTORY (1)
#define MICROPY_REPL_EMACS_WORDS_MOVE (1)
#define MICROPY_REPL_EMACS_EXTRA_WORDS_MOVE (1)

// While a line runs, a terminal is as the user had it; and exit() ends the prompt (ports/mp/prompt.c).
void mp_port_before_exec(unsigned flags);
void mp_port_after_exec(void *exception);
#define MICROPY_BOARD_BEFORE_PYTHON_EXEC(input_kind, exec_flags) mp_port_before_exec(exec_flags)
#define MICROPY_BOARD_AFTER_PYTHON_EXEC(input_kind, exec_flags, ret_val, ret) mp_port_after_exec(ret_val)

// As in CPython, also in scripts.
#define MICROPY_PORT_BUILTINS \
    { MP_ROM_QSTR(MP_QSTR_exit), MP_ROM_PTR(&mp_sys_exit_obj) }, \
    { MP_ROM_QSTR(MP_QSTR_quit), MP_ROM_PTR(&mp_sys_exit_obj) },

// --- modules ---

#define MICROPY_VFS (1)
#define MICROPY_READER_VFS (1)
#define MICROPY_STREAMS_POSIX_API (1)

#define MICROPY_PY_SYS_PATH_ARGV_DEFAULTS (0)
#define MICROPY_PY_SYS_ATEXIT (1)
#define MICROPY_PY_SYS_EXC_INFO (1)

#define MICROPY_PY_OS_ERRNO (1)
#define MICROPY_PY_OS_GETENV_PUTENV_UNSETENV (1)
#define MICROPY_PY_OS_URANDOM (1)

#define MICROPY_PY_TIME (1)
#define MICROPY_PY_TIME_TIME_TIME_NS (1)
#define MICROPY_PY_TIME_CUSTOM_SLEEP (1)
#define MICROPY_PY_TIME_INCLUDEFILE "ports/mp/modtime.c"

#define MICROPY_PY_WEBSOCKET (1)

void mp_hal_get_random(size_t n, void *buf);
static inline unsigned long mp_random_seed_init(void) {
    unsigned long seed;
    mp_hal_get_random(sizeof(seed), &seed);
    return seed;
}
#define MICROPY_PY_RANDOM_SEED_INIT_FUNC (mp_random_seed_init())

// --- the network: baresock's modules instead of upstream's ---

#define MICROPY_PY_SELECT (0)
#define MICROPY_PY_SOCKET (0)
#define MICROPY_PY_NETWORK (0)
#define MICROPY_PY_LWIP (0)

// A program that computes keeps the network moving: see python/pynet.h.
extern unsigned pynet_countdown;
void pynet_vm_hook(void);
#define PYNET_VM_HOOK if (--pynet_countdown == 0) { pynet_vm_hook(); }
#define MICROPY_VM_HOOK_LOOP PYNET_VM_HOOK
#define MICROPY_VM_HOOK_RETURN PYNET_VM_HOOK
