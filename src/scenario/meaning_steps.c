/* meaning_steps.c - entries of `steps:` become steps of the machine.
 *
 * An address is read in the regions of the process that will run, so the
 * process that runs is followed from step to step (`as`, `switch`). An entry
 * may be many steps; its note and question belong to the first of them, its
 * expectation to each. */
#include "scenario/meaning_steps.h"

#include "vmscope/base/memory.h"

/* ---- notes, questions, expectations ---- */

static void read_expect(struct load *l, const struct tree_step_expect *t, struct step_expect *e) {
    static const unsigned outcome_flags[] = {EXPECT_HIT, EXPECT_TLB_MISS};
    const char *first = t->outcome  ? t->outcome
                        : t->fault  ? t->fault
                        : t->frame  ? t->frame
                        : t->victim ? t->victim
                        : t->pa     ? t->pa
                                    : t->value;
    unsigned outcome = read_choice(RULE_OUTCOME, t->outcome, 0);
    struct value at = value_of(first);
    e->line = at.line;
    e->col = at.col;
    if (t->outcome && t->fault)
        load_error(l, value_of(t->fault), "expect: give an outcome or a fault, not both");
    if (t->outcome && outcome < 2) e->flags |= outcome_flags[outcome];
    if (t->fault || (t->outcome && outcome >= 2)) e->flags |= EXPECT_FAULT;
    e->fault = (enum fault_class)(t->fault       ? read_choice(RULE_FAULT, t->fault, 0)
                                  : outcome >= 2 ? outcome - 2
                                                 : 0);
    if (t->frame) e->flags |= EXPECT_FRAME;
    if (t->victim) e->flags |= EXPECT_VICTIM;
    if (t->pa) e->flags |= EXPECT_PA;
    if (t->value) e->flags |= EXPECT_VALUE;
    e->frame = (frame_t)read_number(l, t->frame, "frame", 0, UINT32_MAX - 1, 0);
    e->victim = read_number(l, t->victim, "victim", 0, UINT64_MAX - 1, 0);
    e->pa = read_number(l, t->pa, "pa", 0, UINT64_MAX, 0);
    e->value = read_number(l, t->value, "value", 0, UINT64_MAX, 0);
}

static void read_question(struct load *l, const struct tree_ask *t, struct question *q) {
    q->text = load_text(l, t->question);
    q->answer = load_text(l, t->answer);
    if (t->choices_count == 0) return;
    const char **choice = arena_alloc(&l->owned->arena, ((size_t)t->choices_count + 1) * sizeof *choice);
    if (!choice) {
        load_nomem(l);
        return;
    }
    for (unsigned i = 0; i < t->choices_count; i++) choice[i] = load_text(l, t->choices[i]);
    q->choices = choice;
}

uint32_t add_extra(struct stepper *st, const struct tree_step *t, bool first) {
    struct scenario *s = st->l->s;
    void *extra = s->extra;
    bool told = first && (t->note || t->ask);
    if (!told && !t->expect) return 0;
    size_t index = s->extra_count ? s->extra_count : 1;
    if (!mem_grow(&extra, &st->extra_cap, index + 1, sizeof *s->extra)) {
        load_nomem(st->l);
        return 0;
    }
    s->extra = extra;
    s->extra_count = index + 1;
    memset(&s->extra[0], 0, sizeof s->extra[0]);
    memset(&s->extra[index], 0, sizeof s->extra[index]);
    if (told) s->extra[index].note = load_text(st->l, t->note);
    if (told && t->ask) read_question(st->l, t->ask, &s->extra[index].ask);
    if (t->expect) read_expect(st->l, t->expect, &s->extra[index].expect);
    return (uint32_t)index;
}

/* ---- what several operations share ---- */

static void add_failed(struct stepper *st, enum vs_status status, struct value at) {
    if (status == VS_NOMEM)
        load_nomem(st->l);
    else if (status != VS_OK)
        load_error(st->l, at,
                   "too many steps: a scenario has at most %llu, of which %llu may be written out (not "
                   "repeated, not in a trace)",
                   (unsigned long long)STEPS_MAX, (unsigned long long)STEPS_WRITTEN_MAX);
}

bool add_step(struct stepper *st, const struct step *step, struct value at) {
    enum vs_status status = segments_step(st->out, step);
    if (status != VS_OK) add_failed(st, status, at);
    return status == VS_OK;
}

