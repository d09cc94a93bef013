# `make bench`: the programs that it measures, beside those of peers.mk, and what it makes of the measurements.
# Included by the Makefile at the top.

# Other targets have nothing to do with it.
ifneq ($(findstring bench,$(MAKECMDGOALS)),)

BENCH_MODES    := tcp udp
BENCH_PROGRAMS := $(BB)/host $(foreach mode,$(BENCH_MODES),$(BB)/$(mode)-baresock $(BB)/$(mode)-sockets $(BB)/$(mode)-kernel)

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
bench-programs: $(BENCH_PROGRAMS) $(B)/mp bench-peers bench-sizes

## bench              baresock beside its peers: a table, build/bench.json and build/bench.svg; LINES="recv send" for some
bench: bench-programs
	@bench/run.py --build $(B) $(LINES)

.PHONY: bench bench-programs

endif
