# A PC with DOS: an .EXE whose first part, the loader, puts a flat 32-bit image into extended memory.
include ports/i386/machine.mk

LINK_SRC    += src/link/pktdrv.c src/link/capture.c

PROGRAM     := MP.EXE
PORT_SRC    := $(I386_SRC) $(wildcard ports/dos/port*.c)
MACHINE_OBJ := $(I386_OBJ) $(B)/obj/ports/dos/port_start.o
MACHINE_CPPFLAGS := -isystem ports/dos/include $(MACHINE_CPPFLAGS)

# A card of ISA holds nine frames. What a peer sends in one go should fit, or each transfer begins with a second's wait for
# what was lost: ports/dos/README.md.
ifeq ($(findstring BS_TCP_WND,$(LIMITS)),)
MACHINE_CPPFLAGS += -DBS_TCP_WND=11680
endif

# Small: it is loaded from floppy disks.
OPT         := -Os
NASM        ?= nasm
LOADER      := $(B)/loader.bin

assemble = @command -v $(NASM) > /dev/null || { echo "make: nasm is missing: install nasm." >&2; exit 1; }; \
           echo "NASM $@"; mkdir -p $(@D) && $(NASM) -Werror -f bin -I $(<D)/ -o $@ $<

$(LOADER): ports/dos/loader/loader.asm $(wildcard ports/dos/loader/*.inc)
	$(assemble)

# Our packet driver.
driver: $(B)/NE2000.COM
$(B)/NE2000.COM: pktdrv/ne2000.asm $(wildcard pktdrv/*.inc)
	$(assemble)

# A program in C becomes an .EXE: the loader, then what it loads.
DOS_LINK := -m32 -nostdlib -static -no-pie -T ports/dos/link.ld -Wl,-z,noexecstack,--no-warn-rwx-segments,--build-id=none
TEST_EXE := $(patsubst %.c,$(B)/%.EXE,$(wildcard tests/dos/*.c examples/c/*.c))

$(TEST_EXE): $(B)/%.EXE: $(B)/obj/%.o $(LIB) $(LOADER) ports/dos/link.ld
	@echo "LD $@"
	@mkdir -p $(@D) && $(CC) $(DOS_LINK) $(LDFLAGS) -o $(@:.EXE=.elf) $< $(LIB) $(LIBS)
	@objcopy -O binary $(@:.EXE=.elf) $(@:.EXE=.bin) && cat $(LOADER) $(@:.EXE=.bin) > $@

# The program of Python is linked by ports/mp/mp.mk.
$(B)/$(PROGRAM): $(LOADER)

# What else the tests run there.
TEST_COM := $(patsubst tests/dos/%.asm,$(B)/tests/dos/%.com,$(wildcard tests/dos/*.asm))
$(TEST_COM): $(B)/tests/dos/%.com: tests/dos/%.asm
	$(assemble)

dos-programs: $(TEST_EXE) $(TEST_COM)
.PHONY: driver dos-programs
