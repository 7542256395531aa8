/* cmd_sweep.c - vmscope sweep FILE: counts over policies, frames, TLBs and seeds.
 *
 *   FILE            run all cells here
 *   --plan FILE     print commands that do
 *   --merge CSV...  put together what they printed */
#include "cli/cli.h"
#include "cli/output.h"

#include <stdio.h>
#include <string.h>

const struct sweep_format *const sweep_format_table[] = {&sweep_table, &sweep_csv, &sweep_json, &sweep_chart, NULL};

static bool is_measured(const struct sweep_options *o) {
    return o->frames.count || o->tlbs || o->seeds.count || o->jobs || o->sample_text || o->shards || o->warmup;
}

/* Options that mean nothing together. */
static bool suits(const struct cli *c) {
    const struct sweep_options *o = &c->sweep;
    const char *word = o->plan && o->merge          ? "--plan and --merge"
                       : o->merge && is_measured(o) ? "--merge and what a sweep is made of"
                       : o->plan && c->format_name  ? "--plan (its commands print CSV) and --format"
                       : o->plan && o->shard        ? "--plan (which has all shards) and --shard"
                       : o->shards && o->sample_text ? "--sample and shards"
                       : o->shard && cli_given(c, "shards") ? "--shards and --shard"
                                                            : NULL;
    if (word) complain("%s do not go together.", word);
    if (!word && !o->merge && c->words > 1) complain("'%s' is one word too many: a sweep is of one file.", word = c->word[1]);
    if (!word && o->plan && strcmp(c->word[0], "-") == 0)
        complain("%s needs a file that its commands can open, not standard input.", word = "--plan");
    if (!word && o->warmup && !o->shards) complain("%s is for shards: say --shards or --shard too.", word = "--warmup");
    return !word;
}

/* One shard is half an answer: only what can be merged is printed of it. */
static bool format_suits_shard(const struct cli *c) {
    if (!c->sweep.shard || c->sweep_format == &sweep_csv || c->sweep_format == &sweep_json) return true;
    complain("one shard is printed as CSV (for --merge) or JSON: say --format=csv.");
    return false;
}

/* What is no count but a size, of tables that are there at the end, is not the sum of its shards. */
static bool metric_suits_shards(const struct sweep_options *o, const struct counter_info *metric) {
    if (!o->shards || strncmp(metric->name, "page_table_bytes", strlen("page_table_bytes")) != 0) return true;
    complain("shards can be added up where something is counted, and %s is not.", metric->name);
    return false;
}

/* A sample counts faults; of the rest it knows too little. */
static bool metric_suits_sample(const struct counter_info *metric) {
    static const char *const counted[] = {"page_faults", "page_faults_after_full", "evictions", "swap_writes", NULL};
    for (size_t i = 0; counted[i]; i++)
        if (strcmp(counted[i], metric->name) == 0) return true;
    complain("--sample estimates page_faults, page_faults_after_full, evictions and swap_writes, not %s.", metric->name);
    return false;
}

static bool frames_suit_sample(const struct sweep_options *o) {
    for (size_t i = 0; i < o->frames.count; i++) {
        if ((double)o->frames.range[i].first * o->sample >= 1) continue;
        complain("--sample=%s leaves less than one of %llu frames: take more of both.", o->sample_text,
                 (unsigned long long)o->frames.range[i].first);
        return false;
    }
    return true;
}

/* That each command of a plan will find out. */
static int check_shards(const struct sweep *s, const struct scenario *from) {
    struct sweep_sharding g;
    const char *why = sweep_shards_begin(&g, s, from);
    sweep_shards_end(&g);
    if (why) complain("%s: %s", s->file, why);
    return why ? EXIT_INPUT : EXIT_GOOD;
}

static int sweep_file(struct sweep *s, const struct cli *c) {
    struct scenario *from = NULL;
    int status = load_named(c, c->word[0], &from);
    if (status != EXIT_GOOD) return status;
    status = sweep_grid(s, c, from);
    if (status == EXIT_GOOD && c->sweep.plan) status = check_shards(s, from);
    if (status == EXIT_GOOD && c->sweep.plan && !output_stopped()) sweep_plan(s, c, from);
    else if (status == EXIT_GOOD) status = sweep_run(s, c, from);
    if (status == EXIT_GOOD && s->in_shards && !c->sweep.shard && !c->sweep.plan) status = sweep_add_shards(s);
    scenario_free(from);
    return status;
}

int cmd_sweep(const struct cli *c) {
    struct sweep s = {.file = c->sweep.merge ? NULL : c->word[0],
                      .metric = c->sweep.metric ? c->sweep.metric : counter_by_name("page_faults")};
    struct text sample = text_in(s.sample, sizeof s.sample);
    if (!suits(c) || !format_suits_shard(c) || !metric_suits_shards(&c->sweep, s.metric)) return EXIT_USAGE;
    if (c->sweep.sample_text && !(metric_suits_sample(s.metric) && frames_suit_sample(&c->sweep))) return EXIT_USAGE;
    text_add(&sample, c->sweep.sample_text ? c->sweep.sample_text : "");
    output_begin();
    int status = c->sweep.merge ? sweep_merge(&s, c) : sweep_file(&s, c);
    if (status == EXIT_GOOD && !c->sweep.plan) {
        sweep_mark_anomalies(&s);
        c->sweep_format->print(&s);
    }
    sweep_free(&s);
    return status;
}
