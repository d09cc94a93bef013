// The network of mp-modlwip.
#ifndef BENCH_MODLWIP_NETWORK_H
#define BENCH_MODLWIP_NETWORK_H

#include <stdbool.h>

// Bring the network up as BENCH_LINK and BENCH_IP4 say. False after saying why on standard error.
bool network_up(void);

#endif // BENCH_MODLWIP_NETWORK_H
