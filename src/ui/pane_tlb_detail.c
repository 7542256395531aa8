/* pane_tlb_detail.c - one entry of a TLB in full, a line for each of its parts. */
#include "ui/pane_tlb.h"

static void write_place(struct page_writer *w, const struct sight *s, const struct tlb_item *p, const struct tlb_entry *e) {
    uint32_t sets = tlb_sets(p->tlb);
    unsigned long long number = format_vpn_bits(s->f, e->vpn) >> e->order;
    char of[32] = "VPN";
    if (e->order) snprintf(of, sizeof of, "(VPN div %llu)", 1ull << e->order);
    write_line(w, ROLE_NORMAL, "set       %s mod %u = %u", of, sets, tlb_set_of(p->tlb, e->vpn, e->order));
    write_line(w, ROLE_NORMAL, "tag       %s div %u = 0x%llx", of, sets, number / sets);
    if (unit_config(s, p->unit)->asid) write_line(w, ROLE_NORMAL, "ASID      %u: %s", e->asid,
                   e->global ? "of the process that brought it; not compared" : "only this process may use it");
    write_line(w, ROLE_NORMAL, "global    %d  %s", e->global, e->global ? "for every process" : "for its own process");
}

static void write_valid(struct page_writer *w, const struct sight *s, const struct tlb_item *p) {
    const struct tlb_entry *e = tlb_at(p->tlb, p->set, p->way);
    char perms[7], size[24], first[24], last[24];
    struct text t = text_in(size, sizeof size);
    vaddr_t va = vpn_to_va(e->vpn, s->f->page_shift);
    say_page_size(&t, s->f, e->order);
    write_line(w, ROLE_NORMAL, "valid     1");
    write_line(w, ROLE_NORMAL, "VPN       0x%llx = %llu: addresses %s-%s", (unsigned long long)format_vpn_bits(s->f, e->vpn), (unsigned long long)format_vpn_bits(s->f, e->vpn),
               va_text(s->f, va, first), va_text(s->f, va | low_bits(s->f->page_shift + e->order), last));
    if (e->order) write_line(w, ROLE_NORMAL, "size      %s: one entry for %llu pages of the usual size", size, 1ull << e->order);
    write_place(w, s, p, e);
    write_line(w, ROLE_NORMAL, "PFN       %llu: frame at physical address 0x%llx",
               (unsigned long long)e->pfn, (unsigned long long)pfn_to_pa(e->pfn, s->f->page_shift));
    write_line(w, ROLE_NORMAL, "permits   %.4s (read, write, execute, user)", tlb_flags_of(e, perms));
    write_line(w, ROLE_NORMAL, "dirty     %d  %s", e->dirty,
               e->dirty ? "D is set in the PTE already"
                        : "the first write must set D in the PTE: one more walk");
}

/* What will happen to it when its set is full and another page comes. */
static void write_age(struct page_writer *w, const struct sight *s, const struct tlb_item *p) {
    enum tlb_replacement by = unit_config(s, p->unit)->replacement;
    if (by == TLB_LRU || by == TLB_FIFO)
        write_line(w, ROLE_NORMAL, "age       %u (0 is the most recent of its set)", tlb_rank(p->tlb, p->set, p->way));
    uint16_t next = tlb_next_victim(p->tlb, p->set);
    if (by == TLB_PLRU && tlb_ways(p->tlb) > 1)
        write_line(w, ROLE_NORMAL, "PLRU      the bits of this set's tree point to way %u: it goes next%s", next,
                   tlb_set_full(p) ? "" : ", once no way is free");
}

void tlb_detail(const struct view *v, int item, const struct area *a) {
    const struct sight s = sight_of(v);
    if (item < 0 || item >= tlb_items(&s)) return;
    struct tlb_item p = tlb_place_of(&s, item);
    struct page_writer w = {a, 0};
    write_line(&w, ROLE_HEADING, "%s entry: set %u, way %u", unit_count(&s) > 1 ? tlb_unit_name[p.unit] : "TLB", p.set, p.way);
    if (!tlb_at(p.tlb, p.set, p.way)->valid) {
        write_line(&w, ROLE_NORMAL,
                   "valid     0  free: the next page of this set goes to the lowest free way");
        return;
    }
    write_valid(&w, &s, &p);
    write_age(&w, &s, &p);
}
