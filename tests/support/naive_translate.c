/* naive_translate.c - what the hardware does for one translation: TLBs, walk, permissions, A and D.
 *
 * Sources of the rules: RISC-V privileged architecture, "Virtual Address
 * Translation Process" (SUM, MXR, Svade); Intel SDM 3A, "Determination of
 * Access Rights" (WP, SMEP, SMAP); Arm ARM chapter D8 (PXN, access flag before
 * permissions); MIPS32 volume III (software refill).
 */
#include "naive_parts.h"

/* ---- addresses and permissions ---- */

/* Can the address exist? Where upper bits must repeat the topmost translated one, they do. */
bool nv_exists(const struct naive *n, vaddr_t va) {
    unsigned bits = nv_format(n)->page_shift;
    for (unsigned l = 0; l < nv_format(n)->levels; l++) bits += nv_format(n)->index_bits[l];
    if (bits >= 64) return true;
    uint64_t above = va >> bits, all = UINT64_MAX >> bits;
    if (!nv_format(n)->sign_extended) return above == 0;
    return (va >> (bits - 1) & 1) ? above == all : above == 0;
}

/* A supervisor may not use this user page, whatever R, W and X say. */
static bool user_page_forbidden(const struct naive *n, enum access_kind op) {
    unsigned mode = n->config->mode;
    if (nv_format_is(n, "sv")) return op == ACCESS_FETCH || !(mode & MODE_SUM);
    if (nv_format_is(n, "aarch64")) return op == ACCESS_FETCH;
    if (!nv_format_is(n, "x86")) return false;
    return op == ACCESS_FETCH ? mode & MODE_SMEP : (mode & MODE_SMAP) && !(mode & MODE_AC);
}

static bool permitted(const struct naive *n, unsigned perms, enum access_kind op, bool kernel) {
    unsigned mode = n->config->mode;
    if ((mode & MODE_MXR) && (perms & PERM_X)) perms |= PERM_R;
    if (!kernel) return (perms & PERM_U) && (perms & access_needs(op));
    if ((perms & PERM_U) && user_page_forbidden(n, op)) return false;
    if (nv_format_is(n, "x86") && op == ACCESS_WRITE && !(mode & MODE_WP)) return true;
    return perms & access_needs(op);
}

/* What the PTE of a page of this region says; a right that the format has no bit for is given. */
static unsigned pte_perms(const struct naive *n, unsigned perms, bool user) {
    if (perms & PERM_W) perms |= PERM_R; /* there is no write-only page */
    if (!nv_has(n, PTE_R)) perms |= PERM_R;
    if (!nv_has(n, PTE_W)) perms |= PERM_W;
    if (!nv_has(n, PTE_X)) perms |= PERM_X;
    return perms | (user || !nv_has(n, PTE_U) ? PERM_U : 0u);
}

/* ---- the walk ---- */

/* What the tables say of a page; `there` false: nothing. */
struct leaf {
    bool there;
    struct page *page; /* NULL: kernel space */
    unsigned perms, order;
};

static struct leaf leaf_of(const struct naive *n, proc_t p, vpn_t vpn) {
    if (nv_image_page(n, p, vpn) >= 0)
        return (struct leaf){.there = true, .perms = pte_perms(n, PERM_RW | PERM_X, false)};
    struct page *g = nv_find_page(n, p, vpn);
    if (!g || g->where != PAGE_RESIDENT) return (struct leaf){0};
    return (struct leaf){true, g, pte_perms(n, nv_find_region(n, p, vpn)->perms, true), g->order};
}

static bool accessed_due(const struct naive *n, const struct leaf *l) {
    return nv_has(n, PTE_A) && l->page && !l->page->accessed;
}
static bool dirty_due(const struct naive *n, const struct leaf *l, enum access_kind op) {
    return nv_has(n, PTE_D) && l->page && op == ACCESS_WRITE && !l->page->dirty;
}

static struct tlb_line line_for(const struct naive *n, const struct attempt *a, const struct leaf *l) {
    return (struct tlb_line){.dirty = !nv_has(n, PTE_D) || !l->page || l->page->dirty,
                             .global = !l->page && nv_has(n, PTE_G),
                             .asid = n->process[a->t->proc].asid,
                             .vpn = a->vpn >> l->order << l->order,
                             .order = l->order,
                             .perms = l->perms};
}

