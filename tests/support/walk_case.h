/* walk_case.h - page walks with their outcome known, for tests of the formats.
 *
 * They come from two places: records of what other implementations did
 * (tests/data/riscv.jsonl, x86.jsonl), and cases worked out by hand from the
 * manuals (walk_manual.c). Both become the same thing: a format, registers,
 * words in RAM, an access, and what must come out.
 */
#ifndef VMSCOPE_TESTS_WALK_CASE_H
#define VMSCOPE_TESTS_WALK_CASE_H

#include "json.h"
#include "vmscope/hw/mmu.h"

#define WALK_CASE_WRITES 8

struct walk_case_word {
    paddr_t addr;
    uint64_t word;
};

struct walk_case {
    const char *name;
    struct paging_format format; /* a copy, adjusted to the control registers */
    struct mmu_regs regs;
    vaddr_t va;
    enum access_kind op;
    bool user;
    struct ram *ram; /* owned */
    /* what must come out */
    paddr_t pa;        /* without fault */
    const char *fault; /* class; NULL: none */
    bool has_code;
    uint64_t code;
    size_t writes; /* words that are another than before, afterwards */
    struct walk_case_word write[WALK_CASE_WRITES];
};

/* What came out. */
struct walk_outcome {
    struct walk walk;
    struct hw_report report;
};

/* Walk, without writing back, by the case's format but with these checks (NULL: its own). */
struct walk_outcome walk_case_run(const struct walk_case *c, const struct walk_check *checks);
/* Do two outcomes say the same: address, or kind, name and number of the fault? */
bool walk_outcome_equal(const struct walk_outcome *a, const struct walk_outcome *b);
/* Run it, write back, and fail the running test where anything is not as it must be. */
void walk_case_check(const struct walk_case *c);
void walk_case_free(struct walk_case *c);

/* From a record of riscv.jsonl, in one of its two ways of keeping A and D; of x86.jsonl. */
void walk_case_from_riscv(struct walk_case *c, struct json record, bool hardware_ad);
void walk_case_from_x86(struct walk_case *c, struct json record);

/* The cases worked out by hand: the i-th, for the formats that it applies to (the n-th of them);
 * false when there is none. */
bool walk_manual_case(struct walk_case *c, size_t i, size_t n);
size_t walk_manual_count(void);

#endif
