# The program mp: MicroPython from MICROPYTHON_DIR with our modules, and the port of MACHINE. The Makefile at the top runs
# this from there, with BUILD (a folder for objects), LIB and LIBS (libbaresock.a and what it needs), MACHINE_FLAGS,
# MPY_CROSS_BUILD, LWIP_DIR, VERSION, LIMITS, OPT and SAN.

export MICROPY_MPYCROSS := $(abspath $(MPY_CROSS_BUILD))/mpy-cross

include $(MICROPYTHON_DIR)/py/mkenv.mk

STRIP :=
MICROPY_ROM_TEXT_COMPRESSION := 1

# Sets PROG, FROZEN_MANIFEST, PORT_SRC (our files), UPSTREAM_SRC and UPSTREAM_SHARED (MicroPython's), PORT_CFLAGS and
# PORT_LDFLAGS.
include ports/$(MACHINE)/mp.mk

QSTR_GLOBAL_DEPENDENCIES += ports/$(MACHINE)/mpconfigport.h ports/mp/mpconfig.h $(wildcard ports/$(MACHINE)/mod*.c ports/mp/mod*.c) python/pyerrno.h $(BUILD)/flags

include $(TOP)/py/py.mk
include $(TOP)/extmod/extmod.mk

# The source tree has no micropython-lib, and stays as it is: no compiled Python, no git tags.
MPY_LIB_DIR := $(TOP)/lib
export PYTHONDONTWRITEBYTECODE := 1
export MICROPY_GIT_TAG := v1.25.0
export MICROPY_GIT_HASH := release

OURS := $(wildcard python/*.c) $(addprefix ports/mp/,options.c open_link.c run.c prompt.c hal.c) $(PORT_SRC)

SRC_C += $(OURS) $(UPSTREAM_SRC)
SHARED_SRC_C := $(addprefix shared/,readline/readline.c runtime/pyexec.c runtime/gchelper_generic.c timeutils/timeutils.c \
                  $(UPSTREAM_SHARED))
SRC_QSTR += $(SRC_C) $(SHARED_SRC_C)

OBJ := $(PY_O) $(addprefix $(BUILD)/,$(SRC_C:.c=.o) $(SHARED_SRC_C:.c=.o) $(SRC_THIRDPARTY_C:.c=.o))
OUR_OBJ := $(addprefix $(BUILD)/,$(OURS:.c=.o))

INC := -Iports/$(MACHINE) -I. -Iinclude -Isrc -Iports -I$(BUILD) -I$(TOP) -I$(TOP)/shared/readline \
       -Isrc/stack/lwip -isystem $(LWIP_DIR)/src/include
CFLAGS += $(INC) $(MACHINE_FLAGS) -std=gnu11 -g $(OPT) -Wall -Wextra -Werror -Wdouble-promotion -Wfloat-conversion \
          -Wno-unused-parameter -fdata-sections -ffunction-sections -D_GNU_SOURCE -DMPZ_DIG_SIZE=16 \
          -DBS_PROFILE=BS_PROFILE_$(PROFILE) -DBS_VERSION='"$(VERSION)"' $(LIMITS) $(PORT_CFLAGS)
LDFLAGS += $(PORT_LDFLAGS) -Wl,--gc-sections $(LIBS)

# Upstream's headers leave parameters unused; our files don't.
$(OUR_OBJ): private CFLAGS += -isystem $(TOP) -Wunused-parameter

ifeq ($(SAN),1)
# The collector looks for pointers on the real stack, so no locals may live elsewhere.
CFLAGS  += -fsanitize=address -fno-omit-frame-pointer --param asan-use-after-return=0
# With more optimization, sanitized locals of the VM don't survive an exception.
CFLAGS  += -Og
CSUPEROPT := -Og
$(OUR_OBJ): private CFLAGS += -fsanitize=undefined -fno-sanitize-recover=undefined
LDFLAGS += -fsanitize=address,undefined
else
CFLAGS += -DNDEBUG
endif

vpath mpconfigport.h ports/$(MACHINE)
include $(TOP)/py/mkrules.mk

# Everything is compiled anew when the flags change.
FLAGS := $(CC) $(CFLAGS)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D) && echo '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || echo '$(subst ','\'',$(FLAGS))' > $@
$(OBJ): $(BUILD)/flags

$(BUILD)/$(PROG): $(LIB)

$(BUILD)/frozen_content.c: | $(MICROPY_MPYCROSS)
# For the machine that builds, whatever the program is for.
$(MICROPY_MPYCROSS):
	$(MAKE) -C $(TOP)/mpy-cross BUILD=$(dir $@) PROG=mpy-cross USER_C_MODULES= SAN= LIB= LIBS= CFLAGS_EXTRA= MACHINE_FLAGS=
