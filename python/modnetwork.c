// Module network: MicroPython's way to set up interfaces.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "py/runtime.h"

#include "python/pyif.h"
#include "python/pynet.h"

typedef struct _mp_obj_lan_t {
    mp_obj_base_t base;
    mp_obj_t link;      // None for the default one
    int index;          // 0 while down
} mp_obj_lan_t;

// --- DNS servers ---

// A server or several, as text for bs_net_dns().
static void set_dns(mp_obj_t servers_in) {
    vstr_t spec;
    vstr_init(&spec, 64);
    if (mp_obj_is_str(servers_in)) {
        vstr_add_str(&spec, mp_obj_str_get_str(servers_in));
    } else {
        size_t len;
        mp_obj_t *items;
        mp_obj_get_array(servers_in, &len, &items);
        for (size_t i = 0; i < len; i++) {
            vstr_printf(&spec, i == 0 ? "%s" : ",%s", mp_obj_str_get_str(items[i]));
        }
    }
    pyif_check(bs_net_dns(vstr_null_terminated_str(&spec)));
}

static mp_obj_t new_dns_server(void) {
    char text[BS_ADDR_TEXT] = "";
    bs_net_dns_server(0, text);
    return pyif_addr4(text);
}

// --- network.LAN ---

// LAN(link=None): nothing happens before active(True)
static mp_obj_t lan_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *all_args) {
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_link, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all_kw_array(n_args, n_kw, all_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    mp_obj_lan_t *self = mp_obj_malloc(mp_obj_lan_t, type);
    self->link = args[0].u_obj;
    self->index = 0;
    if (self->link == mp_const_none) {
        // The interface that came up by itself, or by the command line, is this one.
        self->index = bs_net_default();
    } else {
        mp_obj_str_get_str(self->link);
    }
    return MP_OBJ_FROM_PTR(self);
}

// Whether it is up; lwip.reset() may have taken it down.
static bool lan_status(mp_obj_lan_t *self, struct bs_net_status *status) {
    if (self->index != 0 && bs_net_status(self->index, status) == 0) {
        return true;
    }
    self->index = 0;
    memset(status, 0, sizeof(*status));
    return false;
}

static void lan_up(mp_obj_lan_t *self) {
    struct bs_net_status status;
    if (!lan_status(self, &status)) {
        int index = self->link == mp_const_none ? bs_net_default() : 0;
        self->index = index != 0 ? index : pyif_up(self->link == mp_const_none ? NULL : mp_obj_str_get_str(self->link));
    }
}

// active([up])
static mp_obj_t lan_active(size_t n_args, const mp_obj_t *args) {
    mp_obj_lan_t *self = MP_OBJ_TO_PTR(args[0]);
    struct bs_net_status status;
    if (n_args == 1) {
        return mp_obj_new_bool(lan_status(self, &status));
    }
    if (mp_obj_is_true(args[1])) {
        lan_up(self);
    } else if (lan_status(self, &status)) {
        pyif_check(bs_net_down(self->index));
        self->index = 0;
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(lan_active_obj, 1, 2, lan_active);

// connect(): up, with an address from DHCP unless there is one
static mp_obj_t lan_connect(mp_obj_t self_in) {
    mp_obj_lan_t *self = MP_OBJ_TO_PTR(self_in);
    struct bs_net_status status;
    lan_up(self);
    if (lan_status(self, &status) && status.ip4 == BS_NET_OFF) {
        pyif_check(bs_net_ip4(self->index, "dhcp"));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(lan_connect_obj, lan_connect);

// disconnect(): gives the address back
static mp_obj_t lan_disconnect(mp_obj_t self_in) {
    mp_obj_lan_t *self = MP_OBJ_TO_PTR(self_in);
    struct bs_net_status status;
    if (lan_status(self, &status)) {
        pyif_check(bs_net_ip4(self->index, "off"));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(lan_disconnect_obj, lan_disconnect);

static mp_obj_t lan_isconnected(mp_obj_t self_in) {
    struct bs_net_status status;
    return mp_obj_new_bool(lan_status(MP_OBJ_TO_PTR(self_in), &status) && status.stats.up
        && (status.ip4 == BS_NET_READY || status.ip6 == BS_NET_READY));
}
static MP_DEFINE_CONST_FUN_OBJ_1(lan_isconnected_obj, lan_isconnected);

// status(): one of network.STAT_*
static mp_obj_t lan_status_method(mp_obj_t self_in) {
    struct bs_net_status status;
    lan_status(MP_OBJ_TO_PTR(self_in), &status);
    return MP_OBJ_NEW_SMALL_INT(status.ip4 != BS_NET_OFF ? status.ip4 : status.ip6);
}
static MP_DEFINE_CONST_FUN_OBJ_1(lan_status_obj, lan_status_method);

// ifconfig([(ip, netmask, gateway, dns)]), or ifconfig('dhcp')
static mp_obj_t lan_ifconfig(size_t n_args, const mp_obj_t *args) {
    mp_obj_lan_t *self = MP_OBJ_TO_PTR(args[0]);
    struct bs_net_status status;
    if (n_args == 1) {
        lan_status(self, &status);
        mp_obj_t items[] = {pyif_addr4(status.addr4), pyif_addr4(status.mask4), pyif_addr4(status.gateway4), new_dns_server()};
        return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
    }
    lan_up(self);
    if (mp_obj_is_str(args[1])) {
        pyif_check(bs_net_ip4(self->index, mp_obj_str_get_str(args[1])));
        return mp_const_none;
    }
    mp_obj_t *items;
    mp_obj_get_array_fixed_n(args[1], 4, &items);
    pyif_set_static(self->index, mp_obj_str_get_str(items[0]), mp_obj_str_get_str(items[1]), mp_obj_str_get_str(items[2]));
    set_dns(items[3]);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(lan_ifconfig_obj, 1, 2, lan_ifconfig);

static mp_obj_t new_ip6_list(const struct bs_net_status *status) {
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (size_t i = 0; i < BS_NET_ADDRS && status->addr6[i][0] != '\0'; i++) {
        mp_obj_list_append(list, mp_obj_new_str_from_cstr(status->addr6[i]));
    }
    return list;
}

static NORETURN void unknown_parameter(void) {
    mp_raise_ValueError(MP_ERROR_TEXT("unknown config parameter"));
}

static mp_obj_t lan_ipconfig_get(mp_obj_lan_t *self, qstr name) {
    struct bs_net_status status;
    lan_status(self, &status);
    switch (name) {
        case MP_QSTR_dhcp4:
            return mp_obj_new_bool(status.dhcp);
        case MP_QSTR_autoconf6:
            return mp_obj_new_bool(status.autoconf);
        case MP_QSTR_has_dhcp4:
            return mp_obj_new_bool(status.dhcp && status.ip4 == BS_NET_READY);
        case MP_QSTR_has_autoconf6:
            return mp_obj_new_bool(status.autoconf && status.ip6 == BS_NET_READY);
        case MP_QSTR_gw4:
            return pyif_addr4(status.gateway4);
        case MP_QSTR_gw6:
            return mp_obj_new_str_from_cstr(status.gateway6);
        case MP_QSTR_addr4: {
            mp_obj_t pair[] = {pyif_addr4(status.addr4), pyif_addr4(status.mask4)};
            return mp_obj_new_tuple(2, pair);
        }
        case MP_QSTR_addr6:
            return new_ip6_list(&status);
        default:
            unknown_parameter();
    }
}

// addr4 as 'ip/len', 'ip' (of a /24), or (ip, netmask)
static void set_addr4(mp_obj_lan_t *self, mp_obj_t addr_in, mp_obj_t gateway_in) {
    struct bs_net_status status;
    lan_status(self, &status);
    const char *gateway = gateway_in == MP_OBJ_NULL ? status.gateway4 : mp_obj_str_get_str(gateway_in);
    if (addr_in == MP_OBJ_NULL && status.addr4[0] == '\0') {
        mp_raise_ValueError(MP_ERROR_TEXT("gw4 needs addr4"));
    }
    if (addr_in == MP_OBJ_NULL) {
        pyif_set_static(self->index, status.addr4, status.mask4, gateway);
    } else if (!mp_obj_is_str(addr_in)) {
        mp_obj_t *items;
        mp_obj_get_array_fixed_n(addr_in, 2, &items);
        pyif_set_static(self->index, mp_obj_str_get_str(items[0]), mp_obj_str_get_str(items[1]), gateway);
    } else {
        vstr_t spec;
        vstr_init(&spec, 64);
        vstr_add_str(&spec, mp_obj_str_get_str(addr_in));
        if (strchr(vstr_null_terminated_str(&spec), '/') == NULL) {
            vstr_add_str(&spec, "/24");
        }
        if (gateway[0] != '\0') {
            vstr_printf(&spec, ",%s", gateway);
        }
        pyif_check(bs_net_ip4(self->index, vstr_null_terminated_str(&spec)));
    }
}

static void set_addr6(mp_obj_lan_t *self, mp_obj_t addr_in, mp_obj_t gateway_in) {
    vstr_t spec;
    vstr_init(&spec, 64);
    vstr_add_str(&spec, mp_obj_str_get_str(addr_in));
    if (strchr(vstr_null_terminated_str(&spec), '/') == NULL) {
        vstr_add_str(&spec, "/64");
    }
    if (gateway_in != MP_OBJ_NULL) {
        vstr_printf(&spec, ",%s", mp_obj_str_get_str(gateway_in));
    }
    pyif_check(bs_net_ip6(self->index, vstr_null_terminated_str(&spec)));
}

// ipconfig('name'), or ipconfig(name=value, ...)
static mp_obj_t lan_ipconfig(size_t n_args, const mp_obj_t *args, mp_map_t *kwargs) {
    mp_obj_lan_t *self = MP_OBJ_TO_PTR(args[0]);
    mp_obj_t addr4 = MP_OBJ_NULL, gw4 = MP_OBJ_NULL, addr6 = MP_OBJ_NULL, gw6 = MP_OBJ_NULL;
    if (kwargs->used == 0) {
        mp_arg_check_num(n_args, 0, 2, 2, false);
        return lan_ipconfig_get(self, mp_obj_str_get_qstr(args[1]));
    }
    lan_up(self);
    for (size_t i = 0; i < kwargs->alloc; i++) {
        if (!mp_map_slot_is_filled(kwargs, i)) {
            continue;
        }
        mp_obj_t value = kwargs->table[i].value;
        switch (mp_obj_str_get_qstr(kwargs->table[i].key)) {
            case MP_QSTR_dhcp4:
                pyif_check(bs_net_ip4(self->index, mp_obj_is_true(value) ? "dhcp" : "off"));
                break;
            case MP_QSTR_autoconf6:
                pyif_check(bs_net_ip6(self->index, mp_obj_is_true(value) ? "auto" : "off"));
                break;
            case MP_QSTR_dns:
                set_dns(value);
                break;
            case MP_QSTR_addr4:
                addr4 = value;
                break;
            case MP_QSTR_gw4:
                gw4 = value;
                break;
            case MP_QSTR_addr6:
                addr6 = value;
                break;
            case MP_QSTR_gw6:
                gw6 = value;
                break;
            default:
                unknown_parameter();
        }
    }
    if (addr4 != MP_OBJ_NULL && mp_obj_is_str(addr4) && strcmp(mp_obj_str_get_str(addr4), "dhcp") == 0) {
        pyif_check(bs_net_ip4(self->index, "dhcp"));
    } else if (addr4 != MP_OBJ_NULL || gw4 != MP_OBJ_NULL) {
        set_addr4(self, addr4, gw4);
    }
    if (addr6 != MP_OBJ_NULL) {
        set_addr6(self, addr6, gw6);
    } else if (gw6 != MP_OBJ_NULL) {
        mp_raise_ValueError(MP_ERROR_TEXT("gw6 needs addr6"));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(lan_ipconfig_obj, 1, lan_ipconfig);

static mp_obj_t network_set_hostname(mp_obj_t name_in) {
    pyif_check(bs_net_hostname(mp_obj_str_get_str(name_in)));
    return mp_const_none;
}

// config('mac' | 'hostname' | 'link'), or config(hostname=...)
static mp_obj_t lan_config(size_t n_args, const mp_obj_t *args, mp_map_t *kwargs) {
    mp_obj_lan_t *self = MP_OBJ_TO_PTR(args[0]);
    struct bs_net_status status;
    if (kwargs->used != 0) {
        mp_map_elem_t *elem = mp_map_lookup(kwargs, MP_OBJ_NEW_QSTR(MP_QSTR_hostname), MP_MAP_LOOKUP);
        if (elem == NULL || kwargs->used != 1) {
            unknown_parameter();
        }
        return network_set_hostname(elem->value);
    }
    mp_arg_check_num(n_args, 0, 2, 2, false);
    bool up = lan_status(self, &status);
    switch (mp_obj_str_get_qstr(args[1])) {
        case MP_QSTR_mac:
            return mp_obj_new_bytes(status.stats.mac, sizeof(status.stats.mac));
        case MP_QSTR_hostname:
            return mp_obj_new_str_from_cstr(bs_net_get_hostname());
        case MP_QSTR_link:
            return up ? mp_obj_new_str_from_cstr(status.link) : self->link;
        default:
            unknown_parameter();
    }
}
static MP_DEFINE_CONST_FUN_OBJ_KW(lan_config_obj, 1, lan_config);

static void lan_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    struct bs_net_status status;
    (void)kind;
    if (lan_status(MP_OBJ_TO_PTR(self_in), &status)) {
        mp_printf(print, "<LAN %s %s>", status.link, status.addr4[0] != '\0' ? status.addr4 : "without address");
    } else {
        mp_print_str(print, "<LAN down>");
    }
}

static const mp_rom_map_elem_t lan_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR_active), MP_ROM_PTR(&lan_active_obj) },
    { MP_ROM_QSTR(MP_QSTR_config), MP_ROM_PTR(&lan_config_obj) },
    { MP_ROM_QSTR(MP_QSTR_connect), MP_ROM_PTR(&lan_connect_obj) },
    { MP_ROM_QSTR(MP_QSTR_disconnect), MP_ROM_PTR(&lan_disconnect_obj) },
    { MP_ROM_QSTR(MP_QSTR_ifconfig), MP_ROM_PTR(&lan_ifconfig_obj) },
    { MP_ROM_QSTR(MP_QSTR_ipconfig), MP_ROM_PTR(&lan_ipconfig_obj) },
    { MP_ROM_QSTR(MP_QSTR_isconnected), MP_ROM_PTR(&lan_isconnected_obj) },
    { MP_ROM_QSTR(MP_QSTR_status), MP_ROM_PTR(&lan_status_obj) },
};
static MP_DEFINE_CONST_DICT(lan_locals_dict, lan_locals_dict_table);

static MP_DEFINE_CONST_OBJ_TYPE(
    network_lan_type,
    MP_QSTR_LAN,
    MP_TYPE_FLAG_NONE,
    make_new, lan_make_new,
    print, lan_print,
    locals_dict, &lan_locals_dict
    );

// --- the module ---

// hostname([name])
static mp_obj_t network_hostname(size_t n_args, const mp_obj_t *args) {
    return n_args == 0 ? mp_obj_new_str_from_cstr(bs_net_get_hostname()) : network_set_hostname(args[0]);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(network_hostname_obj, 0, 1, network_hostname);

static mp_obj_t network_ipconfig_get(qstr name) {
    if (name != MP_QSTR_dns) {
        unknown_parameter();
    }
    char text[BS_ADDR_TEXT];
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (unsigned i = 0; bs_net_dns_server(i, text) == 0; i++) {
        mp_obj_list_append(list, mp_obj_new_str_from_cstr(text));
    }
    return list;
}

// ipconfig('dns'), or ipconfig(dns=...)
static mp_obj_t network_ipconfig(size_t n_args, const mp_obj_t *args, mp_map_t *kwargs) {
    if (kwargs->used == 0) {
        mp_arg_check_num(n_args, 0, 1, 1, false);
        return network_ipconfig_get(mp_obj_str_get_qstr(args[0]));
    }
    for (size_t i = 0; i < kwargs->alloc; i++) {
        if (mp_map_slot_is_filled(kwargs, i)) {
            if (kwargs->table[i].key != MP_OBJ_NEW_QSTR(MP_QSTR_dns)) {
                unknown_parameter();
            }
            set_dns(kwargs->table[i].value);
        }
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(network_ipconfig_obj, 0, network_ipconfig);

static const mp_rom_map_elem_t network_module_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_network) },
    { MP_ROM_QSTR(MP_QSTR_LAN), MP_ROM_PTR(&network_lan_type) },
    { MP_ROM_QSTR(MP_QSTR_hostname), MP_ROM_PTR(&network_hostname_obj) },
    { MP_ROM_QSTR(MP_QSTR_ipconfig), MP_ROM_PTR(&network_ipconfig_obj) },
    { MP_ROM_QSTR(MP_QSTR_STAT_IDLE), MP_ROM_INT(BS_NET_OFF) },
    { MP_ROM_QSTR(MP_QSTR_STAT_CONNECTING), MP_ROM_INT(BS_NET_CONFIGURING) },
    { MP_ROM_QSTR(MP_QSTR_STAT_GOT_IP), MP_ROM_INT(BS_NET_READY) },
    { MP_ROM_QSTR(MP_QSTR_STAT_CONNECT_FAIL), MP_ROM_INT(BS_NET_FAILED) },
};
static MP_DEFINE_CONST_DICT(network_module_globals, network_module_globals_table);

const mp_obj_module_t mp_module_network = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&network_module_globals,
};

MP_REGISTER_MODULE(MP_QSTR_network, mp_module_network);
