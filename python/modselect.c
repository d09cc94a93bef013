// Module select: one wait for sockets of ours, the host's files, and objects that only tell by their ioctl().

#include <errno.h>
#include <string.h>

#include "py/mphal.h"
#include "py/runtime.h"
#include "py/stream.h"

#include "baresock/config.h"
#include "baresock/net.h"
#include "baresock/poll.h"
#include "baresock/socket.h"
#include "python/pynet.h"
#include "python/pysocket.h"
#include "stack/stack.h"

// Flag of ipoll(): an object that was told is not waited for again until modify().
#define FLAG_ONESHOT (1)

// How an object is looked at.
typedef enum {
    KIND_SOCKET,    // of ours, or a file of one
    KIND_NUMBER,    // a descriptor given as an int
    KIND_FILE,      // a stream with a descriptor of the host's
    KIND_STREAM,    // a stream with ioctl() only
    KIND_CONSOLE,   // standard input where there is no host, which waits know as descriptor 0
} poll_kind_t;

typedef struct _poll_entry_t {
    mp_obj_t obj;
    poll_kind_t kind;
    uint32_t generation;    // of a number that is one of our descriptors
    short events;
    short revents;
} poll_entry_t;

typedef struct _poll_set_t {
    mp_map_t index;         // from the object's id to its entry's number
    poll_entry_t *entry;
    struct pollfd *fds;     // as many as there are entries, filled for each wait
    size_t count;
    size_t alloc;
} poll_set_t;

static void poll_set_init(poll_set_t *set) {
    memset(set, 0, sizeof(*set));
    mp_map_init(&set->index, 0);
}

// --- what is waited for ---

#if !MICROPY_VFS_POSIX
extern const struct _sys_stdio_obj_t mp_sys_stdin_obj;
#endif

static poll_kind_t kind_of(mp_obj_t obj) {
    int error;
    if (mp_obj_is_int(obj)) {
        return KIND_NUMBER;
    }
    if (socket_get_maybe(obj) != NULL || mp_obj_is_type(obj, &mp_type_socket_file)) {
        return KIND_SOCKET;
    }
    #if !MICROPY_VFS_POSIX
    if (obj == MP_OBJ_FROM_PTR(&mp_sys_stdin_obj)) {
        return KIND_CONSOLE;
    }
    #endif
    const mp_stream_p_t *stream = mp_get_stream_raise(obj, MP_STREAM_OP_IOCTL);
    return stream->ioctl(obj, MP_STREAM_GET_FILENO, 0, &error) == MP_STREAM_ERROR ? KIND_STREAM : KIND_FILE;
}

static poll_entry_t *poll_set_find(poll_set_t *set, mp_obj_t obj) {
    mp_map_elem_t *elem = mp_map_lookup(&set->index, mp_obj_id(obj), MP_MAP_LOOKUP);
    return elem == NULL ? NULL : &set->entry[MP_OBJ_SMALL_INT_VALUE(elem->value)];
}

static poll_entry_t *poll_set_add(poll_set_t *set, mp_obj_t obj) {
    poll_entry_t *entry = poll_set_find(set, obj);
    if (entry != NULL) {
        return entry;
    }
    poll_kind_t kind = kind_of(obj);
    uint32_t generation = 0;
    if (kind == KIND_NUMBER) {
        int fd = pynet_get_int(obj);
        if (fd < 0) {
            mp_raise_ValueError(MP_ERROR_TEXT("a descriptor is not negative"));
        }
        generation = fd >= BS_FD_BASE ? bs_generation(fd) : 0;
    }
    if (set->count == set->alloc) {
        size_t alloc = MAX(8, set->alloc * 2);
        set->entry = m_renew(poll_entry_t, set->entry, set->alloc, alloc);
        set->fds = m_renew(struct pollfd, set->fds, set->alloc, alloc);
        set->alloc = alloc;
    }
    mp_map_lookup(&set->index, mp_obj_id(obj), MP_MAP_LOOKUP_ADD_IF_NOT_FOUND)->value = MP_OBJ_NEW_SMALL_INT(set->count);
    entry = &set->entry[set->count++];
    *entry = (poll_entry_t) {.obj = obj, .kind = kind, .generation = generation};
    return entry;
}

static void poll_set_remove(poll_set_t *set, mp_obj_t obj) {
    mp_map_elem_t *elem = mp_map_lookup(&set->index, mp_obj_id(obj), MP_MAP_LOOKUP_REMOVE_IF_FOUND);
    if (elem == NULL) {
        nlr_raise(mp_obj_new_exception_arg1(&mp_type_KeyError, obj));
    }
    size_t number = (size_t)MP_OBJ_SMALL_INT_VALUE(elem->value);
    poll_entry_t *last = &set->entry[--set->count];
    if (number != set->count) {
        set->entry[number] = *last;
        mp_map_lookup(&set->index, mp_obj_id(last->obj), MP_MAP_LOOKUP)->value = MP_OBJ_NEW_SMALL_INT(number);
    }
    last->obj = MP_OBJ_NULL;
}

