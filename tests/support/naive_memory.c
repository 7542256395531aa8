/* naive_memory.c - pages and their bytes, which page tables exist, huge pages. */
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

/* The guard: so many pages below the lowest of a stack that may grow are of no other region that may be used. */
static bool is_guarded(const struct naive *n, proc_t p, vpn_t lowest) {
    for (vpn_t i = 1; i <= n->config->guard_pages; i++) {
        const struct region *r = nv_find_region(n, p, lowest - i);
        if (r && r->perms && !r->stack) return false;
    }
    return true;
}

struct region *nv_find_growing(struct naive *n, proc_t p, vpn_t vpn) {
    struct process_view *v = &n->process[p];
    for (unsigned i = 0; i < v->regions; i++)
        if (v->region[i].stack && vpn >= v->region[i].floor && vpn < v->region[i].first)
            return is_guarded(n, p, vpn) ? &v->region[i] : NULL;
    return NULL;
}

struct page *nv_find_page(const struct naive *n, proc_t p, vpn_t vpn) {
    for (size_t i = 0; i < n->pages; i++)
        if (n->page[i].proc == p && n->page[i].vpn == vpn) return &n->page[i];
    return NULL;
}

/* Pages of a file that nobody may write are shared by all processes of the program, where the hardware
 * can forbid the writing and a frame may have more than one PTE. */
bool nv_is_shared(const struct naive *n, const struct region *r) {
    return nv_has(n, PTE_W) && nv_format(n)->shape == SHAPE_TREE && r && r->file && !(r->perms & PERM_W);
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

/* Kernel space has real pages where the format can keep user programs out of them. */
int nv_image_page(const struct naive *n, proc_t p, vpn_t vpn) {
    const struct region *r = nv_find_region(n, p, vpn);
    if (!r || !r->kernel || !nv_has(n, PTE_U) || nv_format(n)->shape != SHAPE_TREE) return -1;
    return vpn - r->first < NV_IMAGE_PAGES ? (int)(vpn - r->first) : -1;
}

/* ---- leaf PTEs ---- */

/* Is page g mapped by the leaf that maps `of`? */
static bool same_leaf(const struct page *g, const struct page *of) {
    return g == of || (g->where == PAGE_RESIDENT && g->proc == of->proc && of->order &&
                       g->order == of->order && g->vpn >> g->order == of->vpn >> of->order);
}

void nv_touch_leaf(struct naive *n, struct page *g, bool dirty) {
    for (size_t i = 0; i < n->pages; i++)
        if (same_leaf(&n->page[i], g)) {
            n->page[i].accessed = nv_has(n, PTE_A);
            n->page[i].dirty = n->page[i].dirty || (dirty && nv_has(n, PTE_D));
        }
}

void nv_forget_leaf(struct naive *n, struct page *g) {
    for (size_t i = 0; i < n->pages; i++)
        if (same_leaf(&n->page[i], g)) n->page[i].accessed = false;
}

/* ---- page tables: which exist, and how many PTEs a walk reads ---- */

/* log2 of the pages that an entry of this level stands for. */
static unsigned order_of(const struct naive *n, unsigned level) {
    unsigned order = 0;
    for (unsigned l = 0; l < level; l++) order += nv_format(n)->index_bits[l];
    return order;
}

static unsigned level_of(const struct naive *n, unsigned order) {
    unsigned level = 0;
    while (order_of(n, level) < order) level++;
    return level;
}

static vpn_t prefix_of(const struct naive *n, vpn_t vpn, unsigned level) {
    return vpn >> order_of(n, level + 1);
}

static bool has_table(const struct naive *n, proc_t p, vpn_t vpn, unsigned level) {
    if (level == nv_format(n)->levels - 1) return true;
    vpn_t prefix = prefix_of(n, vpn, level);
    for (size_t i = 0; i < n->tables; i++)
        if (n->table[i].proc == p && n->table[i].level == level && n->table[i].prefix == prefix) return true;
    return false;
}

/* Down to the table where a leaf for 2^order pages stands. */
void nv_make_tables(struct naive *n, proc_t p, vpn_t vpn, unsigned order) {
    unsigned lowest = level_of(n, order);
    for (unsigned level = nv_format(n)->levels - 1; level-- > lowest;) {
        if (has_table(n, p, vpn, level)) continue;
        n->table = nv_more(n->table, n->tables, &n->table_cap, sizeof *n->table);
        n->table[n->tables++] = (struct table){p, level, prefix_of(n, vpn, level)};
    }
}

void nv_count_walk(struct naive *n, proc_t p, vpn_t vpn) {
    for (unsigned level = nv_format(n)->levels; level-- > 0;) {
        n->count.walk_reads++;
        if (level > 0 && !has_table(n, p, vpn, level - 1)) return;
    }
}

/* ---- huge pages ---- */

/* Its place must be empty: no smaller table stands there yet. */
bool nv_huge_wanted(const struct naive *n, proc_t p, vpn_t vpn) {
    const struct region *r = nv_find_region(n, p, vpn);
    return r && r->order && !has_table(n, p, vpn, level_of(n, r->order) - 1);
}

/* Level by level, the leaf that maps g becomes leaves of the level below, until g has one of its own. */
void nv_split(struct naive *n, struct page *g) {
    while (g->order > 0) {
        unsigned smaller = order_of(n, level_of(n, g->order) - 1);
        struct page whole = *g;
        nv_make_tables(n, g->proc, g->vpn, smaller);
        for (size_t i = 0; i < n->pages; i++)
            if (same_leaf(&n->page[i], &whole)) n->page[i].order = smaller;
        nv_tlb_drop_page(n, g->proc, g->vpn);
    }
}
