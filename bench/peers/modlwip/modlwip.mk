# The program mp-modlwip: MicroPython from MICROPYTHON_DIR with upstream's own extmod/modlwip.c, on the machine layer
# of mp. bench/peers.mk runs this from the top, with BUILD (a folder for objects), LIB and LIBS (lwIP and the links),
# PEER_CPPFLAGS (lwIP's headers and options), UPSTREAM (files as they are without our patches), MPY_CROSS_BUILD, VERSION
# and OPT. The flags are those of ports/mp/mp.mk.

export MICROPY_MPYCROSS := $(abspath $(MPY_CROSS_BUILD))/mpy-cross

include $(MICROPYTHON_DIR)/py/mkenv.mk

PROG := mp-modlwip
STRIP :=
FROZEN_MANIFEST := ports/mp/manifest.py
MICROPY_ROM_TEXT_COMPRESSION := 1
QSTR_GLOBAL_DEPENDENCIES += bench/peers/modlwip/mpconfigport.h ports/linux/mpconfigport.h ports/mp/mpconfig.h python/pyerrno.h $(BUILD)/flags

include $(TOP)/py/py.mk
include $(TOP)/extmod/extmod.mk

MPY_LIB_DIR := $(TOP)/lib
export PYTHONDONTWRITEBYTECODE := 1
export MICROPY_GIT_TAG := v1.25.0
export MICROPY_GIT_HASH := release

SRC_C += bench/peers/modlwip/main.c bench/peers/modlwip/port.c ports/linux/mphalport.c ports/mp/hal.c ports/unix/gccollect.c \
         ports/unix/alloc.c
SHARED_SRC_C := $(addprefix shared/,readline/readline.c runtime/gchelper_generic.c timeutils/timeutils.c \
                netutils/netutils.c)
SRC_QSTR += $(SRC_C) $(SHARED_SRC_C)

OBJ := $(PY_O) $(addprefix $(BUILD)/,$(SRC_C:.c=.o) $(SHARED_SRC_C:.c=.o))
OUR_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard bench/peers/modlwip/*.c))

INC := -Ibench/peers/modlwip -Iports/linux -I. -Iinclude -Isrc -Iports -I$(BUILD) -I$(TOP) -I$(TOP)/shared/readline
# Upstream's sources compare and convert more freely than ours, and modlwip frees from callbacks: no warnings for them.
CFLAGS += $(INC) $(PEER_CPPFLAGS) -std=gnu11 -g $(OPT) -w -fdata-sections -ffunction-sections -D_FILE_OFFSET_BITS=64 \
          -D_GNU_SOURCE -DMPZ_DIG_SIZE=16 -DBS_VERSION='"$(VERSION)"' -DNDEBUG
LDFLAGS += -Wl,--gc-sections $(LIB) $(LIBS) -lm

$(OUR_OBJ): private CFLAGS := $(filter-out -w,$(CFLAGS)) -isystem $(TOP) -Wall -Wextra -Werror

vpath mpconfigport.h bench/peers/modlwip
vpath py/gc.c $(UPSTREAM)
include $(TOP)/py/mkrules.mk

# Everything is compiled anew when the flags change.
FLAGS := $(CC) $(CFLAGS)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D) && echo '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || echo '$(subst ','\'',$(FLAGS))' > $@
$(OBJ): $(BUILD)/flags

$(BUILD)/$(PROG): $(LIB)

$(BUILD)/frozen_content.c: | $(MICROPY_MPYCROSS)
$(MICROPY_MPYCROSS):
	$(MAKE) -C $(TOP)/mpy-cross BUILD=$(dir $@) PROG=mpy-cross USER_C_MODULES= SAN= LIB= LIBS= CFLAGS_EXTRA=
