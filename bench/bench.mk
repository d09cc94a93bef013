# `make bench`: the programs that it measures, beside those of peers.mk, and what it makes of the measurements.
# Included by the Makefile at the top.

# Other targets have nothing to do with it.
ifneq ($(findstring bench,$(MAKECMDGOALS)),)

BENCH_STACKS   := baresock sockets kernel
BENCH_PROGRAMS := $(BB)/host $(foreach stack,$(BENCH_STACKS),$(BB)/tcp-$(stack) $(BB)/udp-$(stack))

$(BB)/host: bench/host.c $(B)/flags bench/bench.mk
	@echo "CC $@"
	@mkdir -p $(@D) && $(CC) $(CFLAGS) $(WARN) -MD -MP -MF $@.d -o $@ $< -lpthread

$(BB)/%-baresock: bench/c/%.c $(LIB) $(B)/flags bench/bench.mk
	@echo "CC $@"
	@mkdir -p $(@D) && $(CC) -DBENCH_STACK=BENCH_BARESOCK -I. -Iinclude $(USER_FLAGS) $(CFLAGS) $(WARN) -MD -MP -MF $@.d \
	  -o $@ $< $(LIB) $(LDFLAGS) $(LIBS)

$(BB)/%-sockets: bench/c/%.c $(LWIP_SOCKETS_LIB) $(B)/flags bench/bench.mk
	@echo "CC $@"
	@mkdir -p $(@D) && $(CC) -DBENCH_STACK=BENCH_LWIP $(LWIP_SOCKETS_CFLAGS) $(CFLAGS) $(WARN) -MD -MP -MF $@.d -o $@ $< \
	  $(LWIP_SOCKETS_LIB) $(LDFLAGS) $(LIBS) -lpthread

$(BB)/%-kernel: bench/c/%.c $(B)/flags bench/bench.mk
	@echo "CC $@"
	@mkdir -p $(@D) && $(CC) -DBENCH_STACK=BENCH_KERNEL -I. $(CFLAGS) $(WARN) -MD -MP -MF $@.d -o $@ $<

-include $(BENCH_PROGRAMS:=.d)

## bench-programs     what `make bench` measures, without measuring
bench-programs: bench-tools $(BENCH_PROGRAMS) $(B)/mp bench-peers bench-sizes x86 dos-programs dosbox-x

## bench              baresock beside its peers: a table, build/bench.json and .svg; LINES="recv send" for some
bench: bench-programs
	@bench/run.py --build $(B) $(LINES)

## bench-docs         docs/performance.md and its drawing from the last `make bench`
bench-docs:
	@bench/docs.py --build $(B)

# What has a budget is ours alone.
OURS_386 := $(foreach kind,$(KINDS_386),$(patsubst %.c,$(BB)/i386/$(kind)/%.o,$(SRC_386) sizes_ours.c))
$(BB)/sizes-ours.json: bench/size.py $(OURS_386)
	@echo "SIZES $@"
	@bench/size.py $(BB)/i386 $(OURS_386) > $@

BUDGETED := $(BB)/host $(BB)/tcp-baresock $(BB)/udp-baresock $(B)/mp $(BB)/sizes-ours.json

## bench-budget       fails where instructions or sizes are more than 3 % over bench/budget.json
bench-budget: bench-tools $(BUDGETED)
	@bench/budget.py --build $(B)

## bench-budget-update  new figures for bench/budget.json: say in the commit why
bench-budget-update: bench-tools $(BUDGETED)
	@bench/budget.py --build $(B) --update

# A compiler that knows no i386 says so in many ways.
$(OBJ_386) $(BENCH_PROGRAMS): | bench-tools

endif

# What must be installed beside what everything needs, told before anything is tried.
bench-tools:
	@missing=; \
	for pair in valgrind:valgrind ip:iproute2 unshare:util-linux chrt:util-linux qemu-system-i386:qemu-system-x86 \
	  meson:meson ninja:ninja-build bzip2:bzip2 nasm:nasm; do \
	  command -v $${pair%:*} > /dev/null || missing="$$missing $${pair#*:}"; \
	done; \
	echo '#include <errno.h>' | $(CC) -m32 -E - > /dev/null 2>&1 || missing="$$missing gcc-multilib libc6-dev-i386"; \
	goal='$(or $(firstword $(MAKECMDGOALS)),bench)'; \
	[ -z "$$missing" ] || { echo "make: The bench needs$$missing: run './dev $$goal', or install it." >&2; exit 1; }

.PHONY: bench bench-programs bench-docs bench-budget bench-budget-update bench-tools
