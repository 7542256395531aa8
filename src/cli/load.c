/* load.c - what a name on the command line stands for: a file, standard input
 * ("-"), or a lesson that is built in. A file of that name comes first. */
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/progress.h"

#include <string.h>
#include <sys/stat.h>

static bool is_file(const char *name) {
    struct stat st;
    return strcmp(name, "-") == 0 || (stat(name, &st) == 0 && !S_ISDIR(st.st_mode));
}

/* A bare word that is no file and no lesson: a command or lesson, spelt wrong? */
bool explain_word(const char *word) {
    if (is_file(word) || lesson_by_name(word)) return false;
    const char *names[128] = {NULL};
    size_t n = 0;
    for (const struct command *c = command_table; c->name; c++) names[n++] = c->name;
    for (const struct lesson *l = lesson_table; l->name && n < 127; l++) names[n++] = l->name;
    const char *near = strpbrk(word, "/.") || word[0] == '-' ? NULL : suggest(word, names);
    if (near) complain("there is no file, lesson or command '%s'. Did you mean '%s'?", word, near);
    return near != NULL;
}

int load_named(const struct cli *c, const char *name, struct scenario **out) {
    struct diag_list errors = {.count = 0};
    const struct lesson *lesson = is_file(name) ? NULL : lesson_by_name(name);
    struct stat st;
    if (!name[0]) {
        complain("the name of a file is empty.");
        return EXIT_USAGE;
    }
    if (!lesson && stat(name, &st) != 0 && explain_word(name)) return EXIT_USAGE;
    struct diag_list skipped = {.count = 0};
    struct scenario_options o = c->load;
    char what[300];
    struct text phrase = text_in(what, sizeof what);
    text_addf(&phrase, "reading %s", strcmp(name, "-") == 0 ? "standard input" : name);
    o.bad_lines = TRACE_BAD_LINES;
    o.skipped = &skipped;
    o.watch = progress_watch();
    progress_begin(what);
    enum vs_status status = lesson ? lesson_load(lesson, &o, out, &errors)
                                   : scenario_load_file(name, &o, out, &errors);
    progress_end();
    if (status != VS_OK && output_stopped()) return EXIT_INPUT; /* output_end says why */
    complain_skipped(&skipped);
    if (status == VS_OK) return EXIT_GOOD;
    complain_list(&errors);
    if (!errors.count) complain("%s: %s", name, status_name(status));
    return status == VS_USAGE ? EXIT_USAGE : EXIT_INPUT;
}
