/* cmd_check.c - vmscope check FILE...: do the expectations hold? A line a file. */
#include "cli/output.h"
#include "cli/run.h"

#include <inttypes.h>
#include <stdio.h>

static int check_one(const struct cli *c, const char *name) {
    struct scenario *s = NULL;
    int status = load_named(c, name, &s);
    if (status != EXIT_GOOD) return status;
    struct run r;
    status = run_begin(&r, c, s);
    if (status == EXIT_GOOD) status = run_all(&r, NULL);
    if (!output_stopped() && status == EXIT_GOOD)
        printf("%s: ok (%" PRIu64 " steps, %" PRIu64 " expectations)\n", name, machine_steps_done(r.machine),
               r.checked);
    if (status == EXIT_EXPECTATION)
        printf("%s: %" PRIu64 " of %" PRIu64 " expectations failed\n", name, r.failed, r.checked);
    complain_list(&r.failures);
    run_free(&r);
    scenario_free(s);
    return status;
}

int cmd_check(const struct cli *c) {
    int worst = EXIT_GOOD;
    output_begin();
    for (size_t i = 0; i < c->words && !output_stopped(); i++) {
        int status = check_one(c, c->word[i]);
        if (status > worst) worst = status;
    }
    return worst;
}
