/* x86_probe.h - the program that runs inside an x86 QEMU, and what it reads and tells.
 *
 * Physical memory of the virtual machine:
 *
 *   0x00100000  multiboot header, and the program; QEMU starts there, in 32-bit protected mode
 *   0x00101000  header: counts, control registers
 *   0x00102000  descriptor tables; task state
 *   0x00103000  instructions that make an access, for privilege level 0
 *   0x00104000  the same for level 3, the only user page
 *   0x00105000  stack
 *   0x00107000  home addresses of the target pages, 8 bytes each
 *   0x00110000  the own map: the first 2 MiB (32-bit paging: 4 MiB), each address as it is
 *   0x00118000  the home map: all memory
 *   0x00120000  watched pages: (page, its shadow), home addresses of 8 bytes each
 *   0x00130000  requests
 *   0x00200000  shadows: what the watched pages held before the last access
 *   0x00400000  the page tables to be tested
 *   0x00800000  target pages, scattered, to the end at 0x08000000
 *   2^32 + 1 GiB, 2^33 + 1 GiB ... 2^39 + 1 GiB: 4 MiB each, the other target pages, for
 *               every bit of a 40-bit physical address
 *
 * Paging stays on, as long mode wants it. Between accesses the program uses the home map,
 * where the memory above 4 GiB follows upon that below ("home address"), so that also
 * 32-bit code reaches it. The tables to be tested map the program too: entry 0 of each
 * root leads to the own map.
 *
 * Every 8 bytes of a target page tell which they are, as two instructions:
 *
 *    b8 NN NN NN 00   mov eax, N      N = target number * 512 + offset / 8
 *    0f 0b            ud2
 *    90
 *
 * A load of their first 4 bytes returns N << 8 | 0xb8; a fetch ends in an invalid-opcode
 * trap (#UD) with N in EAX. Loads and stores are followed by an ud2 as well: #UD always
 * means that the access went through.
 *
 * After each access the program compares all watched pages (tables and targets) with
 * their shadows, and writes one line of hex numbers to the debug port:
 *
 *   VECTOR*256+CODE  CR2  EAX  [HOME-ADDRESS WORD]...
 */
#ifndef VMSCOPE_TESTS_QEMU_X86_PROBE_H
#define VMSCOPE_TESTS_QEMU_X86_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define X86_PHYSICAL_BITS 40 /* all of QEMU 7.2's emulated processors */

enum {
    X86_BASE = 0x100000,
    X86_CODE = X86_BASE + 0x40,
    X86_HEADER = 0x101000,
    X86_DESCRIPTORS = 0x102000,
    X86_STUBS = 0x103000,
    X86_USER_STUBS = 0x104000,
    X86_STACK_TOP = 0x106000,
    X86_TARGETS = 0x107000,
    X86_OWN_MAP = 0x110000,
    X86_HOME_MAP = 0x118000,
    X86_WATCHED = 0x120000,
    X86_REQUESTS = 0x130000,
    X86_SHADOWS = 0x200000,
    X86_TABLES = 0x400000,
    X86_PAGES = 0x800000,
    X86_MEMORY = 0x8000000, /* bytes of it below 4 GiB */
    X86_BANKS = 8,          /* pieces above */
    X86_BANK_BYTES = 0x400000
};

static inline uint64_t x86_bank(unsigned i) { return (UINT64_C(1) << (32 + i)) + (UINT64_C(1) << 30); }
#define X86_SECOND_WORD 0x900b0f00u /* of the 8 bytes */
static inline uint32_t x86_word(uint32_t n) { return n << 8 | 0xb8; }
static inline uint32_t x86_eax_after_fetch(uint32_t word) { return word >> 8; }

/* Selectors, and where their tables are. */
enum {
    SELECT_CODE = 0x08,
    SELECT_DATA = 0x10,
    SELECT_USER_CODE = 0x18 | 3,
    SELECT_USER_DATA = 0x20 | 3,
    SELECT_TASK = 0x28,
    X86_GDT = X86_DESCRIPTORS,
    X86_TASK = X86_DESCRIPTORS + 0x100,
    X86_IDT = X86_DESCRIPTORS + 0x200,
    X86_GDT_PLACE = X86_DESCRIPTORS + 0x400, /* for lgdt and lidt */
    X86_IDT_PLACE = X86_DESCRIPTORS + 0x410
};

enum { X86_LOAD = 0, X86_STORE = 16 }; /* offsets in the pages of stubs */

enum { TRAP_UD = 6, TRAP_GP = 13, TRAP_PF = 14 }; /* vectors */

#define CR0_PE UINT64_C(0x1)
#define CR0_WP UINT64_C(0x10000)
#define CR0_PG UINT64_C(0x80000000)
#define CR4_PSE UINT64_C(0x10)
#define CR4_PAE UINT64_C(0x20)
#define CR4_LA57 UINT64_C(0x1000)
#define CR4_SMEP UINT64_C(0x100000)
#define CR4_SMAP UINT64_C(0x200000)
#define EFER_LME UINT64_C(0x100)
#define EFER_NXE UINT64_C(0x800)
#define FLAGS_ALWAYS UINT64_C(0x2)
#define FLAGS_AC UINT64_C(0x40000)

/* At X86_HEADER; numbers are 64 bits wide in both programs, of which the 32-bit one reads the lower half. */
struct x86_header {
    uint64_t requests, targets, watched;
    uint64_t top_digit; /* register bits - 4: how far right the topmost hex digit is shifted */
    uint64_t cr0, cr3, cr4, efer;
};

struct x86_request {
    uint64_t cr0, cr3, cr4, efer; /* for this access */
    uint64_t ss, sp, flags, cs, ip; /* what the iret to it pops */
    uint64_t va, value;           /* BX and AX at the access */
    uint64_t watched, watch_count; /* address of its first watched page, and how many */
};

/* Addresses of the traps' handlers. */
struct x86_traps {
    uint32_t ud, gp, pf;
};

/* The program's bytes at `out`; returns how many, 0 when there is no room. */
size_t x86_program(bool wide, uint8_t *out, size_t room, struct x86_traps *traps);

#endif
