/* sweep_progress.c - how far a sweep is, on a terminal's last line:
 *
 *   sweep 12/40 cells  31 %  about 2 min left
 *
 * Nothing where standard error is no terminal. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void sweep_progress_begin(struct sweep_progress *p) {
    const char *term = getenv("TERM");
    bool plain = !term || strcmp(term, "dumb") == 0;
    *p = (struct sweep_progress){.shown = isatty(STDERR_FILENO) && !plain, .begun = now_seconds()};
}

/* The time left as a person says it. */
static void add_left(struct text *t, double seconds) {
    if (seconds < 90) text_addf(t, "about %.0f s left", seconds < 1 ? 1 : seconds);
    else if (seconds < 90 * 60) text_addf(t, "about %.0f min left", seconds / 60);
    else text_addf(t, "about %.1f h left", seconds / 3600);
}

void sweep_progress_tell(struct sweep_progress *p, uint64_t done, uint64_t total, size_t cells, size_t all) {
    char line[100];
    struct text t = text_in(line, sizeof line);
    double passed = now_seconds() - p->begun, part = total ? (double)done / (double)total : 1;
    if (!p->shown || passed < 0.5 || passed - p->last < 0.2) return;
    p->last = passed;
    text_addf(&t, "sweep %zu/%zu cells  %.0f %%  ", cells, all, part * 100);
    if (part > 0.01 || passed > 10) add_left(&t, passed * (1 - part) / (part > 0 ? part : 1e-9));
    fprintf(stderr, "\r%s\033[K", line);
    p->drawn = true;
}

void sweep_progress_end(struct sweep_progress *p) {
    if (p->drawn) fputs("\r\033[K", stderr);
    p->drawn = false;
}
