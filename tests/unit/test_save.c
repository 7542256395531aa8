/* test_save.c - `:save` writes everything that a scenario can say: what is saved loads again, runs
 * alike, and saved once more gives the same text. */
#include "ui/app_state.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>
#include <cmocka.h>

#define FILE_SIZE 8192

static const char x86[] =
    "version: 1\n"
    "title: x86-64\n"
    "machine:\n"
    "  paging: {format: x86-64, nxe: false, smap: true, maxphyaddr: 40}\n"
    "  tlb:\n"
    "    {entries: 8, ways: 4, replacement: plru, asid: false,\n"
    "     instruction: {entries: 4, ways: 2, replacement: fifo}, second: {entries: 16, ways: 4, inclusive: true}}\n"
    "  kernel: {lazy_clear: true, invalidate: false}\n"
    "processes:\n"
    "  - name: A\n"
    "    layout: {text: 8KiB, heap: {size: 4MiB, page_size: 2MiB}, stack: 8KiB, kernel: 2GiB}\n"
    "  - {name: B, program: A, layout: {text: 8KiB, heap: 16KiB, kernel: 0}}\n"
    "steps:\n"
    "  - {fetch: text}\n"
    "  - {write: heap, value: 42}\n"
    "  - {read: heap, mode: kernel}\n"
    "  - {read: 0x800000000000}\n"
    "  - {read: 0xffffffff80000000, mode: kernel}\n"
    "  - {tlb_flush: heap+0x10}\n"
    "  - {read: heap, as: B}\n"
    "  - {tlb_flush: asid, as: A}\n"
    "  - {tlb_flush: all}\n"
    "  - {read: heap, as: A}\n";

static const char sv39[] =
    "version: 1\n"
    "title: sv39\n"
    "machine: {paging: {format: sv39, ad: svade, sum: true, mxr: true}, tlb: {entries: 4, refill: software}}\n"
    "steps:\n"
    "  - {read: heap}\n"
    "  - {write: heap, value: 1}\n"
    "  - {read: heap+0x1000}\n";

static const char superpages[] =
    "version: 1\n"
    "title: superpages\n"
    "machine:\n"
    "  ad: software\n"
    "  custom: {levels: [4, 4], page_size: 256, valid_bit: 0, writable_bit: 1, accessed_bit: 2, dirty_bit: 3,\n"
    "           pfn_bits: 8-23, superpages: true}\n"
    "processes: [{name: A, layout: {heap: {size: 8KiB, page_size: 4KiB, at: 0x4000}}}]\n"
    "steps:\n"
    "  - {write: heap, value: 1}\n"
    "  - {scan: heap, count: 8, stride: 1KiB}\n";

static const char segments[] =
    "version: 1\n"
    "title: segments\n"
    "machine: {paging: {format: segments, va_bits: 16}}\n"
    "processes:\n"
    "  - {name: A, layout: {text: 2KiB, heap: 3KiB, stack: 2KiB}}\n"
    "  - {name: B, layout: {text: 1KiB, heap: 1KiB}}\n"
    "steps:\n"
    "  - {write: heap, value: 42}\n"
    "  - {read: heap, as: B}\n";

static const char words[] =
    "version: 1\n"
    "title: words\n"
    "machine: {paging: sv39}\n"
    "processes: [{name: A, map: [{vpn: 0x80200, level: 1, pte: 0x4df}, {vpn: 0x5, pfn: 0x2}]}]\n"
    "steps:\n"
    "  - {read: 0x80200000}\n"
    "  - {read: 0x5000}\n";

/* With another K it has other faults. */
static const char third_last[] =
    "version: 1\n"
    "title: LRU-K\n"
    "machine: {frames: 3, replacement: {policy: lru_k, k: 3}}\n"
    "steps: [{pages: 2 2 4 3 1 5 3 1 3 5 3 5 2 4 4 5 3 4}]\n";

static const char inverted[] =
    "version: 1\n"
    "title: inverted\n"
    "machine: {paging: {format: inverted, va_bits: 20, page_size: 256}, frames: 5, tlb: 0}\n"
    "steps:\n"
    "  - {pages: 1 2 3w 4 5 1 2w 6 7}\n";

/* Run all of it in a session and save that. `text` gets what was written, *c what was counted. */
static void run_and_save(struct scenario *s, const char *path, char text[FILE_SIZE], struct counters *c) {
    struct ui_options options;
    struct app app = {.options = &options};
    struct diag why = {.text = ""};
    char said[200];
    struct text t = text_in(said, sizeof said);
    ui_options_default(&options);
    assert_true(keymap_default(&app.keymap, &why));
    assert_true(canvas_resize(&app.canvas, 80, 24));
    screen_init(&app.screen, &app.keymap);
    assert_true(app_open(&app, s, &why));
    history_run(app.session.history, 1000);
    *c = *machine_counters(history_machine(app.session.history));
    if (!save_scenario(&app.session, path, &t)) fail_msg("%s", said);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    text[fread(text, 1, FILE_SIZE - 1, f)] = '\0';
    fclose(f);
    app_close(&app);
    canvas_free(&app.canvas);
}

static void check_saving(const char *yaml) {
    struct diag_list errors = {.count = 0};
    struct scenario *first = NULL, *second = NULL;
    struct counters before, after;
    char path[] = "/tmp/vmscope-save-XXXXXX", once[FILE_SIZE], twice[FILE_SIZE];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    if (scenario_load_memory(yaml, strlen(yaml), "first.yaml", NULL, NULL, &first, &errors) != VS_OK)
        fail_msg("%u:%u: %s", errors.item[0].line, errors.item[0].col, errors.item[0].text);
    run_and_save(first, path, once, &before);
    if (scenario_load_memory(once, strlen(once), "second.yaml", NULL, NULL, &second, &errors) != VS_OK)
        fail_msg("%u:%u: %s in\n%s", errors.item[0].line, errors.item[0].col, errors.item[0].text, once);
    run_and_save(second, path, twice, &after);
    assert_string_equal(once, twice);
    assert_memory_equal(&before, &after, sizeof before);
    scenario_free(first);
    scenario_free(second);
    unlink(path);
}

static void an_x86_with_every_tlb_is_saved(void **state) {
    (void)state;
    check_saving(x86);
}

static void software_that_sets_bits_and_refills_is_saved(void **state) {
    (void)state;
    check_saving(sv39);
}

static void superpages_of_a_format_of_its_own_are_saved(void **state) {
    (void)state;
    check_saving(superpages);
}

static void segments_are_saved(void **state) {
    (void)state;
    check_saving(segments);
}

static void entries_given_as_words_are_saved(void **state) {
    (void)state;
    check_saving(words);
}

static void an_inverted_table_without_tlb_is_saved(void **state) {
    (void)state;
    check_saving(inverted);
}

static void what_a_policy_goes_by_is_saved(void **state) {
    (void)state;
    check_saving(third_last);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_x86_with_every_tlb_is_saved),
        cmocka_unit_test(software_that_sets_bits_and_refills_is_saved),
        cmocka_unit_test(superpages_of_a_format_of_its_own_are_saved),
        cmocka_unit_test(segments_are_saved),
        cmocka_unit_test(entries_given_as_words_are_saved),
        cmocka_unit_test(an_inverted_table_without_tlb_is_saved),
        cmocka_unit_test(what_a_policy_goes_by_is_saved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
