/* glyph.c - one table of signs, and UTF-8 in and out.
 *
 * Invariant: whatever reaches a canvas cell is exactly one column wide, because
 * whole rows are handed to the terminal by column number. So wide and combining
 * characters never become cells.
 */
#include "ui/glyph.h"

static const struct {
    uint32_t utf8;
    char ascii;
} glyph_table[GLYPH_COUNT] = {
#define X(id, utf8, ascii) [GLYPH_##id] = {utf8, ascii},
    GLYPHS(X)
#undef X
};

/* Typographic signs that writers of lessons use, for ASCII screens. */
static const struct {
    uint32_t utf8;
    char ascii;
} plain_table[] = {
    {0x00a0, ' '}, {0x00d7, 'x'},  {0x2010, '-'}, {0x2011, '-'}, {0x2013, '-'}, {0x2014, '-'},  {0x2018, '\''},
    {0x2019, '\''}, {0x201c, '"'}, {0x201d, '"'}, {0x2022, '*'}, {0x2026, '.'}, {0x2212, '-'}, {0x2264, '<'},
    {0x2265, '>'},
};

/* Ranges that are not one column wide (Unicode 15, EastAsianWidth and general category Mn), coarse. */
static const struct {
    uint32_t first, last;
    int width;
} width_table[] = {
    {0x0300, 0x036f, 0}, {0x0483, 0x0489, 0}, {0x0591, 0x05bd, 0}, {0x0610, 0x061a, 0},   {0x064b, 0x065f, 0},
    {0x1100, 0x115f, 2}, {0x200b, 0x200f, 0}, {0x202a, 0x202e, 0}, {0x2060, 0x206f, 0},   {0x20d0, 0x20ff, 0},
    {0x2e80, 0xa4cf, 2}, {0xac00, 0xd7a3, 2}, {0xf900, 0xfaff, 2}, {0xfe00, 0xfe0f, 0},   {0xfe20, 0xfe2f, 0},
    {0xfe30, 0xfe6f, 2}, {0xfeff, 0xfeff, 0}, {0xff01, 0xff60, 2}, {0xffe0, 0xffe6, 2},   {0x1f000, 0x1faff, 2},
    {0x20000, 0x3fffd, 2}, {0xe0000, 0xe0fff, 0},
};

uint32_t glyph_char(enum glyph g, bool ascii) {
    return ascii ? (uint32_t)(unsigned char)glyph_table[g].ascii : glyph_table[g].utf8;
}

uint32_t glyph_ascii(uint32_t ch) {
    if (ch < 0x80) return ch;
    for (int g = 0; g < GLYPH_COUNT; g++)
        if (glyph_table[g].utf8 == ch) return (uint32_t)(unsigned char)glyph_table[g].ascii;
    for (size_t i = 0; i < sizeof plain_table / sizeof plain_table[0]; i++)
        if (plain_table[i].utf8 == ch) return (uint32_t)(unsigned char)plain_table[i].ascii;
    return '?';
}

int glyph_width(uint32_t ch) {
    if (ch < width_table[0].first) return 1; /* nearly all that is ever written */
    for (size_t i = 0; i < sizeof width_table / sizeof width_table[0]; i++)
        if (ch >= width_table[i].first && ch <= width_table[i].last) return width_table[i].width;
    return 1;
}

/* Bytes of the sequence that starts with b, and the bits it brings; 0: not a start. */
static int sequence_length(unsigned char b, uint32_t *bits) {
    if (b < 0x80) return *bits = b, 1;
    if (b >= 0xc2 && b <= 0xdf) return *bits = b & 0x1fu, 2;
    if (b >= 0xe0 && b <= 0xef) return *bits = b & 0x0fu, 3;
    if (b >= 0xf0 && b <= 0xf4) return *bits = b & 0x07u, 4;
    return 0;
}

uint32_t glyph_decode(const char **s) {
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *p = (const unsigned char *)*s;
    uint32_t ch = 0;
    int n = sequence_length(*p, &ch);
    for (int i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) n = 0;
        else ch = ch << 6 | (p[i] & 0x3fu);
    }
    *s += n ? n : 1;
    bool bad = !n || ch < smallest[n] || ch > 0x10ffff || (ch >= 0xd800 && ch <= 0xdfff);
    bool control = ch < 0x20 || (ch >= 0x7f && ch < 0xa0);
    return bad || control ? '?' : ch;
}

const char *glyph_encode(uint32_t ch, char buf[5]) {
    static const unsigned char lead[5] = {0, 0, 0xc0, 0xe0, 0xf0};
    int n = ch < 0x80 ? 1 : ch < 0x800 ? 2 : ch < 0x10000 ? 3 : 4;
    buf[n] = '\0';
    for (int i = n - 1; i > 0; i--, ch >>= 6) buf[i] = (char)(0x80 | (ch & 0x3f));
    buf[0] = (char)(lead[n] | ch);
    return buf;
}
