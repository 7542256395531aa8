/* naive_tlb.c - the TLBs as lists: looked through from end to end, whatever their sets. */
#include "naive_parts.h"

static bool covers(const struct tlb_line *l, vpn_t vpn) {
    return l->valid && vpn >= l->vpn && vpn - l->vpn < (vpn_t)1 << l->order;
}

static bool seen_by(const struct tlb_line *l, asid_t asid) { return l->global || l->asid == asid; }

struct tlb_line *nv_tlb_find(const struct naive *n, enum tlb_unit u, vpn_t vpn, asid_t asid) {
    const struct tlb_view *t = &n->tlb[u];
    for (uint32_t i = 0; i < t->config->entries; i++)
        if (covers(&t->line[i], vpn) && seen_by(&t->line[i], asid)) return &t->line[i];
    return NULL;
}

/* ---- tree PLRU: a node for each half of the set, of a quarter, and so on ---- */

/* The way was used: on the way down to it, each node points to the other half. */
static void tree_use(bool *right, uint32_t ways, uint32_t way) {
    uint32_t low = 0, high = ways;
    for (uint32_t node = 1; high - low > 1;) {
        uint32_t middle = (low + high) / 2;
        bool in_left = way < middle;
        right[node] = in_left;
        node = 2 * node + !in_left;
        if (in_left)
            high = middle;
        else
            low = middle;
    }
}

static uint32_t tree_victim(const bool *right, uint32_t ways) {
    uint32_t low = 0, high = ways;
    for (uint32_t node = 1; high - low > 1;) {
        uint32_t middle = (low + high) / 2;
        bool go_right = right[node];
        node = 2 * node + go_right;
        if (go_right)
            low = middle;
        else
            high = middle;
    }
    return low;
}

void nv_tlb_use(struct naive *n, enum tlb_unit u, struct tlb_line *l) {
    const struct tlb_view *t = &n->tlb[u];
    uint32_t ways = t->config->ways, at = (uint32_t)(l - t->line);
    if (t->config->replacement == TLB_LRU) l->stamp = n->clock++;
    if (t->config->replacement == TLB_PLRU) tree_use(t->right + at / ways * ways, ways, at % ways);
}

/* ---- filling ---- */

static uint32_t choose(struct naive *n, const struct tlb_view *t, uint32_t set) {
    uint32_t ways = t->config->ways, best = 0;
    const struct tlb_line *line = t->line + set * ways;
    for (uint32_t w = 0; w < ways; w++)
        if (!line[w].valid) return w;
    if (t->config->replacement == TLB_RANDOM)
        return n->ways_seen < n->seen->ways ? n->seen->way[n->ways_seen] % ways : 0;
    if (t->config->replacement == TLB_PLRU) return tree_victim(t->right + set * ways, ways);
    for (uint32_t w = 1; w < ways; w++)
        if (line[w].stamp < line[best].stamp) best = w;
    return best;
}

/* What leaves an inclusive second level leaves the first one too. */
static void keep_inclusion(struct naive *n, const struct tlb_line *gone) {
    for (unsigned u = TLB_DATA; u <= TLB_FETCH; u++)
        for (uint32_t i = 0; i < n->tlb[u].config->entries; i++) {
            struct tlb_line *l = &n->tlb[u].line[i];
            if (l->valid && l->vpn == gone->vpn && l->order == gone->order && l->global == gone->global &&
                seen_by(l, gone->asid))
                l->valid = false;
        }
}

void nv_tlb_fill(struct naive *n, enum tlb_unit u, struct tlb_line entry) {
    const struct tlb_view *t = &n->tlb[u];
    if (!t->config->entries) return;
    uint32_t sets = t->config->entries / t->config->ways;
    uint32_t set = (uint32_t)((entry.vpn >> entry.order) % sets), way = choose(n, t, set);
    if (n->ways_seen >= n->seen->ways || n->seen->way[n->ways_seen] != way)
        n->impossible = "the TLB way that was filled is not the one the rule names";
    n->ways_seen++;
    struct tlb_line *l = &t->line[set * t->config->ways + way], gone = *l;
    if (u == TLB_SECOND && n->config->tlb_inclusive && gone.valid) keep_inclusion(n, &gone);
    *l = entry;
    l->valid = true;
    l->stamp = n->clock++;
    nv_tlb_use(n, u, l);
}

/* ---- flushing ---- */

static void drop_where(struct naive *n, bool (*goes)(const struct tlb_line *, vpn_t, asid_t), vpn_t vpn,
                       asid_t asid) {
    for (unsigned u = 0; u < TLB_UNITS; u++)
        for (uint32_t i = 0; i < n->tlb[u].config->entries; i++)
            if (goes(&n->tlb[u].line[i], vpn, asid)) n->tlb[u].line[i].valid = false;
}

static bool is_of_page(const struct tlb_line *l, vpn_t vpn, asid_t asid) {
    return covers(l, vpn) && seen_by(l, asid);
}
static bool is_of_process(const struct tlb_line *l, vpn_t vpn, asid_t asid) {
    (void)vpn;
    return !l->global && l->asid == asid;
}
static bool is_not_global(const struct tlb_line *l, vpn_t vpn, asid_t asid) {
    (void)vpn, (void)asid;
    return !l->global;
}
static bool is_any(const struct tlb_line *l, vpn_t vpn, asid_t asid) {
    (void)l, (void)vpn, (void)asid;
    return true;
}

void nv_tlb_drop_page(struct naive *n, proc_t p, vpn_t vpn) {
    if (n->config->tlb.asid || p == n->running) drop_where(n, is_of_page, vpn, n->process[p].asid);
}
void nv_tlb_drop_process(struct naive *n, proc_t p) { drop_where(n, is_of_process, 0, n->process[p].asid); }
void nv_tlb_drop_all(struct naive *n, bool globals_too) {
    drop_where(n, globals_too ? is_any : is_not_global, 0, 0);
}
