/* machine.c - life of a machine, copies, and looking at it. */
#include "sim/watch.h"

#include "vmscope/base/memory.h"

const char outcome_letter[OUT_COUNT] = {
#define X(id, letter, what) [OUT_##id] = letter,
    OUTCOMES(X)
#undef X
};
const char *const outcome_text[OUT_COUNT] = {
#define X(id, letter, what) [OUT_##id] = what,
    OUTCOMES(X)
#undef X
};

/* ---- life ---- */

static enum vs_status create_tlbs(struct machine *m) {
    const struct machine_config *c = m->config;
    struct tlbs_config t = {.unit = {[TLB_DATA] = c->tlb, [TLB_FETCH] = c->tlb_fetch, [TLB_SECOND] = c->tlb_second},
                            .inclusive = c->tlb_inclusive};
    return tlbs_create(&m->hw.tlbs, &t);
}

enum vs_status machine_create(const struct machine_config *config, const struct step_source *source,
                              struct machine **out, struct diag *why) {
    *out = NULL;
    uint64_t pages = machine_config_check(config, why);
    if (!pages) return VS_LIMIT;
    struct machine *m = mem_zalloc(1, sizeof *m);
    enum vs_status s = m ? VS_OK : VS_NOMEM;
    if (m) {
        m->config = config;
        m->source = source;
        m->hw.format = &config->format;
        m->hw.ram = ram_create(config->format.page_shift, pages);
        m->hw.regs.mode = config->mode;
        m->access.way = TLB_NO_WAY;
        s = m->hw.ram ? create_tlbs(m) : VS_NOMEM;
        if (s == VS_OK) s = kernel_create(config, &m->hw, &m->kernel);
        if (s == VS_OK) s = future_plan(m);
    }
    if (s == VS_OK) {
        *out = m;
        return VS_OK;
    }
    machine_free(m);
    diag_set(why, NULL, 0, 0, "the machine cannot be built: %s", status_name(s));
    return s;
}

struct machine *machine_clone(const struct machine *from) {
    struct machine *m = mem_copy(from, 1, sizeof *from);
    if (!m) return NULL;
    m->window = (struct window){0};
    m->kernel = NULL;
    m->future = future_ref(from->future);
    m->hw.ram = ram_clone(from->hw.ram);
    m->hw.tlbs = (struct tlbs){0};
    bool tlbs = tlbs_clone(&m->hw.tlbs, &from->hw.tlbs) == VS_OK;
    m->watch = NULL;
    m->waiting = NULL;
    bool paced = pace_copy(&m->pace, &from->pace);
    if (m->hw.ram && tlbs) m->kernel = kernel_clone(from->kernel, &m->hw);
    if (m->kernel && paced && watch_copy(m, from)) return m;
    machine_free(m);
    return NULL;
}

void machine_free(struct machine *m) {
    if (!m) return;
    watch_free(m);
    pace_free(&m->pace);
    kernel_free(m->kernel);
    ram_free(m->hw.ram);
    tlbs_free(&m->hw.tlbs);
    future_drop(m->future);
    window_free(&m->window);
    free(m);
}

static uint64_t tlbs_bytes(const struct tlbs *t) {
    uint64_t entries = 0;
    for (unsigned u = 0; u < TLB_UNITS; u++)
        if (tlbs_has(t, (enum tlb_unit)u)) entries += (uint64_t)tlb_sets(t->unit[u]) * tlb_ways(t->unit[u]);
    return entries * (sizeof(struct tlb_entry) + sizeof(vpn_t));
}

/* RAM is shared page by page; all else is a copy of its own. */
uint64_t machine_bytes_since(const struct machine *m, const struct machine *from) {
    uint64_t written = ram_bytes_written(m->hw.ram) - (from ? ram_bytes_written(from->hw.ram) : 0);
    return written + sizeof *m + kernel_bytes(m->kernel) + tlbs_bytes(&m->hw.tlbs) + m->pace.count * sizeof *m->pace.of;
}

enum vs_status machine_set_source(struct machine *m, const struct step_source *source) {
    const struct step_source *before = m->source;
    m->source = source;
    window_forget(&m->window);
    enum vs_status s = future_plan(m);
    if (s != VS_OK) m->source = before;
    return s;
}

const struct step *machine_fetch_step(struct machine *m, uint64_t i) {
    const struct step *s = window_step(&m->window, m->source, i);
    if (!s && i < m->source->count) m->status = VS_NOMEM;
    return s;
}

/* ---- looking ---- */

enum vs_status machine_status(const struct machine *m) { return m->status; }
uint64_t machine_steps_done(const struct machine *m) { return m->steps_done; }
uint64_t machine_cursor(const struct machine *m) { return m->cursor; }
uint32_t machine_micro(const struct machine *m) { return m->micro; }
bool machine_between_steps(const struct machine *m) { return !m->in_step; }

uint64_t machine_step_index(const struct machine *m) {
    if (!m->started) return UINT64_MAX;
    return m->in_step ? m->steps_done : m->steps_done - 1;
}

bool machine_step_now(const struct machine *m, struct step *out) {
    if (m->started) *out = m->step;
    return m->started;
}

enum machine_phase machine_phase(const struct machine *m) { return m->phase; }
const struct event *machine_last_event(const struct machine *m) { return &m->last; }
const struct machine_config *machine_config(const struct machine *m) { return m->config; }
const struct step_source *machine_source(const struct machine *m) { return m->source; }
const struct hw *machine_hw(const struct machine *m) { return &m->hw; }
const struct kernel *machine_kernel(const struct machine *m) { return m->kernel; }
const struct counters *machine_counters(const struct machine *m) { return &m->counters; }
const struct pace *machine_pace(const struct machine *m) { return &m->pace; }
struct counters machine_summary(const struct machine *m) {
    struct counters c = m->counters;
    struct table_bytes b = kernel_table_bytes_all(m->kernel);
    c.page_table_bytes = b.actual;
    c.page_table_bytes_linear = b.linear;
    c.page_table_bytes_multilevel = b.multilevel;
    c.page_table_bytes_inverted = b.inverted;
    return c;
}

