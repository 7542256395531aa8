/* future.c - what OPT knows: for every reference, when its page comes next.
 *
 * One pass over all steps counts and records the (process, page) of each
 * reference; the next use of a reference is filled in when its page comes by
 * again. Which process runs is known beforehand: switches are steps too. A
 * step of a process that has ended in the meantime is counted as if it ran, so
 * after an out-of-memory OPT's knowledge is of the plan, not of what happens.
 * Where a mapping will lie is not known before its mmap: its pages are told
 * apart by its name and how far they are from its beginning.
 */
#include "sim/state.h"

#include "vmscope/base/memory.h"

struct builder {
    const struct machine_config *config;
    bool shared; /* two processes run one program */
    struct future *future;
    uint64_t capacity;
    struct map64 last; /* page -> number of its last reference so far */
    struct map64 soon; /* page -> number of its first reference from `from` on */
    uint64_t from;
    unsigned page_shift;
    proc_t running;
    bool *alive;       /* of all processes that the scenario has or will fork */
    uint16_t *image;   /* what each of them runs: exec changes it */
};

static const char *program_of(const struct process_config *p) { return p->program[0] ? p->program : p->name; }

/* The first image that is the same program as this one. */
static size_t first_of_program(const struct machine_config *c, size_t image) {
    size_t first = 0;
    while (strcmp(program_of(machine_image(c, first)), program_of(machine_image(c, image))) != 0) first++;
    return first;
}

/* A page of a mapping that the program calls by a name. */
static uint64_t named_key(const struct builder *b, proc_t p, unsigned name, vpn_t offset) {
    (void)b;
    return (uint64_t)1 << 62 | ((uint64_t)name << 44 ^ (offset & low_bits(32)) << 12) | p;
}

/* One number for a page: of a process, or of a program's text, which all its processes share. */
static uint64_t page_key(const struct builder *b, proc_t p, vpn_t vpn) {
    const struct process_config *c = machine_image(b->config, b->image[p]);
    for (size_t i = 0; c && b->shared && i < c->region_count; i++) {
        const struct region_config *r = &c->regions[i];
        if (vpn < r->first || vpn >= r->first + r->pages || r->backing != BACKING_FILE || (r->perms & PERM_W)) continue;
        /* The kernel shares only what it can protect. */
        if (!paging_has(&b->config->format, PTE_W) || b->config->format.shape != SHAPE_TREE) break;
        uint64_t page = r->file_page + (vpn - r->first);
        return (uint64_t)1 << 63 | page << 12 | first_of_program(b->config, b->image[p]);
    }
    return (vpn << 12 | p) & low_bits(62);
}

static enum vs_status reserve(struct builder *b) {
    if (b->future && b->future->count < b->capacity) return VS_OK;
    uint64_t cap = b->capacity ? b->capacity * 2 : 4096;
    if (cap >= NEXT_NEVER || cap * sizeof(uint32_t) > mem_available() / 2) return VS_LIMIT;
    struct future *grown = realloc(b->future, sizeof *grown + cap * sizeof grown->next[0]);
    if (!grown) return VS_NOMEM;
    if (!b->future) *grown = (struct future){.owners = 1};
    b->future = grown;
    b->capacity = cap;
    return VS_OK;
}

static enum vs_status refer(struct builder *b, const struct step *step, vaddr_t va) {
    enum vs_status s = reserve(b);
    if (s != VS_OK) return s;
    vpn_t vpn = va_to_vpn(va, b->page_shift);
    uint64_t key = step->name ? named_key(b, b->running, step->name, vpn) : page_key(b, b->running, vpn);
    uint32_t now = (uint32_t)b->future->count, *last = map64_get(&b->last, key);
    b->future->next[b->future->count++] = NEXT_NEVER;
    if (now >= b->from && !map64_get(&b->soon, key) && !map64_put(&b->soon, key, now)) return VS_NOMEM;
    if (last) {
        b->future->next[*last] = now;
        *last = now;
        return VS_OK;
    }
    return map64_put(&b->last, key, now) ? VS_OK : VS_NOMEM;
}

static size_t processes_ever(const struct machine_config *c) { return c->process_count + c->fork_count; }

/* The kernel lets the next one run that lives. */
static void end_running(struct builder *b) {
    size_t count = processes_ever(b->config);
    b->alive[b->running] = false;
    for (size_t i = 1; i < count; i++) {
        size_t next = (b->running + i) % count;
        if (!b->alive[next]) continue;
        b->running = (proc_t)next;
        return;
    }
}

