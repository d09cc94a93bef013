// Moving data through a socket: waiting, receiving, sending.

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include "py/objexcept.h"
#include "py/objstr.h"
#include "py/runtime.h"

#include "baresock/net.h"
#include "baresock/poll.h"
#include "baresock/socket.h"
#include "python/pynet.h"
#include "python/pysocket.h"
#include "stack/stack.h"

// A receive of up to so many bytes allocates them; a larger one first asks how much is queued.
#define RECEIVE_UNASKED (1024)

MP_DEFINE_EXCEPTION(timeout, OSError)

int socket_errno(int error) {
    return error == SOCKET_TIMED_OUT ? ETIMEDOUT : error;
}

void socket_raise(int error) {
    if (error == SOCKET_TIMED_OUT) {
        nlr_raise(mp_obj_new_exception_arg1(&mp_type_timeout, MP_OBJ_NEW_SMALL_INT(ETIMEDOUT)));
    }
    pynet_raise(error);
}

static ssize_t raise_if_negative(ssize_t result) {
    if (result < 0) {
        socket_raise((int)-result);
    }
    return result;
}

// Whether the program has closed it. Whether its descriptor is still its own, each receive and transmit looks by itself.
static void check_open(const mp_obj_socket_t *self) {
    if (self->closed) {
        mp_raise_OSError(EBADF);
    }
}

bs_time_t socket_deadline(const mp_obj_socket_t *self, int flags) {
    if (self->timeout == 0 || (flags & MSG_DONTWAIT)) {
        return 0;
    }
    return pynet_deadline(self->timeout);
}

// When a wait is to end by SO_RCVTIMEO or SO_SNDTIMEO, which count where Python itself waits for ever.
static bs_time_t option_deadline(const mp_obj_socket_t *self, short events) {
    struct timeval tv = {0};
    socklen_t len = sizeof(tv);
    bs_getsockopt(socket_fd(self), SOL_SOCKET, events & POLLIN ? SO_RCVTIMEO : SO_SNDTIMEO, &tv, &len);
    bs_time_t timeout = (bs_time_t)tv.tv_sec * 1000000 + (bs_time_t)tv.tv_usec;
    return pynet_deadline(timeout == 0 ? BS_TIME_NEVER : timeout);
}

int socket_wait(mp_obj_socket_t *self, short events, bs_time_t deadline) {
    int late = -SOCKET_TIMED_OUT;
    if (deadline == 0) {
        // What came since the last look at the network counts as there already.
        return stack_pump() > 0 ? 0 : -EAGAIN;
    }
    if (deadline == BS_TIME_NEVER && self->has_timeo) {
        deadline = option_deadline(self, events);
        late = -EAGAIN;
    }
    struct pollfd wanted = {.fd = socket_fd(self), .events = events};
    int ready = pynet_poll(&wanted, 1, deadline);
    if (socket_fd(self) < 0) {
        return -EBADF;
    }
    return ready == 0 ? late : 0;
}

// --- receiving ---

static size_t take_held(mp_obj_socket_t *self, void *buf, size_t len, int flags) {
    size_t n = MIN(len, self->held_len);
    memcpy(buf, self->held, n);
    if (!(flags & MSG_PEEK)) {
        self->held_len -= n;
        if (self->held_len == 0) {
            self->held = NULL;
        } else {
            // Into a block of its own: MicroPython's collector only knows pointers to the start of one.
            memmove(self->held, self->held + n, self->held_len);
        }
    }
    return n;
}

// Whether nothing will come any more: a datagram socket says so only to who waits, which the C socket never does.
static bool is_shut(mp_obj_socket_t *self) {
    struct pollfd shut = {.fd = socket_fd(self), .events = POLLRDHUP};
    return self->type == SOCK_DGRAM && bs_poll(&shut, 1, 0) > 0 && (shut.revents & POLLRDHUP);
}

