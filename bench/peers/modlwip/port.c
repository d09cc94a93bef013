// What mp's machine layer (ports/linux) asks the network for, with lwIP alone: waiting, and keeping the network
// moving while Python runs. As good for modlwip as it can be: frames are taken 64 at a time, and where nothing moved
// the process sleeps in poll() on the link until lwIP's next timer.

#include <limits.h>
#include <poll.h>
#include <stdlib.h>

#include "py/mphal.h"
#include "py/runtime.h"

#include "lwip/init.h"
#include "netif/ethernet.h"

#include "bench/peers/modlwip/network.h"
#include "bench/peers/netif_link.h"
#include "port.h"
#include "python/pynet.h"

static bool used;

// Whether the event hook, which comes before each wait, moved a frame: then there is something to look at first.
static bool moved;

bool network_up(void) {
    netif_link_seed();
    lwip_init();
    if (netif_link_up(getenv("BENCH_LINK"), getenv("BENCH_IP4"), ethernet_input) < 0) {
        return false;
    }
    used = true;
    pynet_countdown = 1;
    return true;
}

// --- waiting ---

void pynet_event_poll(void) {
    moved = used && netif_link_pump() > 0;
}

static void sleep_until(bs_time_t deadline) {
    if (used) {
        netif_link_sleep(deadline);
        netif_link_pump();
    } else {
        struct bs_waitset none = {0};
        port_wait(&none, deadline);
    }
}

void pynet_event_wait(mp_uint_t timeout_ms) {
    if (!moved) {
        sleep_until(timeout_ms == (mp_uint_t)-1 ? BS_TIME_NEVER : port_clock() + (bs_time_t)timeout_ms * 1000);
    }
    moved = false;
}

void pynet_sleep_us(uint64_t us) {
    bs_time_t deadline = port_clock() + us;
    mp_handle_pending(true);
    while (port_clock() < deadline) {
        pynet_event_poll();
        mp_handle_pending(true);
        if (!moved) {
            sleep_until(deadline);
        }
    }
}

// The console.
int bs_poll(struct pollfd *fds, nfds_t count, int timeout_ms) {
    return poll(fds, count, timeout_ms);
}

// --- while Python computes ---

// On a microcontroller an interrupt moves modlwip's network on. Here the VM does, as in mp: about every millisecond.
#define PUMP_INTERVAL_US 1000
#define COUNT_MAX 1024
#define COUNT_UNUSED UINT_MAX

unsigned pynet_countdown = COUNT_UNUSED;

void pynet_vm_hook(void) {
    static unsigned count = COUNT_MAX;
    static bs_time_t looked, pumped;
    bs_time_t now = port_clock();
    if (!used) {
        pynet_countdown = COUNT_UNUSED;
        return;
    }
    if (now - looked > PUMP_INTERVAL_US && count > 1) {
        count /= 2;
    } else if (now - looked < PUMP_INTERVAL_US / 4 && count < COUNT_MAX) {
        count *= 2;
    }
    looked = now;
    if (now - pumped >= PUMP_INTERVAL_US) {
        netif_link_pump();
        pumped = port_clock();
    }
    pynet_countdown = count;
}
