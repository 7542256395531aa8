/* operations.c - the one table of a step's operations.
 *
 * A step is one operation key and the modifiers that it takes. What a step of
 * many accesses (pages, scan) expects holds for each of them; its note and its
 * question belong to the first. */
#include "scenario/operations.h"

#include <string.h>

const struct operation operation_table[] = {
    {"read", "size as mode note ask expect", NULL},
    {"write", "value size as mode note ask expect", NULL},
    {"fetch", "size as mode note ask expect", NULL},
    {"pages", "as note ask expect", NULL},
    {"scan", "count stride access size as note ask expect", "count"},
    {"repeat", "steps", "steps"},
    {"trace", "limit split format as note ask", NULL},
    {"switch", "note ask", NULL},
    {"set", "note ask", NULL},
    {"tlb_flush", "as note ask", NULL},
    {"fork", "as note ask", NULL},
    {"exit", "note ask", NULL},
    {"exec", "as note ask", NULL},
    {"brk", "as note ask", NULL},
    {"sbrk", "as note ask", NULL},
    {"mmap", "size perms backing shared file offset at populate cached as note ask", "size"},
    {"munmap", "size as note ask", NULL},
    {"mprotect", "size perms as note ask", "perms"},
    {"madvise", "size advice as note ask", "advice"},
    {"mremap", "size as note ask", "size"},
    {"mlock", "size as note ask", NULL},
    {"munlock", "size as note ask", NULL},
    {"suspend", "note ask", NULL},
    {"resume", "note ask", NULL},
    {NULL, NULL, NULL},
};

const struct operation *operation_by_name(const char *name) {
    for (const struct operation *op = operation_table; op->name; op++)
        if (strcmp(op->name, name) == 0) return op;
    return NULL;
}

/* The next word of a blank-separated list; NULL at its end. */
static const char *word_next(const char **list, size_t *n) {
    while (**list == ' ') (*list)++;
    const char *word = *list;
    *n = strcspn(word, " ");
    *list += *n;
    return *n ? word : NULL;
}

bool operation_takes(const struct operation *op, const char *modifier) {
    const char *list = op->takes, *word;
    size_t n;
    while ((word = word_next(&list, &n)))
        if (strlen(modifier) == n && memcmp(word, modifier, n) == 0) return true;
    return false;
}

void operation_list(struct text *t) {
    for (const struct operation *op = operation_table; op->name; op++) {
        if (op != operation_table) text_add(t, op[1].name ? ", " : " or ");
        text_add(t, op->name);
    }
}

void operation_takes_list(struct text *t, const struct operation *op) {
    const char *list = op->takes, *word;
    size_t n;
    bool first = true;
    while ((word = word_next(&list, &n))) {
        if (!first) text_add(t, *list ? ", " : " and ");
        text_addn(t, word, n);
        first = false;
    }
}
