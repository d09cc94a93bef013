# A bare x86 machine, started by a multiboot loader.
include ports/i386/machine.mk

PORT_SRC := $(I386_SRC) $(wildcard ports/x86/port*.c)
