/* process.c - the address space of a process: its regions, in ascending order.
 *
 * Each region keeps, for every page that it has or may grow to, where that page
 * is now. Invariant: regions do not overlap; first..end-1 are mapped,
 * floor..first-1 is a stack's room to grow.
 */
#include "os/internal.h"

#include "vmscope/base/memory.h"
#include "vmscope/base/text.h"

/* ---- looking ---- */

/* Index of the first region that ends beyond vpn. */
static uint32_t region_after(const struct process *p, vpn_t vpn) {
    uint32_t low = 0, high = p->vma_count;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (p->vma[mid].end <= vpn) low = mid + 1;
        else high = mid;
    }
    return low;
}

struct vma *process_find(struct process *p, vpn_t vpn) {
    uint32_t i = region_after(p, vpn);
    return i < p->vma_count && p->vma[i].first <= vpn ? &p->vma[i] : NULL;
}

struct vma *process_growable(struct process *p, vpn_t vpn) {
    uint32_t i = region_after(p, vpn);
    return i < p->vma_count && p->vma[i].kind == VMA_STACK && p->vma[i].floor <= vpn ? &p->vma[i] : NULL;
}

const struct vma *vma_find(const struct process *p, vpn_t vpn) {
    uint32_t i = region_after(p, vpn);
    return i < p->vma_count && p->vma[i].first <= vpn ? &p->vma[i] : NULL;
}

const struct vma *vma_by_name(const struct process *p, const char *name) {
    for (uint32_t i = 0; i < p->vma_count; i++)
        if (strcmp(p->vma[i].name, name) == 0) return &p->vma[i];
    return NULL;
}

enum page_state vma_page_state(const struct vma *v, vpn_t vpn) {
    if (v->kind == VMA_KERNEL) return vpn - v->first < KERNEL_IMAGE_PAGES ? PAGE_RESIDENT : PAGE_UNTOUCHED;
    return (enum page_state)v->state[vpn - v->floor];
}

uint32_t vma_page_where(const struct vma *v, vpn_t vpn) {
    return v->kind == VMA_KERNEL ? FRAME_NONE : v->where[vpn - v->floor];
}

void vma_set(struct vma *v, vpn_t vpn, enum page_state state, uint32_t where) {
    v->state[vpn - v->floor] = (uint8_t)state;
    v->where[vpn - v->floor] = where;
}

/* ---- building ---- */

static size_t vma_pages(const struct vma *v) { return v->kind == VMA_KERNEL ? 0 : (size_t)(v->end - v->floor); }

static void vma_release(struct vma *v) {
    free(v->where);
    free(v->state);
    v->where = NULL;
    v->state = NULL;
}

static bool vma_alloc(struct vma *v) {
    v->where = mem_zalloc(vma_pages(v), sizeof *v->where);
    v->state = mem_zalloc(vma_pages(v), sizeof *v->state);
    if (v->where && v->state) return true;
    vma_release(v);
    return false;
}

static struct vma vma_from(const struct region_config *r) {
    struct vma v = {.first = r->first, .end = r->first + r->pages, .kind = r->kind, .backing = r->backing,
                    .perms = r->perms, .file_page = r->file_page, .order = r->order};
    v.floor = r->kind == VMA_STACK && r->limit > r->pages ? v.end - r->limit : v.first;
    memcpy(v.name, r->name, sizeof v.name);
    return v;
}

enum vs_status process_build(struct kernel *k, proc_t p) {
    const struct process_config *c = &k->config->processes[p];
    struct process *to = &k->process[p];
    memcpy(to->name, c->name, sizeof to->name);
    to->alive = to->born = true;
    bool named = k->config->tlb.asid || k->config->format.shape == SHAPE_HASHED; /* its entries carry ASIDs as well */
    to->asid = named ? (asid_t)(p + 1) : 0;
    to->quota = UINT32_MAX;
    if (k->config->scope == SCOPE_LOCAL)
        to->quota = c->frames ? c->frames : k->config->frames / (uint32_t)k->process_count;
    to->vma = mem_zalloc(c->region_count, sizeof *to->vma);
    if (!to->vma) return VS_NOMEM;
    for (size_t i = 0; i < c->region_count; i++) {
        to->vma[i] = vma_from(&c->regions[i]);
        if (!vma_alloc(&to->vma[i])) return VS_NOMEM;
        to->vma_count++;
    }
    return VS_OK;
}

/* Let v reach one page further down (below = true) or up. */
static bool vma_extend(struct vma *v, bool below) {
    struct vma wide = *v;
    if (below) wide.floor = --wide.first;
    else wide.end++;
    if (!vma_alloc(&wide)) return false;
    memcpy(wide.where + below, v->where, vma_pages(v) * sizeof *v->where);
    memcpy(wide.state + below, v->state, vma_pages(v));
    vma_release(v);
    *v = wide;
    return true;
}