proc_t named_process(struct stepper *st, const char *raw) {
    const struct machine_config *c = &st->l->s->config;
    const char *names[33] = {NULL};
    struct value v = value_of(raw);
    proc_t p = process_find_name(c, v.text);
    if (p != PROC_NONE) return p;
    for (size_t i = 0; i < c->process_count && i < 32; i++) names[i] = c->processes[i].name;
    const char *near = suggest(v.text, names);
    if (near)
        load_error(st->l, v, "there is no process '%s': did you mean '%s'?", v.text, near);
    else
        load_error(st->l, v, "there is no process '%s': this scenario has %s%s%s", v.text, names[0],
                   names[1] ? ", " : "", names[1] ? names[2] ? "and others" : names[1] : "");
    return PROC_NONE;
}

/* The process of an access: `as`, which runs from here on; PROC_NONE: who runs. */
proc_t step_process(struct stepper *st, const struct tree_step *t) {
    if (!t->as) return PROC_NONE;
    proc_t p = named_process(st, t->as);
    if (p != PROC_NONE) st->running = p;
    return p;
}

/* 1 byte where pages are tiny, so that an access is one page; else a word. */
static uint8_t step_size(struct stepper *st, const struct tree_step *t) {
    uint64_t usual = st->l->s->config.format.page_shift < 8 ? 1 : 4;
    uint64_t size = read_bytes(st->l, t->size, "size", 1, 8, usual);
    if (size & (size - 1))
        load_error(st->l, value_of(t->size), "size: %llu: an access has 1, 2, 4 or 8 bytes",
                   (unsigned long long)size);
    uint64_t page = (uint64_t)1 << st->l->s->config.format.page_shift;
    if (size > page)
        load_error(st->l, value_of(t->size), "size: %llu bytes are more than a page of %llu: an access is in two pages at most",
                   (unsigned long long)size, (unsigned long long)page);
    return (uint8_t)size;
}

/* Can all bytes of va..va+length-1 be asked for? Where the topmost bit is repeated, the hole of
 * addresses that are not canonical is for the machine to find. */
static bool in_space(struct stepper *st, const struct step *step, uint64_t length, struct value at) {
    const struct paging_format *f = &st->l->s->config.format;
    vaddr_t va = step->va;
    if (step->name) return true; /* where the mapping will lie is not known yet */
    vaddr_t last = f->sign_extended ? UINT64_MAX : low_bits(paging_va_bits(f));
    if (va <= last && length - 1 <= last - va) return true;
    load_error(st->l, at, "the access ends beyond 0x%llx, the last virtual address of %s",
               (unsigned long long)last, f->name);
    return false;
}

static bool step_address(struct stepper *st, struct value v, struct step *step) {
    char why[320];
    struct address at;
    bool good = address_parse(v.text, &st->l->s->config, stepper_image(st, st->running), &at, why, sizeof why);
    step->va = at.va;
    step->name = at.name;
    if (good) return true;
    load_error(st->l, v, "%s", why);
    return false;
}

/* ---- the operations ---- */

static void read_value(struct stepper *st, const struct tree_step *t, struct step *step) {
    uint64_t most = low_bits(8u * step->size);
    if (!t->value) return;
    step->value = read_number(st->l, t->value, "value", 0, UINT64_MAX, 0);
    step->flags |= STEP_HAS_VALUE;
    if (step->value > most)
        load_error(st->l, value_of(t->value),
                   "value: 0x%llx does not fit %u byte%s: at most 0x%llx, or give a larger size",
                   (unsigned long long)step->value, step->size, step->size == 1 ? "" : "s",
                   (unsigned long long)most);
}

static void op_access(struct stepper *st, const struct tree_step *t, const char *raw, enum access_kind kind) {
    struct value at = value_of(raw);
    struct step step = {.line = at.line, .kind = STEP_ACCESS, .op = (uint8_t)kind};
    step.proc = step_process(st, t);
    step.size = step_size(st, t);
    if (read_choice(RULE_MODE, t->mode, 0) == 1) step.flags |= STEP_KERNEL;
    if (!step_address(st, at, &step) || !in_space(st, &step, step.size, at)) return;
    read_value(st, t, &step);
    step.extra = add_extra(st, t, true);
    add_step(st, &step, at);
}

static void op_scan(struct stepper *st, const struct tree_step *t) {
    struct value at = value_of(t->scan);
    struct step step = {.line = at.line, .kind = STEP_ACCESS};
    step.proc = step_process(st, t);
    step.size = step_size(st, t);
    step.op = (uint8_t)read_choice(RULE_ACCESS, t->access, ACCESS_READ);
    uint64_t count = read_number(st->l, t->count, "count", 1, STEPS_WRITTEN_MAX, 1);
    uint64_t stride = read_size(st->l, t->stride, step.size);
    enum vs_status room = segments_room(st->out, count);
    if (room != VS_OK) add_failed(st, room, value_of(t->count));
    if (!load_ok(st->l) || !step_address(st, at, &step)) return;
    bool fits = stride <= (UINT64_MAX - step.size) / count;
    if (!fits) load_error(st->l, value_of(t->stride), "stride: the scan would leave 64-bit addresses");
    if (!fits || !in_space(st, &step, (count - 1) * stride + step.size, at)) return;
    for (uint64_t i = 0; i < count; i++, step.va += stride) {
        if (i < 2) step.extra = add_extra(st, t, i == 0);
        if (!add_step(st, &step, at)) return;
    }
}

