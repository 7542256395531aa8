/* pane_bytes.c - a page's bytes in hex and ASCII, for details.
 *
 *    0000 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
 *    0010 2a<00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  *...............
 *    *    (rows as above)
 */
#include "ui/pane_util.h"

#define DUMP_MOST 65536u /* bytes of one page that are looked at */

static void write_row(const struct page_writer *w, const struct dump *d, unsigned at, unsigned count) {
    int x = area_printf(w->a, 0, w->y, ROLE_HEADING, "%04x", at) + 1;
    for (unsigned i = 0; i < count; i++) {
        unsigned byte = d->byte(d->of, at + i);
        bool lit = at + i == d->lit;
        enum role role = lit ? ROLE_NOW : byte ? ROLE_NORMAL : ROLE_DIM;
        area_printf(w->a, x + (int)i * 3, w->y, role, "%02x", byte);
        if (lit) area_text(w->a, x + (int)i * 3 + 2, w->y, role, "<");
        area_printf(w->a, x + (int)count * 3 + 1 + (int)i, w->y, role, "%c",
                    byte >= 32 && byte < 127 ? (int)byte : '.');
    }
}

static bool rows_alike(const struct dump *d, unsigned at, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        if (d->byte(d->of, at + i) != d->byte(d->of, at - count + i)) return false;
    return at > d->lit || d->lit - at >= count;
}

void write_bytes(struct page_writer *w, const struct dump *d) {
    unsigned count = w->a->width >= 74 ? 16 : w->a->width >= 40 ? 8 : 4;
    bool folded = false;
    if (d->bytes < count) count = d->bytes;
    for (unsigned at = 0; at < d->bytes && at < DUMP_MOST && w->y < w->a->height; at += count) {
        bool alike = at > 0 && rows_alike(d, at, count);
        if (!alike)
            write_row(w, d, at, count);
        else if (!folded)
            area_text(w->a, 0, w->y, ROLE_DIM, "*    (rows as above)");
        if (!alike || !folded) w->y++;
        folded = alike;
    }
}
