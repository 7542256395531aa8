/* Random programs of calls and accesses by several processes, beside the simplest model of what
 * they see (support/flat.h): every word read, every access refused; and after every micro-step
 * the accounts hold. Design 3, "Bytes", "OS", "Swap". FLAT_PROGRAMS in the environment asks for
 * more programs, FLAT_SEED for one of them, told step by step. */
#include "flat.h"

#include "vmscope/base/memory.h"
#include "vmscope/base/rng.h"
#include "vmscope/base/text.h"
#include "vmscope/sim/narrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { STEPS = 90, PROGRAMS = 300, FIRST = 0x1000, HEAP = FIRST + 8, AREA = FIRST + 40, AREA_PAGES = 24, NAMES = 4 };

struct program {
    struct rng rng;
    struct machine_config config;
    struct region_config regions[2][2];
    struct process_config process, image;
    struct fork_config forks[FLAT_PROCESSES - 1];
    char names[NAMES][NAME_SIZE];
    struct call_config call[STEPS];
    struct step step[STEPS];
    size_t count;
    bool tight; /* forks that fight for few pages in fewer frames: what is shared goes to swap and comes back */
};

static uint32_t below(struct program *p, uint32_t n) { return rng_below(&p->rng, n); }

/* ---- a random machine ---- */

static void draw_kernel(struct program *p, struct machine_config *c) {
    c->profile = below(p, 2) ? PROFILE_LINUX : PROFILE_TEXTBOOK;
    c->tables_in_frames = below(p, 4) == 0;
    c->frames = (c->tables_in_frames ? 10 : 3) + below(p, below(p, 2) ? 5 : 22);
    c->swap_slots = below(p, 3) ? SWAP_UNLIMITED : below(p, 30);
    c->regions_max = below(p, 4) ? REGIONS_MAX : 3 + below(p, 6);
    c->guard_pages = below(p, 3);
    if (below(p, 3) == 0) c->working_set_window = 1 + below(p, 20);
    c->load_control = c->working_set_window && below(p, 2);
    c->scope = below(p, 4) == 0 ? SCOPE_LOCAL : SCOPE_GLOBAL;
    c->allocation = c->scope == SCOPE_LOCAL && below(p, 2) ? ALLOCATION_PROPORTIONAL : ALLOCATION_EQUAL;
    if (c->scope == SCOPE_GLOBAL && below(p, 3) == 0) {
        c->free_low = 1 + below(p, c->frames / 2);
        c->free_high = c->free_low + below(p, c->frames - c->free_low);
    }
}

static void draw_machine(struct program *p) {
    static const char *const formats[] = {"sv32", "sv39", "x86-32", "x86-64", "aarch64", "sv48"};
    struct machine_config *c = &p->config;
    size_t policies = 0;
    while (policy_table[policies]) policies++;
    machine_config_default(c);
    c->format = *paging_by_name(formats[below(p, 6)]);
    if (below(p, 3) == 0 && c->format.flag_bit[PTE_A] >= 0) c->format.hardware_ad = false;
    draw_kernel(p, c);
    p->tight = below(p, 5) == 0;
    if (p->tight) c->swap_slots = SWAP_UNLIMITED;
    c->policy.name = policy_table[below(p, (uint32_t)policies)]->name;
    c->policy.frames = c->frames;
    c->policy.load_referenced = below(p, 2);
    c->tlb = (struct tlb_config){.entries = below(p, 4) ? 4 : 0, .ways = below(p, 2) ? 4 : 1, .replacement = TLB_LRU, .asid = below(p, 2)};
    c->software_refill = c->tlb.entries && below(p, 4) == 0;
}

static void lay_out(struct program *p, struct process_config *to, unsigned i, const char *name) {
    p->regions[i][0] = (struct region_config){.kind = VMA_DATA, .backing = BACKING_FILE, .perms = PERM_R | PERM_W, .first = FIRST,
                                              .pages = 4, .limit = 4, .name = "data"};
    p->regions[i][1] = (struct region_config){.kind = VMA_HEAP, .backing = BACKING_ANON, .perms = PERM_R | PERM_W,
                                              .first = HEAP, .pages = 3 + i, .limit = 3 + i, .name = "heap"};
    *to = (struct process_config){.regions = p->regions[i], .region_count = 2};
    struct text t = text_in(to->name, sizeof to->name);
    text_add(&t, name);
}

static void draw_processes(struct program *p) {
    struct machine_config *c = &p->config;
    lay_out(p, &p->process, 0, "A");
    lay_out(p, &p->image, 1, "prog");
    c->processes = &p->process;
    c->process_count = 1;
    c->images = &p->image;
    c->image_count = 1;
    c->forks = p->forks;
    c->fork_count = FLAT_PROCESSES - 1;
    for (unsigned i = 0; i + 1 < FLAT_PROCESSES; i++) p->forks[i].name[0] = (char)('B' + i);
    for (unsigned i = 0; i < NAMES; i++) p->names[i][0] = (char)('u' + i);
    c->names = p->names;
    c->name_count = NAMES;
    c->calls = p->call;
}

/* ---- a random program ---- */

