/*
 * machine.h: what instructions of a filter compute, for those who run filters.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdint.h>

/*
 * Computes what a BPF_ALU instruction of this code does to a. Returns 0, or -1 for a division by
 * 0. A shift uses the lower five bits of its operand, as the kernel does. Async-signal-safe.
 */
int calculate(uint16_t code, uint32_t a, uint32_t operand, uint32_t *result);

/* Whether a conditional jump of this code takes its true branch. Async-signal-safe. */
int condition_holds(uint16_t code, uint32_t a, uint32_t operand);

#endif
