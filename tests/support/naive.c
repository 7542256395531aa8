/* naive.c - the second machine. Clear before fast: every look-up is a loop. */
#include "naive_parts.h"

/* ---- one translation ---- */

/* A page that is written for the first time gets bytes of its own. */
static struct cell *cell_for(struct naive *n, struct page *g, bool write) {
    const struct cell *from = nv_page_cell(n, g);
    if (write && !g->own && from != &g->cell) {
        memcpy(g->cell.bytes, from->bytes, nv_page_bytes(n));
        memcpy(g->cell.known, from->known, nv_page_bytes(n));
    }
    g->own = g->own || write;
    return nv_page_cell(n, g);
}

static void move_bytes(struct naive *n, struct cell *c, const struct step *s, unsigned size, unsigned part,
                       struct naive_translation *t) {
    unsigned offset = (unsigned)(t->va & (nv_page_bytes(n) - 1)), done = part ? s->size - size : 0;
    bool carries = s->size == 1 || s->size == 2 || s->size == 4 || s->size == 8;
    for (unsigned i = 0; carries && i < size; i++) {
        if (t->op == ACCESS_WRITE && (s->flags & STEP_HAS_VALUE)) {
            c->bytes[offset + i] = (uint8_t)(s->value >> (8 * (done + i)));
            c->known[offset + i] = 1;
        } else if (t->op != ACCESS_WRITE && c->known[offset + i]) {
            t->value |= (uint64_t)c->bytes[offset + i] << (8 * i);
            t->known |= (uint64_t)0xff << (8 * i);
        } else if (t->op != ACCESS_WRITE && n->seen->has_value[part]) {
            c->bytes[offset + i] = (uint8_t)(n->seen->value[part] >> (8 * i));
            c->known[offset + i] = 1;
        }
    }
}

/* The access reaches a user page's frame. */
static struct cell *use_page(struct naive *n, const struct attempt *a) {
    struct page *g = nv_find_page(n, a->t->proc, a->vpn);
    struct frame_view *f = &n->frame[g->frame];
    bool write = a->t->op == ACCESS_WRITE;
    if (write && !(nv_find_region(n, g->proc, g->vpn)->perms & PERM_W))
        n->undefined = true; /* by the kernel, with WP=0: what becomes of the page is not said */
    g->dirty = g->dirty || write;
    f->referenced = f->referenced || !nv_has(n, PTE_A);
    nv_lists_used(n, g->frame);
    f->last = n->clock++;
    f->ref = n->ref_now;
    f->count++;
    a->t->frame = g->frame;
    if (a->loaded && nv_loads_unreferenced(n)) nv_clear_referenced(n, g->frame);
    return cell_for(n, g, write);
}

/* Returns false when the access ended here. */
static bool translate(struct naive *n, const struct step *s, vaddr_t va, unsigned size, unsigned part,
                      struct naive_translation *t) {
    struct attempt a = {s, t, va >> nv_format(n)->page_shift, s->flags & STEP_KERNEL, false, false};
    *t = (struct naive_translation){
        .va = va, .proc = n->running, .op = s->op, .frame = FRAME_NONE, .victim_proc = PROC_NONE};
    while (n->ticks < n->ref_now / n->config->policy.tick) nv_tick(n);
    nv_let_old_go(n);
    n->count.translations++;
    t->done = nv_translate(n, &a);
    if (t->done) {
        int image = nv_image_page(n, t->proc, a.vpn);
        t->pfn = image < 0 ? 0 : n->image_at + (unsigned)image;
        struct cell *c = image < 0 ? use_page(n, &a) : &n->image[image];
        if (image < 0) t->pfn = t->frame;
        move_bytes(n, c, s, size, part, t);
    }
    n->ref_now++;
    return t->done;
}

/* ---- steps ---- */

static void switch_to(struct naive *n, proc_t to) {
    if (to == n->running) return;
    n->count.context_switches++;
    n->running = to;
    if (n->config->tlb.asid) return;
    n->count.tlb_flushes++;
    nv_tlb_drop_all(n, false);
}

static void flush(struct naive *n, const struct step *s, proc_t whose) {
    bool present =
        n->config->tlb.asid || whose == n->running; /* without ASIDs nobody else's entries are there */
    if (s->value == FLUSH_EVERYTHING) nv_tlb_drop_all(n, true);
    if (s->value == FLUSH_ADDRESS_SPACE && present) nv_tlb_drop_process(n, whose);
    if (s->value == FLUSH_ONE_PAGE && present) nv_tlb_drop_page(n, whose, s->va >> nv_format(n)->page_shift);
    n->count.tlb_flushes += s->value == FLUSH_EVERYTHING;
}