static unsigned draw_perms(struct program *p) {
    static const unsigned perms[] = {PERM_R | PERM_W, PERM_R | PERM_W, PERM_R, 0, PERM_R | PERM_X};
    return perms[below(p, 5)];
}

static vpn_t draw_page(struct program *p) {
    uint32_t where = p->tight ? 1 : below(p, 4);
    if (where == 0) return FIRST + below(p, 4);
    return where == 1 ? HEAP + below(p, p->tight ? 4 : 8) : AREA + below(p, AREA_PAGES);
}

/* An address in the fixed areas, or in a mapping by its name. */
static void draw_place(struct program *p, struct step *s) {
    s->va = vpn_to_va(draw_page(p), 12);
    if (p->tight || below(p, 3)) return;
    s->name = (uint16_t)(1 + below(p, NAMES));
    s->va = vpn_to_va(below(p, 6), 12);
}

static void draw_mmap(struct program *p, struct call_config *call, struct step *s) {
    bool file = below(p, 3) == 0;
    call->name = (uint16_t)(1 + below(p, NAMES));
    call->length = vpn_to_va(1 + below(p, 8), 12) - (below(p, 4) == 0 ? 100 : 0);
    call->perms = (uint8_t)draw_perms(p);
    call->flags = (uint8_t)((below(p, 3) == 0 ? CALL_SHARED : 0) | (below(p, 4) == 0 ? CALL_POPULATE : 0) | (file && below(p, 3) == 0 ? CALL_CACHED : 0));
    if (file) call->file[0] = (char)('f' + below(p, 2));
    call->file_page = file ? below(p, 4) : 0;
    *s = (struct step){.kind = STEP_CALL, .proc = s->proc};
    if (below(p, 3) == 0) return;
    call->flags |= CALL_FIXED;
    s->va = vpn_to_va(AREA + below(p, AREA_PAGES), 12);
}

static void draw_call(struct program *p, struct step *s) {
    struct call_config *call = &p->call[p->config.call_count];
    *call = (struct call_config){.kind = (uint8_t)below(p, CALL_KINDS)};
    proc_t who = s->proc;
    *s = (struct step){.kind = STEP_CALL, .proc = who, .value = p->config.call_count++};
    if (call->kind == CALL_EXEC && below(p, 3)) call->kind = CALL_MMAP;
    uint64_t value = s->value;
    if (call->kind == CALL_MMAP) {
        draw_mmap(p, call, s);
        s->value = value;
        return;
    }
    draw_place(p, s);
    call->image = (uint16_t)below(p, 2);
    call->perms = (uint8_t)draw_perms(p);
    call->advice = (uint8_t)below(p, ADVICES);
    if (below(p, 3)) call->length = vpn_to_va(1 + below(p, 6), 12);
    if (call->kind == CALL_MREMAP) call->length = vpn_to_va(1 + below(p, 10), 12);
    if (call->kind != CALL_BRK) return;
    s->name = 0;
    s->va = vpn_to_va(HEAP + below(p, 12), 12) + below(p, 2) * 100;
    if (call->length && below(p, 2)) call->flags = CALL_DOWN;
}

static void draw_access(struct program *p, struct step *s) {
    *s = (struct step){.kind = STEP_ACCESS, .proc = s->proc, .size = 8, .op = ACCESS_READ};
    draw_place(p, s);
    if (below(p, 2)) return;
    s->op = ACCESS_WRITE;
    s->flags = STEP_HAS_VALUE;
    s->value = rng_next(&p->rng);
}

static void draw_steps(struct program *p) {
    for (p->count = 0; p->count < STEPS; p->count++) {
        struct step *s = &p->step[p->count];
        uint32_t kind = below(p, 44);
        if (p->tight && kind >= 3 && kind < 17) kind = 43;
        *s = (struct step){.proc = below(p, 3) ? PROC_NONE : (proc_t)below(p, FLAT_PROCESSES)};
        if (kind < 3) *s = (struct step){.kind = STEP_FORK, .proc = s->proc, .value = 1 + below(p, FLAT_PROCESSES - 1)};
        else if (kind == 3) *s = (struct step){.kind = STEP_EXIT, .proc = s->proc};
        else if (kind == 4) *s = (struct step){.kind = STEP_SUSPEND, .proc = (proc_t)below(p, FLAT_PROCESSES)};
        else if (kind == 5) *s = (struct step){.kind = STEP_RESUME, .proc = (proc_t)below(p, FLAT_PROCESSES)};
        else if (kind < 18) draw_call(p, s);
        else draw_access(p, s);
    }
}

/* ---- the model beside the machine ---- */

static void tell(const struct machine *m, const struct event *e) {
    char buf[600] = "";
    struct text t = text_in(buf, sizeof buf);
    narrate_event(&t, m, e, TERM_DEFAULT);
    print_message("%3llu.%-2u %s\n", (unsigned long long)e->step, e->micro, buf);
}

