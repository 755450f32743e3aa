# syscall-reporter.mk: makes syscall-names.h, the reporter's table of system call names.
#
# The names come from the headers of the compiler that builds the stage, with its flags, so that a
# cross build, -m32 and musl get their own. They are the __NR_ macros that ALLOW_SYSCALL knows,
# aliases included; the compiler itself works out the numbers. Left out is what no call has for
# a name: bases, masks and counts (capitals, syscalls, arch_specific_syscall) and placeholders.

SYSCALL_MACRO = /^\#define __NR_[a-z_][a-z0-9_]* ./
NO_SYSCALL = /^__NR_(syscalls|arch_specific_syscall|(reserved|unused)[0-9]*)$$/

syscall-reporter.o: syscall-names.h

syscall-names.h: $(COMMON)/seccomp-bpf.h $(COMMON)/syscall-reporter.mk build-flags
	$(COMPILE) -E -dM -MD -MP -MF syscall-names.d -MT $@ -o syscall-names.i $<
	@awk '$(SYSCALL_MACRO) && $$2 !~ $(NO_SYSCALL) { printf "{%s, \"%s\"},\n", $$2, substr($$2, 6) }' \
		syscall-names.i | LC_ALL=C sort >$@
	@grep -q '"read"' $@ || { echo '$@: $(CC) finds no __NR_ names in <asm/unistd.h>' >&2; exit 1; }

clean: clean-syscall-names

clean-syscall-names:
	rm -f syscall-names.h syscall-names.i

.PHONY: clean-syscall-names
