# A bare x86 machine, started by a multiboot loader.
include ports/i386/machine.mk

LINK_SRC    += src/link/e1000.c

PROGRAM     := mp.elf
PORT_SRC    := $(I386_SRC) $(wildcard ports/x86/port*.c)
MACHINE_OBJ := $(I386_OBJ) $(B)/obj/ports/x86/port_start.o

# A program in C becomes an image that boots.
ELF_LINK := -m32 -nostdlib -static -no-pie -T ports/x86/link.ld -Wl,-z,noexecstack,--no-warn-rwx-segments,--build-id=none
TEST_ELF := $(patsubst %.c,$(B)/%.elf,$(wildcard tests/x86/*.c examples/c/*.c))

$(TEST_ELF): $(B)/%.elf: $(B)/obj/%.o $(LIB) ports/x86/link.ld
	@echo "LD $@"
	@mkdir -p $(@D) && $(CC) $(ELF_LINK) $(LDFLAGS) -o $@ $< $(LIB) $(LIBS)

# The programs of tests/x86, and the examples.
x86-programs: $(TEST_ELF)
.PHONY: x86-programs
