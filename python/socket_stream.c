// A socket as a stream: read, readinto and readline wait for all they were asked for, and lose nothing when that
// fails half-way; the stream protocol serves select, asyncio and the modules that stack on a stream.

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>

#include "py/runtime.h"
#include "py/stream.h"

#include "baresock/poll.h"
#include "baresock/socket.h"
#include "python/pynet.h"
#include "python/pysocket.h"

// How much of a stream is looked at for the end of a line, and at least read towards its end, at a time.
#define LINE_CHUNK (256)
#define READ_CHUNK (4096)

// Keep data for the next receiver, before what is held already.
static void hold(mp_obj_socket_t *self, const void *data, size_t len) {
    if (len > 0) {
        byte *held = m_new(byte, len + self->held_len);
        memcpy(held, data, len);
        if (self->held_len > 0) {
            memcpy(held + len, self->held, self->held_len);
        }
        self->held = held;
        self->held_len += len;
    }
}

// Whether the next receive would tell of a failure.
static bool has_failed(mp_obj_socket_t *self) {
    int queued = 0;
    struct pollfd p = {.fd = socket_fd(self)};
    return bs_ioctl(p.fd, FIONREAD, &queued) == 0 && queued == 0 && bs_poll(&p, 1, 0) > 0 && (p.revents & POLLERR);
}

ssize_t socket_read_full(mp_obj_socket_t *self, byte *buf, size_t len, bool part_counts, bs_time_t deadline) {
    // Volatile, because an exception out of a signal handler comes back here.
    volatile size_t got = 0;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        hold(self, buf, got);
        nlr_jump(nlr.ret_val);
    }
    ssize_t n = 1;
    while (got < len && n > 0 && !(part_counts && got > 0 && has_failed(self))) {
        n = socket_receive(self, buf + got, len - got, 0, NULL, NULL, deadline);
        if (n > 0) {
            got += (size_t)n;
        }
    }
    nlr_pop();
    if (n >= 0 || (got > 0 && (n == -EAGAIN || (n == -SOCKET_TIMED_OUT && part_counts)))) {
        return (ssize_t)got;
    }
    hold(self, buf, got);
    return n;
}

// What a method gives back: None where a non-blocking stream has nothing now, as in io.RawIOBase.
static bool nothing_now(ssize_t result) {
    if (result == -EAGAIN) {
        return true;
    }
    if (result < 0) {
        socket_raise((int)-result);
    }
    return false;
}

// Up to the end of the stream.
static mp_obj_t read_all(mp_obj_socket_t *self) {
    bs_time_t deadline = socket_deadline(self, 0);
    vstr_t data;
    vstr_init(&data, READ_CHUNK);
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        hold(self, data.buf, data.len);
        nlr_jump(nlr.ret_val);
    }
    ssize_t n;
    do {
        // Room doubles, so that a long stream isn't copied again and again.
        vstr_hint_size(&data, MAX(READ_CHUNK, data.alloc == data.len ? data.len : 0));
        n = socket_receive(self, data.buf + data.len, data.alloc - data.len, 0, NULL, NULL, deadline);
        if (n > 0) {
            data.len += (size_t)n;
        }
    } while (n > 0);
    nlr_pop();
    if (n < 0 && (n != -EAGAIN || data.len == 0)) {
        hold(self, data.buf, data.len);
        if (nothing_now(n)) {
            return mp_const_none;
        }
    }
    return mp_obj_new_bytes_from_vstr(&data);
}

// read([n])
static mp_obj_t socket_read(size_t n_args, const mp_obj_t *args) {
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(args[0]);
    mp_int_t size = n_args > 1 && args[1] != mp_const_none ? mp_obj_get_int(args[1]) : -1;
    socket_fd_raise(self);
    if (size < 0) {
        return read_all(self);
    }
    bs_time_t deadline = socket_deadline(self, 0);
    size_t room = (size_t)size;
    if (deadline == 0) {
        // It gives what there is, so no more is allocated.
        ssize_t there = socket_receive_size(self, room, 0, 0);
        if (nothing_now(there)) {
            return mp_const_none;
        }
        room = (size_t)there;
    }
    byte *buf = m_new(byte, room + 1);
    ssize_t n = socket_read_full(self, buf, MIN(room, (size_t)size), false, deadline);
    if (nothing_now(n)) {
        return mp_const_none;
    }
    return socket_bytes_from_buffer(buf, room + 1, (size_t)n);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_read_obj, 1, 2, socket_read);

