// The disk in memory that files are on, and the files that the loader brought.
#ifndef BARESOCK_X86_RAMDISK_H
#define BARESOCK_X86_RAMDISK_H

// Makes the disk, empty, and mounts it as /. Raises OSError when there is no memory.
void ramdisk_mount(void);

// Puts the loader's modules on it: a file for each, by the last part of its name.
void ramdisk_add_modules(void);

#endif // BARESOCK_X86_RAMDISK_H
