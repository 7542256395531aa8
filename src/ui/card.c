/* card.c - the title card: what a scenario is about, before its first step. */
#include "ui/sheet.h"

static void add_field(struct sheet *s, const char *name, const char *value) {
    if (value && value[0]) sheet_pair(s, 9, ROLE_HEADING, name, value);
}

static void add_topics(struct sheet *s, const struct scenario *scenario) {
    char buf[512];
    struct text t = text_in(buf, sizeof buf);
    for (size_t i = 0; i < scenario->topic_count; i++) text_addf(&t, "%s%s", i ? ", " : "", scenario->topics[i]);
    add_field(s, "topics", buf);
}

void draw_card(const struct area *screen, const struct scenario *scenario, struct screen_state *st) {
    struct sheet s;
    if (!sheet_open(&s, screen, 68)) return;
    s.y = 1;
    if (scenario->summary) sheet_wrap(&s, 0, ROLE_MESSAGE, scenario->summary);
    sheet_gap(&s);
    if (scenario->about) {
        sheet_wrap(&s, 0, ROLE_NORMAL, scenario->about);
        sheet_gap(&s);
    }
    add_field(&s, "level", scenario->level);
    add_topics(&s, scenario);
    add_field(&s, "source", scenario->source);
    char steps[64];
    struct text t = text_in(steps, sizeof steps);
    text_addf(&t, "%llu", (unsigned long long)scenario->steps->count);
    add_field(&s, "steps", steps);
    sheet_show(&s, screen, scenario->title ? scenario->title : scenario->file, "Space begins", st);
}
