/* sweep_options.c - the options of vmscope sweep: lists read strictly, before anything is allocated. */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

#define WORD_SIZE       64
#define TLB_ENTRIES_MAX 65536 /* as machine_config_check has it */

/* The part of *s up to the next comma, into word; *s moves behind it, or becomes NULL. False: it is too long. */
static bool next_word(const char **s, char word[WORD_SIZE]) {
    size_t n = strcspn(*s, ",");
    struct text t = text_in(word, WORD_SIZE);
    text_addn(&t, *s, n);
    *s = (*s)[n] ? *s + n + 1 : NULL;
    return !t.cut;
}

/* ---- numbers and ranges: 1-64,128 ---- */

static bool bad_range(struct text *why, const char *word, const char *phrase) {
    text_addf(why, "'%s' is no number or range (%s): write 1-64,128", word, phrase);
    return false;
}

static bool read_range(char *word, uint64_t min, uint64_t max, struct sweep_range *out, struct text *why) {
    const char *phrase = "nothing stands there";
    char *dash = strchr(word, '-'), whole[WORD_SIZE];
    struct text copy = text_in(whole, sizeof whole);
    text_add(&copy, word);
    if (dash) *dash = '\0';
    if (!word[0] || (dash && !dash[1])) return bad_range(why, whole, phrase);
    if (!parse_number(word, &out->first, &phrase)) return bad_range(why, whole, phrase);
    out->last = out->first;
    if (dash && !parse_number(dash + 1, &out->last, &phrase)) return bad_range(why, whole, phrase);
    if (out->first > out->last) return bad_range(why, whole, "it goes down");
    if (out->first >= min && out->last <= max) return true;
    text_addf(why, "'%s': it must be %llu to %llu", whole, (unsigned long long)min, (unsigned long long)max);
    return false;
}

bool sweep_read_list(const char *value, uint64_t min, uint64_t max, struct sweep_list *out, struct text *why) {
    char word[WORD_SIZE];
    *out = (struct sweep_list){.count = 0};
    for (const char *s = value; s;) {
        if (out->count == SWEEP_RANGES_MAX) {
            text_addf(why, "more than %d numbers and ranges", SWEEP_RANGES_MAX);
            return false;
        }
        struct sweep_range *r = &out->range[out->count];
        if (!next_word(&s, word)) return bad_range(why, word, "it is too long");
        if (!read_range(word, min, max, r, why)) return false;
        out->count++;
        if (r->last - r->first >= SWEEP_CELLS_MAX || (out->total += r->last - r->first + 1) > SWEEP_CELLS_MAX) {
            text_addf(why, "these are too many numbers: at most %u", SWEEP_CELLS_MAX);
            return false;
        }
    }
    return true;
}

bool sweep_set_seeds(struct cli *c, const char *value, struct text *why) {
    return sweep_read_list(value, 0, UINT64_MAX - 1, &c->sweep.seeds, why);
}

bool sweep_set_jobs(struct cli *c, const char *value, struct text *why) {
    uint64_t n;
    const char *phrase = NULL;
    if (!parse_number(value, &n, &phrase)) {
        text_addf(why, "a number is needed: %s", phrase);
        return false;
    }
    c->sweep.jobs = (uint32_t)n;
    if (n >= 1 && n <= SWEEP_JOBS_MAX) return true;
    text_addf(why, "it must be 1 to %d", SWEEP_JOBS_MAX);
    return false;
}

/* ---- names ---- */

static bool choose_policy(struct cli *c, const char *word, struct text *why) {
    const char *names[SWEEP_POLICIES_MAX + 2] = {"all"};
    const struct policy_ops *ops = policy_by_name(word);
    bool all = strcmp(word, "all") == 0;
    for (size_t i = 0; i < SWEEP_POLICIES_MAX && policy_table[i]; i++) {
        names[i + 1] = policy_table[i]->name;
        if (all || policy_table[i] == ops) c->sweep.policy[i] = true;
    }
    return all || ops ? true : cli_none_of(why, word, names);
}

bool sweep_set_policies(struct cli *c, const char *value, struct text *why) {
    char word[WORD_SIZE];
    memset(c->sweep.policy, 0, sizeof c->sweep.policy);
    for (const char *s = value; s;) {
        next_word(&s, word);
        if (!choose_policy(c, word, why)) return false;
    }
    return true;
}

bool sweep_set_metric(struct cli *c, const char *value, struct text *why) {
    const char *names[128] = {NULL};
    c->sweep.metric = counter_by_name(value);
    if (c->sweep.metric) return true;
    for (size_t i = 0; i < 127 && counter_table[i].name; i++) names[i] = counter_table[i].name;
    const char *near = suggest(value, names);
    text_addf(why, "it is a counter's name, as --format=summary of run prints them");
    if (near) text_addf(why, " (did you mean '%s'?)", near);
    return false;
}

/* ---- shapes: none,16x4 ---- */

