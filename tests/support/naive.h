/* naive.h - a second machine, written from the definitions, to doubt the first one.
 *
 * It models what a textbook says on paper: a list of touched pages per process,
 * a list of frames, a list of TLB entries, and linear searches through all of
 * them. It shares no code with the library; it only reads the same plain
 * configuration and steps. For every translation it says what must come out.
 *
 * Two things are drawn by lot in the real machine (RANDOM replacement of frames
 * and of TLB entries) and one is made up (the bytes of a program's file). Those
 * are told to the naive machine in a struct naive_seen: it checks that they are
 * possible, and that bytes once seen stay what they were.
 */
#ifndef VMSCOPE_TESTS_NAIVE_H
#define VMSCOPE_TESTS_NAIVE_H

#include "vmscope/sim/machine.h"

#define NAIVE_LOTS 16

/* What the real machine did where the definitions leave it a choice. */
struct naive_seen {
    frame_t victim[NAIVE_LOTS]; /* frames emptied in this step, in order */
    unsigned victims;
    uint16_t
        way[NAIVE_LOTS]; /* TLB ways filled in this step, in order, the second level's before the first's */
    unsigned ways;
    uint64_t value[2]; /* per translation: what was read */
    bool has_value[2];
};

/* What must come out of one translation. */
struct naive_translation {
    vaddr_t va;
    proc_t proc, victim_proc;
    vpn_t victim_vpn;
    frame_t frame;
    pfn_t pfn;              /* done: where it is, also where that is no user frame */
    uint8_t op, tlb, fault; /* enum access_kind, tlb_outcome, fault_class */
    bool done, evicted, victim_dirty;
    uint64_t value, known; /* read: the value, and a mask of its known bits */
};

struct naive_result {
    struct naive_translation part[2];
    unsigned count;
    bool passed_over;       /* the process has ended */
    const char *impossible; /* the real machine's choice cannot be: why; else NULL */
};

struct naive;

/* `steps` (all of them, for OPT) and the config must outlive it. */
struct naive *naive_create(const struct machine_config *config, const struct step *steps, size_t count);
void naive_free(struct naive *n);

/* Do the next step. */
void naive_step(struct naive *n, const struct naive_seen *seen, struct naive_result *out);

/* False from the moment on when design 3 no longer says what must happen
 * (a CLOCK hand, OPT's future or fixed shares after a process ended in mid-run). */
bool naive_defined(const struct naive *n);

const struct counters *naive_counters(const struct naive *n);
proc_t naive_running(const struct naive *n);
/* The page in frame f (the first of its mappings). False: the frame is free. */
bool naive_frame(const struct naive *n, frame_t f, proc_t *proc, vpn_t *vpn);
/* Is this translation, with these marks, in that TLB? How many valid entries has it? */
bool naive_tlb_holds(const struct naive *n, enum tlb_unit u, const struct tlb_entry *e);
unsigned naive_tlb_used(const struct naive *n, enum tlb_unit u);

/* Bytes of the page tables of all processes that live (trees without kernel space), and of one linear table
 * each. */
uint64_t naive_table_bytes(const struct naive *n);
uint64_t naive_linear_bytes(const struct naive *n);

/* Touched pages, one after another; false beyond the last. */
struct naive_page_view {
    proc_t proc;
    vpn_t vpn;
    enum page_state state;
    frame_t frame;
    const uint8_t *bytes, *known; /* known[i] != 0: bytes[i] must be there */
};
bool naive_page(const struct naive *n, size_t i, struct naive_page_view *out);

#endif
