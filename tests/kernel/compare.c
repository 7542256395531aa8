/* compare.c - does vmscope count the page faults that this very kernel counts?
 *
 *   test-linux             random programs, always the same ones
 *   test-linux 1-4000      these of them, as many as one likes
 *   test-linux 7           this one, told step by step
 *   test-linux FILE...     scenarios; those of tests/linux for several numbers of pages
 *
 * Faults of each step, the words that reads bring, and refused accesses must be equal. */
#include "plan.h"
#include "scaled.h"

#include "vmscope/scenario/scenario.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { PROGRAMS = 500, TOLD_MAX = 10, YAML_MAX = 12000 };

static struct plan plan;
static struct tally {
    unsigned long programs, steps, faults, refused, cut, unsteady, disagree;
} tally;

/* ---- can this kernel be asked? ---- */

/* Why not; NULL: it can. */
static const char *not_here(void) {
    static char why[200];
    struct utsname u;
    if (uname(&u) != 0 || strcmp(u.sysname, "Linux") != 0) return "this is not Linux";
    snprintf(why, sizeof why, "Linux %.60s on %.60s: it asks Linux 6 on x86-64 or aarch64, with pages of 4 KiB", u.release, u.machine);
    bool known = strcmp(u.machine, "x86_64") == 0 || strcmp(u.machine, "aarch64") == 0;
    return strncmp(u.release, "6.", 2) == 0 && known && sysconf(_SC_PAGESIZE) == 1 << PLAN_SHIFT ? NULL : why;
}

/* ---- comparing ---- */

/* vmscope invents a file's bytes: which ones, its first read of a page tells. */
static uint64_t file_word[PLAN_FILES][PLAN_FILE_PAGES];

static bool same_word(uint64_t ours, uint64_t real) {
    if (!real_is_file_word(real)) return ours == real;
    uint64_t *known = &file_word[real >> 32 & 1][real % PLAN_FILE_PAGES];
    if (*known == 0) *known = ours;
    return *known == ours;
}

static bool same(const struct planned *at, const struct told *t) {
    if (at->refused != t->refused || at->faults != t->faults) return false;
    return at->step.kind != STEP_ACCESS || at->step.op != ACCESS_READ || at->refused || same_word(at->value, t->value);
}

static bool is_compared(const struct planned *at) { return !at->skipped && (at->step.kind == STEP_ACCESS || at->step.kind == STEP_CALL); }

/* ---- telling ---- */

static void tell_call(const struct planned *at) {
    const struct call_config *c = &plan.config->calls[at->step.value];
    printf("%s", call_name[c->kind]);
    if (c->kind == CALL_BRK) printf(" to 0x%" PRIx64, at->va);
    else if (c->kind == CALL_MMAP) printf(" 0x%" PRIx64 " %u pages", at->to, (unsigned)((c->length + 4095) >> PLAN_SHIFT));
    else printf(" 0x%" PRIx64 " %u pages", at->first, (unsigned)at->pages);
    if (c->kind == CALL_MREMAP) printf(" -> 0x%" PRIx64 " %u pages", at->to, (unsigned)(c->length >> PLAN_SHIFT));
    if (c->kind == CALL_MADVISE) printf(" %s", advice_name[c->advice]);
    if (c->kind == CALL_MPROTECT || c->kind == CALL_MMAP)
        printf(" %s%s%s", c->perms & PERM_R ? "r" : "-", c->perms & PERM_W ? "w" : "-", c->perms & PERM_X ? "x" : "-");
    if (c->kind == CALL_MMAP)
        printf("%s%s%s%s", c->flags & CALL_SHARED ? " shared" : "", c->file[0] ? " file " : "", c->file, c->flags & CALL_POPULATE ? " populate" : "");
}

static void tell(size_t i) {
    const struct planned *at = &plan.at[i];
    const struct told *t = &plan.told[i];
    printf("  %3zu %c: ", i, 'A' + at->proc);
    if (at->skipped) printf("(%s)", at->step.kind == STEP_CALL ? "a call that vmscope refuses" : "nothing");
    else if (at->step.kind == STEP_FORK) printf("fork %c", (char)('A' + at->step.value));
    else if (at->step.kind == STEP_EXIT) printf("exit");
    else if (at->step.kind == STEP_CALL) tell_call(at);
    else printf("%s 0x%" PRIx64, access_name((enum access_kind)at->step.op), at->va >> PLAN_SHIFT);
    if (!is_compared(at)) printf("\n");
    else
        printf(": Linux %s%" PRIu64 " faults, word 0x%" PRIx64 "%s; vmscope %s%" PRIu64 " faults, word 0x%" PRIx64 "\n", t->refused ? "SIGSEGV, " : "", t->faults,
               t->value, t->error ? strerror(t->error) : "", at->refused ? "SIGSEGV, " : "", at->faults, at->value);
}

/* ---- one program ---- */

/* mlock of pages that nobody may access locks all the same, but says ENOMEM. */
static bool goes_on(const struct planned *at) {
    return at->step.kind == STEP_CALL && plan.config->calls[at->step.value].kind == CALL_MLOCK;
}

