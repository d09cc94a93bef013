// What the modules that set up interfaces share.
#ifndef BARESOCK_PYTHON_PYIF_H
#define BARESOCK_PYTHON_PYIF_H

#include "py/obj.h"

#include "baresock/net.h"

// Bring up a link (NULL: the default one); OSError with its reason on standard error.
int pyif_up(const char *link);

// How an interface does, else OSError.
void pyif_status(int index, struct bs_net_status *status);

// Give an interface a fixed address, each part as text.
void pyif_set_static(int index, const char *ip, const char *netmask, const char *gateway);

// Raise OSError when a bs_net call failed.
void pyif_check(int result);

// An address text, '0.0.0.0' where there is none.
mp_obj_t pyif_addr4(const char *text);

mp_obj_t pyif_mac(const struct bs_net_status *status);

#endif // BARESOCK_PYTHON_PYIF_H
