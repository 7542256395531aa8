/* hot.c - plain hits: accesses whose translation the TLB holds, as nearly all of a real program's are.
 *
 * Two loops do exactly what their micro-steps would do to the state, and tell nobody. One takes steps
 * one by one. The other takes groups of them (step.h) that the source has summed up: where all of a group's
 * pages are found in the TLB, and permit what is asked of them, every step is a hit; then each page is
 * used once, in the order of the last uses, and gets the stamp that its last use would have had.
 */
#include "sim/hot.h"

#include "hw/tlb_state.h"
#include "policy/list_policy.h"

/* What a policy does on a hit: the loop is compiled once for each, from one source. */
enum hot_policy { HOT_NOTHING, HOT_LIST, HOT_CALL, HOT_KERNEL, HOT_SPLIT };

struct hot hot_begin(const struct machine *m) {
    struct kernel *k = m->kernel;
    const struct paging_format *f = m->hw.format;
    struct hot h = {.kernel = k, .tlb = m->hw.tlbs.unit[TLB_DATA],
                    .fetch = tlbs_has(&m->hw.tlbs, TLB_FETCH) ? m->hw.tlbs.unit[TLB_FETCH] : NULL,
                    .policy = k->policy[0], .future = m->future,
                    .page_shift = f->page_shift, .frames = m->config->frames, .running = k->running,
                    .asid = m->hw.regs.asid};
    h.plain = paging_has(f, PTE_A) && paging_has(f, PTE_D) && k->policy_count == 1 && !m->config->tlb_preload_count &&
              !m->config->never_invalidates;
    const struct policy_ops *ops = policy_ops(h.policy);
    h.in_groups = h.plain && !h.fetch && (!ops->on_access || ops->on_access == list_policy_on_access || ops->on_uses);
    h.repeats = !h.plain || h.fetch || ops->counts_repeats;
    return h;
}

/* The loop's own copies: the compiler keeps them in registers, since nobody else can see them. */
struct lane {
    struct tlb tlb, fetch;
    struct frame_list list;
    vpn_t last_vpn;     /* page of the reference before... */
    unsigned last_need; /* ...and what it was found to permit */
    uint64_t counts;    /* accesses by kind, COUNT_BITS each */
};

#define NO_VPN UINT64_MAX
#define COUNT_BITS 21
#define COUNT_MASK (((uint64_t)1 << COUNT_BITS) - 1) /* most references that are counted so */

/* The reference to the page in frame f, as kernel_referenced does it. */
static inline void hot_reference(const struct hot *h, struct lane *lane, frame_t f, enum access_kind op, uint64_t now,
                                 enum hot_policy kind) {
    if (kind == HOT_LIST) {
        frame_list_touch(&lane->list, f);
    } else if (kind == HOT_CALL) {
        policy_ops(h->policy)->on_access(h->policy, f, now, hot_next_use(h, now));
    } else if (kind >= HOT_KERNEL && h->kernel->frame[f].shares) {
        h->kernel->now = now;
        kernel_referenced(h->kernel, f, op, hot_next_use(h, now));
    }
}

/* Permissions that an access needs of its translation; PERM_D: it must be dirty already. */
#define PERM_D 16u
static const uint8_t hot_need[ACCESS_KINDS] = {
    [ACCESS_READ] = PERM_U | PERM_R, [ACCESS_WRITE] = PERM_U | PERM_W | PERM_D, [ACCESS_FETCH] = PERM_U | PERM_X};

/* Do the reference if it is a hit that stays in its page, whose bytes are in_page + 1; false: nothing was changed. */
TLB_INLINE bool hot_ref(const struct hot *h, struct lane *lane, const struct step_ref *r, uint64_t now, uint64_t in_page,
                        enum hot_policy kind) {
    enum access_kind op = (enum access_kind)r->op;
    unsigned need = hot_need[op];
    vpn_t vpn = va_to_vpn(r->va, h->page_shift);
    if ((r->va & in_page) + r->size - 1 > in_page) return false;
    bool again = vpn == lane->last_vpn && (lane->last_need & need) == need && !h->repeats;
    if (!again) {
        struct tlb *tlb = kind == HOT_SPLIT && op == ACCESS_FETCH ? &lane->fetch : &lane->tlb;
        pfn_t pfn = tlb_use(tlb, vpn, h->asid, need & ~PERM_D, op == ACCESS_WRITE);
        if (pfn == TLB_NO_PFN) return false;
        if (pfn < h->frames) hot_reference(h, lane, (frame_t)pfn, op, now, kind);
        lane->last_need = vpn == lane->last_vpn ? lane->last_need | need : need;
        lane->last_vpn = vpn;
    }
    lane->counts += (uint64_t)1 << (COUNT_BITS * op);
    return true;
}

