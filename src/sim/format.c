/* format.c - numbers of the machine as people read them: hex at the width that
 * the paging format gives, flags as letters. */
#include "vmscope/sim/narrate.h"

static unsigned hex_digits(unsigned bits) { return bits ? (bits + 3) / 4 : 1; }

static void hex(struct text *out, const char *prefix, unsigned bits, uint64_t v) {
    text_addf(out, "%s%0*llx", prefix, (int)hex_digits(bits), (unsigned long long)v);
}

void format_va(struct text *out, const struct paging_format *f, vaddr_t va) { hex(out, "0x", paging_va_bits(f), va); }

void format_vpn(struct text *out, const struct paging_format *f, vpn_t vpn) {
    hex(out, "", paging_va_bits(f) - f->page_shift, vpn);
}

/* Physical addresses of a toy fit its bits; those of a wide format are shown in 32. */
void format_pa(struct text *out, const struct paging_format *f, paddr_t pa) {
    unsigned bits = paging_pa_bits(f);
    hex(out, "0x", bits > 32 ? 32 : bits, pa);
}

void format_pte(struct text *out, const struct paging_format *f, uint64_t word) { hex(out, "", f->pte_bytes * 8, word); }

void format_pte_flags(struct text *out, const struct paging_format *f, uint64_t word) {
    unsigned flags = paging_decode(f, word).flags;
    for (unsigned i = 0; i < PTE_FLAGS; i++)
        if (paging_has(f, (enum pte_flag)i)) text_addc(out, (flags & PTE_BIT(i)) ? pte_letter[i] : '-');
}

void format_perms(struct text *out, unsigned perms) {
    text_addc(out, (perms & PERM_R) ? 'r' : '-');
    text_addc(out, (perms & PERM_W) ? 'w' : '-');
    text_addc(out, (perms & PERM_X) ? 'x' : '-');
}

const char *process_name(const struct machine *m, proc_t p) {
    const struct kernel *k = machine_kernel(m);
    return p < k->process_count ? k->process[p].name : "?";
}

/* ---- terminology ---- */

const char *const terminology_name[TERMINOLOGIES + 1] = {"default", "ostep", "csapp", "silberschatz", "riscv", "x86", NULL};

/* What a word of ours is called in each vocabulary; NULL: the same. */
static const struct {
    const char *word;
    const char *as[TERMINOLOGIES];
} words[] = {
    {"VPN", {[TERM_SILBERSCHATZ] = "page number p"}},
    {"PFN", {[TERM_CSAPP] = "PPN", [TERM_SILBERSCHATZ] = "frame number f", [TERM_RISCV] = "PPN"}},
    {"offset", {[TERM_CSAPP] = "VPO", [TERM_SILBERSCHATZ] = "displacement d"}},
    {"PTBR", {[TERM_CSAPP] = "PTBR", [TERM_RISCV] = "satp", [TERM_X86] = "CR3"}},
    {"set", {[TERM_CSAPP] = "set (TLBI)"}},
};

const char *term_word(enum terminology t, const char *word) {
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].word, word) == 0 && words[i].as[t]) return words[i].as[t];
    return word;
}
