/* compare.c - does vmscope's walk do what a virtual machine's MMU does?
 *
 * Every access of a plan is made twice: by the virtual machine's MMU, with real loads,
 * stores and fetches, and by vmscope's walk over the same tables. Number and address of
 * a trap, the word loaded or fetched, the place of a store and every PTE written back
 * must be equal. Both run through the list in one order, so what one access changes, the
 * next one meets.
 */
#include "machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct machine machines[] = {
    {&riscv_arch, "qemu-system-riscv64", "rv64,svnapot=off,svpbmt=off", true, {"sv39", "sv48", "sv57", NULL}, 39},
    {&riscv_arch, "qemu-system-riscv32", "rv32,svnapot=off,svpbmt=off", false, {"sv32", NULL}, 32},
    {&x86_arch, "qemu-system-x86_64", "max", true, {"x86-64", "x86-64", "x86-64 NXE=0", NULL}, 64},
    {&x86_arch, "qemu-system-x86_64", "max", true, {"x86-64-la57", "x86-64-la57", "x86-64-la57 NXE=0", NULL}, 57},
    {&x86_arch, "qemu-system-x86_64", "max", false, {"x86-32", "x86-32 NXE=1", "x86-32 PSE=0", NULL}, 86}};
#define MACHINES (sizeof machines / sizeof *machines)

/* ---- what vmscope says ---- */

static void add_change(struct outcome *o, paddr_t pa, uint32_t word) {
    if (o->changes < CHANGES_MAX) o->change[o->changes] = (struct change){pa, word};
    o->changes++;
}

/* The walk's write-backs, in words of 32 bits. */
static bool write_back(struct walk *w, const struct paging_format *f, struct ram *ram, struct outcome *o) {
    struct walk_write write;
    while (walk_next_write(w, f, &write)) {
        if (walk_write(w, f, ram, &write) != VS_OK) return false;
        uint64_t differ = write.old ^ write.word;
        if ((uint32_t)differ) add_change(o, write.addr, (uint32_t)write.word);
        if (differ >> 32) add_change(o, write.addr + 4, (uint32_t)(write.word >> 32));
    }
    return true;
}

/* The access itself, when nothing stands in its way. */
static bool use_page(const struct arch *arch, const struct access *a, paddr_t pa, struct ram *ram,
                     struct outcome *o) {
    arch->done(a, (uint32_t)ram_read(ram, pa, 4), o);
    if (a->op != ACCESS_WRITE) return true;
    add_change(o, pa, a->value);
    return ram_write(ram, pa, 4, a->value) == VS_OK;
}

/* False: no memory. */
static bool by_vmscope(const struct arch *arch, const struct plan *p, size_t i, struct walk *w, struct outcome *o) {
    const struct access *a = &p->access[i];
    const struct paging_format *f = a->tree->format;
    struct mmu_regs regs = {.root = a->root, .mode = a->mode};
    memset(o, 0, sizeof *o);
    walk_begin(w, f, &regs, a->va, a->op, a->user);
    while (!w->done) walk_level(w, f, p->ram);
    if (w->leaf && !write_back(w, f, p->ram, o)) return false;
    if (w->fault == HW_FAULT_NONE) return use_page(arch, a, w->pa, p->ram, o);
    arch->trapped(a, w, f, o);
    return true;
}

/* Where the architecture leaves open whether a walk that ends in a fault sets A in the entries
 * that it has read, what QEMU did becomes right. False: no memory. */
static bool accept_accessed(const struct arch *arch, const struct plan *p, const struct walk *w,
                            const struct outcome *qemu, struct outcome *o) {
    for (size_t i = 0; arch->accessed && w->fault && i < qemu->changes && i < CHANGES_MAX; i++) {
        const struct change *c = &qemu->change[i];
        for (uint32_t r = 0; r < w->reads && r < WALK_READS_MAX; r++) {
            if (w->read[r].addr != c->pa || c->word != ((uint32_t)w->read[r].word | arch->accessed)) continue;
            add_change(o, c->pa, c->word);
            if (ram_write(p->ram, c->pa, 4, c->word) != VS_OK) return false;
        }
    }
    return true;
}

/* ---- comparing ---- */

/* Both in any order. */
static bool same_changes(const struct outcome *a, const struct outcome *b) {
    if (a->changes != b->changes || a->changes > CHANGES_MAX) return false;
    for (size_t i = 0; i < a->changes; i++) {
        bool found = false;
        for (size_t k = 0; k < b->changes; k++)
            found |= a->change[i].pa == b->change[k].pa && a->change[i].word == b->change[k].word;
        if (!found) return false;
    }
    return true;
}

static bool same(const struct outcome *a, const struct outcome *b) {
    return a->cause == b->cause && a->tval == b->tval && a->value == b->value && same_changes(a, b);
}

static bool table_outside(const struct walk *w) { return w->fault == HW_FAULT_BUS && !w->leaf; }

static bool malformed(const struct walk *w) { return w->fault == HW_FAULT_MALFORMED; }

static struct outcome as_page_fault(struct outcome o) {
    static const uint64_t cause[ACCESS_KINDS][2] = {{5, 13}, {7, 15}, {1, 12}};
    for (size_t i = 0; i < ACCESS_KINDS; i++)
        if (o.cause == cause[i][0]) o.cause = cause[i][1];
    return o;
}

static struct outcome without_p(struct outcome o) {
    o.cause &= ~UINT64_C(1);
    return o;
}

