/* config.c - is such a machine possible? Answered before any of it is allocated. */
#include "hw/inverted.h"
#include "os/internal.h"

#include "vmscope/base/memory.h"

const char *const vma_kind_name[VMA_KINDS + 1] = {"text", "rodata", "data", "bss", "heap", "mmap", "stack", "kernel", NULL};

void machine_config_default(struct machine_config *c) {
    *c = (struct machine_config){
        .format = *paging_by_name("sv32"),
        .frames = 8,
        .swap_slots = SWAP_UNLIMITED,
        .tlb = {.entries = 4, .ways = 4, .replacement = TLB_LRU, .asid = true, .seed = 1},
        .policy = {.name = "lru", .load_referenced = true, .tick = 8, .bits = 8, .tau = 8, .k = 2, .seed = 1, .frames = 8},
        .timing = {.tlb = 1, .memory = 100, .trap = 1000, .disk_read = 8000000, .disk_write = 8000000},
        .guard_pages = 1,
        .regions_max = REGIONS_MAX,
        .seed = 1};
}

const char *const call_name[CALL_KINDS + 1] = {
#define X(id, name) name,
    CALL_KINDS_TABLE(X)
#undef X
    NULL};
const char *const advice_name[ADVICES + 1] = {"dontneed", "free", "willneed", "populate_read", "populate_write", NULL};

const struct process_config *machine_image(const struct machine_config *c, size_t image) {
    if (image < c->process_count) return &c->processes[image];
    return image - c->process_count < c->image_count ? &c->images[image - c->process_count] : NULL;
}

size_t machine_image_count(const struct machine_config *c) { return c->process_count + c->image_count; }

const struct process_config *machine_process_config(const struct machine_config *c, proc_t p) {
    if (p < c->process_count) return &c->processes[p];
    return p - c->process_count < c->fork_count ? machine_image(c, c->forks[p - c->process_count].origin) : NULL;
}

const char *config_process_name(const struct machine_config *c, proc_t p) {
    if (p < c->process_count) return c->processes[p].name;
    return p - c->process_count < c->fork_count ? c->forks[p - c->process_count].name : "?";
}

pfn_t kernel_base_pfn(const struct machine_config *c) { return ((pfn_t)c->frames + 15) & ~(pfn_t)15; }

bool config_has_kernel(const struct machine_config *c) {
    for (size_t p = 0; p < machine_image_count(c); p++)
        for (size_t r = 0; r < machine_image(c, p)->region_count; r++)
            if (machine_image(c, p)->regions[r].kind == VMA_KERNEL) return true;
    return false;
}

/* ---- page tables: how much RAM do they need? ---- */

static uint64_t pages_for(const struct paging_format *f, uint64_t bytes) {
    return (bytes + low_bits(f->page_shift)) >> f->page_shift;
}

static uint64_t pages_of_table(const struct paging_format *f, unsigned level) {
    return pages_for(f, paging_table_bytes(f, level));
}

/* Pages of all the tables that one process can ever have. */
static uint64_t table_pages_full(const struct paging_format *f) {
    uint64_t pages = 0, tables = 1;
    for (unsigned level = f->levels; level-- > 0;) {
        pages += tables * pages_of_table(f, level);
        if (pages > TABLE_PAGES_MAX) return TABLE_PAGES_MAX;
        tables <<= f->index_bits[level];
    }
    return pages;
}

/* Pages of the tables that one process needs for its first page. */
static uint64_t table_pages_least(const struct paging_format *f) {
    uint64_t pages = 0;
    for (unsigned level = 0; level < f->levels; level++) pages += pages_of_table(f, level);
    return pages;
}

static uint64_t hashed_pages(const struct machine_config *c) {
    return pages_for(&c->format, inverted_bytes(c->frames));
}

uint64_t shape_pages_least(const struct machine_config *c) {
    if (c->tables_in_frames) return 0;
    if (c->format.shape == SHAPE_HASHED) return hashed_pages(c);
    if (c->format.shape == SHAPE_SEGMENTS) return pages_for(&c->format, SEGMENT_TABLE_BYTES) * c->process_count;
    return table_pages_least(&c->format) * c->process_count;
}

