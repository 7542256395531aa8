/* walk_case.c - page walks with their outcome known; see walk_case.h. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "walk_case.h"

#include <stdlib.h>
#include <string.h>

/* ---- running ---- */

static struct walk begin(const struct walk_case *c, const struct paging_format *f) {
    struct walk w;
    walk_begin(&w, f, &c->regs, c->va, c->op, c->user);
    for (unsigned i = 0; !w.done && i < WALK_READS_MAX; i++) walk_level(&w, f, c->ram);
    if (!w.done) fail_msg("%s: the walk does not end", c->name);
    return w;
}

struct walk_outcome walk_case_run(const struct walk_case *c, const struct walk_check *checks) {
    struct paging_format f = c->format;
    struct paging_arch arch = *f.arch;
    if (checks) arch.checks = checks;
    f.arch = &arch;
    struct walk_outcome out = {.walk = begin(c, &f)};
    if (out.walk.fault != HW_FAULT_NONE) out.report = walk_report(&out.walk, &f);
    return out;
}

static bool same_name(const char *a, const char *b) { return a == b || (a && b && strcmp(a, b) == 0); }

bool walk_outcome_equal(const struct walk_outcome *a, const struct walk_outcome *b) {
    if (a->walk.fault != b->walk.fault) return false;
    if (a->walk.fault == HW_FAULT_NONE) return a->walk.pa == b->walk.pa;
    return same_name(a->report.class, b->report.class) && a->report.code == b->report.code;
}

static void check_writes(const struct walk_case *c, struct walk w) {
    struct ram *is = ram_clone(c->ram), *must = ram_clone(c->ram);
    struct walk_write next;
    assert_non_null(is);
    assert_non_null(must);
    for (unsigned i = 0; w.leaf && walk_next_write(&w, &c->format, &next); i++) {
        if (i > PAGING_LEVELS_MAX) fail_msg("%s: the writing back does not end", c->name);
        assert_int_equal(walk_write(&w, &c->format, is, &next), VS_OK);
    }
    for (size_t i = 0; i < c->writes; i++)
        assert_int_equal(ram_write(must, c->write[i].addr, c->format.pte_bytes, c->write[i].word), VS_OK);
    if (!ram_equal(is, must)) fail_msg("%s (%s): other words are written back", c->name, c->format.name);
    ram_free(is);
    ram_free(must);
}

void walk_case_check(const struct walk_case *c) {
    struct walk_outcome out = walk_case_run(c, NULL);
    const char *is = out.report.class ? out.report.class : "no fault",
               *must = c->fault ? c->fault : "no fault";
    if (strcmp(is, must) != 0)
        fail_msg("%s (%s): must be %s, is %s (%s)", c->name, c->format.name, must, is,
                 out.walk.failed && out.walk.failed->why ? out.walk.failed->why : "no check failed");
    if (!c->fault && out.walk.pa != c->pa)
        fail_msg("%s (%s): PA must be %llx, is %llx", c->name, c->format.name, (unsigned long long)c->pa,
                 (unsigned long long)out.walk.pa);
    if (c->fault && (c->has_code != (out.report.code_name != NULL) || c->code != out.report.code))
        fail_msg("%s (%s): number must be %llu, is %u", c->name, c->format.name, (unsigned long long)c->code,
                 out.report.code);
    check_writes(c, out.walk);
}

void walk_case_free(struct walk_case *c) {
    ram_free(c->ram);
    c->ram = NULL;
}

/* ---- from records ---- */

static uint64_t number(struct json object, const char *key) { return json_number(json_get(object, key), 0); }

static enum access_kind access_of(struct json record) {
    static const char *const name[] = {
        [ACCESS_READ] = "load", [ACCESS_WRITE] = "store", [ACCESS_FETCH] = "fetch"};
    for (int op = 0; op < ACCESS_KINDS; op++)
        if (json_is(json_get(record, "access"), name[op])) return (enum access_kind)op;
    fail_msg("what access?");
    return ACCESS_READ;
}

