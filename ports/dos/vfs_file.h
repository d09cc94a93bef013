// Included in front of extmod/vfs_posix_file.c: its read() and write() are ours.

#include <fcntl.h>
#include <unistd.h>

#define read(fd, buf, size) mp_hal_read_file(fd, buf, size)
#define write(fd, buf, size) mp_hal_write_file(o->base.type == &mp_type_vfs_posix_textio, fd, buf, size)
