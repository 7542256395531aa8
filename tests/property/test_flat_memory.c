/* Whatever fork, copy-on-write, eviction and swap do underneath: each process sees one flat memory of
 * its own. Random programs of several processes run beside the simplest model there is, an array of
 * words a process, which a fork copies. Design 3: "Bytes", "COW", "Swap". */
#include "random_scenario.h"

#include "vmscope/base/memory.h"
#include "vmscope/base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PAGES = 10, PROCESSES = 6, STEPS = 70, PROGRAMS = 300, FIRST = 0x1000 };

struct drawn {
    struct rng rng;
    struct machine_config config;
    struct region_config regions[2];
    struct process_config process;
    struct fork_config forks[PROCESSES - 1];
    struct step step[STEPS];
    size_t count;
};

/* The model: a word a page; which processes live; who runs. */
struct flat {
    uint64_t word[PROCESSES][PAGES];
    bool alive[PROCESSES];
    proc_t running;
};

static uint32_t below(struct drawn *p, uint32_t n) { return rng_below(&p->rng, n); }

/* ---- a random machine ---- */

static void draw_machine(struct drawn *p) {
    static const char *const formats[] = {"sv32", "sv39", "x86-32", "x86-64", "aarch64", "sv48"};
    struct machine_config *c = &p->config;
    size_t policies = 0;
    while (policy_table[policies]) policies++;
    machine_config_default(c);
    c->format = *paging_by_name(formats[below(p, 6)]);
    if (below(p, 3) == 0 && c->format.flag_bit[PTE_A] >= 0) c->format.hardware_ad = false;
    c->frames = 2 + below(p, 14);
    c->swap_slots = below(p, 3) ? SWAP_UNLIMITED : below(p, 30);
    c->policy.name = policy_table[below(p, (uint32_t)policies)]->name;
    c->policy.frames = c->frames;
    c->policy.load_referenced = below(p, 2);
    c->tlb = (struct tlb_config){.entries = 4, .ways = below(p, 2) ? 4 : 1, .replacement = TLB_LRU, .asid = below(p, 2)};
    c->software_refill = below(p, 4) == 0;
    p->regions[0] = (struct region_config){.kind = VMA_DATA, .backing = BACKING_FILE, .perms = PERM_RW, .first = FIRST,
                                           .pages = PAGES / 2, .limit = PAGES / 2, .name = "data"};
    p->regions[1] = (struct region_config){.kind = VMA_HEAP, .backing = BACKING_ANON, .perms = PERM_RW,
                                           .first = FIRST + PAGES / 2, .pages = PAGES / 2, .limit = PAGES / 2, .name = "heap"};
    p->process = (struct process_config){.name = "A", .regions = p->regions, .region_count = 2};
    c->processes = &p->process;
    c->process_count = 1;
    c->forks = p->forks;
    c->fork_count = PROCESSES - 1;
    for (unsigned i = 0; i + 1 < PROCESSES; i++) {
        p->forks[i] = (struct fork_config){.name = "?"};
        p->forks[i].name[0] = (char)('B' + i);
    }
}

static void draw_steps(struct drawn *p) {
    for (p->count = 0; p->count < STEPS; p->count++) {
        struct step *s = &p->step[p->count];
        uint32_t kind = below(p, 20);
        *s = (struct step){.va = vpn_to_va(FIRST + below(p, PAGES), 12) + 8 * below(p, 2), .kind = STEP_ACCESS, .size = 8,
                           .proc = below(p, 3) ? PROC_NONE : (proc_t)below(p, PROCESSES), .op = ACCESS_READ};
        if (kind < 9) {
            s->op = ACCESS_WRITE;
            s->flags = STEP_HAS_VALUE;
            s->value = rng_next(&p->rng);
        }
        if (kind == 9 || kind == 10) *s = (struct step){.kind = STEP_FORK, .proc = s->proc, .value = 1 + below(p, PROCESSES - 1)};
        if (kind == 11) *s = (struct step){.kind = STEP_EXIT, .proc = s->proc};
        s->va &= ~(vaddr_t)8; /* one word a page: the model keeps no more */
    }
}

/* ---- the model beside the machine ---- */

