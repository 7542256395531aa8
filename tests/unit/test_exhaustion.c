/* Whatever runs out: a told event or a clear error, and the simulation goes on. Design 3, "Swap" (out of
 * memory: an event, a clear message, the process ends) and "OS". */
#include "play.h"
#include "vmscope/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct play p;

#define HEAD "version: 1\ntitle: t\n"
#define PAIR "processes: [{name: A, layout: {heap: {size: 64KiB, at: 0x10000}}}, {name: B, layout: {heap: {size: 64KiB, at: 0x10000}}}]\n"

static void play(const char *yaml) {
    play_begin(&p, yaml);
    play_to_end(&p);
}

static const struct kernel *kernel(void) { return machine_kernel(p.m); }

/* ---- frames and swap ---- */

/* 4 frames, all dirty, no swap: nobody can leave. The process whose fault it is ends, and the other has its frames. */
static void without_swap_the_process_that_asks_ends_and_the_others_go_on(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 4, swap: 0}\n" PAIR
              "steps:\n"
              "  - {scan: heap, count: 2, stride: 4096, access: write}\n"
              "  - {scan: heap, count: 2, stride: 4096, access: write, as: B}\n"
              "  - {write: heap+0x2000, as: B, expect: oom}\n"
              "  - {write: heap+0x2000, value: 3, as: A, expect: minor-zero}\n"
              "  - {read: heap+0x2000, expect: {value: 3}}\n"
              "expect: {oom: 1, invalid: 1, swap_writes: 0}\n");
    assert_false(kernel()->process[1].alive);
    assert_int_equal(kernel()->frames_free, 1);
    play_end(&p);
}

/* 2 slots take 2 pages; the third dirty page has no place to go. */
static void a_full_swap_area_ends_in_out_of_memory_and_its_slots_come_back(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 2, swap: 2, replacement: fifo}\n" PAIR
              "steps:\n"
              "  - {scan: heap, count: 4, stride: 4096, access: write}\n"
              "  - {write: heap+0x4000, expect: oom}\n"
              "  - {scan: heap, count: 4, stride: 4096, access: write, as: B}\n"
              "expect: {oom: 1, swap_writes: 4}\n");
    assert_int_equal(kernel()->slots_used, 2);
    play_end(&p);
}

/* With swap full, clean pages that can be had again still leave. */
static void a_full_swap_area_still_lets_clean_pages_go(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 2, swap: 0, replacement: fifo}\n" PAIR
              "steps:\n"
              "  - {write: heap, value: 1}\n"
              "  - {scan: heap+0x1000, count: 6, stride: 4096}\n"
              "  - {read: heap, expect: {value: 1}}\n"
              "expect: {oom: 0, evictions: 5, evictions_clean: 5}\n");
    play_end(&p);
}

static void pinned_pages_cannot_leave_but_others_can(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 4, replacement: lru}\n" PAIR
              "steps:\n"
              "  - {mlock: heap, size: 12KiB}\n"
              "  - {scan: heap+0x3000, count: 5, stride: 4096, access: write}\n"
              "  - {mlock: heap+0x3000, size: 4KiB}\n"
              "  - {read: heap, as: B, expect: oom}\n"
              "  - {munlock: heap, size: 4KiB, as: A}\n"
              "  - {write: heap+0x4000, value: 5, as: A, expect: {fault: major-swap, victim: 0x10}}\n"
              "expect: {oom: 1}\n");
    play_end(&p);
}

/* mlock needs more frames than there are: told, and the process that asked for it ends. */
static void locking_more_than_there_are_frames_is_out_of_memory(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 4}\n" PAIR
              "steps:\n"
              "  - {mlock: heap, size: 20KiB}\n"
              "  - {write: heap, value: 1, as: B}\n  - {read: heap, expect: {value: 1}}\n"
              "expect: {oom: 1, page_faults: 5}\n");
    assert_int_equal(kernel()->frames_free, 3);
    play_end(&p);
}

/* All is locked, so kswapd gives up; with the next fault it tries again, and finds pages that may leave. */
static void kswapd_gives_up_only_until_the_next_fault(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 8, kernel: {watermarks: {low: 2, high: 4}}}\n" PAIR
              "steps:\n"
              "  - {mlock: heap, size: 32KiB}\n"
              "  - {munlock: heap, size: 32KiB}\n"
              "  - {write: heap+0x8000}\n");
    assert_int_equal(p.count[EV_KSWAPD_STUCK], 1);
    assert_int_equal(p.count[EV_KSWAPD_WAKES], 2);
    assert_int_equal(p.count[EV_KSWAPD_SLEEPS], 1);
    assert_int_equal(kernel()->frames_free, 4);
    play_end(&p);
}

