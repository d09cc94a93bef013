// Files of socket.makefile(): buffered for reading as CPython's are, and written through. A file and its socket are
// closed in either order; the connection ends when both are.

#include <errno.h>
#include <string.h>

#include "py/runtime.h"
#include "py/stream.h"

#include "python/pynet.h"
#include "python/pysocket.h"

#define FILE_BUFFER (8192)
#define LINE_CHUNK (256)

typedef struct _mp_obj_socket_file_t {
    mp_obj_base_t base;
    mp_obj_socket_t *socket;    // NULL after close()
    bool readable;
    bool writable;
    bool text;
    bool buffered;
    bool eof;
    byte *buf;
    size_t size;                // of buf
    size_t start;               // of what is buffered
    size_t end;
} mp_obj_socket_file_t;

mp_obj_t socket_file_new(mp_obj_socket_t *socket, const char *mode, mp_int_t buffering) {
    mp_obj_socket_file_t *self = mp_obj_malloc_with_finaliser(mp_obj_socket_file_t, &mp_type_socket_file);
    *self = (mp_obj_socket_file_t) {.base = self->base, .text = strchr(mode, 'b') == NULL};
    for (const char *p = mode; *p != '\0'; p++) {
        if (strchr("rwbt", *p) == NULL) {
            mp_raise_ValueError(MP_ERROR_TEXT("invalid mode: only r, w, b and t make sense"));
        }
    }
    self->writable = strchr(mode, 'w') != NULL;
    self->readable = strchr(mode, 'r') != NULL || !self->writable;
    if (self->text && buffering == 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("unbuffered files must be binary"));
    }
    if (self->readable && buffering != 0) {
        self->buffered = true;
        self->size = buffering < 2 ? FILE_BUFFER : (size_t)buffering;
        self->buf = m_new(byte, self->size);
    }
    self->socket = socket;
    socket->files++;
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_socket_file_t *file_get(mp_obj_t self_in, bool to_write) {
    mp_obj_socket_file_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->socket == NULL) {
        mp_raise_ValueError(MP_ERROR_TEXT("I/O operation on closed file"));
    }
    if (to_write ? !self->writable : !self->readable) {
        mp_raise_msg(&mp_type_OSError, to_write ? MP_ERROR_TEXT("not writable") : MP_ERROR_TEXT("not readable"));
    }
    return self;
}

bool socket_has_data(mp_obj_t obj) {
    if (mp_obj_is_type(obj, &mp_type_socket_file)) {
        mp_obj_socket_file_t *self = MP_OBJ_TO_PTR(obj);
        return self->end > self->start || (self->socket != NULL && self->socket->held_len > 0);
    }
    mp_obj_socket_t *socket = socket_get_maybe(obj);
    return socket != NULL && socket->held_len > 0;
}

// --- reading ---

// What a fill is for: an unbuffered file takes no more from the socket than that.
typedef enum { FILL_BYTES, FILL_LINE } fill_t;

// Gets up to `wanted` bytes more into the buffer (a buffered file: as much as there is room for). Returns as
// socket_receive().
static ssize_t fill(mp_obj_socket_file_t *self, size_t wanted, fill_t what, bs_time_t deadline) {
    size_t have = self->end - self->start;
    if (self->eof) {
        return 0;
    }
    if (have > 0) {
        memmove(self->buf, self->buf + self->start, have);
    }
    self->start = 0;
    self->end = have;
    if (self->size < have + wanted) {
        // Doubled, so that a long line isn't copied again and again.
        size_t size = MAX(have + wanted, 2 * self->size);
        self->buf = m_renew(byte, self->buf, self->size, size);
        self->size = size;
    }
    byte *room = self->buf + have;
    ssize_t n;
    if (!self->buffered && what == FILL_LINE) {
        n = socket_receive_line(self->socket, room, wanted, deadline);
    } else {
        n = socket_receive(self->socket, room, self->buffered ? self->size - have : wanted, 0, NULL, NULL, deadline);
    }
    if (n > 0) {
        self->end += (size_t)n;
    }
    self->eof = n == 0;
    return n;
}

