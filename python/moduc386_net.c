// Module uc386_net: the set-up calls of MicroPython's DOS port, on this machine's default link.

#include <errno.h>

#include "py/runtime.h"

#include "python/pyif.h"
#include "python/pynet.h"

// eth_init(verbose=False): 0, or an error number
static mp_obj_t uc386_eth_init(size_t n_args, const mp_obj_t *args) {
    char why[BS_LINK_WHY] = "";
    bool verbose = n_args > 0 && mp_obj_is_true(args[0]);
    pynet_use();
    if (bs_net_default() == 0 && bs_net_up(NULL, why) < 0) {
        int error = errno;
        if (verbose) {
            mp_printf(&mp_plat_print, "eth_init: %s\n", why);
        }
        return MP_OBJ_NEW_SMALL_INT(error);
    }
    if (verbose) {
        struct bs_net_status status;
        pyif_status(0, &status);
        mp_printf(&mp_plat_print, "eth_init: %s, ", status.link);
        mp_obj_print(pyif_mac(&status), PRINT_STR);
        mp_print_str(&mp_plat_print, "\n");
    }
    return MP_OBJ_NEW_SMALL_INT(0);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(uc386_eth_init_obj, 0, 1, uc386_eth_init);

// eth_set_static(ip, netmask, gateway, dns=None)
static mp_obj_t uc386_eth_set_static(size_t n_args, const mp_obj_t *args) {
    pynet_use();
    pyif_set_static(0, mp_obj_str_get_str(args[0]), mp_obj_str_get_str(args[1]),
        args[2] == mp_const_none ? NULL : mp_obj_str_get_str(args[2]));
    if (n_args > 3 && args[3] != mp_const_none) {
        pyif_check(bs_net_dns(mp_obj_str_get_str(args[3])));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(uc386_eth_set_static_obj, 3, 4, uc386_eth_set_static);

// eth_set_dhcp(): asks; eth_status() tells when there is an address
static mp_obj_t uc386_eth_set_dhcp(void) {
    pynet_use();
    pyif_check(bs_net_ip4(0, "dhcp"));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(uc386_eth_set_dhcp_obj, uc386_eth_set_dhcp);

// eth_status(): (ip, netmask, gateway, up)
// `up` says that packets can go: the link is there, and has an address. A program that asked for DHCP waits for it.
static mp_obj_t uc386_eth_status(void) {
    struct bs_net_status status = {0};
    if (bs_net_default() != 0) {
        pyif_status(0, &status);
    }
    mp_obj_t items[] = {
        pyif_addr4(status.addr4),
        pyif_addr4(status.mask4),
        pyif_addr4(status.gateway4),
        mp_obj_new_bool(status.stats.up && status.addr4[0] != '\0'),
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}
static MP_DEFINE_CONST_FUN_OBJ_0(uc386_eth_status_obj, uc386_eth_status);

static mp_obj_t uc386_eth_mac(void) {
    struct bs_net_status status;
    pyif_status(0, &status);
    return pyif_mac(&status);
}
static MP_DEFINE_CONST_FUN_OBJ_0(uc386_eth_mac_obj, uc386_eth_mac);

static const mp_rom_map_elem_t uc386_net_module_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_uc386_net) },
    { MP_ROM_QSTR(MP_QSTR_eth_init), MP_ROM_PTR(&uc386_eth_init_obj) },
    { MP_ROM_QSTR(MP_QSTR_eth_set_static), MP_ROM_PTR(&uc386_eth_set_static_obj) },
    { MP_ROM_QSTR(MP_QSTR_eth_set_dhcp), MP_ROM_PTR(&uc386_eth_set_dhcp_obj) },
    { MP_ROM_QSTR(MP_QSTR_eth_status), MP_ROM_PTR(&uc386_eth_status_obj) },
    { MP_ROM_QSTR(MP_QSTR_eth_mac), MP_ROM_PTR(&uc386_eth_mac_obj) },
};
static MP_DEFINE_CONST_DICT(uc386_net_module_globals, uc386_net_module_globals_table);

const mp_obj_module_t mp_module_uc386_net = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&uc386_net_module_globals,
};

MP_REGISTER_MODULE(MP_QSTR_uc386_net, mp_module_uc386_net);