static enum tlb_unit first_unit(const struct naive *n, enum access_kind op) {
    return op == ACCESS_FETCH && nv_has_tlb(n, TLB_FETCH) ? TLB_FETCH : TLB_DATA;
}

/* Is the access stopped at this leaf? Arm looks at the access flag before it looks at permissions. */
static enum nv_cause leaf_stops(const struct naive *n, const struct attempt *a, const struct leaf *l) {
    enum access_kind op = (enum access_kind)a->t->op;
    bool software = !nv_hardware_sets_bits(n);
    if (!l->there) return NV_NOT_THERE;
    if (software && nv_format_is(n, "aarch64") && accessed_due(n, l)) return NV_BITS;
    if (!permitted(n, l->perms, op, a->kernel)) return NV_DENIED;
    return software && (accessed_due(n, l) || dirty_due(n, l, op)) ? NV_BITS : NV_DONE;
}

static enum nv_cause walk(struct naive *n, struct attempt *a) {
    if (!nv_exists(n, a->t->va)) return NV_NOT_THERE;
    if (!n->config->software_refill) nv_count_walk(n, a->t->proc, a->vpn);
    struct leaf l = leaf_of(n, a->t->proc, a->vpn);
    enum nv_cause stop = leaf_stops(n, a, &l);
    if (stop != NV_DONE) return stop;
    if (l.page) nv_touch_leaf(n, l.page, a->t->op == ACCESS_WRITE);
    nv_tlb_fill(n, TLB_SECOND, line_for(n, a, &l));
    nv_tlb_fill(n, first_unit(n, (enum access_kind)a->t->op), line_for(n, a, &l));
    n->count.tlb_refills += n->config->software_refill;
    return NV_DONE;
}

/* ---- a hit ---- */

/* A write through an entry that says D=0. */
static enum nv_cause first_write(struct naive *n, struct attempt *a) {
    if (n->config->software_refill) return NV_BITS;
    nv_count_walk(n, a->t->proc, a->vpn);
    struct leaf l = leaf_of(n, a->t->proc, a->vpn);
    enum nv_cause stop = leaf_stops(n, a, &l);
    if (stop != NV_DONE) return stop;
    nv_touch_leaf(n, l.page, true);
    asid_t asid = n->process[a->t->proc].asid;
    struct tlb_line *first = nv_tlb_find(n, TLB_DATA, a->vpn, asid),
                    *second = nv_tlb_find(n, TLB_SECOND, a->vpn, asid);
    if (first) first->dirty = true;
    if (second) second->dirty = true;
    return NV_DONE;
}

static enum nv_cause hit(struct naive *n, struct attempt *a, enum tlb_unit u, struct tlb_line *l) {
    enum access_kind op = (enum access_kind)a->t->op;
    nv_tlb_use(n, u, l);
    if (!permitted(n, l->perms, op, a->kernel)) return NV_DENIED;
    bool clean = !l->dirty;
    if (u == TLB_SECOND) nv_tlb_fill(n, first_unit(n, op), *l);
    return op == ACCESS_WRITE && clean ? first_write(n, a) : NV_DONE;
}

/* One try: a look into the TLBs, and a walk where they know nothing. */
static enum nv_cause try_once(struct naive *n, struct attempt *a) {
    asid_t asid = n->process[a->t->proc].asid;
    enum tlb_unit u = first_unit(n, (enum access_kind)a->t->op);
    if (!nv_has_tlb(n, TLB_DATA)) return walk(n, a);
    struct tlb_line *l = nv_tlb_find(n, u, a->vpn, asid);
    if (!a->again) {
        a->t->tlb = l ? TLB_OUT_HIT : TLB_OUT_MISS;
        n->count.tlb_hits += l != NULL;
        n->count.tlb_misses += l == NULL;
    }
    if (l) return hit(n, a, u, l);
    if (!nv_has_tlb(n, TLB_SECOND)) return walk(n, a);
    l = nv_tlb_find(n, TLB_SECOND, a->vpn, asid);
    n->count.tlb2_hits += l && !a->again;
    n->count.tlb2_misses += !l && !a->again;
    return l ? hit(n, a, TLB_SECOND, l) : walk(n, a);
}

bool nv_translate(struct naive *n, struct attempt *a) {
    for (;; a->again = true) {
        enum nv_cause cause = try_once(n, a);
        if (cause == NV_DONE) return true;
        if (!nv_handle_fault(n, a, cause)) return false;
    }
}
