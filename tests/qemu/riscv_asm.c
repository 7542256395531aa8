/* riscv_asm.c - rows to words, in two passes: the first finds the labels.
 *
 *    31        25 24    20 19    15 14  12 11       7 6      0
 *   +------------+--------+--------+------+----------+--------+
 *   |   funct7   |  rs2   |  rs1   |funct3|    rd    | opcode |  R
 *   |      imm[11:0]      |  rs1   |funct3|    rd    | opcode |  I
 *   | imm[11:5]  |  rs2   |  rs1   |funct3| imm[4:0] | opcode |  S
 *   |imm[12|10:5]|  rs2   |  rs1   |funct3|imm[4:1|11]|opcode |  B
 *   |             imm[31:12]              |    rd    | opcode |  U
 *   |        imm[20|10:1|11|19:12]        |    rd    | opcode |  J
 *   +------------+--------+--------+------+----------+--------+
 *
 * Register fields that a form lacks are x0 in its row, and so add nothing.
 */
#include "riscv_asm.h"

static uint32_t imm_none(uint32_t v) { return v & 0; }
static uint32_t imm_i(uint32_t v) { return v << 20; }
static uint32_t imm_s(uint32_t v) { return (v >> 5 & 0x7f) << 25 | (v & 0x1f) << 7; }
static uint32_t imm_b(uint32_t v) {
    return (v >> 12 & 1) << 31 | (v >> 5 & 0x3f) << 25 | (v >> 1 & 0xf) << 8 | (v >> 11 & 1) << 7;
}
static uint32_t imm_u(uint32_t v) { return v & 0xfffff000; }
static uint32_t imm_j(uint32_t v) {
    return (v >> 20 & 1) << 31 | (v >> 1 & 0x3ff) << 21 | (v >> 11 & 1) << 20 | (v >> 12 & 0xff) << 12;
}

/* funct7, funct3 and opcode of each, and where its immediate goes. */
static const struct {
    uint32_t bits;
    uint32_t (*imm)(uint32_t v);
} encoding[OP_REAL] = {
    [OP_LUI] = {0x37, imm_u},
    [OP_AUIPC] = {0x17, imm_u},
    [OP_JAL] = {0x6f, imm_j},
    [OP_JALR] = {0x67, imm_i},
    [OP_BEQ] = {0x0063, imm_b},
    [OP_BNE] = {0x1063, imm_b},
    [OP_BGE] = {0x5063, imm_b},
    [OP_LW] = {0x2003, imm_i},
    [OP_LD] = {0x3003, imm_i},
    [OP_LBU] = {0x4003, imm_i},
    [OP_SB] = {0x0023, imm_s},
    [OP_SW] = {0x2023, imm_s},
    [OP_ADDI] = {0x0013, imm_i},
    [OP_ANDI] = {0x7013, imm_i},
    [OP_ORI] = {0x6013, imm_i},
    [OP_SLTIU] = {0x3013, imm_i},
    [OP_SLLI] = {0x1013, imm_i},
    [OP_ADD] = {0x0033, imm_none},
    [OP_SRL] = {0x5033, imm_none},
    [OP_CSRRW] = {0x1073, imm_i},
    [OP_CSRRS] = {0x2073, imm_i},
    [OP_CSRRC] = {0x3073, imm_i},
    [OP_MRET] = {0x30200073, imm_none},
    [OP_SFENCE_VMA] = {0x12000073, imm_none}};

static uint32_t encode(enum op op, const struct ins *i, uint32_t imm) {
    return encoding[op].bits | (uint32_t)i->rd << 7 | (uint32_t)i->rs1 << 15 | (uint32_t)i->rs2 << 20 |
           encoding[op].imm(imm);
}

static size_t words_of(enum op op) { return op == OP_LABEL ? 0 : op == OP_LI ? 2 : 1; }

/* lui rd, high; addi rd, rd, low. The addi sign-extends, so lui rounds. */
static void encode_li(const struct ins *i, uint32_t value, uint32_t *out) {
    struct ins add = {OP_ADDI, i->rd, i->rd, ZERO, 0, 0};
    out[0] = encode(OP_LUI, i, value + 0x800);
    out[1] = encode(OP_ADDI, &add, value & 0xfff);
}

static void find_labels(const struct ins *program, size_t count, uint32_t label[LABELS_MAX]) {
    uint32_t pc = 0;
    for (size_t i = 0; i < count; i++) {
        if (program[i].op == OP_LABEL) label[program[i].label] = pc;
        pc += (uint32_t)(4 * words_of(program[i].op));
    }
}

size_t asm_assemble(const struct ins *program, size_t count, bool rv64, uint32_t *out, size_t room) {
    uint32_t label[LABELS_MAX] = {0};
    size_t n = 0;
    find_labels(program, count, label);
    for (size_t i = 0; i < count; n += words_of(program[i].op), i++) {
        const struct ins *row = &program[i];
        uint32_t imm = row->label ? label[row->label] : (uint32_t)row->imm;
        enum op op = row->op == OP_LX ? (rv64 ? OP_LD : OP_LW) : row->op;
        if (n + words_of(op) > room) return 0;
        if (op == OP_LI) encode_li(row, imm, &out[n]);
        else if (op != OP_LABEL) out[n] = encode(op, row, row->label ? imm - (uint32_t)(4 * n) : imm);
    }
    return n;
}
