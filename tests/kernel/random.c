/* random.c - a random program of several processes: calls, and runs of accesses.
 *
 * Left out is what differs by design (docs/testing-with-linux.md): mremap of files and of
 * shared memory, exec, and private files that are not written first. */
#include "plan.h"

#include "vmscope/base/rng.h"
#include "vmscope/base/text.h"

#include <stdlib.h>
#include <string.h>

enum {
    STEPS = 800, OPERATIONS = 140, HEAP = 0x1000, AREA_PAGES = 24, FILES_AT = 64, STACK_PAGES = 2, STACK_LIMIT = 64, NAMES = 2,
    ANON = 1, FILES = 2 /* the names */
};
#define AREA (UINT64_C(1) << 32)
#define STACK (AREA + 0x1000)

struct program {
    struct rng rng;
    struct machine_config config;
    struct region_config regions[2];
    struct process_config process;
    struct fork_config forks[PLAN_PROCESSES - 1];
    char names[NAMES][NAME_SIZE];
    struct call_config call[STEPS];
    struct step step[STEPS];
    size_t count;
    bool alive[PLAN_PROCESSES];
    unsigned living;
};

static uint32_t below(struct program *p, uint32_t n) { return rng_below(&p->rng, n); }

/* ---- the machine: frames enough ---- */

static void draw_machine(struct program *p) {
    struct machine_config *c = &p->config;
    machine_config_default(c);
    c->format = *paging_by_name("x86-64");
    c->profile = PROFILE_LINUX;
    c->frames = c->policy.frames = 8192;
    c->guard_pages = 256;
    p->regions[0] = (struct region_config){.kind = VMA_HEAP, .perms = PERM_RW, .first = HEAP, .pages = 3, .limit = 3, .name = "heap"};
    p->regions[1] = (struct region_config){.kind = VMA_STACK, .perms = PERM_RW, .first = STACK, .pages = STACK_PAGES, .limit = STACK_LIMIT,
                                           .name = "stack"};
    p->process = (struct process_config){.name = "A", .regions = p->regions, .region_count = 2};
    c->processes = &p->process;
    c->process_count = 1;
    c->forks = p->forks;
    c->fork_count = PLAN_PROCESSES - 1;
    for (unsigned i = 0; i + 1 < PLAN_PROCESSES; i++) p->forks[i].name[0] = (char)('B' + i);
    p->names[ANON - 1][0] = 'u';
    p->names[FILES - 1][0] = 'w';
    c->names = p->names;
    c->name_count = NAMES;
    c->calls = p->call;
    p->alive[0] = true;
    p->living = 1;
}

/* ---- who and where ---- */

enum { LIVING_MAX = 3 };

static proc_t someone(struct program *p) {
    for (;;) {
        proc_t who = (proc_t)below(p, PLAN_PROCESSES);
        if (p->alive[who]) return who;
    }
}

/* A place that calls and accesses are about; *name: what it is relative to, or 0. */
static void draw_place(struct program *p, struct step *s) {
    uint32_t where = below(p, 8);
    vpn_t vpn = where < 3    ? AREA + below(p, AREA_PAGES)
                : where == 3 ? HEAP + below(p, 8)
                : where == 4 ? STACK + STACK_PAGES - 1 - below(p, 12)
                : where < 7  ? AREA + FILES_AT + below(p, AREA_PAGES)
                             : below(p, 12);
    if (where == 7) s->name = ANON;
    s->va = vpn_to_va(vpn, PLAN_SHIFT);
}

static struct step *add(struct program *p, struct step s) {
    p->step[p->count] = s;
    return &p->step[p->count++];
}

static void add_access(struct program *p, proc_t who, const struct step *at, vpn_t further, bool write) {
    add(p, (struct step){.kind = STEP_ACCESS, .proc = who, .size = 8, .op = write ? ACCESS_WRITE : ACCESS_READ,
                         .va = at->va + vpn_to_va(further, PLAN_SHIFT), .name = at->name, .flags = write ? STEP_HAS_VALUE : 0,
                         .value = write ? rng_next(&p->rng) >> 16 : 0});
}

static void draw_accesses(struct program *p) {
    proc_t who = someone(p);
    struct step at = {0};
    draw_place(p, &at);
    bool write = below(p, 2), mixed = below(p, 4) == 0, down = below(p, 4) == 0;
    for (uint32_t i = 0, n = 1 + below(p, 8); i < n; i++) {
        add_access(p, who, &at, down ? n - 1 - i : i, write);
        if (mixed) write = below(p, 2);
    }
}

/* ---- calls ---- */

static struct call_config *add_call(struct program *p, enum call_kind kind, struct step at) {
    struct call_config *call = &p->call[p->config.call_count];
    *call = (struct call_config){.kind = (uint8_t)kind};
    at.kind = STEP_CALL;
    at.value = p->config.call_count++;
    add(p, at);
    return call;
}

static uint8_t draw_perms(struct program *p) {
    static const uint8_t perms[] = {PERM_RW, PERM_RW, PERM_RW, PERM_RW, PERM_R, PERM_R, 0, PERM_RX};
    return perms[below(p, 8)];
}