// readinto(buffer[, n])
static mp_obj_t socket_readinto(size_t n_args, const mp_obj_t *args) {
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(args[0]);
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(args[1], &buffer, MP_BUFFER_WRITE);
    size_t len = buffer.len;
    if (n_args > 2) {
        len = MIN(len, (size_t)MAX(mp_obj_get_int(args[2]), 0));
    }
    socket_fd_raise(self);
    ssize_t n = socket_read_full(self, buffer.buf, len, false, socket_deadline(self, 0));
    return nothing_now(n) ? mp_const_none : MP_OBJ_NEW_SMALL_INT(n);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_readinto_obj, 2, 3, socket_readinto);

ssize_t socket_receive_line(mp_obj_socket_t *self, byte *buf, size_t len, bs_time_t deadline) {
    ssize_t n = socket_receive(self, buf, len, MSG_PEEK, NULL, NULL, deadline);
    if (n <= 0) {
        return n;
    }
    const byte *end = memchr(buf, '\n', (size_t)n);
    return socket_receive(self, buf, end != NULL ? (size_t)(end - buf) + 1 : (size_t)n, 0, NULL, NULL, 0);
}

// readline([limit])
static mp_obj_t socket_readline(size_t n_args, const mp_obj_t *args) {
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(args[0]);
    mp_int_t limit = n_args > 1 && args[1] != mp_const_none ? mp_obj_get_int(args[1]) : -1;
    size_t most = limit < 0 ? SIZE_MAX : (size_t)limit;
    socket_fd_raise(self);
    bs_time_t deadline = socket_deadline(self, 0);
    vstr_t line;
    vstr_init(&line, 64);
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        hold(self, line.buf, line.len);
        nlr_jump(nlr.ret_val);
    }
    ssize_t n = 1;
    while (n > 0 && line.len < most && (line.len == 0 || line.buf[line.len - 1] != '\n')) {
        size_t room = MIN(most - line.len, LINE_CHUNK);
        vstr_hint_size(&line, room);
        n = socket_receive_line(self, (byte *)line.buf + line.len, room, deadline);
        line.len += (size_t)MAX(n, 0);
    }
    nlr_pop();
    if (n < 0 && (n != -EAGAIN || line.len == 0)) {
        hold(self, line.buf, line.len);
        if (nothing_now(n)) {
            return mp_const_none;
        }
    }
    return mp_obj_new_bytes_from_vstr(&line);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_readline_obj, 1, 2, socket_readline);

// --- the stream protocol ---

static mp_uint_t stream_result(ssize_t n, int *error) {
    if (n < 0) {
        *error = socket_errno((int)-n);
        return MP_STREAM_ERROR;
    }
    return (mp_uint_t)n;
}

static mp_uint_t socket_stream_read(mp_obj_t self_in, void *buf, mp_uint_t size, int *error) {
    mp_obj_socket_t *self = socket_get_maybe(self_in);
    if (self->closed) {
        return stream_result(-EBADF, error);
    }
    return stream_result(socket_receive(self, buf, size, 0, NULL, NULL, socket_deadline(self, 0)), error);
}

static mp_uint_t socket_stream_write(mp_obj_t self_in, const void *buf, mp_uint_t size, int *error) {
    mp_obj_socket_t *self = socket_get_maybe(self_in);
    if (self->closed) {
        return stream_result(-EBADF, error);
    }
    return stream_result(socket_transmit(self, buf, size, 0, NULL, 0, socket_deadline(self, 0)), error);
}

static mp_uint_t socket_stream_poll(mp_obj_socket_t *self, mp_uint_t events) {
    struct pollfd wanted = {.fd = socket_fd(self), .events = (short)events};
    if (self->closed || wanted.fd < 0) {
        return MP_STREAM_POLL_NVAL;
    }
    bs_poll(&wanted, 1, 0);
    if (self->held_len > 0) {
        wanted.revents |= (short)(events & MP_STREAM_POLL_RD);
    }
    return (mp_uint_t)wanted.revents;
}

static mp_uint_t socket_stream_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg, int *error) {
    mp_obj_socket_t *self = socket_get_maybe(self_in);
    switch (request) {
        case MP_STREAM_FLUSH:
            return 0;
        case MP_STREAM_POLL:
            return socket_stream_poll(self, arg);
        case MP_STREAM_CLOSE:
            socket_close(self);
            return 0;
        case MP_STREAM_TIMEOUT:
            // In milliseconds; negative for no limit.
            self->timeout = (mp_int_t)arg < 0 ? BS_TIME_NEVER : (bs_time_t)arg * 1000;
            return 0;
        case MP_STREAM_GET_FILENO:
            return stream_result(self->closed || socket_fd(self) < 0 ? -EBADF : socket_fd(self), error);
        default:
            return stream_result(-EINVAL, error);
    }
}

const mp_stream_p_t socket_stream_p = {
    .read = socket_stream_read,
    .write = socket_stream_write,
    .ioctl = socket_stream_ioctl,
};
