/* Forks that fail must leave no trace: nothing of the parent is given back, nothing of the child stays. */
#include "vmscope/scenario/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* 128 pages by 7 PFN bits: 112 frames leave 16 for tables, 2 pages each, so the fourth process has none. */
static const char tight[] =
    "version: 1\n"
    "title: tight\n"
    "machine:\n"
    "  frames: 112\n"
    "  paging: {custom: {levels: [5, 5], page_size: 32, pte_bytes: 2, pfn_bits: 9-15, valid_bit: 0, readable_bit: 1,\n"
    "           writable_bit: 2, executable_bit: 3, user_bit: 4, accessed_bit: 6, dirty_bit: 7}}\n"
    "processes: [{name: A, layout: {heap: {size: 64, at: 0x20, perms: rw}}}]\n"
    "steps:\n"
    "  - {write: 0x20, value: 7}\n"
    "  - {fork: B}\n  - {fork: C}\n  - {fork: D}\n  - {fork: E}\n  - {fork: F}\n"
    "  - {read: 0x20}\n"
    "  - {write: 0x20, value: 8}\n"
    "  - {exit: B}\n  - {exit: C}\n  - {exit: D}\n"
    "  - {read: 0x20, as: A}\n";

static void forks_that_find_no_memory_for_tables_change_nothing(void **state) {
    const struct scenario_options options = {.policy = NULL};
    struct diag_list errors = {.count = 0};
    struct scenario *s = NULL;
    struct machine *m = NULL;
    struct event e;
    uint64_t last = 0;
    unsigned failed = 0;
    (void)state;
    assert_int_equal(scenario_load_memory(tight, strlen(tight), "tight", NULL, &options, &s, &errors), VS_OK);
    assert_int_equal(scenario_machine(s, &m, NULL), VS_OK);
    while (machine_micro_step(m, &e)) {
        assert_null(kernel_inconsistency(machine_kernel(m)));
        failed += e.kind == EV_CALL_FAILED;
        if (e.kind == EV_MEM_READ) last = e.value;
    }
    assert_int_equal(machine_status(m), VS_OK);
    assert_true(failed > 0);
    assert_int_equal(last, 8);
    machine_free(m);
    scenario_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(forks_that_find_no_memory_for_tables_change_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
