/* vmscope walk against processors and books, through the program itself: its options, its memory file
 * and its JSON.
 *
 * tests/data/riscv.jsonl   translations executed on Spike, with hardware that sets A and D and without
 * tests/data/x86.jsonl     translations executed on QEMU's processor
 * tests/data/toy_translation.jsonl   OSTEP's homework programs (linear and multi-level tables)
 *
 * Each record names its source. */
#include "json.h"
#include "vmscope/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char memory_path[] = "/tmp/vmscope-walk-memory-XXXXXX",
            result_path[] = "/tmp/vmscope-walk-result-XXXXXX";

static int make_files(void **state) {
    (void)state;
    int memory = mkstemp(memory_path), result = mkstemp(result_path);
    if (memory >= 0) close(memory);
    if (result >= 0) close(result);
    return memory >= 0 && result >= 0 ? 0 : -1;
}

static int remove_files(void **state) {
    (void)state;
    unlink(memory_path);
    unlink(result_path);
    return 0;
}

/* ---- running it ---- */

static FILE *memory_file(void) {
    FILE *f = fopen(memory_path, "w");
    assert_non_null(f);
    return f;
}

static void write_memory(struct json words) {
    FILE *f = memory_file();
    const char *address = NULL;
    for (size_t i = 0; i < json_length(words); i++) {
        struct json word = json_pair(words, i, &address);
        fprintf(f, "%s: %s\n", address, json_text(word));
    }
    fclose(f);
}

/* What it prints is an array with an object a line: one record each. */
static struct json_file *walk(const char *options) {
    char command[8192], line[8192];
    const char *program = getenv("VMSCOPE");
    struct text t = text_in(command, sizeof command);
    text_addf(&t, "'%s' walk --format=json --memory=%s %s", program ? program : "build/vmscope", memory_path,
              options);
    assert_false(t.cut);
    FILE *out = popen(command, "r"), *kept = fopen(result_path, "w");
    if (!out || !kept) fail_msg("cannot run %s", command);
    while (fgets(line, sizeof line, out)) {
        line[strcspn(line, "\n")] = '\0';
        size_t n = strlen(line);
        if (n && line[n - 1] == ',') line[n - 1] = '\0';
        fprintf(kept, "%s\n", line);
    }
    fclose(kept);
    if (pclose(out) != 0) fail_msg("it failed: %s", command);
    return json_load(result_path);
}

static const char *text_at(struct json object, const char *key) { return json_text(json_get(object, key)); }

static bool is_set(struct json record, const char *key) { return json_number(json_get(record, key), 0) == 1; }

/* Two values that must read the same; null is no text. */
static void assert_same(struct json got, struct json want, const char *what, struct json record) {
    const char *a = json_kind(got) == JSON_NULL ? NULL : json_text(got);
    const char *b = json_kind(want) == JSON_NULL ? NULL : json_text(want);
    if ((a || b) && (!a || !b || strcmp(a, b) != 0))
        fail_msg("%s: %s is %s, not %s", text_at(record, "id"), what, a ? a : "null", b ? b : "null");
}

static void assert_writes(struct json got, struct json want, struct json record) {
    const char *address = NULL;
    if (json_length(got) != json_length(want))
        fail_msg("%s: %zu PTEs are written, not %zu", text_at(record, "id"), json_length(got),
                 json_length(want));
    for (size_t i = 0; i < json_length(want); i++) {
        struct json word = json_pair(want, i, &address);
        assert_same(json_get(got, address), word, address, record);
    }
}

/* The words read on the way; `prefix` is how the record calls their address and value. */
static void assert_levels(struct json got, struct json want, const char *addr, const char *word,
                          struct json record) {
    if (json_length(got) != json_length(want))
        fail_msg("%s: %zu levels, not %zu", text_at(record, "id"), json_length(got), json_length(want));
    for (size_t i = 0; i < json_length(want); i++) {
        struct json a = json_at(got, i), b = json_at(want, i);
        assert_same(json_get(a, "level"), json_get(b, "level"), "level", record);
        assert_same(json_get(a, "pte_addr"), json_get(b, addr), addr, record);
        assert_same(json_get(a, "pte"), json_get(b, word), word, record);
    }
}

/* ---- RISC-V ---- */

static void riscv_options(struct text *t, struct json r, const char *ad) {
    struct json ram = json_get(r, "ram");
    uint64_t root = json_number(json_get(r, "root_ppn"), 0) << 12;
    text_addf(t, "--paging=%s --root=0x%llx --access=%s --priv=%c --ad=%s --ram=%s-%s%s%s %s",
              text_at(r, "mode"), (unsigned long long)root, text_at(r, "access"),
              json_is(json_get(r, "priv"), "U") ? 'u' : 's', ad, json_text(json_at(ram, 0)),
              json_text(json_at(ram, 1)), is_set(r, "sum") ? " --sum" : "", is_set(r, "mxr") ? " --mxr" : "",
              text_at(r, "va"));
}

