// The class socket: life of a socket, its addresses and options.

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>

#include "py/gc.h"
#include "py/runtime.h"
#include "py/stream.h"

#include "baresock/socket.h"
#include "python/pynet.h"
#include "python/pysocket.h"

// Older MicroPython programs for lwIP know TCP_NODELAY by lwIP's own number.
#define TCP_NODELAY_OF_LWIP (0x40)

// Backlog of listen() without one, as in CPython.
#define BACKLOG_DEFAULT (128)

bs_time_t socket_default_timeout = BS_TIME_NEVER;

static void check(int result) {
    if (result < 0) {
        pynet_raise(errno);
    }
}

// --- life ---

mp_obj_socket_t *socket_get_maybe(mp_obj_t obj) {
    mp_obj_t native = mp_obj_cast_to_native_base(obj, MP_OBJ_FROM_PTR(&mp_type_socket));
    if (native == MP_OBJ_NULL) {
        return NULL;
    }
    if (!mp_obj_is_type(native, &mp_type_socket)) {
        mp_raise_msg(&mp_type_AttributeError, MP_ERROR_TEXT("call super().__init__() first"));
    }
    return MP_OBJ_TO_PTR(native);
}

int socket_fd(const mp_obj_socket_t *self) {
    return self->fd >= 0 && bs_generation(self->fd) == self->generation ? self->fd : -1;
}

int socket_fd_raise(const mp_obj_socket_t *self) {
    int fd = self->closed ? -1 : socket_fd(self);
    if (fd < 0) {
        mp_raise_OSError(EBADF);
    }
    return fd;
}

void socket_release(mp_obj_socket_t *self) {
    int fd = socket_fd(self);
    self->fd = -1;
    self->held = NULL;
    self->held_len = 0;
    if (fd >= 0) {
        bs_close(fd);
    }
}

void socket_close(mp_obj_socket_t *self) {
    self->closed = true;
    if (self->files == 0) {
        socket_release(self);
    }
}

mp_obj_socket_t *socket_alloc(const mp_obj_type_t *type) {
    mp_obj_socket_t *self = mp_obj_malloc_with_finaliser(mp_obj_socket_t, type);
    *self = (mp_obj_socket_t) {.base = self->base, .fd = -1, .timeout = socket_default_timeout};
    return self;
}

void socket_attach(mp_obj_socket_t *self, int fd, int family, int sock_type, int proto) {
    self->fd = fd;
    self->generation = bs_generation(fd);
    self->family = family;
    self->type = sock_type;
    self->proto = proto;
    bs_fcntl(fd, F_SETFL, O_NONBLOCK);
}

mp_obj_t socket_new(const mp_obj_type_t *type, int family, int sock_type, int proto) {
    mp_obj_socket_t *self = socket_alloc(type);
    pynet_use();
    int fd = bs_socket(family, sock_type, proto);
    if (fd < 0 && (errno == EMFILE || errno == ENOBUFS || errno == ENOMEM)) {
        // Sockets that the program lost may hold what is missing.
        gc_collect();
        fd = bs_socket(family, sock_type, proto);
    }
    check(fd);
    if (sock_type & SOCK_NONBLOCK) {
        self->timeout = 0;
    }
    socket_attach(self, fd, family, sock_type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC), proto);
    return MP_OBJ_FROM_PTR(self);
}

// Options that a program may have set on a socket before it had an address.
static const struct { int level; int name; } early_options[] = {
    { SOL_SOCKET, SO_REUSEADDR },
    { SOL_SOCKET, SO_REUSEPORT },
    { SOL_SOCKET, SO_BROADCAST },
    { SOL_SOCKET, SO_KEEPALIVE },
    { SOL_SOCKET, SO_LINGER },
    { SOL_SOCKET, SO_RCVBUF },
    { SOL_SOCKET, SO_BINDTODEVICE },
    { IPPROTO_TCP, TCP_NODELAY },
    { IPPROTO_TCP, TCP_KEEPIDLE },
    { IPPROTO_TCP, TCP_KEEPINTVL },
    { IPPROTO_TCP, TCP_KEEPCNT },
};

static bool has_address(int fd) {
    struct sockaddr_in addr;
    socklen_t len = sizeof(addr);
    return bs_getsockname(fd, (struct sockaddr *)&addr, &len) < 0 || addr.sin_port != 0;
}

