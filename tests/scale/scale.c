/* scale.c - TRACE...: each opened as the screen opens it, and moved about in by keys.
 *
 * Times are of the clock, from a key to the finished picture of 200x50 (without the terminal),
 * memory is what this process holds. See `make scale`.
 */
#include "ui/app_state.h"
#include "vmscope/base/rng.h"
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#define GOAL  UINT64_C(73000000)
#define BACKS 50u
#define JUMPS 30u

static struct ui_options options;
static struct app app;

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static double resident_mib(void) {
    unsigned long all, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    bool good = f && fscanf(f, "%lu %lu", &all, &resident) == 2;
    if (f) fclose(f);
    return good ? (double)resident * (double)sysconf(_SC_PAGESIZE) / (1 << 20) : 0;
}

/* ---- keys ---- */

/* A key, and what it sets going, to the picture. */
static double press(int key) {
    double start = now_ms();
    app_key(&app, (struct input){key, 0, 0});
    app_finish(&app);
    app_draw(&app);
    return now_ms() - start;
}

static double go_to(uint64_t step) {
    char words[40];
    snprintf(words, sizeof words, "goto %" PRIu64, step);
    double start = now_ms();
    command_run(&app, words);
    app_finish(&app);
    app_draw(&app);
    return now_ms() - start;
}

struct series {
    double sum, slowest;
    unsigned n;
};

static void note(struct series *s, double ms) {
    s->sum += ms;
    s->n++;
    if (ms > s->slowest) s->slowest = ms;
}

static void say(const char *what, const struct series *s) {
    printf("  %-44s %9.2f ms  slowest %9.2f ms\n", what, s->n ? s->sum / s->n : 0, s->slowest);
}

/* ---- one trace ---- */

static void say_place(const char *what, double ms, double memory) {
    struct position p = history_position(app.session.history);
    printf("  %-44s %9.2f ms  at step %" PRIu64 ".%u, %.0f MiB\n", what, ms, p.step, p.micro, resident_mib() - memory);
}

static void jump_about(uint64_t known, double memory) {
    struct rng r = {73};
    struct series jump = {0}, back = {0}, fault = {0}, before = {0};
    for (unsigned i = 0; i < JUMPS; i++) {
        note(&jump, go_to(1 + rng_next(&r) % known));
        note(&back, press('U'));
        note(&fault, press('f'));
        note(&before, press('F'));
    }
    say("goto, 30 places of the known past", &jump);
    say("a step back from there", &back);
    say("the next fault from there", &fault);
    say("the fault before", &before);
    printf("  %-44s %9.0f MiB\n", "memory of history and machine", resident_mib() - memory);
}

static void walk_about(const char *name, double memory) {
    struct series back = {0}, small = {0}, forth = {0};
    uint64_t steps = history_step_count(app.session.history), goal = steps > GOAL ? GOAL : steps / 4 * 3;
    printf("%s: %" PRIu64 " steps\n", name, steps);
    say_place("goto, where time has not been yet", go_to(goal), memory);
    for (unsigned i = 0; i < BACKS; i++) note(&back, press('U'));
    say("50 steps back", &back);
    for (unsigned i = 0; i < BACKS; i++) note(&small, press('u'));
    say("50 micro-steps back", &small);
    say_place("next fault", press('f'), memory);
    say_place("fault before", press('F'), memory);
    for (unsigned i = 0; i < BACKS; i++) note(&forth, press('s'));
    say("50 steps forward", &forth);
    say_place("to the end", press('G'), memory);
    jump_about(steps - 1, memory);
}

static bool with(const char *path) {
    struct scenario *s = NULL;
    struct diag_list errors = {0};
    struct diag why = {0};
    struct scenario_options load = {0};
    char buf[900];
    double start = now_ms(), before = resident_mib();
    if (scenario_load_file(path, &load, &s, &errors) != VS_OK) {
        fprintf(stderr, "%s\n", errors.count ? diag_format(&errors.item[0], buf, sizeof buf) : path);
        return false;
    }
    double read = now_ms() - start, memory = resident_mib();
    bool good = app_open(&app, s, &why);
    if (good) {
        app_overlay(&app, OVERLAY_NONE);
        app_draw(&app);
        printf("\n%-46s %9.0f ms  %.0f MiB\n", "read", read, memory - before);
        walk_about(path, memory);
        app_close(&app);
    }
    scenario_free(s);
    return good;
}

int main(int argc, char **argv) {
    struct diag why = {0};
    int status = argc > 1 ? 0 : 2;
    app = (struct app){.options = &options};
    ui_options_default(&options);
    if (!keymap_default(&app.keymap, &why) || !canvas_resize(&app.canvas, 200, 50)) return 3;
    screen_init(&app.screen, &app.keymap);
    for (int i = 1; i < argc; i++)
        if (!with(argv[i])) status = 3;
    canvas_free(&app.canvas);
    return status;
}
