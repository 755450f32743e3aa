/*
 * names.c: looks names up, in the tables of list-abis and of linux/seccomp.h.
 */
#include "names.h"
#include "simulate.h"

#include <stdio.h>
#include <string.h>

#include <linux/audit.h>
#include <linux/seccomp.h>

#include "abis.h"

static int is_x32(const struct abi *abi)
{
    return strcmp(abi->name, "x32") == 0;
}

uint32_t abi_base(const struct abi *abi)
{
    return is_x32(abi) ? X32_BIT : 0;
}

const struct abi *abi_of(uint32_t audit_arch, uint32_t number)
{
    int wants_x32 = audit_arch == AUDIT_ARCH_X86_64 && (int32_t)number >= (int32_t)X32_BIT;

    for (const struct abi *abi = abis; abi->name != NULL; abi++)
        if (abi->audit_arch == audit_arch && is_x32(abi) == wants_x32)
            return abi;
    return NULL;
}

const struct abi *abi_named(const char *name)
{
    for (const struct abi *abi = abis; abi->name != NULL; abi++)
        if (strcmp(abi->name, name) == 0)
            return abi;
    return NULL;
}

static int can_enter(const struct abi *own, const struct abi *abi)
{
    for (const uint32_t *other = own->others; *other != 0; other++)
        if (*other == abi->audit_arch)
            return 1;
    return own->audit_arch == abi->audit_arch;
}

int abis_entered_from(uint32_t audit_arch, const struct abi *list[ABIS_MAX])
{
    const struct abi *own = abi_of(audit_arch, 0);
    int count = 0;

    if (own != NULL)
        list[count++] = own;
    for (const struct abi *abi = abis; own != NULL && abi->name != NULL && count < ABIS_MAX; abi++)
        if (abi != own && can_enter(own, abi))
            list[count++] = abi;
    return count;
}

const char *call_name(const struct abi *abi, uint32_t number)
{
    if (abi == NULL)
        return NULL;
    for (const struct call *call = abi->calls; call->name != NULL; call++)
        if ((uint32_t)call->number == number)
            return call->name;
    return NULL;
}

int call_number(const struct abi *abi, const char *name, uint32_t *number)
{
    for (const struct call *call = abi->calls; call->name != NULL; call++)
        if (strcmp(call->name, name) == 0) {
            *number = (uint32_t)call->number;
            return 0;
        }
    return -1;
}

const char *action_words(uint32_t value, char text[ACTION_SIZE])
{
    unsigned int data = value & SECCOMP_RET_DATA;

    switch (action_of(value)) {
    case SECCOMP_RET_KILL_PROCESS:
        return "kill process";
    case SECCOMP_RET_KILL_THREAD:
        return "kill thread";
    case SECCOMP_RET_TRAP:
        snprintf(text, ACTION_SIZE, data == 0 ? "trap" : "trap %u", data);
        break;
    case SECCOMP_RET_ERRNO:
        data = data > 4095 ? 4095 : data; /* MAX_ERRNO, as the kernel does */
        snprintf(text, ACTION_SIZE, "errno %u (%s)", data, strerror((int)data));
        break;
    case SECCOMP_RET_USER_NOTIF:
        return "user notification";
    case SECCOMP_RET_TRACE:
        snprintf(text, ACTION_SIZE, "trace %u", data);
        break;
    case SECCOMP_RET_LOG:
        return "allow and log";
    case SECCOMP_RET_ALLOW:
        return "allow";
    default:
        snprintf(text, ACTION_SIZE, "kill process (unknown action %#x)", action_of(value));
    }
    return text;
}

const char *field_words(uint32_t offset, uint32_t audit_arch, char text[FIELD_SIZE])
{
    int high = ((offset & 4) != 0) == ((audit_arch & __AUDIT_ARCH_LE) != 0);
    const char *half = high ? "high" : "low";

    if (offset == offsetof(struct seccomp_data, nr))
        return "system call number";
    if (offset == offsetof(struct seccomp_data, arch))
        return "architecture";
    if (offset < offsetof(struct seccomp_data, args))
        snprintf(text, FIELD_SIZE, "instruction pointer, %s half", half);
    else
        snprintf(text, FIELD_SIZE, "args[%u], %s half",
                 (offset - (unsigned int)offsetof(struct seccomp_data, args)) / 8, half);
    return text;
}
