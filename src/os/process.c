/* process.c - the address space of a process: its regions, in ascending order.
 *
 * How regions are cut, joined and put in is in region.c. Each region keeps, for every page that it
 * has or may grow to, where that page is now. Invariant: regions do not overlap; first..end-1 are mapped,
 * floor..first-1 is a stack's room to grow.
 */
#include "os/internal.h"

#include "vmscope/base/memory.h"

/* ---- looking ---- */

struct vma *process_growable(struct process *p, vpn_t vpn) {
    uint32_t i = region_after(p, vpn);
    return i < p->vma_count && p->vma[i].kind == VMA_STACK && p->vma[i].floor <= vpn ? &p->vma[i] : NULL;
}

const struct vma *vma_by_name(const struct process *p, const char *name) {
    for (uint32_t i = 0; i < p->vma_count; i++)
        if (strcmp(p->vma[i].name, name) == 0) return &p->vma[i];
    return NULL;
}

/* ---- building ---- */

size_t vma_pages(const struct vma *v) { return v->kind == VMA_KERNEL ? 0 : (size_t)(v->end - v->floor); }

void vma_release(struct vma *v) {
    free(v->where);
    free(v->state);
    v->where = NULL;
    v->state = NULL;
}

bool vma_alloc(struct vma *v) {
    v->where = mem_zalloc(vma_pages(v), sizeof *v->where);
    v->state = mem_zalloc(vma_pages(v), sizeof *v->state);
    if (v->where && v->state) return true;
    vma_release(v);
    return false;
}

static struct vma vma_from(const struct region_config *r) {
    struct vma v = {.first = r->first, .end = r->first + r->pages, .kind = r->kind, .backing = r->backing,
                    .perms = r->perms, .file_page = r->file_page, .order = r->order, .file = FILE_NONE};
    v.floor = r->kind == VMA_STACK && r->limit > r->pages ? v.end - r->limit : v.first;
    memcpy(v.name, r->name, sizeof v.name);
    return v;
}

void process_forget(struct process *p) {
    for (uint32_t v = 0; v < p->vma_count; v++) vma_release(&p->vma[v]);
    free(p->vma);
    free(p->symbol);
    p->vma = NULL;
    p->symbol = NULL;
    p->vma_count = p->vma_cap = p->symbol_count = 0;
}

enum vs_status process_regions(struct kernel *k, proc_t p) {
    struct process *to = &k->process[p];
    const struct process_config *c = machine_image(k->config, to->image);
    process_forget(to);
    to->vma = mem_zalloc(c->region_count, sizeof *to->vma);
    if (!to->vma) return VS_NOMEM;
    to->vma_cap = (uint32_t)c->region_count;
    to->program = file_find(k, c->program[0] ? c->program : c->name);
    for (size_t i = 0; i < c->region_count; i++) {
        to->vma[i] = vma_from(&c->regions[i]);
        if (to->vma[i].backing == BACKING_FILE) to->vma[i].file = to->program;
        if (!vma_alloc(&to->vma[i])) return VS_NOMEM;
        to->vma_count++;
        if (to->vma[i].kind == VMA_HEAP) to->brk = vpn_to_va(to->vma[i].end, k->hw->format->page_shift);
    }
    return VS_OK;
}

enum vs_status process_build(struct kernel *k, proc_t p) {
    struct process *to = &k->process[p];
    memcpy(to->name, k->config->processes[p].name, sizeof to->name);
    to->image = p;
    to->alive = to->born = true;
    bool named = k->config->tlb.asid || k->config->format.shape == SHAPE_HASHED; /* its entries carry ASIDs as well */
    to->asid = named ? (asid_t)(p + 1) : 0;
    to->quota = UINT32_MAX;
    return process_regions(k, p);
}

/* ---- frames under scope local ---- */

/* Pages that a process has, wherever they are: what a share in proportion goes by. */
static uint64_t size_of(const struct process *p) {
    uint64_t pages = 0;
    for (uint32_t i = 0; i < p->vma_count; i++)
        if (p->vma[i].kind != VMA_KERNEL) pages += p->vma[i].end - p->vma[i].first;
    return pages;
}

static uint64_t size_of_all(const struct kernel *k) {
    uint64_t pages = 0;
    for (uint32_t p = 0; p < k->process_count; p++) pages += k->process[p].alive ? size_of(&k->process[p]) : 0;
    return pages;
}

