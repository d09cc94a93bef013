// Looking names up: getaddrinfo(), and the same as an object that asyncio can wait for.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "py/objexcept.h"
#include "py/runtime.h"
#include "py/stream.h"

#include "baresock/netdb.h"
#include "python/pynet.h"
#include "python/pysocket.h"
#include "stack/stack.h"

// "[Errno -2] Name or service not known", as OSError's own does for errnos.
static void gaierror_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    mp_obj_exception_t *self = MP_OBJ_TO_PTR(self_in);
    mp_print_kind_t part = kind & ~PRINT_EXC_SUBCLASS;
    if (part == PRINT_REPR || self->args->len != 2) {
        mp_obj_exception_print(print, self_in, kind);
        return;
    }
    if (part == PRINT_EXC) {
        // A subclass has printed its name already.
        mp_printf(print, "%q: ", kind & PRINT_EXC_SUBCLASS ? MP_QSTR_ : self->base.type->name);
    }
    mp_print_str(print, "[Errno ");
    mp_obj_print_helper(print, self->args->items[0], PRINT_STR);
    mp_print_str(print, "] ");
    mp_obj_print_helper(print, self->args->items[1], PRINT_STR);
}

MP_DEFINE_CONST_OBJ_TYPE(
    mp_type_gaierror,
    MP_QSTR_gaierror,
    MP_TYPE_FLAG_NONE,
    make_new, mp_obj_exception_make_new,
    print, gaierror_print,
    attr, mp_obj_exception_attr,
    parent, &mp_type_OSError
    );

void socket_raise_gai(int code) {
    if (code == EAI_SYSTEM) {
        pynet_raise(errno);
    }
    const char *text = bs_gai_strerror(code);
    mp_obj_t args[] = {MP_OBJ_NEW_SMALL_INT(code), mp_obj_new_str_from_cstr(text)};
    nlr_raise(mp_obj_new_exception_args(&mp_type_gaierror, MP_ARRAY_SIZE(args), args));
}

// Waits for a request that was started. Signal handlers may raise.
static int wait_for_answer(struct bs_gai_request *request, struct addrinfo **list, bs_time_t deadline) {
    int code;
    while ((code = bs_gai_result(request, list)) == EAI_INPROGRESS) {
        int result = stack_wait(NULL, deadline);
        if (result == -EINTR) {
            mp_handle_pending(true);
        } else if (result == -ETIMEDOUT) {
            socket_raise(SOCKET_TIMED_OUT);
        }
    }
    return code;
}

struct addrinfo *socket_lookup(const char *host, const char *service, const struct addrinfo *hints, bs_time_t deadline) {
    struct bs_gai_request *request = NULL;
    struct addrinfo *list = NULL;
    pynet_use();
    int code = bs_gai_start(host, service, hints, &request);
    if (code == 0) {
        nlr_buf_t nlr;
        if (nlr_push(&nlr) != 0) {
            // Nothing of the request may go on behind the back of who gave up.
            bs_gai_end(request);
            nlr_jump(nlr.ret_val);
        }
        code = wait_for_answer(request, &list, deadline);
        nlr_pop();
        bs_gai_end(request);
    }
    if (code != 0) {
        socket_raise_gai(code);
    }
    return list;
}

const char *socket_get_host(mp_obj_t host_in) {
    return host_in == mp_const_none ? NULL : socket_get_text(host_in);
}

const char *socket_get_service(mp_obj_t port_in, char *buf, size_t size) {
    if (!mp_obj_is_int(port_in)) {
        return port_in == mp_const_none ? NULL : socket_get_text(port_in);
    }
    snprintf(buf, size, "%ld", (long)mp_obj_get_int(port_in));
    return buf;
}

bs_time_t socket_lookup_deadline(void) {
    return pynet_deadline(socket_default_timeout == 0 ? BS_TIME_NEVER : socket_default_timeout);
}

static mp_obj_t new_addrinfo(const struct addrinfo *ai) {
    struct sockaddr_storage addr;
    memcpy(&addr, ai->ai_addr, ai->ai_addrlen);
    mp_obj_t items[] = {
        MP_OBJ_NEW_SMALL_INT(ai->ai_family),
        MP_OBJ_NEW_SMALL_INT(ai->ai_socktype),
        MP_OBJ_NEW_SMALL_INT(ai->ai_protocol),
        ai->ai_canonname == NULL ? MP_OBJ_NEW_QSTR(MP_QSTR_) : mp_obj_new_str_from_cstr(ai->ai_canonname),
        socket_new_address(&addr, ai->ai_addrlen),
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}

static mp_obj_t new_addrinfo_list(struct addrinfo *list) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        bs_freeaddrinfo(list);
        nlr_jump(nlr.ret_val);
    }
    mp_obj_t result = mp_obj_new_list(0, NULL);
    for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next) {
        mp_obj_list_append(result, new_addrinfo(ai));
    }
    nlr_pop();
    bs_freeaddrinfo(list);
    return result;
}

// What the arguments of getaddrinfo() ask for.
typedef struct _question_t {
    const char *host;
    const char *service;
    char number[24];
    struct addrinfo hints;
} question_t;

