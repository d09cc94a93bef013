// What MicroPython is on Linux, beyond what it is everywhere.

#include <unistd.h>

#include "ports/mp/mpconfig.h"

#define MICROPY_BANNER_MACHINE "linux"
#define MICROPY_PY_SYS_PLATFORM "linux"
#define MICROPY_PY_SYS_PATH_DEFAULT ".frozen:~/.micropython/lib:/usr/lib/micropython"

// --- the machine ---

#if defined(__x86_64__)
#define MICROPY_EMIT_X64 (1)
#elif defined(__i386__)
#define MICROPY_EMIT_X86 (1)
#endif

#if !(defined(__x86_64__) || defined(__i386__) || defined(__arm__))
#define MICROPY_GCREGS_SETJMP (1)
#endif

void mp_unix_alloc_exec(size_t min_size, void **ptr, size_t *size);
void mp_unix_free_exec(void *ptr, size_t size);
#define MP_PLAT_ALLOC_EXEC(min_size, ptr, size) mp_unix_alloc_exec(min_size, ptr, size)
#define MP_PLAT_FREE_EXEC(ptr, size) mp_unix_free_exec(ptr, size)

#define MICROPY_ALLOC_PATH_MAX (4096)

// What the options of the command line say of the heap. It grows so far that a runaway program ends before the machine.
#define PROGRAM_HEAP_SIZE (64 * 1024 * 1024)
#define PROGRAM_HEAP_GROWTH (16)
#define PROGRAM_HEAP_HELP " (64m without it); it grows to 16 times that"
// Where else the prompt can be had.
#define PROGRAM_REPL_HELP ""

// --- the prompt ---

#define MICROPY_READLINE_HISTORY_SIZE (100)

// --- files ---

#define MICROPY_VFS_POSIX (1)
#define MICROPY_VFS_ROM (1)
#define MICROPY_VFS_ROM_IOCTL (0)
#define MICROPY_READER_POSIX (1)
#define MICROPY_HELPER_LEXER_UNIX (1)

// --- modules ---

#define MICROPY_PY_SYS_EXECUTABLE (1)

#define MICROPY_PY_OS_INCLUDEFILE "ports/unix/modos.c"
#define MICROPY_PY_OS_SYSTEM (1)

#define MICROPY_PY_MACHINE (1)
#define MICROPY_PY_MACHINE_PULSE (1)
#define MICROPY_PY_MACHINE_PIN_BASE (1)
#define MICROPY_PY_MACHINE_INCLUDEFILE "ports/unix/modmachine.c"
#define MICROPY_MACHINE_MEM_GET_READ_ADDR mod_machine_mem_get_addr
#define MICROPY_MACHINE_MEM_GET_WRITE_ADDR mod_machine_mem_get_addr
#define MICROPY_PLAT_DEV_MEM (1)