// --- waiting ---

// The descriptor behind an object now; -1 when it is closed.
static int entry_fd(const poll_entry_t *entry) {
    int error;
    int fd;
    nlr_buf_t nlr;
    switch (entry->kind) {
        case KIND_NUMBER:
            fd = mp_obj_get_int(entry->obj);
            return fd >= BS_FD_BASE && bs_generation(fd) != entry->generation ? -1 : fd;
        case KIND_SOCKET: {
            const mp_stream_p_t *stream = mp_get_stream(entry->obj);
            mp_uint_t result = stream->ioctl(entry->obj, MP_STREAM_GET_FILENO, 0, &error);
            return result == MP_STREAM_ERROR ? -1 : (int)result;
        }
        case KIND_FILE:
            // A closed file may raise instead.
            if (nlr_push(&nlr) != 0) {
                return -1;
            }
            fd = (int)mp_get_stream(entry->obj)->ioctl(entry->obj, MP_STREAM_GET_FILENO, 0, &error);
            nlr_pop();
            return fd;
        case KIND_CONSOLE:
            return 0;
        default:
            return -1;
    }
}

static short ask_stream(const poll_entry_t *entry) {
    int error;
    mp_uint_t result = mp_get_stream(entry->obj)->ioctl(entry->obj, MP_STREAM_POLL, (uintptr_t)entry->events, &error);
    if (result == MP_STREAM_ERROR) {
        mp_raise_OSError(error);
    }
    return (short)result;
}

// Looks at everything that poll() can't see, and fills in what it can. Returns how many are ready already.
static size_t poll_set_prepare(poll_set_t *set, bool *has_streams) {
    size_t ready = 0;
    *has_streams = false;
    // A stream's ioctl() may be Python that changes the set, so nothing is kept across it.
    for (size_t i = 0; i < set->count; i++) {
        poll_entry_t *entry = &set->entry[i];
        short revents = 0;
        int fd = -1;
        if (entry->kind == KIND_STREAM) {
            *has_streams = true;
            revents = ask_stream(entry);
        } else {
            fd = entry_fd(entry);
            if (fd < 0) {
                revents = POLLNVAL;
            } else if ((entry->events & POLLIN) && entry->kind == KIND_SOCKET && socket_has_data(entry->obj)) {
                revents = POLLIN;
            }
        }
        if (i < set->count) {
            set->entry[i].revents = revents;
            set->fds[i] = (struct pollfd) {.fd = fd, .events = set->entry[i].events};
            ready += revents != 0;
        }
    }
    return ready;
}

static size_t poll_set_collect(poll_set_t *set) {
    size_t ready = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (set->fds[i].fd >= 0) {
            set->entry[i].revents |= set->fds[i].revents;
        }
        ready += set->entry[i].revents != 0;
    }
    return ready;
}

// Sleeps until anything at all happens: a stream without a descriptor may have become ready by it.
static void wait_for_anything(const poll_set_t *set, bs_time_t deadline) {
    struct bs_waitset waitset = {.size = (unsigned)set->count + BS_WAIT_SOURCES};
    waitset.source = m_new(struct bs_wait_source, waitset.size);
    for (size_t i = 0; i < set->count; i++) {
        short events = set->fds[i].events;
        if (set->fds[i].fd >= 0 && set->fds[i].fd < BS_FD_BASE) {
            bs_waitset_add(&waitset, set->fds[i].fd, (short)((events & POLLIN ? BS_WAIT_READ : 0)
                | (events & POLLOUT ? BS_WAIT_WRITE : 0) | (events & POLLPRI ? BS_WAIT_PRI : 0)));
        }
    }
    int result = stack_wait(&waitset, deadline);
    m_del(struct bs_wait_source, waitset.source, waitset.size);
    if (result == -EINTR) {
        mp_handle_pending(true);
    }
}

// Returns how many entries have revents.
static size_t poll_set_wait(poll_set_t *set, bs_time_t deadline) {
    for (;;) {
        bool has_streams;
        bool at_once = poll_set_prepare(set, &has_streams) > 0 || has_streams || deadline == 0;
        if (pynet_poll(set->fds, set->count, at_once ? 0 : deadline) == -EINTR) {
            continue;
        }
        size_t ready = poll_set_collect(set);
        if (ready > 0 || deadline == 0 || bs_now() >= deadline) {
            return ready;
        }
        if (has_streams) {
            wait_for_anything(set, deadline);
        }
    }
}

