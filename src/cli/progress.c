/* progress.c - one line on standard error, written over again and erased at the end. */
#include "cli/progress.h"
#include "cli/output.h"
#include "vmscope/base/text.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define FIRST_SECONDS 1.0 /* work that is shorter says nothing */
#define EACH_SECONDS  0.2
#define NAME_WIDTH    40

static struct {
    const char *what;
    double began, told;
    bool terminal, shown;
} now;

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void progress_begin(const char *what) {
    now.what = what;
    now.began = now.told = seconds();
    now.terminal = isatty(STDERR_FILENO) == 1;
    now.shown = false;
}

/* "2 min 5 s left" */
static void add_left(struct text *t, double left) {
    unsigned s = left < 1e6 ? (unsigned)(left + 0.5) : 1000000;
    if (s >= 60)
        text_addf(t, ", %u min %u s left", s / 60, s % 60);
    else
        text_addf(t, ", %u s left", s);
}

static void show(double time, uint64_t done, uint64_t total) {
    char line[160];
    struct text t = text_in(line, sizeof line);
    text_addf(&t, "\r%.*s: ", NAME_WIDTH, now.what);
    if (total && done) {
        double part = (double)done / (double)total;
        text_addf(&t, "%.0f %%", part < 1 ? part * 100 : 100);
        add_left(&t, (time - now.began) * (1 / part - 1));
    } else {
        text_addf(&t, "%llu MB", (unsigned long long)(done / 1000000)); /* a pipe */
    }
    text_add(&t, "\x1b[K");
    fputs(line, stderr);
    now.shown = true;
}

bool progress_tell(uint64_t done, uint64_t total) {
    if (now.terminal && now.what) {
        double time = seconds();
        if (time - now.began >= FIRST_SECONDS && time - now.told >= EACH_SECONDS) {
            now.told = time;
            show(time, done, total);
        }
    }
    return !output_stopped();
}

void progress_end(void) {
    if (now.shown) fputs("\r\x1b[K", stderr);
    now.shown = false;
    now.what = NULL;
}

static bool tell(void *own, uint64_t done, uint64_t total) {
    (void)own;
    return progress_tell(done, total);
}

struct trace_watch progress_watch(void) {
    return (struct trace_watch){tell, NULL};
}
