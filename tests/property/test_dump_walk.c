/* Page tables written by the simulated kernel, dumped, and walked again: by the library on a copy of
 * nothing but their words, by the machine itself, and by `vmscope walk` on a memory file.
 *
 * What must come out is what the kernel knows: where each page is, and what its region permits. */
#include "json.h"
#include "random_scenario.h"
#include "vmscope/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#ifndef MACHINES
#define MACHINES 300 /* seeds 0..; raise it to hunt: CPPFLAGS=-DMACHINES=5000 */
#endif
#define VISITS_MAX 64 /* addresses looked at in one dump */

static struct random_scenario s;

/* A machine at rest, its tables' words alone, and the addresses to look at. */
struct dump {
    struct machine *m;
    struct ram *ram;
    proc_t proc;
    bool kernel; /* it is the kernel that asks */
    vaddr_t va[VISITS_MAX];
    size_t count;
};

#define CHECK(condition, va)                                                                                 \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            fail_msg("%s, VA 0x%llx: %s", random_scenario_text(&s), (unsigned long long)(va), #condition);   \
    } while (0)

/* ---- dumping ---- */

/* The pages from `first` on hold page tables (and the kernel's own bytes); whatever is 0 need not be told. */
static void each_word(const struct machine *m, void (*tell)(paddr_t addr, uint64_t word, void *to),
                      void *to) {
    const struct paging_format *f = machine_hw(m)->format;
    paddr_t first = pfn_to_pa(kernel_base_pfn(&s.config), f->page_shift),
            end = pfn_to_pa(machine_kernel(m)->table_next, f->page_shift);
    for (paddr_t at = first; at < end; at += f->pte_bytes) {
        uint64_t word = ram_read(machine_hw(m)->ram, at, f->pte_bytes);
        if (word) tell(at, word, to);
    }
}

static void into_ram(paddr_t addr, uint64_t word, void *to) {
    assert_int_equal(ram_write(to, addr, s.config.format.pte_bytes, word), VS_OK);
}

static void into_file(paddr_t addr, uint64_t word, void *to) {
    fprintf(to, "0x%llx: 0x%llx\n", (unsigned long long)addr, (unsigned long long)word);
}

static struct ram *dump_ram(const struct machine *m) {
    unsigned shift = s.config.format.page_shift;
    struct ram *ram = ram_create_sparse(shift, 0, pfn_to_pa(ram_pages(machine_hw(m)->ram), shift) - 1);
    assert_non_null(ram);
    each_word(m, into_ram, ram);
    return ram;
}

/* ---- which addresses ---- */

/* Arm's VAs with bits 63 to 48 alike but bit 47 different are another root's, which a machine with one
 * root does not have. */
static bool of_another_root(vaddr_t va) {
    const struct paging_format *f = &s.config.format;
    return strcmp(f->name, "aarch64") == 0 && !paging_va_exists(f, va) &&
           (va >> 48 == 0 || va >> 48 == 0xffff);
}

static void visit(struct dump *d, vpn_t vpn, struct rng *r) {
    unsigned shift = s.config.format.page_shift;
    vaddr_t va = vpn << shift | rng_below(r, 1u << shift);
    if (d->count < VISITS_MAX && !of_another_root(va)) d->va[d->count++] = va;
}

/* Pages of all regions (of long ones, some), those beside them, and a few anywhere. */
static void choose_addresses(struct dump *d, struct rng *r) {
    const struct process *p = &machine_kernel(d->m)->process[d->proc];
    vpn_t last = paging_last_vpn(&s.config.format);
    d->count = 0;
    for (uint32_t i = 0; i < p->vma_count; i++) {
        const struct vma *v = &p->vma[i];
        vpn_t pages = v->end - v->first, stride = pages > 8 ? pages / 8 : 1;
        for (vpn_t vpn = v->first; vpn < v->end; vpn += stride) visit(d, vpn, r);
        if (v->first > 0) visit(d, v->first - 1, r);
        if (v->end <= last) visit(d, v->end, r);
    }
    for (unsigned i = 0; i < 4; i++) visit(d, (rng_next(r) & last) >> rng_below(r, 20), r);
}

