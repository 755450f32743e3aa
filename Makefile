# The seccomp workbook. What you can type:
#
#   make step-3 && ./example   build a stage, 1 to 4, and run it; from then on plain make rebuilds it
#   make                       rebuild the stage that ./example runs; list what can be typed
#   make inspect               build ./seccomp-inspect, which looks inside a program's filter
#   make doctor                does the lesson work on this machine? if not, why
#   make bench                 what filters cost: a table, bench.csv, bench.svg
#   make check                 test everything; STRICT=1 fails where a tool is missing,
#                              RECORD=DIR keeps what the terminal showed, T="name …" picks tests
#   make tutorial              the book; make html, make pdf, make epub for one kind
#   make slides                slides for a session of 90 minutes, with notes
#   make transcripts           record the runs that the book shows anew, on this system
#   make measurements          record what its figures show anew: bench.csv, step 4's filter
#   make dist                  a release: sources, configure scripts and books in a tarball
#   make platform-kernels     bring other machines' kernels and other libcs into a cache
#   make check-platforms      run the stages there, in qemu; make check-libcs: with other libcs here
#   make lint                  compilers' and checkers' warnings, for maintainers
#   make export STEP=3         one stage as a tarball that needs only a compiler and make
#   make clean                 remove what make built
#   make distclean             remove what configure and autoconf made as well
#
# CC, CPPFLAGS, CFLAGS, LDFLAGS, and HOST for a cross build, are the stage's configure options:
#   make CC=clang CFLAGS=-O0 step-3      make HOST=aarch64-linux-gnu step-3

unexport CDPATH
STAGES = step-1 step-2 step-3 step-4
running := $(patsubst %/example,%,$(shell readlink example))

all:
	@$(if $(running),$(MAKE) --no-print-directory -C $(running))
	@sed -n 's/^#   //p' Makefile

# A shell word, whatever is in it.
quote = '$(subst ','\'',$(1))'
given = $(filter $(2),$(firstword $(origin $(1))))
options = $(foreach v,CC CPPFLAGS CFLAGS LDFLAGS,$(if $(call given,$v,command environment), \
	$v=$(call quote,$($v)))) $(if $(cross),--host=$(HOST))
cross = $(if $(call given,HOST,command),$(HOST))

$(STAGES):
	@$(if $(CC_FOR_HOST),command -v $(CC_FOR_HOST) >/dev/null || { \
		echo '$(CC_FOR_HOST) not found. Type: ./bootstrap --all' >&2; exit 1; })
	@$(MAKE) --no-print-directory -C $@ CONFIGURE_OPTIONS=$(call quote,$(strip $(options)))
	@ln -sf $@/example example

inspect:
	@$(MAKE) --no-print-directory -C common/inspect CONFIGURE_OPTIONS=$(call quote,$(strip $(options)))
	@ln -sf common/inspect/seccomp-inspect seccomp-inspect

doctor:
	@MAKE='$(MAKE)' common/doctor/run $(call quote,$(strip $(options)))

bench: inspect
	@$(MAKE) --no-print-directory -C step-4 CONFIGURE_OPTIONS=$(call quote,$(strip $(options)))
	@echo '#include <seccomp.h>' | $(CC) -E - >/dev/null 2>&1 || { \
		echo 'seccomp.h of libseccomp not found. Type: ./bootstrap --all' >&2; exit 1; }
	@$(MAKE) --no-print-directory -C common/inspect bench
	./seccomp-inspect show --format=raw step-4/example >common/inspect/step-4.raw
	common/inspect/bench common/inspect/step-4.raw bench.csv
	@command -v gnuplot >/dev/null || { \
		echo 'No picture: gnuplot not found. Type: ./bootstrap --all' >&2; exit 0; }; \
		gnuplot -e "csv='bench.csv'; svg='bench.svg'" common/inspect/bench.gp && \
		echo 'The table is bench.csv, the picture bench.svg'

# With the slash that a shell completes a folder's name with.
$(STAGES:%=%/): %/: %

# configure would quietly fall back to the native compiler.
CC_FOR_HOST = $(if $(cross),$(if $(call given,CC,command environment),,$(HOST)-gcc))

# A script of EACH runs for every variant, in parallel: the programs sleep more than they work.
EACH = stages loop stop verdicts reporter
ONCE = bench book bootstrap build cross doctor drift export failures filters lesson pages refused slides stepper table \
	$(addprefix inspect@,plain sanitized valgrind)
T = $(ONCE) $(foreach t,$(EACH),$(addprefix $t@,$(shell tests/variants list)))

