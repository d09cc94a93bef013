# lwIP's own unit tests (README.md): two programs, each with an lwIP of its own, since the options differ. The suites'
# sources stay where lwIP is.

LWIP_TEST_BIN := $(B)/tests/lwip/test_our_options $(B)/tests/lwip/test_as_written

LWIP_TEST_SRC := $(addprefix $(LWIP_DIR)/test/unit/,core/test_def.c core/test_netif.c core/test_pbuf.c dhcp/test_dhcp.c \
                   etharp/test_etharp.c ip4/test_ip4.c ip6/test_ip6.c tcp/tcp_helper.c tcp/test_tcp.c tcp/test_tcp_oos.c \
                   tcp/test_tcp_state.c udp/test_udp.c)
LWIP_TEST_CORE := $(COREFILES) $(CORE4FILES) $(CORE6FILES) $(LWIPDIR)/netif/ethernet.c

# tests/lwip stands first, for its lwipopts.h.
LWIP_TEST_CPPFLAGS = -Itests/lwip $(CPPFLAGS) -isystem $(LWIP_DIR)/test/unit -isystem $(LWIP_DIR)/contrib/ports/unix/check
$(B)/tests/lwip/our_options/%: AS_WRITTEN := 0
$(B)/tests/lwip/as_written/%: AS_WRITTEN := 1

lwip_test_obj = $(patsubst %.c,$(B)/tests/lwip/$(1)/%.o,tests/lwip/test_$(1).c tests/lwip/suites.c src/stack/checksum.c \
                  src/stack/memory.c $(patsubst $(LWIP_DIR)/%,lwip/%,$(LWIP_TEST_SRC) $(LWIP_TEST_CORE)))
LWIP_TEST_OBJ := $(call lwip_test_obj,our_options) $(call lwip_test_obj,as_written)

lwip-tests: $(LWIP_TEST_BIN)
$(B)/tests/lwip/test_our_options: $(call lwip_test_obj,our_options)
$(B)/tests/lwip/test_as_written: $(call lwip_test_obj,as_written)
$(LWIP_TEST_BIN):
	@echo "LINK $@"
	@$(CC) $(CFLAGS) -o $@ $^ $(LDFLAGS) -lcheck -lsubunit -lm -lrt -lpthread

define lwip_test_rules
$(B)/tests/lwip/$(1)/lwip/%.o: $(LWIP_DIR)/%.c $(B)/flags
	@mkdir -p $$(@D) && $$(CC) -DLWIP_TESTS_AS_WRITTEN=$$(AS_WRITTEN) $$(LWIP_TEST_CPPFLAGS) $$(CFLAGS) -w -MD -MP -c -o $$@ $$<
$(B)/tests/lwip/$(1)/%.o: %.c $(B)/flags
	@echo "CC $$<"
	@mkdir -p $$(@D) && $$(CC) -DLWIP_TESTS_AS_WRITTEN=$$(AS_WRITTEN) $$(LWIP_TEST_CPPFLAGS) $$(CFLAGS) $$(WARN) -MD -MP -c -o $$@ $$<
endef
$(foreach program,our_options as_written,$(eval $(call lwip_test_rules,$(program))))

.PHONY: lwip-tests
-include $(LWIP_TEST_OBJ:.o=.d)
