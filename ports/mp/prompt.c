// The prompt: what is typed runs, with the terminal raw while a line is edited and as the user had it while it runs.

#include <stdbool.h>

#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/runtime/pyexec.h"

#include "ports/mp/program.h"

static bool active;
static bool exit_called;
static int exit_status;

// Set in pyexec's flags while source comes from the console in raw mode, which then must stay so.
#define EXEC_FROM_CONSOLE (1 << 6)

void mp_port_before_exec(unsigned flags) {
    if (active && !(flags & EXEC_FROM_CONSOLE)) {
        mp_hal_stdio_mode_orig();
    }
}

void mp_port_after_exec(void *exception) {
    if (!active) {
        return;
    }
    if (exception != NULL && mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(((mp_obj_base_t *)exception)->type), MP_OBJ_FROM_PTR(&mp_type_SystemExit))) {
        exit_called = true;
        exit_status = program_exception_status(exception);
        return;
    }
    mp_hal_stdio_mode_raw();
}

int program_prompt(bool *exited) {
    int ret = 0;
    active = true;
    exit_called = false;
    exit_status = 0;
    pyexec_mode_kind = PYEXEC_MODE_FRIENDLY_REPL;
    mp_hal_stdio_mode_raw();
    while (!exit_called && !(ret & PYEXEC_FORCED_EXIT)) {
        ret = pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? pyexec_raw_repl() : pyexec_friendly_repl();
    }
    mp_hal_stdio_mode_orig();
    active = false;
    *exited = exit_called;
    return exit_status;
}
