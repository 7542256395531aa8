/* count.c - counters: the table, and what each kernel event adds.
 *
 * The sequencer counts what the hardware does where it does it; everything of
 * the operating system is counted here, from its events.
 */
#include "sim/watch.h"

const struct counter_info counter_table[] = {
#define X(name, what) {#name, what, offsetof(struct counters, name)},
    COUNTERS(X)
#undef X
    {NULL, NULL, 0}};

uint64_t counter_value(const struct counters *c, const struct counter_info *i) {
    uint64_t v;
    memcpy(&v, (const char *)c + i->offset, sizeof v);
    return v;
}

const struct counter_info *counter_by_name(const char *name) {
    for (const struct counter_info *i = counter_table; i->name; i++)
        if (strcmp(i->name, name) == 0) return i;
    return NULL;
}

/* The counter of a fault class. */
static uint64_t *class_counter(struct counters *c, enum fault_class f) {
    static const size_t offset[FAULT_COUNT] = {
        [FAULT_NONE] = offsetof(struct counters, steps), /* not used */
        [FAULT_MINOR_ZERO] = offsetof(struct counters, minor_zero),
        [FAULT_MINOR_COW] = offsetof(struct counters, minor_cow),
        [FAULT_MINOR_MAP] = offsetof(struct counters, minor_map),
        [FAULT_MINOR_GROWTH] = offsetof(struct counters, minor_growth),
        [FAULT_MINOR_BIT] = offsetof(struct counters, minor_bit),
        [FAULT_MAJOR_SWAP] = offsetof(struct counters, major_swap),
        [FAULT_MAJOR_FILE] = offsetof(struct counters, major_file),
        [FAULT_SEGV_MAP] = offsetof(struct counters, segv_map),
        [FAULT_SEGV_ACCESS] = offsetof(struct counters, segv_access),
        [FAULT_SEGV_NONCANONICAL] = offsetof(struct counters, segv_noncanonical),
        [FAULT_OOM] = offsetof(struct counters, oom)};
    return (uint64_t *)(void *)((char *)c + offset[f]);
}

/* ---- over time ---- */

/* Pages that the process has in memory now. */
static void note_resident(struct machine *m, proc_t p) {
    struct pace_bucket *b = p < m->kernel->process_count ? machine_pace_bucket(m, p) : NULL;
    if (b) b->resident = m->kernel->process[p].resident;
}

static void note_fault(struct machine *m, proc_t p) {
    struct pace_bucket *b = machine_pace_bucket(m, p);
    if (!b) return;
    b->faults++;
    b->resident = m->kernel->process[p].resident;
}

/* ---- counters ---- */

static void count_page_fault(struct machine *m, const struct event *e) {
    note_fault(m, e->proc);
    struct counters *c = &m->counters;
    c->page_faults++;
    c->page_faults_after_full += m->kernel->latch.was_full;
    c->minor_faults += fault_is_minor((enum fault_class)e->fault);
    c->major_faults += fault_is_major((enum fault_class)e->fault);
    ++*class_counter(c, (enum fault_class)e->fault);
    c->huge_pages += e->order > 0;
}

static void count_invalid(struct machine *m, const struct event *e) {
    m->counters.invalid++;
    ++*class_counter(&m->counters, (enum fault_class)e->fault);
}

static void count_victim(struct machine *m, const struct event *e) {
    (void)e;
    m->counters.evictions++;
}

static void count_drop(struct machine *m, const struct event *e) {
    (void)e;
    m->counters.evictions_clean++;
}

static void count_swap_write(struct machine *m, const struct event *e) {
    (void)e;
    m->counters.swap_writes++;
    m->counters.time_ns += m->config->timing.disk_write;
}

static void count_swap_read(struct machine *m, const struct event *e) {
    (void)e;
    m->counters.swap_reads++;
    m->counters.time_ns += m->config->timing.disk_read;
}

static void count_file_read(struct machine *m, const struct event *e) {
    (void)e;
    m->counters.file_reads++;
    m->counters.time_ns += m->config->timing.disk_read;
}

