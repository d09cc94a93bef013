// Module socket: what stands beside the class.

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "py/runtime.h"

#include "baresock/net.h"
#include "baresock/netdb.h"
#include "baresock/socket.h"
#include "python/pynet.h"
#include "python/pysocket.h"

// --- names ---

// getnameinfo(sockaddr, flags): (host, service)
static mp_obj_t socket_getnameinfo(mp_obj_t addr_in, mp_obj_t flags_in) {
    struct sockaddr_storage addr;
    char host[256];
    char service[32];
    int code;
    size_t n_items;
    mp_obj_t *items;
    mp_obj_get_array(addr_in, &n_items, &items);
    bool v6 = n_items >= 2 && strchr(mp_obj_str_get_str(items[0]), ':') != NULL;
    int flags = pynet_get_int(flags_in);
    socklen_t len = socket_get_address(addr_in, v6 ? AF_INET6 : AF_INET, &addr, socket_lookup_deadline());
    pynet_use();
    while ((code = bs_getnameinfo((struct sockaddr *)&addr, len, host, sizeof(host), service, sizeof(service), flags)) == EAI_SYSTEM
           && errno == EINTR) {
        mp_handle_pending(true);
    }
    if (code != 0) {
        socket_raise_gai(code);
    }
    mp_obj_t result[] = {mp_obj_new_str_from_cstr(host), mp_obj_new_str_from_cstr(service)};
    return mp_obj_new_tuple(2, result);
}
static MP_DEFINE_CONST_FUN_OBJ_2(socket_getnameinfo_obj, socket_getnameinfo);

// gethostbyname(name): an IPv4 address
static mp_obj_t socket_gethostbyname(mp_obj_t name_in) {
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = socket_lookup(socket_get_text(name_in), NULL, &hints, socket_lookup_deadline());
    char text[INET_ADDRSTRLEN];
    bs_inet_ntop(AF_INET, &((struct sockaddr_in *)list->ai_addr)->sin_addr, text, sizeof(text));
    bs_freeaddrinfo(list);
    return mp_obj_new_str_from_cstr(text);
}
static MP_DEFINE_CONST_FUN_OBJ_1(socket_gethostbyname_obj, socket_gethostbyname);

static mp_obj_t socket_gethostname(void) {
    return mp_obj_new_str_from_cstr(bs_net_get_hostname());
}
static MP_DEFINE_CONST_FUN_OBJ_0(socket_gethostname_obj, socket_gethostname);

// --- addresses as text and bytes ---

static mp_obj_t socket_inet_pton(mp_obj_t family_in, mp_obj_t text_in) {
    byte addr[sizeof(struct in6_addr)];
    int family = pynet_get_int(family_in);
    int result = bs_inet_pton(family, socket_get_text(text_in), addr);
    if (result <= 0) {
        mp_raise_OSError(result == 0 ? EINVAL : errno);
    }
    return mp_obj_new_bytes(addr, family == AF_INET6 ? sizeof(struct in6_addr) : sizeof(struct in_addr));
}
static MP_DEFINE_CONST_FUN_OBJ_2(socket_inet_pton_obj, socket_inet_pton);

static mp_obj_t socket_inet_ntop(mp_obj_t family_in, mp_obj_t addr_in) {
    char text[INET6_ADDRSTRLEN];
    int family = pynet_get_int(family_in);
    mp_buffer_info_t addr;
    mp_get_buffer_raise(addr_in, &addr, MP_BUFFER_READ);
    if (family != AF_INET && family != AF_INET6) {
        mp_raise_ValueError(MP_ERROR_TEXT("unknown address family"));
    }
    if (addr.len != (family == AF_INET6 ? sizeof(struct in6_addr) : sizeof(struct in_addr))) {
        mp_raise_ValueError(MP_ERROR_TEXT("an address is 4 (AF_INET) or 16 (AF_INET6) bytes"));
    }
    return mp_obj_new_str_from_cstr(bs_inet_ntop(family, addr.buf, text, sizeof(text)));
}
static MP_DEFINE_CONST_FUN_OBJ_2(socket_inet_ntop_obj, socket_inet_ntop);

// Unlike inet_pton() it takes the older spellings too (127.1).
static mp_obj_t socket_inet_aton(mp_obj_t text_in) {
    struct in_addr addr;
    if (bs_inet_aton(socket_get_text(text_in), &addr) == 0) {
        mp_raise_OSError(EINVAL);
    }
    return mp_obj_new_bytes((const byte *)&addr, sizeof(addr));
}
static MP_DEFINE_CONST_FUN_OBJ_1(socket_inet_aton_obj, socket_inet_aton);