uint64_t shape_pages_most(const struct machine_config *c) {
    if (c->format.shape != SHAPE_TREE || c->tables_in_frames) return shape_pages_least(c);
    uint64_t tables = table_pages_full(&c->format) * (c->process_count + c->fork_count);
    return tables < TABLE_PAGES_MAX ? tables : TABLE_PAGES_MAX;
}

static bool tlb_ok(const struct tlb_config *t, struct diag *why) {
    if (t->entries > 65536 || (t->entries && (t->ways < 1 || t->ways > t->entries || t->entries % t->ways))) {
        diag_set(why, NULL, 0, 0, "tlb: %u entries in %u ways: ways must divide entries (at most 65536)", t->entries,
                 t->ways);
        return false;
    }
    if (t->ways > TLB_WAYS_MAX) {
        diag_set(why, NULL, 0, 0, "tlb: a set of %u ways is too large: at most %u", t->ways, TLB_WAYS_MAX);
        return false;
    }
    bool power = (t->ways & (t->ways - 1)) == 0;
    if (t->replacement != TLB_PLRU || !t->entries || (power && t->ways <= TLB_PLRU_WAYS_MAX)) return true;
    diag_set(why, NULL, 0, 0, "tlb: plru needs a power of two ways, up to %d, not %u", TLB_PLRU_WAYS_MAX, t->ways);
    return false;
}

/* Of a PTE at the last level. */
static unsigned pfn_bits(const struct paging_format *f) {
    unsigned room = f->pte_bytes * 8 - f->pfn_bit;
    return f->pfn_bits < room ? f->pfn_bits : room;
}

/* As many as the format's root register has bits for: satp, CR3 (PCID)... */
asid_t config_asids(const struct machine_config *c) { return c->format.asids ? c->format.asids : UINT16_MAX; }

static bool shape_ok(const struct machine_config *c, struct diag *why) {
    if (paging_check(&c->format, why) != VS_OK) return false;
    if (c->frames < 1) {
        diag_set(why, NULL, 0, 0, "frames: a machine needs at least 1 frame");
    } else if (pfn_bits(&c->format) < 32 && c->frames > (uint64_t)1 << pfn_bits(&c->format)) {
        diag_set(why, NULL, 0, 0, "frames: %u frames do not fit a PFN of %u bits: at most %llu", c->frames,
                 pfn_bits(&c->format), 1ull << pfn_bits(&c->format));
    } else if (!tlb_ok(&c->tlb, why) || !tlb_ok(&c->tlb_fetch, why) || !tlb_ok(&c->tlb_second, why)) {
        return false;
    } else if (c->format.shape == SHAPE_SEGMENTS && c->tlb.entries) {
        diag_set(why, NULL, 0, 0, "tlb: a machine with %s has none: its registers hold the whole translation", c->format.name);
    } else if (!c->tlb.entries && (c->tlb_fetch.entries || c->tlb_second.entries || c->software_refill)) {
        diag_set(why, NULL, 0, 0, "tlb: without entries of its own a TLB has no instruction part, no second level and no refill");
    } else if (!c->policy.name || !policy_by_name(c->policy.name)) {
        diag_set(why, NULL, 0, 0, "replacement: there is no policy '%s'", c->policy.name ? c->policy.name : "");
    } else if (c->process_count < 1 || c->process_count > PROCESSES_MAX || c->fork_count > PROCESSES_MAX - c->process_count) {
        diag_set(why, NULL, 0, 0, "processes: 1 to %d, forked ones included, not %zu", PROCESSES_MAX,
                 c->process_count + c->fork_count);
    } else if (c->tlb.asid && c->process_count > config_asids(c)) {
        diag_set(why, NULL, 0, 0, "processes: %s has ASIDs for %u of them, not %zu", c->format.name, config_asids(c),
                 c->process_count);
    } else {
        return true;
    }
    return false;
}

