/* policy_facts.h - the published runs of page replacement in tests/data/policies.jsonl.
 *
 * Each record names its source: a book's figure, lecture notes, an exercise
 * with its answer. A run says the reference string, the number of frames, and
 * the faults that come out; some print the frames' pages after each reference. */
#ifndef VMSCOPE_TESTS_POLICY_FACTS_H
#define VMSCOPE_TESTS_POLICY_FACTS_H

#include "json.h"
#include "vmscope/policy/policy.h"

#define FACT_REFS_MAX 128
#define FACT_NO_PAGE  UINT32_MAX

struct policy_fact {
    struct json record;
    const char *id;
    const struct policy_ops *ops;
    uint32_t frames;
    uint32_t refs[FACT_REFS_MAX]; /* page numbers */
    size_t count;
    bool load_referenced; /* CLOCK: a new page has R=1 */
    uint64_t faults, hits;
};

/* Reads the file, and says which runs are left out and why. */
struct json_file *policy_facts_load(void);

/* The record of that name; fails the running test when there is none. */
struct json policy_facts_find(const struct json_file *f, const char *id);
size_t policy_facts_refs(struct json record, uint32_t refs[FACT_REFS_MAX]);

/* The next run, from record *at on, of a policy that this version has; *at moves past it. False: none is
 * left. */
bool policy_facts_next(const struct json_file *f, size_t *at, struct policy_fact *out);

/* Do the frames' pages (FACT_NO_PAGE: free) agree with what is printed after `done` references, if anything
 * is? */
bool policy_fact_frames_agree(const struct policy_fact *fact, size_t done, const uint32_t *page);

#endif