static void count_written(struct machine *m, const struct event *e) {
    m->counters.file_writes += e->written;
    m->counters.time_ns += e->written * m->config->timing.disk_write;
}

/* ...and a process that gave up pages of its own. */
static void count_gone(struct machine *m, const struct event *e) {
    count_written(m, e);
    note_resident(m, e->proc);
}

/* ...all of them, with the program that it ran. */
static void count_program_gone(struct machine *m, const struct event *e) {
    count_gone(m, e);
    watch_note(m, e->proc);
}

/* A process has more or fewer pages in memory: the one that this is about, or that lost one. */
static void note_own(struct machine *m, const struct event *e) { note_resident(m, e->proc); }
static void note_lost(struct machine *m, const struct event *e) { note_resident(m, e->old_proc); }

static void count_file_write(struct machine *m, const struct event *e) {
    (void)e;
    m->counters.file_writes++;
    m->counters.time_ns += m->config->timing.disk_write;
}

static void count_zero(struct machine *m, const struct event *e) {
    m->counters.zero_fills += (uint64_t)1 << e->order;
}

static void count_switch(struct machine *m, const struct event *e) {
    (void)e;
    m->counters.context_switches++;
}

static void count_flush(struct machine *m, const struct event *e) {
    (void)e;
    m->counters.tlb_flushes++;
}

/* To its file, or to a slot. */
static void count_write_ahead(struct machine *m, const struct event *e) {
    if (e->slot == SLOT_NONE) count_file_write(m, e);
    else count_swap_write(m, e);
}

/* The handler reads page tables from memory as the hardware would. */
static void count_handler_read(struct machine *m, const struct event *e) {
    (void)e;
    m->counters.time_ns += m->config->timing.memory;
}

static void count_refill(struct machine *m, const struct event *e) {
    (void)e;
    m->counters.tlb_refills++;
}

/* A copy of the page of zeros is a frame of zeros. */
static void count_zero_copy(struct machine *m, const struct event *e) {
    count_zero(m, e);
    m->counters.cow_copies++;
}

static void count_copy(struct machine *m, const struct event *e) {
    (void)e;
    m->counters.cow_copies++;
}

typedef void counter(struct machine *, const struct event *);
static counter *const counters_of[EV_COUNT] = {
    [EV_PTE_WRITE] = count_page_fault,    [EV_SIGSEGV] = count_invalid,       [EV_OOM] = count_invalid,
    [EV_VICTIM] = count_victim,           [EV_VICTIM_DROP] = count_drop,      [EV_SWAP_WRITE] = count_swap_write,
    [EV_SWAP_READ] = count_swap_read,     [EV_FILE_READ] = count_file_read,   [EV_ZERO_FILL] = count_zero,
    [EV_SWITCH] = count_switch,           [EV_TLB_FLUSH] = count_flush,       [EV_FLUSH_ALL] = count_flush,
    [EV_BITS_BY_OS] = count_page_fault,   [EV_COW_REUSE] = count_page_fault,  [EV_REFILL_READ] = count_handler_read,
    [EV_FILE_WRITE] = count_file_write,   [EV_UNMAPPED] = count_gone,         [EV_ADVISED_AWAY] = count_gone,
    [EV_EXEC_LEAVE] = count_program_gone, [EV_FRAMES_FREED] = count_program_gone,
    [EV_IDLE_VICTIM] = count_victim,      [EV_ZERO_COPY] = count_zero_copy,   [EV_WRITE_AHEAD] = count_write_ahead,
    [EV_POLICY_LEAVE] = count_victim,     [EV_REFILL_BITS] = count_handler_read,
    [EV_REFILL_TLB] = count_refill,       [EV_COW_COPY] = count_copy,         [EV_UNMAP] = note_lost,
    [EV_FORK_REGION] = note_own,          [EV_SUSPENDED] = note_own};

void count_event(struct machine *m, const struct event *e) {
    if (counters_of[e->kind]) counters_of[e->kind](m, e);
}

void count_kinds(bool counted[EV_COUNT]) {
    for (unsigned kind = 0; kind < EV_COUNT; kind++) counted[kind] = counters_of[kind] != NULL;
}