/* Join p->vma[i] and the next one, which touch. */
static bool vma_join(struct process *p, uint32_t i) {
    struct vma *low = &p->vma[i], *high = &p->vma[i + 1], both = *low;
    both.end = high->end;
    if (!vma_alloc(&both)) return false;
    memcpy(both.where, low->where, vma_pages(low) * sizeof *low->where);
    memcpy(both.state, low->state, vma_pages(low));
    memcpy(both.where + vma_pages(low), high->where, vma_pages(high) * sizeof *high->where);
    memcpy(both.state + vma_pages(low), high->state, vma_pages(high));
    vma_release(low);
    vma_release(high);
    *low = both;
    memmove(high, high + 1, (p->vma_count - i - 2) * sizeof *high);
    p->vma_count--;
    return true;
}

static enum vs_status insert_page(struct process *p, uint32_t at, vpn_t vpn, const char *name) {
    struct vma v = {.first = vpn, .end = vpn + 1, .floor = vpn, .kind = VMA_MMAP, .backing = BACKING_ANON,
                    .perms = PERM_R | PERM_W | PERM_X};
    struct text t = text_in(v.name, sizeof v.name);
    text_add(&t, name);
    struct vma *grown = mem_zalloc((size_t)p->vma_count + 1, sizeof *grown);
    if (!grown || !vma_alloc(&v)) {
        free(grown);
        return VS_NOMEM;
    }
    memcpy(grown, p->vma, at * sizeof *grown);
    memcpy(grown + at + 1, p->vma + at, (p->vma_count - at) * sizeof *grown);
    grown[at] = v;
    free(p->vma);
    p->vma = grown;
    p->vma_count++;
    return VS_OK;
}

enum vs_status process_map_page(struct process *p, vpn_t vpn, const char *name, struct vma **out) {
    uint32_t at = region_after(p, vpn);
    bool below = at > 0 && p->vma[at - 1].end == vpn && strcmp(p->vma[at - 1].name, name) == 0;
    bool above = at < p->vma_count && p->vma[at].first == vpn + 1 && strcmp(p->vma[at].name, name) == 0;
    enum vs_status s = VS_OK;
    if (below) s = vma_extend(&p->vma[at - 1], false) ? VS_OK : VS_NOMEM;
    else if (above) s = vma_extend(&p->vma[at], true) ? VS_OK : VS_NOMEM;
    else s = insert_page(p, at, vpn, name);
    if (s == VS_OK && below && above && !vma_join(p, at - 1)) s = VS_NOMEM;
    *out = s == VS_OK ? process_find(p, vpn) : NULL;
    return s;
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

static void free_regions(struct process *p) {
    for (uint32_t v = 0; v < p->vma_count; v++) vma_release(&p->vma[v]);
    free(p->vma);
    p->vma = NULL;
    p->vma_count = 0;
}

static bool process_copy(struct process *to, const struct process *from) {
    *to = *from;
    to->vma_count = 0;
    to->vma = mem_zalloc(from->vma_count, sizeof *to->vma);
    if (!to->vma) return false;
    for (; to->vma_count < from->vma_count; to->vma_count++)
        if (!vma_copy(&to->vma[to->vma_count], &from->vma[to->vma_count])) return false;
    return true;
}

enum vs_status process_fork(struct process *to, const struct process *from) {
    char name[NAME_SIZE];
    memcpy(name, to->name, sizeof name);
    free_regions(to); /* of an earlier life */
    if (!process_copy(to, from)) {
        free_regions(to);
        return VS_NOMEM;
    }
    memcpy(to->name, name, sizeof to->name);
    to->born = to->alive = true;
    to->resident = to->held = 0;
    to->root = 0; /* a table of its own comes next */
    to->table_bytes = 0;
    to->faults = to->minor = to->major = 0;
    for (uint32_t i = 0; i < to->vma_count; i++) {
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
    for (uint32_t i = 0; p && i < count; i++) free_regions(&p[i]);
    free(p);
}

static bool vma_equal(const struct vma *a, const struct vma *b) {
    return a->first == b->first && a->end == b->end && a->floor == b->floor && a->kind == b->kind &&
           a->perms == b->perms && a->backing == b->backing && strcmp(a->name, b->name) == 0 &&
           memcmp(a->where, b->where, vma_pages(a) * sizeof *a->where) == 0 &&
           memcmp(a->state, b->state, vma_pages(a)) == 0;
}

bool processes_equal(const struct kernel *a, const struct kernel *b) {
    if (a->process_count != b->process_count) return false;
    for (uint32_t i = 0; i < a->process_count; i++) {
        const struct process *p = &a->process[i], *q = &b->process[i];
        if (p->alive != q->alive || p->born != q->born || p->root != q->root || p->table_bytes != q->table_bytes || p->asid != q->asid || p->vma_count != q->vma_count ||
            p->resident != q->resident || p->held != q->held || p->faults != q->faults || p->minor != q->minor || p->major != q->major)
            return false;
        for (uint32_t v = 0; v < p->vma_count; v++)
            if (!vma_equal(&p->vma[v], &q->vma[v])) return false;
    }
    return true;
}