static mp_obj_t socket_inet_ntoa(mp_obj_t addr_in) {
    mp_buffer_info_t addr;
    mp_get_buffer_raise(addr_in, &addr, MP_BUFFER_READ);
    if (addr.len != sizeof(struct in_addr)) {
        mp_raise_OSError(EINVAL);
    }
    return socket_inet_ntop(MP_OBJ_NEW_SMALL_INT(AF_INET), addr_in);
}
static MP_DEFINE_CONST_FUN_OBJ_1(socket_inet_ntoa_obj, socket_inet_ntoa);

// One function turns a number into network order and back.
static mp_obj_t socket_swap16(mp_obj_t number_in) {
    mp_int_t number = mp_obj_get_int(number_in);
    if (number < 0 || number > 0xffff) {
        mp_raise_msg(&mp_type_OverflowError, MP_ERROR_TEXT("a 16-bit number is needed"));
    }
    return MP_OBJ_NEW_SMALL_INT(htons((uint16_t)number));
}
static MP_DEFINE_CONST_FUN_OBJ_1(socket_swap16_obj, socket_swap16);

static mp_obj_t socket_swap32(mp_obj_t number_in) {
    // Where words have 32 bits, mp_obj_get_int() would end half-way; the other one takes nothing but an int for granted.
    mp_uint_t number = mp_obj_is_int(number_in) ? mp_obj_int_get_uint_checked(number_in) : (mp_uint_t)mp_obj_get_int(number_in);
    if (number > UINT32_MAX) {
        mp_raise_msg(&mp_type_OverflowError, MP_ERROR_TEXT("a 32-bit number is needed"));
    }
    return mp_obj_new_int_from_uint(htonl((uint32_t)number));
}
static MP_DEFINE_CONST_FUN_OBJ_1(socket_swap32_obj, socket_swap32);

// --- sockets ---

static mp_obj_t socket_getdefaulttimeout(void) {
    return pynet_new_duration(socket_default_timeout);
}
static MP_DEFINE_CONST_FUN_OBJ_0(socket_getdefaulttimeout_obj, socket_getdefaulttimeout);

static mp_obj_t socket_setdefaulttimeout(mp_obj_t seconds_in) {
    socket_default_timeout = pynet_get_duration(seconds_in);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(socket_setdefaulttimeout_obj, socket_setdefaulttimeout);

static void set_option(mp_obj_socket_t *self, int level, int name, int value) {
    if (bs_setsockopt(socket_fd_raise(self), level, name, &value, sizeof(value)) < 0) {
        pynet_raise(errno);
    }
}

static void bind_to(mp_obj_socket_t *self, mp_obj_t addr_in) {
    struct sockaddr_storage addr;
    socklen_t len = socket_get_address(addr_in, self->family, &addr, socket_lookup_deadline());
    if (bs_bind(socket_fd_raise(self), (struct sockaddr *)&addr, len) < 0) {
        pynet_raise(errno);
    }
}

// Host and service of an address, which may be of either family.
static struct addrinfo *lookup_address(mp_obj_t addr_in, bs_time_t deadline) {
    char service[24];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    size_t n_items;
    mp_obj_t *items;
    mp_obj_get_array(addr_in, &n_items, &items);
    if (n_items < 2) {
        mp_raise_TypeError(MP_ERROR_TEXT("address must be (host, port)"));
    }
    if (mp_obj_is_int(items[1])) {
        socket_get_port(items[1]);
    }
    return socket_lookup(socket_get_host(items[0]), socket_get_service(items[1], service, sizeof(service)), &hints, deadline);
}

// What connect_one() returns where the source address does not fit the result; *result is the exception then.
#define CONNECT_NO_SOURCE (-1)

// Connects a new socket to one result of a look-up. Returns 0, or an errno as socket_connect().
static int connect_one(const struct addrinfo *ai, mp_obj_t source_in, bs_time_t timeout, bs_time_t deadline, mp_obj_t *result) {
    nlr_buf_t nlr;
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(socket_new(&mp_type_socket, ai->ai_family, ai->ai_socktype, ai->ai_protocol));
    volatile bool bound = false;
    self->timeout = timeout;
    if (nlr_push(&nlr) != 0) {
        mp_obj_t exception = MP_OBJ_FROM_PTR(nlr.ret_val);
        socket_close(self);
        if (!bound && mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(mp_obj_get_type(exception)), MP_OBJ_FROM_PTR(&mp_type_OSError))) {
            *result = exception;
            return CONNECT_NO_SOURCE;
        }
        nlr_jump(nlr.ret_val);
    }
    if (source_in != mp_const_none) {
        bind_to(self, source_in);
    }
    bound = true;
    int error = -socket_connect(self, ai->ai_addr, ai->ai_addrlen, deadline);
    nlr_pop();
    if (error != 0) {
        socket_close(self);
    }
    *result = MP_OBJ_FROM_PTR(self);
    return error;
}

