/* cmd_open.c - vmscope [FILE]: the screen; where there is none, lines of text. */
#include "cli/cli.h"

int cmd_open(const struct cli *c) {
    bool screen = !c->plain && ui_usable();
    if (!c->words) return screen ? ui_menu(&c->ui) : cmd_list(c);
    if (!screen) return cmd_run(c);
    struct scenario *s = NULL;
    int status = load_named(c, c->word[0], &s);
    if (status != EXIT_GOOD) return status;
    if (c->renamed) s->terminology = c->terminology;
    status = ui_run(s, &c->ui);
    scenario_free(s);
    return status;
}