static bool read_shape(char *word, struct sweep_shape *out, struct text *why) {
    uint64_t sets = 0, ways = 0;
    const char *phrase = NULL;
    char *x = strchr(word, 'x');
    *out = (struct sweep_shape){0, 0};
    if (strcmp(word, "none") == 0) return true;
    if (x) *x = '\0';
    bool good = x && parse_number(word, &sets, &phrase) && parse_number(x + 1, &ways, &phrase) && sets >= 1 && ways >= 1 &&
                sets <= TLB_ENTRIES_MAX && ways <= TLB_ENTRIES_MAX / sets;
    if (x) *x = 'x';
    *out = (struct sweep_shape){(uint32_t)sets, (uint32_t)ways};
    if (good) return true;
    text_addf(why, "'%s' is no TLB of up to %d entries: write SETSxWAYS, such as 16x4, or none", word, TLB_ENTRIES_MAX);
    return false;
}

bool sweep_shape_read(const char *s, struct sweep_shape *out) {
    char word[WORD_SIZE], phrase[200];
    struct text t = text_in(word, sizeof word), why = text_in(phrase, sizeof phrase);
    text_add(&t, s);
    *out = (struct sweep_shape){SHAPE_OWN, 0};
    return strcmp(s, "own") == 0 || (!t.cut && read_shape(word, out, &why));
}

bool sweep_set_tlb(struct cli *c, const char *value, struct text *why) {
    char word[WORD_SIZE];
    struct sweep_options *o = &c->sweep;
    o->tlbs = 0;
    for (const char *s = value; s;) {
        if (o->tlbs == SWEEP_TLBS_MAX) {
            text_addf(why, "more than %d TLBs", SWEEP_TLBS_MAX);
            return false;
        }
        next_word(&s, word);
        if (!read_shape(word, &o->tlb[o->tlbs++], why)) return false;
    }
    return true;
}

/* ---- the rest ---- */

/* 0.01: digits, a point, digits. */
bool sweep_set_sample(struct cli *c, const char *value, struct text *why) {
    size_t whole = strspn(value, "0123456789"), rest = value[whole] == '.' ? strspn(value + whole + 1, "0123456789") : 0;
    bool good = whole == 1 && rest > 0 && rest <= 9 && !value[whole + 1 + rest];
    double rate = 0, unit = 1;
    for (const char *s = value + 2; good && *s; s++) rate += (*s - '0') * (unit /= 10);
    c->sweep.sample = rate;
    c->sweep.sample_text = value;
    if (good && value[0] == '0' && rate > 0) return true;
    text_add(why, "it is the part of the pages to look at, above 0 and below 1, such as 0.01");
    return false;
}

/* ---- shards: 8, 2/8 ---- */

static bool read_shards(const char *value, uint32_t *out, struct text *why) {
    uint64_t n = 0;
    const char *phrase = NULL;
    if (!parse_number(value, &n, &phrase)) text_addf(why, "a number is needed: %s", phrase);
    else if (n < 1 || n > SWEEP_SHARDS_MAX) text_addf(why, "it must be 1 to %u shards", SWEEP_SHARDS_MAX);
    *out = (uint32_t)n;
    return why->len == 0;
}

bool sweep_set_shards(struct cli *c, const char *value, struct text *why) { return read_shards(value, &c->sweep.shards, why); }

bool sweep_shard_read(const char *s, uint32_t *shard, uint32_t *shards) {
    char word[WORD_SIZE], phrase[200];
    struct text t = text_in(word, sizeof word), why = text_in(phrase, sizeof phrase);
    text_add(&t, s);
    char *slash = strchr(word, '/');
    if (!slash || t.cut) return false;
    *slash = '\0';
    return read_shards(slash + 1, shards, &why) && read_shards(word, shard, &why) && *shard <= *shards;
}

bool sweep_set_shard(struct cli *c, const char *value, struct text *why) {
    if (sweep_shard_read(value, &c->sweep.shard, &c->sweep.shards)) return true;
    text_addf(why, "write which of how many, such as 2/8, of up to %u", SWEEP_SHARDS_MAX);
    return false;
}

bool sweep_warmup_read(const char *s, uint64_t *out) {
    const char *phrase = NULL;
    *out = SWEEP_WARM_ALL;
    return strcmp(s, "all") == 0 || (parse_number(s, out, &phrase) && *out < SWEEP_WARM_ALL);
}

bool sweep_set_warmup(struct cli *c, const char *value, struct text *why) {
    if (sweep_warmup_read(value, &c->sweep.warmup)) return true;
    text_add(why, "it is a number of steps, or all");
    return false;
}

bool sweep_set_plan(struct cli *c, const char *value, struct text *why) {
    (void)value, (void)why;
    return c->sweep.plan = true;
}

bool sweep_set_merge(struct cli *c, const char *value, struct text *why) {
    (void)value, (void)why;
    return c->sweep.merge = true;
}