/* ---- what must come out ---- */

struct want {
    enum hw_fault fault; /* also right where software sets A and D: HW_FAULT_BITS for HW_FAULT_NONE */
    paddr_t pa;
};

/* A format without R, W or X bits cannot forbid it. */
static bool format_forbids(unsigned perms, enum access_kind op) {
    static const enum pte_flag flag[ACCESS_KINDS] = {
        [ACCESS_READ] = PTE_R, [ACCESS_WRITE] = PTE_W, [ACCESS_FETCH] = PTE_X};
    if (op == ACCESS_READ && ((perms & PERM_W) || ((s.config.mode & MODE_MXR) && (perms & PERM_X))))
        return false;
    return paging_has(&s.config.format, flag[op]) && !(perms & access_needs(op));
}

/* A user program's access, by the kernel's own knowledge of the page. */
static struct want want_of(const struct dump *d, vaddr_t va, enum access_kind op) {
    const struct paging_format *f = &s.config.format;
    vpn_t vpn = va_to_vpn(va, f->page_shift);
    const struct vma *v = vma_find(&machine_kernel(d->m)->process[d->proc], vpn);
    if (!paging_va_exists(f, va)) return (struct want){HW_FAULT_RANGE, 0};
    if (v && v->kind == VMA_KERNEL)
        return (struct want){
            pagetable_at(machine_kernel(d->m), d->proc, vpn).valid ? HW_FAULT_DENIED : HW_FAULT_NOT_VALID, 0};
    if (!v || vma_page_state(v, vpn) != PAGE_RESIDENT) return (struct want){HW_FAULT_NOT_VALID, 0};
    if (format_forbids(v->perms, op)) return (struct want){HW_FAULT_DENIED, 0};
    return (struct want){HW_FAULT_NONE,
                         pfn_to_pa(vma_page_where(v, vpn), f->page_shift) | (va & low_bits(f->page_shift))};
}

static struct walk walk_in(const struct dump *d, const struct ram *ram, vaddr_t va, enum access_kind op) {
    const struct process *p = &machine_kernel(d->m)->process[d->proc];
    struct mmu_regs regs = {.root = p->root, .asid = p->asid, .mode = s.config.mode};
    struct walk w;
    walk_begin(&w, &s.config.format, &regs, va, op, !d->kernel);
    for (unsigned i = 0; !w.done && i < 100; i++) walk_level(&w, &s.config.format, ram);
    CHECK(w.done, va);
    return w;
}

static bool bits_instead(const struct walk *w) {
    return w->fault == HW_FAULT_BITS && !s.config.format.hardware_ad;
}

static void check_walk(const struct dump *d, vaddr_t va, enum access_kind op) {
    struct want want = want_of(d, va, op);
    struct walk w = walk_in(d, d->ram, va, op), live = walk_in(d, machine_hw(d->m)->ram, va, op);
    CHECK(w.fault == live.fault && w.pa == live.pa && w.word == live.word && w.reads == live.reads, va);
    bool arm_order =
        bits_instead(&w) && want.fault == HW_FAULT_DENIED; /* Arm looks at AF before permissions */
    CHECK(w.fault == want.fault || (bits_instead(&w) && want.fault == HW_FAULT_NONE) || arm_order, va);
    if (w.fault == HW_FAULT_NONE) CHECK(w.pa == want.pa, va);
}

/* ---- the machine itself ---- */

/* A copy of the machine that makes this one access next. */
static struct machine *access_now(const struct dump *d, vaddr_t va, enum access_kind op,
                                  struct step_source **branch) {
    struct step step = {.va = va, .proc = d->proc, .kind = STEP_ACCESS, .op = (uint8_t)op, .size = 1};
    struct machine *m = machine_clone(d->m);
    *branch = step_source_branch(s.source, machine_steps_done(d->m), &step, 1);
    if (!m || !*branch || machine_set_source(m, *branch) != VS_OK) fail_msg("no memory");
    do CHECK(machine_micro_step(m, NULL), va);
    while (!machine_between_steps(m));
    return m;
}

