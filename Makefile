# baresock. `make help` says what there is: the lines that begin with ##.

# --- where things are ---

BUILD   ?= build
# Sanitized objects and programs live beside the plain ones.
ifeq ($(SAN),1)
B       := $(BUILD)/san
else
B       := $(BUILD)
endif
LIB     := $(B)/libbaresock.a
# MicroPython's compiler, which runs where things are built.
MPY_CROSS_BUILD ?= $(BUILD)/mpy-cross

# A checkout of one's own may stand in for what deps/fetch would bring.
ifeq ($(origin LWIP_DIR),undefined)
LWIP_DIR := $(shell deps/fetch --path lwip)
endif
ifeq ($(origin MICROPYTHON_DIR),undefined)
MICROPYTHON_DIR := $(shell deps/fetch --path micropython)
endif

include deps/version.mk

# The machine that things are built for: linux, or one without an operating system (x86). Its file says how to compile
# for it, and what of src/ and ports/ belongs to it.
MACHINE ?= linux
include ports/$(MACHINE)/machine.mk

# --- how to compile ---

CC       ?= cc
AR       ?= ar
OPT      ?= -O2
WARN     := -Wall -Wextra -Werror -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wundef \
            -Wpointer-arith -Wwrite-strings -Wno-address
CFLAGS   ?= -g
override CFLAGS += $(MACHINE_CFLAGS) $(OPT) -std=gnu11 -D_GNU_SOURCE -ffunction-sections -fdata-sections
PROFILE  ?= LARGE
CPPFLAGS += -Iinclude -Isrc -Isrc/stack/lwip -Iports -isystem $(LWIP_DIR)/src/include -DBS_PROFILE=BS_PROFILE_$(PROFILE) \
            -DBS_VERSION='"$(VERSION)"' $(MACHINE_CPPFLAGS)
LDFLAGS  += -Wl,--gc-sections

# LIMITS="-DBS_MAX_SOCKETS=64 ..." changes the limits of include/baresock/config.h.
CPPFLAGS += $(LIMITS)

ifeq ($(SAN),1)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
override CFLAGS  += $(SANITIZE)
override LDFLAGS += $(SANITIZE)
CPPFLAGS += -DBS_POOLS_MALLOC=1 -DBS_CHECK_THREAD=1
endif

# --- the sources of others ---

# Make reads lwIP's file list before anything else, so it runs this first.
$(LWIP_DIR)/src/Filelists.mk:
	@deps/fetch lwip && $(call must_hold,LWIP_DIR)
$(MICROPYTHON_DIR)/py/py.mk:
	@deps/fetch micropython && $(call must_hold,MICROPYTHON_DIR)
# A checkout of one's own is not looked into before.
must_hold = { test -e $@ || { echo "make: There is no $@: set $(1) to a checkout." >&2; exit 1; }; }

# --- the library ---

LWIPDIR := $(LWIP_DIR)/src
ifneq ($(filter-out help format clean test-chroot x86 x86-run dos dos-run,$(or $(MAKECMDGOALS),all)),)
include $(LWIP_DIR)/src/Filelists.mk
endif
LWIP_SRC := $(COREFILES) $(CORE4FILES) $(CORE6FILES) $(LWIPDIR)/netif/ethernet.c