static mp_obj_t take(mp_obj_socket_file_t *self, size_t len) {
    const byte *data = self->buf + self->start;
    if (self->text) {
        // First, because from text that isn't UTF-8 the only way on is over it.
        self->start += len;
        return mp_obj_new_str((const char *)data, len);
    }
    mp_obj_t bytes = mp_obj_new_bytes(data, len);
    self->start += len;
    return bytes;
}

// Ends a read whose last fill gave `result`. What is buffered stays there when an error is raised.
static mp_obj_t take_after(mp_obj_socket_file_t *self, ssize_t result, size_t len) {
    if (result < 0 && result != -EAGAIN) {
        socket_raise((int)-result);
    }
    if (result == -EAGAIN && len == 0) {
        return mp_const_none;
    }
    return take(self, len);
}

// Where the first `size` bytes (text: characters) of what is buffered end; *missing becomes how many aren't there.
static size_t units_length(const mp_obj_socket_file_t *self, size_t size, size_t *missing) {
    size_t have = self->end - self->start;
    *missing = size;
    if (!self->text) {
        size_t len = MIN(size, have);
        *missing -= len;
        return len;
    }
    size_t pos = 0;
    while (*missing > 0 && pos < have) {
        byte lead = self->buf[self->start + pos];
        size_t len = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        if (pos + len > have) {
            break;
        }
        pos += len;
        (*missing)--;
    }
    return pos;
}

// (file[, size]), or to the end of the stream. A short read returns after the first receive that gave something.
static mp_obj_t read_generic(size_t n_args, const mp_obj_t *args, bool may_be_short) {
    mp_obj_socket_file_t *self = file_get(args[0], false);
    mp_int_t wanted = n_args > 1 && args[1] != mp_const_none ? mp_obj_get_int(args[1]) : -1;
    size_t size = wanted < 0 ? SIZE_MAX : (size_t)wanted;
    bs_time_t deadline = socket_deadline(self->socket, 0);
    size_t missing;
    size_t len = units_length(self, size, &missing);
    ssize_t n = 1;
    while (n > 0 && missing > 0 && !(may_be_short && len > 0)) {
        n = fill(self, MIN(missing, FILE_BUFFER), FILL_BYTES, deadline);
        len = units_length(self, size, &missing);
    }
    if (n == 0) {
        // Half a character at the end of the stream is an error of its own.
        len = self->end - self->start;
    }
    return take_after(self, n, len);
}

