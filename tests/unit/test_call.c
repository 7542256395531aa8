/* Calls of processes at their edges: what stays of a region that was cut, what a call that fails
 * leaves behind, what a program's names and huge pages mean to it. Design 3, "OS"; src/os/call*.c. */
#include "play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct play p;

#define HEAD "version: 1\ntitle: t\n"

static void play(const char *yaml) {
    play_begin(&p, yaml);
    play_to_end(&p);
}

/* ---- huge pages ---- */

/* Pages 256 to 1023 of the region are gone, so no huge page can cover what is left of it. */
static void what_is_left_of_a_cut_huge_page_gets_small_pages(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 2048}\n"
              "processes: [{name: A, layout: {heap: {size: 4MiB, page_size: 2MiB, at: 0x40000000}}}]\n"
              "steps:\n"
              "  - {munmap: 0x40100000, size: 0x180000}\n"
              "  - {write: 0x40000000, value: 1}\n"
              "  - {read: 0x40280000}\n"
              "  - {read: 0x40100000, expect: segv-map}\n"
              "expect: {page_faults: 2, zero_fills: 2, huge_pages: 0}\n");
    play_end(&p);
}

/* A's huge page was swapped out in parts; B, its copy, has no table there and finds 512 free frames: its
 * pages must come from their slots all the same. */
static void a_huge_page_that_went_to_swap_keeps_its_bytes_in_a_forked_process(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 512, replacement: fifo}\n"
              "processes: [{name: A, layout: {heap: {size: 2MiB, page_size: 2MiB, at: 0x40000000}}}]\n"
              "steps:\n"
              "  - {write: 0x40000000, value: 1}\n"
              "  - {write: 0x40001000, value: 2}\n"
              "  - {suspend: A}\n"
              "  - {resume: A}\n"
              "  - {fork: B}\n"
              "  - {exit: A}\n"
              "  - {read: 0x40002000, as: B, expect: {value: 0}}\n"
              "  - {read: 0x40001000, as: B, expect: {fault: major-swap, value: 2}}\n"
              "  - {read: 0x40000000, as: B, expect: {fault: major-swap, value: 1}}\n"
              "expect: {huge_pages: 1}\n");
    play_end(&p);
}

/* ---- advice ---- */

/* madvise(2), MADV_FREE: the kernel may free these pages when memory is short; no swap is needed for that. */
static void a_freed_page_is_clean_and_needs_no_swap(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 1, swap: 0}\n"
              "processes: [{name: A, layout: {heap: {size: 16KiB, at: 0x10000}}}]\n"
              "steps:\n"
              "  - {write: heap, value: 5}\n"
              "  - {madvise: heap, advice: free}\n"
              "  - {read: heap, expect: {value: 5}}\n"
              "  - {read: heap+0x1000, expect: {victim: 0x10, value: 0}}\n"
              "  - {read: heap, expect: {fault: minor-zero, value: 0}}\n"
              "expect: {oom: 0, evictions_clean: 2}\n");
    play_end(&p);
}

/* The page came back from its slot, which still holds it; freed, it keeps neither. */
static void a_freed_page_gives_up_its_slot(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 1, replacement: fifo}\n"
              "processes: [{name: A, layout: {heap: {size: 16KiB, at: 0x10000}}}]\n"
              "steps:\n"
              "  - {write: heap, value: 5}\n  - {read: heap+0x1000}\n  - {read: heap, expect: {value: 5}}\n"
              "  - {madvise: heap, advice: free}\n");
    assert_int_equal(machine_kernel(p.m)->slots_used, 0);
    play_end(&p);
}

/* Read ahead, the page waits in a frame that nobody maps; asked again, it is not read again. */
static void a_page_is_read_ahead_once(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 4}\n"
              "processes: [{name: A, layout: {heap: {size: 16KiB, at: 0x10000}}}]\n"
              "steps:\n"
              "  - {write: heap, value: 5}\n  - {suspend: A}\n  - {resume: A}\n"
              "  - {madvise: heap, advice: willneed}\n  - {madvise: heap, advice: willneed}\n"
              "  - {read: heap, expect: {fault: minor-map, value: 5}}\n"
              "expect: {swap_reads: 1, swap_writes: 1}\n");
    play_end(&p);
}

