/* cmd_import.c - vmscope import FILE...: traces of other programs become one of vmscope's own.
 *
 * Its name, where none is given, is the first file's with another ending: ls.lackey.zst
 * becomes ls.vmt, beside it. */
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".vmt"

/* Without one of these endings, the last that fits. */
static void drop_suffix(struct text *t) {
    static const char *const endings[] = {".zst", SUFFIX,   ".lackey", ".din",
                                          ".txt", ".trace", ".log",    ".out"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t n = strlen(endings[i]);
        if (t->len <= n || strcmp(t->buf + t->len - n, endings[i]) != 0 || t->buf[t->len - n - 1] == '/')
            continue;
        t->len -= n;
        t->buf[t->len] = '\0';
        if (i > 0) return; /* behind .zst there may be another */
    }
}

static bool name_output(const struct cli *c, struct text *name) {
    if (c->output) {
        text_add(name, c->output);
    } else {
        text_add(name, c->word[0]);
        drop_suffix(name);
        text_add(name, SUFFIX);
    }
    if (!name->cut) return true;
    complain("%s: the name is too long.", c->word[0]);
    return false;
}

/* Is there a name, and may it be written to? */
static bool output_suits(const struct cli *c) {
    if (c->output && c->output[0] == '\0') {
        complain("the name of a file is empty.");
        return false;
    }
    if (!c->output && strcmp(c->word[0], "-") == 0) {
        complain("what standard input is turned into needs a name: --output=FILE.");
        return false;
    }
    if (c->output && strcmp(c->output, "-") == 0 && isatty(STDOUT_FILENO)) {
        complain("a terminal cannot show a binary trace: name a file, or send it to one.");
        return false;
    }
    return true;
}

/* `import x.vmt` would write x.vmt anew. */
static bool is_input(const struct cli *c, const char *name) {
    struct stat to, from;
    if (stat(name, &to) != 0) return false;
    for (size_t i = 0; i < c->words; i++)
        if (stat(c->word[i], &from) == 0 && from.st_dev == to.st_dev && from.st_ino == to.st_ino) return true;
    return false;
}

static void tell_done(const struct cli *c, const struct trace_import *done, const char *name) {
    FILE *to = strcmp(name, "-") == 0 ? stderr : stdout;
    fprintf(to, "%s: %llu references, %llu bytes", name, (unsigned long long)done->refs,
            (unsigned long long)done->bytes);
    fprintf(to, " (%.2f a reference)\n", (double)done->bytes / (double)done->refs);
    (void)c;
}

static int import_to(const struct cli *c, const char *name) {
    struct diag_list skipped = {.count = 0};
    struct diag why = {.text = ""};
    struct trace_import done;
    struct trace_options o = {.format = c->load.trace_format,
                              .bad_lines = TRACE_BAD_LINES,
                              .skipped = &skipped,
                              .watch = progress_watch()};
    progress_begin("importing");
    enum vs_status status = trace_import(c->word, c->words, name, &o, &done, &why);
    progress_end();
    if (output_stopped()) return EXIT_INPUT; /* output_end says the rest */
    complain_skipped(&skipped);
    if (status != VS_OK) {
        complain_diag(&why);
        return EXIT_INPUT;
    }
    tell_done(c, &done, name);
    return EXIT_GOOD;
}

int cmd_import(const struct cli *c) {
    char path[4096];
    struct text name = text_in(path, sizeof path);
    for (size_t i = 0; i < c->words; i++)
        if (c->word[i][0] == '\0') {
            complain("the name of a file is empty.");
            return EXIT_USAGE;
        }
    if (!output_suits(c)) return EXIT_USAGE;
    if (!name_output(c, &name)) return EXIT_INPUT;
    if (is_input(c, path) && !c->output) {
        complain("%s is such a trace already: name another file with --output.", path);
        return EXIT_USAGE;
    }
    output_begin();
    output_catch_end();
    return import_to(c, path);
}