static void no_leaks(const struct machine *m, uint64_t seed) {
    const struct kernel *k = machine_kernel(m);
    uint32_t kept = k->config->profile == PROFILE_LINUX ? k->idle_frames : 0;
    for (uint32_t i = 0; i < k->process_count; i++)
        if (k->process[i].alive) return;
    if (k->frames_free + kept != k->config->frames || k->slots_used || k->tables)
        fail_msg("seed %llu (profile %d, idle %u): %u frames of %u free, %u slots, %u tables are left", (unsigned long long)seed, (int)k->config->profile, k->idle_frames, k->frames_free,
                 k->config->frames, k->slots_used, k->tables);
}

static bool happened[EV_COUNT];

static void play(struct machine *m, uint64_t seed, const struct machine_config *c, bool told) {
    static struct flat flat;
    struct event e;
    flat_begin(&flat, c);
    while (machine_micro_step(m, &e)) {
        if (told) tell(m, &e);
        happened[e.kind] = true;
        const char *wrong = kernel_inconsistency(machine_kernel(m));
        if (!wrong) wrong = flat_follow(&flat, m, &e);
        if (wrong)
            fail_msg("seed %llu step %llu event %s: %s (FLAT_SEED tells it)", (unsigned long long)seed, (unsigned long long)e.step,
                     event_table[e.kind].name, wrong);
    }
    assert_int_equal(machine_status(m), VS_OK);
    const char *wrong = flat_compare(&flat, m);
    if (wrong) fail_msg("seed %llu: %s", (unsigned long long)seed, wrong);
}

/* A copy taken in mid-call goes on as the original does. */
static void play_copy(struct machine *m, struct machine *end, uint64_t seed, struct program *p) {
    for (uint32_t n = below(p, 300); n > 0 && machine_micro_step(m, NULL);) n--;
    struct machine *copy = machine_clone(m);
    assert_non_null(copy);
    if (!machine_equal(m, copy)) fail_msg("seed %llu: a copy differs from its original", (unsigned long long)seed);
    machine_run(copy, UINT64_MAX, NULL);
    if (!machine_equal(copy, end)) fail_msg("seed %llu: micro-steps, and a run from a copy, differ", (unsigned long long)seed);
    machine_free(copy);
}

static void run_program(uint64_t seed, bool told) {
    static struct program p;
    struct machine *m = NULL, *again = NULL;
    struct diag why;
    memset(&p, 0, sizeof p);
    p.rng = (struct rng){seed};
    draw_machine(&p);
    draw_processes(&p);
    draw_steps(&p);
    struct step_source *source = step_source_array(p.step, p.count);
    assert_non_null(source);
    if (machine_create(&p.config, source, &m, &why) != VS_OK) fail_msg("seed %llu: %s", (unsigned long long)seed, why.text);
    assert_int_equal(machine_create(&p.config, source, &again, &why), VS_OK);
    play(m, seed, &p.config, told);
    no_leaks(m, seed);
    play_copy(again, m, seed, &p);
    machine_free(m);
    machine_free(again);
    step_source_free(source);
}

static void each_process_sees_what_its_calls_made(void **state) {
    const char *more = getenv("FLAT_PROGRAMS"), *one = getenv("FLAT_SEED");
    unsigned long count = more ? strtoul(more, NULL, 10) : PROGRAMS;
    (void)state;
    if (one) run_program(strtoul(one, NULL, 10), true);
    for (uint64_t seed = 1; !one && seed <= count; seed++) run_program(seed, false);
}

/* Of no use is a comparison that never meets what it compares. */
static void the_programs_met_everything_that_calls_can_do(void **state) {
    static const enum event_kind must[] = {
        EV_CALL_DONE,     EV_CALL_FAILED, EV_MAPPED,       EV_REGION_CUT,  EV_REGION_JOINED,  EV_REGION_GROWN,  EV_REGION_MOVED,
        EV_UNMAPPED,      EV_PROTECTED,   EV_ADVISED_AWAY, EV_ADVISED_FREE, EV_LOCKED,        EV_UNLOCKED,      EV_FILE_CACHED,
        EV_EXEC_LEAVE,    EV_EXEC,        EV_ZERO_SHARE,   EV_ZERO_COPY,   EV_SHARE,          EV_SHARE_SWAP,    EV_IDLE_VICTIM,
        EV_FILE_WRITE,    EV_KSWAPD_WAKES, EV_KSWAPD_SLEEPS, EV_KSWAPD_STUCK, EV_SUSPEND,     EV_SUSPENDED,     EV_RESUME,
        EV_FORK_DONE,     EV_COW_COPY,    EV_COW_REUSE,    EV_SWAP_READ,   EV_SWAP_WRITE,     EV_FILE_READ,     EV_OOM,
        EV_TABLE_NEW,     EV_SIGSEGV,     EV_THRASHING,   EV_THRASHING_OVER, EV_CONTROL_OUT, EV_CONTROL_IN};
    (void)state;
    if (getenv("FLAT_SEED")) skip();
    for (size_t i = 0; i < sizeof must / sizeof must[0]; i++)
        if (!happened[must[i]]) fail_msg("event %s never came", event_table[must[i]].name);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_process_sees_what_its_calls_made),
                                       cmocka_unit_test(the_programs_met_everything_that_calls_can_do)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
