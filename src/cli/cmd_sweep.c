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

/* Options that mean nothing together. */
static bool suits(const struct cli *c) {
    const struct sweep_options *o = &c->sweep;
    const char *word = o->plan && o->merge                            ? "--plan and --merge"
                       : o->merge && (o->frames.count || o->tlbs || o->seeds.count || o->jobs || o->sample_text) ? "--merge and what a sweep is made of"
                       : o->plan && c->format_name                    ? "--plan (its commands print CSV) and --format"
                                                                      : NULL;
    if (word) complain("%s do not go together.", word);
    if (!word && !o->merge && c->words > 1) complain("'%s' is one word too many: a sweep is of one file.", word = c->word[1]);
    if (!word && o->plan && strcmp(c->word[0], "-") == 0)
        complain("%s needs a file that its commands can open, not standard input.", word = "--plan");
    return !word;
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

static int sweep_file(struct sweep *s, const struct cli *c) {
    struct scenario *from = NULL;
    int status = load_named(c, c->word[0], &from);
    if (status != EXIT_GOOD) return status;
    status = sweep_grid(s, c, from);
    if (status == EXIT_GOOD && c->sweep.plan) sweep_plan(s, c, from);
    else if (status == EXIT_GOOD) status = sweep_run(s, c, from);
    scenario_free(from);
    return status;
}

int cmd_sweep(const struct cli *c) {
    struct sweep s = {.file = c->sweep.merge ? NULL : c->word[0],
                      .metric = c->sweep.metric ? c->sweep.metric : counter_by_name("page_faults")};
    struct text sample = text_in(s.sample, sizeof s.sample);
    if (!suits(c)) return EXIT_USAGE;
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
