# mp on Linux: what ports/mp/mp.mk asks of a machine.

PROG := mp
FROZEN_MANIFEST := ports/mp/manifest.py

PORT_SRC     := $(addprefix ports/linux/,main.c history.c mphalport.c)
UPSTREAM_SRC := $(addprefix ports/unix/,gccollect.c alloc.c modtermios.c)

# modtermios.c asks before it includes mpconfigport.h.
PORT_CFLAGS  := -D_FILE_OFFSET_BITS=64 -DMICROPY_PY_TERMIOS=1
PORT_LDFLAGS := -lm

# Upstream has no hook for what reads from sys.stdin and other files.
$(BUILD)/extmod/vfs_posix_file.o: private CFLAGS += '-Dread(fd,buf,size)=mp_hal_read_file(fd,buf,size)'