// read([size]): as in CPython, an unbuffered file may give less
static mp_obj_t file_read(size_t n_args, const mp_obj_t *args) {
    mp_obj_socket_file_t *self = MP_OBJ_TO_PTR(args[0]);
    return read_generic(n_args, args, !self->buffered && n_args > 1);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(file_read_obj, 1, 2, file_read);

// read1([size])
static mp_obj_t file_read1(size_t n_args, const mp_obj_t *args) {
    return read_generic(n_args, args, true);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(file_read1_obj, 1, 2, file_read1);

// readinto(buffer)
static mp_obj_t file_readinto(mp_obj_t self_in, mp_obj_t buffer_in) {
    mp_obj_socket_file_t *self = file_get(self_in, false);
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(buffer_in, &buffer, MP_BUFFER_WRITE);
    bs_time_t deadline = socket_deadline(self->socket, 0);
    ssize_t n = 1;
    while (n > 0 && self->end - self->start < buffer.len && !(!self->buffered && self->end > self->start)) {
        n = fill(self, buffer.len - (self->end - self->start), FILL_BYTES, deadline);
    }
    size_t len = MIN(self->end - self->start, buffer.len);
    if (n < 0 && n != -EAGAIN) {
        socket_raise((int)-n);
    }
    if (n == -EAGAIN && len == 0) {
        return mp_const_none;
    }
    if (len > 0) {
        memcpy(buffer.buf, self->buf + self->start, len);
        self->start += len;
    }
    return MP_OBJ_NEW_SMALL_INT(len);
}
static MP_DEFINE_CONST_FUN_OBJ_2(file_readinto_obj, file_readinto);

// readline([limit])
static mp_obj_t file_readline(size_t n_args, const mp_obj_t *args) {
    mp_obj_socket_file_t *self = file_get(args[0], false);
    mp_int_t wanted = n_args > 1 && args[1] != mp_const_none ? mp_obj_get_int(args[1]) : -1;
    size_t limit = wanted < 0 ? SIZE_MAX : (size_t)wanted;
    bs_time_t deadline = socket_deadline(self->socket, 0);
    size_t searched = 0;
    size_t missing = limit;
    ssize_t n = 1;
    for (;;) {
        size_t have = wanted < 0 ? self->end - self->start : units_length(self, limit, &missing);
        const byte *line = self->buf + self->start;
        const byte *end = have > searched ? memchr(line + searched, '\n', have - searched) : NULL;
        if (end != NULL || missing == 0) {
            return take(self, end != NULL ? (size_t)(end - line) + 1 : have);
        }
        if (n <= 0) {
            return take_after(self, n, n == 0 ? self->end - self->start : have);
        }
        searched = have;
        n = fill(self, MIN(missing, LINE_CHUNK), FILL_LINE, deadline);
    }
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(file_readline_obj, 1, 2, file_readline);

static mp_obj_t file_iternext(mp_obj_t self_in) {
    mp_obj_t line = file_readline(1, &self_in);
    return mp_obj_is_true(line) ? line : MP_OBJ_STOP_ITERATION;
}

static mp_obj_t file_readlines(mp_obj_t self_in) {
    mp_obj_t lines = mp_obj_new_list(0, NULL);
    mp_obj_t line;
    while ((line = file_iternext(self_in)) != MP_OBJ_STOP_ITERATION) {
        mp_obj_list_append(lines, line);
    }
    return lines;
}
static MP_DEFINE_CONST_FUN_OBJ_1(file_readlines_obj, file_readlines);

// --- writing, closing ---

// write(data): all of it, at once
static mp_obj_t file_write(mp_obj_t self_in, mp_obj_t data_in) {
    mp_obj_socket_file_t *self = file_get(self_in, true);
    mp_buffer_info_t data;
    mp_get_buffer_raise(data_in, &data, MP_BUFFER_READ);
    bs_time_t deadline = socket_deadline(self->socket, 0);
    size_t sent = 0;
    while (sent < data.len) {
        ssize_t n = socket_transmit(self->socket, (const byte *)data.buf + sent, data.len - sent, 0, NULL, 0, deadline);
        if (n == -EAGAIN) {
            return sent > 0 ? MP_OBJ_NEW_SMALL_INT(sent) : mp_const_none;
        }
        if (n < 0) {
            socket_raise((int)-n);
        }
        sent += (size_t)n;
    }
    return MP_OBJ_NEW_SMALL_INT(sent);
}
static MP_DEFINE_CONST_FUN_OBJ_2(file_write_obj, file_write);

static mp_obj_t file_fileno(mp_obj_t self_in) {
    mp_obj_socket_file_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->socket == NULL) {
        mp_raise_ValueError(MP_ERROR_TEXT("I/O operation on closed file"));
    }
    return MP_OBJ_NEW_SMALL_INT(socket_fd(self->socket));
}
static MP_DEFINE_CONST_FUN_OBJ_1(file_fileno_obj, file_fileno);

static void file_close(mp_obj_socket_file_t *self) {
    mp_obj_socket_t *socket = self->socket;
    self->socket = NULL;
    if (socket != NULL && --socket->files == 0 && socket->closed) {
        socket_release(socket);
    }
}

static void file_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    mp_obj_socket_file_t *self = MP_OBJ_TO_PTR(self_in);
    (void)kind;
    mp_printf(print, "<socket file %s>", self->socket == NULL ? "closed" : self->writable ? self->readable ? "rw" : "w" : "r");
}

// --- as a stream ---

static mp_uint_t file_stream_read(mp_obj_t self_in, void *buf, mp_uint_t size, int *error) {
    mp_obj_socket_file_t *self = file_get(self_in, false);
    if (size == 0) {
        return 0;
    }
    if (self->end == self->start) {
        ssize_t n = fill(self, size, FILL_BYTES, socket_deadline(self->socket, 0));
        if (n < 0) {
            *error = socket_errno((int)-n);
            return MP_STREAM_ERROR;
        }
    }
    size_t len = MIN(size, self->end - self->start);
    memcpy(buf, self->buf + self->start, len);
    self->start += len;
    return len;
}

static mp_uint_t file_stream_write(mp_obj_t self_in, const void *buf, mp_uint_t size, int *error) {
    mp_obj_socket_file_t *self = file_get(self_in, true);
    return socket_stream_p.write(MP_OBJ_FROM_PTR(self->socket), buf, size, error);
}

static mp_uint_t file_stream_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg, int *error) {
    mp_obj_socket_file_t *self = MP_OBJ_TO_PTR(self_in);
    if (request == MP_STREAM_CLOSE) {
        file_close(self);
        return 0;
    }
    if (request == MP_STREAM_FLUSH) {
        return 0;
    }
    if (self->socket == NULL) {
        *error = EBADF;
        return MP_STREAM_ERROR;
    }
    mp_uint_t result = socket_stream_p.ioctl(MP_OBJ_FROM_PTR(self->socket), request, arg, error);
    if (request == MP_STREAM_POLL && self->end > self->start) {
        result |= arg & MP_STREAM_POLL_RD;
    }
    return result;
}

