// What module os has beyond extmod/modos.c, which includes this file.

#include "mp/modos.c"

#include "py/objlist.h"
#include "dos/dos.h"

static mp_obj_t os_drives(void) {
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (char drive = 'A'; drive <= 'Z'; drive++) {
        if (dos_drive_exists(drive)) {
            char name[] = {drive, ':', '\0'};
            mp_obj_list_append(list, mp_obj_new_str_from_cstr(name));
        }
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_0(os_drives_obj, os_drives);

// Upstream's table of the module can't be added to.
void os_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest);
void os_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    (void)self_in;
    if (attr == MP_QSTR_drives && dest[0] == MP_OBJ_NULL) {
        dest[0] = MP_OBJ_FROM_PTR(&os_drives_obj);
    }
}
MP_REGISTER_MODULE_DELEGATION(mp_module_os, os_attr);