/* ---- what a child and a new program inherit ---- */

/* B's copy was made for a write that never came. Its bytes are nowhere else: it must go to swap, not be dropped. */
static void a_copy_of_unsaved_bytes_is_as_dirty_as_they_are(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 2, replacement: fifo}\n"
              "processes: [{name: A, layout: {heap: {size: 16KiB, at: 0x10000}}}]\n"
              "steps:\n"
              "  - {write: heap, value: 5}\n"
              "  - {fork: B}\n"
              "  - {madvise: heap, size: 4KiB, advice: populate_write, as: B}\n"
              "  - {read: heap+0x1000}\n  - {read: heap+0x2000}\n"
              "  - {read: heap, expect: {fault: major-swap, value: 5}}\n");
    play_end(&p);
}

/* Linux, too, flushes all that the TLB holds of a parent: dup_mmap ends with flush_tlb_mm. */
static void a_fork_leaves_nothing_of_the_parent_in_the_tlb(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39}\n"
              "processes: [{name: A, layout: {text: {size: 4KiB, at: 0x8000}, heap: {size: 16KiB, at: 0x10000}}}]\n"
              "steps:\n"
              "  - {fetch: text}\n  - {fetch: text, expect: hit}\n  - {fork: B}\n  - {fetch: text, expect: tlb-miss}\n");
    assert_int_equal(p.last[EV_FORK_DONE].count, 1);
    play_end(&p);
}

/* POSIX.1-2008, fork: memory locks are not inherited by the child process. B's copy of the page may leave. */
static void a_child_does_not_inherit_locks(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 3, replacement: fifo}\n"
              "processes: [{name: A, layout: {heap: {size: 32KiB, at: 0x10000}}}]\n"
              "steps:\n"
              "  - {mlock: heap, size: 4KiB}\n"
              "  - {fork: B}\n"
              "  - {write: heap, value: 1, as: B, expect: minor-cow}\n"
              "  - {write: heap+0x1000, value: 1}\n"
              "  - {write: heap+0x2000, value: 1, expect: {victim: 0x10}}\n"
              "  - {read: heap, as: A, expect: tlb-miss}\n"
              "expect: {evictions: 1, page_faults: 4}\n");
    play_end(&p);
}

/* 32 GiB are 2^23 pages: one such program can run, two that take 2^24 pages and one more cannot. */
static void a_program_whose_lists_would_be_too_long_is_refused_before_the_old_one_goes(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39}\n"
              "processes: [{name: A, layout: {heap: {size: 16KiB, at: 0x10000}}}]\n"
              "programs: [{name: big, layout: {heap: {size: 64GiB, at: 0x10000}, bss: {size: 4KiB, at: 0x4000}}}]\n"
              "steps:\n"
              "  - {write: heap, value: 1}\n  - {exec: big}\n  - {read: 0x10000, expect: {value: 1}}\n");
    assert_refused(&p, "too long");
    play_end(&p);
}

static void segments_give_back_their_descriptors_when_their_process_ends(void **state) {
    (void)state;
    play(HEAD "machine: {paging: segments}\nsteps:\n  - {exit: A}\n");
    assert_int_equal(machine_kernel(p.m)->tables, 0);
    play_end(&p);
}

/* ---- the stack's guard ---- */

/* A page was put 4 pages below the stack. With 2 pages of guard the stack may come no nearer than that. */
static void a_growing_stack_keeps_its_guard_from_a_mapping_below(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, kernel: {guard: 8KiB}}\n"
              "processes: [{name: A, layout: {stack: {size: 4KiB, limit: 64KiB}}}]\n"
              "steps:\n"
              "  - {mmap: low, size: 4KiB, at: stack-0x6000}\n"
              "  - {write: stack-0x2000, expect: minor-growth}\n"
              "  - {write: stack-0x4000, expect: segv-map}\n"
              "  - {write: stack-0x3000, expect: minor-growth}\n"
              "  - {write: stack-0x4000, expect: segv-map}\n"
              "  - {mprotect: low, perms: none}\n"
              "  - {write: stack-0x4000, expect: minor-growth}\n");
    play_end(&p);
}

