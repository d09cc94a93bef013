// Interfaces, as the modules network and uc386_net both need them.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "py/runtime.h"

#include "baresock/netdb.h"
#include "python/pyif.h"
#include "python/pynet.h"

void pyif_check(int result) {
    if (result < 0) {
        mp_raise_OSError(errno);
    }
}

int pyif_up(const char *link) {
    char why[BS_LINK_WHY] = "";
    pynet_use();
    int index = bs_net_up(link, why);
    if (index < 0 && why[0] != '\0') {
        int error = errno;
        mp_printf(MICROPY_ERROR_PRINTER, "the network's link could not be opened: %s\n", why);
        errno = error;
    }
    pyif_check(index);
    return index;
}

void pyif_status(int index, struct bs_net_status *status) {
    pyif_check(bs_net_status(index, status));
}

// Length of a netmask's prefix; -1 when it isn't one.
static int prefix_length(const char *netmask) {
    struct in_addr mask;
    if (bs_inet_pton(AF_INET, netmask, &mask) != 1) {
        return -1;
    }
    uint32_t host_bits = ~ntohl(mask.s_addr);
    if ((host_bits & (host_bits + 1)) != 0) {
        return -1;
    }
    int length = 32;
    for (; host_bits != 0; host_bits >>= 1) {
        length--;
    }
    return length;
}

void pyif_set_static(int index, const char *ip, const char *netmask, const char *gateway) {
    char spec[3 * BS_ADDR_TEXT];
    int length = prefix_length(netmask);
    if (length < 0) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("'%s' is not a netmask"), netmask);
    }
    bool routed = gateway != NULL && gateway[0] != '\0' && strcmp(gateway, "0.0.0.0") != 0;
    if (snprintf(spec, sizeof(spec), routed ? "%s/%d,%s" : "%s/%d", ip, length, gateway) >= (int)sizeof(spec)) {
        mp_raise_ValueError(MP_ERROR_TEXT("not an address"));
    }
    pyif_check(bs_net_ip4(index, spec));
}

mp_obj_t pyif_addr4(const char *text) {
    return mp_obj_new_str_from_cstr(text[0] != '\0' ? text : "0.0.0.0");
}

mp_obj_t pyif_mac(const struct bs_net_status *status) {
    const uint8_t *mac = status->stats.mac;
    char text[18];
    snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    return mp_obj_new_str_from_cstr(text);
}
