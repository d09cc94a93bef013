// Socket addresses as Python tuples.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "py/runtime.h"

#include "baresock/net.h"
#include "baresock/netdb.h"
#include "python/pynet.h"
#include "python/pysocket.h"

uint16_t socket_get_port(mp_obj_t port_in) {
    mp_int_t port = mp_obj_get_int(port_in);
    if (port < 0 || port > 0xffff) {
        mp_raise_msg(&mp_type_OverflowError, MP_ERROR_TEXT("port must be 0-65535"));
    }
    return (uint16_t)port;
}

const char *socket_get_text(mp_obj_t text_in) {
    size_t len;
    const char *text = mp_obj_str_get_data(text_in, &len);
    if (memchr(text, '\0', len) != NULL) {
        mp_raise_ValueError(MP_ERROR_TEXT("embedded null character"));
    }
    return text;
}

// Flow label or scope of an IPv6 address.
static uint32_t get_number(mp_obj_t number_in, mp_uint_t most) {
    mp_int_t number = mp_obj_get_int(number_in);
    if (number < 0 || (mp_uint_t)number > most) {
        mp_raise_msg(&mp_type_OverflowError, MP_ERROR_TEXT("flowinfo must be 0-1048575, scope_id a 32-bit number"));
    }
    return (uint32_t)number;
}

static void set_port(struct sockaddr_storage *addr, uint16_t port) {
    if (addr->ss_family == AF_INET6) {
        ((struct sockaddr_in6 *)addr)->sin6_port = htons(port);
    } else {
        ((struct sockaddr_in *)addr)->sin_port = htons(port);
    }
}

// Reads a host that needs no look-up. A socket of AF_INET6 reaches IPv4 by mapped addresses.
static bool get_numeric_host(const char *host, int family, struct sockaddr_storage *addr) {
    if (family == AF_INET6) {
        struct in6_addr *ip6 = &((struct sockaddr_in6 *)addr)->sin6_addr;
        if (bs_inet_pton(AF_INET, host, &ip6->s6_addr[12]) == 1) {
            memset(&ip6->s6_addr[10], 0xff, 2);
            return true;
        }
        return host[0] == '\0' || bs_inet_pton(AF_INET6, host, ip6) == 1;
    }
    struct in_addr *ip = &((struct sockaddr_in *)addr)->sin_addr;
    if (strcmp(host, "<broadcast>") == 0) {
        ip->s_addr = htonl(INADDR_BROADCAST);
        return true;
    }
    return host[0] == '\0' || bs_inet_pton(AF_INET, host, ip) == 1;
}

bool socket_address_is_ip6(mp_obj_t addr_in) {
    size_t n_items;
    mp_obj_t *items;
    mp_obj_get_array(addr_in, &n_items, &items);
    return n_items == 4 && strchr(mp_obj_str_get_str(items[0]), ':') != NULL;
}

socklen_t socket_get_address(mp_obj_t addr_in, int family, struct sockaddr_storage *addr, bs_time_t deadline) {
    size_t n_items;
    mp_obj_t *items;
    mp_obj_get_array(addr_in, &n_items, &items);
    if (n_items < 2 || n_items > (family == AF_INET6 ? 4u : 2u)) {
        mp_raise_TypeError(family == AF_INET6 ? MP_ERROR_TEXT("address must be (host, port[, flowinfo[, scope_id]])")
            : MP_ERROR_TEXT("address must be (host, port)"));
    }
    const char *host = socket_get_text(items[0]);
    uint16_t port = socket_get_port(items[1]);
    memset(addr, 0, sizeof(*addr));
    addr->ss_family = (sa_family_t)family;
    if (!get_numeric_host(host, family, addr)) {
        struct addrinfo hints = {.ai_family = family, .ai_flags = family == AF_INET6 ? AI_V4MAPPED : 0};
        struct addrinfo *list = socket_lookup(host, NULL, &hints, deadline == 0 ? BS_TIME_NEVER : deadline);
        memcpy(addr, list->ai_addr, list->ai_addrlen);
        bs_freeaddrinfo(list);
    }
    set_port(addr, port);
    if (family == AF_INET6) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr;
        if (n_items > 2) {
            in6->sin6_flowinfo = htonl(get_number(items[2], 0xfffff));
        }
        if (n_items > 3 && items[3] != MP_OBJ_NEW_SMALL_INT(0)) {
            in6->sin6_scope_id = get_number(items[3], UINT32_MAX);
        }
        return sizeof(struct sockaddr_in6);
    }
    return sizeof(struct sockaddr_in);
}

mp_obj_t socket_new_address(const struct sockaddr_storage *addr, socklen_t len) {
    char text[INET6_ADDRSTRLEN];
    if (len == 0) {
        return mp_const_none;
    }
    if (addr->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;
        mp_obj_t items[] = {
            mp_obj_new_str_from_cstr(bs_inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text))),
            MP_OBJ_NEW_SMALL_INT(ntohs(in6->sin6_port)),
            mp_obj_new_int_from_uint(ntohl(in6->sin6_flowinfo)),
            mp_obj_new_int_from_uint(in6->sin6_scope_id),
        };
        return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
    }
    const struct sockaddr_in *in = (const struct sockaddr_in *)addr;
    mp_obj_t items[] = {
        mp_obj_new_str_from_cstr(bs_inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text))),
        MP_OBJ_NEW_SMALL_INT(ntohs(in->sin_port)),
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}
