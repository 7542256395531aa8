/* compare.c - which machines are compared, from the words of a `:` line. */
#include "ui/compare.h"
#include "ui/loop.h"
#include "ui/session.h"

/* What the words ask for. */
struct wish {
    const struct policy_ops *policy[LANES_MAX];
    uint32_t frames[LANES_MAX];
    struct tlb_config tlb[LANES_MAX];
    unsigned policies, frame_counts, tlbs;
};

/* ---- words ---- */

/* "8x2": sets x ways, as the panes write a TLB. */
static bool take_tlb(struct wish *w, const char *word, const struct tlb_config *like) {
    struct tlb_config tlb = *like;
    if (w->tlbs == LANES_MAX || !shape_word(word, &tlb)) return false;
    w->tlb[w->tlbs++] = tlb;
    return true;
}

static bool take_frames(struct wish *w, const char *word) {
    uint64_t n;
    const char *why;
    if (w->frame_counts == LANES_MAX || !parse_number(word, &n, &why) || n == 0 || n >= UINT32_MAX) return false;
    w->frames[w->frame_counts++] = (uint32_t)n;
    return true;
}

static bool take_policy(struct wish *w, const char *word) {
    const struct policy_ops *ops = policy_by_name(word);
    if (!ops || w->policies == LANES_MAX) return false;
    w->policy[w->policies++] = ops;
    return true;
}

static bool take_words(struct wish *w, const char *words, const struct machine_config *config, struct text *why) {
    while (*(words += strspn(words, " ,"))) {
        char word[32];
        size_t n = strcspn(words, " ,");
        struct text t = text_in(word, sizeof word);
        text_addn(&t, words, n);
        words += n;
        if (take_policy(w, word) || take_frames(w, word) || take_tlb(w, word, &config->tlb)) continue;
        text_addf(why, "'%s' is no policy, number of frames or TLB shape (8x2), or one too many: at most %u each.", word, LANES_MAX);
        return false;
    }
    return true;
}

/* Nothing was asked for: the present policy, and those that lessons set beside it. */
static void usual_policies(struct wish *w, const struct machine_config *config) {
    static const char *const usual[] = {"opt", "lru", "fifo", "clock"};
    w->policy[w->policies++] = policy_by_name(config->policy.name);
    for (size_t i = 0; i < sizeof usual / sizeof usual[0] && w->policies < 3; i++)
        if (policy_by_name(usual[i]) != w->policy[0]) w->policy[w->policies++] = policy_by_name(usual[i]);
}

/* ---- opening ---- */

/* Each policy with each number of frames with each TLB. Returns how many; more than LANES_MAX are not kept. */
static unsigned list_lanes(const struct wish *w, struct lane_config *lane) {
    unsigned n = 0;
    for (unsigned p = 0; p < (w->policies ? w->policies : 1); p++)
        for (unsigned f = 0; f < (w->frame_counts ? w->frame_counts : 1); f++)
            for (unsigned t = 0; t < (w->tlbs ? w->tlbs : 1); t++, n++)
                if (n < LANES_MAX)
                    lane[n] = (struct lane_config){w->policy[p], w->frames[f], w->tlb[t], w->tlbs > 0};
    return n;
}

bool compare_open(struct compare *c, const struct machine_config *config, const struct step_source *steps, uint64_t at,
                  const char *words, struct text *why) {
    struct wish w = {.policies = 0};
    struct lane_config lane[LANES_MAX];
    struct diag problem = {0};
    if (!take_words(&w, words, config, why)) return false;
    if (w.policies + w.frame_counts + w.tlbs == 0) usual_policies(&w, config);
    unsigned n = list_lanes(&w, lane);
    if (n < 2 || n > LANES_MAX) {
        text_addf(why, n < 2 ? "Name two to compare, such as `compare fifo lru` or `compare 3 4`." : "These are %u; at most %u stand side by side.",
                  n, LANES_MAX);
        return false;
    }
    *c = (struct compare){.burst = 1000};
    enum vs_status s = lockstep_create(config, steps, lane, n, &c->lanes, &problem);
    if (s == VS_OK) {
        compare_go(c, at);
        return true;
    }
    text_addf(why, "%s", problem.text[0] ? problem.text : status_name(s));
    compare_close(c);
    return false;
}

/* ---- ways ---- */

static bool arrive(struct compare *c, uint64_t at, bool found) {
    if (found) c->at = at;
    c->found = found;
    c->goal = GOAL_NONE;
    return true;
}

/* A piece of the way to a step. */
static bool piece_of_way(struct compare *c) {
    uint64_t known = lockstep_known(c->lanes), left = c->target > known ? c->target - known : 0;
    bool good = left == 0 || lockstep_learn(c->lanes, known + (left < c->burst ? left : c->burst));
    if (good && left > c->burst) return false;
    return arrive(c, good ? c->target : lockstep_known(c->lanes), true);
}

static bool piece_of_search(struct compare *c) {
    typedef uint64_t search(struct lockstep *, uint64_t, uint64_t);
    search *const next = c->goal == GOAL_FAULT ? lockstep_next_fault : lockstep_next_difference;
    uint64_t known = lockstep_known(c->lanes), from = c->target, until = (from > known ? from : known) + c->burst;
    uint64_t at = next(c->lanes, from, until);
    c->target = until;
    if (at != UINT64_MAX) return arrive(c, at + 1, true);
    bool end = until >= lockstep_count(c->lanes) || lockstep_known(c->lanes) == known;
    return end && arrive(c, 0, false);
}

bool compare_tick(struct compare *c) {
    int64_t start = loop_now(), took = 0;
    bool over = c->goal == GOAL_NONE;
    while (!over && took < TICK_NS) {
        int64_t before = loop_now();
        uint64_t known = lockstep_known(c->lanes);
        over = c->goal == GOAL_STEP ? piece_of_way(c) : piece_of_search(c);
        int64_t now = loop_now();
        c->burst = burst_learned(c->burst, lockstep_known(c->lanes) - known, now - before);
        took = now - start;
    }
    return over;
}

bool compare_go(struct compare *c, uint64_t step) {
    uint64_t count = lockstep_count(c->lanes);
    c->goal = GOAL_STEP;
    c->target = step < count ? step : count;
    return compare_tick(c);
}

bool compare_seek(struct compare *c, enum compare_goal goal) {
    c->goal = goal;
    c->target = c->at;
    return compare_tick(c);
}

void compare_say_way(const struct compare *c, struct text *out) {
    uint64_t known = lockstep_known(c->lanes);
    if (c->goal == GOAL_STEP) text_addf(out, "On the way to step %llu, at %llu.", (unsigned long long)c->target, (unsigned long long)known);
    else text_addf(out, "Looking for the next %s: step %llu, and none so far.", c->goal == GOAL_FAULT ? "fault" : "difference",
                   (unsigned long long)c->target);
}

void compare_close(struct compare *c) {
    lockstep_free(c->lanes);
    *c = (struct compare){0};
}
