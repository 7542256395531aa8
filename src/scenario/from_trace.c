/* from_trace.c - a trace file that is opened directly becomes a scenario.
 *
 * The program that made it had a machine of its own; this one gives it 4 levels
 * of 9 bits (any address of 48 bits fits), a TLB of 64 entries in 4 ways, as
 * first-level data TLBs have today, and few enough frames that pages must leave. */
#include "scenario/load.h"

#include "scenario/meaning.h"
#include "vmscope/base/memory.h"

#define TRACE_FRAMES 64
#define TLB_ENTRIES  64
#define TLB_WAYS     4

/* ---- is it one? ---- */

bool looks_like_trace(const char *data, size_t size) {
    static const char zstd[] = "\x28\xb5\x2f\xfd";
    if (size >= 4 && memcmp(data, zstd, 4) == 0) return true;
    return trace_format_of(data, size, true) != NULL;
}

/* ---- the scenario ---- */

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* "ls.1M.lackey.zst" is a trace of "ls". */
static void program_name(char to[NAME_SIZE], const char *file) {
    struct text t = text_in(to, NAME_SIZE);
    for (const char *s = base_name(file); *s && *s != '.'; s++) {
        bool plain =
            (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') || *s == '_';
        text_addc(&t, plain ? *s : '-');
    }
    if (t.len == 0 || strcmp(to, "-") == 0) {
        t = text_in(to, NAME_SIZE);
        text_add(&t, "program");
    }
}

static bool trace_process(struct load *l, struct trace *t) {
    struct machine_config *c = &l->s->config;
    c->processes = mem_zalloc(1, sizeof *c->processes);
    if (!c->processes) return load_nomem(l);
    c->process_count = 1;
    program_name(c->processes[0].name, l->file);
    program_name(c->processes[0].program, l->file);
    return add_trace_regions(l, t, 0, (struct value){0});
}

static void trace_machine(struct load *l) {
    struct machine_config *c = &l->s->config;
    machine_config_default(c);
    wide_format(&c->format); /* of TRACE_PAGE_SHIFT */
    c->frames = TRACE_FRAMES;
    c->tlb.entries = TLB_ENTRIES;
    c->tlb.ways = TLB_WAYS;
    read_machine(l);
}

static void trace_texts(struct load *l, const struct trace *t) {
    struct arena *a = &l->owned->arena;
    char buf[160];
    struct text about = text_in(buf, sizeof buf);
    text_addf(&about, "A trace of a real program: %llu references, each an instruction or an access to data.",
              (unsigned long long)trace_count(t));
    l->s->title = arena_strdup(a, base_name(l->file));
    l->s->about = arena_strdup(a, buf);
    if (!l->s->title || !l->s->about) load_nomem(l);
}

void read_trace_meaning(struct load *l, struct trace *t) {
    struct diag why = {.text = ""};
    trace_machine(l);
    trace_texts(l, t);
    if (!load_ok(l) || !trace_process(l, t)) return;
    if (trace_count(t) == 0) load_error(l, (struct value){0}, "this trace holds no reference");
    if (trace_count(t) > STEPS_MAX)
        load_error(l, (struct value){0}, "this trace is too long: at most %llu references",
                   (unsigned long long)STEPS_MAX);
    l->s->steps = trace_source(t, (uint8_t)(STEP_AUTOMAP | (l->options->no_split ? STEP_NO_SPLIT : 0)));
    if (!l->s->steps) load_nomem(l);
    if (load_ok(l) && !machine_config_check(&l->s->config, &why))
        load_error(l, (struct value){0}, "%s", why.text);
}
