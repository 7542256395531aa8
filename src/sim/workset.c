/* workset.c - see workset.h. A page is in the set while its last reference lies in
 * the window; one that leaves the window takes its page along only if it was that last one. */
#include "vmscope/sim/workset.h"

bool workset_begin(struct workset *w, uint32_t window) {
    *w = (struct workset){.window = window, .recent = mem_zalloc(window, sizeof *w->recent)};
    return w->recent;
}

bool workset_copy(struct workset *to, const struct workset *from) {
    *to = *from;
    to->last = (struct map64){0};
    to->recent = mem_copy(from->recent, from->window, sizeof *to->recent);
    return to->recent && map64_copy(&to->last, &from->last);
}

void workset_end(struct workset *w) {
    free(w->recent);
    map64_free(&w->last);
    *w = (struct workset){0};
}

bool workset_equal(const struct workset *a, const struct workset *b) {
    return a->window == b->window && a->time == b->time && a->size == b->size &&
           (a->window == 0 || memcmp(a->recent, b->recent, a->window * sizeof *a->recent) == 0);
}

/* The reference that is now `window` old leaves; was it its page's last? */
static void forget_oldest(struct workset *w) {
    if (w->time <= w->window) return;
    const uint32_t *last = map64_get(&w->last, w->recent[w->time % w->window]);
    if (last && *last == w->time - w->window) w->size--;
}

bool workset_touch(struct workset *w, vpn_t vpn) {
    w->time++;
    forget_oldest(w);
    const uint32_t *last = map64_get(&w->last, vpn);
    if (!last || (w->time > w->window && *last <= w->time - w->window)) w->size++;
    w->recent[w->time % w->window] = vpn;
    return map64_put(&w->last, vpn, w->time);
}
