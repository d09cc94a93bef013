// What MicroPython is on a bare x86 machine, beyond what it is everywhere.

#include "ports/mp/mpconfig.h"

#define MICROPY_BANNER_MACHINE "x86"
#define MICROPY_PY_SYS_PLATFORM "x86"
#define MICROPY_PY_SYS_PATH_DEFAULT ".frozen:/lib"

// --- the machine ---

#define MICROPY_EMIT_X86 (1)

// --- memory: what is below 640 KB first, then from malloc(), of which some is left for the network and for files ---

#define MICROPY_ALLOC_PATH_MAX (256)
#define PROGRAM_HEAP_SIZE (0)
#define PROGRAM_HEAP_HELP " (all memory without it)"
// Where else the prompt can be had.
#define PROGRAM_REPL_HELP "  repl=tcp:PORT   give the prompt to telnet clients as well\n"
#define X86_HEAP_RESERVE (128 * 1024)

// --- the prompt ---

#define MICROPY_READLINE_HISTORY_SIZE (20)

// --- files: littlefs on a disk in memory ---

#define MICROPY_PY_SYS_STDIO_BUFFER (1)

// --- modules ---

#define MICROPY_PY_OS_INCLUDEFILE "ports/mp/modos.c"
#define MICROPY_PY_OS_UNAME (1)
#define MICROPY_HW_BOARD_NAME "baresock"
#define MICROPY_HW_MCU_NAME "i386"

#define MICROPY_PY_MACHINE (1)
#define MICROPY_PY_MACHINE_RESET (1)
#define MICROPY_PY_MACHINE_MEMX (1)
#define MICROPY_PY_MACHINE_INCLUDEFILE "ports/x86/modmachine.c"