/* ---- RAM for page tables ----
 *
 * 7 PFN bits reach 128 pages of 32 bytes; 112 frames leave 16 of them for tables. */

#define TOY(levels, more) \
    HEAD "machine:\n  frames: 112\n" \
    "  paging: {custom: {levels: " levels ", page_size: 32, pte_bytes: 2, pfn_bits: 9-15, valid_bit: 0, readable_bit: 1,\n" \
    "           writable_bit: 2, executable_bit: 3, user_bit: 4, accessed_bit: 6, dirty_bit: 7" more "}}\n"

/* 32 entries of 2 bytes: a table takes 2 pages, so there are 8. A has a root and 4 leaf tables; there is no room for
 * B's 5; A gets 3 more, and for the next it must end. */
static void a_process_that_can_have_no_page_table_ends(void **state) {
    (void)state;
    play(TOY("[5, 5]", "") "processes: [{name: A, layout: {heap: {size: 8KiB, at: 0x400, perms: rw}}}]\n"
         "steps:\n"
         "  - {scan: heap, count: 4, stride: 1024, access: write}\n"
         "  - {fork: B}\n"
         "  - {scan: heap+0x1000, count: 3, stride: 1024, access: write}\n"
         "  - {write: heap+0x1c00, expect: oom}\n"
         "expect: {oom: 1}\n");
    assert_refused(&p, "no memory is left for its page tables");
    assert_int_equal(kernel()->frames_free, 112);
    assert_int_equal(kernel()->tables, 0);
    play_end(&p);
}

/* B is ended for want of a table just after a page of shared memory came back from swap for it: A must
 * still find its bytes. */
static void shared_memory_survives_a_process_that_could_not_map_it(void **state) {
    (void)state;
    play(TOY("[5, 5]", "") "processes: [{name: A, layout: {heap: {size: 8KiB, at: 0x800, perms: rw}}}]\n"
         "steps:\n"
         "  - {mmap: buf, size: 32, at: 0x400, shared: true}\n"
         "  - {write: buf, value: 7}\n"
         "  - {suspend: A}\n  - {resume: A}\n"
         "  - {fork: B}\n"
         "  - {scan: heap, count: 5, stride: 1024, access: write}\n"
         "  - {read: buf, as: B, expect: oom}\n"
         "  - {read: buf, as: A, expect: {value: 7}}\n");
    play_end(&p);
}

/* Each table takes a page here: a root, 14 leaf tables of bss and one of low are 16. So the huge page of the heap
 * cannot be split: no part of it is unmapped, and it stays when its process is suspended. */
static void a_huge_page_that_cannot_be_split_stays_whole(void **state) {
    (void)state;
    play(TOY("[4, 3]", ", superpages: true")
         "processes: [{name: A, layout: {heap: {size: 256, page_size: 256, at: 0x100, perms: rw}, bss: {size: 3584, at: 0x200, perms: rw}}}]\n"
         "steps:\n"
         "  - {write: heap+0x20, value: 9}\n"
         "  - {scan: bss, count: 14, stride: 256, access: write}\n"
         "  - {mmap: low, size: 32, at: 0x20}\n  - {read: low}\n"
         "  - {munmap: heap+0x20, size: 32}\n"
         "  - {suspend: A}\n  - {resume: A}\n"
         "  - {read: heap+0x20, expect: {fault: none, value: 9}}\n"
         "  - {read: bss, expect: major-swap}\n"
         "expect: {oom: 0, huge_pages: 1}\n");
    assert_refused(&p, "no memory is left for page tables");
    play_end(&p);
}

/* Kernel space takes 2 frames for tables, the first page 3, each 2 MiB more another: at the end all but one hold
 * tables, for which dirty pages had to leave. */
static void tables_in_frames_push_pages_out(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 8, page_tables: in_frames, replacement: fifo}\n"
              "processes: [{name: A, layout: {heap: {size: 8MiB, at: 0x10000}, kernel: {size: 4KiB}}}]\n"
              "steps:\n"
              "  - {scan: heap, count: 3, stride: 4096, access: write}\n"
              "  - {scan: heap+0x200000, count: 2, stride: 2097152, access: write}\n"
              "  - {read: heap, expect: major-swap}\n"
              "expect: {oom: 0}\n");
    play_end(&p);
}

