/*
 * seccomp-bpf.h: the pieces of a seccomp filter, and the one table of the architectures they work
 * on.
 *
 * A filter is a list of classic BPF instructions that the kernel runs before every system call, on
 * a struct seccomp_data (linux/seccomp.h). Write it as
 *
 *     struct sock_filter filter[] = {
 *         VALIDATE_ARCHITECTURE,
 *         EXAMINE_SYSCALL,
 *         ALLOW_SYSCALL(read),
 *         KILL_PROCESS,
 *     };
 *
 * The macros are data, not code: there is nothing to call and nothing that could fail. How the
 * kernel runs them is in its Documentation/userspace-api/seccomp_filter.rst.
 */
#ifndef SECCOMP_BPF_H
#define SECCOMP_BPF_H

#include <stddef.h>

#include <asm/unistd.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

/*
 * The table of architectures, a row each. The first field serves every filter, the others the
 * syscall reporter only. Register numbers are those of the kernel's struct sigcontext; what a
 * register is for is in syscall(2), and in the kernel's arch/.../include/asm/syscall.h.
 *
 *   SECCOMP_AUDIT_ARCH  the audit architecture, AUDIT_ARCH_... of linux/audit.h
 *   SECCOMP_ARCH_NAME   what people call it
 *   SECCOMP_OTHER_ABIS  { audit architecture, name }, for each other ABI that a program can enter
 *   SYSCALL_REGISTERS   the saved general registers, an array, in a ucontext_t *
 *   SYSCALL_ARGUMENTS   which of them hold the six arguments
 *   SYSCALL_SET_RESULT  stores a call's result there: 0 or more, or a negated errno
 */
#if defined(__x86_64__) && !defined(__ILP32__)
#define SECCOMP_AUDIT_ARCH AUDIT_ARCH_X86_64
#define SECCOMP_ARCH_NAME "x86_64"
#define SECCOMP_OTHER_ABIS {AUDIT_ARCH_I386, "i386"},
#define SYSCALL_REGISTERS(context) ((context)->uc_mcontext.gregs)
#define SYSCALL_ARGUMENTS REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9
#define SYSCALL_SET_RESULT(registers, result) ((registers)[REG_RAX] = (result))

#elif defined(__i386__)
#define SECCOMP_AUDIT_ARCH AUDIT_ARCH_I386
#define SECCOMP_ARCH_NAME "i386"
#define SECCOMP_OTHER_ABIS {AUDIT_ARCH_X86_64, "x86_64"},
#define SYSCALL_REGISTERS(context) ((context)->uc_mcontext.gregs)
#define SYSCALL_ARGUMENTS REG_EBX, REG_ECX, REG_EDX, REG_ESI, REG_EDI, REG_EBP
#define SYSCALL_SET_RESULT(registers, result) ((registers)[REG_EAX] = (result))

#elif defined(__aarch64__) && defined(__AARCH64EL__) && !defined(__ILP32__)
#define SECCOMP_AUDIT_ARCH AUDIT_ARCH_AARCH64
#define SECCOMP_ARCH_NAME "aarch64"
#define SYSCALL_REGISTERS(context) ((context)->uc_mcontext.regs)
#define SYSCALL_ARGUMENTS 0, 1, 2, 3, 4, 5
#define SYSCALL_SET_RESULT(registers, result) ((registers)[0] = (result))

#elif defined(__arm__) && defined(__ARMEL__) && defined(__ARM_EABI__)
#define SECCOMP_AUDIT_ARCH AUDIT_ARCH_ARM
#define SECCOMP_ARCH_NAME "arm"
#define SYSCALL_REGISTERS(context) (&(context)->uc_mcontext.arm_r0)
#define SYSCALL_ARGUMENTS 0, 1, 2, 3, 4, 5
#define SYSCALL_SET_RESULT(registers, result) ((registers)[0] = (result))
/* The private calls of arm have names outside __NR_: give them the ones that everybody uses. */
#define __NR_breakpoint __ARM_NR_breakpoint
#define __NR_cacheflush __ARM_NR_cacheflush
#define __NR_usr26 __ARM_NR_usr26
#define __NR_usr32 __ARM_NR_usr32
#define __NR_set_tls __ARM_NR_set_tls
#define __NR_get_tls __ARM_NR_get_tls