const struct access_latch *machine_access(const struct machine *m) { return &m->access; }
uint64_t machine_references(const struct machine *m) { return m->references; }

const struct translation *machine_translations(const struct machine *m, unsigned *count) {
    *count = m->parts;
    return m->part;
}

enum outcome machine_fault_outcome(enum fault_class fault) {
    if (fault_is_invalid(fault)) return OUT_INVALID;
    if (fault == FAULT_MINOR_COW) return OUT_COW;
    return fault_is_major(fault) ? OUT_MAJOR : OUT_MINOR;
}

static enum outcome part_outcome(const struct translation *t) {
    if (t->fault != FAULT_NONE) return machine_fault_outcome((enum fault_class)t->fault);
    return t->tlb == TLB_OUT_MISS ? OUT_TLB_MISS : OUT_HIT;
}

enum outcome machine_outcome(const struct machine *m) {
    enum outcome worst = (enum outcome)m->outcome;
    for (unsigned i = 0; i < m->parts; i++) {
        enum outcome o = part_outcome(&m->part[i]);
        if (i == 0 || o > worst) worst = o;
    }
    return worst;
}

/* ---- equality ---- */

static const struct member {
    size_t at, size;
} event_members[] = {
#define M(name) {offsetof(struct event, name), sizeof((struct event *)0)->name}
    M(step), M(micro), M(kind), M(op), M(fault), M(size), M(level), M(perms), M(bits), M(dirty), M(kswapd), M(has_value),
    M(kernel_mode), M(unit), M(order), M(drop), M(proc), M(old_proc), M(asid), M(set), M(way), M(index), M(cause), M(frame),
    M(slot), M(count), M(written), M(va), M(vpn), M(old_vpn), M(pa), M(table), M(next), M(pte_addr), M(pte), M(pte_old),
    M(pfn), M(value), M(first), M(last), M(region), M(rule), M(class), M(code_name), M(code)
#undef M
};

static bool events_equal(const struct event *a, const struct event *b) {
    for (size_t i = 0; i < sizeof event_members / sizeof *event_members; i++) {
        const struct member *m = &event_members[i];
        if (memcmp((const char *)a + m->at, (const char *)b + m->at, m->size) != 0) return false;
    }
    return true;
}

static bool walks_equal(const struct walk *a, const struct walk *b) {
    bool same = a->va == b->va && a->table == b->table && a->pfn == b->pfn && a->word == b->word && a->op == b->op &&
                a->pte_addr == b->pte_addr && a->level == b->level && a->reads == b->reads && a->perms == b->perms &&
                a->fault == b->fault && a->done == b->done && a->user == b->user && a->global == b->global;
    for (unsigned i = 0; same && i < a->reads && i < WALK_READS_MAX; i++)
        same = a->read[i].addr == b->read[i].addr && a->read[i].word == b->read[i].word;
    return same;
}

static bool accesses_equal(const struct access_latch *a, const struct access_latch *b) {
    return a->va == b->va && a->vpn == b->vpn && a->value == b->value && a->set == b->set && a->way == b->way &&
           a->op == b->op && a->size == b->size && a->has_value == b->has_value && a->automap == b->automap &&
           a->retry == b->retry && a->dirty_walk == b->dirty_walk && a->loaded == b->loaded && a->part == b->part &&
           a->perms == b->perms && a->pfn == b->pfn && a->unit == b->unit && a->from_second == b->from_second &&
           a->kernel_mode == b->kernel_mode && walks_equal(&a->walk, &b->walk);
}

static bool parts_equal(const struct machine *a, const struct machine *b) {
    for (unsigned i = 0; i < a->parts; i++) {
        const struct translation *p = &a->part[i], *q = &b->part[i];
        if (p->va != q->va || p->pa != q->pa || p->done != q->done || p->op != q->op || p->tlb != q->tlb ||
            p->fault != q->fault || p->evicted != q->evicted || p->victim_dirty != q->victim_dirty ||
            p->frame != q->frame || p->proc != q->proc || p->victim_proc != q->victim_proc ||
            p->victim_vpn != q->victim_vpn || p->value != q->value || p->has_value != q->has_value)
            return false;
    }
    return true;
}

static bool counters_equal(const struct counters *a, const struct counters *b) {
    for (const struct counter_info *i = counter_table; i->name; i++)
        if (counter_value(a, i) != counter_value(b, i)) return false;
    return true;
}

bool machine_equal(const struct machine *a, const struct machine *b) {
    return a->steps_done == b->steps_done && a->references == b->references && a->micro == b->micro &&
           a->in_step == b->in_step && a->phase == b->phase && a->purpose == b->purpose && a->parts == b->parts &&
           a->outcome == b->outcome && a->status == b->status &&
           a->hw.regs.root == b->hw.regs.root && a->hw.regs.asid == b->hw.regs.asid &&
           counters_equal(&a->counters, &b->counters) && parts_equal(a, b) && accesses_equal(&a->access, &b->access) &&
           events_equal(&a->last, &b->last) && tlbs_equal(&a->hw.tlbs, &b->hw.tlbs) && ram_equal(a->hw.ram, b->hw.ram) &&
           kernel_equal(a->kernel, b->kernel) && watch_equal(a, b) && pace_equal(&a->pace, &b->pace);
}