/* A first write through a clean entry of a TLB that software refills asks the kernel, which may know better
 * than a format that cannot forbid writing. */
static bool kernel_refuses(const struct dump *d, vaddr_t va, enum access_kind op) {
    const struct vma *v =
        vma_find(&machine_kernel(d->m)->process[d->proc], va_to_vpn(va, s.config.format.page_shift));
    return s.config.software_refill && op == ACCESS_WRITE && !(v->perms & PERM_W);
}

static void check_access(const struct dump *d, vaddr_t va, enum access_kind op) {
    struct walk w = walk_in(d, d->ram, va, op);
    struct step_source *branch = NULL;
    unsigned count = 0;
    struct machine *m = access_now(d, va, op, &branch);
    const struct translation *t = machine_translations(m, &count);
    CHECK(count == 1, va);
    if (w.fault == HW_FAULT_NONE) {
        bool refused = t->fault == FAULT_SEGV_ACCESS && kernel_refuses(d, va, op);
        CHECK(refused || (t->done && t->pa == w.pa), va);
        CHECK(refused || t->fault == FAULT_NONE || t->fault == FAULT_MINOR_BIT,
              va); /* clean, in such a TLB */
    } else if (w.fault == HW_FAULT_RANGE) {
        CHECK(t->fault == FAULT_SEGV_NONCANONICAL || t->fault == FAULT_SEGV_MAP, va);
    } else if (w.fault == HW_FAULT_BITS) {
        CHECK(t->fault == FAULT_MINOR_BIT || t->fault == FAULT_SEGV_ACCESS, va);
    } else if (w.fault == HW_FAULT_DENIED) {
        CHECK(t->fault == FAULT_SEGV_ACCESS, va);
    } else {
        CHECK(t->fault != FAULT_NONE && t->fault != FAULT_MINOR_BIT, va);
    }
    machine_free(m);
    step_source_free(branch);
}

/* ---- at several moments of a run ---- */

static void for_each_dump(uint64_t seed, void (*look)(struct dump *d, struct rng *r)) {
    struct rng r = {seed};
    random_scenario(&s, seed, 0, NULL);
    struct dump d = {.m = random_scenario_machine(&s)};
    for (uint64_t until = s.count / 4; until <= s.count; until += s.count / 4 + 1) {
        machine_run(d.m, until - machine_steps_done(d.m), NULL);
        d.ram = dump_ram(d.m);
        for (d.proc = 0; d.proc < s.config.process_count; d.proc++) {
            if (!machine_kernel(d.m)->process[d.proc].alive) continue;
            choose_addresses(&d, &r);
            look(&d, &r);
        }
        ram_free(d.ram);
    }
    machine_free(d.m);
    random_scenario_free(&s);
}

static void walk_all(struct dump *d, struct rng *r) {
    (void)r;
    for (size_t i = 0; i < d->count; i++)
        for (unsigned op = 0; op < ACCESS_KINDS; op++) check_walk(d, d->va[i], (enum access_kind)op);
}

/* A page that leaves before the access, unasked, is still in the dump. */
static bool pages_leave_unasked(const struct dump *d) {
    const struct policy_ops *ops = policy_ops(kernel_policy(machine_kernel(d->m)));
    return ops->leave && !ops->leaves_at_faults;
}

static void access_some(struct dump *d, struct rng *r) {
    if (pages_leave_unasked(d)) return;
    for (unsigned i = 0; i < 4 && d->count; i++)
        check_access(d, d->va[rng_below(r, (uint32_t)d->count)],
                     (enum access_kind)rng_below(r, ACCESS_KINDS));
}

static void a_walk_of_the_dumped_tables_finds_what_the_kernel_knows(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < MACHINES; seed++) for_each_dump(seed, walk_all);
}

