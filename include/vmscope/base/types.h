/* types.h - the integers of virtual memory, a name for each.
 *
 * They are all plain integers; the names keep a reader (and a reviewer) from
 * passing a PFN where a VPN is meant. Conversions live in one place: here.
 *
 *        virtual address                       physical address
 *   +----------------+--------+           +----------------+--------+
 *   |      VPN       | offset |  ------>  |      PFN       | offset |
 *   +----------------+--------+           +----------------+--------+
 *                     page_shift bits                       page_shift bits
 */
#ifndef VMSCOPE_BASE_TYPES_H
#define VMSCOPE_BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t vaddr_t;  /* virtual address */
typedef uint64_t paddr_t;  /* physical address */
typedef uint64_t vpn_t;    /* virtual page number: VA >> page_shift */
typedef uint64_t pfn_t;    /* page frame number: PA >> page_shift */
typedef uint32_t frame_t;  /* user frame; frame f is the RAM page with PFN f */
typedef uint32_t slot_t;   /* swap slot */
typedef uint16_t proc_t;   /* process: its index, 0 is the first of the scenario */
typedef uint16_t asid_t;   /* address-space identifier; process p has ASID p + 1 */
typedef uint64_t nanos_t;  /* simulated time in nanoseconds */

#define FRAME_NONE UINT32_MAX
#define SLOT_NONE UINT32_MAX
#define PROC_NONE UINT16_MAX
#define NEXT_NEVER UINT32_MAX /* OPT: not referenced again */

/* What an instruction wants from memory. */
enum access_kind { ACCESS_READ, ACCESS_WRITE, ACCESS_FETCH, ACCESS_KINDS };

/* Permission bits, of a region and of a translation. */
enum perms {
    PERM_R = 1,
    PERM_W = 2,
    PERM_X = 4,
    PERM_U = 8, /* user mode may use it */
    PERM_RW = PERM_R | PERM_W,
    PERM_RX = PERM_R | PERM_X
};

/* "read", "write" or "fetch". */
const char *access_name(enum access_kind kind);

/* The permission that an access needs: PERM_R, PERM_W or PERM_X. */
static inline unsigned access_needs(enum access_kind kind) {
    static const uint8_t needs[ACCESS_KINDS] = {[ACCESS_READ] = PERM_R, [ACCESS_WRITE] = PERM_W, [ACCESS_FETCH] = PERM_X};
    return (unsigned)kind < ACCESS_KINDS ? needs[kind] : 0;
}

static inline vpn_t va_to_vpn(vaddr_t va, unsigned page_shift) { return va >> page_shift; }
static inline vaddr_t vpn_to_va(vpn_t vpn, unsigned page_shift) { return vpn << page_shift; }
static inline pfn_t pa_to_pfn(paddr_t pa, unsigned page_shift) { return pa >> page_shift; }
static inline paddr_t pfn_to_pa(pfn_t pfn, unsigned page_shift) { return pfn << page_shift; }
static inline uint64_t low_bits(unsigned bits) { return bits >= 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1; }

#endif
