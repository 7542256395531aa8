/* riscv_probe.h - the program that runs inside QEMU, and what it reads and tells.
 *
 * Physical memory of the virtual machine:
 *
 *   0x80000000  the program, in M mode; QEMU starts there
 *   0x80001000  header: counts
 *   0x80002000  addresses of the target pages, 8 bytes each
 *   0x80004000  watched pages: (page, its shadow), 8 bytes each
 *   0x80010000  requests
 *   0x80100000  shadows: what the watched pages held before the last access
 *   0x80300000  page tables
 *   0x80400000  target pages, scattered, to the end at 0x88000000
 *
 * Every word of a target page tells where it lies, and is an instruction that no
 * processor here knows (major opcode custom-0): a load returns the word; a fetch ends
 * in an illegal-instruction trap, and mtval is the word.
 *
 *    31                               7 6      0
 *   +----------------------------------+--------+
 *   |    (PA - 0x80000000) / 4         | 0x0b   |    = PA << 5 | 0x0b, in 32 bits
 *   +----------------------------------+--------+
 *
 * After each access the program compares all watched pages (tables and targets) with
 * their shadows, so that the place of a store and each PTE written back are seen,
 * and writes one line of hex numbers to the UART:
 *
 *   CAUSE TVAL VALUE [ADDRESS WORD]...
 */
#ifndef VMSCOPE_TESTS_QEMU_RISCV_PROBE_H
#define VMSCOPE_TESTS_QEMU_RISCV_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROBE_BASE UINT64_C(0x80000000)
#define PROBE_HEADER 0x1000u /* these are offsets from PROBE_BASE */
#define PROBE_TARGETS 0x2000u
#define PROBE_WATCHED 0x4000u
#define PROBE_REQUESTS 0x10000u
#define PROBE_SHADOWS 0x100000u
#define PROBE_TABLES 0x300000u
#define PROBE_PAGES 0x400000u
#define PROBE_END 0x8000000u
#define PROBE_NO_TRAP 63u /* CAUSE when nothing trapped */

static inline uint32_t probe_word(uint64_t pa) { return (uint32_t)(pa << 5) | 0x0bu; }

/* At PROBE_HEADER; numbers are 64 bits wide in both machines, of which RV32 reads the lower half. */
struct probe_header {
    uint64_t requests, targets, watched;
    uint64_t top_digit; /* XLEN - 4: how far right the topmost hex digit is shifted */
};

struct probe_request {
    uint64_t satp, va;
    uint64_t kind;    /* enum access_kind */
    uint64_t mstatus; /* MPRV, MPP, SUM, MXR for this access */
    uint64_t value;   /* for a store */
    uint64_t watched; /* address of its first struct watched, and how many */
    uint64_t watch_count;
    uint64_t unused;  /* to 64 bytes */
};

#define MSTATUS_MPP_S (UINT64_C(1) << 11)
#define MSTATUS_MPRV (UINT64_C(1) << 17)
#define MSTATUS_SUM (UINT64_C(1) << 18)
#define MSTATUS_MXR (UINT64_C(1) << 19)

/* The program's words at `out`; returns how many, 0 when there is no room. */
size_t probe_program(bool rv64, uint32_t *out, size_t room);

#endif
