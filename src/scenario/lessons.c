/* lessons.c - the lessons that travel inside the program (lesson_table is
 * written by embed.sh when the program is built). */
#include "scenario/lessons.h"

#include "scenario/load.h"
#include <string.h>

const struct lesson_file *lesson_file_by_name(const char *name) {
    for (const struct lesson_file *f = lesson_file_table; f->name; f++)
        if (strcmp(f->name, name) == 0) return f;
    return NULL;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* "01-first-touch" without "01-". */
static const char *without_number(const char *name) {
    const char *s = name;
    while (is_digit(*s)) s++;
    return s > name && *s == '-' ? s + 1 : name;
}

/* Do "1" and "01" name "01-first-touch"? */
static bool same_number(const char *word, const char *name) {
    size_t n = 0;
    while (*word == '0') word++;
    while (*name == '0') name++;
    while (is_digit(word[n])) n++;
    return n > 0 && !word[n] && strncmp(word, name, n) == 0 && name[n] == '-';
}

const struct lesson *lesson_by_name(const char *name) {
    for (const struct lesson *l = lesson_table; l->name; l++)
        if (strcmp(l->name, name) == 0 || strcmp(without_number(l->name), name) == 0 ||
            same_number(name, l->name))
            return l;
    return NULL;
}

enum vs_status lesson_load(const struct lesson *l, const struct scenario_options *o, struct scenario **out,
                           struct diag_list *errors) {
    char file[128];
    struct text t = text_in(file, sizeof file);
    text_addf(&t, "%s.yaml", l->name);
    return load_scenario(&(struct load_source){l->yaml, l->size, file, NULL, true}, o, out, errors);
}
