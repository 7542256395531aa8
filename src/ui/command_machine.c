/* command_machine.c - `:frames` and `:tlb`: the same steps on another machine, up to the same place;
 * and `:snapshot`, the screen as text. */
#include "ui/command.h"
#include "ui/whole_file.h"

/* The machine was made anew: say so, and where one stands. */
static unsigned remade(struct app *a, const char *what) {
    predict_forget(&a->session);
    app_moved(a);
    return app_say(a, ROLE_MESSAGE, "%s, from the first step on. `:compare` shows both ways side by side.", what);
}

static unsigned refused(struct app *a, const struct diag *why) {
    if (a->session.history) return app_say(a, ROLE_ERROR, "%s", why->text);
    return REACT_QUIT; /* there is no memory for the machine that was there before, either */
}

unsigned run_frames(struct app *a, const struct command *c, const char *rest) {
    uint64_t n = 0;
    const char *phrase = NULL;
    char what[64];
    struct diag why = {0};
    if (!rest[0]) return command_usage(a, c);
    if (!parse_number(rest, &n, &phrase)) return app_say(a, ROLE_ERROR, "%s: %s", rest, phrase);
    if (n == 0 || n >= UINT32_MAX) return app_say(a, ROLE_ERROR, "frames: a machine has 1 to %u of them.", UINT32_MAX - 1);
    app_stop(a);
    if (!session_reshape(&a->session, (uint32_t)n, NULL, &why)) return refused(a, &why);
    snprintf(what, sizeof what, "%llu frame%s now", (unsigned long long)n, n == 1 ? "" : "s");
    return remade(a, what);
}

unsigned run_tlb(struct app *a, const struct command *c, const char *rest) {
    struct tlb_config tlb = machine_config(command_machine(a))->tlb;
    char what[64];
    struct diag why = {0};
    if (!rest[0] || !shape_word(rest, &tlb)) return command_usage(a, c);
    app_stop(a);
    if (!session_reshape(&a->session, 0, &tlb, &why)) return refused(a, &why);
    snprintf(what, sizeof what, "A TLB of %u set%s x %u way%s now", tlb.entries / tlb.ways, tlb.entries == tlb.ways ? "" : "s", tlb.ways,
             tlb.ways == 1 ? "" : "s");
    return remade(a, what);
}

unsigned run_snapshot(struct app *a, const struct command *c, const char *rest) {
    char buf[300] = "", row[4096];
    struct text why = text_in(buf, sizeof buf);
    struct whole_file w;
    if (!rest[0]) return command_usage(a, c);
    if (!whole_file_begin(&w, rest, &why)) return app_say(a, ROLE_ERROR, "%s", buf);
    app_draw(a); /* without the line that was typed */
    for (int y = 0; y < a->canvas.height; y++) {
        struct text t = text_in(row, sizeof row);
        canvas_row_text(&a->canvas, y, &t);
        fprintf(w.f, "%s\n", row);
    }
    if (!whole_file_end(&w, &why)) return app_say(a, ROLE_ERROR, "%s", buf);
    return app_say(a, ROLE_MESSAGE, "The screen is in %s, as text.", rest);
}
