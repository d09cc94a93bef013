// Time and randomness as MicroPython's runtime asks for them, the same on every machine.

#include "py/mphal.h"
#include "py/runtime.h"

#include "port.h"
#include "python/pynet.h"

mp_uint_t mp_hal_ticks_us(void) {
    return (mp_uint_t)port_clock();
}

mp_uint_t mp_hal_ticks_ms(void) {
    return (mp_uint_t)(port_clock() / 1000);
}

void mp_hal_delay_ms(mp_uint_t ms) {
    pynet_sleep_us((uint64_t)ms * 1000);
}

void mp_hal_delay_us(mp_uint_t us) {
    pynet_sleep_us(us);
}

void mp_hal_get_random(size_t n, void *buf) {
    int err = port_entropy(buf, n);
    if (err != 0) {
        mp_raise_OSError(-err);
    }
}