static void become_ip6(mp_obj_socket_t *self) {
    int old = socket_fd(self);
    int fd = bs_socket(AF_INET6, self->type, self->proto);
    check(fd);
    for (size_t i = 0; i < MP_ARRAY_SIZE(early_options); i++) {
        byte value[64];
        socklen_t len = sizeof(value);
        if (bs_getsockopt(old, early_options[i].level, early_options[i].name, value, &len) == 0 && len > 0) {
            bs_setsockopt(fd, early_options[i].level, early_options[i].name, value, len);
        }
    }
    bs_fcntl(fd, F_SETFL, O_NONBLOCK);
    bs_close(old);
    self->fd = fd;
    self->generation = bs_generation(fd);
    self->family = AF_INET6;
}

socklen_t socket_use_address(mp_obj_socket_t *self, mp_obj_t addr_in, struct sockaddr_storage *addr, bs_time_t deadline) {
    if (self->family == AF_INET && socket_address_is_ip6(addr_in) && !has_address(socket_fd_raise(self))) {
        become_ip6(self);
    }
    return socket_get_address(addr_in, self->family, addr, deadline);
}

// socket(family=AF_INET, type=SOCK_STREAM, proto=0)
static mp_obj_t socket_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *all_args) {
    enum { ARG_family, ARG_type, ARG_proto };
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_family, MP_ARG_INT, {.u_int = AF_INET} },
        { MP_QSTR_type, MP_ARG_INT, {.u_int = SOCK_STREAM} },
        { MP_QSTR_proto, MP_ARG_INT, {.u_int = 0} },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all_kw_array(n_args, n_kw, all_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    return socket_new(type, pynet_to_int(args[ARG_family].u_int), pynet_to_int(args[ARG_type].u_int), pynet_to_int(args[ARG_proto].u_int));
}

// detach(): the descriptor becomes the caller's
static mp_obj_t socket_detach(mp_obj_t self_in) {
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(self_in);
    int fd = socket_fd_raise(self);
    self->closed = true;
    self->fd = -1;
    return MP_OBJ_NEW_SMALL_INT(fd);
}
static MP_DEFINE_CONST_FUN_OBJ_1(socket_detach_obj, socket_detach);

// fileno(): -1 when closed
static mp_obj_t socket_fileno(mp_obj_t self_in) {
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(self_in);
    return MP_OBJ_NEW_SMALL_INT(self->closed ? -1 : socket_fd(self));
}
static MP_DEFINE_CONST_FUN_OBJ_1(socket_fileno_obj, socket_fileno);

// --- connections ---

