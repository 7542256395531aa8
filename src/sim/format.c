/* format.c - numbers of the machine as people read them: hex at the width that
 * the paging format gives, flags as letters. */
#include "vmscope/sim/narrate.h"

static unsigned hex_digits(unsigned bits) { return bits ? (bits + 3) / 4 : 1; }

/* Digits of a VA. In a sign-extended format a user program's addresses, whose upper bits are all 0,
 * have as many as are translated; those of the upper half show their upper bits too:
 *
 *   x86-64   0x0000_7fff_ffff_f000   0x7ffffffff000      12 digits
 *            0xffff_8000_0000_0000   0xffff800000000000  16
 *
 * So the half that an address lies in is seen at a glance, and none is ever cut. */
unsigned format_va_digits(const struct paging_format *f, vaddr_t va) {
    unsigned bits = paging_va_bits(f);
    bool upper = f->sign_extended && bits < 64 && va >> (bits - 1) != 0;
    return upper ? 16 : hex_digits(bits);
}

/* A VPN is what the indices are cut from: the translated bits above the offset. In the upper half the
 * sign extension is no part of it: x86-64's 0xffff_8000_0000_0000 has VPN 800000000. */
unsigned format_vpn_digits(const struct paging_format *f) { return hex_digits(paging_va_bits(f) - f->page_shift); }

vpn_t format_vpn_bits(const struct paging_format *f, vpn_t vpn) {
    return f->sign_extended && paging_vpn_exists(f, vpn) ? vpn & low_bits(paging_va_bits(f) - f->page_shift) : vpn;
}

/* Toys' physical addresses have as many digits as their bits fill. Those of real machines have 34 to 56
 * bits, of which a RAM uses few: at least 8 digits, and more where the address has more. */
unsigned format_pa_digits(const struct paging_format *f) {
    unsigned bits = paging_pa_bits(f);
    return hex_digits(bits > 32 ? 32 : bits);
}

static void hex(struct text *out, const char *prefix, unsigned digits, uint64_t v) {
    text_addf(out, "%s%0*llx", prefix, (int)digits, (unsigned long long)v);
}

void format_va(struct text *out, const struct paging_format *f, vaddr_t va) { hex(out, "0x", format_va_digits(f, va), va); }

void format_vpn(struct text *out, const struct paging_format *f, vpn_t vpn) { hex(out, "", format_vpn_digits(f), format_vpn_bits(f, vpn)); }

void format_pa(struct text *out, const struct paging_format *f, paddr_t pa) { hex(out, "0x", format_pa_digits(f), pa); }

void format_pte(struct text *out, const struct paging_format *f, uint64_t word) { hex(out, "", f->pte_bytes * 2, word); }

void format_pte_flags(struct text *out, const struct paging_format *f, uint64_t word) {
    unsigned flags = paging_decode(f, word).flags;
    if (paging_has(f, PTE_V) && !(flags & PTE_BIT(PTE_V))) flags = 0; /* the others mean nothing then */
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
    return p < k->process_count ? k->process[p].name : config_process_name(k->config, p);
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
