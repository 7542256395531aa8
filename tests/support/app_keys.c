/* app_keys.c - see app_keys.h. */
#include "app_keys.h"

unsigned app_press(struct app *a, const char *key) { return app_key(a, (struct input){key_by_name(key), 0, 0}); }

bool app_shows(struct app *a, const char *words) {
    char buf[2048];
    app_draw(a);
    for (int y = 0; y < a->canvas.height; y++) {
        struct text t = text_in(buf, sizeof buf);
        canvas_row_text(&a->canvas, y, &t);
        if (strstr(buf, words)) return true;
    }
    return false;
}
