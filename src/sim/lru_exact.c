/* lru_exact.c - see lru_exact.h.
 *
 * The conditions, and what would happen without them:
 *
 *   accesses and switches alone     a call maps, unmaps, shares or pins pages; `policy` leaves LRU
 *   by the user, every one allowed  a refused access is a reference that loads nothing; and where the hardware
 *                                   has no bit for a permission, it is refused only if the page is not in memory
 *   scope global, no kswapd,        victims are not the page used longest ago of all, or leave early
 *   no load control
 *   swap without end                a dirty page that has no slot cannot leave
 *   profile textbook                the page of zeros: a fault without a frame
 *   A and D set by hardware         a fault to set a bit, though the page is in memory
 *   no page in two places           a fault maps a frame that another process, or another region, has loaded
 *   nothing mapped at the start     a first use without a fault
 *   no huge pages, no segments      a fault loads, or an eviction takes, more than one page
 *   room for all page tables,       a process ends for want of a table; tables take frames
 *   and not in frames
 *   one TLB, LRU or none, empty     what it holds depends on more than the order of use. With LRU a set holds those
 *   at the start, kept up to date   of its last `ways` pages that are in memory: the page that leaves memory is the
 *                                   one used longest ago, so it is the last of its set as well. A bug of the kernel
 *                                   (never_invalidates) lets pages stay usable that have left memory.
 *
 * Addresses do not matter otherwise, nor do values, permissions that are kept, working sets or time. */
#include "sim/lru_exact.h"

#include <stdlib.h>
#include <string.h>

/* ---- the machine ---- */

static bool bits_by_software(const struct paging_format *f) {
    return !f->hardware_ad && (paging_has(f, PTE_A) || paging_has(f, PTE_D));
}

static bool any_tlb_but_one_lru(const struct machine_config *c) {
    bool lru = c->tlb.entries == 0 || c->tlb.replacement == TLB_LRU;
    return !lru || c->tlb_fetch.entries || c->tlb_second.entries || c->software_refill || c->tlb_preload_count ||
           c->never_invalidates;
}

static const char *program_of(const struct process_config *p) { return p->program[0] ? p->program : p->name; }

static bool has_file(const struct process_config *p) {
    for (size_t i = 0; i < p->region_count; i++)
        if (p->regions[i].backing == BACKING_FILE) return true;
    return false;
}

/* Do two regions show one page of the program's file? */
static bool shows_twice(const struct process_config *p) {
    for (size_t i = 0; i < p->region_count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct region_config *a = &p->regions[i], *b = &p->regions[j];
            if (a->backing == BACKING_FILE && b->backing == BACKING_FILE && a->file_page < b->file_page + b->pages &&
                b->file_page < a->file_page + a->pages)
                return true;
        }
    return false;
}

static bool any_shared(const struct machine_config *c) {
    for (size_t i = 0; i < c->process_count; i++) {
        if (shows_twice(&c->processes[i])) return true;
        for (size_t j = 0; j < i; j++)
            if (has_file(&c->processes[i]) && strcmp(program_of(&c->processes[i]), program_of(&c->processes[j])) == 0)
                return true;
    }
    return false;
}

static bool any_mapped(const struct machine_config *c) {
    for (size_t i = 0; i < c->process_count; i++)
        if (c->processes[i].map_count) return true;
    return false;
}

static bool any_huge(const struct machine_config *c) {
    for (size_t i = 0; i < c->process_count; i++)
        for (size_t r = 0; r < c->processes[i].region_count; r++)
            if (c->processes[i].regions[r].order) return true;
    return false;
}

const char *lru_exact_machine(const struct machine_config *c) {
    if (c->scope != SCOPE_GLOBAL) return "replacement is local";
    if (c->free_low || c->load_control) return "pages leave before their frames are needed";
    if (c->swap_slots != SWAP_UNLIMITED) return "swap is limited";
    if (c->profile != PROFILE_TEXTBOOK) return "the kernel has Linux's profile";
    if (bits_by_software(&c->format)) return "software sets A and D";
    if (any_shared(c)) return "processes share pages";
    if (any_mapped(c)) return "pages are mapped at the start";
    if (any_huge(c)) return "there are huge pages";
    if (c->format.shape == SHAPE_SEGMENTS) return "memory is not paged";
    if (c->tables_in_frames) return "page tables take frames";
    if (any_tlb_but_one_lru(c)) return "the TLB is not a single one with LRU";
    return NULL;
}

const char *lru_exact_step(const struct machine_config *c, const struct step *s) {
    if (s->kind != STEP_ACCESS && s->kind != STEP_SWITCH) return "there are steps besides accesses and switches";
    if (s->proc != PROC_NONE && s->proc >= c->process_count) return "processes are forked";
    if (s->kind == STEP_ACCESS && (s->flags & STEP_KERNEL)) return "the kernel makes accesses";
    if (s->kind == STEP_ACCESS && s->name) return "addresses depend on calls";
    return NULL;
}