static void an_access_of_the_machine_ends_as_the_walk_of_the_dump_says(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < MACHINES; seed++) for_each_dump(seed, access_some);
}

/* ---- through the program ---- */

static char memory_path[] = "/tmp/vmscope-dump-memory-XXXXXX",
            result_path[] = "/tmp/vmscope-dump-result-XXXXXX";
static uint64_t walked;  /* addresses, through the program */
static uint32_t formats; /* bit i: of paging_formats[i] there were some */

static int make_files(void **state) {
    (void)state;
    int memory = mkstemp(memory_path), result = mkstemp(result_path);
    if (memory >= 0) close(memory);
    if (result >= 0) close(result);
    return memory >= 0 && result >= 0 ? 0 : -1;
}

static int remove_files(void **state) {
    (void)state;
    unlink(memory_path);
    unlink(result_path);
    return 0;
}

/* Can the options of `vmscope walk` say this format? A toy's PTE is a valid bit and a PFN there, and only
 * RISC-V has a choice of who sets A and D (--ad). */
static bool can_be_said(const struct paging_format *f) {
    bool toy = strcmp(f->name, "custom") == 0 || strcmp(f->name, "linear") == 0;
    if (toy) return paging_flags(f) == PTE_BIT(PTE_V) && f->leaf_levels == 1;
    return f->hardware_ad == paging_by_name(f->name)->hardware_ad || strncmp(f->name, "sv", 2) == 0;
}

static void say_toy(struct text *t, const struct paging_format *f) {
    text_addf(t, " --page=%u --pte-bytes=%u --valid-bit=%d --pfn-bits=%u-%u --levels=", 1u << f->page_shift,
              f->pte_bytes, f->flag_bit[PTE_V], f->pfn_bit, f->pfn_bit + f->pfn_bits - 1);
    for (unsigned l = f->levels; l-- > 0;) text_addf(t, "%u%s", f->index_bits[l], l ? "," : "");
}

static void say_mode(struct text *t, const struct paging_format *f) {
    unsigned mode = s.config.mode;
    if (strncmp(f->name, "sv", 2) == 0)
        text_addf(t, " --ad=%s --sum=%d --mxr=%d", f->hardware_ad ? "svadu" : "svade", (mode & MODE_SUM) != 0,
                  (mode & MODE_MXR) != 0);
    if (strncmp(f->name, "x86", 3) == 0)
        text_addf(t, " --nxe --pse --wp=%d --smep=%d --smap=%d --ac=%d", (mode & MODE_WP) != 0,
                  (mode & MODE_SMEP) != 0, (mode & MODE_SMAP) != 0, (mode & MODE_AC) != 0);
}

static void say_all(struct text *t, const struct dump *d, enum access_kind op) {
    static const char *const access[ACCESS_KINDS] = {"load", "store", "fetch"};
    const struct paging_format *f = &s.config.format;
    const struct process *p = &machine_kernel(d->m)->process[d->proc];
    const char *program = getenv("VMSCOPE");
    text_addf(
        t,
        "'%s' walk --format=json --memory=%s --paging=%s --root=0x%llx --access=%s --priv=%s --ram=0-0x%llx",
        program ? program : "build/vmscope", memory_path, f->name, (unsigned long long)p->root, access[op],
        d->kernel ? "s" : "u",
        (unsigned long long)pfn_to_pa(ram_pages(machine_hw(d->m)->ram), f->page_shift));
    if (f->shape == SHAPE_HASHED) text_addf(t, " --asid=%u", p->asid);
    if (strcmp(f->name, "custom") == 0 || strcmp(f->name, "linear") == 0) say_toy(t, f);
    say_mode(t, f);
    for (size_t i = 0; i < d->count; i++) text_addf(t, " 0x%llx", (unsigned long long)d->va[i]);
    assert_false(t->cut);
}

