/* riscv_asm.h - a RISC-V assembler that is just large enough for one probe program.
 *
 * A program is a table of rows, an instruction each, written with the macros
 * below; asm_assemble() turns it into words. So the test needs no cross compiler.
 * Only what the probe uses is here (The RISC-V Instruction Set Manual, volume I,
 * "RV32/64G Instruction Set Listings"; volume II for mret and sfence.vma).
 */
#ifndef VMSCOPE_TESTS_QEMU_RISCV_ASM_H
#define VMSCOPE_TESTS_QEMU_RISCV_ASM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Integer registers by their names in the calling convention; the value is the number. */
enum reg {
    ZERO, RA, SP, GP, TP, T0, T1, T2, S0, S1, A0, A1, A2, A3, A4, A5,
    A6, A7, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, T3, T4, T5, T6
};

enum op {
    OP_LUI, OP_AUIPC, OP_JAL, OP_JALR, OP_BEQ, OP_BNE, OP_BGE,
    OP_LW, OP_LD, OP_LBU, OP_SB, OP_SW,
    OP_ADDI, OP_ANDI, OP_ORI, OP_SLTIU, OP_SLLI, OP_ADD, OP_SRL,
    OP_CSRRW, OP_CSRRS, OP_CSRRC, OP_MRET, OP_SFENCE_VMA,
    OP_REAL,              /* below: rows that are no single instruction */
    OP_LABEL = OP_REAL,   /* nothing; a place to go to */
    OP_LX,                /* lw on RV32, ld on RV64 */
    OP_LI                 /* lui and addi: a number in 0..0x7fffefff, or the offset of a label */
};

struct ins {
    enum op op;
    enum reg rd, rs1, rs2;
    int32_t imm;
    unsigned label; /* 0: none; the row's own for OP_LABEL, else where it goes */
};

/* Rows as an assembler writes them. */
#define INS_R(op, rd, rs1, rs2) {OP_##op, rd, rs1, rs2, 0, 0}
#define INS_I(op, rd, rs1, imm) {OP_##op, rd, rs1, ZERO, imm, 0}
#define INS_S(op, rs2, imm, rs1) {OP_##op, ZERO, rs1, rs2, imm, 0}
#define INS_B(op, rs1, rs2, label) {OP_##op, ZERO, rs1, rs2, 0, label}
#define LOAD(op, rd, imm, rs1) {OP_##op, rd, rs1, ZERO, imm, 0}
#define CSR(op, rd, csr, rs1) {OP_##op, rd, rs1, ZERO, csr, 0}
#define LI(rd, number) {OP_LI, rd, ZERO, ZERO, number, 0}
#define LI_LABEL(rd, label) {OP_LI, rd, ZERO, ZERO, 0, label}
#define CALL(link, label) {OP_JAL, link, ZERO, ZERO, 0, label}
#define JUMP(label) {OP_JAL, ZERO, ZERO, ZERO, 0, label}
#define RETURN(link) {OP_JALR, ZERO, link, ZERO, 0, 0}
#define AT(label) {OP_LABEL, ZERO, ZERO, ZERO, 0, label}

#define LABELS_MAX 32

/* Assemble `count` rows for RV32 or RV64 into at most `room` words at `out`.
 * Returns how many, or 0 when there is no room. */
size_t asm_assemble(const struct ins *program, size_t count, bool rv64, uint32_t *out, size_t room);

#endif
