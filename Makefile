# vmscope - see virtual memory happening.
#
#   make            build build/vmscope          make run      build, open the lessons
#   make test       build, run every test        make help     all targets
#
# New source files are found by themselves. V=1 shows the commands.
# VARIANT=release|debug|san chooses the build; each has a folder of its own.

VARIANT ?= release
PREFIX  ?= /usr/local
VERSION := 0.1.0

B := $(if $(filter release,$(VARIANT)),build,build/$(VARIANT))
Q := $(if $(V),,@)

CC     ?= cc
PKGS   := ncursesw libcyaml yaml-0.1 libzstd
WARN   := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
          -Wmissing-prototypes -Wundef -Wvla -Wwrite-strings -Wformat=2 $(if $(WERROR),-Werror)
STD    := -std=c11 -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE
OPT_release := -O2 -g
OPT_debug   := -O0 -g3
OPT_san     := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
# Asked anew by each command (=, not :=), because `deps` may install pkg-config in this very run.
PKG_CFLAGS = $(filter-out -D%,$(shell pkg-config --cflags $(PKGS) 2>/dev/null))
PKG_LIBS   = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm
# CPPFLAGS, CFLAGS, LDFLAGS and LDLIBS are the user's own and come last.
INC     := -Iinclude -I$(B) -Isrc -DVMSCOPE_VERSION='"$(VERSION)"' -include include/vmscope/base/banned.h
COMPILE  = $(CC) $(INC) $(STD) $(WARN) -pthread $(OPT_$(VARIANT)) $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o
LINK     = $(CC) -pthread $(OPT_$(VARIANT)) $(CFLAGS) $(LDFLAGS) -o

LIB_SRC  := $(wildcard src/base/*.c src/hw/*.c src/policy/*.c src/os/*.c src/sim/*.c src/scenario/*.c)
APP_SRC  := $(wildcard src/ui/*.c src/cli/*.c)
LIB_OBJ  := $(LIB_SRC:%.c=$(B)/%.o) $(B)/lessons.o
APP_OBJ  := $(APP_SRC:%.c=$(B)/%.o)
LIB := $(B)/libvmscope.a
BIN := $(B)/vmscope
LESSONS := $(sort $(wildcard scenarios/*.yaml))

.DEFAULT_GOAL := all
.PHONY: all
all: deps $(BIN) ## build the program and the library

include tests/tests.mk

.PHONY: run deps install uninstall clean dist help
run: all ## build and open the lessons
	@$(BIN)

deps: ## install what is missing (says what, and why)
	@sh .ci/deps.sh build

$(BIN): $(APP_OBJ) $(LIB)
	@echo "  LINK  $@"
	$(Q)$(LINK) $@ $(APP_OBJ) $(LIB) $(PKG_LIBS) $(LDLIBS)

$(LIB): $(LIB_OBJ)
	@echo "  AR    $@"
	$(Q)rm -f $@ && ar rcs $@ $(LIB_OBJ)

$(B)/%.o: %.c | deps
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(COMPILE) $@ $<

# The lessons travel inside the program: their text becomes a C table.
$(B)/lessons.c: $(LESSONS) $(wildcard scenarios/*.zst) src/scenario/embed.sh
	@mkdir -p $(@D)
	@echo "  EMBED $(words $(LESSONS)) lessons"
	$(Q)sh src/scenario/embed.sh $(LESSONS) > $@.tmp && mv $@.tmp $@

$(B)/lessons.o: $(B)/lessons.c
	$(Q)$(COMPILE) $@ $<

install: all ## install below DESTDIR and PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/include \
	    $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/vmscope/scenarios
	install -m 755 $(BIN) $(DESTDIR)$(PREFIX)/bin/vmscope
	install -m 644 $(LIB) $(DESTDIR)$(PREFIX)/lib/
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' docs/vmscope.pc.in > $(DESTDIR)$(PREFIX)/lib/pkgconfig/vmscope.pc
	cp -R include/vmscope $(DESTDIR)$(PREFIX)/include/
	install -m 644 docs/vmscope.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 docs/vmscope-scenario.5 $(DESTDIR)$(PREFIX)/share/man/man5/
	install -m 644 scenarios/* $(DESTDIR)$(PREFIX)/share/vmscope/scenarios/

uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/vmscope $(DESTDIR)$(PREFIX)/lib/libvmscope.a \
	    $(DESTDIR)$(PREFIX)/lib/pkgconfig/vmscope.pc $(DESTDIR)$(PREFIX)/share/man/man1/vmscope.1 \
	    $(DESTDIR)$(PREFIX)/share/man/man5/vmscope-scenario.5
	rm -rf $(DESTDIR)$(PREFIX)/include/vmscope $(DESTDIR)$(PREFIX)/share/vmscope

dist: ## a source archive of the last commit
	git archive --prefix=vmscope-$(VERSION)/ -o vmscope-$(VERSION).tar.gz HEAD

clean: ## remove everything that was built
	rm -rf build

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

-include $(LIB_OBJ:.o=.d) $(APP_OBJ:.o=.d)
