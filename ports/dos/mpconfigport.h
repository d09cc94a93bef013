// What MicroPython is on DOS, beyond what it is everywhere.

#include "ports/mp/mpconfig.h"

#define MICROPY_BANNER_MACHINE "dos"
#define MICROPY_PY_SYS_PLATFORM "dos"
#define MICROPY_PY_SYS_PATH_DEFAULT ".frozen"

// --- the machine ---

#define MICROPY_EMIT_X86 (1)

// --- memory: a first part, then from malloc(), of which some is left for the network and for files ---

#define MICROPY_ALLOC_PATH_MAX (260)
#define PROGRAM_HEAP_SIZE (0)
#define PROGRAM_HEAP_HELP " (all memory without it)"
#define DOS_FIRST_HEAP (256 * 1024)
#define DOS_HEAP_RESERVE (128 * 1024)
// Where else the prompt can be had.
#define PROGRAM_REPL_HELP "  repl=tcp:PORT   give the prompt to telnet clients as well; repl=com1 to a serial line\n"

// --- the prompt ---

#define MICROPY_READLINE_HISTORY_SIZE (50)
// DOS has no terminal that takes escape sequences, unless ANSI.SYS is loaded.
#define MICROPY_HAL_HAS_VT100 (0)

// --- Ctrl-C: no handler runs in protected mode, so the flag that it leaves is looked at ---

extern volatile unsigned char *mp_port_broke;
void mp_port_break(void);
#undef MICROPY_VM_HOOK_LOOP
#define MICROPY_VM_HOOK_LOOP PYNET_VM_HOOK if (*mp_port_broke) { mp_port_break(); }

// --- files ---

#define MICROPY_VFS_POSIX (1)
#define MICROPY_READER_POSIX (1)
#define MICROPY_HELPER_LEXER_UNIX (1)
#define MICROPY_PY_SYS_EXECUTABLE (1)

// --- modules ---

#define MICROPY_PY_OS_INCLUDEFILE "dos/modos.c" // found by a path without a dot in front, which upstream loses
#define MICROPY_PY_OS_UNAME (1)
#define MICROPY_HW_BOARD_NAME "baresock"
#define MICROPY_HW_MCU_NAME "i386"
#define MICROPY_PY_MACHINE (0)
