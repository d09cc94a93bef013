# The peers that `make bench` compares baresock with: the same lwIP and MicroPython, used the way upstream does.
# Included by the Makefile at the top. Only what is ours lies in bench/; objects go to $(BB).

BB := $(B)/bench

# Other targets have nothing to do with it.
ifneq ($(findstring bench,$(MAKECMDGOALS)),)

# --- lwIP, once for each peer, as its options differ ---

PEERS          := modlwip sockets raw
PEER_sockets   := -DBENCH_SOCKETS=1
PEER_modlwip   := -DBENCH_MODLWIP=1
LWIP_UNIX      := $(LWIP_DIR)/contrib/ports/unix/port
LWIP_API_SRC   := $(APIFILES)

# Ours come first: contrib has folders of the same names.
PEER_CPPFLAGS  := -Ibench/peers -I. -Iinclude -Isrc -Iports -isystem $(LWIP_DIR)/src/include \
                  -isystem $(LWIP_UNIX)/include -DBS_PROFILE=BS_PROFILE_$(PROFILE) $(LIMITS)
# For C programs that call lwip_socket() and so on. They also need -lpthread and $(LIBS).
LWIP_SOCKETS_CFLAGS := $(PEER_sockets) $(PEER_CPPFLAGS)
LWIP_SOCKETS_LIB    := $(BB)/liblwipsockets.a

# The links are the same objects as in libbaresock.a: they know nothing of lwIP.
PEER_LINKS := $(patsubst %.c,$(B)/obj/%.o,$(LINK_SRC) $(PORT_SRC))

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

-include $(BB)/obj/raw/raw.d

# --- the programs ---

# bench-peers: what bench compares with: mp-modlwip, lwIP's sockets, lwIP's raw API, in build/bench
bench-peers: $(BB)/mp-modlwip $(BB)/tcp-sockets $(BB)/raw

$(BB)/raw: $(BB)/obj/raw/raw.o $(BB)/liblwipraw.a
	@echo "LINK $@"
	@$(CC) $(CFLAGS) -o $@ $^ $(LDFLAGS) $(LIBS)

# Upstream's collector, without the patch of ours that makes large receives cheaper.
GC_PATCH := deps/patches/micropython/gc-runs.patch
$(BB)/upstream/py/gc.c: $(MICROPYTHON_DIR)/py/py.mk $(GC_PATCH) bench/peers.mk
	@mkdir -p $(@D) && cp $(MICROPYTHON_DIR)/py/gc.c $@
	@patch -sRf --no-backup-if-mismatch -r - -d $(BB)/upstream -p1 < $(GC_PATCH) > /dev/null || \
	  cp $(MICROPYTHON_DIR)/py/gc.c $@

$(BB)/mp-modlwip: $(BB)/liblwipmodlwip.a $(BB)/upstream/py/gc.c $(MICROPYTHON_DIR)/py/py.mk FORCE
	@$(MAKE) --no-print-directory -f bench/peers/modlwip/modlwip.mk BUILD=$(BB)/mp-obj LIB=$(BB)/liblwipmodlwip.a \
	  LIBS="$(LIBS)" CC="$(CC)" OPT="$(OPT)" VERSION="$(VERSION)" PEER_CPPFLAGS="$(PEER_modlwip) $(PEER_CPPFLAGS)" \
	  BUILD_VERBOSE=$(or $(V),0) UPSTREAM=$(BB)/upstream \
	  MICROPYTHON_DIR="$(MICROPYTHON_DIR)" MPY_CROSS_BUILD=$(BUILD)/mpy-cross
	@cmp -s $(BB)/mp-obj/mp-modlwip $@ || cp $(BB)/mp-obj/mp-modlwip $@

# --- sizes for the i386 ---

# Asserts are on, as in all that we build. No tables for unwinding and no position-independent code, as on DOS.
CFLAGS_386 := -Os -m32 -march=i386 -std=gnu11 -D_GNU_SOURCE -ffunction-sections -fdata-sections -fno-pie \
              -fno-asynchronous-unwind-tables
# The default profile, whatever PROFILE is, and no LIMITS.
for_386     = -DBS_PROFILE=BS_PROFILE_DEFAULT $(filter-out -DBS_PROFILE=% $(LIMITS),$1)
KINDS_386  := ip4 dual
IPV6_ip4   := -DBS_IPV6=0
IPV6_dual  := -DBS_IPV6=1
MODLWIP_386 = -DMICROPY_ROM_TEXT_COMPRESSION=1 -DMPZ_DIG_SIZE=16 -D_FILE_OFFSET_BITS=64 -Ibench/peers/modlwip \
              -Iports/linux -I. -I$(BB)/mp-obj -I$(MICROPYTHON_DIR) -I$(MICROPYTHON_DIR)/extmod

