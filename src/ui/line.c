/* line.c - the line editor behind `:` and `/`.
 *
 * Invariant: `text` is valid UTF-8 of `length` bytes and a NUL, and `at` is at
 * the start of a sign.
 */
#include "ui/line.h"
#include "ui/glyph.h"
#include "ui/keymap.h"

void line_set(struct line *l, const char *text) {
    struct text t = text_in(l->text, sizeof l->text);
    text_add(&t, text);
    l->length = l->at = t.len;
}

void line_start(struct line *l, char lead, const char *text) {
    l->active = true;
    l->lead = lead;
    l->back = 0;
    line_set(l, text);
}

/* Start of the sign before `at`, and behind the one at `at`. */
static size_t sign_before(const struct line *l, size_t at) {
    while (at > 0)
        if (((unsigned char)l->text[--at] & 0xc0) != 0x80) break;
    return at;
}

static size_t sign_after(const struct line *l, size_t at) {
    if (at < l->length) at++;
    while (at < l->length && ((unsigned char)l->text[at] & 0xc0) == 0x80) at++;
    return at;
}

/* Take bytes from..to-1 out; the cursor then stands at `from`. */
static bool take_out(struct line *l, size_t from, size_t to) {
    if (from == to) return false;
    memmove(l->text + from, l->text + to, l->length - to + 1);
    l->length -= to - from;
    l->at = from;
    return true;
}

bool line_insert(struct line *l, int key) {
    if (key < ' ' || key == K_BACKSPACE || key >= K_SPECIAL || glyph_width((uint32_t)key) != 1) return false;
    char sign[5];
    size_t n = strlen(glyph_encode((uint32_t)key, sign));
    if (l->length + n >= sizeof l->text) return false;
    memmove(l->text + l->at + n, l->text + l->at, l->length - l->at + 1);
    memcpy(l->text + l->at, sign, n);
    l->length += n;
    l->at += n;
    return true;
}

bool line_erase(struct line *l) { return take_out(l, sign_before(l, l->at), l->at); }
bool line_delete(struct line *l) { return take_out(l, l->at, sign_after(l, l->at)); }
bool line_erase_all(struct line *l) { return take_out(l, 0, l->at); }
bool line_cut(struct line *l) { return take_out(l, l->at, l->length); }

bool line_erase_word(struct line *l) {
    size_t from = l->at;
    while (from > 0 && l->text[from - 1] == ' ') from--;
    while (from > 0 && l->text[from - 1] != ' ') from--;
    return take_out(l, from, l->at);
}

static bool go_to(struct line *l, size_t at) {
    bool moved = l->at != at;
    l->at = at;
    return moved;
}
bool line_left(struct line *l) { return go_to(l, sign_before(l, l->at)); }
bool line_right(struct line *l) { return go_to(l, sign_after(l, l->at)); }
bool line_home(struct line *l) { return go_to(l, 0); }
bool line_end(struct line *l) { return go_to(l, l->length); }

/* The line `back` lines ago: 1 is the latest. */
static bool recall(struct line *l, size_t back) {
    size_t kept = l->past_count < LINE_PAST ? l->past_count : LINE_PAST;
    if (back > kept) return false;
    l->back = back;
    line_set(l, back ? l->past[(l->past_count - back) % LINE_PAST] : "");
    return true;
}
bool line_older(struct line *l) { return recall(l, l->back + 1); }
bool line_newer(struct line *l) { return l->back > 0 && recall(l, l->back - 1); }

void line_done(struct line *l) {
    l->active = false;
    if (l->length == 0 || l->lead != ':') return;
    memcpy(l->past[l->past_count % LINE_PAST], l->text, l->length + 1);
    l->past_count++;
}
