# What the machines have in common that are a 386 or later and run without an operating system's C library: a flat
# 32-bit program, compiled by the compiler that is there, with picolibc. Nothing here knows how it is loaded.

PICOLIBC := $(or $(PICOLIBC_ROOT),$(shell deps/picolibc --path))

# A 386 has no SSE; interrupt handlers may use the stack below the stack pointer, and there is no loader to relocate. What
# is copied is copied by memory.S, not byte by byte on the spot.
I386_CFLAGS := -m32 -march=i386 -mno-sse -mno-mmx -fno-pic -fno-pie -fno-stack-protector \
               -fcf-protection=none -fno-asynchronous-unwind-tables \
               -mmemcpy-strategy=libcall:-1:noalign -mmemset-strategy=libcall:-1:noalign

# Our headers stand before picolibc's: sockets, and errnos with Linux's numbers.
I386_CPPFLAGS := -nostdinc -isystem ports/i386/include -isystem $(PICOLIBC)/include \
                 -isystem $(shell $(CC) -print-file-name=include)

ifeq ($(origin MBEDTLS_DIR),undefined)
MBEDTLS_DIR := $(shell deps/fetch --path mbedtls)
endif
MBEDTLS_SRC := $(addprefix $(MBEDTLS_DIR)/library/,sha256.c platform_util.c)

MACHINE_CFLAGS   := $(I386_CFLAGS)
MACHINE_CPPFLAGS := $(I386_CPPFLAGS) -isystem $(MBEDTLS_DIR)/include -DMBEDTLS_CONFIG_FILE='"i386/mbedtls_config.h"'
MACHINE_NEEDS    := $(PICOLIBC)/include/stdio.h $(MBEDTLS_DIR)/library/sha256.c
# Each needs something of the other.
LIBS              = -Wl,--start-group $(LIB) $(PICOLIBC)/lib/libc.a -lgcc -Wl,--end-group

# What a machine with a few megabytes affords.
PROFILE ?= DEFAULT

I386_SRC := $(wildcard ports/i386/*.c)
# Those that need files or sockets of a host are left out.
LINK_SRC := $(addprefix src/link/,args.c impair.c impair_args.c impair_lane.c link.c loop.c ne2000.c dp8390.c queue.c waitset.c)

I386_OBJ := $(MBEDTLS_SRC:$(MBEDTLS_DIR)/%.c=$(B)/obj/mbedtls/%.o) $(B)/obj/ports/i386/memory.o

$(B)/obj/%.o: %.S $(B)/flags
	@echo "AS $<"
	@mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) -MD -MP -c -o $@ $<

$(B)/obj/mbedtls/%.o: $(MBEDTLS_DIR)/%.c $(B)/flags
	@echo "CC mbedtls/$*.c"
	@mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) -w -MD -MP -c -o $@ $<

$(PICOLIBC)/include/stdio.h:
	@deps/picolibc > /dev/null
$(MBEDTLS_SRC):
	@deps/fetch mbedtls