static void assert_riscv(struct json r, const char *ad, const char *expected) {
    char options[1024];
    struct text t = text_in(options, sizeof options);
    riscv_options(&t, r, ad);
    struct json_file *f = walk(options);
    assert_int_equal(json_count(f), 1);
    struct json got = json_record(f, 0), want = json_get(r, expected), fault = json_get(got, "fault");
    assert_same(json_get(got, "va"), json_get(r, "va"), "va", r);
    assert_same(json_get(got, "pa"), json_get(want, "pa"), "pa", r);
    assert_same(json_get(fault, "cause"), json_get(want, "cause"), "cause", r);
    assert_same(json_get(fault, "class"), json_get(want, "cause_name"), "class", r);
    assert_levels(json_get(got, "levels"), json_get(r, "walk_svade"), "pte_addr", "pte", r);
    assert_writes(json_get(got, "pte_writes"), json_get(want, "pte_writes"), r);
    json_free(f);
}

static void riscv_with(const char *ad, const char *expected) {
    struct json_file *records = json_load("tests/data/riscv.jsonl");
    for (size_t i = 0; i < json_count(records); i++) {
        write_memory(json_get(json_record(records, i), "memory"));
        assert_riscv(json_record(records, i), ad, expected);
    }
    assert_true(json_count(records) >= 200);
    json_free(records);
}

static void riscv_with_software_a_and_d_agrees_with_spike(void **state) {
    (void)state;
    riscv_with("svade", "expect_svade");
}

static void riscv_with_hardware_a_and_d_agrees_with_spike(void **state) {
    (void)state;
    riscv_with("svadu", "expect_hw_ad");
}

/* ---- x86 ---- */

static void x86_options(struct text *t, struct json r) {
    static const char *const bits[][2] = {{"cr0_wp", "wp"},     {"efer_nxe", "nxe"}, {"cr4_smep", "smep"},
                                          {"cr4_smap", "smap"}, {"cr4_pse", "pse"},  {"eflags_ac", "ac"}};
    text_addf(t, "--paging=%s --root=%s --access=%s --cpl=%s --maxphyaddr=%s %s", text_at(r, "mode"),
              text_at(r, "cr3"), text_at(r, "access"), text_at(r, "cpl"), text_at(r, "maxphyaddr"),
              text_at(r, "va"));
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
        if (is_set(r, bits[i][0])) text_addf(t, " --%s", bits[i][1]);
}

static void assert_x86(struct json r) {
    char options[1024];
    struct text t = text_in(options, sizeof options);
    x86_options(&t, r);
    struct json_file *f = walk(options);
    struct json got = json_record(f, 0), want = json_get(r, "expect"), fault = json_get(got, "fault");
    assert_same(json_get(got, "pa"), json_get(want, "pa"), "pa", r);
    assert_same(json_get(fault, "class"), json_get(want, "fault"), "fault", r);
    assert_same(json_get(fault, "error_code"), json_get(want, "error_code"), "error code", r);
    assert_levels(json_get(got, "levels"), json_get(r, "walk"), "entry_addr", "entry", r);
    /* Of a walk that faults the manual leaves open which A bits are set; ours sets none. */
    assert_writes(json_get(got, "pte_writes"), json_get(r, "pte_writes_on_success"), r);
    json_free(f);
}

static void x86_agrees_with_qemu(void **state) {
    (void)state;
    struct json_file *records = json_load("tests/data/x86.jsonl");
    for (size_t i = 0; i < json_count(records); i++) {
        write_memory(json_get(json_record(records, i), "memory"));
        assert_x86(json_record(records, i));
    }
    assert_true(json_count(records) >= 150);
    json_free(records);
}

/* ---- OSTEP ---- */

/* The accesses of a record are one command: each is walked in the memory as given. */
static struct json_file *walk_accesses(struct text *t, struct json accesses) {
    for (size_t i = 0; i < json_length(accesses); i++)
        text_addf(t, " %s", text_at(json_at(accesses, i), "va"));
    struct json_file *f = walk(t->buf);
    assert_int_equal(json_count(f), json_length(accesses));
    return f;
}

/* PAs are decimal in these records. */
static void assert_outcome(struct json got, struct json want, struct json record) {
    bool good = json_is(json_get(want, "result"), "ok");
    if (json_number(json_get(got, "pa"), UINT64_MAX) != json_number(json_get(want, "pa"), UINT64_MAX))
        fail_msg("%s: VA %s leads to %s", text_at(record, "id"), text_at(want, "va"), text_at(got, "pa"));
    assert_true((json_kind(json_get(got, "fault")) == JSON_NULL) == good);
}