static void draw_anonymous(struct program *p) {
    bool fixed = below(p, 3);
    struct call_config *c = add_call(p, CALL_MMAP, (struct step){.proc = someone(p), .va = fixed ? vpn_to_va(AREA + below(p, AREA_PAGES), PLAN_SHIFT) : 0});
    c->name = ANON;
    c->length = vpn_to_va(1 + below(p, 16), PLAN_SHIFT) - (below(p, 4) == 0 ? 100 : 0);
    c->perms = draw_perms(p);
    c->flags = (uint8_t)((fixed ? CALL_FIXED : 0) | (below(p, 4) == 0 ? CALL_POPULATE : 0));
}

/* A file, or shared memory. A private file's first page is written at once: see real_calls.c. */
static void draw_file(struct program *p) {
    bool shared = below(p, 2), file = !shared || (real_has_disk() && below(p, 2));
    struct step at = {.proc = someone(p), .va = vpn_to_va(AREA + FILES_AT + below(p, AREA_PAGES), PLAN_SHIFT)};
    struct call_config *c = add_call(p, CALL_MMAP, at);
    c->name = FILES;
    c->length = vpn_to_va(1 + below(p, 12), PLAN_SHIFT);
    c->perms = shared ? draw_perms(p) : PERM_RW;
    c->flags = (uint8_t)(CALL_FIXED | (shared ? CALL_SHARED : 0) | (file ? CALL_CACHED : 0) | (below(p, 4) == 0 ? CALL_POPULATE : 0));
    if (file) c->file[0] = (char)('f' + below(p, PLAN_FILES));
    c->file_page = file ? below(p, 8) : 0;
    if (!shared) add_access(p, at.proc, &at, 0, true);
}

static void draw_range_call(struct program *p) {
    static const uint8_t kinds[] = {CALL_MUNMAP, CALL_MPROTECT, CALL_MPROTECT, CALL_MPROTECT, CALL_MADVISE, CALL_MADVISE,
                                    CALL_MADVISE, CALL_MLOCK, CALL_MUNLOCK};
    enum call_kind kind = (enum call_kind)kinds[below(p, sizeof kinds)];
    struct step at = {.proc = someone(p)};
    do draw_place(p, &at);
    while (kind == CALL_MUNMAP && !at.name && at.va >= vpn_to_va(STACK - STACK_LIMIT, PLAN_SHIFT)); /* a stack in pieces */
    struct call_config *c = add_call(p, kind, at);
    c->length = vpn_to_va(1 + below(p, 10), PLAN_SHIFT);
    c->perms = draw_perms(p);
    c->advice = (uint8_t)below(p, ADVICES);
}

static void draw_mremap(struct program *p) {
    struct step at = {.proc = someone(p), .name = ANON};
    if (below(p, 3) == 0) {
        at.name = 0;
        at.va = vpn_to_va(AREA + below(p, AREA_PAGES), PLAN_SHIFT);
    }
    add_call(p, CALL_MREMAP, at)->length = vpn_to_va(1 + below(p, 16), PLAN_SHIFT);
}

static void draw_brk(struct program *p) {
    struct call_config *c = add_call(p, CALL_BRK, (struct step){.proc = someone(p)});
    c->length = 100 + below(p, 4 << PLAN_SHIFT);
    c->flags = below(p, 2) ? CALL_DOWN : 0;
}

/* ---- processes ---- */

static void draw_fork(struct program *p) {
    proc_t who = someone(p), child = (proc_t)below(p, PLAN_PROCESSES);
    if (p->alive[child] || child == 0 || p->living == LIVING_MAX) return;
    add(p, (struct step){.kind = STEP_FORK, .proc = who, .value = child});
    p->alive[child] = true;
    p->living++;
}

static void draw_exit(struct program *p) {
    if (p->living < 2) return;
    proc_t who = someone(p);
    add(p, (struct step){.kind = STEP_EXIT, .proc = who});
    p->alive[who] = false;
    p->living--;
}

/* ---- the program ---- */

const struct machine_config *random_program(uint64_t seed, struct step_source **steps) {
    static struct program p;
    static void (*const draw[])(struct program *) = {
        draw_accesses, draw_accesses, draw_accesses, draw_accesses, draw_accesses, draw_accesses, draw_accesses, draw_anonymous, draw_anonymous,
        draw_anonymous, draw_anonymous, draw_file, draw_file, draw_file, draw_range_call, draw_range_call, draw_range_call, draw_range_call, draw_range_call, draw_range_call, draw_mremap, draw_brk,
        draw_fork, draw_fork, draw_exit};
    memset(&p, 0, sizeof p);
    p.rng = (struct rng){seed};
    draw_machine(&p);
    for (unsigned i = 0; i < 3; i++) {
        draw_anonymous(&p);
        draw_file(&p);
    }
    for (unsigned i = 0; i < OPERATIONS && p.count + 10 < STEPS; i++) draw[below(&p, sizeof draw / sizeof draw[0])](&p);
    *steps = step_source_array(p.step, p.count);
    return *steps ? &p.config : NULL;
}