/* The kernel puts a mapping below the stack's limit of 64 KiB and its guard of 8 KiB, as high as it can. */
static void a_mapping_is_placed_below_the_room_of_the_stack_and_its_guard(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, kernel: {guard: 8KiB}}\n"
              "processes: [{name: A, layout: {stack: {size: 4KiB, limit: 64KiB}}}]\n"
              "steps:\n  - {mmap: a, size: 4KiB}\n");
    const struct process *process = &machine_kernel(p.m)->process[0];
    const struct vma *stack = vma_by_name(process, "stack"), *a = vma_by_name(process, "a");
    assert_int_equal(stack->end - a->end, 16 + 2);
    assert_int_equal(a->end - a->first, 1);
    play_end(&p);
}

/* ---- ranges ---- */

/* "Without size these calls mean the whole region" (vmscope-scenario.5): what is left of it from there on. */
static void a_name_plus_an_offset_means_the_rest_of_that_mapping(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39}\n"
              "steps:\n"
              "  - {mmap: a, size: 16KiB, at: 0x100000}\n"
              "  - {mmap: b, size: 16KiB, at: 0x104000}\n"
              "  - {munmap: a+0x1000}\n"
              "  - {read: a, expect: minor-zero}\n"
              "  - {read: a+0x1000, expect: segv-map}\n"
              "  - {read: b, expect: minor-zero}\n");
    play_end(&p);
}

/* There is no W bit, so nothing can be made read-only; and the region must not be cut for it. */
static void a_call_that_fails_has_not_cut_anything(void **state) {
    (void)state;
    play(HEAD "machine: {paging: {custom: {levels: [10, 10], page_size: 4KiB, pte_bytes: 4, pfn_bits: 12-31, valid_bit: 0}}}\n"
              "processes: [{name: A, layout: {heap: {size: 64KiB, at: 0x10000}}}]\n"
              "steps:\n  - {mprotect: heap+0x1000, size: 4KiB, perms: r}\n");
    assert_refused(&p, "no bit for write permission");
    assert_int_equal(p.count[EV_REGION_CUT], 0);
    play_end(&p);
}

static void segments_cannot_be_unmapped_in_part(void **state) {
    (void)state;
    play(HEAD "machine: {paging: base-bounds}\n"
              "processes: [{name: A, layout: {text: {size: 1KiB}, heap: {size: 2KiB}}}]\n"
              "steps:\n"
              "  - {write: heap, value: 5}\n"
              "  - {munmap: heap+0x400, size: 1KiB}\n"
              "  - {read: heap, expect: {value: 5}}\n");
    assert_refused(&p, "as they were loaded");
    play_end(&p);
}

/* ---- scope local: who gives a frame ---- */

/* 8 frames; after the fork each may have 4, but A holds all 8: B's copy takes one of A's, the first by FIFO. */
static void a_process_below_its_share_takes_from_one_above_its_own(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 8, replacement: {policy: fifo, scope: local, allocation: proportional}}\n"
              "processes: [{name: A, layout: {heap: {size: 64KiB, at: 0x10000}}}]\n"
              "steps:\n"
              "  - {scan: heap, count: 8, stride: 4096, access: write}\n"
              "  - {fork: B}\n"
              "  - {write: heap+0x7000, value: 9, as: B, expect: {fault: minor-cow, victim: 0x10}}\n"
              "  - {read: heap+0x7000, expect: {value: 9}}\n"
              "expect: {oom: 0, evictions: 1}\n");
    assert_int_equal(machine_kernel(p.m)->process[0].held, 7);
    assert_int_equal(machine_kernel(p.m)->process[1].held, 1);
    play_end(&p);
}