TLB_INLINE struct lane lane_begin(const struct hot *h, enum hot_policy kind) {
    struct lane lane = {.tlb = *h->tlb, .last_vpn = NO_VPN};
    if (kind == HOT_LIST) lane.list = list_policy(h->policy)->list;
    if (kind == HOT_SPLIT) lane.fetch = *h->fetch;
    return lane;
}

TLB_INLINE void lane_end(struct hot *h, const struct lane *lane, enum hot_policy kind) {
    h->tlb->clock = lane->tlb.clock;
    if (kind == HOT_SPLIT) h->fetch->clock = lane->fetch.clock;
    if (kind == HOT_LIST) list_policy(h->policy)->list = lane->list;
    for (unsigned op = 0; op < ACCESS_KINDS; op++) h->ops[op] += lane->counts >> (COUNT_BITS * op) & COUNT_MASK;
}

TLB_INLINE uint64_t hot_refs(struct hot *hot, const struct step_refs *r, uint64_t now, enum hot_policy kind) {
    const struct hot h = *hot;
    struct lane lane = lane_begin(&h, kind);
    /* Where only the first byte's page counts, the whole address space is the page. */
    const uint64_t in_page = r->like.flags & STEP_NO_SPLIT ? UINT64_MAX : low_bits(h.page_shift);
    uint64_t i = 0;
    while (i < r->count && hot_ref(&h, &lane, &r->ref[i], now + i, in_page, kind)) i++;
    lane_end(hot, &lane, kind);
    return i;
}

static uint64_t refs_nothing(struct hot *h, const struct step_refs *r, uint64_t now) { return hot_refs(h, r, now, HOT_NOTHING); }
static uint64_t refs_list(struct hot *h, const struct step_refs *r, uint64_t now) { return hot_refs(h, r, now, HOT_LIST); }
static uint64_t refs_call(struct hot *h, const struct step_refs *r, uint64_t now) { return hot_refs(h, r, now, HOT_CALL); }
static uint64_t refs_kernel(struct hot *h, const struct step_refs *r, uint64_t now) { return hot_refs(h, r, now, HOT_KERNEL); }
/* Instructions and data in TLBs of their own: each kind of access has seen its own last page. */
static uint64_t refs_split(struct hot *h, const struct step_refs *r, uint64_t now) { return hot_refs(h, r, now, HOT_SPLIT); }

typedef uint64_t refs_loop(struct hot *, const struct step_refs *, uint64_t);

static refs_loop *loop_for(const struct hot *h) {
    const struct policy_ops *ops = policy_ops(h->policy);
    if (h->fetch) return refs_split;
    if (!h->plain) return refs_kernel;
    if (!ops->on_access) return refs_nothing;
    return ops->on_access == list_policy_on_access ? refs_list : refs_call;
}

uint64_t hot_run(struct hot *h, const struct step_refs *r, uint64_t now) { return loop_for(h)(h, r, now); }

/* By the process that runs, as a user's program? */
static bool are_plain(const struct hot *h, proc_t proc, unsigned flags) {
    return (proc == PROC_NONE || proc == h->running) && !(flags & (STEP_HAS_VALUE | STEP_KERNEL));
}

bool hot_takes(const struct hot *h, const struct step *like) { return are_plain(h, like->proc, like->flags); }

/* ---- groups of hits ---- */

/* What accesses of some kinds need, all together; by a word with a bit for each kind. */
#define READS   (1u << ACCESS_READ)
#define WRITES  (1u << ACCESS_WRITE)
#define FETCHES (1u << ACCESS_FETCH)
static const uint8_t group_need[1u << ACCESS_KINDS] = {
    [READS] = PERM_U | PERM_R,
    [WRITES] = PERM_U | PERM_W | PERM_D,
    [FETCHES] = PERM_U | PERM_X,
    [READS | WRITES] = PERM_U | PERM_R | PERM_W | PERM_D,
    [READS | FETCHES] = PERM_U | PERM_R | PERM_X,
    [WRITES | FETCHES] = PERM_U | PERM_W | PERM_X | PERM_D,
    [READS | WRITES | FETCHES] = PERM_U | PERM_R | PERM_W | PERM_X | PERM_D,
};

