# stage.mk: what every stage does in the same way: configure itself, build ./example, clean up.
#
# A stage's Makefile sets COMMON, the way to this folder, and includes this file. A changed source,
# header, flag or configure.ac rebuilds what depends on it, and no more. What is not ./example from
# example.c sets PROGRAM and OBJECTS as well.

PROGRAM ?= example
OBJECTS ?= example.o

CONFIGURED = config.mk config.h config.log config.status configure-options
GENERATED = configure configure~ config.h.in config.h.in~ autom4te.cache

all: $(PROGRAM)

# Included first of all; make finds the rule for config.mk below, and configures where needed.
cleaning := $(if $(MAKECMDGOALS),$(if $(filter-out clean distclean,$(MAKECMDGOALS)),,yes))
ifndef cleaning
include config.mk
-include $(wildcard *.d)
endif

# The stage's own flags come first, so that those of ./configure or the command line win.
COMPILE = $(CC) -Wall -Wextra -I. -I$(COMMON) $(CPPFLAGS) $(CFLAGS)

$(PROGRAM): $(OBJECTS) $(LIBOBJS) build-flags
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIBS)

%.o: %.c build-flags
	$(COMPILE) -MD -MP -c -o $@ $<

%.o: $(COMMON)/%.c build-flags
	$(COMPILE) -MD -MP -c -o $@ $<

# Another compiler or other flags than last time: everything is built anew.
BUILD_FLAGS := $(strip $(COMPILE) / $(LDFLAGS) $(LIBS) $(LIBOBJS))
ifneq ($(BUILD_FLAGS),$(strip $(file <build-flags)))
build-flags: FORCE
endif
build-flags:
	$(file >$@,$(BUILD_FLAGS))

configure: configure.ac
	autoconf

config.h.in: configure
	autoheader
	@touch $@

# The top level passes CONFIGURE_OPTIONS, maybe none. Others than last time: configured anew.
ifneq ($(origin CONFIGURE_OPTIONS),undefined)
ifneq ($(strip $(CONFIGURE_OPTIONS)),$(strip $(file <configure-options)))
config.status: FORCE
configure_anew := yes
endif
endif

config.status: configure
ifdef configure_anew
	./configure --quiet --no-create $(CONFIGURE_OPTIONS)
else
	$(if $(wildcard $@),./$@ --quiet --recheck,./configure --quiet --no-create)
endif

# Once: after a restart a time in the future would have it made again without end.
config.mk: $(if $(MAKE_RESTARTS),,config.status config.h.in $(COMMON)/config.mk.in $(if $(wildcard config.h),,FORCE))
	./config.status --quiet
	@touch $@
	$(if $(configure_anew),$(file >configure-options,$(CONFIGURE_OPTIONS)))

# What make built goes; what configure found out stays.
clean:
	rm -f $(PROGRAM) *.o *.d build-flags

distclean: clean
	rm -rf $(CONFIGURED) $(GENERATED)

FORCE:

.PHONY: all clean distclean FORCE
.DELETE_ON_ERROR:
