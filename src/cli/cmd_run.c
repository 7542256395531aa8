/* cmd_run.c - vmscope run FILE: to the end, in one of the formats of run.h. */
#include "cli/output.h"
#include "cli/run.h"

int cmd_run(const struct cli *c) {
    if (c->frames_after && !c->format->can_show_frames) {
        complain("--frames-after needs --format=text, jsonl or csv.");
        return EXIT_USAGE;
    }
    struct scenario *s = NULL;
    struct cli forward = *c;
    forward.load.once = true;
    output_begin();
    int status = load_named(&forward, c->word[0], &s);
    if (status != EXIT_GOOD) return status;
    struct run r;
    status = run_begin(&r, c, s);
    if (status == EXIT_GOOD) status = run_all(&r, c->format);
    complain_list(&r.failures);
    run_free(&r);
    scenario_free(s);
    return status;
}
