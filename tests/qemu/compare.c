/* compare.c - does vmscope's walk do what a RISC-V machine does?
 *
 * Every access of a plan is made twice: by the virtual machine's MMU, with real loads,
 * stores and fetches, and by vmscope's walk over the same tables. Cause and address of
 * a trap, the word loaded or fetched, the place of a store and every PTE written back
 * must be equal. Both run through the list in one order, so what one access changes, the
 * next one meets.
 */
#include "machine.h"
#include "probe.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ILLEGAL_INSTRUCTION 2

static const struct machine machines[] = {
    {"qemu-system-riscv64", "rv64,svnapot=off,svpbmt=off", true, {"sv39", "sv48", "sv57", NULL}, 39},
    {"qemu-system-riscv32", "rv32,svnapot=off,svpbmt=off", false, {"sv32", NULL}, 32}};
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

/* The access itself, when nothing stands in its way. A fetch ends in an illegal instruction. */
static bool use_page(const struct access *a, size_t i, paddr_t pa, struct ram *ram, struct outcome *o) {
    uint32_t word = (uint32_t)ram_read(ram, pa, 4);
    o->cause = PROBE_NO_TRAP;
    if (a->op == ACCESS_READ) o->value = word;
    if (a->op == ACCESS_FETCH) {
        o->cause = ILLEGAL_INSTRUCTION;
        o->tval = word;
    }
    if (a->op != ACCESS_WRITE) return true;
    add_change(o, pa, stored_value(i));
    return ram_write(ram, pa, 4, stored_value(i)) == VS_OK;
}

/* False: no memory. */
static bool by_vmscope(const struct plan *p, size_t i, struct walk *w, struct outcome *o) {
    const struct access *a = &p->access[i];
    const struct paging_format *f = a->tree->format;
    struct mmu_regs regs = {.root = a->root, .mode = a->mode};
    memset(o, 0, sizeof *o);
    walk_begin(w, f, &regs, a->va, a->op, a->user);
    while (!w->done) walk_level(w, f, p->ram);
    if (w->leaf && !write_back(w, f, p->ram, o)) return false;
    if (w->fault == HW_FAULT_NONE) return use_page(a, i, w->pa, p->ram, o);
    o->cause = walk_report(w, f).code;
    o->tval = a->va;
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

static struct outcome as_page_fault(struct outcome o) {
    static const uint64_t cause[ACCESS_KINDS][2] = {{5, 13}, {7, 15}, {1, 12}};
    for (size_t i = 0; i < ACCESS_KINDS; i++)
        if (o.cause == cause[i][0]) o.cause = cause[i][1];
    return o;
}

/* Where QEMU (7.2) leaves the manual, and how; all else must be equal. */
static const struct known {
    bool (*applies)(const struct walk *w);
    struct outcome (*qemu)(struct outcome o); /* what it makes of the right outcome */
    const char *what;
} known[] = {
    {table_outside, as_page_fault,
     "a page table outside RAM: the manual wants an access fault, QEMU raises a page fault"}};
#define KNOWN (sizeof known / sizeof *known)

struct tally {
    size_t compared, agree, pages, known[KNOWN];
};

/* Counts it; false: it is neither equal nor known. */
static bool judge(struct tally *n, const struct walk *w, const struct outcome *ours, const struct outcome *qemu) {
    n->compared++;
    n->pages += w->fault == HW_FAULT_NONE;
    if (same(ours, qemu)) {
        n->agree++;
        return true;
    }
    for (size_t i = 0; i < KNOWN; i++) {
        if (!known[i].applies(w)) continue;
        struct outcome as_qemu = known[i].qemu(*ours);
        if (!same(&as_qemu, qemu)) continue;
        n->known[i]++;
        return true;
    }
    return false;
}

/* ---- telling ---- */

static void print_outcome(const char *who, const struct outcome *o) {
    printf("    %-8s", who);
    if (o->cause == PROBE_NO_TRAP) printf("no trap, loaded 0x%08" PRIx32, o->value);
    else printf("cause %" PRIu64 ", tval 0x%" PRIx64, o->cause, o->tval);
    for (size_t i = 0; i < o->changes && i < CHANGES_MAX; i++)
        printf(", [0x%" PRIx64 "] = 0x%08" PRIx32, o->change[i].pa, o->change[i].word);
    if (o->changes > CHANGES_MAX) printf(", and more: %zu words changed", o->changes);
    putchar('\n');
}

static void print_difference(const struct access *a, size_t i, const struct walk *w, const struct outcome *ours,
                             const struct outcome *qemu) {
    printf("DIFFERENT %s access %zu: %s of 0x%" PRIx64 " in %s mode, SUM=%d MXR=%d, root 0x%" PRIx64 "\n",
           a->tree->format->name, i, access_name(a->op), a->va, a->user ? "U" : "S", (a->mode & MODE_SUM) != 0,
           (a->mode & MODE_MXR) != 0, a->root);
    for (uint32_t r = 0; r < w->reads && r < WALK_READS_MAX; r++)
        printf("    level %u: PTE at 0x%" PRIx64 " = 0x%" PRIx64 "\n", w->read[r].level, w->read[r].addr,
               w->read[r].word);
    printf("    walk: %s%s%s, level %u, PA 0x%" PRIx64 "\n", hw_fault_name((enum hw_fault)w->fault),
           w->failed ? ": " : "", w->failed ? w->failed->why : "", w->level, w->pa);
    print_outcome("vmscope", ours);
    print_outcome("QEMU", qemu);
}

/* The access that an outcome of equal number belongs to; false: QEMU ended early, or no memory. */
static bool compare_all(const struct plan *p, FILE *qemu, struct tally *n) {
    for (size_t i = 0; i < p->accesses; i++) {
        struct outcome ours, theirs;
        struct walk w;
        if (!machine_next(qemu, &theirs)) {
            printf("test-qemu: QEMU ended before access %zu of %zu\n", i, p->accesses);
            return false;
        }
        if (!by_vmscope(p, i, &w, &ours)) return false;
        if (!judge(n, &w, &ours, &theirs)) print_difference(&p->access[i], i, &w, &ours, &theirs);
    }
    return true;
}

/* False: the test itself could not be done. */
static bool run_machine(const struct machine *m, uint64_t seed, struct tally *n) {
    static struct plan plan; /* large */
    bool good = plan_make(&plan, m->formats, m->seed + seed);
    if (good) {
        FILE *qemu = machine_start(m, &plan);
        good = qemu && compare_all(&plan, qemu, n);
        if (qemu && !machine_end(qemu)) good = false;
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
        printf("test-qemu: skipped: no %s here (Debian: apt-get install qemu-system-misc)\n", machines[i].program);
    }
    bool differ = tally.compared && print_tally(&tally);
    return good && !differ ? 0 : 1;
}