static mp_obj_t socket_bind(mp_obj_t self_in, mp_obj_t addr_in) {
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(self_in);
    struct sockaddr_storage addr;
    socket_fd_raise(self);
    socklen_t len = socket_use_address(self, addr_in, &addr, socket_deadline(self, 0));
    check(bs_bind(socket_fd_raise(self), (struct sockaddr *)&addr, len));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(socket_bind_obj, socket_bind);

// listen([backlog])
static mp_obj_t socket_listen(size_t n_args, const mp_obj_t *args) {
    mp_int_t backlog = n_args > 1 ? mp_obj_get_int(args[1]) : BACKLOG_DEFAULT;
    check(bs_listen(socket_fd_raise(MP_OBJ_TO_PTR(args[0])), (int)MIN(MAX(backlog, 0), INT16_MAX)));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_listen_obj, 1, 2, socket_listen);

static mp_obj_t socket_accept(mp_obj_t self_in) {
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(self_in);
    struct sockaddr_storage addr;
    socklen_t len = sizeof(addr);
    int fd;
    socket_fd_raise(self);
    bs_time_t deadline = socket_deadline(self, 0);
    mp_obj_socket_t *accepted = socket_alloc(&mp_type_socket);
    while ((fd = bs_accept(socket_fd_raise(self), (struct sockaddr *)&addr, &len)) < 0) {
        int error = errno == EAGAIN ? socket_wait(self, POLLIN, deadline) : -errno;
        if (error < 0) {
            socket_raise(-error);
        }
        len = sizeof(addr);
    }
    socket_attach(accepted, fd, self->family, self->type, self->proto);
    mp_obj_t items[] = {MP_OBJ_FROM_PTR(accepted), socket_new_address(&addr, len)};
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}
static MP_DEFINE_CONST_FUN_OBJ_1(socket_accept_obj, socket_accept);

int socket_connect(mp_obj_socket_t *self, const struct sockaddr *addr, socklen_t len, bs_time_t deadline) {
    for (;;) {
        // Asked again, it tells how it ended; a socket whose connect failed can then be used for another.
        if (bs_connect(socket_fd(self), addr, len) == 0) {
            return 0;
        }
        if ((errno != EINPROGRESS && errno != EALREADY) || deadline == 0) {
            return -errno;
        }
        if (pynet_wait(deadline) == -ETIMEDOUT) {
            return -SOCKET_TIMED_OUT;
        }
        if (socket_fd(self) < 0) {
            return -EBADF;
        }
    }
}

static int connect_to(mp_obj_socket_t *self, mp_obj_t addr_in) {
    struct sockaddr_storage addr;
    socket_fd_raise(self);
    bs_time_t deadline = socket_deadline(self, 0);
    socklen_t len = socket_use_address(self, addr_in, &addr, deadline);
    socket_fd_raise(self);
    return -socket_connect(self, (struct sockaddr *)&addr, len, deadline);
}

static mp_obj_t socket_connect_method(mp_obj_t self_in, mp_obj_t addr_in) {
    int error = connect_to(MP_OBJ_TO_PTR(self_in), addr_in);
    if (error != 0) {
        socket_raise(error);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(socket_connect_obj, socket_connect_method);

static mp_obj_t socket_connect_ex(mp_obj_t self_in, mp_obj_t addr_in) {
    return MP_OBJ_NEW_SMALL_INT(socket_errno(connect_to(MP_OBJ_TO_PTR(self_in), addr_in)));
}
static MP_DEFINE_CONST_FUN_OBJ_2(socket_connect_ex_obj, socket_connect_ex);

static mp_obj_t socket_shutdown(mp_obj_t self_in, mp_obj_t how_in) {
    check(bs_shutdown(socket_fd_raise(MP_OBJ_TO_PTR(self_in)), pynet_get_int(how_in)));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(socket_shutdown_obj, socket_shutdown);

static mp_obj_t new_name(mp_obj_t self_in, int (*get)(int fd, struct sockaddr *addr, socklen_t *len)) {
    struct sockaddr_storage addr;
    socklen_t len = sizeof(addr);
    check(get(socket_fd_raise(MP_OBJ_TO_PTR(self_in)), (struct sockaddr *)&addr, &len));
    return socket_new_address(&addr, len);
}

static mp_obj_t socket_getsockname(mp_obj_t self_in) {
    return new_name(self_in, bs_getsockname);
}
static MP_DEFINE_CONST_FUN_OBJ_1(socket_getsockname_obj, socket_getsockname);

static mp_obj_t socket_getpeername(mp_obj_t self_in) {
    return new_name(self_in, bs_getpeername);
}
static MP_DEFINE_CONST_FUN_OBJ_1(socket_getpeername_obj, socket_getpeername);

// --- options ---

static int option_name(int level, int name) {
    return level == IPPROTO_TCP && name == TCP_NODELAY_OF_LWIP ? TCP_NODELAY : name;
}

// getsockopt(level, name[, buflen]): an int, or with a length bytes
static mp_obj_t socket_getsockopt(size_t n_args, const mp_obj_t *args) {
    int fd = socket_fd_raise(MP_OBJ_TO_PTR(args[0]));
    int level = pynet_get_int(args[1]);
    int name = option_name(level, pynet_get_int(args[2]));
    mp_int_t size = n_args > 3 ? mp_obj_get_int(args[3]) : 0;
    if (size == 0) {
        int value = 0;
        socklen_t len = sizeof(value);
        check(bs_getsockopt(fd, level, name, &value, &len));
        return mp_obj_new_int(value);
    }
    byte value[1024];
    if (size < 0 || size > (mp_int_t)sizeof(value)) {
        mp_raise_ValueError(MP_ERROR_TEXT("buflen must be 0-1024"));
    }
    socklen_t len = (socklen_t)size;
    check(bs_getsockopt(fd, level, name, value, &len));
    return mp_obj_new_bytes(value, len);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_getsockopt_obj, 3, 4, socket_getsockopt);

// setsockopt(level, name, value): an int, or bytes
static mp_obj_t socket_setsockopt(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(args[0]);
    int fd = socket_fd_raise(self);
    int level = pynet_get_int(args[1]);
    int name = option_name(level, pynet_get_int(args[2]));
    mp_buffer_info_t data;
    if (mp_get_buffer(args[3], &data, MP_BUFFER_READ)) {
        check(bs_setsockopt(fd, level, name, data.buf, (socklen_t)data.len));
    } else {
        int value = pynet_get_int(args[3]);
        check(bs_setsockopt(fd, level, name, &value, sizeof(value)));
    }
    self->has_timeo |= level == SOL_SOCKET && (name == SO_RCVTIMEO || name == SO_SNDTIMEO);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_setsockopt_obj, 4, 4, socket_setsockopt);

static mp_obj_t socket_settimeout(mp_obj_t self_in, mp_obj_t seconds_in) {
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(self_in);
    bs_time_t timeout = pynet_get_duration(seconds_in);
    socket_fd_raise(self);
    self->timeout = timeout;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(socket_settimeout_obj, socket_settimeout);

static mp_obj_t socket_gettimeout(mp_obj_t self_in) {
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(self_in);
    return pynet_new_duration(self->timeout);
}
static MP_DEFINE_CONST_FUN_OBJ_1(socket_gettimeout_obj, socket_gettimeout);

static mp_obj_t socket_setblocking(mp_obj_t self_in, mp_obj_t blocking_in) {
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(self_in);
    socket_fd_raise(self);
    self->timeout = mp_obj_is_true(blocking_in) ? BS_TIME_NEVER : 0;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(socket_setblocking_obj, socket_setblocking);

// --- as a file, as text ---

// makefile(mode='r', buffering=-1, *, encoding, errors, newline): text is UTF-8, its line ends are left alone
static mp_obj_t socket_makefile(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    enum { ARG_mode, ARG_buffering };
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_mode, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_QSTR(MP_QSTR_r)} },
        { MP_QSTR_buffering, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_encoding, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_errors, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_newline, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(pos_args[0]);
    mp_arg_parse_all(n_args - 1, pos_args + 1, kw_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    mp_obj_t buffering = args[ARG_buffering].u_obj;
    socket_fd_raise(self);
    return socket_file_new(self, mp_obj_str_get_str(args[ARG_mode].u_obj), buffering == mp_const_none ? -1 : mp_obj_get_int(buffering));
}
static MP_DEFINE_CONST_FUN_OBJ_KW(socket_makefile_obj, 1, socket_makefile);

static bool option_is_set(int fd, int level, int name, int value) {
    byte option[sizeof(int)] = {0};
    socklen_t len = sizeof(option);
    return bs_getsockopt(fd, level, name, option, &len) == 0 && option[0] == value;
}

static const char *state_name(const mp_obj_socket_t *self, int fd) {
    struct sockaddr_storage addr;
    socklen_t len = sizeof(addr);
    if (self->type == SOCK_STREAM && option_is_set(fd, SOL_SOCKET, SO_ACCEPTCONN, 1)) {
        return "listening";
    }
    if (bs_getpeername(fd, (struct sockaddr *)&addr, &len) == 0) {
        return "connected";
    }
    if (self->type == SOCK_STREAM && option_is_set(fd, IPPROTO_TCP, TCP_INFO, TCP_SYN_SENT)) {
        return "connecting";
    }
    return "unconnected";
}

static void print_name(const mp_print_t *print, const char *label, int fd, int (*get)(int fd, struct sockaddr *addr, socklen_t *len)) {
    struct sockaddr_storage addr;
    socklen_t len = sizeof(addr);
    if (get(fd, (struct sockaddr *)&addr, &len) == 0) {
        mp_printf(print, " %s=", label);
        mp_obj_print_helper(print, socket_new_address(&addr, len), PRINT_REPR);
    }
}

static void socket_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(self_in);
    int fd = self->closed ? -1 : socket_fd(self);
    (void)kind;
    mp_printf(print, "<socket fd=%d family=%s type=%s state=%s", fd, self->family == AF_INET6 ? "AF_INET6" : "AF_INET",
        self->type == SOCK_STREAM ? "SOCK_STREAM" : self->type == SOCK_DGRAM ? "SOCK_DGRAM" : "SOCK_RAW",
        fd < 0 ? "closed" : state_name(self, fd));
    if (fd >= 0) {
        print_name(print, "laddr", fd, bs_getsockname);
        print_name(print, "raddr", fd, bs_getpeername);
    }
    mp_print_str(print, ">");
}

static void socket_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    if (attr == MP_QSTR_family) {
        dest[0] = MP_OBJ_NEW_SMALL_INT(self->family);
    } else if (attr == MP_QSTR_type) {
        dest[0] = MP_OBJ_NEW_SMALL_INT(self->type);
    } else if (attr == MP_QSTR_proto) {
        dest[0] = MP_OBJ_NEW_SMALL_INT(self->proto);
    } else if (attr == MP_QSTR_timeout) {
        dest[0] = pynet_new_duration(self->timeout);
    } else {
        // Then it is in the dict below.
        dest[1] = MP_OBJ_SENTINEL;
    }
}

static const mp_rom_map_elem_t socket_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&mp_stream_close_obj) },
    { MP_ROM_QSTR(MP_QSTR___enter__), MP_ROM_PTR(&mp_identity_obj) },
    { MP_ROM_QSTR(MP_QSTR___exit__), MP_ROM_PTR(&mp_stream___exit___obj) },
    { MP_ROM_QSTR(MP_QSTR_accept), MP_ROM_PTR(&socket_accept_obj) },
    { MP_ROM_QSTR(MP_QSTR_bind), MP_ROM_PTR(&socket_bind_obj) },
    { MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&mp_stream_close_obj) },
    { MP_ROM_QSTR(MP_QSTR_connect), MP_ROM_PTR(&socket_connect_obj) },
    { MP_ROM_QSTR(MP_QSTR_connect_ex), MP_ROM_PTR(&socket_connect_ex_obj) },
    { MP_ROM_QSTR(MP_QSTR_detach), MP_ROM_PTR(&socket_detach_obj) },
    { MP_ROM_QSTR(MP_QSTR_fileno), MP_ROM_PTR(&socket_fileno_obj) },
    { MP_ROM_QSTR(MP_QSTR_getpeername), MP_ROM_PTR(&socket_getpeername_obj) },
    { MP_ROM_QSTR(MP_QSTR_getsockname), MP_ROM_PTR(&socket_getsockname_obj) },
    { MP_ROM_QSTR(MP_QSTR_getsockopt), MP_ROM_PTR(&socket_getsockopt_obj) },
    { MP_ROM_QSTR(MP_QSTR_gettimeout), MP_ROM_PTR(&socket_gettimeout_obj) },
    { MP_ROM_QSTR(MP_QSTR_listen), MP_ROM_PTR(&socket_listen_obj) },
    { MP_ROM_QSTR(MP_QSTR_makefile), MP_ROM_PTR(&socket_makefile_obj) },
    { MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&socket_read_obj) },
    { MP_ROM_QSTR(MP_QSTR_readinto), MP_ROM_PTR(&socket_readinto_obj) },
    { MP_ROM_QSTR(MP_QSTR_readline), MP_ROM_PTR(&socket_readline_obj) },
    { MP_ROM_QSTR(MP_QSTR_recv), MP_ROM_PTR(&socket_recv_obj) },
    { MP_ROM_QSTR(MP_QSTR_recv_into), MP_ROM_PTR(&socket_recv_into_obj) },
    { MP_ROM_QSTR(MP_QSTR_recvfrom), MP_ROM_PTR(&socket_recvfrom_obj) },
    { MP_ROM_QSTR(MP_QSTR_recvfrom_into), MP_ROM_PTR(&socket_recvfrom_into_obj) },
    { MP_ROM_QSTR(MP_QSTR_recvmsg), MP_ROM_PTR(&socket_recvmsg_obj) },
    { MP_ROM_QSTR(MP_QSTR_send), MP_ROM_PTR(&socket_send_obj) },
    { MP_ROM_QSTR(MP_QSTR_sendall), MP_ROM_PTR(&socket_sendall_obj) },
    { MP_ROM_QSTR(MP_QSTR_sendmsg), MP_ROM_PTR(&socket_sendmsg_obj) },
    { MP_ROM_QSTR(MP_QSTR_sendto), MP_ROM_PTR(&socket_sendto_obj) },
    { MP_ROM_QSTR(MP_QSTR_setblocking), MP_ROM_PTR(&socket_setblocking_obj) },
    { MP_ROM_QSTR(MP_QSTR_setsockopt), MP_ROM_PTR(&socket_setsockopt_obj) },
    { MP_ROM_QSTR(MP_QSTR_settimeout), MP_ROM_PTR(&socket_settimeout_obj) },
    { MP_ROM_QSTR(MP_QSTR_shutdown), MP_ROM_PTR(&socket_shutdown_obj) },
    { MP_ROM_QSTR(MP_QSTR_write), MP_ROM_PTR(&mp_stream_write_obj) },
};
static MP_DEFINE_CONST_DICT(socket_locals_dict, socket_locals_dict_table);

MP_DEFINE_CONST_OBJ_TYPE(
    mp_type_socket,
    MP_QSTR_socket,
    MP_TYPE_FLAG_ITER_IS_STREAM,
    make_new, socket_make_new,
    print, socket_print,
    attr, socket_attr,
    protocol, &socket_stream_p,
    locals_dict, &socket_locals_dict
    );