void process_shares(struct kernel *k) {
    uint64_t all = size_of_all(k);
    for (uint32_t p = 0; p < k->process_count; p++) {
        struct process *process = &k->process[p];
        uint64_t share = all ? k->config->frames * size_of(process) / all : 0;
        if (process->alive) process->quota = share > 0 ? (uint32_t)share : 1;
    }
}

/* What each process has at the start: its fixed number, or an equal share; or one in proportion to its size. */
void process_first_shares(struct kernel *k) {
    if (k->config->scope != SCOPE_LOCAL) return;
    for (uint32_t p = 0; p < k->process_count; p++) {
        uint32_t fixed = k->config->processes[p].frames;
        k->process[p].quota = fixed ? fixed : k->config->frames / k->process_count;
    }
    if (k->config->allocation == ALLOCATION_PROPORTIONAL) process_shares(k);
}

/* ---- copies ---- */

static bool vma_copy(struct vma *to, const struct vma *from) {
    *to = *from;
    to->where = mem_copy(from->where, vma_pages(from), sizeof *to->where);
    to->state = mem_copy(from->state, vma_pages(from), sizeof *to->state);
    if (to->where && to->state) return true;
    vma_release(to);
    return false;
}

static bool process_copy(struct process *to, const struct process *from) {
    *to = *from;
    to->vma_count = 0;
    to->vma_cap = from->vma_count;
    to->symbol = NULL;
    to->vma = mem_zalloc(from->vma_count, sizeof *to->vma);
    if (!to->vma) return false;
    to->symbol = mem_copy(from->symbol, from->symbol_count, sizeof *to->symbol);
    if (!to->symbol) return false;
    for (; to->vma_count < from->vma_count; to->vma_count++)
        if (!vma_copy(&to->vma[to->vma_count], &from->vma[to->vma_count])) return false;
    return true;
}

enum vs_status process_fork(struct process *to, const struct process *from) {
    char name[NAME_SIZE];
    memcpy(name, to->name, sizeof name);
    process_forget(to); /* of an earlier life */
    if (!process_copy(to, from)) {
        process_forget(to);
        return VS_NOMEM;
    }
    memcpy(to->name, name, sizeof to->name);
    to->born = to->alive = true;
    to->suspended = to->raw = false;
    to->resident = to->held = 0;
    to->root = 0; /* a table of its own comes next */
    to->table_bytes = 0;
    to->faults = to->minor = to->major = 0;
    for (uint32_t i = 0; i < to->vma_count; i++) {
        to->vma[i].locked = false; /* POSIX.1-2008, fork: memory locks are not inherited */
        memset(to->vma[i].state, PAGE_UNTOUCHED, vma_pages(&to->vma[i]));
        memset(to->vma[i].where, 0, vma_pages(&to->vma[i]) * sizeof *to->vma[i].where);
    }
    return VS_OK;
}

struct process *process_copy_all(const struct process *from, uint32_t count) {
    struct process *to = mem_zalloc(count, sizeof *to);
    for (uint32_t i = 0; to && i < count; i++)
        if (!process_copy(&to[i], &from[i])) {
            process_free_all(to, count);
            return NULL;
        }
    return to;
}

void process_free_all(struct process *p, uint32_t count) {
    for (uint32_t i = 0; p && i < count; i++) process_forget(&p[i]);
    free(p);
}

/* ---- what a program calls its mappings ---- */

static struct symbol *symbol_find(const struct process *p, unsigned name) {
    for (uint32_t i = 0; i < p->symbol_count; i++)
        if (p->symbol[i].name == name) return &p->symbol[i];
    return NULL;
}

enum vs_status process_remember(struct process *p, uint16_t name, vpn_t first, vpn_t pages) {
    struct symbol *at = symbol_find(p, name);
    if (!at) {
        size_t cap = p->symbol_count;
        if (!mem_grow((void **)&p->symbol, &cap, cap + 1, sizeof *p->symbol)) return VS_NOMEM;
        at = &p->symbol[p->symbol_count++];
    }
    *at = (struct symbol){.name = name, .first = first, .pages = pages};
    return VS_OK;
}

void process_renamed(struct process *p, vpn_t from, vpn_t first, vpn_t pages) {
    for (uint32_t i = 0; i < p->symbol_count; i++)
        if (p->symbol[i].first == from) p->symbol[i] = (struct symbol){p->symbol[i].name, first, pages};
}

bool kernel_symbol(const struct kernel *k, proc_t p, unsigned name, struct symbol *out) {
    const struct symbol *at = p < k->process_count ? symbol_find(&k->process[p], name) : NULL;
    if (at) *out = *at;
    return at;
}
