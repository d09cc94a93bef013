// Module lwip: the stack under the sockets.

#include <errno.h>
#include <string.h>

#include "py/runtime.h"

#include "lwip/init.h"

#include "baresock/config.h"
#include "baresock/info.h"
#include "baresock/net.h"
#include "baresock/socket.h"
#include "python/pynet.h"
#include "python/pysocket.h"

// reset(): as if the program had just started. Connections are reset, interfaces go down.
static mp_obj_t lwip_reset(void) {
    bs_net_reset();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(lwip_reset_obj, lwip_reset);

// callback(): never needed, and harmless
static mp_obj_t lwip_callback(void) {
    pynet_use();
    return MP_OBJ_NEW_SMALL_INT(bs_net_pump());
}
static MP_DEFINE_CONST_FUN_OBJ_0(lwip_callback_obj, lwip_callback);

static mp_obj_t lwip_version(void) {
    return mp_obj_new_str_from_cstr(LWIP_VERSION_STRING);
}
static MP_DEFINE_CONST_FUN_OBJ_0(lwip_version_obj, lwip_version);

static mp_obj_t str_key(const char *text) {
    return mp_obj_new_str_via_qstr(text, strlen(text));
}

static mp_obj_t new_stat(const struct bs_net_stat *stat) {
    if (strcmp(stat->group, "pool") != 0) {
        return mp_obj_new_int_from_uint(stat->value);
    }
    mp_obj_t dict = mp_obj_new_dict(4);
    mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(MP_QSTR_used), mp_obj_new_int_from_uint(stat->value));
    mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(MP_QSTR_most), mp_obj_new_int_from_uint(stat->most));
    mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(MP_QSTR_size), mp_obj_new_int_from_uint(stat->size));
    mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(MP_QSTR_failed), mp_obj_new_int_from_uint(stat->failed));
    return dict;
}

// stats(): {group: {name: count}}; {'pool': {name: {'used', 'most', 'size', 'failed'}}}
static mp_obj_t lwip_stats(void) {
    struct bs_net_stat stat;
    mp_obj_t groups = mp_obj_new_dict(0);
    for (unsigned i = 0; bs_net_stats(i, &stat) == 0; i++) {
        mp_map_elem_t *elem = mp_map_lookup(mp_obj_dict_get_map(groups), str_key(stat.group), MP_MAP_LOOKUP_ADD_IF_NOT_FOUND);
        if (elem->value == MP_OBJ_NULL) {
            elem->value = mp_obj_new_dict(0);
        }
        mp_obj_dict_store(elem->value, str_key(stat.name), new_stat(&stat));
    }
    return groups;
}
static MP_DEFINE_CONST_FUN_OBJ_0(lwip_stats_obj, lwip_stats);

static void store_uint(mp_obj_t dict, qstr name, uint32_t value) {
    mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(name), mp_obj_new_int_from_uint(value));
}

static void store_str(mp_obj_t dict, qstr name, const char *value) {
    mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(name), str_key(value));
}

static mp_obj_t new_address(const struct sockaddr_storage *addr) {
    return socket_new_address(addr, addr->ss_family == AF_UNSPEC ? 0 : sizeof(*addr));
}

// sockets(): a list of {'fd', 'family', 'type', 'state', 'local', 'peer', 'receive_queue', 'send_queue'}; addresses as
// tuples or None, queues in bytes, of a listening socket in connections: those that wait, and the backlog
static mp_obj_t lwip_sockets(void) {
    mp_obj_t list = mp_obj_new_list(0, NULL);
    struct bs_socket_info info;
    for (int fd = BS_FD_BASE; fd < BS_FD_BASE + BS_MAX_SOCKETS; fd++) {
        if (bs_socket_info(fd, &info) < 0) {
            continue;
        }
        mp_obj_t dict = mp_obj_new_dict(8);
        store_uint(dict, MP_QSTR_fd, fd);
        store_uint(dict, MP_QSTR_family, info.family);
        store_uint(dict, MP_QSTR_type, info.type);
        store_str(dict, MP_QSTR_state, info.state);
        mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(MP_QSTR_local), new_address(&info.local));
        mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(MP_QSTR_peer), new_address(&info.peer));
        store_uint(dict, MP_QSTR_receive_queue, info.receive_queue);
        store_uint(dict, MP_QSTR_send_queue, info.send_queue);
        mp_obj_list_append(list, dict);
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_0(lwip_sockets_obj, lwip_sockets);

// tcp_info(socket or fileno): what TCP keeps of a connection, windows and queues in bytes, times in milliseconds
static mp_obj_t lwip_tcp_info(mp_obj_t socket) {
    struct bs_tcp_info info;
    mp_obj_socket_t *self = socket_get_maybe(socket);
    int fd = self != NULL ? socket_fd_raise(self) : pynet_get_int(socket);
    if (bs_tcp_info(fd, &info) < 0) {
        pynet_raise(errno);
    }
    mp_obj_t dict = mp_obj_new_dict(13);
    store_str(dict, MP_QSTR_state, info.state);
    store_uint(dict, MP_QSTR_cwnd, info.cwnd);
    store_uint(dict, MP_QSTR_ssthresh, info.ssthresh);
    store_uint(dict, MP_QSTR_srtt_ms, info.srtt_ms);
    store_uint(dict, MP_QSTR_rto_ms, info.rto_ms);
    store_uint(dict, MP_QSTR_retransmit, info.retransmit);
    store_uint(dict, MP_QSTR_snd_wnd, info.snd_wnd);
    store_uint(dict, MP_QSTR_rcv_wnd, info.rcv_wnd);
    store_uint(dict, MP_QSTR_snd_buf, info.snd_buf);
    store_uint(dict, MP_QSTR_mss, info.mss);
    store_uint(dict, MP_QSTR_unacked, info.unacked);
    store_uint(dict, MP_QSTR_received, info.received);
    mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(MP_QSTR_nodelay), mp_obj_new_bool(info.nodelay));
    return dict;
}
static MP_DEFINE_CONST_FUN_OBJ_1(lwip_tcp_info_obj, lwip_tcp_info);

static const mp_rom_map_elem_t lwip_module_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_lwip) },
    { MP_ROM_QSTR(MP_QSTR_reset), MP_ROM_PTR(&lwip_reset_obj) },
    { MP_ROM_QSTR(MP_QSTR_callback), MP_ROM_PTR(&lwip_callback_obj) },
    { MP_ROM_QSTR(MP_QSTR_version), MP_ROM_PTR(&lwip_version_obj) },
    { MP_ROM_QSTR(MP_QSTR_stats), MP_ROM_PTR(&lwip_stats_obj) },
    { MP_ROM_QSTR(MP_QSTR_sockets), MP_ROM_PTR(&lwip_sockets_obj) },
    { MP_ROM_QSTR(MP_QSTR_tcp_info), MP_ROM_PTR(&lwip_tcp_info_obj) },
};
static MP_DEFINE_CONST_DICT(lwip_module_globals, lwip_module_globals_table);

const mp_obj_module_t mp_module_lwip = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&lwip_module_globals,
};

MP_REGISTER_MODULE(MP_QSTR_lwip, mp_module_lwip);
