/* page_twins.c - see page_twins.h.
 *
 *    The same page in other processes
 *    B     frame 0   PTE 000000d3 VR--U-AD   bytes of its own
 *    C     frame 4   PTE 000010d3 VR--U-AD   the same frame
 *
 *    bytes     A                        B
 *    0000      15 00 00 00 00 00 00 00  0b 00 00 00 00 00 00 00
 */
#include "ui/page_twins.h"

enum { ROW_BYTES = 8, ROWS_MOST = 6, TWINS_MOST = 16, LOOKED_AT = 65536 };

/* A page of another process. */
struct twin {
    struct sight s;
    const struct vma *region;
    vpn_t vpn;
    bool one_frame;
};

/* ---- finding ---- */

static bool has_bytes(const struct vma *r, vpn_t vpn) {
    enum page_state state = vma_page_state(r, vpn);
    return state == PAGE_RESIDENT || state == PAGE_SWAPPED;
}

static bool find_twin(const struct sight *s, const struct vma *r, vpn_t vpn, proc_t p, struct twin *out) {
    const struct process *process = &s->k->process[p];
    bool resident = vma_page_state(r, vpn) == PAGE_RESIDENT;
    *out = (struct twin){.s = *s, .vpn = vpn};
    if (!process->alive || p == s->proc) return false;
    out->s.proc = p;
    out->s.p = process;
    const struct vma *same = vma_find(process, vpn);
    bool here = same && same->kind != VMA_KERNEL && has_bytes(same, vpn);
    out->one_frame = resident && frame_maps(s->k, vma_page_where(r, vpn), p, &out->vpn);
    if (here && out->one_frame && vma_page_state(same, vpn) == PAGE_RESIDENT) /* mapped twice: better at the same number */
        if (vma_page_where(same, vpn) == vma_page_where(r, vpn)) out->vpn = vpn;
    out->region = vma_find(process, out->vpn);
    return out->one_frame || here;
}

/* ---- bytes ---- */

static uint8_t byte_of(const struct sight *s, const struct vma *r, vpn_t vpn, unsigned offset) {
    uint32_t where = vma_page_where(r, vpn);
    if (vma_page_state(r, vpn) == PAGE_SWAPPED) return content_byte(&s->k->slot[where].content, offset);
    return (uint8_t)ram_read(s->hw->ram, pfn_to_pa(where, s->f->page_shift) + offset, 1);
}

static bool rows_differ(const struct sight *s, const struct vma *r, vpn_t vpn, const struct twin *t, unsigned at) {
    for (unsigned i = 0; i < ROW_BYTES; i++)
        if (byte_of(s, r, vpn, at + i) != byte_of(&t->s, t->region, t->vpn, at + i)) return true;
    return false;
}

static void write_row(struct page_writer *w, const struct sight *s, const struct vma *r, vpn_t vpn, const struct twin *t, unsigned at) {
    enum { LEFT = 10, STEP = 3 };
    int right = LEFT + ROW_BYTES * STEP + 2;
    area_printf(w->a, 0, w->y, ROLE_HEADING, "%04x", at);
    for (unsigned i = 0; i < ROW_BYTES; i++) {
        uint8_t a = byte_of(s, r, vpn, at + i), b = byte_of(&t->s, t->region, t->vpn, at + i);
        enum role role = a != b ? ROLE_NOW : ROLE_DIM;
        area_printf(w->a, LEFT + (int)i * STEP, w->y, role, "%02x", a);
        area_printf(w->a, right + (int)i * STEP, w->y, role, "%02x", b);
    }
    w->y++;
}

/* The first rows of bytes in which the two differ. */
static void write_difference(struct page_writer *w, const struct sight *s, const struct vma *r, vpn_t vpn, const struct twin *t) {
    unsigned bytes = 1u << s->f->page_shift, rows = 0;
    if (bytes < ROW_BYTES || !has_bytes(r, vpn)) return;
    w->y++;
    area_printf(w->a, 0, w->y, ROLE_HEADING, "bytes     %-26s%s", s->p->name, t->s.p->name);
    w->y++;
    for (unsigned at = 0; at < bytes && at < LOOKED_AT && rows < ROWS_MOST; at += ROW_BYTES)
        if (rows_differ(s, r, vpn, t, at)) write_row(w, s, r, vpn, t, at), rows++;
    if (rows == 0) write_line(w, ROLE_NORMAL, "          equal, every one of them");
}

/* ---- all of them ---- */

static void write_twin(struct page_writer *w, const struct twin *t) {
    char place[32], flags[PTE_FLAGS + 8] = "", word[40] = "";
    struct text p = text_in(place, sizeof place), f = text_in(flags, sizeof flags);
    struct pte_at at = pagetable_at(t->s.k, t->s.proc, t->vpn);
    place_of_page(&p, &t->s, t->region, t->vpn);
    if (at.found) format_pte_flags(&f, t->s.f, at.word);
    if (at.found) snprintf(word, sizeof word, "PTE %0*llx ", pte_digits(t->s.f), (unsigned long long)at.word);
    write_line(w, t->one_frame ? ROLE_COW : ROLE_NORMAL, "%-9s %-9s %s%s  %s", t->s.p->name, place, word, flags,
               t->one_frame ? "the same frame" : "bytes of its own");
}

void write_twins(struct page_writer *w, const struct sight *s, const struct vma *r, vpn_t vpn) {
    struct twin t, other = {.region = NULL}; /* the first with bytes of its own */
    unsigned found = 0;
    if (!r || r->kind == VMA_KERNEL) return;
    for (uint32_t p = 0; p < s->k->process_count && found < TWINS_MOST; p++) {
        if (!find_twin(s, r, vpn, (proc_t)p, &t)) continue;
        if (found++ == 0) {
            w->y++;
            write_line(w, ROLE_HEADING, "The same page in other processes");
        }
        write_twin(w, &t);
        if (!other.region && !t.one_frame) other = t;
    }
    if (other.region) write_difference(w, s, r, vpn, &other);
}
