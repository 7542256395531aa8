/* question.c - the box in which a prediction is asked for. */
#include "ui/sheet.h"

void draw_question(const struct area *screen, const struct screen_state *st) {
    const struct question_box *q = &st->question;
    struct screen_state at_top = {.scroll = 0};
    struct sheet s;
    if (!sheet_open(&s, screen, 56)) return;
    sheet_wrap(&s, 0, ROLE_MESSAGE, q->text);
    sheet_gap(&s);
    sheet_wrap(&s, 1, ROLE_NORMAL, q->verdict[0] ? q->verdict : q->choices);
    sheet_show(&s, screen, "What do you expect?", q->verdict[0] ? "Space goes on" : "Space skips", &at_top);
}
