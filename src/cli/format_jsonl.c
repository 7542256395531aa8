/* format_jsonl.c - a run as JSON, an object a line and a line a micro-step.
 *
 * The last line is {"summary": {...}} with every counter. Numbers are decimal,
 * addresses are strings in hex.
 */
#include "cli/output.h"
#include "cli/run.h"

#include <inttypes.h>
#include <stdio.h>

static void jsonl_micro(struct run *r, const struct event *e) {
    char line[2048];
    struct text json = text_in(line, sizeof line);
    narrate_json(&json, r->machine, e);
    puts(line);
}

static void print_number_or_null(frame_t f, const struct rmap *page, uint64_t number) {
    const char *comma = f ? "," : "";
    if (page) printf("%s%" PRIu64, comma, number);
    else printf("%snull", comma);
}

/* {"step":3,"frames":[7,0,null]}, and with several processes also "pids":[1,2,null]. */
static void jsonl_step(struct run *r) {
    const struct machine *m = r->machine;
    const struct machine_config *c = machine_config(m);
    if (!r->cli->frames_after) return;
    printf("{\"step\":%" PRIu64 ",\"frames\":[", machine_step_index(m) + 1);
    for (frame_t f = 0; f < c->frames; f++) {
        const struct rmap *page = frame_holder(m, f);
        print_number_or_null(f, page, page ? page->vpn : 0);
    }
    if (run_has_several(m)) {
        fputs("],\"pids\":[", stdout);
        for (frame_t f = 0; f < c->frames; f++) {
            const struct rmap *page = frame_holder(m, f);
            print_number_or_null(f, page, page ? page->proc + UINT64_C(1) : 0);
        }
    }
    puts("]}");
}

static void jsonl_end(struct run *r) {
    const struct counters c = machine_summary(r->machine);
    fputs("{\"summary\":{", stdout);
    for (const struct counter_info *i = counter_table; i->name; i++)
        printf("%s\"%s\":%" PRIu64, i == counter_table ? "" : ",", i->name, counter_value(&c, i));
    puts("}}");
}

const struct run_format run_format_jsonl = {
    .name = "jsonl",
    .help = "JSON, an object a micro-step and a last one with every counter",
    .micro = jsonl_micro,
    .step = jsonl_step,
    .end = jsonl_end,
    .can_show_frames = true,
};
