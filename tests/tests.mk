# tests.mk - how the tests are built and run.
#
# A file in tests/unit, tests/property, tests/screen or tests/pty is a cmocka
# program of its own; one in tests/cli is a shell script that speaks TAP. All
# are found by themselves. What several share lies in tests/support.
#
#   make test T=tlb        only the tests whose name holds "tlb"
#   make san T=pty         the same under the sanitizers

FUZZ_SECONDS ?= 30
TEST_PKGS := cmocka vterm
TEST_SRC  := $(wildcard tests/unit/*.c tests/property/*.c tests/screen/*.c tests/pty/*.c)
# Those of a list that T asks for; all of them where it says nothing.
wanted     = $(if $(T),$(foreach t,$(1),$(if $(findstring $(T),$(t)),$(t))),$(1))
TEST_BIN  := $(patsubst tests/%.c,$(B)/tests/%,$(call wanted,$(TEST_SRC)))
TEST_SH   := $(call wanted,$(sort $(wildcard tests/cli/*.sh)))
SUPPORT_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/support/*.c))
# Screens and commands for the tests: everything but main.
APP_LIB   := $(B)/libvmscope-app.a
SUPPORT   := $(B)/libsupport.a
TEST_CFLAGS = $(filter-out -D%,$(shell pkg-config --cflags $(TEST_PKGS) 2>/dev/null))
TEST_LIBS   = $(shell pkg-config --libs $(TEST_PKGS) 2>/dev/null) -lutil -lm

.PHONY: test test-qemu test-linux san check lint fuzz bench scale coverage golden test-deps test-build flags
test: test-build ## run every test; the last line counts them
	@VMSCOPE=$(abspath $(BIN)) sh tests/run.sh $(TEST_BIN) $(TEST_SH)

san: ## the same tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(MAKE) --no-print-directory VARIANT=san test

check: all ## do the lessons' expectations hold?
	@$(BIN) check $(LESSONS)

golden: all ## write the lessons' narrations anew; look at the difference
	@mkdir -p tests/golden
	@for f in $(LESSONS); do $(BIN) run --limit=100 $$f > tests/golden/$$(basename $$f .yaml).txt || exit 1; done

test-deps: deps # after it, so that two installations never run at once
	@sh .ci/deps.sh test

test-build: test-deps all $(TEST_BIN)

flags: # for tools that read the code
	@echo $(INC) $(STD) $(PKG_CFLAGS)

lint: ## layers, warnings of two compilers, clang-tidy, cppcheck
	@sh .ci/deps.sh lint
	@sh .ci/lint.sh

$(TEST_BIN): $(B)/tests/%: tests/%.c $(SUPPORT) $(APP_LIB) $(LIB) | test-deps
	@mkdir -p $(@D)
	@echo "  TEST  $<"
	$(Q)$(COMPILE) $@.o -Itests/support $(TEST_CFLAGS) $<
	$(Q)$(LINK) $@ $@.o $(SUPPORT) $(APP_LIB) $(LIB) $(TEST_LIBS) $(PKG_LIBS) $(LDLIBS)

$(SUPPORT_OBJ): $(B)/%.o: %.c | test-deps
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $@ -Itests/support $(TEST_CFLAGS) $<

$(SUPPORT): $(SUPPORT_OBJ)
	$(Q)rm -f $@ && ar rcs $@ $^

$(APP_LIB): $(filter-out %/main.o,$(APP_OBJ))
	$(Q)rm -f $@ && ar rcs $@ $^

# ---- fuzzing: clang's libFuzzer over the readers of untrusted text ----
FUZZ_SRC := $(call wanted,$(wildcard tests/fuzz/*.c))
FUZZ_BIN := $(patsubst tests/%.c,$(B)/%,$(FUZZ_SRC))
FUZZ_FLAGS := -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined

$(FUZZ_BIN): $(B)/fuzz/%: tests/fuzz/%.c $(LIB_SRC) $(B)/lessons.c $(wildcard include/vmscope/*/*.h src/*/*.h)
	@mkdir -p $(@D)
	@echo "  FUZZ  $<"
	$(Q)clang $(INC) $(STD) $(FUZZ_FLAGS) $(PKG_CFLAGS) -o $@ $< $(LIB_SRC) $(B)/lessons.c $(PKG_LIBS)

fuzz: deps ## feed random text to the readers, FUZZ_SECONDS (30) each
	@sh .ci/deps.sh lint
	@$(MAKE) --no-print-directory $(FUZZ_BIN)
	@bad=0; for f in $(FUZZ_BIN); do sh tests/fuzz.sh $$f $(FUZZ_SECONDS) || bad=1; done; exit $$bad

# ---- speed: tests/bench says what is measured, and against what ----
BENCH_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/bench/*.c))

bench: all $(B)/bench ## measure speed: rates and ratios, no pass or fail
	@$(B)/bench $(BIN) $(firstword $(wildcard scenarios/*.zst))

$(B)/bench: $(BENCH_OBJ) $(LIB)
	$(Q)$(LINK) $@ $(BENCH_OBJ) $(LIB) $(PKG_LIBS) -lutil -lm $(LDLIBS)

# ---- a hundred million steps: tests/scale.sh says what is done with them ----
SCALE_BIN := $(B)/scale $(B)/make_trace

scale: all $(SCALE_BIN) ## move about in traces of 100,000,000 steps: times and memory
	@sh tests/scale.sh $(BIN) $(B) $(firstword $(wildcard scenarios/*.zst))

$(SCALE_BIN): $(B)/%: $(B)/tests/scale/%.o $(APP_LIB) $(LIB)
	$(Q)$(LINK) $@ $^ $(PKG_LIBS) -lutil -lm $(LDLIBS)

# ---- a real MMU's word: QEMU's RISC-V and x86 machines, where they are installed ----
QEMU_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/qemu/*.c))

test-qemu: deps $(B)/test-qemu ## compare page walks with QEMU's RISC-V and x86 machines
	@$(B)/test-qemu

$(B)/test-qemu: $(QEMU_OBJ) $(LIB)
	$(Q)$(LINK) $@ $^ $(PKG_LIBS) $(LDLIBS)

# ---- a real kernel's word: page faults of this machine, where it runs Linux 6 ----
LINUX_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/kernel/*.c) tests/support/scaled.c)
$(LINUX_OBJ): CPPFLAGS += -D_GNU_SOURCE -Itests/support

test-linux: deps ## compare page faults with those of the Linux 6 kernel that runs here
	@case $$(uname -s) in Linux) ;; *) echo "test-linux: skipped: this is not Linux"; exit 0;; esac; \
	$(MAKE) --no-print-directory $(B)/test-linux && $(B)/test-linux tests/linux/*.yaml && $(B)/test-linux

$(B)/test-linux: $(LINUX_OBJ) $(LIB)
	$(Q)$(LINK) $@ $^ $(PKG_LIBS) $(LDLIBS)

# ---- which lines do the tests run? ----
coverage: ## lines that the tests run, file by file
	@$(MAKE) --no-print-directory B=build/coverage VARIANT=debug CFLAGS=--coverage LDFLAGS=--coverage test
	@command -v gcovr >/dev/null || { echo "gcovr is missing (Debian: apt-get install gcovr)"; exit 1; }
	@gcovr --object-directory build/coverage --filter src/ --print-summary

-include $(SUPPORT_OBJ:.o=.d) $(BENCH_OBJ:.o=.d) $(SCALE_BIN:$(B)/%=$(B)/tests/scale/%.d) $(QEMU_OBJ:.o=.d) $(LINUX_OBJ:.o=.d) $(TEST_BIN:=.d)
