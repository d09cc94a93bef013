// Module lwip: the stack under the sockets.

#include <errno.h>
#include <string.h>

#include "py/runtime.h"

#include "lwip/init.h"

#include "baresock/config.h"
#include "baresock/net.h"
#include "baresock/socket.h"
#include "python/pynet.h"

// reset(): as if the program had just started. Connections are reset, interfaces go down.
static mp_obj_t lwip_reset(void) {
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    for (int fd = BS_FD_BASE; fd < BS_FD_BASE + BS_MAX_SOCKETS; fd++) {
        if (bs_generation(fd) != 0) {
            bs_setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
            bs_close(fd);
        }
    }
    bs_net_shutdown();
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

static const mp_rom_map_elem_t lwip_module_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_lwip) },
    { MP_ROM_QSTR(MP_QSTR_reset), MP_ROM_PTR(&lwip_reset_obj) },
    { MP_ROM_QSTR(MP_QSTR_callback), MP_ROM_PTR(&lwip_callback_obj) },
    { MP_ROM_QSTR(MP_QSTR_version), MP_ROM_PTR(&lwip_version_obj) },
    { MP_ROM_QSTR(MP_QSTR_stats), MP_ROM_PTR(&lwip_stats_obj) },
};
static MP_DEFINE_CONST_DICT(lwip_module_globals, lwip_module_globals_table);

const mp_obj_module_t mp_module_lwip = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&lwip_module_globals,
};

MP_REGISTER_MODULE(MP_QSTR_lwip, mp_module_lwip);