// --- select() ---

static void select_add(poll_set_t *set, mp_obj_t list_in, short events) {
    size_t len;
    mp_obj_t *items;
    mp_obj_get_array(list_in, &len, &items);
    for (size_t i = 0; i < len; i++) {
        poll_set_add(set, items[i])->events |= events;
    }
}

static mp_obj_t select_ready(poll_set_t *set, mp_obj_t list_in, short revents) {
    size_t len;
    mp_obj_t *items;
    mp_obj_t ready = mp_obj_new_list(0, NULL);
    mp_obj_get_array(list_in, &len, &items);
    for (size_t i = 0; i < len; i++) {
        poll_entry_t *entry = poll_set_find(set, items[i]);
        if (entry != NULL && (entry->revents & revents)) {
            mp_obj_list_append(ready, items[i]);
        }
    }
    return ready;
}

// select(rlist, wlist, xlist[, timeout])
static mp_obj_t select_select(size_t n_args, const mp_obj_t *args) {
    bs_time_t timeout = n_args > 3 ? pynet_get_duration(args[3]) : BS_TIME_NEVER;
    poll_set_t set;
    poll_set_init(&set);
    select_add(&set, args[0], POLLIN);
    select_add(&set, args[1], POLLOUT);
    select_add(&set, args[2], POLLPRI);
    poll_set_wait(&set, timeout == 0 ? 0 : pynet_deadline(timeout));
    for (size_t i = 0; i < set.count; i++) {
        if (set.entry[i].revents & POLLNVAL) {
            mp_raise_OSError(EBADF);
        }
    }
    // As the kernel maps poll() to select(): an error makes a descriptor readable and writable.
    mp_obj_t lists[] = {
        select_ready(&set, args[0], POLLIN | POLLHUP | POLLERR),
        select_ready(&set, args[1], POLLOUT | POLLERR),
        select_ready(&set, args[2], POLLPRI),
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(lists), lists);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(select_select_obj, 3, 4, select_select);

// --- poll() ---

typedef struct _mp_obj_poll_t {
    mp_obj_base_t base;
    poll_set_t set;
    size_t next;        // ipoll(): entries below it are still to be told
    int flags;
    mp_obj_t pair;      // ipoll(): the tuple that is given again and again
} mp_obj_poll_t;

// register(obj[, eventmask])
static mp_obj_t poll_register(size_t n_args, const mp_obj_t *args) {
    mp_obj_poll_t *self = MP_OBJ_TO_PTR(args[0]);
    short events = n_args > 2 ? (short)mp_obj_get_int(args[2]) : POLLIN | POLLOUT;
    poll_set_add(&self->set, args[1])->events = events;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(poll_register_obj, 2, 3, poll_register);

static mp_obj_t poll_unregister(mp_obj_t self_in, mp_obj_t obj) {
    mp_obj_poll_t *self = MP_OBJ_TO_PTR(self_in);
    poll_set_remove(&self->set, obj);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(poll_unregister_obj, poll_unregister);

static mp_obj_t poll_modify(mp_obj_t self_in, mp_obj_t obj, mp_obj_t events_in) {
    mp_obj_poll_t *self = MP_OBJ_TO_PTR(self_in);
    poll_entry_t *entry = poll_set_find(&self->set, obj);
    if (entry == NULL) {
        mp_raise_OSError(ENOENT);
    }
    entry->events = (short)mp_obj_get_int(events_in);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(poll_modify_obj, poll_modify);

// (self[, timeout in ms[, flags]])
static void poll_wait(size_t n_args, const mp_obj_t *args) {
    mp_obj_poll_t *self = MP_OBJ_TO_PTR(args[0]);
    bs_time_t deadline = BS_TIME_NEVER;
    if (n_args > 1 && args[1] != mp_const_none) {
        mp_float_t ms = mp_obj_get_float(args[1]);
        // Also what no clock reaches, and what is no number, waits for ever.
        deadline = ms == 0 ? 0 : ms > 0 && ms < MICROPY_FLOAT_CONST(1e15) ? bs_now() + (bs_time_t)(ms * 1000) : BS_TIME_NEVER;
    }
    self->flags = n_args > 2 ? mp_obj_get_int(args[2]) : 0;
    poll_set_wait(&self->set, deadline);
}

static void poll_told(mp_obj_poll_t *self, poll_entry_t *entry) {
    entry->revents = 0;
    if (self->flags & FLAG_ONESHOT) {
        entry->events = 0;
    }
}

// poll([timeout]): a list of (obj, event, ...)
static mp_obj_t poll_poll(size_t n_args, const mp_obj_t *args) {
    mp_obj_poll_t *self = MP_OBJ_TO_PTR(args[0]);
    mp_obj_t list = mp_obj_new_list(0, NULL);
    poll_wait(n_args, args);
    for (size_t i = 0; i < self->set.count; i++) {
        poll_entry_t *entry = &self->set.entry[i];
        if (entry->revents != 0) {
            mp_obj_t pair[] = {entry->obj, MP_OBJ_NEW_SMALL_INT(entry->revents)};
            mp_obj_list_append(list, mp_obj_new_tuple(2, pair));
        }
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(poll_poll_obj, 1, 2, poll_poll);

// ipoll([timeout[, flags]]): the same one by one, without allocating
static mp_obj_t poll_ipoll(size_t n_args, const mp_obj_t *args) {
    mp_obj_poll_t *self = MP_OBJ_TO_PTR(args[0]);
    poll_wait(n_args, args);
    self->next = self->set.count;
    return args[0];
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(poll_ipoll_obj, 1, 3, poll_ipoll);

// From the last entry to the first: unregister() moves the last one into a gap, so the loop's body may use it.
static mp_obj_t poll_iternext(mp_obj_t self_in) {
    mp_obj_poll_t *self = MP_OBJ_TO_PTR(self_in);
    self->next = MIN(self->next, self->set.count);
    while (self->next > 0) {
        poll_entry_t *entry = &self->set.entry[--self->next];
        if (entry->revents != 0) {
            mp_obj_tuple_t *pair = MP_OBJ_TO_PTR(self->pair);
            pair->items[0] = entry->obj;
            pair->items[1] = MP_OBJ_NEW_SMALL_INT(entry->revents);
            poll_told(self, entry);
            return self->pair;
        }
    }
    return MP_OBJ_STOP_ITERATION;
}

static const mp_rom_map_elem_t poll_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR_register), MP_ROM_PTR(&poll_register_obj) },
    { MP_ROM_QSTR(MP_QSTR_unregister), MP_ROM_PTR(&poll_unregister_obj) },
    { MP_ROM_QSTR(MP_QSTR_modify), MP_ROM_PTR(&poll_modify_obj) },
    { MP_ROM_QSTR(MP_QSTR_poll), MP_ROM_PTR(&poll_poll_obj) },
    { MP_ROM_QSTR(MP_QSTR_ipoll), MP_ROM_PTR(&poll_ipoll_obj) },
};
static MP_DEFINE_CONST_DICT(poll_locals_dict, poll_locals_dict_table);

static MP_DEFINE_CONST_OBJ_TYPE(
    mp_type_poll,
    MP_QSTR_poll,
    MP_TYPE_FLAG_ITER_IS_ITERNEXT,
    iter, poll_iternext,
    locals_dict, &poll_locals_dict
    );

// poll()
static mp_obj_t select_poll(void) {
    mp_obj_poll_t *self = mp_obj_malloc(mp_obj_poll_t, &mp_type_poll);
    poll_set_init(&self->set);
    self->next = 0;
    self->flags = 0;
    self->pair = mp_obj_new_tuple(2, NULL);
    return MP_OBJ_FROM_PTR(self);
}
static MP_DEFINE_CONST_FUN_OBJ_0(select_poll_obj, select_poll);

static const mp_rom_map_elem_t select_module_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_select) },
    { MP_ROM_QSTR(MP_QSTR_error), MP_ROM_PTR(&mp_type_OSError) },
    { MP_ROM_QSTR(MP_QSTR_select), MP_ROM_PTR(&select_select_obj) },
    { MP_ROM_QSTR(MP_QSTR_poll), MP_ROM_PTR(&select_poll_obj) },
    { MP_ROM_QSTR(MP_QSTR_POLLIN), MP_ROM_INT(POLLIN) },
    { MP_ROM_QSTR(MP_QSTR_POLLOUT), MP_ROM_INT(POLLOUT) },
    { MP_ROM_QSTR(MP_QSTR_POLLERR), MP_ROM_INT(POLLERR) },
    { MP_ROM_QSTR(MP_QSTR_POLLHUP), MP_ROM_INT(POLLHUP) },
    { MP_ROM_QSTR(MP_QSTR_POLLNVAL), MP_ROM_INT(POLLNVAL) },
    { MP_ROM_QSTR(MP_QSTR_POLLPRI), MP_ROM_INT(POLLPRI) },
};
static MP_DEFINE_CONST_DICT(select_module_globals, select_module_globals_table);

const mp_obj_module_t mp_module_select = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&select_module_globals,
};

MP_REGISTER_EXTENSIBLE_MODULE(MP_QSTR_select, mp_module_select);