static void fork_flat(struct flat *f, const struct event *e) {
    memcpy(f->word[e->proc], f->word[e->old_proc], sizeof f->word[0]);
    f->alive[e->proc] = true;
}

/* What a file-backed page holds before its first write is the program's affair: the model learns it. */
static void learn(struct flat *f, bool known[PROCESSES][PAGES], const struct event *e, vpn_t page) {
    if (!known[e->proc][page]) f->word[e->proc][page] = e->value;
    known[e->proc][page] = true;
}

struct pair {
    struct flat flat;
    bool known[PROCESSES][PAGES];
};

static void follow(struct pair *p, const struct event *e, uint64_t seed) {
    vpn_t page = va_to_vpn(e->va, 12) - FIRST;
    if (e->kind == EV_FORK_DONE) {
        fork_flat(&p->flat, e);
        memcpy(p->known[e->proc], p->known[e->old_proc], sizeof p->known[0]);
    } else if (e->kind == EV_FRAMES_FREED) {
        p->flat.alive[e->proc] = false;
    } else if (e->kind == EV_MEM_WRITE) {
        p->flat.word[e->proc][page] = e->value;
        p->known[e->proc][page] = true;
    } else if (e->kind == EV_MEM_READ) {
        if (page < PAGES / 2) learn(&p->flat, p->known, e, page);
        if (p->flat.word[e->proc][page] != e->value)
            fail_msg("seed %llu step %llu: process %u reads %llx on page %llu, its memory holds %llx", (unsigned long long)seed,
                     (unsigned long long)e->step, e->proc, (unsigned long long)e->value, (unsigned long long)page,
                     (unsigned long long)p->flat.word[e->proc][page]);
    }
}

static void check_alive(const struct machine *m, const struct flat *f, uint64_t seed) {
    const struct kernel *k = machine_kernel(m);
    for (uint32_t i = 0; i < k->process_count; i++)
        if (k->process[i].alive != f->alive[i]) fail_msg("seed %llu: is process %u alive?", (unsigned long long)seed, i);
}

/* After the last process has ended nothing may be left. */
static void check_empty(const struct machine *m, uint64_t seed) {
    const struct kernel *k = machine_kernel(m);
    for (uint32_t i = 0; i < k->process_count; i++)
        if (k->process[i].alive) return;
    if (k->frames_free != k->config->frames || k->slots_used) fail_msg("seed %llu: frames or slots leak", (unsigned long long)seed);
}

static void run_program(uint64_t seed) {
    static struct drawn p;
    struct machine *m = NULL, *fast = NULL;
    struct diag why;
    struct event e;
    struct pair pair = {.flat = {.alive = {true}}};
    p = (struct drawn){.rng = {seed}};
    draw_machine(&p);
    draw_steps(&p);
    struct step_source *source = step_source_array(p.step, p.count);
    assert_non_null(source);
    assert_int_equal(machine_create(&p.config, source, &m, &why), VS_OK);
    assert_int_equal(machine_create(&p.config, source, &fast, &why), VS_OK);
    while (machine_micro_step(m, &e)) {
        const char *wrong = kernel_inconsistency(machine_kernel(m));
        if (wrong) fail_msg("seed %llu step %llu event %s: %s", (unsigned long long)seed, (unsigned long long)e.step, event_table[e.kind].name, wrong);
        follow(&pair, &e, seed);
    }
    assert_int_equal(machine_status(m), VS_OK);
    check_alive(m, &pair.flat, seed);
    check_empty(m, seed);
    machine_run(fast, UINT64_MAX, NULL);
    if (!machine_equal(m, fast)) fail_msg("seed %llu: micro-steps and a run differ", (unsigned long long)seed);
    machine_free(m);
    machine_free(fast);
    step_source_free(source);
}

/* FLAT_PROGRAMS in the environment asks for more of them. */
static void each_process_sees_one_flat_memory_of_its_own(void **state) {
    const char *more = getenv("FLAT_PROGRAMS");
    unsigned long count = more ? strtoul(more, NULL, 10) : PROGRAMS;
    (void)state;
    for (uint64_t seed = 1; seed <= count; seed++) run_program(seed);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_process_sees_one_flat_memory_of_its_own)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
