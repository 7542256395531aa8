/* Under `profile: linux` each program of tests/linux faults as often as on a Linux 6 kernel:
 * every number stands in tests/data/linux_faults.jsonl and linux_faults_more.jsonl, measured
 * there with getrusage. A scenario's notes are the keys of its record; the faults of a note
 * are those of its step and of all that follow it up to the next note. The records are for
 * 64 pages; for other numbers of pages each count changes as the pages that it counts do
 * (measured so for 2, 4, 12, 128 and 500 pages; docs/testing-with-linux.md). */
#include "json.h"
#include "scaled.h"

#include "vmscope/base/text.h"
#include "vmscope/scenario/scenario.h"
#include "vmscope/sim/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOTES_MAX 32
#define YAML_MAX 12000
#define FIRST_RECORDS 21 /* of linux_faults.jsonl */
#define MORE_RECORDS 29  /* of linux_faults_more.jsonl */

/* Page faults, and copies, since each note. */
struct tally {
    const char *note;
    uint64_t faults, copies;
};

struct run {
    struct scenario *s;
    struct machine *m;
    struct tally tally[NOTES_MAX];
    size_t notes;
};

static void read_yaml(const char *name, char yaml[YAML_MAX]) {
    char path[200];
    struct text t = text_in(path, sizeof path);
    text_addf(&t, "tests/linux/%s.yaml", name);
    FILE *f = fopen(path, "r");
    if (!f) fail_msg("%s is missing", path);
    size_t n = fread(yaml, 1, YAML_MAX - 1, f);
    yaml[n] = '\0';
    fclose(f);
}

static void load(struct run *r, const char *yaml, size_t size, const char *name) {
    struct diag_list errors = {0};
    struct scenario_options options = {0};
    struct diag why;
    if (scenario_load_memory(yaml, size, name, NULL, &options, &r->s, &errors) != VS_OK) fail_msg("%s: %s", name, errors.item[0].text);
    assert_int_equal(scenario_machine(r->s, &r->m, &why), VS_OK);
}

/* The scenario for `pages` pages. False: it is none of those that can be had for so many. */
static bool open_run(struct run *r, const char *name, unsigned pages) {
    static char yaml[YAML_MAX], scaled[YAML_MAX];
    struct text t = text_in(scaled, sizeof scaled);
    *r = (struct run){0};
    read_yaml(name, yaml);
    if (!scaled_scenario(yaml, pages, &t)) return false;
    load(r, scaled, t.len, name);
    return true;
}

static struct tally *tally_of(struct run *r, const char *note) {
    for (size_t i = 0; i < r->notes; i++)
        if (strcmp(r->tally[i].note, note) == 0) return &r->tally[i];
    assert_true(r->notes < NOTES_MAX);
    r->tally[r->notes] = (struct tally){.note = note};
    return &r->tally[r->notes++];
}

/* Does every step whole, and adds what it counts to the last note. Every expectation of a step must hold. */
static void play(struct run *r) {
    const char *note = "start";
    for (;;) {
        struct counters before = *machine_counters(r->m);
        struct step now;
        struct diag why;
        if (!machine_step(r->m)) break;
        assert_true(machine_step_now(r->m, &now));
        const struct step_extra *extra = scenario_extra(r->s, &now);
        if (extra && extra->note) note = extra->note;
        if (!scenario_check_step(r->s, r->m, &why)) fail_msg("line %u: %s", why.line, why.text);
        struct tally *t = tally_of(r, note);
        t->faults += machine_counters(r->m)->page_faults - before.page_faults;
        t->copies += machine_counters(r->m)->cow_copies - before.cow_copies;
        const char *wrong = kernel_inconsistency(machine_kernel(r->m));
        if (wrong) fail_msg("after %s: %s", note, wrong);
    }
    assert_int_equal(machine_status(r->m), VS_OK);
}

static void close_run(struct run *r) {
    machine_free(r->m);
    scenario_free(r->s);
}

/* What a record says besides faults. */
static bool is_other(const char *key) {
    static const char *const others[] = {"N", "M", "ptes_present_after_read", "resident", "resident_ptes", "present_after",
                                         "signal", "si_code", "pf_error_code", "mlock_rc"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(others[i], key) == 0) return true;
    return false;
}

static bool is_number(struct json v) { return json_number(v, UINT64_MAX) != UINT64_MAX; }

static unsigned pages; /* that the scenarios are about */