// (host, port, family=0, type=0, proto=0, flags=0)
static void get_question(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args, question_t *question) {
    enum { ARG_host, ARG_port, ARG_family, ARG_type, ARG_proto, ARG_flags };
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_host, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_port, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_family, MP_ARG_INT, {.u_int = AF_UNSPEC} },
        { MP_QSTR_type, MP_ARG_INT, {.u_int = 0} },
        { MP_QSTR_proto, MP_ARG_INT, {.u_int = 0} },
        { MP_QSTR_flags, MP_ARG_INT, {.u_int = 0} },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    question->host = socket_get_host(args[ARG_host].u_obj);
    question->service = socket_get_service(args[ARG_port].u_obj, question->number, sizeof(question->number));
    question->hints = (struct addrinfo) {
        .ai_family = pynet_to_int(args[ARG_family].u_int),
        .ai_socktype = pynet_to_int(args[ARG_type].u_int),
        .ai_protocol = pynet_to_int(args[ARG_proto].u_int),
        .ai_flags = pynet_to_int(args[ARG_flags].u_int),
    };
}

static mp_obj_t socket_getaddrinfo(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    question_t question;
    get_question(n_args, pos_args, kw_args, &question);
    return new_addrinfo_list(socket_lookup(question.host, question.service, &question.hints, socket_lookup_deadline()));
}
MP_DEFINE_CONST_FUN_OBJ_KW(socket_getaddrinfo_obj, 2, socket_getaddrinfo);

// --- a look-up that goes on while the program does other things ---

typedef struct _mp_obj_lookup_t {
    mp_obj_base_t base;
    struct bs_gai_request *request;     // NULL when ended
    struct addrinfo *list;              // once answered, until result()
    int code;                           // EAI_INPROGRESS until answered
} mp_obj_lookup_t;

static const mp_obj_type_t lookup_type;

// start_getaddrinfo(host, port, ...): readable, as a stream for poll(), once result() has an answer
static mp_obj_t socket_start_getaddrinfo(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    question_t question;
    get_question(n_args, pos_args, kw_args, &question);
    mp_obj_lookup_t *self = mp_obj_malloc_with_finaliser(mp_obj_lookup_t, &lookup_type);
    self->request = NULL;
    self->list = NULL;
    self->code = EAI_INPROGRESS;
    pynet_use();
    int code = bs_gai_start(question.host, question.service, &question.hints, &self->request);
    if (code != 0) {
        self->request = NULL;
        socket_raise_gai(code);
    }
    return MP_OBJ_FROM_PTR(self);
}
MP_DEFINE_CONST_FUN_OBJ_KW(socket_start_getaddrinfo_obj, 2, socket_start_getaddrinfo);

static bool lookup_answered(mp_obj_lookup_t *self) {
    if (self->code == EAI_INPROGRESS && self->request != NULL) {
        self->code = bs_gai_result(self->request, &self->list);
    }
    return self->code != EAI_INPROGRESS;
}

static void lookup_end(mp_obj_lookup_t *self) {
    bs_gai_end(self->request);
    bs_freeaddrinfo(self->list);
    self->request = NULL;
    self->list = NULL;
}

// result(): once, what getaddrinfo() returns or raises; OSError(EAGAIN) before there is an answer
static mp_obj_t lookup_result(mp_obj_t self_in) {
    mp_obj_lookup_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->request == NULL) {
        mp_raise_OSError(EBADF);
    }
    if (!lookup_answered(self)) {
        mp_raise_OSError(EAGAIN);
    }
    struct addrinfo *list = self->list;
    self->list = NULL;
    lookup_end(self);
    if (self->code != 0) {
        socket_raise_gai(self->code);
    }
    return new_addrinfo_list(list);
}
static MP_DEFINE_CONST_FUN_OBJ_1(lookup_result_obj, lookup_result);

static mp_uint_t lookup_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg, int *error) {
    mp_obj_lookup_t *self = MP_OBJ_TO_PTR(self_in);
    switch (request) {
        case MP_STREAM_POLL:
            if (self->request == NULL) {
                return MP_STREAM_POLL_NVAL;
            }
            return lookup_answered(self) ? arg & MP_STREAM_POLL_RD : 0;
        case MP_STREAM_CLOSE:
            lookup_end(self);
            return 0;
        default:
            *error = EINVAL;
            return MP_STREAM_ERROR;
    }
}

static const mp_stream_p_t lookup_stream_p = {
    .ioctl = lookup_ioctl,
};

static const mp_rom_map_elem_t lookup_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&mp_stream_close_obj) },
    { MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&mp_stream_close_obj) },
    { MP_ROM_QSTR(MP_QSTR_result), MP_ROM_PTR(&lookup_result_obj) },
};
static MP_DEFINE_CONST_DICT(lookup_locals_dict, lookup_locals_dict_table);

static MP_DEFINE_CONST_OBJ_TYPE(
    lookup_type,
    MP_QSTR_Lookup,
    MP_TYPE_FLAG_NONE,
    protocol, &lookup_stream_p,
    locals_dict, &lookup_locals_dict
    );