/* Do all pages of the region exist? A canonical hole lies between two that do. */
static bool region_fits(const struct paging_format *f, const struct region_config *r) {
    uint64_t floor = r->limit > r->pages ? r->limit - r->pages : 0, last = r->first + r->pages - 1;
    if (r->pages < 1 || last < r->first || floor > r->first) return false;
    bool high = r->first > paging_last_vpn(f) / 2;
    return paging_vpn_exists(f, r->first - floor) && paging_vpn_exists(f, last) &&
           (!f->sign_extended || high == (last > paging_last_vpn(f) / 2));
}

/* Huge pages: of a size that the format has, whole, aligned, and without a file behind them. */
static bool order_ok(const struct paging_format *f, const struct region_config *r) {
    unsigned level = level_of_order(f, r->order);
    uint64_t pages = (uint64_t)1 << r->order;
    if (r->order == 0) return true;
    return f->shape == SHAPE_TREE && paging_leaf_order(f, level) == r->order && (f->leaf_levels >> level & 1) &&
           r->backing == BACKING_ANON && r->first % pages == 0 && r->pages % pages == 0 && r->limit <= r->pages;
}

static bool map_ok(const struct machine_config *c, const struct map_config *m, struct diag *why) {
    if (m->pfn < c->frames && paging_vpn_exists(&c->format, m->vpn) && c->format.shape != SHAPE_SEGMENTS) return true;
    diag_set(why, NULL, 0, 0, "map: VPN 0x%llx to PFN 0x%llx: the machine has %u frames and pages of %u address bits",
             (unsigned long long)m->vpn, (unsigned long long)m->pfn, c->frames, paging_va_bits(&c->format));
    return false;
}

/* A raw PTE may say anything, but stands at a level that exists, and outside the regions, whose PTEs
 * are the kernel's own. */
static bool raw_ok(const struct machine_config *c, const struct process_config *p, const struct map_config *m,
                   struct diag *why) {
    bool free_place = c->format.shape == SHAPE_TREE && m->level < c->format.levels && paging_vpn_exists(&c->format, m->vpn);
    vpn_t covered = free_place ? low_bits(paging_leaf_order(&c->format, m->level)) : 0;
    for (size_t i = 0; free_place && i < p->region_count; i++) {
        const struct region_config *r = &p->regions[i];
        uint64_t floor = r->limit > r->pages ? r->limit - r->pages : 0;
        free_place = (m->vpn | covered) < r->first - floor || (m->vpn & ~covered) >= r->first + r->pages;
    }
    if (free_place) return true;
    diag_set(why, NULL, 0, 0, "map: a PTE given as a word needs a level of %s and pages that no region covers", c->format.name);
    return false;
}

static bool process_ok(const struct machine_config *c, const struct process_config *p, struct diag *why) {
    for (size_t i = 0; i < p->region_count; i++) {
        const struct region_config *r = &p->regions[i];
        if (!region_fits(&c->format, r)) {
            diag_set(why, NULL, 0, 0, "region '%s' of process '%s' does not fit the virtual address space of %u bits",
                     r->name, p->name, paging_va_bits(&c->format));
            return false;
        }
        if (!order_ok(&c->format, r)) {
            diag_set(why, NULL, 0, 0, "region '%s' of process '%s' cannot have huge pages of 2^%u pages", r->name, p->name,
                     r->order);
            return false;
        }
        if (r->backing == BACKING_FILE && r->file_page + r->pages > FILE_PAGES_MAX) {
            diag_set(why, NULL, 0, 0, "region '%s' of process '%s' ends beyond page %u of its file", r->name, p->name,
                     FILE_PAGES_MAX);
            return false;
        }
        if (i && p->regions[i - 1].first + p->regions[i - 1].pages > r->first) {
            diag_set(why, NULL, 0, 0, "regions '%s' and '%s' of process '%s' overlap", p->regions[i - 1].name, r->name,
                     p->name);
            return false;
        }
    }
    for (size_t i = 0; i < p->map_count; i++)
        if (p->maps[i].raw ? !raw_ok(c, p, &p->maps[i], why) : !map_ok(c, &p->maps[i], why)) return false;
    return true;
}

