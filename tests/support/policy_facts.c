/* policy_facts.c - published runs of page replacement; see policy_facts.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "policy_facts.h"

struct json policy_facts_find(const struct json_file *f, const char *id) {
    for (size_t i = 0; i < json_count(f); i++)
        if (json_is(json_get(json_record(f, i), "id"), id)) return json_record(f, i);
    fail_msg("no record '%s'", id);
    return (struct json){0};
}

size_t policy_facts_refs(struct json record, uint32_t refs[FACT_REFS_MAX]) {
    struct json list = json_get(record, "refs");
    size_t count = json_length(list);
    assert_in_range(count, 1, FACT_REFS_MAX);
    for (size_t i = 0; i < count; i++) refs[i] = (uint32_t)json_number(json_at(list, i), FACT_NO_PAGE);
    return count;
}

/* A book's run of RANDOM has its own dice ("choices"), which no seed will roll again. */
static const char *foreign_option(struct json record) {
    static const char *const known[] = {"tie", "perfect", "init_ref", NULL};
    struct json opts = json_get(record, "opts");
    for (size_t i = 0; i < json_length(opts); i++) {
        const char *key = NULL;
        json_pair(opts, i, &key);
        size_t k = 0;
        while (known[k] && strcmp(known[k], key) != 0) k++;
        if (!known[k]) return key;
    }
    return NULL;
}

/* A run of a policy that this version has. */
static bool is_ours(struct json record) {
    return json_is(json_get(record, "kind"), "page_replacement") &&
           policy_by_name(json_text(json_get(record, "policy")));
}

static bool usable(struct json record) { return is_ours(record) && !foreign_option(record); }

struct json_file *policy_facts_load(void) {
    struct json_file *f = json_load("tests/data/policies.jsonl");
    for (size_t i = 0; i < json_count(f); i++) {
        struct json r = json_record(f, i);
        const char *option = foreign_option(r), *id = json_text(json_get(r, "id"));
        if (is_ours(r) && option)
            print_message("# skipped: %s, whose \"%s\" are a book's dice\n", id, option);
    }
    return f;
}

bool policy_facts_next(const struct json_file *f, size_t *at, struct policy_fact *out) {
    while (*at < json_count(f) && !usable(json_record(f, *at))) ++*at;
    if (*at == json_count(f)) return false;
    struct json r = json_record(f, (*at)++);
    *out = (struct policy_fact){
        .record = r,
        .id = json_text(json_get(r, "id")),
        .ops = policy_by_name(json_text(json_get(r, "policy"))),
        .frames = (uint32_t)json_number(json_get(r, "frames"), 0),
        .load_referenced = json_number(json_get(json_get(r, "opts"), "init_ref"), 1) == 1,
        .faults = json_number(json_get(r, "faults"), 0),
        .hits = json_number(json_get(r, "hits"), 0),
    };
    out->count = policy_facts_refs(r, out->refs);
    return true;
}

static bool holds(const uint32_t *page, uint32_t frames, uint32_t wanted) {
    for (frame_t f = 0; f < frames; f++)
        if (page[f] == wanted) return true;
    return false;
}

static bool same_set(const struct policy_fact *fact, struct json row, const uint32_t *page) {
    size_t printed = 0, held = 0;
    for (frame_t f = 0; f < fact->frames; f++) {
        uint32_t wanted = (uint32_t)json_number(json_at(row, f), FACT_NO_PAGE);
        if (wanted != FACT_NO_PAGE && !holds(page, fact->frames, wanted)) return false;
        printed += wanted != FACT_NO_PAGE;
        held += page[f] != FACT_NO_PAGE;
    }
    return printed == held;
}

static bool same_slots(const struct policy_fact *fact, struct json row, const uint32_t *page) {
    for (frame_t f = 0; f < fact->frames; f++)
        if (json_number(json_at(row, f), FACT_NO_PAGE) != page[f]) return false;
    return true;
}

bool policy_fact_frames_agree(const struct policy_fact *fact, size_t done, const uint32_t *page) {
    struct json row = json_at(json_get(fact->record, "published_frames_after"), done - 1);
    struct json order = json_get(fact->record, "published_order");
    if (json_is(order, "slots")) return same_slots(fact, row, page);
    if (json_is(order, "set")) return same_set(fact, row, page);
    return true;
}