/* Reference strings and traces bring pages of their own; a machine of segments has none. */
static bool has_pages(struct stepper *st, const char *key, struct value at) {
    const struct paging_format *f = &st->l->s->config.format;
    if (f->shape != SHAPE_SEGMENTS) return true;
    load_error(st->l, at,
               "%s: %s has no pages that could be mapped on the spot: use read, write, fetch or scan", key,
               f->name);
    return false;
}

static bool check_page(struct stepper *st, vpn_t vpn, const char *word, struct value at) {
    const struct paging_format *f = &st->l->s->config.format;
    vpn_t last = f->sign_extended ? low_bits(paging_va_bits(f) - f->page_shift - 1) : paging_last_vpn(f);
    if (paging_vpn_exists(f, vpn)) return true;
    load_error(st->l, at, "page %s does not exist: %s has pages 0 to 0x%llx%s", word, f->name,
               (unsigned long long)last, f->sign_extended ? ", and those of the upper half" : "");
    return false;
}

static void op_pages(struct stepper *st, const struct tree_step *t) {
    struct value at = value_of(t->pages);
    struct step step = {.line = at.line, .kind = STEP_ACCESS, .size = 1, .flags = STEP_AUTOMAP};
    char word[PAGE_WORD_SIZE];
    const char *s = at.text, *why;
    struct page_ref ref;
    if (!has_pages(st, "pages", at)) return;
    step.proc = step_process(st, t);
    for (size_t i = 0; page_ref_next(&s, &ref, word, &why); i++) {
        if (!check_page(st, ref.vpn, word, at)) return;
        step.va = vpn_to_va(ref.vpn, st->l->s->config.format.page_shift);
        step.op = ref.write ? ACCESS_WRITE : ACCESS_READ;
        if (i < 2) step.extra = add_extra(st, t, i == 0);
        if (!add_step(st, &step, at)) return;
    }
}

static void op_trace(struct stepper *st, const struct tree_step *t) {
    struct load *l = st->l;
    struct value at = value_of(t->trace);
    struct trace *trace = load_trace(l, l->traces_used++);
    struct step like = {.line = at.line, .kind = STEP_ACCESS, .flags = STEP_AUTOMAP};
    if (!has_pages(st, "trace", at)) return;
    like.proc = step_process(st, t);
    if (!read_bool(t->split, true)) like.flags |= STEP_NO_SPLIT;
    like.extra = add_extra(st, t, true);
    if (!trace || !load_ok(l) || !add_trace_regions(l, trace, stepper_image(st, st->running), at)) return;
    enum vs_status status = segments_trace(st->out, trace, UINT64_MAX, &like);
    if (status != VS_OK) add_failed(st, status, at);
}

/* The address that a step is about, or NULL. */
static const char *step_place(const struct tree_step *t) {
    const char *place[] = {t->read, t->write, t->fetch, t->scan, t->tlb_flush};
    for (size_t i = 0; i < sizeof place / sizeof place[0]; i++)
        if (place[i]) return place[i];
    return NULL;
}

/* Repeated steps begin in process `began` the first time, and go on in the one that
 * runs at their end. Do their addresses mean the same there? */
static bool same_addresses(struct stepper *st, size_t from, size_t to, proc_t began) {
    const struct machine_config *c = &st->l->s->config;
    char why[320];
    for (size_t i = from; i < to; i++) {
        const struct tree_step *t = &st->l->tree->steps[i];
        const char *raw = step_place(t);
        struct address first, again;
        if (t->switch_to || (t->as && !t->tlb_flush))
            return true;     /* from here on the same process runs each time */
        if (t->as) continue; /* flushes what belongs to another process */
        if (!raw || !address_parse(value_of(raw).text, c, stepper_image(st, began), &first, why, sizeof why)) continue;
        if (!address_parse(value_of(raw).text, c, stepper_image(st, st->running), &again, why, sizeof why) || first.va != again.va)
            return false;
    }
    return true;
}

