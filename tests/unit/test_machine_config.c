/* Machines that cannot be are refused before anything is allocated, with a reason. */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct rig r;

/* A good machine: 4 frames, a heap of 4 pages at page 0x10. */
static void good(void) {
    rig_begin(&r, 4);
    rig_region(&r, 0, VMA_HEAP, 0x10, 4, PERM_RW);
}

static void refused(const char *what) {
    struct diag why = {0}, again = {0};
    struct machine *m = NULL;
    struct step_source *none = step_source_array(r.step, 0);
    if (machine_config_check(&r.config, &why) != 0) fail_msg("accepted: %s", what);
    if (!why.text[0]) fail_msg("no reason given: %s", what);
    assert_int_not_equal(machine_create(&r.config, none, &m, &again), VS_OK);
    assert_null(m);
    step_source_free(none);
}

static void accepted(const char *what) {
    struct diag why = {0};
    if (machine_config_check(&r.config, &why) == 0) fail_msg("refused: %s: %s", what, why.text);
}

static void a_good_machine_is_accepted(void **state) {
    (void)state;
    good();
    accepted("the good machine");
}

static void numbers_of_frames_that_cannot_be_are_refused(void **state) {
    static const unsigned bits[] = {9, 9, 9, 9, 9};
    (void)state;
    good(), r.config.frames = 0, refused("no frame");
    good(), r.config.frames = UINT32_MAX, refused("more frames than the PFN of sv32 can name");
    good(), r.config.frames = 1u << 22, refused("so many frames that page tables have no PFN left");
    good(), rig_format(&r, 5, bits, 12, 8, 63, 44), r.config.frames = UINT32_MAX - 1,
                                                    refused("more frames than memory");
}

static void tlbs_that_cannot_be_are_refused(void **state) {
    (void)state;
    good(), rig_tlb(&r, 4, 0, true), refused("no way");
    good(), rig_tlb(&r, 5, 4, true), refused("ways do not divide entries");
    good(), rig_tlb(&r, 4, 8, true), refused("more ways than entries");
    good(), rig_tlb(&r, UINT32_MAX, 1, true), refused("4 billion entries");
    good(), rig_tlb(&r, 0, 4, true), accepted("no TLB");
}

static void regions_that_cannot_be_are_refused(void **state) {
    (void)state;
    struct region_config *heap = &r.region[0][0];
    good(), heap->pages = 0, refused("a region without pages");
    good(), heap->pages = heap->limit = UINT64_C(1) << 60, refused("2^60 pages");
    good(), heap->first = 0xfffff, refused("over the top of the address space");
    good(), heap->first = UINT64_MAX, refused("first page 2^64-1");
    good(), rig_region(&r, 0, VMA_BSS, 0x12, 4, PERM_RW), refused("overlap");
    good(), rig_region(&r, 0, VMA_BSS, 0x2, 4, PERM_RW), refused("not ascending");
    good(), heap->kind = VMA_STACK, heap->limit = 100, refused("a stack that would grow below address 0");
}

static void a_region_that_memory_cannot_describe_is_refused(void **state) {
    static const unsigned bits[] = {9, 9, 9, 9, 9};
    (void)state;
    good(), rig_format(&r, 5, bits, 12, 8, 63, 44);
    r.region[0][0].pages = r.region[0][0].limit = UINT64_C(1) << 43;
    refused("2^43 pages");
}

static void files_of_more_pages_than_can_be_counted_are_refused(void **state) {
    (void)state;
    for (uint32_t before = 0; before < 6; before++) {
        rig_begin(&r, 4);
        rig_region(&r, 0, VMA_TEXT, 0x10, 4, PERM_RX)->file_page = UINT32_MAX - before;
        refused("a file of 4 billion pages");
    }
}

static void page_table_contents_that_cannot_be_are_refused(void **state) {
    (void)state;
    good(), rig_map(&r, 0, 0x10, 4), refused("a PFN that is no frame");
    good(), rig_map(&r, 0, UINT64_C(1) << 50, 0), refused("a VPN beyond the format");
    good(), rig_map(&r, 0, UINT64_MAX, 0), refused("VPN 2^64-1");
    good(), rig_map(&r, 0, 0x10, 0), rig_map(&r, 0, 0x10, 1), refused("one page in two frames");
    good(), rig_map(&r, 0, 0x10, 0), rig_map(&r, 0, 0x10, 0), refused("the same entry twice");
}

static void preload(uint32_t set, uint32_t way, pfn_t pfn) {
    good();
    r.preload[0] = (struct tlb_preload){set, way, 1, pfn};
    r.config.tlb_preload = r.preload;
    r.config.tlb_preload_count = 1;
}

static void tlb_contents_that_cannot_be_are_refused(void **state) {
    (void)state;
    preload(0, 3, 1), accepted("the last way");
    preload(1, 0, 1), refused("a set beyond the last");
    preload(0, 4, 1), refused("a way beyond the last");
    preload(0, 0, UINT64_MAX), refused("a PFN of 64 bits");
    preload(0, 0, 1), rig_tlb(&r, 0, 1, true), refused("contents of no TLB");
}

static void shares_of_frames_that_do_not_add_up_are_refused(void **state) {
    (void)state;
    good(), r.config.scope = SCOPE_LOCAL, r.process[0].frames = 5, refused("more than there are");
    good(), rig_process(&r, "B", "B"), r.config.scope = SCOPE_LOCAL;
    r.process[0].frames = r.process[1].frames = 3, refused("3 + 3 of 4");
    good(), rig_process(&r, "B", "B"), rig_process(&r, "C", "C"), r.config.frames = 2,
                                                                  r.config.scope = SCOPE_LOCAL;
    refused("2 frames for 3 processes");
}

static void formats_and_policies_that_cannot_be_are_refused(void **state) {
    (void)state;
    good(), r.config.format.levels = 0, refused("no level");
    good(), r.config.format.pfn_bits = 1, refused("a PFN of one bit");
    good(), r.config.policy.name = "nonsense", refused("no such policy");
    good(), r.config.policy.name = NULL, refused("no policy");
    good(), r.config.process_count = 0, refused("no process");
}

/* The page tables of the toy must fit beside the frames: 4 bits of PFN are 16 pages. */
static void frames_that_leave_no_room_for_page_tables_are_refused(void **state) {
    static const unsigned bits[] = {2, 2, 2};
    (void)state;
    good(), rig_format(&r, 3, bits, 4, 1, 7, 4);
    r.region[0][0].first = 0;
    r.config.frames = 16;
    refused("16 frames of 16 pages");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_machine_is_accepted),
        cmocka_unit_test(numbers_of_frames_that_cannot_be_are_refused),
        cmocka_unit_test(tlbs_that_cannot_be_are_refused),
        cmocka_unit_test(regions_that_cannot_be_are_refused),
        cmocka_unit_test(a_region_that_memory_cannot_describe_is_refused),
        cmocka_unit_test(files_of_more_pages_than_can_be_counted_are_refused),
        cmocka_unit_test(page_table_contents_that_cannot_be_are_refused),
        cmocka_unit_test(tlb_contents_that_cannot_be_are_refused),
        cmocka_unit_test(shares_of_frames_that_do_not_add_up_are_refused),
        cmocka_unit_test(formats_and_policies_that_cannot_be_are_refused),
        cmocka_unit_test(frames_that_leave_no_room_for_page_tables_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