/* Each has 3 frames of its own: 8 are enough for two processes, not for three, until one ends. */
static void a_fork_that_could_not_have_its_frames_is_refused(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 8, replacement: {policy: fifo, scope: local}}\n"
              "processes: [{name: A, frames: 3, layout: {heap: {size: 64KiB, at: 0x10000}}}]\n"
              "steps:\n  - {fork: B}\n  - {fork: C}\n  - {exit: B}\n  - {fork: C, as: A}\n");
    assert_int_equal(p.count[EV_CALL_FAILED], 1);
    assert_refused(&p, "no frames are left to promise it");
    assert_true(machine_kernel(p.m)->process[2].alive);
    play_end(&p);
}

static void shares_in_proportion_follow_the_processes_that_are_left(void **state) {
    (void)state;
    play_begin(&p, HEAD "machine: {paging: sv39, frames: 9, replacement: {policy: fifo, scope: local, allocation: proportional}}\n"
                        "processes: [{name: A, layout: {heap: {size: 8KiB, at: 0x10000}}}, {name: B, layout: {heap: {size: 16KiB, at: 0x10000}}}]\n"
                        "steps:\n  - {mmap: x, size: 8KiB, as: A}\n  - {fork: C}\n  - {exit: C}\n  - {exit: B}\n");
    assert_int_equal(machine_kernel(p.m)->process[0].quota, 3); /* of 9 frames: 2 pages of 6 */
    assert_int_equal(machine_kernel(p.m)->process[1].quota, 6);
    assert_true(play_step(&p) && play_step(&p)); /* A has 4 pages by now, C as well, B 4 */
    assert_int_equal(machine_kernel(p.m)->process[0].quota, 3);
    assert_int_equal(machine_kernel(p.m)->process[2].quota, 3);
    play_to_end(&p);
    assert_int_equal(machine_kernel(p.m)->process[0].quota, 9);
    play_end(&p);
}

/* A policy that still holds frames that are free would choose among them: it must be as new once all pages have gone. */
static void the_policy_forgets_pages_that_have_gone(void **state) {
    static const char *const policies[] = {"fifo", "lru", "mru", "lfu", "random"}, *const last[] = {"suspend: A", "exit: A", "munmap: heap"};
    (void)state;
    for (size_t i = 0; i < sizeof policies / sizeof *policies * 3; i++) {
        char yaml[600];
        snprintf(yaml, sizeof yaml, HEAD "machine: {paging: sv39, frames: 4, replacement: %s}\n"
                 "processes: [{name: A, layout: {heap: {size: 16KiB, at: 0x10000}}}]\n"
                 "steps:\n  - {scan: heap, count: 3, stride: 4096, access: write}\n  - {%s}\n", policies[i / 3], last[i % 3]);
        play(yaml);
        const struct policy *policy = machine_kernel(p.m)->policy[0];
        struct policy_config c = machine_config(p.m)->policy;
        c.frames = 4;
        struct policy *fresh = policy_ops(policy)->create(&c);
        if (!policy_ops(policy)->equal(policy, fresh)) fail_msg("%s remembers pages after %s", policies[i / 3], last[i % 3]);
        policy_ops(policy)->free(fresh);
        play_end(&p);
    }
}

/* A's 4 frames are B's when A has ended, who holds 8 then; C is promised 4 of them and must get them. */
static void a_share_that_was_promised_can_be_had(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 8, replacement: {policy: fifo, scope: local}}\n"
              "processes: [{name: A, frames: 4, layout: {heap: {size: 64KiB, at: 0x10000}}}]\n"
              "steps:\n"
              "  - {scan: heap, count: 4, stride: 4096, access: write}\n"
              "  - {fork: B}\n"
              "  - {scan: heap+0x4000, count: 4, stride: 4096, access: write, as: B}\n"
              "  - {exit: A}\n"
              "  - {fork: C, as: B}\n"
              "  - {scan: heap+0x8000, count: 4, stride: 4096, access: write, as: C}\n"
              "  - {write: heap+0xc000, value: 1, as: C, expect: {victim: 0x18}}\n"
              "  - {write: heap+0xd000, value: 1, as: B, expect: {victim: 0x10}}\n" /* was A's, and is B's to give */
              "expect: {oom: 0, evictions: 6}\n");
    assert_int_equal(machine_kernel(p.m)->process[2].held, 4);
    play_end(&p);
}