/* How much of an access lies in its first page. */
static unsigned first_part(const struct naive *n, const struct step *s) {
    unsigned room = nv_page_bytes(n) - (unsigned)(s->va & (nv_page_bytes(n) - 1));
    return s->size <= room || (s->flags & STEP_NO_SPLIT) ? s->size : room;
}

static void do_access(struct naive *n, const struct step *s, struct naive_result *out) {
    unsigned first = first_part(n, s);
    unsigned room = nv_page_bytes(n) - (unsigned)(s->va & (nv_page_bytes(n) - 1));
    n->count.accesses++;
    n->count.reads += s->op == ACCESS_READ;
    n->count.writes += s->op == ACCESS_WRITE;
    n->count.fetches += s->op == ACCESS_FETCH;
    out->count = 1;
    if (!translate(n, s, s->va, first < room ? first : room, 0, &out->part[0]) || first == s->size) return;
    out->count = 2;
    translate(n, s, s->va + first, s->size - first, 1, &out->part[1]);
}

void naive_step(struct naive *n, const struct naive_seen *seen, struct naive_result *out) {
    const struct step *s = &n->steps[n->at];
    proc_t who = s->proc == PROC_NONE ? n->running : s->proc;
    *out = (struct naive_result){0};
    n->seen = seen;
    n->victims_seen = n->ways_seen = 0;
    while (n->ref_now < n->refs && n->ref[n->ref_now].step < n->at) n->ref_now++;
    n->count.steps++;
    out->passed_over = !n->process[who].alive;
    n->undefined = n->undefined || (out->passed_over && who != n->running);
    if (!out->passed_over && s->kind == STEP_TLB_FLUSH) {
        flush(n, s, who);
    } else if (!out->passed_over) {
        switch_to(n, who);
        if (s->kind == STEP_ACCESS) do_access(n, s, out);
    }
    out->impossible = n->impossible;
    n->at++;
}

/* ---- life ---- */

static void add_ref(struct naive *n, proc_t p, vpn_t vpn, size_t step) {
    n->ref = nv_more(n->ref, n->refs, &n->ref_cap, sizeof *n->ref);
    n->ref[n->refs++] = (struct ref){p, vpn, step};
}

static void collect_refs(struct naive *n) {
    proc_t running = 0;
    unsigned shift = n->config->format.page_shift;
    for (size_t i = 0; i < n->step_count; i++) {
        const struct step *s = &n->steps[i];
        if (s->kind == STEP_TLB_FLUSH) continue;
        running = s->proc == PROC_NONE ? running : s->proc;
        if (s->kind != STEP_ACCESS) continue;
        add_ref(n, running, s->va >> shift, i);
        if (first_part(n, s) != s->size) add_ref(n, running, (s->va >> shift) + 1, i);
    }
}

static void take_process(struct naive *n, proc_t p, const struct process_config *c) {
    struct process_view *v = &n->process[p];
    v->program = c->program[0] ? c->program : c->name;
    v->asid = (asid_t)(p + 1);
    v->alive = true;
    v->quota = c->frames ? c->frames : n->config->frames / (uint32_t)n->config->process_count;
    for (size_t i = 0; i < c->region_count; i++) {
        const struct region_config *r = &c->regions[i];
        vpn_t grow = r->kind == VMA_STACK && r->limit > r->pages ? r->limit - r->pages : 0;
        v->region[v->regions++] = (struct region){.first = r->first,
                                                  .end = r->first + r->pages,
                                                  .floor = r->first - grow,
                                                  .perms = r->perms,
                                                  .stack = r->kind == VMA_STACK,
                                                  .file = r->backing == BACKING_FILE,
                                                  .kernel = r->kind == VMA_KERNEL,
                                                  .file_page = r->file_page,
                                                  .order = r->order};
    }
}

/* The kernel's pages are mapped before the first step, in every process. */
static void map_kernel(struct naive *n, proc_t p) {
    for (unsigned i = 0; i < n->process[p].regions; i++)
        for (unsigned page = 0; page < NV_IMAGE_PAGES; page++) {
            vpn_t vpn = n->process[p].region[i].first + page;
            if (nv_image_page(n, p, vpn) == (int)page) nv_make_tables(n, p, vpn, 0);
        }
}