static void copy_format(struct walk_case *c, struct json record) {
    const struct paging_format *f = paging_by_name(json_text(json_get(record, "mode")));
    if (!f)
        fail_msg("%s: no such format", c->name);
    else
        c->format = *f;
}

/* Addresses low..high, holding the words that the record lists. */
static void fill_ram(struct walk_case *c, struct json record, paddr_t low, paddr_t high) {
    struct json words = json_get(record, "memory");
    c->ram = ram_create_sparse(12, low, high);
    assert_non_null(c->ram);
    for (size_t i = 0; i < json_length(words); i++) {
        const char *address;
        uint64_t word = json_number(json_pair(words, i, &address), 0);
        assert_int_equal(ram_write(c->ram, strtoull(address, NULL, 16), c->format.pte_bytes, word), VS_OK);
    }
}

static void expect_writes(struct walk_case *c, struct json writes) {
    for (c->writes = 0; c->writes < json_length(writes); c->writes++) {
        const char *address;
        uint64_t word = json_number(json_pair(writes, c->writes, &address), 0);
        if (c->writes == WALK_CASE_WRITES) fail_msg("%s: too many words to write back", c->name);
        c->write[c->writes] = (struct walk_case_word){strtoull(address, NULL, 16), word};
    }
}

static uint8_t mode_of(struct json record, const char *const key[], const uint8_t bit[], size_t count) {
    uint8_t mode = 0;
    for (size_t i = 0; i < count; i++)
        if (number(record, key[i])) mode |= bit[i];
    return mode;
}

void walk_case_from_riscv(struct walk_case *c, struct json record, bool hardware_ad) {
    static const char *const key[] = {"sum", "mxr"};
    static const uint8_t bit[] = {MODE_SUM, MODE_MXR};
    struct json must = json_get(record, hardware_ad ? "expect_hw_ad" : "expect_svade"),
                ram = json_get(record, "ram");
    *c = (struct walk_case){.name = json_text(json_get(record, "id")),
                            .va = number(record, "va"),
                            .op = access_of(record),
                            .user = json_is(json_get(record, "priv"), "U")};
    copy_format(c, record);
    c->format.hardware_ad = hardware_ad;
    c->regs =
        (struct mmu_regs){.root = number(record, "root_ppn") << 12, .mode = mode_of(record, key, bit, 2)};
    fill_ram(c, record, json_number(json_at(ram, 0), 0), json_number(json_at(ram, 1), 0) - 1);
    c->pa = number(must, "pa");
    c->has_code = true;
    c->code = number(must, "cause");
    if (!json_is(json_get(must, "result"), "ok")) c->fault = json_text(json_get(must, "cause_name"));
    expect_writes(c, json_get(must, "pte_writes"));
}

void walk_case_from_x86(struct walk_case *c, struct json record) {
    static const char *const key[] = {"cr0_wp", "cr4_smep", "cr4_smap", "eflags_ac"};
    static const uint8_t bit[] = {MODE_WP, MODE_SMEP, MODE_SMAP, MODE_AC};
    struct json must = json_get(record, "expect");
    *c = (struct walk_case){.name = json_text(json_get(record, "id")),
                            .va = number(record, "va"),
                            .op = access_of(record),
                            .user = number(record, "cpl") == 3};
    copy_format(c, record);
    paging_x86_adjust(&c->format, number(record, "cr4_pse"), number(record, "efer_nxe"),
                      (unsigned)number(record, "maxphyaddr"));
    c->regs = (struct mmu_regs){.root = number(record, "cr3"), .mode = mode_of(record, key, bit, 4)};
    fill_ram(c, record, 0, low_bits(40));
    c->pa = number(must, "pa");
    c->has_code = true;
    c->code = number(must, "error_code");
    if (!json_is(json_get(must, "result"), "ok")) c->fault = json_text(json_get(must, "fault"));
    expect_writes(c, json_get(record, "pte_writes_on_success"));
}
