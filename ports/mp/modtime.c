// What module time has beyond extmod/modtime.c, which includes this file: calendar time of the C library, and a sleep
// that keeps the network moving.

#include <limits.h>
#include <math.h>
#include <time.h>

#include "py/mphal.h"
#include "py/runtime.h"
#include "python/pynet.h"

static mp_obj_t mp_time_time_get(void) {
    return mp_obj_new_float((mp_float_t)mp_hal_time_ns() / 1e9);
}

static mp_obj_t mp_time_sleep(mp_obj_t seconds_in) {
    mp_float_t seconds = mp_obj_get_float(seconds_in);
    if (isnan(seconds) || seconds < 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("sleep length must be non-negative"));
    }
    pynet_sleep_us(seconds < 1e12 ? (uint64_t)(seconds * 1e6 + 0.5) : (uint64_t)1000000000000000000);
    return mp_const_none;
}

static mp_obj_t time_clock(void) {
    return mp_obj_new_float((mp_float_t)clock() / CLOCKS_PER_SEC);
}
static MP_DEFINE_CONST_FUN_OBJ_0(time_clock_obj, time_clock);

static mp_obj_t time_broken_down(size_t n_args, const mp_obj_t *args, struct tm *(*convert)(const time_t *, struct tm *)) {
    time_t when;
    struct tm tm;
    if (n_args == 0 || args[0] == mp_const_none) {
        when = time(NULL);
    } else {
        mp_float_t seconds = floor(mp_obj_get_float(args[0]));
        if (!(fabs(seconds) < 1e17)) {
            // Beyond what the C library can count years for; also what is no number.
            mp_raise_msg(&mp_type_OverflowError, MP_ERROR_TEXT("time out of range"));
        }
        when = (time_t)seconds;
    }
    if (convert(&when, &tm) == NULL) {
        mp_raise_msg(&mp_type_OverflowError, MP_ERROR_TEXT("time out of range"));
    }
    // Python counts months from 1, and weekdays from Monday.
    mp_obj_t items[] = {
        MP_OBJ_NEW_SMALL_INT(tm.tm_year + 1900),
        MP_OBJ_NEW_SMALL_INT(tm.tm_mon + 1),
        MP_OBJ_NEW_SMALL_INT(tm.tm_mday),
        MP_OBJ_NEW_SMALL_INT(tm.tm_hour),
        MP_OBJ_NEW_SMALL_INT(tm.tm_min),
        MP_OBJ_NEW_SMALL_INT(tm.tm_sec),
        MP_OBJ_NEW_SMALL_INT((tm.tm_wday + 6) % 7),
        MP_OBJ_NEW_SMALL_INT(tm.tm_yday + 1),
        MP_OBJ_NEW_SMALL_INT(tm.tm_isdst),
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}

static mp_obj_t time_gmtime(size_t n_args, const mp_obj_t *args) {
    return time_broken_down(n_args, args, gmtime_r);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(time_gmtime_obj, 0, 1, time_gmtime);

static mp_obj_t time_localtime(size_t n_args, const mp_obj_t *args) {
    return time_broken_down(n_args, args, localtime_r);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(time_localtime_obj, 0, 1, time_localtime);

static int get_field(mp_obj_t field_in, int base) {
    mp_int_t field = mp_obj_get_int(field_in);
    if (field < -INT_MAX / 2 || field > INT_MAX / 2) {
        mp_raise_msg(&mp_type_OverflowError, MP_ERROR_TEXT("mktime argument out of range"));
    }
    return (int)field - base;
}

static mp_obj_t time_mktime(mp_obj_t fields_in) {
    size_t len;
    mp_obj_t *field;
    mp_obj_get_array(fields_in, &len, &field);
    if (len != 8 && len != 9) {
        mp_raise_TypeError(MP_ERROR_TEXT("mktime needs a tuple of 8 or 9"));
    }
    struct tm tm = {
        .tm_year = get_field(field[0], 1900),
        .tm_mon = get_field(field[1], 1),
        .tm_mday = get_field(field[2], 0),
        .tm_hour = get_field(field[3], 0),
        .tm_min = get_field(field[4], 0),
        .tm_sec = get_field(field[5], 0),
        .tm_wday = -1,
        .tm_isdst = len == 9 ? get_field(field[8], 0) : -1,
    };
    time_t when = mktime(&tm);
    // -1 is a moment of 1969 too: only an error leaves the weekday alone.
    if (when == -1 && tm.tm_wday == -1) {
        mp_raise_msg(&mp_type_OverflowError, MP_ERROR_TEXT("mktime argument out of range"));
    }
    return mp_obj_new_int_from_ll(when);
}
static MP_DEFINE_CONST_FUN_OBJ_1(time_mktime_obj, time_mktime);

#define MICROPY_PY_TIME_EXTRA_GLOBALS \
    { MP_ROM_QSTR(MP_QSTR_clock), MP_ROM_PTR(&time_clock_obj) }, \
    { MP_ROM_QSTR(MP_QSTR_gmtime), MP_ROM_PTR(&time_gmtime_obj) }, \
    { MP_ROM_QSTR(MP_QSTR_localtime), MP_ROM_PTR(&time_localtime_obj) }, \
    { MP_ROM_QSTR(MP_QSTR_mktime), MP_ROM_PTR(&time_mktime_obj) },
