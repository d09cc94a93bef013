// The disk in memory that files are on: blocks from malloc(), each taken when it is first written.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "py/builtin.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "py/stream.h"
#include "extmod/vfs.h"
#include "extmod/vfs_lfs.h"

#include "ports/x86/ramdisk.h"
#include "x86/x86.h"

#define BLOCK_SIZE 1024

// Of the machine's memory, files may take so much.
#define SHARE 4

static struct {
    byte **block;           // NULL: erased
    size_t count;
} disk;

// --- the block device, as extmod/vfs.h asks for it ---

typedef struct _ramdisk_obj_t {
    mp_obj_base_t base;
} ramdisk_obj_t;

static byte **slot_for(mp_int_t number) {
    if (number < 0 || (size_t)number >= disk.count) {
        mp_raise_OSError(EINVAL);
    }
    return &disk.block[number];
}

// Returns false when there is no memory.
static bool take_block(byte **slot) {
    if (*slot == NULL) {
        *slot = malloc(BLOCK_SIZE);
        if (*slot == NULL) {
            return false;
        }
        memset(*slot, 0xff, BLOCK_SIZE);
    }
    return true;
}

// Reads or writes a piece that may touch several blocks. Returns 0 or -errno.
static mp_obj_t transfer(size_t n_args, const mp_obj_t *args, bool writing) {
    mp_buffer_info_t buf;
    mp_get_buffer_raise(args[2], &buf, writing ? MP_BUFFER_READ : MP_BUFFER_WRITE);
    mp_int_t number = mp_obj_get_int(args[1]);
    size_t offset = n_args > 3 ? (size_t)mp_obj_get_int(args[3]) : 0;
    byte *data = buf.buf;
    number += (mp_int_t)(offset / BLOCK_SIZE);
    offset %= BLOCK_SIZE;
    for (size_t left = buf.len; left > 0; number++, offset = 0) {
        size_t n = MIN(left, BLOCK_SIZE - offset);
        byte **slot = slot_for(number);
        if (writing) {
            if (!take_block(slot)) {
                return MP_OBJ_NEW_SMALL_INT(-ENOSPC);
            }
            memcpy(*slot + offset, data, n);
        } else if (*slot != NULL) {
            memcpy(data, *slot + offset, n);
        } else {
            memset(data, 0xff, n);
        }
        data += n;
        left -= n;
    }
    return MP_OBJ_NEW_SMALL_INT(0);
}

static mp_obj_t ramdisk_readblocks(size_t n_args, const mp_obj_t *args) {
    return transfer(n_args, args, false);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(ramdisk_readblocks_obj, 3, 4, ramdisk_readblocks);

static mp_obj_t ramdisk_writeblocks(size_t n_args, const mp_obj_t *args) {
    return transfer(n_args, args, true);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(ramdisk_writeblocks_obj, 3, 4, ramdisk_writeblocks);

static mp_obj_t ramdisk_ioctl(mp_obj_t self_in, mp_obj_t op_in, mp_obj_t arg_in) {
    size_t number;
    (void)self_in;
    switch (mp_obj_get_int(op_in)) {
        case MP_BLOCKDEV_IOCTL_BLOCK_COUNT:
            return MP_OBJ_NEW_SMALL_INT(disk.count);
        case MP_BLOCKDEV_IOCTL_BLOCK_SIZE:
            return MP_OBJ_NEW_SMALL_INT(BLOCK_SIZE);
        case MP_BLOCKDEV_IOCTL_BLOCK_ERASE:
            number = (size_t)mp_obj_get_int(arg_in);
            if (number < disk.count) {
                free(disk.block[number]);
                disk.block[number] = NULL;
            }
            return MP_OBJ_NEW_SMALL_INT(0);
        case MP_BLOCKDEV_IOCTL_INIT:
        case MP_BLOCKDEV_IOCTL_DEINIT:
        case MP_BLOCKDEV_IOCTL_SYNC:
            return MP_OBJ_NEW_SMALL_INT(0);
        default:
            return mp_const_none;
    }
}
static MP_DEFINE_CONST_FUN_OBJ_3(ramdisk_ioctl_obj, ramdisk_ioctl);

static const mp_rom_map_elem_t ramdisk_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_readblocks), MP_ROM_PTR(&ramdisk_readblocks_obj) },
    { MP_ROM_QSTR(MP_QSTR_writeblocks), MP_ROM_PTR(&ramdisk_writeblocks_obj) },
    { MP_ROM_QSTR(MP_QSTR_ioctl), MP_ROM_PTR(&ramdisk_ioctl_obj) },
};
static MP_DEFINE_CONST_DICT(ramdisk_locals, ramdisk_locals_table);

static MP_DEFINE_CONST_OBJ_TYPE(ramdisk_type, MP_QSTR_RamDisk, MP_TYPE_FLAG_NONE, locals_dict, &ramdisk_locals);

static const ramdisk_obj_t ramdisk_obj = {{&ramdisk_type}};

// --- the file system on it ---

void ramdisk_mount(void) {
    const mp_obj_t device = MP_OBJ_FROM_PTR(&ramdisk_obj);
    mp_obj_t args[] = {device, MP_OBJ_NEW_QSTR(MP_QSTR__slash_)};
    mp_obj_t method[3];
    if (disk.block == NULL) {
        disk.count = x86_memory_size() / SHARE / BLOCK_SIZE;
        disk.block = calloc(disk.count, sizeof(disk.block[0]));
        if (disk.block == NULL) {
            mp_raise_OSError(ENOMEM);
        }
        mp_load_method(MP_OBJ_FROM_PTR(&mp_type_vfs_lfs2), MP_QSTR_mkfs, method);
        method[2] = device;
        mp_call_method_n_kw(1, 0, method);
    }
    args[0] = mp_call_function_1(MP_OBJ_FROM_PTR(&mp_type_vfs_lfs2), device);
    mp_vfs_mount(MP_ARRAY_SIZE(args), args, (mp_map_t *)&mp_const_empty_map);
    MP_STATE_VM(vfs_cur) = MP_STATE_VM(vfs_mount_table);
}

// The name that a file gets: "dir/script.py with, words" is script.py.
static mp_obj_t file_name(const char *name) {
    size_t len = strcspn(name, " ");
    size_t start = len;
    while (start > 0 && name[start - 1] != '/') {
        start--;
    }
    return mp_obj_new_str(name + start, len - start);
}

void ramdisk_add_modules(void) {
    struct x86_module module;
    for (unsigned i = 0; x86_module(i, &module); i++) {
        int error;
        mp_obj_t args[] = {file_name(module.name), MP_OBJ_NEW_QSTR(MP_QSTR_wb)};
        mp_obj_t file = mp_vfs_open(MP_ARRAY_SIZE(args), args, (mp_map_t *)&mp_const_empty_map);
        mp_stream_rw(file, (void *)module.data, module.size, &error, MP_STREAM_RW_WRITE);
        mp_stream_close(file);
        if (error != 0) {
            mp_raise_OSError(error);
        }
    }
}
