/* naive_memory.c - pages and their bytes, which page tables exist, and the TLB as a list. */
#include "naive_parts.h"

/* ---- small helpers ---- */

void *nv_more(void *array, size_t used, size_t *cap, size_t size) {
    if (used < *cap) return array;
    *cap = *cap ? *cap * 2 : 64;
    void *bigger = realloc(array, *cap * size);
    if (!bigger) abort(); /* the test program itself is out of memory */
    return bigger;
}

struct cell nv_cell_new(const struct naive *n, bool zeros) {
    struct cell c = {calloc(nv_page_bytes(n), 1), malloc(nv_page_bytes(n))};
    if (!c.bytes || !c.known) abort();
    memset(c.known, zeros, nv_page_bytes(n));
    return c;
}

void nv_cell_free(struct cell *c) {
    free(c->bytes);
    free(c->known);
}

struct region *nv_find_region(const struct naive *n, proc_t p, vpn_t vpn) {
    const struct process_view *v = &n->process[p];
    for (unsigned i = 0; i < v->regions; i++)
        if (vpn >= v->region[i].first && vpn < v->region[i].end)
            return (struct region *)(uintptr_t)&v->region[i];
    return NULL;
}

struct region *nv_find_growing(struct naive *n, proc_t p, vpn_t vpn) {
    struct process_view *v = &n->process[p];
    for (unsigned i = 0; i < v->regions; i++)
        if (v->region[i].stack && vpn >= v->region[i].floor && vpn < v->region[i].first) return &v->region[i];
    return NULL;
}

struct page *nv_find_page(const struct naive *n, proc_t p, vpn_t vpn) {
    for (size_t i = 0; i < n->pages; i++)
        if (n->page[i].proc == p && n->page[i].vpn == vpn) return &n->page[i];
    return NULL;
}

/* Pages of a file that nobody may write are shared by all processes of the program,
 * where the hardware can forbid the writing. */
bool nv_is_shared(const struct naive *n, const struct region *r) {
    return nv_has_perms(n) && r && r->file && !(r->perms & PERM_W);
}

uint32_t nv_file_page_of(const struct region *r, vpn_t vpn) {
    return r->file_page + (uint32_t)(vpn - r->first);
}

static struct cell *file_cell(struct naive *n, const char *program, uint32_t page) {
    for (size_t i = 0; i < n->files; i++)
        if (n->file[i].page == page && !strcmp(n->file[i].program, program)) return &n->file[i].cell;
    n->file = nv_more(n->file, n->files, &n->file_cap, sizeof *n->file);
    n->file[n->files] = (struct file_page){program, page, nv_cell_new(n, false)};
    return &n->file[n->files++].cell;
}

struct page *nv_page_make(struct naive *n, proc_t p, vpn_t vpn) {
    struct page *old = nv_find_page(n, p, vpn);
    if (old) return old;
    n->page = nv_more(n->page, n->pages, &n->page_cap, sizeof *n->page);
    struct page *g = &n->page[n->pages++];
    *g = (struct page){.proc = p, .vpn = vpn, .frame = FRAME_NONE, .cell = nv_cell_new(n, true)};
    return g;
}

/* The bytes that a program sees in this page now. */
struct cell *nv_page_cell(struct naive *n, struct page *g) {
    const struct region *r = nv_find_region(n, g->proc, g->vpn);
    if (g->own || !r || !r->file) return &g->cell;
    return file_cell(n, n->process[g->proc].program, nv_file_page_of(r, g->vpn));
}

/* ---- page tables: which exist, and how many PTEs a walk reads ---- */

static vpn_t prefix_of(const struct naive *n, vpn_t vpn, unsigned level) {
    const struct paging_format *f = &n->config->format;
    for (unsigned l = 0; l <= level; l++) vpn >>= f->index_bits[l];
    return vpn;
}

static bool has_table(const struct naive *n, proc_t p, vpn_t vpn, unsigned level) {
    if (level == n->config->format.levels - 1) return true;
    vpn_t prefix = prefix_of(n, vpn, level);
    for (size_t i = 0; i < n->tables; i++)
        if (n->table[i].proc == p && n->table[i].level == level && n->table[i].prefix == prefix) return true;
    return false;
}

void nv_make_tables(struct naive *n, proc_t p, vpn_t vpn) {
    for (unsigned level = n->config->format.levels - 1; level-- > 0;) {
        if (has_table(n, p, vpn, level)) continue;
        n->table = nv_more(n->table, n->tables, &n->table_cap, sizeof *n->table);
        n->table[n->tables++] = (struct table){p, level, prefix_of(n, vpn, level)};
    }
}

void nv_count_walk(struct naive *n, proc_t p, vpn_t vpn) {
    for (unsigned level = n->config->format.levels; level-- > 0;) {
        n->count.walk_reads++;
        if (level > 0 && !has_table(n, p, vpn, level - 1)) return;
    }
}

/* ---- TLB ---- */

asid_t nv_tlb_asid(const struct naive *n, proc_t p) { return nv_has_asids(n) ? n->process[p].asid : 0; }
static uint32_t tlb_sets_of(const struct naive *n) { return n->config->tlb.entries / n->config->tlb.ways; }

struct tlb_line *nv_tlb_line_of(const struct naive *n, vpn_t vpn, asid_t asid) {
    for (uint32_t i = 0; i < n->config->tlb.entries; i++)
        if (n->tlb[i].valid && n->tlb[i].vpn == vpn && n->tlb[i].asid == asid) return &n->tlb[i];
    return NULL;
}

void nv_tlb_drop_page(struct naive *n, proc_t p, vpn_t vpn) {
    struct tlb_line *l = nv_tlb_line_of(n, vpn, nv_tlb_asid(n, p));
    if (l && (nv_has_asids(n) || p == n->running)) l->valid = false;
}

static uint32_t tlb_choose(struct naive *n, struct tlb_line *set) {
    uint32_t ways = n->config->tlb.ways, best = 0;
    for (uint32_t w = 0; w < ways; w++)
        if (!set[w].valid) return w;
    if (n->config->tlb.replacement == TLB_RANDOM)
        return n->ways_seen < n->seen->ways ? n->seen->way[n->ways_seen] % ways : 0;
    for (uint32_t w = 1; w < ways; w++)
        if (set[w].stamp < set[best].stamp) best = w;
    return best;
}

void nv_tlb_fill(struct naive *n, proc_t p, vpn_t vpn, unsigned perms, bool dirty) {
    if (!n->config->tlb.entries) return;
    struct tlb_line *set = &n->tlb[(vpn % tlb_sets_of(n)) * n->config->tlb.ways];
    uint32_t way = tlb_choose(n, set);
    if (n->ways_seen >= n->seen->ways || n->seen->way[n->ways_seen] != way)
        n->impossible = "the TLB way that was filled is not the one the rule names";
    n->ways_seen++;
    set[way] = (struct tlb_line){true, dirty, nv_tlb_asid(n, p), vpn, perms, n->clock++};
}
