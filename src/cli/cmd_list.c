/* cmd_list.c - vmscope list: the lessons that are built in. */
#include "cli/cli.h"

#include <stdio.h>

static int print_lesson(const struct lesson *l) {
    struct scenario *s = NULL;
    struct diag_list errors = {.count = 0};
    struct scenario_options plain = {.any_path = false};
    if (lesson_load(l, &plain, &s, &errors) != VS_OK) {
        complain_list(&errors);
        return EXIT_INPUT;
    }
    printf("  %-24s %s", l->name, s->title);
    if (s->level) printf(" (%s)", s->level);
    printf("\n");
    if (s->summary) printf("  %-24s   %s\n", "", s->summary);
    scenario_free(s);
    return EXIT_GOOD;
}

int cmd_list(const struct cli *c) {
    int worst = EXIT_GOOD;
    (void)c;
    printf("Lessons:\n\n");
    for (const struct lesson *l = lesson_table; l->name; l++) {
        int status = print_lesson(l);
        if (status > worst) worst = status;
    }
    printf("\nvmscope NAME steps through one (its number is enough); vmscope run NAME tells it\nin lines of "
           "text.\n");
    return worst;
}