ssize_t socket_receive(mp_obj_socket_t *self, void *buf, size_t len, int flags, struct sockaddr_storage *from,
    socklen_t *from_len, bs_time_t deadline) {
    bool waited = false;
    for (;;) {
        int fd = socket_fd(self);
        if (fd < 0) {
            return -EBADF;
        }
        if (from_len != NULL) {
            *from_len = self->held_len > 0 ? 0 : sizeof(*from);
        }
        if (self->held_len > 0) {
            return (ssize_t)take_held(self, buf, len, flags);
        }
        ssize_t n = bs_recvfrom(fd, buf, len, (flags & ~MSG_WAITALL) | MSG_DONTWAIT, (struct sockaddr *)from, from_len);
        if (n >= 0) {
            return n;
        }
        if (errno != EAGAIN) {
            return -errno;
        }
        if (waited && is_shut(self)) {
            return 0;
        }
        int error = socket_wait(self, POLLIN, deadline);
        if (error < 0) {
            return error;
        }
        waited = deadline != 0;
    }
}

ssize_t socket_receive_size(mp_obj_socket_t *self, size_t len, int flags, bs_time_t deadline) {
    byte probe;
    int queued = 0;
    if (len <= RECEIVE_UNASKED) {
        return (ssize_t)MAX(len, 1);
    }
    if (self->held_len > 0) {
        return (ssize_t)MIN(len, self->held_len);
    }
    if (bs_ioctl(socket_fd(self), FIONREAD, &queued) == 0 && queued == 0) {
        ssize_t n = socket_receive(self, &probe, 1, (flags & ~MSG_TRUNC) | MSG_PEEK, NULL, NULL, deadline);
        if (n < 0) {
            return n;
        }
        bs_ioctl(socket_fd(self), FIONREAD, &queued);
    }
    return (ssize_t)MIN(len, (size_t)MAX(queued, 1));
}

mp_obj_t socket_bytes_from_buffer(byte *buf, size_t alloc, size_t len) {
    if (len == 0) {
        m_del(byte, buf, alloc);
        return mp_const_empty_bytes;
    }
    // Giving back a few bytes isn't worth a call.
    if (alloc - len > 64) {
        buf = m_renew(byte, buf, alloc, len + 1);
    }
    buf[len] = '\0';
    mp_obj_str_t *o = mp_obj_malloc(mp_obj_str_t, &mp_type_bytes);
    o->data = buf;
    o->len = len;
    o->hash = 0;
    return MP_OBJ_FROM_PTR(o);
}

static size_t get_size(mp_obj_t size_in) {
    mp_int_t size = mp_obj_get_int(size_in);
    if (size < 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("negative buffersize"));
    }
    return (size_t)size;
}

static int get_flags(size_t n_args, const mp_obj_t *args, size_t index) {
    return n_args > index ? pynet_get_int(args[index]) : 0;
}

// The object that a receive of up to size bytes gives; MSG_WAITALL waits for all of them.
static mp_obj_t receive_bytes(mp_obj_socket_t *self, size_t size, int flags, struct sockaddr_storage *from, socklen_t *from_len) {
    if (size == 0 && from == NULL) {
        // As CPython, which asks nobody.
        return mp_const_empty_bytes;
    }
    check_open(self);
    bs_time_t deadline = socket_deadline(self, flags);
    bool all = (flags & MSG_WAITALL) && self->type == SOCK_STREAM && !(flags & MSG_PEEK);
    size_t room = all ? size : (size_t)raise_if_negative(socket_receive_size(self, size, flags, deadline));
    byte *buf = m_new(byte, room + 1);
    ssize_t n;
    if (all) {
        n = socket_read_full(self, buf, size, true, deadline);
    } else {
        n = socket_receive(self, buf, MIN(room, size), flags, from, from_len, deadline);
    }
    raise_if_negative(n);
    // With MSG_TRUNC a datagram's length may be larger than what was received of it.
    return socket_bytes_from_buffer(buf, room + 1, MIN((size_t)n, MIN(room, size)));
}

// recv(bufsize[, flags])
static mp_obj_t socket_recv(size_t n_args, const mp_obj_t *args) {
    return receive_bytes(MP_OBJ_TO_PTR(args[0]), get_size(args[1]), get_flags(n_args, args, 2), NULL, NULL);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_recv_obj, 2, 3, socket_recv);