/* Where the translations of a group's pages stand; false: not all of them are there and permit what is asked. */
TLB_INLINE bool group_entries(const struct hot *h, const struct tlb *t, const struct step_use *use, unsigned pages,
                              struct tlb_entry **entry) {
    for (unsigned i = 0; i < pages; i++) {
        unsigned need = group_need[use[i].ops];
        entry[i] = tlb_entry_of(t, use[i].vpn, h->asid);
        if (!entry[i] || !tlb_permits(entry[i], need & ~PERM_D, need & PERM_D)) return false;
    }
    return true;
}

/* What tlb_note_use for each access of the group comes to. */
TLB_INLINE void group_note(struct tlb *t, const struct step_group *g, const struct step_use *use, struct tlb_entry **entry) {
    if (t->replacement == TLB_PLRU)
        for (unsigned i = 0; i < g->pages; i++) tlb_turn_away(t, entry[i]);
    if (t->replacement != TLB_LRU) return;
    uint64_t before = t->clock - (entry[g->opens]->stamp == t->clock); /* the first page is the last one's of before: no turn */
    for (unsigned i = 0; i < g->pages; i++) entry[i]->stamp = before + use[i].turn;
    t->clock = before + g->turns;
}

/* Do the group if all of it are hits; false: nothing was changed. */
TLB_INLINE bool hot_group(const struct hot *h, struct lane *lane, const struct step_group *g, const struct step_use *use,
                          uint64_t now, enum hot_policy kind) {
    struct tlb_entry *entry[STEP_GROUP_PAGES];
    if (!group_entries(h, &lane->tlb, use, g->pages, entry)) return false;
    group_note(&lane->tlb, g, use, entry);
    for (unsigned i = 0; i < g->pages; i++) {
        pfn_t pfn = entry[i]->pfn;
        if (pfn >= h->frames) continue;
        if (kind == HOT_LIST) frame_list_touch(&lane->list, (frame_t)pfn);
        if (kind != HOT_CALL) continue;
        uint64_t last = now + use[i].last;
        policy_ops(h->policy)->on_uses(h->policy, (frame_t)pfn, use[i].times, last, hot_next_use(h, last));
    }
    for (unsigned op = 0; op < ACCESS_KINDS; op++) lane->counts += (uint64_t)g->by_kind[op] << (COUNT_BITS * op);
    return true;
}

/* Groups of *list, whole ones, at most n steps; returns how many. *list begins with the next one then. */
TLB_INLINE uint64_t hot_groups(struct hot *hot, struct step_groups *list, uint64_t n, uint64_t now, enum hot_policy kind) {
    const struct hot h = *hot;
    struct lane lane = lane_begin(&h, kind);
    uint64_t done = 0;
    for (; list->count > 0; list->group++, list->count--) {
        const struct step_group *g = list->group;
        if (g->pages == 0 || g->steps > n - done || (g->crosses && !(list->flags & STEP_NO_SPLIT))) break;
        if (!hot_group(&h, &lane, g, list->use + g->first, now + done, kind)) break;
        done += g->steps;
    }
    lane_end(hot, &lane, kind);
    return done;
}

static uint64_t groups_nothing(struct hot *h, struct step_groups *list, uint64_t n, uint64_t now) {
    return hot_groups(h, list, n, now, HOT_NOTHING);
}
static uint64_t groups_list(struct hot *h, struct step_groups *list, uint64_t n, uint64_t now) {
    return hot_groups(h, list, n, now, HOT_LIST);
}
static uint64_t groups_call(struct hot *h, struct step_groups *list, uint64_t n, uint64_t now) {
    return hot_groups(h, list, n, now, HOT_CALL);
}

typedef uint64_t groups_loop(struct hot *, struct step_groups *, uint64_t, uint64_t);

static groups_loop *groups_loop_for(const struct hot *h) {
    const struct policy_ops *ops = policy_ops(h->policy);
    if (!ops->on_access) return groups_nothing;
    return ops->on_uses ? groups_call : groups_list;
}

uint64_t hot_run_groups(struct hot *h, const struct step_source *source, uint64_t at, uint64_t n, uint64_t now) {
    struct step_groups list;
    uint64_t done = 0;
    h->singly = UINT64_MAX;
    if (!h->in_groups) return 0;
    groups_loop *loop = groups_loop_for(h);
    while (done < n && (h->singly = step_groups(source, at + done, h->page_shift, &list)) == 0) {
        if (are_plain(h, list.proc, list.flags)) done += loop(h, &list, n - done < COUNT_MASK ? n - done : COUNT_MASK, now + done);
        if (list.count == 0) continue;
        h->singly = list.group->steps;
        break;
    }
    return done;
}