/* What it prints is an array with an object a line: one record each. */
static struct json_file *run(const char *command) {
    char line[8192];
    FILE *out = popen(command, "r"), *kept = fopen(result_path, "w");
    if (!out || !kept) fail_msg("cannot run %s", command);
    while (fgets(line, sizeof line, out)) {
        line[strcspn(line, "\n")] = '\0';
        size_t n = strlen(line);
        if (n && line[n - 1] == ',') line[n - 1] = '\0';
        if (line[0] == '{') fprintf(kept, "%s\n", line);
    }
    fclose(kept);
    if (pclose(out) != 0) fail_msg("it failed: %s", command);
    return json_load(result_path);
}

/* A and D that the walk writes back are in the program's answer, and nothing else. */
static void check_writes(struct json got, struct walk *w, struct ram *scratch) {
    struct walk_write write;
    size_t writes = 0;
    for (; w->fault == HW_FAULT_NONE && walk_next_write(w, &s.config.format, &write); writes++) {
        char address[32];
        struct text t = text_in(address, sizeof address);
        text_addf(&t, "0x%llx", (unsigned long long)write.addr);
        CHECK(json_number(json_get(got, address), 0) == write.word, w->va);
        assert_int_equal(walk_write(w, &s.config.format, scratch, &write), VS_OK);
    }
    CHECK(json_length(got) == writes, w->va);
}

static void check_answer(const struct dump *d, struct json got, vaddr_t va, enum access_kind op) {
    struct walk w = walk_in(d, d->ram, va, op);
    struct ram *scratch = ram_clone(d->ram);
    assert_non_null(scratch);
    CHECK(json_number(json_get(got, "va"), ~va) == va, va);
    CHECK(json_length(json_get(got, "levels")) == w.reads, va);
    if (w.fault == HW_FAULT_NONE) {
        CHECK(json_kind(json_get(got, "fault")) == JSON_NULL, va);
        CHECK(json_number(json_get(got, "pa"), ~w.pa) == w.pa, va);
    } else {
        CHECK(json_kind(json_get(got, "pa")) == JSON_NULL, va);
        CHECK(json_is(json_get(json_get(got, "fault"), "class"), walk_report(&w, &s.config.format).class),
              va);
    }
    check_writes(json_get(got, "pte_writes"), &w, scratch);
    ram_free(scratch);
}

static void walk_by_program(struct dump *d, struct rng *r) {
    char command[4096];
    struct text t = text_in(command, sizeof command);
    enum access_kind op = (enum access_kind)rng_below(r, ACCESS_KINDS);
    if (!can_be_said(&s.config.format)) return;
    d->kernel = rng_below(r, 3) == 0;
    FILE *memory = fopen(memory_path, "w");
    assert_non_null(memory);
    each_word(d->m, into_file, memory);
    fclose(memory);
    say_all(&t, d, op);
    struct json_file *f = run(command);
    if (json_count(f) != d->count) fail_msg("%zu answers, not %zu: %s", json_count(f), d->count, command);
    for (size_t i = 0; i < d->count; i++) check_answer(d, json_record(f, i), d->va[i], op);
    walked += d->count;
    for (unsigned i = 0; paging_formats[i]; i++)
        if (strcmp(paging_formats[i]->name, s.config.format.name) == 0) formats |= 1u << i;
    json_free(f);
}

static void vmscope_walk_gives_the_same_answers_for_a_memory_file(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < MACHINES; seed++) for_each_dump(seed, walk_by_program);
    unsigned kinds = 0;
    for (uint32_t left = formats; left; left &= left - 1) kinds++;
    assert_true(walked >= 5000);
    assert_true(kinds >= 11); /* all that random machines have */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_walk_of_the_dumped_tables_finds_what_the_kernel_knows),
        cmocka_unit_test(an_access_of_the_machine_ends_as_the_walk_of_the_dump_says),
        cmocka_unit_test_setup_teardown(vmscope_walk_gives_the_same_answers_for_a_memory_file, make_files,
                                        remove_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