// recvfrom(bufsize[, flags])
static mp_obj_t socket_recvfrom(size_t n_args, const mp_obj_t *args) {
    struct sockaddr_storage from;
    socklen_t from_len = 0;
    mp_obj_t data = receive_bytes(MP_OBJ_TO_PTR(args[0]), get_size(args[1]), get_flags(n_args, args, 2), &from, &from_len);
    mp_obj_t items[] = {data, socket_new_address(&from, from_len)};
    return mp_obj_new_tuple(2, items);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_recvfrom_obj, 2, 3, socket_recvfrom);

// (buffer[, nbytes[, flags]]), where nbytes of 0 or -1 means all of the buffer.
static ssize_t receive_into(size_t n_args, const mp_obj_t *args, struct sockaddr_storage *from, socklen_t *from_len) {
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(args[0]);
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(args[1], &buffer, MP_BUFFER_WRITE);
    mp_int_t size = n_args > 2 ? mp_obj_get_int(args[2]) : 0;
    if (size < -1 || (size > 0 && (size_t)size > buffer.len)) {
        mp_raise_ValueError(MP_ERROR_TEXT("nbytes is larger than the buffer, or negative"));
    }
    size_t len = size > 0 ? (size_t)size : buffer.len;
    int flags = get_flags(n_args, args, 3);
    if (len == 0 && from == NULL) {
        return 0;
    }
    check_open(self);
    if ((flags & MSG_WAITALL) && self->type == SOCK_STREAM && !(flags & MSG_PEEK)) {
        return raise_if_negative(socket_read_full(self, buffer.buf, len, true, socket_deadline(self, flags)));
    }
    return raise_if_negative(socket_receive(self, buffer.buf, len, flags, from, from_len, socket_deadline(self, flags)));
}

static mp_obj_t socket_recv_into(size_t n_args, const mp_obj_t *args) {
    return MP_OBJ_NEW_SMALL_INT(receive_into(n_args, args, NULL, NULL));
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_recv_into_obj, 2, 4, socket_recv_into);

static mp_obj_t socket_recvfrom_into(size_t n_args, const mp_obj_t *args) {
    struct sockaddr_storage from;
    socklen_t from_len = 0;
    mp_obj_t n = MP_OBJ_NEW_SMALL_INT(receive_into(n_args, args, &from, &from_len));
    mp_obj_t items[] = {n, socket_new_address(&from, from_len)};
    return mp_obj_new_tuple(2, items);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_recvfrom_into_obj, 2, 4, socket_recvfrom_into);

