/*
 * names.h: names of ABIs, system calls, actions, and of what a filter can load.
 */
#ifndef NAMES_H
#define NAMES_H

#include <stddef.h>
#include <stdint.h>

/* The bit that a number has when it comes through x32 (asm/unistd.h of x86). */
#define X32_BIT 0x40000000U

struct call {
    int number;
    const char *name; /* NULL ends a table */
};

/* A door into the kernel: an audit architecture and its numbers. x32 shares that of x86_64. */
struct abi {
    const char *name; /* NULL ends the table */
    uint32_t audit_arch;
    const struct call *calls; /* empty where no headers were here at build time */
    const uint32_t *others;   /* audit architectures that its programs can enter too; 0 ends them */
};

/* All that are known, from list-abis. */
extern const struct abi abis[];

/* The ABI of a call, told by its number where two share an architecture; NULL if unknown. */
const struct abi *abi_of(uint32_t audit_arch, uint32_t number);

/* The ABI of a name such as i386, or NULL. */
const struct abi *abi_named(const char *name);

/* The name of a call, or NULL. abi may be NULL. The first of aliases. */
const char *call_name(const struct abi *abi, uint32_t number);

/* Finds the number of a call by name; returns 0, or -1 if the ABI has no such call. */
int call_number(const struct abi *abi, const char *name, uint32_t *number);

/* The first number of an ABI: 0, or that with x32's bit. */
uint32_t abi_base(const struct abi *abi);

/*
 * Lists the ABIs through which a program of an architecture can make calls, its own one first;
 * abis gets up to ABIS_MAX. Returns how many.
 */
#define ABIS_MAX 4
int abis_entered_from(uint32_t audit_arch, const struct abi *list[ABIS_MAX]);

/* Writes what a return value makes the kernel do, such as "errno 1 (...)", and returns text. */
#define ACTION_SIZE 100
const char *action_words(uint32_t value, char text[ACTION_SIZE]);

/*
 * Writes what lies at an offset of seccomp_data, such as "args[0], low half", and returns text. Of
 * a field of 64 bits the byte order says which half is where.
 */
#define FIELD_SIZE 40
const char *field_words(uint32_t offset, uint32_t audit_arch, char text[FIELD_SIZE]);

#endif
