/* walk_json.c - vmscope walk --format=json: an array, an object for each address.
 *
 * Addresses and words are strings in hex without leading zeros, all else
 * numbers in decimal; a line each, so that line tools can read it, too.
 */
#include "cli/walk.h"

#include <inttypes.h>
#include <stdio.h>

static void json_begin(const struct walk_setup *s) {
    (void)s;
    printf("[");
}

static void json_levels(const struct walked *k) {
    for (size_t i = 0; i < k->reads; i++)
        printf("%s{\"level\": %u, \"index\": %" PRIu32 ", \"pte_addr\": \"0x%" PRIx64
               "\", \"pte\": \"0x%" PRIx64 "\"}",
               i ? ", " : "", k->read[i].level, k->read[i].index, k->read[i].addr, k->read[i].word);
}

static void json_fault(const struct walk_setup *s, const struct walk *w) {
    struct hw_report report = walk_report(w, &s->format);
    printf("{\"class\": \"%s\"", report.class);
    if (report.code_name) printf(", \"%s\": %" PRIu32, report.code_name, report.code);
    printf("}");
}

/* A PTE that two levels share is written twice: the later word is the one that stays. */
static bool is_last_write(const struct walked *k, size_t i) {
    for (size_t later = i + 1; later < k->writes; later++)
        if (k->write[later].addr == k->write[i].addr) return false;
    return true;
}

static void json_writes(const struct walked *k) {
    const char *between = "";
    for (size_t i = 0; i < k->writes; i++) {
        if (!is_last_write(k, i)) continue;
        printf("%s\"0x%" PRIx64 "\": \"0x%" PRIx64 "\"", between, k->write[i].addr, k->write[i].word);
        between = ", ";
    }
}

static void json_one(const struct walk_setup *s, const struct walked *k, size_t number) {
    printf("%s\n{\"va\": \"0x%" PRIx64 "\", \"levels\": [", number ? "," : "", k->w.va);
    json_levels(k);
    if (k->w.fault == HW_FAULT_NONE) {
        printf("], \"pa\": \"0x%" PRIx64 "\", \"fault\": null", k->w.pa);
    } else {
        printf("], \"pa\": null, \"fault\": ");
        json_fault(s, &k->w);
    }
    printf(", \"pte_writes\": {");
    json_writes(k);
    printf("}}");
}

static void json_end(void) { printf("\n]\n"); }

const struct walk_format walk_json = {"json", "an array with an object for each address", json_begin,
                                      json_one, json_end};
