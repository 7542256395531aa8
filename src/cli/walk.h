/* walk.h - vmscope walk: page tables that are given, walked for addresses that are given.
 *
 *   options (walk_options.c) -> struct walk_setup <- memory file (walk_memory.c)
 *                                     |
 *                     a walk for each VA (cmd_walk.c) -> text or JSON (walk_text.c, walk_json.c)
 *
 * Each VA is walked in the memory as given: what a walk writes back (A and D) is
 * told and then taken back.
 */
#ifndef VMSCOPE_CLI_WALK_H
#define VMSCOPE_CLI_WALK_H

#include "vmscope/base/text.h"
#include "vmscope/hw/mmu.h"

/* What the options said; the defaults where they said nothing. */
struct walk_options {
    const char *paging, *memory; /* NULL: not given */
    uint64_t root, satp, cr3, asid;
    uint64_t ram_low, ram_high; /* first and last address of RAM */
    uint64_t pte_bytes, valid_bit, maxphyaddr;
    unsigned page_shift;
    unsigned pfn_low, pfn_high; /* bits of the PTE */
    unsigned levels;
    uint8_t index_bits[PAGING_LEVELS_MAX]; /* as given: the root's first */
    enum access_kind access;
    bool supervisor, sum, mxr, svade, wp, nxe, pse, smep, smap, ac;
};
void walk_options_default(struct walk_options *o);

/* What a walk needs to begin. */
struct walk_setup {
    struct paging_format format; /* as the options adjusted it */
    struct mmu_regs regs;
    struct ram *ram;           /* owned */
    paddr_t ram_low, ram_high; /* first and last address of RAM */
    enum access_kind access;
    bool user;
    unsigned maxphyaddr; /* x86; 0: does not apply */
    bool nxe, pse;       /* x86 */
};

struct cli;
/* Format and registers from the options. False after a message: they do not fit together. */
bool walk_setup_from(struct walk_setup *s, const struct cli *c);

/* An address (or any number) of the command line; false with a phrase in `why`. */
bool walk_read_address(const char *value, uint64_t *out, struct text *why);

/* Read the text of a memory file into RAM; words are little-endian and as wide as the
 * format's PTEs. VS_BAD_INPUT: see errors; VS_NOMEM. What lies outside RAM is passed over. */
enum vs_status walk_memory_parse(const char *data, size_t size, const char *file, unsigned word_bytes,
                                 struct ram *ram, struct diag_list *errors);

/* One VA's walk, with every word read and written. */
#define WALK_WRITES_MAX (2 * PAGING_LEVELS_MAX)
struct walked {
    struct walk w;
    struct walk_read *read; /* [reads], owned; `word` as it was in the given memory */
    size_t reads, cap;
    struct walk_write write[WALK_WRITES_MAX];
    size_t writes;
};

/* How results are printed. */
struct walk_format {
    const char *name, *help;
    void (*begin)(const struct walk_setup *s);
    void (*one)(const struct walk_setup *s, const struct walked *k, size_t number); /* from 0 */
    void (*end)(void);
};
extern const struct walk_format walk_text, walk_json;
extern const struct walk_format *const walk_format_table[]; /* NULL ends; the first is the default */

/* One of the options' setters; see option_table. */
#define WALK_SETTERS(X)                                                                                      \
    X(paging)                                                                                                \
    X(root) X(satp) X(cr3) X(memory) X(access) X(priv) X(cpl) X(sum) X(mxr) X(ad) X(wp) X(nxe) X(pse)        \
        X(smep) X(smap) X(ac) X(maxphyaddr) X(asid) X(ram) X(levels) X(page) X(pte_bytes) X(valid_bit)       \
            X(pfn_bits)
#define X(name) bool walk_set_##name(struct cli *c, const char *value, struct text *why);
WALK_SETTERS(X)
#undef X

#endif