LIB_SRC := $(wildcard src/stack/*.c src/socket/*.c) $(LINK_SRC) $(PORT_SRC)
LIB_OBJ := $(LIB_SRC:%.c=$(B)/obj/%.o) $(LWIP_SRC:$(LWIPDIR)/%.c=$(B)/obj/lwip/%.o) $(MACHINE_OBJ)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

## help               this list
help:
	@sed -n 's/^## //p' Makefile

## all                lib and mp (the default)
all: lib mp

## lib                the C library, build/libbaresock.a
lib: $(LIB)

$(LIB_OBJ): | $(MACHINE_NEEDS)
$(LIB): $(LIB_OBJ)
	@echo "AR $@"
	@rm -f $@ && $(AR) rcs $@ $^

$(B)/obj/%.o: %.c $(B)/flags
	@echo "CC $<"
	@mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) -MD -MP -c -o $@ $<

$(B)/obj/lwip/%.o: $(LWIPDIR)/%.c $(B)/flags
	@echo "CC lwip/$*.c"
	@mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) -w -MD -MP -c -o $@ $<

# Everything is compiled anew when the flags change.
FLAGS := $(CC) $(CPPFLAGS) $(CFLAGS) $(WARN)
$(B)/flags: FORCE
	@mkdir -p $(@D) && echo '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || echo '$(subst ','\'',$(FLAGS))' > $@

## mp                 MicroPython with the network, build/mp
mp: $(B)/$(PROGRAM)

# Variables of the command line (CFLAGS=...) are for us; MicroPython's makefiles add to theirs.
MAKEOVERRIDES :=
$(B)/$(PROGRAM): $(LIB) $(MICROPYTHON_DIR)/py/py.mk FORCE
	@$(MAKE) --no-print-directory -f ports/mp/mp.mk MACHINE=$(MACHINE) BUILD=$(B)/mp-obj LIB=$(LIB) LIBS="$(LIBS)" CC="$(CC)" \
	  MACHINE_FLAGS="$(MACHINE_CPPFLAGS) $(MACHINE_CFLAGS)" SAN="$(SAN)" OPT="$(OPT)" PROFILE="$(PROFILE)" LIMITS="$(LIMITS)" \
	  VERSION="$(VERSION)" LWIP_DIR="$(LWIP_DIR)" MICROPYTHON_DIR="$(MICROPYTHON_DIR)" MPY_CROSS_BUILD=$(MPY_CROSS_BUILD) LOADER="$(LOADER)"
	@cmp -s $(B)/mp-obj/$(PROGRAM) $@ || { rm -f $@; cp $(B)/mp-obj/$(PROGRAM) $@; }

# --- the examples in C, and installation ---

EXAMPLES    := $(wildcard examples/c/*.c)
EXAMPLE_BIN := $(EXAMPLES:%.c=$(B)/%)
# What a program must be compiled with beside the include path, so that it sees the library's limits.
USER_FLAGS  := $(filter-out -DBS_VERSION=%,$(filter -DBS_%,$(CPPFLAGS)))

## examples           the programs of examples/c, in build/examples/c
examples: $(EXAMPLE_BIN)
$(EXAMPLE_BIN): $(B)/%: %.c $(LIB) $(B)/flags
	@echo "CC $<"
	@mkdir -p $(@D) && $(CC) -Iinclude $(USER_FLAGS) $(CFLAGS) $(WARN) -MD -MP -MF $@.d -o $@ $< $(LIB) $(LDFLAGS) $(LIBS)

PREFIX ?= /usr/local
into    = $(DESTDIR)$(PREFIX)

## install            library, headers, baresock.pc and mp, below PREFIX (/usr/local), itself below DESTDIR
install: lib mp
	@mkdir -p $(into)/bin $(into)/include/baresock $(into)/lib/pkgconfig
	install -m 644 include/baresock/*.h $(into)/include/baresock
	install -m 644 $(LIB) $(into)/lib
	install -m 755 $(B)/mp $(into)/bin
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|; s|@FLAGS@|$(strip $(USER_FLAGS))|; s|@LIBS@|$(LIBS)|' \
	  baresock.pc.in > $(into)/lib/pkgconfig/baresock.pc

## run                fetches a file from a web server on this machine, or URL=http://...
run: mp
	@tools/run.sh $(B)/mp "$$URL"

# --- other machines ---

# Whatever is set for this machine's build is not for that one's.
on_machine = $(MAKE) --no-print-directory MACHINE=$(1) BUILD=$(BUILD)/$(1) MPY_CROSS_BUILD=$(BUILD)/mpy-cross LIMITS="$(LIMITS)"

## x86                MicroPython for a bare x86 machine, build/x86/mp.elf, and the library for its programs
x86:
	+@$(call on_machine,x86) lib mp

## x86-run            boots it in QEMU, with a network card (X86_NIC=e1000), for ARGS="SCRIPT..." or the prompt
X86_NIC ?= e1000
x86-run: x86
	@tools/x86.py --image $(BUILD)/x86/mp.elf --nic $(X86_NIC) $(ARGS)

## x86-programs       the examples in C and what the tests boot, in build/x86/examples/c and build/x86/tests/x86
ifeq ($(MACHINE),linux)
x86-programs: x86
	+@$(call on_machine,x86) x86-programs
endif

## x86-test           its tests in QEMU
x86-test: x86-programs mp
	@tests/run --build $(BUILD) $(or $(TESTS_X86),$(wildcard tests/x86/test_*.py))

## dos                MicroPython for DOS, build/dos/MP.EXE, a packet driver, NE2000.COM, and the library for its programs
dos:
	+@$(call on_machine,dos) lib mp driver

## dos-run            starts it in DOSBox-X, with a network card, for ARGS="SCRIPT..." or the prompt
dos-run: dos dosbox-x
	@tools/dos.py $(ARGS)
dosbox-x:
	@deps/dosbox-x > /dev/null

## dos-programs       the examples in C and what the tests run, in build/dos/examples/c and build/dos/tests/dos
ifeq ($(MACHINE),linux)
dos-programs: dos
	+@$(call on_machine,dos) dos-programs
endif

## dos-test           its tests in DOSBox-X; DPMI_HOST=FILE for another DPMI host beside the tests' own
export DPMI_HOST
dos-test: dos-programs dosbox-x
	@tests/run --build $(BUILD) $(or $(TESTS_DOS),$(wildcard tests/dos/test_*.py))

# --- what is given away ---

# The date of a commit, or whatever is set from outside, is that of everything in it.
ifneq ($(filter dist,$(MAKECMDGOALS)),)
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
endif

## dist               archives for DOS, Linux and x86, in build/dist, the same bytes from the same commit
dist: all dos x86
	@rm -rf $(BUILD)/installed
	@$(MAKE) --no-print-directory install PREFIX=/usr DESTDIR=$(abspath $(BUILD))/installed > /dev/null
	@dist/pack.py $(BUILD) $(BUILD)/installed $(VERSION)
	@rm -rf $(BUILD)/installed

include bench/peers.mk
include bench/bench.mk

# --- tests ---

UNIT_TESTS := $(wildcard tests/unit/test_*.c)
UNIT_BIN   := $(UNIT_TESTS:%.c=$(B)/%)
WIRE_BIN   := $(B)/tests/wire/driver
TESTS      ?= $(UNIT_TESTS) $(wildcard tests/lwip/test_*.c tests/py/test_*.py tests/wire/test_*.py tests/host/test_*.py tests/host/test_*.sh)

$(UNIT_BIN) $(WIRE_BIN): $(B)/%: %.c $(LIB) $(B)/flags
	@echo "CC $<"
	@mkdir -p $(@D) && $(CC) $(CPPFLAGS) -Itests/unit $(CFLAGS) $(WARN) -MD -MP -MF $@.d -o $@ $< $(LIB) $(LDFLAGS) \
	  -lcmocka $(LIBS)

include tests/lwip/lwip.mk

## test-programs      what tests/run needs, without running it; with SAN=1 the sanitized ones
test-programs: lib mp examples unit-programs lwip-tests $(WIRE_BIN)
unit-programs: $(UNIT_BIN)

# The C tests also run with the small profiles, where limits are near, and those that need no IPv6 without it.
SMALL := TINY DEFAULT
IP4_TESTS := datagram_calls listen poll ports rxq stream stream_calls table
ip4-programs: $(IP4_TESTS:%=$(B)/tests/unit/test_%)

## test               all tests that need no emulator, plain and with sanitizers; TESTS="FILE..." for some
test: test-programs
	@$(MAKE) --no-print-directory SAN=1 test-programs
	@for p in $(SMALL); do $(MAKE) --no-print-directory BUILD=$(BUILD)/$$p PROFILE=$$p SAN= unit-programs || exit 1; done
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/IP4 LIMITS="$(LIMITS) -DBS_IPV6=0" SAN= ip4-programs
	@tests/run --build $(BUILD) --build $(BUILD)/san $(patsubst %,--unit-build $(BUILD)/%,$(SMALL) IP4) $(TESTS)

## test-lessons       sees the tests of the lessons fail, each with a fault in a copy of the tree
test-lessons: test-programs
	@tests/lessons/run

## test-all           test, x86-test, dos-test, test-lessons, lint, and bench-budget
test-all: bench-tools test lint
	@$(MAKE) --no-print-directory x86-test
	@$(MAKE) --no-print-directory dos-test
	@$(MAKE) --no-print-directory test-lessons
	@$(MAKE) --no-print-directory bench-budget

## lint               clang-format and clang-tidy
C_FILES := $(wildcard include/baresock/*.h ports/*.h ports/linux/port*.c ports/i386/*.[ch] ports/x86/port*.c ports/x86/x86.h ports/x86/multiboot.h \
             ports/dos/port*.c ports/dos/dos.h ports/dos/include/*.h ports/dos/include/*/*.h tests/x86/*.c tests/dos/*.c ports/i386/include/*.h \
             ports/i386/include/*/*.h src/*/*.[ch] src/stack/lwip/lwip_hooks.h \
             src/stack/lwip/arch/*.h tests/unit/*.[ch] tests/lwip/*.[ch] tests/wire/*.[ch] tests/fuzz/*.c examples/c/*.c bench/*.c \
             bench/c/*.[ch] bench/peers/*.[ch])
lint: tidy
	@echo "LINT" && clang-format --dry-run -Werror $(C_FILES)
	+@$(call on_machine,x86) tidy TIDY="$(wildcard ports/x86/port*.c ports/i386/*.c) src/link/e1000.c src/link/ne2000.c src/link/dp8390.c"
	+@$(call on_machine,dos) tidy TIDY="$(wildcard ports/dos/port*.c) src/link/pktdrv.c"

TIDY ?= $(LIB_SRC) bench/host.c $(wildcard bench/c/*.c)
tidy: $(LWIP_DIR)/src/Filelists.mk | $(MACHINE_NEEDS)
	@printf '%s\n' $(TIDY) | xargs -P 2 -I FILE sh -c 'clang-tidy --quiet FILE -- $$0 2> /dev/null' \
	  '$(subst ','\'',$(CPPFLAGS) $(filter-out -fcf-protection=none -mmem%,$(MACHINE_CFLAGS)) -I. -DBENCH_STACK=BENCH_BARESOCK -std=gnu11 -D_GNU_SOURCE)'

## format             clang-format, in place
format:
	@clang-format -i $(C_FILES)

## docs-states        docs/socket-states.md from the table of what each call says in each state
docs-states:
	@python3 tests/states/docs.py > docs/socket-states.md.new && mv docs/socket-states.md.new docs/socket-states.md

## test-chroot        ./dev run and ./dev test in a clone on a bare Debian 12 (takes root)
test-chroot:
	@tests/chroot.sh

## clean              removes the build directory
clean:
	rm -rf $(BUILD)

FORCE:
.PHONY: help all lib mp x86 x86-run x86-programs x86-test dos dos-run dosbox-x dos-programs dos-test dist tidy examples install run test-programs unit-programs ip4-programs test test-lessons test-all lint format \
        docs-states test-chroot clean FORCE

-include $(LIB_OBJ:.o=.d) $(UNIT_BIN:=.d) $(WIRE_BIN:=.d) $(EXAMPLE_BIN:=.d)
