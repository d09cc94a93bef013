# The peers that `make bench` compares baresock with: the same lwIP and MicroPython, used the way upstream does.
# Included by the Makefile at the top. Only what is ours lies in bench/; objects go to $(BB).

BB := $(B)/bench

# --- lwIP, once for each peer, as its options differ ---

PEERS          := modlwip sockets
PEER_sockets   := -DBENCH_SOCKETS=1
PEER_modlwip   := -DBENCH_MODLWIP=1
LWIP_UNIX      := $(LWIP_DIR)/contrib/ports/unix/port
LWIP_API_SRC   := $(APIFILES)

# The host's headers before lwIP's: its contrib has folders named like ours.
PEER_CPPFLAGS  := -Ibench/peers -Iinclude -Isrc -Iports -isystem $(LWIP_DIR)/src/include -isystem $(LWIP_UNIX)/include \
                  -DBS_PROFILE=BS_PROFILE_$(PROFILE) $(LIMITS)
# For C programs that call lwip_socket() and so on. They also need -lpthread and $(LIBS).
LWIP_SOCKETS_CFLAGS := $(PEER_sockets) $(PEER_CPPFLAGS)
LWIP_SOCKETS_LIB    := $(BB)/liblwipsockets.a

# The links are the same objects as in libbaresock.a: they know nothing of lwIP.
PEER_LINKS := $(patsubst %.c,$(B)/obj/%.o,$(wildcard src/link/*.c ports/linux/port*.c))

peer_src      = $(LWIP_SRC) $(if $(filter sockets,$1),$(LWIP_API_SRC))
peer_obj      = $(patsubst $(LWIPDIR)/%.c,$(BB)/obj/$1/lwip/%.o,$(call peer_src,$1)) $(BB)/obj/$1/sys_arch.o \
                $(BB)/obj/$1/netif_link.o $(if $(filter sockets,$1),$(BB)/obj/$1/lwip_up.o)

define peer_rules
$(BB)/obj/$1/lwip/%.o: $$(LWIPDIR)/%.c $$(B)/flags bench/peers.mk
	@echo "CC $1/$$*.c"
	@mkdir -p $$(@D) && $$(CC) $$(PEER_$1) $$(PEER_CPPFLAGS) $$(CFLAGS) -w -MD -MP -c -o $$@ $$<

$(BB)/obj/$1/sys_arch.o: $$(LWIP_UNIX)/sys_arch.c $$(B)/flags bench/peers.mk
	@echo "CC $1/sys_arch.c"
	@mkdir -p $$(@D) && $$(CC) $$(PEER_$1) $$(PEER_CPPFLAGS) $$(CFLAGS) -w -MD -MP -c -o $$@ $$<

$(BB)/obj/$1/%.o: bench/peers/%.c $$(B)/flags bench/peers.mk
	@echo "CC $1/$$*.c"
	@mkdir -p $$(@D) && $$(CC) $$(PEER_$1) $$(PEER_CPPFLAGS) $$(CFLAGS) $$(WARN) -MD -MP -c -o $$@ $$<

$(BB)/liblwip$1.a: $$(call peer_obj,$1) $$(PEER_LINKS)
	@echo "AR $$@"
	@rm -f $$@ && $$(AR) rcs $$@ $$^

-include $(patsubst %.o,%.d,$(call peer_obj,$1))
endef
$(foreach peer,$(PEERS),$(eval $(call peer_rules,$(peer))))

# --- the programs ---

# bench-peers: what bench compares with: mp-modlwip, lwIP's sockets, lwIP's raw API, in build/bench
bench-peers: $(BB)/mp-modlwip $(BB)/sockets

$(BB)/sockets: $(BB)/obj/sockets/sockets.o $(BB)/obj/sockets/transfer.o $(LWIP_SOCKETS_LIB)
	@echo "LINK $@"
	@$(CC) $(CFLAGS) -o $@ $^ $(LDFLAGS) $(LIBS) -lpthread

$(BB)/mp-modlwip: $(BB)/liblwipmodlwip.a $(MICROPYTHON_DIR)/py/py.mk FORCE
	@$(MAKE) --no-print-directory -f bench/peers/modlwip/modlwip.mk BUILD=$(BB)/mp-obj LIB=$(BB)/liblwipmodlwip.a \
	  LIBS="$(LIBS)" CC="$(CC)" OPT="$(OPT)" VERSION="$(VERSION)" PEER_CPPFLAGS="$(PEER_modlwip) $(PEER_CPPFLAGS)" \
	  MICROPYTHON_DIR="$(MICROPYTHON_DIR)" MPY_CROSS_BUILD=$(BUILD)/mpy-cross
	@cmp -s $(BB)/mp-obj/mp-modlwip $@ || cp $(BB)/mp-obj/mp-modlwip $@

.PHONY: bench-peers