// create_connection(address, timeout=default, source_address=None): the first address that answers
static mp_obj_t socket_create_connection(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    enum { ARG_address, ARG_timeout, ARG_source_address };
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_address, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_timeout, MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL} },
        { MP_QSTR_source_address, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    bs_time_t timeout = args[ARG_timeout].u_obj == MP_OBJ_NULL ? socket_default_timeout : pynet_get_duration(args[ARG_timeout].u_obj);
    struct addrinfo *list = lookup_address(args[ARG_address].u_obj, timeout == 0 ? BS_TIME_NEVER : pynet_deadline(timeout));
    mp_obj_t result = mp_const_none;
    int error = CONNECT_NO_SOURCE;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        bs_freeaddrinfo(list);
        nlr_jump(nlr.ret_val);
    }
    for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next) {
        bs_time_t deadline = timeout == 0 ? 0 : pynet_deadline(timeout);
        int one = connect_one(ai, args[ARG_source_address].u_obj, timeout, deadline, &result);
        // That a server refused says more than that another address of it was out of reach from the source.
        error = one == CONNECT_NO_SOURCE ? error : one;
        if (one == 0) {
            break;
        }
    }
    nlr_pop();
    bs_freeaddrinfo(list);
    if (error == CONNECT_NO_SOURCE) {
        nlr_raise(result);
    }
    if (error != 0) {
        socket_raise(error);
    }
    return result;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(socket_create_connection_obj, 1, socket_create_connection);

// create_server(address, *, family=AF_INET, backlog=None, reuse_port=False, dualstack_ipv6=False)
static mp_obj_t socket_create_server(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    enum { ARG_address, ARG_family, ARG_backlog, ARG_reuse_port, ARG_dualstack_ipv6 };
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_address, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_family, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = AF_INET} },
        { MP_QSTR_backlog, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_reuse_port, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = false} },
        { MP_QSTR_dualstack_ipv6, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = false} },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    int family = pynet_to_int(args[ARG_family].u_int);
    if (args[ARG_dualstack_ipv6].u_bool && family != AF_INET6) {
        mp_raise_ValueError(MP_ERROR_TEXT("dualstack_ipv6 needs family AF_INET6"));
    }
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(socket_new(&mp_type_socket, family, SOCK_STREAM, 0));
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        socket_close(self);
        nlr_jump(nlr.ret_val);
    }
    set_option(self, SOL_SOCKET, SO_REUSEADDR, 1);
    if (args[ARG_reuse_port].u_bool) {
        set_option(self, SOL_SOCKET, SO_REUSEPORT, 1);
    }
    if (family == AF_INET6) {
        set_option(self, IPPROTO_IPV6, IPV6_V6ONLY, !args[ARG_dualstack_ipv6].u_bool);
    }
    bind_to(self, args[ARG_address].u_obj);
    mp_obj_t backlog = args[ARG_backlog].u_obj;
    if (bs_listen(socket_fd_raise(self), backlog == mp_const_none ? SOMAXCONN : pynet_get_int(backlog)) < 0) {
        pynet_raise(errno);
    }
    nlr_pop();
    return MP_OBJ_FROM_PTR(self);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(socket_create_server_obj, 1, socket_create_server);

static mp_obj_t socket_has_dualstack_ipv6(void) {
    return mp_obj_new_bool(BS_IPV6);
}
static MP_DEFINE_CONST_FUN_OBJ_0(socket_has_dualstack_ipv6_obj, socket_has_dualstack_ipv6);