/* ---- PTEs given bit by bit ---- */

#define RAW HEAD "machine: {paging: sv39, frames: 16}\n" \
    "processes: [{name: A, layout: {heap: {size: 16KiB, at: 0x10000}}, map: [{vpn: 0x200, level: 1, pte: 0x801}]}]\n"

/* The PTE says that a table stands at 0x2000, which is a frame for user pages: no table of the kernel's. */
static void what_a_raw_pte_points_to_is_not_given_back_as_a_table(void **state) {
    (void)state;
    play(RAW "steps:\n  - {write: heap, value: 1}\n  - {exit: A}\n");
    assert_int_equal(machine_kernel(p.m)->tables, 2); /* L1 and L0 of kernel space, which processes share, stay */
    assert_int_equal(machine_kernel(p.m)->frames_free, 16);
    play_end(&p);
}

/* PFN 3, D A U R V. No region holds the page, so nothing but the end of A's address space drops it. */
static void the_tlb_forgets_what_a_raw_pte_mapped_when_its_process_ends(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 16}\n"
              "processes: [{name: A, layout: {heap: {size: 16KiB, at: 0x10000}}, map: [{vpn: 0x300, pte: 0xcd3}]}]\n"
              "steps:\n  - {read: 0x300000}\n  - {exit: A}\n");
    assert_int_equal(p.count[EV_MEM_READ], 1);
    assert_int_equal(tlbs_used(&machine_hw(p.m)->tlbs), 0);
    play_end(&p);
}

static void no_region_is_made_where_a_raw_pte_stands(void **state) {
    (void)state;
    play(RAW "steps:\n  - {mmap: buf, size: 8KiB, at: 0x200000}\n"
             "  - {pages: 0x3ff, expect: segv-map}\n"
             "  - {mmap: buf, size: 8KiB, at: 0x400000}\n"
             "  - {write: buf, value: 5}\n  - {read: buf, expect: {value: 5}}\n"
             "expect: {page_faults: 1}\n");
    assert_refused(&p, "bit by bit");
    play_end(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_freed_page_is_clean_and_needs_no_swap),
        cmocka_unit_test(a_freed_page_gives_up_its_slot),
        cmocka_unit_test(a_copy_of_unsaved_bytes_is_as_dirty_as_they_are),
        cmocka_unit_test(a_fork_leaves_nothing_of_the_parent_in_the_tlb),
        cmocka_unit_test(the_tlb_forgets_what_a_raw_pte_mapped_when_its_process_ends),
        cmocka_unit_test(a_child_does_not_inherit_locks),
        cmocka_unit_test(a_program_whose_lists_would_be_too_long_is_refused_before_the_old_one_goes),
        cmocka_unit_test(segments_give_back_their_descriptors_when_their_process_ends),
        cmocka_unit_test(a_growing_stack_keeps_its_guard_from_a_mapping_below),
        cmocka_unit_test(a_mapping_is_placed_below_the_room_of_the_stack_and_its_guard),
        cmocka_unit_test(a_name_plus_an_offset_means_the_rest_of_that_mapping),
        cmocka_unit_test(a_call_that_fails_has_not_cut_anything),
        cmocka_unit_test(segments_cannot_be_unmapped_in_part),
        cmocka_unit_test(a_process_below_its_share_takes_from_one_above_its_own),
        cmocka_unit_test(a_share_that_was_promised_can_be_had),
        cmocka_unit_test(a_page_is_read_ahead_once),
        cmocka_unit_test(a_fork_that_could_not_have_its_frames_is_refused),
        cmocka_unit_test(shares_in_proportion_follow_the_processes_that_are_left),
        cmocka_unit_test(the_policy_forgets_pages_that_have_gone),
        cmocka_unit_test(what_a_raw_pte_points_to_is_not_given_back_as_a_table),
        cmocka_unit_test(no_region_is_made_where_a_raw_pte_stands),
        cmocka_unit_test(what_is_left_of_a_cut_huge_page_gets_small_pages),
        cmocka_unit_test(a_huge_page_that_went_to_swap_keeps_its_bytes_in_a_forked_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
