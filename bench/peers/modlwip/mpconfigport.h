// What MicroPython is with upstream's modlwip: the very configuration of mp, but for the network.

#include "ports/linux/mpconfigport.h"

#undef MICROPY_BANNER_NAME_AND_VERSION
#define MICROPY_BANNER_NAME_AND_VERSION "MicroPython v" MICROPY_VERSION_STRING "; modlwip"

// modlwip leaves parts of its sockets to what the collector clears.
#undef MICROPY_GC_CONSERVATIVE_CLEAR
#define MICROPY_GC_CONSERVATIVE_CLEAR (1)

#undef MICROPY_PY_LWIP
#undef MICROPY_PY_NETWORK
#undef MICROPY_PY_SELECT
#define MICROPY_PY_LWIP (1)
#define MICROPY_PY_NETWORK (1)
#define MICROPY_PY_SELECT (1)
#define MICROPY_PY_SELECT_POSIX_OPTIMISATIONS (0)
#define MICROPY_PY_NETWORK_HOSTNAME_DEFAULT "mpy-modlwip"
