/* compare_data.c - a comparison for other programs: a row a step and machine, or JSON. */
#include "cli/cli.h"
#include "cli/output.h"

#include <stdio.h>

static void put_page(const struct comparison *c, struct lane_page page) {
    char buf[24];
    struct text t = text_in(buf, sizeof buf);
    format_vpn(&t, &lockstep_config(c->lanes, 0)->format, page.vpn);
    printf("0x%s", buf);
}

static void put_name(const struct comparison *c, unsigned lane) {
    char name[64] = "";
    struct text t = text_in(name, sizeof name);
    lockstep_name(c->lanes, lane, &t);
    printf("%s", name);
}

static const char *policy_name(const struct comparison *c, unsigned lane) { return lockstep_config(c->lanes, lane)->policy.name; }

/* ---- csv ---- */

static void print_csv(const struct comparison *c) {
    printf("step,lane,policy,frames,outcome,faulted,frame,victim_vpn,page_faults\n");
    for (uint64_t step = 0; step < c->end && !output_stopped(); step++)
        for (unsigned lane = 0; lane < lockstep_lanes(c->lanes); lane++) {
            const struct lane_cell *cell = lockstep_cell(c->lanes, lane, step);
            if (!cell) return;
            printf("%llu,%u,%s,%u,%c,%d,", (unsigned long long)step + 1, lane + 1, policy_name(c, lane),
                   lockstep_config(c->lanes, lane)->frames, outcome_letter[cell->outcome], cell->faulted);
            if (cell->frame != FRAME_NONE) printf("%u", cell->frame);
            putchar(',');
            if (cell->evicted) put_page(c, cell->victim);
            printf(",%llu\n", (unsigned long long)cell->page_faults);
        }
}

const struct compare_format compare_csv = {"csv", "a row a step and machine", print_csv};

/* ---- json ---- */

static void print_json(const struct comparison *c) {
    uint64_t difference = lockstep_next_difference(c->lanes, 0, c->end);
    unsigned fewer, more;
    bool anomaly = c->end && lockstep_anomaly(c->lanes, c->end - 1, &fewer, &more);
    printf("{\"steps\":%llu,\"first_difference\":", (unsigned long long)c->end);
    if (difference < c->end) printf("%llu", (unsigned long long)difference + 1);
    else printf("null");
    printf(",\"belady_anomaly\":%s,\"machines\":[", anomaly ? "true" : "false");
    for (unsigned lane = 0; lane < lockstep_lanes(c->lanes); lane++) {
        const struct lane_cell *last = c->end ? lockstep_cell(c->lanes, lane, c->end - 1) : NULL;
        printf("%s{\"name\":\"", lane ? "," : "");
        put_name(c, lane);
        printf("\",\"policy\":\"%s\",\"frames\":%u", policy_name(c, lane), lockstep_config(c->lanes, lane)->frames);
        if (last) printf(",\"page_faults\":%llu,\"evictions\":%llu,\"tlb_misses\":%llu", (unsigned long long)last->page_faults,
                         (unsigned long long)last->evictions, (unsigned long long)last->tlb_misses);
        printf("}");
    }
    printf("]}\n");
}

const struct compare_format compare_json = {"json", "the sums, and the first difference", print_json};
