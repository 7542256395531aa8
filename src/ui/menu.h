/* menu.h - the list of built-in lessons. */
#ifndef VMSCOPE_UI_MENU_H
#define VMSCOPE_UI_MENU_H

#include "ui/screen.h"

struct menu_item { /* copied from the lesson, so that it need not stay loaded */
    char title[80], summary[240], level[16], topics[160], source[320];
};
struct menu {
    struct menu_item *item;
    int count;
    int cursor, scroll;
};

bool menu_load(struct menu *m); /* false: no memory */
void menu_free(struct menu *m);
void menu_draw(struct canvas *c, struct menu *m, struct screen_state *st);

#endif