static void take_tlb(struct naive *n, enum tlb_unit u, const struct tlb_config *c) {
    n->tlb[u] = (struct tlb_view){c, calloc(c->entries + 1u, sizeof *n->tlb[u].line),
                                  calloc(c->entries + 1u, sizeof *n->tlb[u].right)};
    if (!n->tlb[u].line || !n->tlb[u].right) abort();
}

struct naive *naive_create(const struct machine_config *config, const struct step *steps, size_t count) {
    struct naive *n = calloc(1, sizeof *n);
    if (!n) abort();
    n->config = config;
    n->steps = steps;
    n->step_count = count;
    n->clock = 1;
    n->frame = calloc(config->frames, sizeof *n->frame);
    if (!n->frame) abort();
    take_tlb(n, TLB_DATA, &config->tlb);
    take_tlb(n, TLB_FETCH, &config->tlb_fetch);
    take_tlb(n, TLB_SECOND, &config->tlb_second);
    n->image_at = kernel_base_pfn(config);
    for (unsigned i = 0; i < NV_IMAGE_PAGES; i++) n->image[i] = nv_cell_new(n, false);
    for (size_t p = 0; p < config->process_count && p < NV_PROCESSES; p++) {
        take_process(n, (proc_t)p, &config->processes[p]);
        map_kernel(n, (proc_t)p);
    }
    collect_refs(n);
    return n;
}

void naive_free(struct naive *n) {
    for (size_t i = 0; i < n->pages; i++) nv_cell_free(&n->page[i].cell);
    for (size_t i = 0; i < n->files; i++) nv_cell_free(&n->file[i].cell);
    free(n->page);
    free(n->file);
    free(n->frame);
    for (unsigned u = 0; u < TLB_UNITS; u++) {
        free(n->tlb[u].line);
        free(n->tlb[u].right);
    }
    for (unsigned i = 0; i < NV_IMAGE_PAGES; i++) nv_cell_free(&n->image[i]);
    free(n->table);
    free(n->ref);
    free(n);
}

/* ---- looking ---- */

bool naive_defined(const struct naive *n) { return !n->undefined; }
const struct counters *naive_counters(const struct naive *n) { return &n->count; }
proc_t naive_running(const struct naive *n) { return n->running; }

bool naive_frame(const struct naive *n, frame_t f, proc_t *proc, vpn_t *vpn) {
    const struct page *g = nv_first_mapping(n, f);
    if (!g) return false;
    *proc = g->proc;
    *vpn = g->vpn;
    return true;
}

bool naive_tlb_holds(const struct naive *n, enum tlb_unit u, const struct tlb_entry *e) {
    asid_t asid = n->config->tlb.asid ? e->asid : n->process[n->running].asid;
    const struct tlb_line *l = nv_tlb_find(n, u, e->vpn, asid);
    return l && l->vpn == e->vpn && l->order == e->order && l->dirty == e->dirty && l->global == e->global;
}

unsigned naive_tlb_used(const struct naive *n, enum tlb_unit u) {
    unsigned used = 0;
    for (uint32_t i = 0; i < n->tlb[u].config->entries; i++) used += n->tlb[u].line[i].valid;
    return used;
}

static uint64_t entries(const struct naive *n, unsigned level) {
    return 1u << nv_format(n)->index_bits[level];
}

uint64_t naive_table_bytes(const struct naive *n) {
    uint64_t count = 0;
    for (size_t p = 0; p < n->config->process_count; p++)
        count += n->process[p].alive ? entries(n, nv_format(n)->levels - 1) : 0;
    for (size_t i = 0; i < n->tables; i++)
        count += n->process[n->table[i].proc].alive ? entries(n, n->table[i].level) : 0;
    return count * nv_format(n)->pte_bytes;
}

uint64_t naive_linear_bytes(const struct naive *n) {
    uint64_t bytes = nv_format(n)->pte_bytes, alive = 0;
    for (unsigned l = 0; l < nv_format(n)->levels; l++) bytes <<= nv_format(n)->index_bits[l];
    for (size_t p = 0; p < n->config->process_count; p++) alive += n->process[p].alive;
    return bytes * alive;
}

bool naive_page(const struct naive *n, size_t i, struct naive_page_view *out) {
    if (i >= n->pages) return false;
    struct page *g = &n->page[i];
    const struct cell *c = nv_page_cell((struct naive *)(uintptr_t)n, g);
    *out = (struct naive_page_view){g->proc, g->vpn, g->where, g->frame, c->bytes, c->known};
    return true;
}