/* The page of text that B is about to share was loaded first, so FIFO would take it for B's two tables; but it
 * must stay until B has mapped it. The roots (2), kernel space (2), A's tables (2) and 4 pages fill 10 frames. */
static void a_page_that_is_about_to_be_mapped_does_not_leave_for_its_own_tables(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39, frames: 10, page_tables: in_frames, replacement: fifo}\n"
              "processes:\n"
              "  - {name: A, program: x, layout: {text: {size: 4KiB, at: 0x8000}, heap: {size: 64KiB, at: 0x10000}}}\n"
              "  - {name: B, program: x, layout: {text: {size: 4KiB, at: 0x8000}, heap: {size: 64KiB, at: 0x10000}}}\n"
              "steps:\n"
              "  - {fetch: text}\n"
              "  - {scan: heap, count: 3, stride: 4096, access: write}\n"
              "  - {fetch: text, as: B, expect: minor-map}\n"
              "expect: {evictions: 2, swap_writes: 2, file_reads: 1}\n");
    play_end(&p);
}

/* ---- processes and ASIDs ---- */

static char *many_forks(struct text *t, unsigned count, const char *more) {
    static char yaml[400000];
    *t = text_in(yaml, sizeof yaml);
    text_add(t, HEAD "machine: {paging: sv32, frames: 600}\n"
                     "processes: [{name: A, layout: {heap: {size: 4KiB, at: 0x10000}}}]\nsteps:\n");
    for (unsigned i = 0; i < count; i++) text_addf(t, "  - {fork: p%u, as: A}\n", i);
    text_add(t, more);
    return yaml;
}

/* Sv32's satp has 9 bits for the ASID: 511 besides 0. A has the first; a child that ends gives its own back. */
static void asids_run_out_and_come_back(void **state) {
    struct text t;
    (void)state;
    play(many_forks(&t, 511, "  - {exit: p7}\n  - {fork: late, as: A}\n  - {write: heap, value: 3, as: late}\n"));
    assert_int_equal(p.count[EV_CALL_FAILED], 1);
    assert_refused(&p, "every ASID is taken");
    assert_int_equal(p.last[EV_CALL_FAILED].step, 510);
    assert_int_equal(kernel()->process[512].asid, 9); /* p7's: A has 1, p0 has 2 */
    play_end(&p);
}

static void a_machine_with_more_processes_than_asids_is_refused(void **state) {
    static struct process_config process[513];
    struct machine_config c;
    struct diag why = {0};
    (void)state;
    machine_config_default(&c);
    c.format = *paging_by_name("sv32");
    c.processes = process;
    c.process_count = 511;
    assert_true(machine_config_check(&c, &why) > 0);
    c.process_count = 512;
    assert_int_equal(machine_config_check(&c, &why), 0);
    assert_non_null(strstr(why.text, "ASIDs"));
    c.tlb.asid = false; /* its switches flush: nobody needs one */
    assert_true(machine_config_check(&c, &why) > 0);
}

/* 4096 processes, ended ones included: the file is refused with the line of the fork that is one too many. */
static void process_numbers_run_out_with_a_clear_error(void **state) {
    const struct scenario_options options = {.policy = NULL};
    struct diag_list errors = {.count = 0};
    struct scenario *s = NULL;
    struct text t;
    (void)state;
    const char *yaml = many_forks(&t, 4096, "");
    assert_int_not_equal(scenario_load_memory(yaml, strlen(yaml), "many", NULL, &options, &s, &errors), VS_OK);
    assert_int_equal(errors.item[0].line, 5 + 4096);
    assert_non_null(strstr(errors.item[0].text, "as many processes as can be"));
}

/* ---- regions ---- */

#define REGIONS(n) HEAD "machine: {paging: sv39, kernel: {max_regions: " #n "}}\n" \
    "processes: [{name: A, layout: {heap: {size: 64KiB, at: 0x10000}}}]\nsteps:\n"