check: tests/tools.mk
	@test -n '$(PROVE)' -a -n '$(EXPECT)' || { \
		echo 'expect or prove is missing. Type: ./bootstrap --all && ./configure' >&2; exit 1; }
	$(if $(RECORD),,$(if $(filter pages slides stepper,$(T)),@$(MAKE) --no-print-directory -j2 $(pages)))
	$(if $(RECORD),,$(if $(filter slides,$(T)),@$(MAKE) --no-print-directory slides || echo 'No slides: what needs them is skipped'))
	tests/build-variants
	$(call prove,10,$(T))

# Runs so many test scripts at a time, by their names; NAME@WHAT is the script NAME for WHAT.
define prove
@mkdir -p tests/build && cd tests && for t in $(2); do ln -sf ../$${t%@*}.exp build/$$t.exp; done
cd tests && STRICT='$(STRICT)' RECORD='$(RECORD)' \
	$(PROVE) --jobs $(1) --exec $(EXPECT) $(patsubst %,build/%.exp,$(2))
endef

# What the test of the pages looks at, and with what, as far as the tools are here.
pages = $(if $(PANDOC),html epub $(if $(WEASYPRINT),pdf)) $(if $(NPM),tests/web/node_modules)

tests/web/node_modules: tests/web/package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' || { \
		echo 'Node.js before 18 lacks what the tests of the pages need: skipped' >&2; exit 0; }; \
	cd tests/web && $(NPM) ci --silent || echo 'npm ci failed: what needs its modules is skipped' >&2
	@! test -d $@ || touch $@

# The stages on other machines' kernels, and with other libcs. Only platform-kernels uses the network.
PLATFORMS = $(shell tests/platforms list)
LIBCS = $(shell tests/platforms libcs)

platform-kernels:
	tests/fetch-platforms

check-platforms: tests/tools.mk
	tests/build-platforms
	$(call prove,2,$(PLATFORMS:%=platform@%))

check-libcs: tests/tools.mk
	tests/build-platforms libcs
	$(call prove,4,$(LIBCS:%=libcs@%))

# The runs that the book shows, recorded anew on this system.
transcripts:
	rm -f tutorial/data/*.txt
	$(MAKE) --no-print-directory check T='book stepper' RECORD=tutorial/data
	$(MAKE) --no-print-directory measurements

# More rounds than usual, for figures that are printed.
measurements:
	ROUNDS=101 $(MAKE) --no-print-directory bench
	cp bench.csv tutorial/data
	echo "Linux $$(uname -r | cut -d. -f1,2), $$(uname -m)" >tutorial/data/bench-system.txt
	./seccomp-inspect show --format=dot step-4/example >tutorial/data/final-filter.dot

lint: tests/tools.mk
	CLANG_FORMAT='$(CLANG_FORMAT)' CLANG_TIDY='$(CLANG_TIDY)' CPPCHECK='$(CPPCHECK)' \
		SHELLCHECK='$(SHELLCHECK)' STRICT='$(STRICT)' tests/lint

ifneq ($(filter check check-platforms check-libcs lint,$(MAKECMDGOALS)),)
include tests/tools.mk
endif
NPM ?= npm

tests/tools.mk: configure tests/tools.mk.in
	./configure --quiet
	@touch $@

configure: configure.ac
	autoconf

export:
	@test -d 'step-$(STEP)' || { echo 'Which stage? Type: make export STEP=3' >&2; exit 1; }
	rm -rf tests/build/export && mkdir -p $(exported)
	mkdir $(exported)/common && cp common/*.* $(exported)/common
	cp step-$(STEP)/Makefile step-$(STEP)/configure.ac step-$(STEP)/example.c $(exported)
	cd $(exported) && for file in Makefile configure.ac; do \
		sed 's,\.\./common,common,g' $$file >new && mv new $$file; done
	cd $(exported) && autoconf && autoheader && rm -rf autom4te.cache
	find $(exported) -exec touch -r $(exported)/configure {} +
	tar -C $(exported)/.. -czf $(notdir $(exported)).tar.gz $(notdir $(exported))
	@echo 'Unpack $(notdir $(exported)).tar.gz anywhere, then type: ./configure && make && ./example'

exported = tests/build/export/seccomp-step-$(STEP)

clean distclean:
	@for stage in $(STAGES) common/inspect common/doctor; do $(MAKE) --no-print-directory -C $$stage $@ || exit 1; done
	rm -rf example seccomp-inspect bench.csv bench.svg common/inspect/step-4.raw strict trace fail mended tests/build tests/guests tutorial/build seccomp-*.tar.gz
distclean: remove-configured

remove-configured:
	rm -rf configure configure~ config.log config.status autom4te.cache tests/tools.mk tests/web/node_modules tutorial/slides/node_modules

include tutorial/tutorial.mk

.DELETE_ON_ERROR:
.PHONY: all inspect doctor bench check platform-kernels check-platforms check-libcs transcripts measurements lint $(STAGES) $(STAGES:%=%/) export clean distclean remove-configured
