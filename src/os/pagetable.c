/* pagetable.c - page tables, as the kernel sees them: words that it writes into
 * RAM, in the format that the hardware will read.
 *
 * Tables live in the kernel's own region above the user frames and are taken
 * from it in order; or, where they are to cost memory that pages compete for, in
 * frames (tables_in_frames). A table is always whole pages, so that a PTE's PFN
 * can point to it. How translations are found in them differs: shape_*.c.
 */
#include "os/internal.h"

/* ---- kernel pages for tables: those given back first, the lowest run that is long enough ---- */

static uint64_t pages_of(const struct kernel *k, uint64_t bytes) {
    unsigned shift = k->hw->format->page_shift;
    return (bytes + low_bits(shift)) >> shift;
}

static bool was_given(const struct kernel *k, uint64_t page) {
    return page / 64 < k->table_words && (k->table_free[page / 64] >> page % 64 & 1);
}

/* First page of the lowest run of `pages` given back, counted from the kernel's first; UINT64_MAX: none. */
static uint64_t given_run(const struct kernel *k, uint64_t pages) {
    uint64_t run = 0, end = k->table_next - kernel_base_pfn(k->config);
    for (uint64_t page = 0; page < end; page++) {
        while (page % 64 == 0 && page < end && k->table_free[page / 64] == 0) run = 0, page += 64; /* mostly so */
        run = page < end && was_given(k, page) ? run + 1 : 0;
        if (run == pages) return page + 1 - pages;
    }
    return UINT64_MAX;
}

bool table_possible(const struct kernel *k, uint64_t bytes) {
    uint64_t pages = pages_of(k, bytes);
    return k->table_next + pages <= ram_pages(k->hw->ram) || given_run(k, pages) != UINT64_MAX;
}

/* The frame that was found for it, or a free one where nobody looks for one (fork, the start). */
static enum vs_status take_frame(struct kernel *k, paddr_t *out) {
    struct os_latch *l = &k->latch;
    bool given = l->for_table && l->frame != FRAME_NONE;
    frame_t f = given ? l->frame : frame_lowest_free(k);
    if (f == FRAME_NONE) return VS_LIMIT;
    if (given) l->frame = FRAME_NONE;
    else frame_take(k, f);
    k->frame[f].flags |= FRAME_TABLE;
    ram_put(k->hw->ram, f, (struct content){0});
    *out = pfn_to_pa(f, k->hw->format->page_shift);
    k->tables++;
    return VS_OK;
}

enum vs_status table_take(struct kernel *k, uint64_t bytes, paddr_t *out) {
    if (k->config->tables_in_frames) return take_frame(k, out);
    uint64_t pages = pages_of(k, bytes), run = given_run(k, pages);
    pfn_t pfn = run == UINT64_MAX ? k->table_next : kernel_base_pfn(k->config) + run;
    if (run == UINT64_MAX && k->table_next + pages > ram_pages(k->hw->ram)) return VS_LIMIT;
    if (run == UINT64_MAX) k->table_next += pages;
    for (uint64_t i = run; run != UINT64_MAX && i < run + pages; i++) k->table_free[i / 64] &= ~((uint64_t)1 << i % 64);
    *out = pfn_to_pa(pfn, k->hw->format->page_shift);
    k->tables += (uint32_t)pages;
    return VS_OK;
}

static void give_frame(struct kernel *k, frame_t f) {
    ram_put(k->hw->ram, f, (struct content){0});
    frame_release(k, f);
    k->tables--;
}

void table_give(struct kernel *k, paddr_t table, uint64_t bytes) {
    if (k->config->tables_in_frames) {
        give_frame(k, (frame_t)pa_to_pfn(table, k->hw->format->page_shift));
        return;
    }
    uint64_t pages = pages_of(k, bytes);
    pfn_t pfn = pa_to_pfn(table, k->hw->format->page_shift);
    uint64_t first = pfn - kernel_base_pfn(k->config);
    for (uint64_t i = first; i < first + pages; i++) {
        k->table_free[i / 64] |= (uint64_t)1 << i % 64;
        ram_put(k->hw->ram, pfn + (i - first), (struct content){0});
    }
    k->tables -= (uint32_t)pages;
}

struct pte_at pagetable_at(const struct kernel *k, proc_t p, vpn_t vpn) {
    if (!k->process[p].alive) return (struct pte_at){.found = false}; /* its tables are others' by now */
    return table_shape(k)->at(k, p, vpn);
}

bool pagetable_find(const struct kernel *k, proc_t p, vpn_t vpn, paddr_t *addr, uint64_t *word) {
    struct pte_at at = pagetable_at(k, p, vpn);
    *addr = at.addr;
    *word = at.word;
    return at.found;
}

unsigned level_of_huge(const struct paging_format *f, unsigned order) {
    unsigned level = 0;
    while (level + 1 < f->levels && paging_leaf_order(f, level) < order) level++;
    return level;
}

/* What the user may do, as PTE flags. No permission at all is a page without U: the user's access traps. */
unsigned pte_perm_flags(unsigned perms) {
    unsigned flags = perms ? PTE_BIT(PTE_U) : PTE_BIT(PTE_R);
    if (perms & (PERM_R | PERM_W)) flags |= PTE_BIT(PTE_R); /* W without R is reserved */
    if (perms & PERM_W) flags |= PTE_BIT(PTE_W);
    if (perms & PERM_X) flags |= PTE_BIT(PTE_X);
    return flags;
}

/* A leaf for a page of region v in frame f: the region's permissions, for the
 * user; A and D are left to the hardware, or come as more_flags. */
uint64_t pte_for(const struct kernel *k, const struct vma *v, pfn_t f, unsigned level, unsigned more_flags) {
    struct pte pte = {.flags = PTE_BIT(PTE_V) | pte_perm_flags(v->perms) | more_flags, .pfn = f};
    return paging_encode_leaf(k->hw->format, pte, level);
}