/* A hole in the middle of a region makes two of it; its ends can go at any time. As Linux: munmap(2), ENOMEM. */
static void munmap_may_not_make_more_regions_than_allowed(void **state) {
    (void)state;
    play(REGIONS(2) "  - {write: heap+0x2000, value: 4}\n"
                    "  - {munmap: heap+0x2000, size: 4KiB}\n"
                    "  - {read: heap+0x2000, expect: {value: 4}}\n"
                    "  - {munmap: heap, size: 4KiB}\n"
                    "  - {munmap: heap+0xf000, size: 4KiB}\n"
                    "  - {munmap: 0x1000, size: 0x20000}\n");
    assert_int_equal(p.count[EV_CALL_FAILED], 1);
    assert_refused(&p, "as many regions as it may have");
    assert_int_equal(p.count[EV_REGION_CUT], 2); /* the two ends */
    play_end(&p);
}

static void mprotect_and_mlock_may_not_cut_more_regions_than_allowed(void **state) {
    (void)state;
    play(REGIONS(3) "  - {mprotect: heap+0x2000, size: 4KiB, perms: r}\n"
                    "  - {mlock: heap+0x2000, size: 4KiB}\n"
                    "  - {write: heap+0x2000, expect: minor-zero}\n"
                    "  - {mprotect: heap, perms: r}\n"
                    "  - {mprotect: heap, size: 4KiB, perms: rw}\n"
                    "  - {mlock: heap, size: 8KiB}\n");
    assert_int_equal(p.count[EV_CALL_FAILED], 3);
    assert_int_equal(p.count[EV_REGION_CUT], 1);
    assert_int_equal(vma_find(&kernel()->process[0], 0x12)->perms, PERM_R);
    play_end(&p);
}

static void mmap_may_make_the_last_region_and_no_other(void **state) {
    (void)state;
    play(REGIONS(3) "  - {mmap: a, size: 4KiB, at: 0x100000}\n"
                    "  - {mmap: b, size: 4KiB}\n"
                    "  - {mmap: b, size: 4KiB, at: 0x200000}\n"
                    "  - {mmap: a, size: 4KiB, at: 0x100000, perms: r}\n" /* in its own place */
                    "  - {mmap: b, size: 4KiB, at: 0x11000}\n"
                    "  - {brk: +4KiB}\n  - {mremap: a, size: 8KiB}\n"); /* both in place */
    assert_int_equal(p.count[EV_CALL_FAILED], 3);
    assert_int_equal(p.count[EV_MAPPED], 2);
    assert_int_equal(p.count[EV_REGION_GROWN], 2);
    play_end(&p);
}

/* ---- address space ---- */

/* Sv32 with kernel space in the top quarter: 3 GiB for the program. */
static void an_address_space_that_is_full_says_so(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv32}\nsteps:\n"
              "  - {mmap: a, size: 2GiB}\n"
              "  - {mmap: b, size: 2GiB}\n"
              "  - {mmap: c, size: 1MiB}\n"
              "  - {write: c, value: 1, expect: minor-zero}\n"
              "  - {mremap: c, size: 2GiB}\n"
              "  - {read: c, expect: {value: 1}}\n");
    assert_int_equal(p.count[EV_CALL_FAILED], 2);
    assert_refused(&p, "no hole in the address space is large enough");
    play_end(&p);
}

/* The heap's end moves up to the region in its way, and not a byte into it. */
static void the_break_stops_at_the_next_region(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39}\n"
              "processes: [{name: A, layout: {heap: {size: 4KiB, at: 0x10000}, kernel: {size: 4KiB}}}]\nsteps:\n"
              "  - {mmap: a, size: 4KiB, at: 0x14000}\n"
              "  - {brk: 0x14001}\n"
              "  - {brk: 0x14000}\n"
              "  - {write: 0x13ff8, expect: minor-zero}\n"
              "  - {brk: +1KiB}\n");
    assert_int_equal(p.count[EV_CALL_FAILED], 2);
    assert_refused(&p, "another region, or the guard below the stack, is in the way");
    assert_int_equal(kernel()->process[0].brk, 0x14000);
    play_end(&p);
}

/* 16 KiB is the stack's limit; what lies below is no good address. */
static void the_stack_grows_to_its_limit_and_no_further(void **state) {
    (void)state;
    play(HEAD "machine: {paging: sv39}\n"
              "processes: [{name: A, layout: {stack: {size: 4KiB, limit: 16KiB}}}]\nsteps:\n"
              "  - {write: stack-0x4000, expect: minor-growth}\n"
              "  - {write: stack-0x4008, expect: segv-map}\n"
              "  - {write: stack-0x4000, expect: hit}\n");
    play_end(&p);
}