static const mp_stream_p_t file_stream_p = {
    .read = file_stream_read,
    .write = file_stream_write,
    .ioctl = file_stream_ioctl,
};

static const mp_rom_map_elem_t file_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&mp_stream_close_obj) },
    { MP_ROM_QSTR(MP_QSTR___enter__), MP_ROM_PTR(&mp_identity_obj) },
    { MP_ROM_QSTR(MP_QSTR___exit__), MP_ROM_PTR(&mp_stream___exit___obj) },
    { MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&mp_stream_close_obj) },
    { MP_ROM_QSTR(MP_QSTR_fileno), MP_ROM_PTR(&file_fileno_obj) },
    { MP_ROM_QSTR(MP_QSTR_flush), MP_ROM_PTR(&mp_stream_flush_obj) },
    { MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&file_read_obj) },
    { MP_ROM_QSTR(MP_QSTR_read1), MP_ROM_PTR(&file_read1_obj) },
    { MP_ROM_QSTR(MP_QSTR_readinto), MP_ROM_PTR(&file_readinto_obj) },
    { MP_ROM_QSTR(MP_QSTR_readline), MP_ROM_PTR(&file_readline_obj) },
    { MP_ROM_QSTR(MP_QSTR_readlines), MP_ROM_PTR(&file_readlines_obj) },
    { MP_ROM_QSTR(MP_QSTR_write), MP_ROM_PTR(&file_write_obj) },
};
static MP_DEFINE_CONST_DICT(file_locals_dict, file_locals_dict_table);

MP_DEFINE_CONST_OBJ_TYPE(
    mp_type_socket_file,
    MP_QSTR_SocketFile,
    MP_TYPE_FLAG_ITER_IS_ITERNEXT,
    print, file_print,
    iter, file_iternext,
    protocol, &file_stream_p,
    locals_dict, &file_locals_dict
    );