/* No page may stand in the table of initial mappings twice. */
static bool maps_differ(const struct process_config *p, struct diag *why) {
    struct map64 seen = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < p->map_count; i++) {
        if (map64_get(&seen, p->maps[i].vpn)) {
            diag_set(why, NULL, 0, 0, "map: VPN 0x%llx of process '%s' is mapped twice",
                     (unsigned long long)p->maps[i].vpn, p->name);
            ok = false;
        } else if (!map64_put(&seen, p->maps[i].vpn, 1)) {
            break; /* no memory to look: building the machine will refuse it, if less precisely */
        }
    }
    map64_free(&seen);
    return ok;
}

static bool quotas_ok(const struct machine_config *c, struct diag *why) {
    uint64_t sum = 0;
    if (c->scope != SCOPE_LOCAL) return true;
    if (c->frames < c->process_count) {
        diag_set(why, NULL, 0, 0, "scope local: each of %zu processes needs a frame of its own, the machine has %u",
                 c->process_count, c->frames);
        return false;
    }
    for (size_t i = 0; i < c->process_count; i++)
        sum += c->processes[i].frames ? c->processes[i].frames : c->frames / c->process_count;
    if (sum <= c->frames) return true;
    diag_set(why, NULL, 0, 0, "scope local: %zu processes are promised %llu frames, the machine has %u", c->process_count,
             (unsigned long long)sum, c->frames);
    return false;
}

static bool preload_ok(const struct machine_config *c, struct diag *why) {
    uint32_t sets = c->tlb.entries ? c->tlb.entries / c->tlb.ways : 0;
    for (size_t i = 0; i < c->tlb_preload_count; i++) {
        const struct tlb_preload *t = &c->tlb_preload[i];
        if (t->set < sets && t->way < c->tlb.ways && t->pfn < c->frames) continue;
        diag_set(why, NULL, 0, 0, "tlb: entry set %u way %u PFN 0x%llx: the TLB has %u sets of %u ways, the machine %u frames",
                 t->set, t->way, (unsigned long long)t->pfn, sets, c->tlb.ways, c->frames);
        return false;
    }
    return true;
}

/* What a process's lists of pages take; a program that only exec may load has none yet, but a file. */
static uint64_t bytes_of(const struct process_config *p, bool loaded) {
    uint64_t bytes = 0;
    for (size_t r = 0; r < p->region_count && bytes < UINT64_MAX / 8; r++) {
        const struct region_config *v = &p->regions[r];
        if (v->backing == BACKING_FILE) bytes += (v->file_page + v->pages) * sizeof(frame_t);
        if (v->kind != VMA_KERNEL && loaded) bytes += (v->limit > v->pages ? v->limit : v->pages) * 5;
    }
    return bytes;
}

/* Bytes that building and one clone take. */
static bool memory_ok(const struct machine_config *c, struct diag *why) {
    uint64_t bytes = (uint64_t)c->frames * (sizeof(struct frame) + 64), room = mem_available();
    for (size_t p = 0; p < c->process_count + c->fork_count && bytes <= room; p++)
        bytes += bytes_of(machine_process_config(c, (proc_t)p), true);
    for (size_t i = 0; i < c->image_count && bytes <= room; i++) bytes += bytes_of(&c->images[i], false);
    if (bytes <= room / 4) return true;
    diag_set(why, NULL, 0, 0, "frames: %u frames and the regions' pages need about %llu MiB, too much for the %llu MiB free here",
             c->frames, (unsigned long long)(bytes >> 20) * 4, (unsigned long long)(room >> 20));
    return false;
}

/* Each table is one frame: small ones of toy formats as well. */
static bool tables_fit_frames(const struct machine_config *c) {
    for (unsigned level = 0; level < c->format.levels; level++)
        if (pages_of_table(&c->format, level) != 1) return false;
    return true;
}