#elif defined(__riscv) && __riscv_xlen == 64
#define SECCOMP_AUDIT_ARCH AUDIT_ARCH_RISCV64
#define SECCOMP_ARCH_NAME "riscv64"
#define SYSCALL_REGISTERS(context) ((context)->uc_mcontext.__gregs)
#define SYSCALL_ARGUMENTS 10, 11, 12, 13, 14, 15
#define SYSCALL_SET_RESULT(registers, result) ((registers)[10] = (result))

#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define SECCOMP_AUDIT_ARCH AUDIT_ARCH_PPC64LE
#define SECCOMP_ARCH_NAME "ppc64le"
#define SYSCALL_REGISTERS(context) ((context)->uc_mcontext.gp_regs)
#define SYSCALL_ARGUMENTS 3, 4, 5, 6, 7, 8
/* A call that fails by "sc" (trap 0xc00) has errno in r3 and CR0.SO set; by "scv", -errno in r3. */
#define SYSCALL_SET_RESULT(registers, result)                                              \
    do {                                                                                   \
        int failed = (result) < 0 && (registers)[40] == 0xc00;                             \
        (registers)[38] = ((registers)[38] & ~0x10000000UL) | (failed ? 0x10000000UL : 0); \
        (registers)[3] = (unsigned long)(failed ? -(result) : (result));                   \
    } while (0)

#elif defined(__s390x__)
#define SECCOMP_AUDIT_ARCH AUDIT_ARCH_S390X
#define SECCOMP_ARCH_NAME "s390x"
#define SYSCALL_REGISTERS(context) ((context)->uc_mcontext.gregs)
#define SYSCALL_ARGUMENTS 2, 3, 4, 5, 6, 7
#define SYSCALL_SET_RESULT(registers, result) ((registers)[2] = (result))

#elif defined(__loongarch__) && __loongarch_grlen == 64
#define SECCOMP_AUDIT_ARCH AUDIT_ARCH_LOONGARCH64
#define SECCOMP_ARCH_NAME "loongarch64"
#define SYSCALL_REGISTERS(context) ((context)->uc_mcontext.__gregs)
#define SYSCALL_ARGUMENTS 4, 5, 6, 7, 8, 9
#define SYSCALL_SET_RESULT(registers, result) ((registers)[4] = (result))

#elif defined(__mips64) && defined(__MIPSEL__) && _MIPS_SIM == _ABI64
#define SECCOMP_AUDIT_ARCH AUDIT_ARCH_MIPSEL64
#define SECCOMP_ARCH_NAME "mips64el"
#define SECCOMP_OTHER_ABIS {AUDIT_ARCH_MIPSEL, "o32"}, {AUDIT_ARCH_MIPSEL64N32, "n32"},
#define SYSCALL_REGISTERS(context) ((context)->uc_mcontext.gregs)
#define SYSCALL_ARGUMENTS 4, 5, 6, 7, 8, 9
#define SYSCALL_SET_RESULT(registers, result) \
    ((registers)[7] = (result) < 0, (registers)[2] = (result) < 0 ? -(result) : (result))

#else
#error "Unknown architecture: add its row to the table of architectures in common/seccomp-bpf.h"
#endif

#ifndef SECCOMP_OTHER_ABIS
#define SECCOMP_OTHER_ABIS
#endif

/* Headers before Linux 4.14 lack this action; kernels before 4.14 read it as "kill the thread". */
#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000U
#endif

// clang-format off

/* Refuses whatever comes through another ABI, whose numbers mean other calls. Comes first. */
#define VALIDATE_ARCHITECTURE                                                       \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),        \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SECCOMP_AUDIT_ARCH, 1, 0),                  \
    KILL_PROCESS

/* Loads the system call number, for the tests that follow. */
#define EXAMINE_SYSCALL                                                             \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))

/* Allows one system call by its kernel name, such as read; any other goes on to the next test. */
#define ALLOW_SYSCALL(name)                                                         \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1),                         \
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* Ends the process, with SIGSYS. Comes last: whatever was not allowed ends here. */
#define KILL_PROCESS                                                                \
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)

// clang-format on

#endif
