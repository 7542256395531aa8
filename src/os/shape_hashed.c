/* shape_hashed.c - the kernel's side of an inverted page table: one for the machine,
 * an entry a frame, chained from anchors (src/hw/format_inverted.c draws it).
 *
 * Invariant: an entry is in the chain of its page's anchor exactly as long as it
 * is valid. Its place is fixed by the frame, so no table is ever missing; but a
 * frame has one entry, and with it one page of one process: nothing is shared.
 */
#include "os/internal.h"

#include "hw/inverted.h"

static struct inverted table_of(const struct kernel *k, proc_t p) {
    struct inverted t;
    inverted_open(k->hw->ram, k->process[p].root, &t);
    return t;
}

/* The root is the same for all; their ASIDs tell the processes' pages apart. */
static enum vs_status hashed_begin(struct kernel *k) {
    uint64_t entries = k->config->frames;
    paddr_t root;
    enum vs_status s = table_take(k, inverted_bytes(entries), &root);
    if (s == VS_OK) s = pte_store(k, root, inverted_anchors(entries));
    if (s == VS_OK) s = pte_store(k, root + INVERTED_WORD, entries);
    for (uint32_t p = 0; p < k->process_count; p++) k->process[p].root = root;
    return s;
}

static enum vs_status hashed_create(struct kernel *k, proc_t p) {
    (void)k, (void)p; /* the table is there already, and holds nothing of this process */
    return VS_OK;
}

/* ---- chains ---- */

static uint64_t word_at(const struct kernel *k, paddr_t addr) { return ram_read(k->hw->ram, addr, INVERTED_WORD); }

static paddr_t anchor_of(const struct kernel *k, const struct inverted *t, proc_t p, vpn_t vpn) {
    return inverted_anchor_addr(t, inverted_hash(t, vpn, k->process[p].asid));
}

/* The link (an anchor, or an entry's second word) that leads to this page's entry, and the entry;
 * *entry 0: the chain has none. */
static paddr_t find_link(const struct kernel *k, proc_t p, vpn_t vpn, paddr_t *entry) {
    struct inverted t = table_of(k, p);
    uint64_t tag = inverted_tag(vpn, k->process[p].asid), next;
    paddr_t link = anchor_of(k, &t, p, vpn);
    for (*entry = 0; (next = word_at(k, link)) != 0; link = *entry + INVERTED_WORD, *entry = 0) {
        *entry = inverted_entry_addr(&t, (uint32_t)(next - 1));
        if (inverted_tag_of(word_at(k, *entry)) == tag) return link;
    }
    return link;
}

static struct pte_at hashed_at(const struct kernel *k, proc_t p, vpn_t vpn) {
    paddr_t entry, link = find_link(k, p, vpn, &entry);
    struct pte_at at = {.addr = entry, .found = entry != 0};
    if (!at.found) return at;
    at.word = word_at(k, entry);
    at.valid = paging_decode(k->hw->format, at.word).flags & PTE_BIT(PTE_V);
    if (at.valid) at.pfn = word_at(k, link) - 1;
    return at;
}

static bool hashed_missing(const struct kernel *k, proc_t p, vpn_t vpn, unsigned level) {
    (void)k, (void)p, (void)vpn, (void)level;
    return false;
}

static paddr_t hashed_leaf_addr(const struct kernel *k, proc_t p, vpn_t vpn, frame_t f, unsigned level) {
    struct inverted t = table_of(k, p);
    (void)vpn, (void)level;
    return inverted_entry_addr(&t, f);
}

/* `word` brings the flags; the tag stands where other formats keep the PFN. The entry becomes the
 * first of its chain: what was mapped last is often used next. */
static enum vs_status hashed_install(struct kernel *k, proc_t p, vpn_t vpn, paddr_t addr, uint64_t word) {
    const struct paging_format *f = k->hw->format;
    struct inverted t = table_of(k, p);
    paddr_t anchor = anchor_of(k, &t, p, vpn);
    uint64_t flags = paging_encode(f, (struct pte){.flags = paging_decode(f, word).flags});
    uint64_t entry = (addr - t.entries_at) / (inverted_entry_addr(&t, 1) - t.entries_at);
    enum vs_status s = pte_store(k, addr, flags | inverted_tag(vpn, k->process[p].asid));
    if (s == VS_OK) s = pte_store(k, addr + INVERTED_WORD, word_at(k, anchor));
    return s == VS_OK ? pte_store(k, anchor, entry + 1) : s;
}

static enum vs_status hashed_remove(struct kernel *k, proc_t p, vpn_t vpn, paddr_t addr) {
    paddr_t entry, link = find_link(k, p, vpn, &entry);
    if (entry != addr) return VS_OK; /* it maps nothing */
    enum vs_status s = pte_store(k, link, word_at(k, entry + INVERTED_WORD));
    if (s == VS_OK) s = pte_store(k, entry, 0);
    return s == VS_OK ? pte_store(k, entry + INVERTED_WORD, 0) : s;
}

static uint64_t hashed_bytes(const struct kernel *k, proc_t p) {
    (void)p;
    return inverted_bytes(k->config->frames);
}

const struct shape_ops shape_hashed = {.begin = hashed_begin, .create = hashed_create, .at = hashed_at,
                                       .missing = hashed_missing, .leaf_addr = hashed_leaf_addr,
                                       .install = hashed_install, .remove = hashed_remove,
                                       .table_bytes = hashed_bytes};