static void compare(struct run *r, struct json record, const char *name) {
    unsigned compared = 0;
    for (size_t i = 0; i < json_length(record); i++) {
        const char *key;
        struct json v = json_pair(record, i, &key);
        if (!is_number(v) || is_other(key)) continue;
        struct tally *t = tally_of(r, key);
        uint64_t linux_counts = scaled_pages(json_number(v, 0), pages);
        if (t->faults != linux_counts)
            fail_msg("%s, %u pages: %s: Linux counts %llu page faults, vmscope %llu", name, pages, key,
                     (unsigned long long)linux_counts, (unsigned long long)t->faults);
        compared++;
    }
    assert_true(compared > 0);
}

/* Returns how many cases there were. */
static unsigned each_case_of(const char *path, void (*check)(struct run *r, struct json record, const char *name)) {
    struct json_file *records = json_load(path);
    unsigned cases = 0;
    for (size_t i = 0; i < json_count(records); i++) {
        struct json record = json_record(records, i);
        const char *name = json_text(json_get(record, "case")) + strlen("linux-");
        struct run r;
        if (!open_run(&r, name, pages)) continue;
        play(&r);
        check(&r, record, name);
        close_run(&r);
        cases++;
    }
    json_free(records);
    return cases;
}

static void each_case(void (*check)(struct run *r, struct json record, const char *name)) {
    pages = SCALED_FROM;
    assert_int_equal(each_case_of("tests/data/linux_faults.jsonl", check), FIRST_RECORDS);
    assert_int_equal(each_case_of("tests/data/linux_faults_more.jsonl", check), MORE_RECORDS);
}

static void every_case_faults_as_often_as_on_linux(void **state) {
    (void)state;
    each_case(compare);
}

/* All but the one that lists its 64 steps; where halves and quarters of the pages are needed, for multiples of 4. */
static void so_does_every_case_for_another_number_of_pages(void **state) {
    static const unsigned sizes[] = {1, 3, 4, 33, 128, 500};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        pages = sizes[i];
        unsigned cases = each_case_of("tests/data/linux_faults.jsonl", compare) + each_case_of("tests/data/linux_faults_more.jsonl", compare);
        assert_true(cases >= (pages % 4 ? 30 : FIRST_RECORDS + MORE_RECORDS - 1));
    }
}

/* After the first read every PTE is present (the record: 64), and no frame is taken. */
static void check_zero_page(struct run *r, struct json record, const char *name) {
    if (strcmp(name, "madv-dontneed") == 0) assert_int_equal(tally_of(r, "write_after_read")->copies, 64);
    if (!json_is(json_get(record, "zero_page_shared"), "true")) return;
    assert_int_equal(tally_of(r, "first_read")->copies, 0);
    assert_int_equal(tally_of(r, "write_after_read")->copies, json_number(json_get(record, "ptes_present_after_read"), 0));
}

static void reads_share_the_page_of_zeros_and_writes_leave_it(void **state) {
    (void)state;
    each_case(check_zero_page);
}

static void check_copies(struct run *r, struct json record, const char *name) {
    (void)name;
    if (json_is(json_get(record, "frame_copied"), "true"))
        assert_int_equal(tally_of(r, "parent_write_half_child_alive")->copies, 32);
    if (json_is(json_get(record, "frame_reused_no_copy"), "true"))
        assert_int_equal(tally_of(r, "parent_write_other_half_after_child_exit")->copies, 0);
    if (json_is(json_get(record, "parent_kept_frame"), "true"))
        assert_int_equal(tally_of(r, "parent_faults_after_child_copied_all")->copies, 0);
}

static void frames_are_copied_while_shared_and_kept_when_alone(void **state) {
    (void)state;
    each_case(check_copies);
}

/* Linux, mm/mmap.c, brk: a break below the heap's beginning changes nothing, be it by one byte. */
static void the_break_never_goes_below_the_heap(void **state) {
    static const char yaml[] = "version: 1\ntitle: t\nprocesses: [{name: A, layout: {heap: {size: 8KiB, at: 0x10000}}}]\n"
                               "steps: [{sbrk: -8KiB}, {sbrk: -1}]\n";
    struct run r = {0};
    (void)state;
    load(&r, yaml, sizeof yaml - 1, "brk");
    play(&r);
    assert_int_equal(machine_kernel(r.m)->process[0].brk, 0x10000);
    close_run(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_faults_as_often_as_on_linux),
        cmocka_unit_test(so_does_every_case_for_another_number_of_pages),
        cmocka_unit_test(reads_share_the_page_of_zeros_and_writes_leave_it),
        cmocka_unit_test(the_break_never_goes_below_the_heap),
        cmocka_unit_test(frames_are_copied_while_shared_and_kept_when_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