SRC_386     = $(wildcard src/socket/*.c src/stack/*.c)
obj_386     = $(patsubst %.c,$(BB)/i386/$1/%.o,$(SRC_386)) \
              $(patsubst $(LWIPDIR)/%.c,$(BB)/i386/$1/ours/%.o,$(LWIP_SRC)) \
              $(patsubst $(LWIPDIR)/%.c,$(BB)/i386/$1/sockets/%.o,$(LWIP_SRC) $(LWIP_API_SRC)) \
              $(addprefix $(BB)/i386/$1/,modlwip/modlwip.o sizes_ours.o sizes_sockets.o modlwip/sizes_modlwip.o)

define rules_386
$(BB)/i386/$1/src/%.o: src/%.c $$(B)/flags bench/peers.mk
	@mkdir -p $$(@D) && $$(CC) $$(call for_386,$$(CPPFLAGS)) $$(IPV6_$1) $$(CFLAGS_386) $$(WARN) -MD -MP -c -o $$@ $$<

$(BB)/i386/$1/ours/%.o: $$(LWIPDIR)/%.c $$(B)/flags bench/peers.mk
	@mkdir -p $$(@D) && $$(CC) $$(call for_386,$$(CPPFLAGS)) $$(IPV6_$1) $$(CFLAGS_386) -w -MD -MP -c -o $$@ $$<

$(BB)/i386/$1/sockets/%.o: $$(LWIPDIR)/%.c $$(B)/flags bench/peers.mk
	@mkdir -p $$(@D) && $$(CC) $$(PEER_sockets) $$(call for_386,$$(PEER_CPPFLAGS)) $$(IPV6_$1) $$(CFLAGS_386) -w \
	  -MD -MP -c -o $$@ $$<

$(BB)/i386/$1/sizes_ours.o: bench/peers/sizes_ours.c $$(B)/flags bench/peers.mk
	@mkdir -p $$(@D) && $$(CC) $$(call for_386,$$(CPPFLAGS)) $$(IPV6_$1) $$(CFLAGS_386) $$(WARN) -MD -MP -c -o $$@ $$<

$(BB)/i386/$1/sizes_sockets.o: bench/peers/sizes_sockets.c $$(B)/flags bench/peers.mk
	@mkdir -p $$(@D) && $$(CC) $$(PEER_sockets) $$(call for_386,$$(PEER_CPPFLAGS)) -isystem $$(LWIP_UNIX) $$(IPV6_$1) \
	  $$(CFLAGS_386) $$(WARN) -MD -MP -c -o $$@ $$<

# MicroPython's generated headers are the program's; qstrs do not depend on the machine.
$(BB)/i386/$1/modlwip/modlwip.o: $$(MICROPYTHON_DIR)/extmod/modlwip.c $(BB)/mp-modlwip $$(B)/flags bench/peers.mk
	@mkdir -p $$(@D) && $$(CC) $$(PEER_modlwip) $$(MODLWIP_386) $$(call for_386,$$(PEER_CPPFLAGS)) $$(IPV6_$1) \
	  $$(CFLAGS_386) -w -MD -MP -c -o $$@ $$<

$(BB)/i386/$1/modlwip/sizes_modlwip.o: bench/peers/modlwip/sizes_modlwip.c $(BB)/mp-modlwip $$(B)/flags bench/peers.mk
	@mkdir -p $$(@D) && $$(CC) $$(PEER_modlwip) $$(MODLWIP_386) $$(call for_386,$$(PEER_CPPFLAGS)) $$(IPV6_$1) \
	  $$(CFLAGS_386) -w -MD -MP -c -o $$@ $$<

-include $(patsubst %.o,%.d,$(call obj_386,$1))
endef
$(foreach kind,$(KINDS_386),$(eval $(call rules_386,$(kind))))

# bench-sizes: build/bench/sizes.json, what our floors and the peers take on an i386
bench-sizes: $(BB)/sizes.json
OBJ_386 := $(foreach kind,$(KINDS_386),$(call obj_386,$(kind)))
$(BB)/sizes.json: bench/size.py $(OBJ_386)
	@echo "SIZES $@"
	@bench/size.py $(BB)/i386 $(OBJ_386) > $@

.PHONY: bench-peers bench-sizes

endif
