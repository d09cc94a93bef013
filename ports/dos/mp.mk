# mp on DOS: what ports/mp/mp.mk asks of a machine.

PROG := mp.elf
FROZEN_MANIFEST := ports/mp/manifest.py

PORT_SRC        := $(addprefix ports/dos/,main.c mphalport.c)
UPSTREAM_SHARED := runtime/stdout_helpers.c

PORT_LDFLAGS := -m32 -nostdlib -static -no-pie -T ports/dos/link.ld -Wl,-z,noexecstack,--no-warn-rwx-segments,--build-id=none

# Upstream has no hook for what reads and writes files: standard input is edited, and lines of text end as DOS has it.
$(BUILD)/extmod/vfs_posix_file.o: private CFLAGS += -include ports/dos/vfs_file.h

all: $(BUILD)/MP.EXE
$(BUILD)/MP.EXE: $(BUILD)/$(PROG) $(LOADER)
	$(Q)objcopy -O binary $< $(BUILD)/mp.bin
	$(Q)cat $(LOADER) $(BUILD)/mp.bin > $@