// recvmsg(bufsize[, ancbufsize[, flags]]): data, ancillary data (lwIP has none), flags, address
static mp_obj_t socket_recvmsg(size_t n_args, const mp_obj_t *args) {
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(args[0]);
    size_t size = get_size(args[1]);
    int flags = get_flags(n_args, args, 3);
    check_open(self);
    bs_time_t deadline = socket_deadline(self, flags);
    struct sockaddr_storage from;
    struct msghdr msg;
    size_t room;
    byte *buf;
    ssize_t n;
    for (;;) {
        room = (size_t)raise_if_negative(socket_receive_size(self, size, flags, deadline));
        buf = m_new(byte, room + 1);
        struct iovec iov = {.iov_base = buf, .iov_len = MIN(room, size)};
        msg = (struct msghdr) {.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1};
        if (self->held_len > 0) {
            msg.msg_namelen = 0;
            n = (ssize_t)take_held(self, buf, MIN(room, size), flags);
            break;
        }
        n = bs_recvmsg(socket_fd_raise(self), &msg, (flags & ~MSG_WAITALL) | MSG_DONTWAIT);
        if (n >= 0) {
            break;
        }
        m_del(byte, buf, room + 1);
        raise_if_negative(errno == EAGAIN ? socket_wait(self, POLLIN, deadline) : -errno);
    }
    mp_obj_t items[] = {
        socket_bytes_from_buffer(buf, room + 1, MIN((size_t)n, MIN(room, size))),
        mp_obj_new_list(0, NULL),
        MP_OBJ_NEW_SMALL_INT(msg.msg_flags),
        socket_new_address(&from, msg.msg_namelen),
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_recvmsg_obj, 2, 4, socket_recvmsg);

// --- sending ---

ssize_t socket_transmit(mp_obj_socket_t *self, const void *buf, size_t len, int flags, const struct sockaddr *to,
    socklen_t to_len, bs_time_t deadline) {
    for (;;) {
        int fd = socket_fd(self);
        if (fd < 0) {
            return -EBADF;
        }
        ssize_t n = bs_sendto(fd, buf, len, flags | MSG_DONTWAIT, to, to_len);
        if (n >= 0) {
            return n;
        }
        if (errno != EAGAIN) {
            return -errno;
        }
        int error = socket_wait(self, POLLOUT, deadline);
        if (error < 0) {
            return error;
        }
    }
}

// send(data[, flags])
static mp_obj_t socket_send(size_t n_args, const mp_obj_t *args) {
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(args[0]);
    int flags = get_flags(n_args, args, 2);
    mp_buffer_info_t data;
    mp_get_buffer_raise(args[1], &data, MP_BUFFER_READ);
    check_open(self);
    return MP_OBJ_NEW_SMALL_INT(raise_if_negative(
        socket_transmit(self, data.buf, data.len, flags, NULL, 0, socket_deadline(self, flags))));
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_send_obj, 2, 3, socket_send);

// sendall(data[, flags]): the timeout is for all of it
static mp_obj_t socket_sendall(size_t n_args, const mp_obj_t *args) {
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(args[0]);
    int flags = get_flags(n_args, args, 2);
    mp_buffer_info_t data;
    mp_get_buffer_raise(args[1], &data, MP_BUFFER_READ);
    check_open(self);
    bs_time_t deadline = socket_deadline(self, flags);
    size_t sent = 0;
    do {
        sent += (size_t)raise_if_negative(
            socket_transmit(self, (const byte *)data.buf + sent, data.len - sent, flags, NULL, 0, deadline));
    } while (sent < data.len);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_sendall_obj, 2, 3, socket_sendall);

// sendto(data[, flags], address)
static mp_obj_t socket_sendto(size_t n_args, const mp_obj_t *args) {
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(args[0]);
    int flags = n_args == 4 ? pynet_get_int(args[2]) : 0;
    mp_buffer_info_t data;
    struct sockaddr_storage to;
    mp_get_buffer_raise(args[1], &data, MP_BUFFER_READ);
    check_open(self);
    bs_time_t deadline = socket_deadline(self, flags);
    socklen_t to_len = socket_use_address(self, args[n_args - 1], &to, deadline);
    return MP_OBJ_NEW_SMALL_INT(raise_if_negative(
        socket_transmit(self, data.buf, data.len, flags, (struct sockaddr *)&to, to_len, deadline)));
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_sendto_obj, 3, 4, socket_sendto);

// sendmsg(buffers[, ancdata[, flags[, address]]])
static mp_obj_t socket_sendmsg(size_t n_args, const mp_obj_t *args) {
    mp_obj_socket_t *self = MP_OBJ_TO_PTR(args[0]);
    int flags = get_flags(n_args, args, 3);
    size_t count;
    mp_obj_t *items;
    mp_obj_get_array(args[1], &count, &items);
    if (n_args > 2 && mp_obj_is_true(args[2])) {
        mp_raise_ValueError(MP_ERROR_TEXT("there is no ancillary data to send"));
    }
    struct iovec *iov = m_new(struct iovec, MAX(count, 1));
    for (size_t i = 0; i < count; i++) {
        mp_buffer_info_t data;
        mp_get_buffer_raise(items[i], &data, MP_BUFFER_READ);
        iov[i] = (struct iovec) {.iov_base = data.buf, .iov_len = data.len};
    }
    check_open(self);
    bs_time_t deadline = socket_deadline(self, flags);
    struct msghdr msg = {.msg_iov = iov, .msg_iovlen = count};
    struct sockaddr_storage to;
    if (n_args > 4 && args[4] != mp_const_none) {
        msg.msg_namelen = socket_use_address(self, args[4], &to, deadline);
        msg.msg_name = &to;
    }
    ssize_t n;
    while ((n = bs_sendmsg(socket_fd_raise(self), &msg, flags | MSG_DONTWAIT)) < 0) {
        raise_if_negative(errno == EAGAIN ? socket_wait(self, POLLOUT, deadline) : -errno);
    }
    m_del(struct iovec, iov, MAX(count, 1));
    return MP_OBJ_NEW_SMALL_INT(n);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_sendmsg_obj, 2, 5, socket_sendmsg);
