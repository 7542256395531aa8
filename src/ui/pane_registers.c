/* pane_registers.c - see pane_registers.h.
 *
 * The simulated machine keeps the address of the root table and the ASID; how a
 * processor packs them into one register follows from its manual:
 *
 *   satp, RV32      31       30      22 21                    0
 *                  +--------+----------+----------------------+
 *                  |MODE (1)|   ASID   |  PPN of the root     |
 *                  +--------+----------+----------------------+
 *   satp, RV64      63     60 59     44 43                    0   MODE: 8 Sv39, 9 Sv48, 10 Sv57
 *   CR3             root table | PCID in bits 11 to 0 (with CR4.PCIDE)
 *   TTBR0_EL1       ASID in bits 63 to 48 | root table
 *
 * RISC-V Privileged Architecture, section "Supervisor Address Translation and
 * Protection Register"; Intel SDM volume 3A, section 5.4 "Control registers"; Arm
 * Architecture Reference Manual, TTBR0_EL1.
 */
#include "ui/pane_registers.h"

/* One architecture's words. */
struct family {
    const char *root;         /* the format's name for its root register; NULL: any other */
    const char *asid;         /* what an address-space identifier is called */
    const char *privilege[2]; /* of a user program, of the kernel */
    uint64_t (*value)(const struct sight *s, bool wide);
    void (*fields)(const struct sight *s, bool wide, struct text *out);
};

static pfn_t root_page(const struct sight *s) { return pa_to_pfn(s->hw->regs.root, s->f->page_shift); }
static bool is_wide(const struct sight *s) { return s->f->pte_bytes == 8; }

/* MODE of satp: 1 is Sv32; Sv39, Sv48 and Sv57 are 8 to 10. */
static unsigned satp_mode(const struct sight *s, bool wide) { return wide ? s->f->levels + 5 : 1; }

static uint64_t satp_value(const struct sight *s, bool wide) {
    uint64_t mode = satp_mode(s, wide), asid = s->hw->regs.asid;
    return wide ? mode << 60 | asid << 44 | root_page(s) : mode << 31 | asid << 22 | root_page(s);
}

static void satp_fields(const struct sight *s, bool wide, struct text *out) {
    text_addf(out, "MODE %u (%s), ASID %u, PPN %llx", satp_mode(s, wide), s->f->name, s->hw->regs.asid,
              (unsigned long long)root_page(s));
}

static uint64_t cr3_value(const struct sight *s, bool wide) {
    return s->hw->regs.root | (wide ? s->hw->regs.asid & 0xfffu : 0);
}

static void cr3_fields(const struct sight *s, bool wide, struct text *out) {
    const char *top = paging_level_name(s->f, s->f->levels - 1);
    text_addf(out, "%s at %llx", top, (unsigned long long)s->hw->regs.root);
    if (wide && s->hw->regs.asid) text_addf(out, ", PCID %u", s->hw->regs.asid);
}

static uint64_t ttbr_value(const struct sight *s, bool wide) {
    (void)wide;
    return (uint64_t)s->hw->regs.asid << 48 | s->hw->regs.root;
}

static void ttbr_fields(const struct sight *s, bool wide, struct text *out) {
    (void)wide;
    text_addf(out, "ASID %u, %s table at %llx", s->hw->regs.asid, paging_level_name(s->f, s->f->levels - 1),
              (unsigned long long)s->hw->regs.root);
}

static const struct family families[] = {
    {"satp", "ASID", {"U-mode", "S-mode"}, satp_value, satp_fields},
    {"CR3", "PCID", {"CPL 3", "CPL 0"}, cr3_value, cr3_fields},
    {"TTBR0", "ASID", {"EL0", "EL1"}, ttbr_value, ttbr_fields},
    {NULL, "ASID", {"user mode", "kernel mode"}, NULL, NULL},
};

static const struct family *family_of(const struct sight *s) {
    const struct family *f = families;
    while (f->root && (!s->f->root || strcmp(f->root, s->f->root) != 0)) f++;
    return f;
}

uint64_t root_value(const struct sight *s, int *digits) {
    const struct family *f = family_of(s);
    *digits = !f->value ? pa_digits(s->f) : is_wide(s) ? 16 : 8;
    return f->value ? f->value(s, is_wide(s)) : s->hw->regs.root;
}

void say_root_fields(const struct sight *s, struct text *out) {
    const struct family *f = family_of(s);
    if (f->fields) f->fields(s, is_wide(s), out);
}

const char *privilege_name(const struct sight *s) { return family_of(s)->privilege[in_kernel_mode(s)]; }

const char *asid_name(const struct sight *s) {
    bool in_tlb = s->k->config->tlb.asid && tlbs_has(&s->hw->tlbs, TLB_DATA);
    if (!in_tlb && s->f->shape != SHAPE_HASHED) return NULL;
    return is_wide(s) ? family_of(s)->asid : "ASID"; /* 32-bit x86 has no PCIDs */
}

/* clang-format off */
static const struct {
    unsigned bit;
    const char *name, *meaning;
} control_bits[] = {
    {MODE_SUM, "sstatus.SUM", "the supervisor may read and write user pages"},
    {MODE_MXR, "sstatus.MXR", "pages that may be executed may be read too"},
    {MODE_WP, "CR0.WP", "the kernel obeys read-only pages too"},
    {MODE_SMEP, "CR4.SMEP", "the kernel may not execute user pages"},
    {MODE_SMAP, "CR4.SMAP", "the kernel may not read or write user pages (unless AC)"},
    {MODE_AC, "EFLAGS.AC", "...and AC is set: for now it may"},
};
/* clang-format on */
#define CONTROL_BITS (sizeof control_bits / sizeof control_bits[0])

/* Bits that matter for the kernel's own accesses: that they are 0 is worth saying. */
#define SAID_WHEN_OFF (MODE_SUM | MODE_WP)

bool say_control_bit(const struct sight *s, int n, struct text *out) {
    const char *family = family_of(s)->root;
    for (size_t i = 0; i < CONTROL_BITS; i++) {
        bool on = s->hw->regs.mode & control_bits[i].bit, riscv = strncmp(control_bits[i].name, "sstatus", 7) == 0;
        bool ours = family && strcmp(family, riscv ? "satp" : "CR3") == 0;
        bool off = ours && s->flight.kernel && control_bits[i].bit & SAID_WHEN_OFF;
        if ((!on && !off) || n-- > 0) continue;
        text_addf(out, "%s%s", strchr(control_bits[i].name, '.') + 1, on ? "" : "=0");
        return true;
    }
    return false;
}

void write_registers(struct page_writer *w, const struct sight *s) {
    char fields[80];
    struct text t = text_in(fields, sizeof fields);
    int digits;
    uint64_t value = root_value(s, &digits);
    say_root_fields(s, &t);
    write_line(w, ROLE_NORMAL, "%-9s %0*llx%s%s", s->f->root ? s->f->root : "root", digits, (unsigned long long)value,
               t.len ? ": " : "", fields);
    if (asid_name(s) && !t.len) write_line(w, ROLE_NORMAL, "%-9s %u", asid_name(s), s->hw->regs.asid);
    write_line(w, ROLE_NORMAL, "privilege %s%s", privilege_name(s), in_kernel_mode(s) ? ": the kernel" : ": a user program");
    for (size_t i = 0; i < CONTROL_BITS; i++)
        if (s->hw->regs.mode & control_bits[i].bit)
            write_line(w, ROLE_NORMAL, "%-11s on: %s", control_bits[i].name, control_bits[i].meaning);
}
