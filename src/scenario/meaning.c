/* meaning.c - reading values, the head of a scenario, and what it expects at the end. */
#include "scenario/meaning.h"

#include "vmscope/base/memory.h"
#include <stdarg.h>

/* ---- errors and values ---- */

void load_error(struct load *l, struct value v, const char *fmt, ...) {
    char text[sizeof((struct diag *)NULL)->text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    diag_add(l->errors, l->file, v.line, v.col, "%s", text);
    if (l->status == VS_OK) l->status = VS_BAD_INPUT;
}

bool load_nomem(struct load *l) {
    l->status = VS_NOMEM;
    return false;
}

char *load_text(struct load *l, const char *raw) {
    if (!raw) return NULL;
    char *copy = arena_strdup(&l->owned->arena, value_of(raw).text);
    if (!copy) load_nomem(l);
    return copy;
}

/* n, if it lies between the two; else an error at v. */
static uint64_t within(struct load *l, struct value v, const char *name, uint64_t n, uint64_t least, uint64_t most,
                       uint64_t otherwise) {
    if (n < least)
        load_error(l, v, "%s: %llu is too small: it is at least %llu", name, (unsigned long long)n,
                   (unsigned long long)least);
    else if (n > most)
        load_error(l, v, "%s: %llu is too large: it is at most %llu", name, (unsigned long long)n,
                   (unsigned long long)most);
    else
        return n;
    return otherwise;
}

uint64_t read_number(struct load *l, const char *raw, const char *name, uint64_t least, uint64_t most,
                     uint64_t otherwise) {
    struct value v = value_of(raw);
    const char *why;
    uint64_t n = 0;
    return raw && parse_number(v.text, &n, &why) ? within(l, v, name, n, least, most, otherwise) : otherwise;
}

uint64_t read_bytes(struct load *l, const char *raw, const char *name, uint64_t least, uint64_t most, uint64_t otherwise) {
    struct value v = value_of(raw);
    const char *why;
    uint64_t n = 0;
    return raw && parse_size(v.text, &n, &why) ? within(l, v, name, n, least, most, otherwise) : otherwise;
}
uint64_t read_size(struct load *l, const char *raw, uint64_t otherwise) {
    struct value v = value_of(raw);
    const char *why;
    uint64_t n;
    (void)l;
    return raw && parse_size(v.text, &n, &why) ? n : otherwise;
}

uint64_t read_duration(struct load *l, const char *raw, uint64_t otherwise) {
    const uint64_t most = UINT64_C(1000000000) * 3600; /* an hour: sums of 2^32 of them stay in 64 bits */
    struct value v = value_of(raw);
    const char *why;
    uint64_t n;
    if (!raw || !parse_duration(v.text, &n, &why)) return otherwise;
    if (n <= most) return n;
    load_error(l, v, "%s is too long: at most 3600s", v.text);
    return otherwise;
}

bool read_bool(const char *raw, bool otherwise) {
    return raw ? choice_find(RULE_BOOL, value_of(raw).text) == 0 : otherwise;
}

unsigned read_choice(enum value_rule r, const char *raw, unsigned otherwise) {
    int i = raw ? choice_find(r, value_of(raw).text) : -1;
    return i >= 0 ? (unsigned)i : otherwise;
}

/* ---- the head ---- */

static void read_topics(struct load *l) {
    const struct tree_scenario *t = l->tree;
    l->s->topics = arena_alloc(&l->owned->arena, ((size_t)t->topics_count + 1) * sizeof *l->s->topics);
    if (!l->s->topics) {
        load_nomem(l);
        return;
    }
    l->s->topic_count = t->topics_count;
    for (unsigned i = 0; i < t->topics_count; i++) l->s->topics[i] = load_text(l, t->topics[i]);
}

static void read_head(struct load *l) {
    const struct tree_scenario *t = l->tree;
    struct scenario *s = l->s;
    s->title = load_text(l, t->title);
    s->summary = load_text(l, t->summary);
    s->about = load_text(l, t->about);
    s->level = load_text(l, t->level);
    s->source = load_text(l, t->source);
    s->terminology = (enum terminology)read_choice(RULE_TERMINOLOGY, t->terminology, TERM_DEFAULT);
    s->entries = t->steps_count;
    read_topics(l);
}

/* ---- the last expect ---- */

static void read_count(struct load *l, const struct tree_count *t, const struct counter_info *c) {
    const char *first = t->exactly ? t->exactly : t->min ? t->min : t->max;
    struct value v = value_of(first);
    if (!first) return;
    if (t->exactly && (t->min || t->max))
        load_error(l, v, "%s: give one number, or min and max, not both", c->name);
    struct counter_expect *e = &l->s->expect[l->s->expect_count++];
    *e = (struct counter_expect){.counter = c, .line = v.line, .col = v.col};
    e->min = read_number(l, t->exactly ? t->exactly : t->min, c->name, 0, UINT64_MAX, 0);
    e->max = read_number(l, t->exactly ? t->exactly : t->max, c->name, 0, UINT64_MAX, UINT64_MAX);
    if (e->min > e->max) load_error(l, v, "%s: min is above max", c->name);
}

static void read_expect_frames(struct load *l, const struct tree_result *t) {
    struct scenario *s = l->s;
    if (t->frames_count == 0) return;
    struct value first = value_of(t->frames[0]);
    s->expect_frames = mem_zalloc(t->frames_count, sizeof *s->expect_frames);
    if (!s->expect_frames) {
        load_nomem(l);
        return;
    }
    s->expect_frames_count = t->frames_count;
    s->expect_frames_line = first.line;
    s->expect_frames_col = first.col;
    for (unsigned i = 0; i < t->frames_count; i++) {
        const char *why;
        page_or_free_parse(value_of(t->frames[i]).text, &s->expect_frames[i], &why);
    }
    if (t->frames_count > s->config.frames && !l->options->frames)
        load_error(l, first, "frames: %u are listed, but the machine has %u", t->frames_count,
                   s->config.frames);
}

static int by_line(const void *a, const void *b) {
    const struct counter_expect *x = a, *y = b;
    if (x->line != y->line) return x->line < y->line ? -1 : 1;
    return x->col < y->col ? -1 : x->col > y->col;
}

void read_result(struct load *l) {
    const struct tree_result *t = l->tree->expect;
    if (!t) return;
#define ROW(name, what) {#name, t->name},
    const struct {
        const char *name;
        const struct tree_count *tree;
    } count[] = {COUNTERS(ROW)};
#undef ROW
    l->s->expect = mem_zalloc(sizeof count / sizeof count[0], sizeof *l->s->expect);
    if (!l->s->expect) {
        load_nomem(l);
        return;
    }
    for (size_t i = 0; i < sizeof count / sizeof count[0]; i++)
        if (count[i].tree) read_count(l, count[i].tree, counter_by_name(count[i].name));
    qsort(l->s->expect, l->s->expect_count, sizeof *l->s->expect, by_line);
    read_expect_frames(l, t);
}

/* ---- all of it ---- */

/* What hardware and OS say of the whole: frames against PFN bits and memory... */
static void check_config(struct load *l) {
    struct diag why = {.text = ""};
    if (!load_ok(l) || machine_config_check(&l->s->config, &why)) return;
    struct value at = l->frames_at.text ? l->frames_at : value_of(l->tree->title);
    load_error(l, at, "%s", why.text);
}

void read_meaning(struct load *l) {
    machine_config_default(&l->s->config);
    read_head(l);
    read_machine(l);
    open_traces(l);
    if (!load_ok(l)) return;
    read_paging(l);
    if (!load_ok(l)) return;
    settle_tlb(l);
    read_processes(l);
    read_programs(l);
    if (load_ok(l)) settle_kernel(l);
    if (load_ok(l)) settle_frames(l);
    read_tlb_entries(l);
    if (!load_ok(l)) return;
    read_steps(l);
    read_result(l);
    check_config(l);
}
