/* x86_asm.c - rows to bytes. A row's length depends on the row alone, never on a label. */
#include "x86_asm.h"

#define REX_W 0x48
#define LONGEST 16 /* bytes of an instruction; none here has more */

static size_t put_number(uint8_t *out, uint32_t number, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) out[i] = (uint8_t)(number >> 8 * i);
    return bytes;
}

static size_t put_modrm(const struct x86_ins *i, uint8_t *out) {
    static const uint8_t mod[] = {[MODRM_REGISTER] = 3, [MODRM_MEMORY] = 2, [MODRM_ABSOLUTE] = 0};
    if (i->modrm == MODRM_NONE) return 0;
    out[0] = (uint8_t)(mod[i->modrm] << 6 | i->reg << 3 | i->rm);
    return 1 + (i->modrm == MODRM_REGISTER ? 0 : put_number(out + 1, (uint32_t)i->disp, 4));
}

/* `next` is the address of the tail's first byte. */
static size_t put_tail(const struct x86_ins *i, uint32_t next, const uint32_t *label, uint8_t *out) {
    switch (i->tail) {
    case TAIL_NONE: return 0;
    case TAIL_BYTE: return put_number(out, i->imm, 1);
    case TAIL_WORD: return put_number(out, i->imm, 4);
    case TAIL_LABEL: return put_number(out, label[i->label] - (next + 4), 4);
    case TAIL_FAR: break;
    }
    put_number(out, label[i->label], 4);
    return 4 + put_number(out + 4, i->imm, 2);
}

static size_t put_row(const struct x86_ins *i, bool wide, uint32_t at, const uint32_t *label, uint8_t *out) {
    size_t n = 0;
    if (i->wide && wide) out[n++] = REX_W;
    for (size_t k = 0; k < i->opcodes; k++) out[n++] = i->opcode[k];
    n += put_modrm(i, out + n);
    return n + put_tail(i, at + (uint32_t)n, label, out + n);
}

size_t x86_assemble(const struct x86_ins *program, size_t count, bool wide, uint32_t at,
                    uint32_t label[X86_LABELS_MAX], uint8_t *out, size_t room) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (n + LONGEST > room) return 0;
        if (program[i].opcodes) n += put_row(&program[i], wide, at + (uint32_t)n, label, out + n);
        else label[program[i].label] = at + (uint32_t)n;
    }
    return n;
}