static bool any_huge(const struct machine_config *c) {
    for (size_t i = 0; i < machine_image_count(c); i++)
        for (size_t r = 0; r < machine_image(c, i)->region_count; r++)
            if (machine_image(c, i)->regions[r].order) return true;
    return false;
}

/* What the kernel is asked to be: watermarks, profile, where its tables lie. */
static bool kernel_ok(const struct machine_config *c, struct diag *why) {
    const struct paging_format *f = &c->format;
    bool marks = c->free_low || c->free_high, tree = f->shape == SHAPE_TREE;
    if (marks && (c->free_low < 1 || c->free_low > c->free_high || c->free_high >= c->frames))
        diag_set(why, NULL, 0, 0, "watermarks: low %u, high %u: 1 <= low <= high, and fewer than the %u frames", c->free_low,
                 c->free_high, c->frames);
    else if (marks && c->scope == SCOPE_LOCAL)
        diag_set(why, NULL, 0, 0, "watermarks: kswapd takes frames from every process, so they need replacement scope global");
    else if (c->profile == PROFILE_LINUX && !(tree && paging_has(f, PTE_W)))
        diag_set(why, NULL, 0, 0, "profile linux: %s cannot share a page of zeros read-only: choose sv39, x86-64...", f->name);
    else if (c->tables_in_frames && !tree)
        diag_set(why, NULL, 0, 0, "page_tables in_frames: %s has no tables that come and go with processes", f->name);
    else if (c->tables_in_frames && !tables_fit_frames(c))
        diag_set(why, NULL, 0, 0, "page_tables in_frames: %s has tables of other sizes than a page", f->name);
    else if (c->tables_in_frames && any_huge(c))
        diag_set(why, NULL, 0, 0, "page_tables in_frames: not together with huge pages");
    else if (c->tables_in_frames && c->frames <= table_pages_least(f) * c->process_count)
        diag_set(why, NULL, 0, 0,
                 "page_tables in_frames: the tables of %zu processes take %llu frames for their first pages, and the machine has %u",
                 c->process_count, (unsigned long long)table_pages_least(f) * c->process_count, c->frames);
    else if (c->regions_max < 1 || c->regions_max > REGIONS_MAX)
        diag_set(why, NULL, 0, 0, "max_regions: 1 to %u, not %u", REGIONS_MAX, c->regions_max);
    else
        return true;
    return false;
}

uint64_t machine_config_check(const struct machine_config *c, struct diag *why) {
    if (!shape_ok(c, why) || !kernel_ok(c, why) || !quotas_ok(c, why) || !preload_ok(c, why)) return 0;
    for (size_t i = 0; i < c->process_count; i++)
        if (!process_ok(c, &c->processes[i], why) || !maps_differ(&c->processes[i], why)) return 0;
    for (size_t i = 0; i < c->image_count; i++)
        if (!process_ok(c, &c->images[i], why)) return 0;
    if (c->format.shape == SHAPE_SEGMENTS && !segments_possible(c, why)) return 0;
    if (!memory_ok(c, why)) return 0;
    const struct paging_format *f = &c->format;
    uint64_t base = kernel_base_pfn(c) + (config_has_kernel(c) ? KERNEL_IMAGE_PAGES : 0) + (c->profile == PROFILE_LINUX);
    uint64_t pages = base + shape_pages_most(c), least = base + shape_pages_least(c);
    if (pages < least) pages = least;
    unsigned bits = pfn_bits(f);
    if (f->shape == SHAPE_TREE && f->levels > 1 && bits < 40 && pages > (uint64_t)1 << bits) {
        pages = (uint64_t)1 << bits; /* tables are found by PFN too */
        if (least > pages) {
            diag_set(why, NULL, 0, 0,
                     "frames: %u frames leave no room for page tables: %u PFN bits reach %llu pages, %llu are needed",
                     c->frames, bits, (unsigned long long)pages, (unsigned long long)least);
            return 0;
        }
    }
    return pages;
}