static void assert_linear(struct json r, const char *paging) {
    char options[2048];
    struct text t = text_in(options, sizeof options);
    struct json table = json_get(r, "page_table_hex"), accesses = json_get(r, "accesses");
    FILE *f = memory_file();
    for (size_t i = 0; i < json_length(table); i++)
        fprintf(f, "0x%zx: %s\n", 4 * i, json_text(json_at(table, i)));
    fclose(f);
    text_addf(&t, "--paging=%s --levels=2 --page=%s --pte-bytes=4 --valid-bit=%s --pfn-bits=0-30 --root=0",
              paging, text_at(r, "page_size"), text_at(r, "pt_valid_bit"));
    struct json_file *got = walk_accesses(&t, accesses);
    for (size_t i = 0; i < json_length(accesses); i++)
        assert_outcome(json_record(got, i), json_at(accesses, i), r);
    json_free(got);
}

static void assert_step(struct json levels, size_t i, struct json want, const char *index, const char *word) {
    if (json_kind(json_get(want, word)) == JSON_ABSENT) {
        assert_int_equal(json_length(levels), i);
        return;
    }
    assert_int_equal(json_number(json_get(json_at(levels, i), "index"), 999),
                     json_number(json_get(want, index), 998));
    assert_int_equal(json_number(json_get(json_at(levels, i), "pte"), 999),
                     json_number(json_get(want, word), 998));
}

static void assert_multilevel(struct json r) {
    char options[2048];
    struct text t = text_in(options, sizeof options);
    const char *bytes = text_at(r, "memory_hex");
    struct json accesses = json_get(r, "accesses");
    FILE *f = memory_file();
    for (size_t i = 0; bytes[2 * i]; i++) fprintf(f, "0x%zx: %.2s\n", i, &bytes[2 * i]);
    fclose(f);
    text_addf(&t,
              "--paging=custom --levels=5,5 --page=%s --pte-bytes=1 --valid-bit=7 --pfn-bits=0-6 --root=%llu",
              text_at(r, "page_size"), (unsigned long long)json_number(json_get(r, "pdbr_page"), 0) * 32);
    struct json_file *got = walk_accesses(&t, accesses);
    for (size_t i = 0; i < json_length(accesses); i++) {
        struct json want = json_at(accesses, i), levels = json_get(json_record(got, i), "levels");
        assert_outcome(json_record(got, i), want, r);
        assert_step(levels, 0, want, "pde_index", "pde");
        assert_step(levels, 1, want, "pte_index", "pte");
    }
    json_free(got);
}

static void ostep_tables_agree_with_its_homework(void **state) {
    (void)state;
    unsigned linear = 0, multilevel = 0;
    struct json_file *records = json_load("tests/data/toy_translation.jsonl");
    for (size_t i = 0; i < json_count(records); i++) {
        struct json r = json_record(records, i);
        if (json_is(json_get(r, "kind"), "linear_translate")) {
            assert_linear(r, "linear");
            assert_linear(r, "custom");
            linear++;
        } else if (json_is(json_get(r, "kind"), "multilevel_translate")) {
            assert_multilevel(r);
            multilevel++;
        }
    }
    assert_true(linear >= 4 && multilevel >= 3);
    json_free(records);
}

/* CS:APP 3e, section 9.6.4: pages of 64 bytes, a linear table; of the accesses' pages those of the first 16
 * entries are printed. A PTE here is a byte: valid bit on top, PPN below. */
static void the_page_table_of_csapp_maps_as_the_book_says(void **state) {
    (void)state;
    struct json_file *records = json_load("tests/data/toy_translation.jsonl");
    struct json r = json_record(records, 0), table = json_get(r, "page_table_first16");
    assert_string_equal(text_at(r, "id"), "csapp-9.6.4");
    FILE *f = memory_file();
    for (size_t i = 0; i < json_length(table); i++) {
        struct json e = json_at(table, i);
        uint64_t valid = json_number(json_get(e, "valid"), 0), ppn = json_number(json_get(e, "ppn"), 0);
        fprintf(f, "0x%llx: 0x%llx\n", (unsigned long long)json_number(json_get(e, "vpn"), 0),
                (unsigned long long)(valid << 7 | ppn));
    }
    fclose(f);
    struct json accesses = json_get(r, "accesses");
    for (size_t i = 0; i < json_length(accesses); i++) {
        struct json a = json_at(accesses, i);
        char options[256];
        struct text t = text_in(options, sizeof options);
        if (json_number(json_get(a, "vpn"), 99) > 15) continue;
        text_addf(&t, "--paging=linear --levels=8 --page=64 --valid-bit=7 --pfn-bits=0-5 --root=0 %s",
                  text_at(a, "va"));
        struct json_file *got = walk(options);
        assert_same(json_get(json_record(got, 0), "pa"), json_get(a, "pa"), "pa", r);
        json_free(got);
    }
    json_free(records);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(riscv_with_software_a_and_d_agrees_with_spike),
        cmocka_unit_test(riscv_with_hardware_a_and_d_agrees_with_spike),
        cmocka_unit_test(x86_agrees_with_qemu),
        cmocka_unit_test(ostep_tables_agree_with_its_homework),
        cmocka_unit_test(the_page_table_of_csapp_maps_as_the_book_says),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