/* ---- page tables: would they fit? ---- */

static uint64_t pages_of_table(const struct paging_format *f, unsigned level) {
    return (paging_table_bytes(f, level) + low_bits(f->page_shift)) >> f->page_shift;
}

static bool tables_grow(const struct lru_exact *x) { return x->config->format.shape == SHAPE_TREE; }

/* The tables on the way to a page that is used for the first time. */
static bool need_tables(struct lru_exact *x, proc_t p, vpn_t vpn) {
    const struct paging_format *f = &x->config->format;
    unsigned order = 0;
    for (unsigned level = 0; level + 1 < f->levels; level++) {
        struct map64 *m = &x->table[p * f->levels + level];
        order += f->index_bits[level];
        if (map64_get(m, vpn >> order)) continue;
        if (!map64_put(m, vpn >> order, 1)) return false;
        x->tables += pages_of_table(f, level);
    }
    return true;
}

bool lru_exact_begin(struct lru_exact *x, const struct machine_config *c, uint32_t max_frames) {
    const struct paging_format *f = &c->format;
    struct machine_config most = *c;
    most.frames = most.policy.frames = max_frames;
    *x = (struct lru_exact){.config = c};
    x->table = mem_zalloc(c->process_count * (f->levels ? f->levels : 1), sizeof *x->table);
    x->mapped = mem_zalloc(c->process_count, sizeof *x->mapped);
    /* The kernel's own pages: its image and the tables to it, at most this many. */
    uint64_t pages = machine_config_check(&most, NULL), own = kernel_base_pfn(&most) + 8;
    for (unsigned level = 0; tables_grow(x) && level < f->levels; level++) own += 2 * c->process_count * pages_of_table(f, level);
    x->room = pages > own ? pages - own : 0;
    return x->table && x->mapped;
}

void lru_exact_end(struct lru_exact *x) {
    size_t tables = x->config ? x->config->process_count * x->config->format.levels : 0;
    for (size_t i = 0; x->table && i < tables; i++) map64_free(&x->table[i]);
    free(x->table);
    free(x->mapped);
    *x = (struct lru_exact){.config = NULL};
}

/* Tables that no toy format can run out of: there is room for all that it can have. */
static bool has_room(const struct lru_exact *x) {
    if (!tables_grow(x) || x->tables <= x->room) return true;
    const struct paging_format *f = &x->config->format;
    uint64_t full = 0, tables = x->config->process_count;
    for (unsigned level = f->levels; level-- > 0 && full <= x->room; tables <<= f->index_bits[level])
        full += tables * pages_of_table(f, level);
    return full <= x->room;
}

/* ---- a page ---- */

/* The region that holds the page or, for a stack, may grow to it; NULL: none does. *why: it may be refused. */
static const struct region_config *region_of(const struct lru_exact *x, proc_t p, vpn_t vpn, const char **why) {
    const struct process_config *c = &x->config->processes[p];
    size_t i = 0;
    while (i < c->region_count && c->regions[i].first + c->regions[i].pages <= vpn) i++;
    if (i == c->region_count) return NULL;
    const struct region_config *r = &c->regions[i], *below = i ? r - 1 : NULL;
    if (r->first <= vpn) return r;
    vpn_t floor = r->kind == VMA_STACK && r->limit > r->pages ? r->first + r->pages - r->limit : r->first;
    if (vpn < floor) return NULL;
    bool near = below && below->kind != VMA_STACK && below->perms &&
                vpn - (below->first + below->pages) < x->config->guard_pages;
    if (near || x->mapped[p]) *why = "a stack grows near to other memory";
    return r;
}

unsigned lru_exact_page(struct lru_exact *x, proc_t p, vaddr_t va, enum access_kind op, unsigned flags,
                        const char **why) {
    vpn_t vpn = va_to_vpn(va, x->config->format.page_shift);
    const struct region_config *r = region_of(x, p, vpn, why);
    unsigned perms = r ? r->perms & (PERM_R | PERM_W | PERM_X) : PERM_R | PERM_W | PERM_X;
    if (r && r->kind == VMA_KERNEL) perms = 0;
    if (!r && !((flags & STEP_AUTOMAP) && paging_va_exists(&x->config->format, va))) perms = 0;
    if (!r) x->mapped[p]++;
    if (!(perms & access_needs(op))) *why = "there are accesses that may be refused";
    if (!*why && tables_grow(x) && !need_tables(x, p, vpn)) *why = "memory is out";
    if (!*why && !has_room(x)) *why = "page tables may run out of memory";
    return *why ? 0 : perms;
}
