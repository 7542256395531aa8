/* layout_space.c - where text, stack and kernel space stand in each format.
 *
 *   32 bits                fewer bits             x86-64                 sv39
 *   ffffffff +--------+    top     +--------+     +--------+             +--------+ ffffffffffffffff
 *            | kernel |    3/4 top | kernel |     | kernel |             | kernel |
 *   c0000000 +--------+            +--------+     +--------+ ffff8000..  +--------+ ffffffc000000000
 *            | stack  |            | stack  |      not canonical          not canonical
 *            |   v    |            |   v    |     +--------+ 7ffff..f000 +--------+ 4000000000
 *            |        |            |        |     | stack  |             | stack  |
 *            |   ^    |            |   ^    |     |   v    |             |   v    |
 *            |  heap  |            |  heap  |     |  heap  |             |  heap  |
 *            |  text  |            |  text  |     |  text  |             |  text  |
 *   08048000 +--------+     page 1 +--------+     +--------+ 400000      +--------+ 10000
 *
 * Sources: System V ABI, Intel386 supplement (text at 0x08048000, kernel above
 * 0xc0000000) and AMD64 supplement (text at 0x400000); Linux,
 * Documentation/arch/x86/x86_64/mm.rst and 5level-paging.rst (the stack stays
 * below 2^47), Documentation/arch/riscv/vm-layout.rst (user space is the lower
 * half, by default of 48 bits at most); GNU ld's text start for RISC-V, 0x10000,
 * and for AArch64, 0x400000. Page 0 stays unmapped, so that a null
 * pointer faults. Small toy spaces have no kernel part.
 *
 *   base-bounds (OSTEP, figure 15.1)        segments (OSTEP, chapter 16)
 *   +------+------+-----------+-------+     +------+-------+--------+-------+
 *   | code | heap |           | stack |     | code | heap  |  none  | stack |
 *   +------+------+-----------+-------+     +------+-------+--------+-------+
 *   0                              top      0     1/4     1/2      3/4    top
 */
#include "scenario/layout_space.h"

#include "hw/segments.h"

#include <string.h>

/* ABIs of spaces of more than 32 bits; the first whose formats' names begin so. */
static const struct abi {
    const char *formats;
    vaddr_t text, stack_top;
} abi_table[] = {
    {"sv", 0x10000, UINT64_C(0x800000000000)},
    {"aarch64", 0x400000, UINT64_C(0x800000000000)},
    {"", 0x400000, UINT64_C(0x7ffffffff000)},
};

static const struct abi *abi_of(const struct paging_format *f) {
    const struct abi *a = abi_table;
    while (strncmp(f->name, a->formats, strlen(a->formats)) != 0) a++;
    return a;
}

/* The lower half; without canonical addresses, short of its last byte's page. */
static vaddr_t user_end_of(const struct paging_format *f, vaddr_t most) {
    vaddr_t end = low_bits(paging_va_bits(f) - 1) + f->sign_extended;
    return end < most ? end : most;
}

static void place_wide(const struct paging_format *f, struct space *s) {
    const struct abi *abi = abi_of(f);
    s->text = f->page_shift < 22 ? abi->text >> f->page_shift : 1;
    if (s->text == 0) s->text = 1;
    s->user_end = user_end_of(f, abi->stack_top) >> f->page_shift;
    s->kernel = s->high;
    s->wide = true;
}

static void place_fixed(const struct paging_format *f, struct space *s) {
    s->text = 0;
    s->fixed = true;
    s->segment = segment_selector_bits(f) ? s->end >> segment_selector_bits(f) : 0;
}

struct space space_of(const struct paging_format *f) {
    unsigned bits = paging_va_bits(f), shift = f->page_shift;
    struct space s = {.text = 1, .low_end = (vpn_t)1 << (bits - shift - f->sign_extended)};
    s.end = s.kernel = paging_last_vpn(f) + 1;
    s.high = f->sign_extended ? s.end - s.low_end : s.end;
    s.user_end = s.low_end;
    if (f->shape == SHAPE_SEGMENTS) {
        place_fixed(f, &s);
    } else if (bits > 32) {
        place_wide(f, &s);
    } else if (bits == 32 && shift <= 16) {
        s.text = ((vpn_t)0x08048000 + low_bits(shift)) >> shift;
        s.user_end = s.kernel = (vpn_t)0xc0000000 >> shift;
    } else if (bits >= 20 && s.end >= 64) {
        s.user_end = s.kernel = s.end / 4 * 3;
    }
    return s;
}

bool space_holds(const struct space *s, vpn_t first, uint64_t pages) {
    vpn_t end = first < s->low_end ? s->low_end : first >= s->high && first < s->end ? s->end : first;
    return pages <= end - first;
}

unsigned space_segment_of(enum vma_kind kind) { return kind == VMA_STACK ? 3 : kind == VMA_HEAP ? 1 : 0; }
