# Linux: the compiler's own C library; links by libslirp and the kernel.

# Not from pkg-config, which would ask for GLib's headers as well.
SLIRP_CFLAGS ?= -I/usr/include/slirp
SLIRP_LIBS   ?= -lslirp

MACHINE_CPPFLAGS := $(SLIRP_CFLAGS)
LIBS              = $(SLIRP_LIBS)

PROGRAM  := mp
PORT_SRC := $(wildcard ports/linux/port*.c)
# All but the drivers of network cards.
LINK_SRC := $(filter-out src/link/e1000.c src/link/ne2000.c src/link/pktdrv.c src/link/dp8390.c,$(wildcard src/link/*.c))