/* Where QEMU (7.2) leaves the manual, and how; all else must be equal. */
static const struct known {
    const struct arch *arch;
    bool (*applies)(const struct walk *w);
    struct outcome (*qemu)(struct outcome o); /* what it makes of the right outcome */
    const char *what;
} known[] = {
    {&riscv_arch, table_outside, as_page_fault,
     "a page table outside RAM: the manual wants an access fault, QEMU raises a page fault"},
    {&x86_arch, malformed, without_p,
     "a reserved bit: the manual wants P=1 in the error code with RSVD=1, QEMU gives P=0"}};
#define KNOWN (sizeof known / sizeof *known)

struct tally {
    size_t compared, agree, pages, known[KNOWN];
};

/* Counts it; false: it is neither equal nor known. */
static bool judge(struct tally *n, const struct arch *arch, const struct walk *w, const struct outcome *ours,
                  const struct outcome *qemu) {
    n->compared++;
    n->pages += w->fault == HW_FAULT_NONE;
    if (same(ours, qemu)) {
        n->agree++;
        return true;
    }
    for (size_t i = 0; i < KNOWN; i++) {
        if (known[i].arch != arch || !known[i].applies(w)) continue;
        struct outcome as_qemu = known[i].qemu(*ours);
        if (!same(&as_qemu, qemu)) continue;
        n->known[i]++;
        return true;
    }
    return false;
}

/* ---- telling ---- */

static void print_outcome(const char *who, const struct outcome *o) {
    printf("    %-8s cause 0x%" PRIx64 ", at 0x%" PRIx64 ", value 0x%08" PRIx32, who, o->cause, o->tval, o->value);
    for (size_t i = 0; i < o->changes && i < CHANGES_MAX; i++)
        printf(", [0x%" PRIx64 "] = 0x%08" PRIx32, o->change[i].pa, o->change[i].word);
    if (o->changes > CHANGES_MAX) printf(", and more: %zu words changed", o->changes);
    putchar('\n');
}

static void print_access(const struct arch *arch, const struct access *a, size_t i) {
    printf("DIFFERENT %s access %zu: %s of 0x%" PRIx64 " in %s mode,", a->tree->format->name, i, access_name(a->op),
           a->va, a->user ? "user" : "supervisor");
    for (const struct mode_name *m = arch->modes; m->mode; m++)
        printf(" %s=%d", m->name, (a->mode & m->mode) != 0);
    printf(", root 0x%" PRIx64 "\n", a->root);
}

static void print_difference(const struct walk *w, const struct outcome *ours, const struct outcome *qemu) {
    for (uint32_t r = 0; r < w->reads && r < WALK_READS_MAX; r++)
        printf("    level %u: PTE at 0x%" PRIx64 " = 0x%" PRIx64 "\n", w->read[r].level, w->read[r].addr,
               w->read[r].word);
    printf("    walk: %s%s%s, level %u, PA 0x%" PRIx64 "\n", hw_fault_name((enum hw_fault)w->fault),
           w->failed ? ": " : "", w->failed ? w->failed->why : "", w->level, w->pa);
    print_outcome("vmscope", ours);
    print_outcome("QEMU", qemu);
}

/* The access that an outcome of equal number belongs to; false: QEMU ended early, or no memory. */
static bool compare_all(const struct machine *m, const struct plan *p, FILE *qemu, struct tally *n) {
    for (size_t i = 0; i < p->accesses; i++) {
        struct outcome ours, theirs;
        struct walk w;
        if (!machine_next(m, qemu, &theirs)) {
            printf("test-qemu: QEMU ended before access %zu of %zu\n", i, p->accesses);
            return false;
        }
        if (!by_vmscope(m->arch, p, i, &w, &ours) || !accept_accessed(m->arch, p, &w, &theirs, &ours)) return false;
        if (judge(n, m->arch, &w, &ours, &theirs)) continue;
        print_access(m->arch, &p->access[i], i);
        print_difference(&w, &ours, &theirs);
    }
    return true;
}

/* False: the test itself could not be done. */
static bool run_machine(const struct machine *m, uint64_t seed, struct tally *n) {
    static struct plan plan; /* large */
    const struct paging_format *format[TREES_MAX + 1] = {0};
    for (size_t i = 0; m->formats[i]; i++) format[i] = m->arch->format(m->formats[i]);
    bool good = plan_make(&plan, m->arch->entries, format, m->seed + seed);
    if (good) {
        FILE *qemu = machine_start(m, &plan);
        good = qemu && compare_all(m, &plan, qemu, n);
        if (qemu && !machine_end(m, qemu)) good = false;
    }
    plan_free(&plan);
    if (!good) printf("test-qemu: %s could not be compared with to the end\n", m->program);
    return good;
}

static size_t print_tally(const struct tally *n) {
    size_t differ = n->compared - n->agree;
    for (size_t i = 0; i < KNOWN; i++) {
        if (n->known[i]) printf("known difference, %zu times: %s\n", n->known[i], known[i].what);
        differ -= n->known[i];
    }
    printf("test-qemu: %zu translations compared (%zu of them reach a page), %zu agree, %zu differ as known, "
           "%zu disagree\n", n->compared, n->pages, n->agree, n->compared - n->agree - differ, differ);
    return differ;
}

/* test-qemu [SEED]: without one, the same accesses every time. */
int main(int argc, char **argv) {
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) << 8 : 0;
    struct tally tally = {0};
    bool good = true;
    for (size_t i = 0; i < MACHINES; i++) {
        if (machine_there(&machines[i])) {
            good &= run_machine(&machines[i], seed, &tally);
            continue;
        }
        if (i > 0 && strcmp(machines[i].program, machines[i - 1].program) == 0) continue; /* told already */
        printf("test-qemu: skipped: no %s here (Debian: apt-get install %s)\n", machines[i].program,
               machines[i].arch->package);
    }
    bool differ = tally.compared && print_tally(&tally);
    return good && !differ ? 0 : 1;
}