/* The first step where both differ; count: none. A call that only Linux refuses ends the comparison: *cut. */
static size_t first_difference(size_t *cut) {
    memset(file_word, 0, sizeof file_word);
    for (*cut = 0; *cut < plan.count; ++*cut) {
        const struct planned *at = &plan.at[*cut];
        if (plan.told[*cut].error && !goes_on(at)) return plan.count;
        if (is_compared(at) && !same(at, &plan.told[*cut])) return *cut;
    }
    return plan.count;
}

/* Noise (reclaim, migration) does not come twice at one place. */
static bool again(size_t bad) {
    size_t cut;
    return real_run(&plan) && first_difference(&cut) == bad;
}

static void count(size_t upto) {
    tally.programs++;
    for (size_t i = 0; i < upto; i++) {
        if (!is_compared(&plan.at[i])) continue;
        tally.steps++;
        tally.faults += plan.told[i].faults;
        tally.refused += plan.told[i].refused;
    }
}

/* Are both of one mind about this program? */
static bool compare(const char *name, bool told) {
    size_t cut, bad;
    if (!real_run(&plan)) {
        fprintf(stderr, "test-linux: %s could not be done to its end\n", name);
        return false;
    }
    bad = first_difference(&cut);
    if (bad < plan.count && !again(bad)) {
        tally.unsteady++;
        if (!real_run(&plan)) return false;
        bad = first_difference(&cut);
    }
    count(bad < cut ? bad : cut);
    tally.cut += cut < plan.count && bad == plan.count;
    if (told) {
        for (size_t i = 0; i < plan.count; i++) tell(i);
        printf("cut at %zu\n", cut);
    }
    if (bad == plan.count) return true;
    printf("%s: step %zu differs\n", name, bad);
    for (size_t i = 0; !told && i <= bad; i++) tell(i);
    return false;
}

static bool compare_random(uint64_t seed, bool told) {
    char name[40];
    struct step_source *steps = NULL;
    const struct machine_config *c = random_program(seed, &steps);
    snprintf(name, sizeof name, "program %" PRIu64, seed);
    bool good = c && plan_simulate(&plan, c, steps) && compare(name, told);
    step_source_free(steps);
    return good;
}

static void compare_randoms(uint64_t from, uint64_t to) {
    for (uint64_t seed = from; seed <= to && tally.disagree < TOLD_MAX; seed++) tally.disagree += !compare_random(seed, false);
}

/* ---- scenarios ---- */

static bool compare_scenario(const char *yaml, size_t size, const char *name) {
    struct scenario *s;
    struct diag_list errors = {0};
    struct scenario_options options = {0};
    if (scenario_load_memory(yaml, size, name, NULL, &options, &s, &errors) != VS_OK) {
        fprintf(stderr, "%s: %s\n", name, errors.item[0].text);
        return false;
    }
    bool good = plan_simulate(&plan, &s->config, s->steps) && compare(name, false);
    scenario_free(s);
    return good;
}

/* The scenario of a file, for as many pages as it says and, if it can be scaled, for others. */
static bool compare_file(const char *path) {
    static const unsigned sizes[] = {SCALED_FROM, 1, 2, 3, 7, 16, 33, 128, 500};
    static char yaml[YAML_MAX], scaled[YAML_MAX];
    bool good = true;
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(yaml, 1, sizeof yaml - 1, f) : 0;
    yaml[n] = '\0';
    if (f) fclose(f);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char name[300];
        struct text t = text_in(scaled, sizeof scaled);
        if (!scaled_scenario(yaml, sizes[i], &t)) continue;
        snprintf(name, sizeof name, "%s, %u pages", path, sizes[i]);
        good &= compare_scenario(scaled, t.len, name);
    }
    return good;
}

/* ---- the command ---- */

static int report(void) {
    printf("test-linux: %lu programs, %lu calls and accesses compared (%lu page faults, %lu refused), %lu programs cut short, %lu disagree\n",
           tally.programs, tally.steps, tally.faults, tally.refused, tally.cut, tally.disagree);
    if (tally.unsteady) printf("test-linux: %lu programs were done again: something else on this machine disturbed them\n", tally.unsteady);
    return tally.disagree != 0;
}

/* "7", or "1-4000". */
static bool is_range(const char *s, uint64_t *from, uint64_t *to) {
    char *end;
    *from = *to = strtoull(s, &end, 10);
    if (end != s && *end == '-') *to = strtoull(end + 1, &end, 10);
    return end != s && *end == '\0';
}

int main(int argc, char **argv) {
    uint64_t from, to;
    const char *why = not_here();
    if (!why) why = real_begin();
    if (why) {
        printf("test-linux: skipped: %s\n", why);
        return 0;
    }
    if (argc < 2) compare_randoms(1, PROGRAMS);
    for (int i = 1; i < argc; i++) {
        if (!is_range(argv[i], &from, &to)) tally.disagree += !compare_file(argv[i]);
        else if (from == to) tally.disagree += !compare_random(from, true);
        else compare_randoms(from, to);
    }
    return report();
}
