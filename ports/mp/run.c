// What the command line names is run.

#include <string.h>
#include <unistd.h>

#include "py/builtin.h"
#include "py/compile.h"
#include "py/mphal.h"
#include "py/runtime.h"

#include "ports/mp/program.h"

int program_exception_status(void *exception_in) {
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
        status = program_exception_status(nlr.ret_val);
    }
    return status;
}

static mp_obj_t run_lexer(void *arg) {
    mp_lexer_t *lexer;
    qstr name = MP_QSTR__lt_stdin_gt_;
    (void)arg;
    if (program_options.run == RUN_COMMAND) {
        name = MP_QSTR__lt_string_gt_;
        lexer = mp_lexer_new_from_str_len(name, program_options.what, strlen(program_options.what), 0);
    #if MICROPY_HELPER_LEXER_UNIX
    } else if (program_options.run == RUN_STDIN) {
        lexer = mp_lexer_new_from_fd(name, STDIN_FILENO, false);
    #endif
    } else {
        name = qstr_from_str(program_options.what);
        lexer = mp_lexer_new_from_file(name);
        mp_store_global(MP_QSTR___file__, MP_OBJ_NEW_QSTR(name));
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
    mp_obj_t module = import_as_main(program_options.what);
    mp_obj_t path[2];
    mp_load_method_protected(module, MP_QSTR___path__, path, true);
    if (path[0] != MP_OBJ_NULL) {
        // A package: its program is in __main__.py.
        vstr_t name;
        vstr_init(&name, 64);
        vstr_printf(&name, "%s.__main__", program_options.what);
        module = import_as_main(vstr_null_terminated_str(&name));
    }
    return module;
}

static mp_obj_t run_exitfunc(void *arg) {
    (void)arg;
    return mp_call_function_0(MP_STATE_VM(sys_exitfunc));
}

int program_run(void) {
    switch (program_options.run) {
        case RUN_NOTHING:
            return 0;
        case RUN_MODULE:
            return run_protected(run_module, NULL);
        default:
            return run_protected(run_lexer, NULL);
    }
}

int program_at_exit(void) {
    if (!mp_obj_is_callable(MP_STATE_VM(sys_exitfunc))) {
        return 0;
    }
    return run_protected(run_exitfunc, NULL);
}

void program_set_argv(void) {
    const char *first = program_options.what;
    if (program_options.run == RUN_NOTHING) {
        first = "";
    } else if (program_options.run == RUN_COMMAND) {
        first = "-c";
    }
    mp_obj_list_init(MP_OBJ_TO_PTR(mp_sys_argv), 0);
    mp_obj_list_append(mp_sys_argv, mp_obj_new_str_from_cstr(first));
    for (char **arg = program_options.args; *arg != NULL; arg++) {
        mp_obj_list_append(mp_sys_argv, mp_obj_new_str_from_cstr(*arg));
    }
}
