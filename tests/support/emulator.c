/* emulator.c - see emulator.h. */
#include "emulator.h"

static int color_index(const VTermColor *c, bool own) {
    if (own) return -1;
    if (VTERM_COLOR_IS_INDEXED(c)) return c->indexed.idx;
    return 256 + (c->rgb.red << 16 | c->rgb.green << 8 | c->rgb.blue);
}

struct seen seen_as(uint32_t ch, int fg, int bg, bool bold, bool underline, bool reverse) {
    bool blank = ch == ' ' && !underline && !reverse;
    return (struct seen){ch, blank ? -1 : fg, bg, bold && !blank, underline, reverse};
}

struct seen seen_at(VTermScreen *screen, int row, int col) {
    VTermScreenCell c;
    vterm_screen_get_cell(screen, (VTermPos){.row = row, .col = col}, &c);
    return seen_as(c.chars[0] ? c.chars[0] : ' ', color_index(&c.fg, VTERM_COLOR_IS_DEFAULT_FG(&c.fg)),
                   color_index(&c.bg, VTERM_COLOR_IS_DEFAULT_BG(&c.bg)), c.attrs.bold, c.attrs.underline, c.attrs.reverse);
}

bool seen_same(const struct seen *a, const struct seen *b) {
    return a->ch == b->ch && a->fg == b->fg && a->bg == b->bg && a->bold == b->bold && a->underline == b->underline &&
           a->reverse == b->reverse;
}