/* ---- numbers that wrap ---- */

static struct call_config call_of(enum call_kind kind, uint64_t length, uint8_t flags) {
    return (struct call_config){.kind = (uint8_t)kind, .length = length, .flags = flags, .perms = PERM_R | PERM_W, .name = 1};
}

/* The last page, the middle of 64 bits, one byte less than all: no length, address or break makes a region that wraps. */
static void no_length_or_address_wraps(void **state) {
    static const uint64_t hostile[] = {1, 0xfff, (uint64_t)1 << 38, (uint64_t)1 << 52, (uint64_t)1 << 63, UINT64_MAX - 0xfff, UINT64_MAX};
    enum { HOSTILE = sizeof hostile / sizeof hostile[0] };
    static char names[1][NAME_SIZE] = {"x"};
    (void)state;
    for (unsigned kind = 0; kind < CALL_EXEC; kind++)
        for (unsigned i = 0; i < HOSTILE * HOSTILE * 4; i++) {
            struct call_config call = call_of((enum call_kind)kind, hostile[i % HOSTILE], (uint8_t)(i / HOSTILE / HOSTILE % 2 ? CALL_FIXED | CALL_DOWN : 0));
            call.file_page = i / HOSTILE / HOSTILE / 2 ? UINT32_MAX : 0;
            if (call.file_page) memcpy(call.file, "f", 2);
            play_begin(&p, HEAD "machine: {paging: sv39}\nsteps:\n  - {write: heap, value: 1}\n  - {brk: +4KiB}\n  - {read: heap, expect: {value: 1}}\n");
            p.s->config.calls[0] = call;
            p.s->config.names = names;
            p.s->config.name_count = 1;
            struct step step[3] = {{.kind = STEP_ACCESS, .proc = PROC_NONE, .op = ACCESS_WRITE, .size = 8, .va = 0x5000, .flags = STEP_AUTOMAP},
                                   {.kind = STEP_CALL, .proc = PROC_NONE, .va = hostile[i / HOSTILE % HOSTILE] & ~(uint64_t)(i % 2 ? 0xfff : 0)},
                                   {.kind = STEP_ACCESS, .proc = PROC_NONE, .op = ACCESS_READ, .size = 8, .va = 0x5000}};
            struct step_source *source = step_source_array(step, 3);
            assert_int_equal(machine_set_source(p.m, source), VS_OK);
            while (play_micro(&p)) continue;
            assert_int_equal(machine_status(p.m), VS_OK);
            p.s->config.names = NULL;
            p.s->config.name_count = 0;
            play_end(&p);
            step_source_free(source);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_swap_the_process_that_asks_ends_and_the_others_go_on),
        cmocka_unit_test(a_full_swap_area_ends_in_out_of_memory_and_its_slots_come_back),
        cmocka_unit_test(a_full_swap_area_still_lets_clean_pages_go),
        cmocka_unit_test(pinned_pages_cannot_leave_but_others_can),
        cmocka_unit_test(locking_more_than_there_are_frames_is_out_of_memory),
        cmocka_unit_test(kswapd_gives_up_only_until_the_next_fault),
        cmocka_unit_test(a_process_that_can_have_no_page_table_ends),
        cmocka_unit_test(shared_memory_survives_a_process_that_could_not_map_it),
        cmocka_unit_test(a_huge_page_that_cannot_be_split_stays_whole),
        cmocka_unit_test(tables_in_frames_push_pages_out),
        cmocka_unit_test(a_page_that_is_about_to_be_mapped_does_not_leave_for_its_own_tables),
        cmocka_unit_test(asids_run_out_and_come_back),
        cmocka_unit_test(a_machine_with_more_processes_than_asids_is_refused),
        cmocka_unit_test(process_numbers_run_out_with_a_clear_error),
        cmocka_unit_test(munmap_may_not_make_more_regions_than_allowed),
        cmocka_unit_test(mprotect_and_mlock_may_not_cut_more_regions_than_allowed),
        cmocka_unit_test(mmap_may_make_the_last_region_and_no_other),
        cmocka_unit_test(an_address_space_that_is_full_says_so),
        cmocka_unit_test(the_break_stops_at_the_next_region),
        cmocka_unit_test(the_stack_grows_to_its_limit_and_no_further),
        cmocka_unit_test(no_length_or_address_wraps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