static void op_repeat(struct stepper *st, const struct tree_step *t, size_t entry) {
    const struct machine_config *c = &st->l->s->config;
    struct value at = value_of(t->repeat);
    uint64_t times = read_number(st->l, t->repeat, "repeat", 1, STEPS_MAX, 1);
    uint64_t steps = read_number(st->l, t->steps, "steps", 1, UINT64_MAX, 1);
    if (steps > entry) {
        load_error(st->l, value_of(t->steps),
                   "steps: %llu steps are to be repeated, but only %zu stand before this one",
                   (unsigned long long)steps, entry);
        return;
    }
    if (!calls_repeatable(st, entry - (size_t)steps, entry, at)) return;
    proc_t began = st->start[entry - steps].running;
    if (began != st->running && !same_addresses(st, entry - (size_t)steps, entry, began)) {
        load_error(st->l, at,
                   "repeat: these steps began in %s and would go on in %s, whose regions lie elsewhere: end "
                   "them with {switch: %s}",
                   config_process_name(c, began), config_process_name(c, st->running), config_process_name(c, began));
        return;
    }
    enum vs_status status = segments_repeat(st->out, st->start[entry - steps].step, times);
    if (status != VS_OK) add_failed(st, status, at);
}

static void op_switch(struct stepper *st, const struct tree_step *t) {
    struct value at = value_of(t->switch_to);
    struct step step = {.line = at.line, .kind = STEP_SWITCH, .proc = named_process(st, t->switch_to)};
    if (step.proc == PROC_NONE) return;
    st->running = step.proc;
    step.extra = add_extra(st, t, true);
    add_step(st, &step, at);
}

static void op_set(struct stepper *st, const struct tree_step *t) {
    struct value at = value_of(t->set->policy);
    struct step step = {.line = at.line, .kind = STEP_SET_POLICY, .proc = PROC_NONE};
    step.value = read_choice(RULE_POLICY, t->set->policy, 0);
    step.extra = add_extra(st, t, true);
    add_step(st, &step, at);
}

enum flush_scope flush_scope_of(const char *s) {
    if (strcmp(s, "all") == 0) return FLUSH_EVERYTHING;
    return strcmp(s, "asid") == 0 ? FLUSH_ADDRESS_SPACE : FLUSH_ONE_PAGE;
}

/* `as` says whose entries go; unlike that of an access it switches nothing. */
static void op_flush(struct stepper *st, const struct tree_step *t) {
    struct load *l = st->l;
    struct value at = value_of(t->tlb_flush);
    enum flush_scope scope = flush_scope_of(at.text);
    struct step step = {.line = at.line, .kind = STEP_TLB_FLUSH, .proc = PROC_NONE, .value = scope};
    char why[320];
    if (scope == FLUSH_EVERYTHING && t->as) {
        load_error(l, value_of(t->as),
                   "tlb_flush: all flushes every process's entries: leave 'as' out, or write asid");
        return;
    }
    if (t->as) step.proc = named_process(st, t->as);
    if (t->as && step.proc == PROC_NONE) return;
    proc_t whose = t->as ? step.proc : st->running;
    struct address page = {0};
    if (scope == FLUSH_ONE_PAGE && !address_parse(at.text, &l->s->config, stepper_image(st, whose), &page, why, sizeof why)) {
        load_error(l, at, "%s; to flush more than a page, write all or asid", why);
        return;
    }
    step.va = page.va;
    step.name = page.name;
    step.extra = add_extra(st, t, true);
    add_step(st, &step, at);
}

/* ---- all of them ---- */

static void read_entry(struct stepper *st, const struct tree_step *t, size_t entry) {
    if (t->read)
        op_access(st, t, t->read, ACCESS_READ);
    else if (t->write)
        op_access(st, t, t->write, ACCESS_WRITE);
    else if (t->fetch)
        op_access(st, t, t->fetch, ACCESS_FETCH);
    else if (t->pages)
        op_pages(st, t);
    else if (t->scan)
        op_scan(st, t);
    else if (t->trace)
        op_trace(st, t);
    else if (t->repeat)
        op_repeat(st, t, entry);
    else if (t->switch_to)
        op_switch(st, t);
    else if (t->set)
        op_set(st, t);
    else if (t->tlb_flush)
        op_flush(st, t);
    else if (t->fork)
        op_fork(st, t);
    else if (t->exit)
        op_exit(st, t);
    else if (t->suspend || t->resume)
        op_suspend(st, t);
    else
        op_call(st, t);
}

void read_steps(struct load *l) {
    const struct tree_scenario *t = l->tree;
    struct stepper st = {.l = l, .out = segments_create()};
    st.start = mem_zalloc(t->steps_count, sizeof *st.start);
    if (st.out && st.start)
        for (unsigned i = 0; i < t->steps_count && l->status != VS_NOMEM; i++) {
            st.start[i].step = segments_count(st.out);
            st.start[i].running = st.running;
            read_entry(&st, &t->steps[i], i);
        }
    else
        load_nomem(l);
    free(st.start);
    free(st.known);
    if (st.out) l->s->steps = segments_source(st.out);
}