// socketpair([family[, type[, proto]]]): two sockets connected over the loopback
static mp_obj_t socket_socketpair(size_t n_args, const mp_obj_t *args) {
    int family = n_args > 0 ? pynet_get_int(args[0]) : AF_INET;
    int type = n_args > 1 ? pynet_get_int(args[1]) : SOCK_STREAM;
    int proto = n_args > 2 ? pynet_get_int(args[2]) : 0;
    int fds[2];
    mp_obj_t items[2];
    for (size_t i = 0; i < 2; i++) {
        items[i] = MP_OBJ_FROM_PTR(socket_alloc(&mp_type_socket));
    }
    pynet_use();
    while (bs_socketpair(family, type, proto, fds) < 0) {
        if (errno != EINTR) {
            pynet_raise(errno);
        }
        mp_handle_pending(true);
    }
    // Asked for AF_UNIX it gives what there is.
    for (size_t i = 0; i < 2; i++) {
        socket_attach(MP_OBJ_TO_PTR(items[i]), fds[i], AF_INET, type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC), proto);
    }
    return mp_obj_new_tuple(2, items);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_socketpair_obj, 0, 3, socket_socketpair);

// --- the table ---

#define CONSTANT(name) { MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_INT(name) }

static const mp_rom_map_elem_t socket_module_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_socket) },

    { MP_ROM_QSTR(MP_QSTR_socket), MP_ROM_PTR(&mp_type_socket) },
    { MP_ROM_QSTR(MP_QSTR_SocketType), MP_ROM_PTR(&mp_type_socket) },
    { MP_ROM_QSTR(MP_QSTR_error), MP_ROM_PTR(&mp_type_OSError) },
    { MP_ROM_QSTR(MP_QSTR_timeout), MP_ROM_PTR(&mp_type_timeout) },
    { MP_ROM_QSTR(MP_QSTR_gaierror), MP_ROM_PTR(&mp_type_gaierror) },

    { MP_ROM_QSTR(MP_QSTR_create_connection), MP_ROM_PTR(&socket_create_connection_obj) },
    { MP_ROM_QSTR(MP_QSTR_create_server), MP_ROM_PTR(&socket_create_server_obj) },
    { MP_ROM_QSTR(MP_QSTR_getaddrinfo), MP_ROM_PTR(&socket_getaddrinfo_obj) },
    { MP_ROM_QSTR(MP_QSTR_getdefaulttimeout), MP_ROM_PTR(&socket_getdefaulttimeout_obj) },
    { MP_ROM_QSTR(MP_QSTR_gethostbyname), MP_ROM_PTR(&socket_gethostbyname_obj) },
    { MP_ROM_QSTR(MP_QSTR_gethostname), MP_ROM_PTR(&socket_gethostname_obj) },
    { MP_ROM_QSTR(MP_QSTR_getnameinfo), MP_ROM_PTR(&socket_getnameinfo_obj) },
    { MP_ROM_QSTR(MP_QSTR_has_dualstack_ipv6), MP_ROM_PTR(&socket_has_dualstack_ipv6_obj) },
    { MP_ROM_QSTR(MP_QSTR_has_ipv6), BS_IPV6 ? MP_ROM_TRUE : MP_ROM_FALSE },
    { MP_ROM_QSTR(MP_QSTR_htonl), MP_ROM_PTR(&socket_swap32_obj) },
    { MP_ROM_QSTR(MP_QSTR_htons), MP_ROM_PTR(&socket_swap16_obj) },
    { MP_ROM_QSTR(MP_QSTR_inet_aton), MP_ROM_PTR(&socket_inet_aton_obj) },
    { MP_ROM_QSTR(MP_QSTR_inet_ntoa), MP_ROM_PTR(&socket_inet_ntoa_obj) },
    { MP_ROM_QSTR(MP_QSTR_inet_ntop), MP_ROM_PTR(&socket_inet_ntop_obj) },
    { MP_ROM_QSTR(MP_QSTR_inet_pton), MP_ROM_PTR(&socket_inet_pton_obj) },
    { MP_ROM_QSTR(MP_QSTR_ntohl), MP_ROM_PTR(&socket_swap32_obj) },
    { MP_ROM_QSTR(MP_QSTR_ntohs), MP_ROM_PTR(&socket_swap16_obj) },
    { MP_ROM_QSTR(MP_QSTR_setdefaulttimeout), MP_ROM_PTR(&socket_setdefaulttimeout_obj) },
    { MP_ROM_QSTR(MP_QSTR_start_getaddrinfo), MP_ROM_PTR(&socket_start_getaddrinfo_obj) },
    { MP_ROM_QSTR(MP_QSTR_socketpair), MP_ROM_PTR(&socket_socketpair_obj) },

    CONSTANT(AF_UNSPEC),
    CONSTANT(AF_INET),
    CONSTANT(AF_INET6),
    CONSTANT(SOCK_STREAM),
    CONSTANT(SOCK_DGRAM),
    CONSTANT(SOCK_RAW),

    CONSTANT(SOL_SOCKET),
    CONSTANT(SO_REUSEADDR),
    CONSTANT(SO_REUSEPORT),
    CONSTANT(SO_BROADCAST),
    CONSTANT(SO_KEEPALIVE),
    CONSTANT(SO_LINGER),
    CONSTANT(SO_RCVBUF),
    CONSTANT(SO_SNDBUF),
    CONSTANT(SO_RCVTIMEO),
    CONSTANT(SO_SNDTIMEO),
    CONSTANT(SO_ERROR),
    CONSTANT(SO_TYPE),
    CONSTANT(SO_ACCEPTCONN),
    CONSTANT(SO_BINDTODEVICE),
    CONSTANT(SOMAXCONN),

    CONSTANT(IPPROTO_IP),
    CONSTANT(IPPROTO_ICMP),
    CONSTANT(IPPROTO_TCP),
    CONSTANT(IPPROTO_UDP),
    CONSTANT(IPPROTO_IPV6),
    CONSTANT(IPPROTO_ICMPV6),
    CONSTANT(IPPROTO_RAW),
    CONSTANT(TCP_NODELAY),
    CONSTANT(TCP_KEEPIDLE),
    CONSTANT(TCP_KEEPINTVL),
    CONSTANT(TCP_KEEPCNT),
    CONSTANT(TCP_MAXSEG),
    CONSTANT(TCP_INFO),
    CONSTANT(IP_TTL),
    CONSTANT(IP_TOS),
    CONSTANT(IP_ADD_MEMBERSHIP),
    CONSTANT(IP_DROP_MEMBERSHIP),
    CONSTANT(IP_MULTICAST_TTL),
    CONSTANT(IP_MULTICAST_LOOP),
    CONSTANT(IP_MULTICAST_IF),
    CONSTANT(IPV6_V6ONLY),
    CONSTANT(IPV6_JOIN_GROUP),
    CONSTANT(IPV6_LEAVE_GROUP),
    CONSTANT(IPV6_UNICAST_HOPS),
    CONSTANT(IPV6_MULTICAST_HOPS),
    CONSTANT(IPV6_MULTICAST_LOOP),
    CONSTANT(IPV6_MULTICAST_IF),

    CONSTANT(MSG_PEEK),
    CONSTANT(MSG_DONTWAIT),
    CONSTANT(MSG_WAITALL),
    CONSTANT(MSG_TRUNC),
    CONSTANT(MSG_MORE),
    CONSTANT(SHUT_RD),
    CONSTANT(SHUT_WR),
    CONSTANT(SHUT_RDWR),

    CONSTANT(AI_PASSIVE),
    CONSTANT(AI_CANONNAME),
    CONSTANT(AI_NUMERICHOST),
    CONSTANT(AI_NUMERICSERV),
    CONSTANT(AI_ADDRCONFIG),
    CONSTANT(AI_V4MAPPED),
    CONSTANT(AI_ALL),
    CONSTANT(EAI_AGAIN),
    CONSTANT(EAI_BADFLAGS),
    CONSTANT(EAI_FAIL),
    CONSTANT(EAI_FAMILY),
    CONSTANT(EAI_MEMORY),
    CONSTANT(EAI_NODATA),
    CONSTANT(EAI_NONAME),
    CONSTANT(EAI_OVERFLOW),
    CONSTANT(EAI_SERVICE),
    CONSTANT(EAI_SOCKTYPE),
    CONSTANT(EAI_SYSTEM),
    CONSTANT(NI_NUMERICHOST),
    CONSTANT(NI_NUMERICSERV),
    CONSTANT(NI_NAMEREQD),
    CONSTANT(NI_DGRAM),
    CONSTANT(NI_NOFQDN),
};
static MP_DEFINE_CONST_DICT(socket_module_globals, socket_module_globals_table);

const mp_obj_module_t mp_module_socket = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&socket_module_globals,
};

MP_REGISTER_EXTENSIBLE_MODULE(MP_QSTR_socket, mp_module_socket);
