/* Under `profile: linux` each program of tests/linux faults as often as on a Linux 6 kernel:
 * every number stands in tests/data/linux_faults.jsonl, measured there with getrusage. A
 * scenario's notes are the keys of its record; the faults of a note are those of its step
 * and of all that follow it up to the next note. */
#include "json.h"

#include "vmscope/base/text.h"
#include "vmscope/scenario/scenario.h"
#include "vmscope/sim/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOTES_MAX 32

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

static void open_run(struct run *r, const char *name) {
    char path[200];
    struct text t = text_in(path, sizeof path);
    struct diag_list errors = {0};
    struct scenario_options options = {0};
    struct diag why;
    text_addf(&t, "tests/linux/%s.yaml", name);
    if (scenario_load_file(path, &options, &r->s, &errors) != VS_OK) fail_msg("%s: %s", path, errors.item[0].text);
    assert_int_equal(scenario_machine(r->s, &r->m, &why), VS_OK);
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

static void compare(struct run *r, struct json record, const char *name) {
    unsigned compared = 0;
    for (size_t i = 0; i < json_length(record); i++) {
        const char *key;
        struct json v = json_pair(record, i, &key);
        if (!is_number(v) || is_other(key)) continue;
        struct tally *t = tally_of(r, key);
        if (t->faults != json_number(v, 0))
            fail_msg("%s: %s: Linux counts %llu page faults, vmscope %llu", name, key,
                     (unsigned long long)json_number(v, 0), (unsigned long long)t->faults);
        compared++;
    }
    assert_true(compared > 0);
}

static void each_case(void (*check)(struct run *r, struct json record, const char *name)) {
    struct json_file *records = json_load("tests/data/linux_faults.jsonl");
    assert_int_equal(json_count(records), 21);
    for (size_t i = 0; i < json_count(records); i++) {
        struct json record = json_record(records, i);
        const char *name = json_text(json_get(record, "case")) + strlen("linux-");
        struct run r = {0};
        open_run(&r, name);
        play(&r);
        check(&r, record, name);
        close_run(&r);
    }
    json_free(records);
}

static void every_case_faults_as_often_as_on_linux(void **state) {
    (void)state;
    each_case(compare);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_faults_as_often_as_on_linux),
        cmocka_unit_test(reads_share_the_page_of_zeros_and_writes_leave_it),
        cmocka_unit_test(frames_are_copied_while_shared_and_kept_when_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
