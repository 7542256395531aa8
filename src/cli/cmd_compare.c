/* cmd_compare.c - vmscope compare FILE: the same steps on two to four machines, side by side. */
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/progress.h"

#define STRETCH (UINT64_C(1) << 18) /* steps between two looks at Ctrl-C */

const struct compare_format *const compare_format_table[COMPARE_FORMATS + 1] = {&compare_table, &compare_csv, &compare_json, NULL};

/* Those that were named; else the file's own policy, with two beside it that lessons set there. */
static unsigned list_policies(const struct cli *c, const struct scenario *s, const struct policy_ops *out[LANES_MAX + 1]) {
    static const char *const usual[] = {"opt", "lru", "fifo"};
    bool others = c->sweep.frames.total > 1 || c->sweep.tlbs > 1; /* something else is compared already */
    unsigned n = 0;
    for (unsigned i = 0; i < SWEEP_POLICIES_MAX && policy_table[i] && n <= LANES_MAX; i++)
        if (c->sweep.policy[i]) out[n++] = policy_table[i];
    if (n) return n;
    out[n++] = policy_by_name(s->config.policy.name);
    for (unsigned i = 0; !others && i < sizeof usual / sizeof usual[0] && n < 3; i++)
        if (policy_by_name(usual[i]) != out[0]) out[n++] = policy_by_name(usual[i]);
    return n;
}

static void set_tlb(struct lane_config *lane, const struct scenario *s, const struct sweep_shape *shape) {
    if (!shape) return;
    lane->own_tlb = true;
    lane->tlb = s->config.tlb;
    lane->tlb.entries = shape->sets * shape->ways;
    lane->tlb.ways = shape->ways;
}

/* Each policy with each number of frames and each TLB; 0 after a message. */
static unsigned list_lanes(const struct cli *c, const struct scenario *s, struct lane_config lane[LANES_MAX]) {
    const struct policy_ops *policy[LANES_MAX + 1];
    uint64_t policies = list_policies(c, s, policy), frames = c->sweep.frames.count ? c->sweep.frames.total : 1;
    uint64_t tlbs = c->sweep.tlbs ? c->sweep.tlbs : 1, total = policies * frames * tlbs;
    unsigned n = 0;
    if (total < 2 || total > LANES_MAX) {
        complain(total < 2 ? "there is nothing to compare: name two policies, numbers of frames or TLBs."
                           : "at most %u machines stand side by side.", LANES_MAX);
        return 0;
    }
    for (unsigned p = 0; p < policies; p++)
        for (size_t r = 0; r < (c->sweep.frames.count ? c->sweep.frames.count : 1); r++)
            for (uint64_t f = c->sweep.frames.count ? c->sweep.frames.range[r].first : 0;
                 f <= (c->sweep.frames.count ? c->sweep.frames.range[r].last : 0); f++)
                for (size_t t = 0; t < tlbs; t++) {
                    lane[n] = (struct lane_config){.policy = policy[p], .frames = (uint32_t)f};
                    set_tlb(&lane[n++], s, c->sweep.tlbs ? &c->sweep.tlb[t] : NULL);
                }
    return n;
}

/* All lanes, as far as they are looked at: what is printed then is found at once. */
static void run_lanes(const struct comparison *compared) {
    bool on = true;
    progress_begin("comparing");
    for (uint64_t at = 0; on && at < compared->end && progress_tell(at, compared->end); at += STRETCH)
        on = lockstep_learn(compared->lanes, compared->end - at < STRETCH ? compared->end : at + STRETCH);
    progress_end();
}

int cmd_compare(const struct cli *c) {
    struct scenario *s = NULL;
    struct lane_config lane[LANES_MAX];
    struct diag why = {.file = ""};
    output_begin();
    int status = load_named(c, c->word[0], &s);
    if (status != EXIT_GOOD) return status;
    struct comparison compared = {.scenario = s, .end = c->limit < s->steps->count ? c->limit : s->steps->count};
    unsigned n = list_lanes(c, s, lane);
    status = n ? EXIT_GOOD : EXIT_USAGE;
    if (n && lockstep_create(&s->config, s->steps, lane, n, &compared.lanes, &why) != VS_OK) {
        complain("%s: %s", s->file, why.text[0] ? why.text : status_name(VS_NOMEM));
        status = EXIT_INPUT;
    }
    if (status == EXIT_GOOD) run_lanes(&compared);
    if (status == EXIT_GOOD && !output_stopped()) c->compare_format->print(&compared);
    lockstep_free(compared.lanes);
    scenario_free(s);
    return status;
}
