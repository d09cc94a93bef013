# mp on a bare x86 machine: what ports/mp/mp.mk asks of a machine.

PROG := mp.elf
FROZEN_MANIFEST := ports/mp/manifest.py

PORT_SRC        := $(addprefix ports/x86/,main.c mphalport.c ramdisk.c)
UPSTREAM_SHARED := runtime/sys_stdio_mphal.c runtime/stdout_helpers.c

MICROPY_VFS_LFS2 := 1

PORT_LDFLAGS := -m32 -nostdlib -static -no-pie -T ports/x86/link.ld -Wl,-z,noexecstack,--no-warn-rwx-segments,--build-id=none