/* A forked process runs what its parent does. */
static void born(struct builder *b, proc_t p) {
    b->alive[p] = true;
    b->image[p] = b->image[b->running];
}

static enum vs_status follow(struct builder *b, const struct step *s) {
    static const bool switches_for[STEP_KINDS] = {
        [STEP_ACCESS] = true, [STEP_SWITCH] = true, [STEP_FORK] = true, [STEP_EXIT] = true, [STEP_CALL] = true};
    bool switches = switches_for[s->kind];
    if (switches && s->proc < processes_ever(b->config)) b->running = s->proc;
    if (s->kind == STEP_FORK && s->value < processes_ever(b->config)) born(b, (proc_t)s->value);
    const struct call_config *call = s->kind == STEP_CALL ? &b->config->calls[s->value] : NULL;
    if (call && call->kind == CALL_EXEC) b->image[b->running] = call->image;
    if (s->kind == STEP_EXIT) end_running(b);
    if (s->kind != STEP_ACCESS) return VS_OK;
    enum vs_status status = refer(b, s, s->va);
    if (status == VS_OK && step_crosses(s, b->page_shift)) status = refer(b, s, s->va + s->size - 1);
    return status;
}

static enum vs_status follow_all(struct builder *b, const struct step_source *source) {
    struct step *buffer = mem_zalloc(STEP_SPAN, sizeof *buffer);
    enum vs_status status = buffer ? reserve(b) : VS_NOMEM;
    size_t count = 0;
    for (uint64_t at = 0; status == VS_OK && at < source->count; at += count) {
        const struct step *span = step_span(source, at, buffer, &count);
        if (!span) break;
        for (size_t i = 0; status == VS_OK && i < count; i++) status = follow(b, &span[i]);
    }
    free(buffer);
    return status;
}

/* The key under which the steps know a page that is in a frame now. */
static uint64_t resident_key(const struct builder *b, const struct kernel *k, proc_t p, vpn_t vpn) {
    const struct process *process = &k->process[p];
    for (uint32_t i = 0; i < process->symbol_count; i++) {
        const struct symbol *s = &process->symbol[i];
        if (vpn - s->first < s->pages) return named_key(b, p, s->name, vpn - s->first);
    }
    return page_key(b, p, vpn);
}

/* The pages that are in frames already: when do they come next? */
static void tell_resident(const struct builder *b, struct kernel *k) {
    for (frame_t f = 0; f < k->config->frames; f++) {
        const struct frame *frame = &k->frame[f];
        if (!frame->shares) continue;
        const uint32_t *next = map64_get(&b->soon, resident_key(b, k, frame->owner.proc, frame->owner.vpn));
        kernel_foresee(k, f, next ? *next : NEXT_NEVER);
    }
}

static bool any_shared(const struct machine_config *c) {
    if (c->fork_count) return true;
    for (size_t p = 0; p < machine_image_count(c); p++)
        if (first_of_program(c, p) != p) return true;
    return false;
}

static void begin_images(struct builder *b) {
    const struct machine_config *c = b->config;
    for (size_t p = 0; p < c->process_count; p++) b->image[p] = (uint16_t)p;
    for (size_t p = 0; p < c->fork_count; p++) b->image[c->process_count + p] = c->forks[p].origin;
}

enum vs_status future_plan(struct machine *m) {
    struct builder b = {.config = m->config, .shared = any_shared(m->config), .page_shift = m->hw.format->page_shift,
                        .from = m->references};
    enum vs_status status = VS_OK;
    b.alive = mem_zalloc(processes_ever(m->config), sizeof *b.alive);
    b.image = mem_zalloc(processes_ever(m->config), sizeof *b.image);
    if (!b.alive || !b.image) {
        free(b.alive);
        free(b.image);
        return VS_NOMEM;
    }
    begin_images(&b);
    for (size_t p = 0; p < m->config->process_count; p++) b.alive[p] = true;
    if (policy_ops(m->kernel->policy[0])->needs_future) status = follow_all(&b, m->source);
    if (status == VS_OK) {
        future_drop(m->future);
        m->future = b.future;
        tell_resident(&b, m->kernel);
    } else {
        free(b.future);
    }
    map64_free(&b.last);
    map64_free(&b.soon);
    free(b.alive);
    free(b.image);
    return status;
}

struct future *future_ref(struct future *f) {
    if (f) f->owners++;
    return f;
}

void future_drop(struct future *f) {
    if (f && --f->owners == 0) free(f);
}
