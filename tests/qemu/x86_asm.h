/* x86_asm.h - an x86 assembler that is just large enough for one probe program.
 *
 * As riscv_asm.h does for RISC-V: a table of rows, an instruction each, becomes bytes. An
 * instruction here is two opcode bytes at most, perhaps a ModRM byte, and a tail (Intel
 * 64 and IA-32 Architectures Software Developer's Manual, volume 2, "Instruction Format"):
 *
 *   +-------+--------+--------+-------+------------+-------------+
 *   | REX.W | opcode | opcode | ModRM | disp (4)   | imm (1, 4)  |
 *   +-------+--------+--------+-------+------------+-------------+
 *
 * The same rows serve a 32-bit and a 64-bit program: WIDE ones get the prefix REX.W in
 * the latter, and so work on whole registers in both. Memory operands are always a
 * register (not SP) plus 32 bits, which mean the same in both.
 */
#ifndef VMSCOPE_TESTS_QEMU_X86_ASM_H
#define VMSCOPE_TESTS_QEMU_X86_ASM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum x86_reg { AX, CX, DX, BX, SP, BP, SI, DI };

enum x86_modrm {
    MODRM_NONE,
    MODRM_REGISTER, /* 11 reg rm */
    MODRM_MEMORY,   /* 10 reg rm, and the displacement */
    MODRM_ABSOLUTE  /* 00 reg 101: an address, in 32-bit code only */
};

enum x86_tail { TAIL_NONE, TAIL_BYTE, TAIL_WORD, TAIL_LABEL, TAIL_FAR };

struct x86_ins {
    uint8_t wide, opcodes, opcode[2];
    enum x86_modrm modrm;
    uint8_t reg, rm;
    int32_t disp;
    enum x86_tail tail;
    uint32_t imm;   /* TAIL_FAR: the segment */
    unsigned label; /* TAIL_LABEL and _FAR: where it goes; a row without opcode: its own */
};

#define X86_RR(wide, op, reg, rm) {wide, 1, {op, 0}, MODRM_REGISTER, reg, rm, 0, TAIL_NONE, 0, 0}
#define X86_RM(wide, op, reg, disp, base) {wide, 1, {op, 0}, MODRM_MEMORY, reg, base, disp, TAIL_NONE, 0, 0}
#define X86_0F(op, reg, rm) {0, 2, {0x0f, op}, MODRM_REGISTER, reg, rm, 0, TAIL_NONE, 0, 0}
#define X86_ABS(op, reg, address) {0, 2, {0x0f, op}, MODRM_ABSOLUTE, reg, 5, address, TAIL_NONE, 0, 0}
#define X86_IMM(op, ext, rm, number) {1, 1, {op, 0}, MODRM_REGISTER, ext, rm, 0, TAIL_WORD, number, 0}
#define X86_BARE(op) {0, 1, {op, 0}, MODRM_NONE, 0, 0, 0, TAIL_NONE, 0, 0}
#define X86_BARE2(op, op2) {0, 2, {op, op2}, MODRM_NONE, 0, 0, 0, TAIL_NONE, 0, 0}
#define X86_GO(op, label) {0, 1, {op, 0}, MODRM_NONE, 0, 0, 0, TAIL_LABEL, 0, label}
#define X86_GO_IF(op, label) {0, 2, {0x0f, op}, MODRM_NONE, 0, 0, 0, TAIL_LABEL, 0, label}

/* Rows as an assembler writes them, but the source last. */
#define MOVE(to, from) X86_RR(1, 0x8b, to, from)
#define LOAD_WIDE(to, disp, base) X86_RM(1, 0x8b, to, disp, base)
#define LOAD32(to, disp, base) X86_RM(0, 0x8b, to, disp, base)
#define STORE32(from, disp, base) X86_RM(0, 0x89, from, disp, base)
#define SET(to, number) {0, 1, {0xb8 + (to), 0}, MODRM_NONE, 0, 0, 0, TAIL_WORD, number, 0}
#define ADD(to, number) X86_IMM(0x81, 0, to, number)
#define AND(to, number) X86_IMM(0x81, 4, to, number)
#define COMPARE(with, number) X86_IMM(0x81, 7, with, number)
#define ADD_REG(to, from) X86_RR(1, 0x03, to, from)
#define COMPARE_REG(a, b) X86_RR(1, 0x3b, a, b)
#define SHIFT_RIGHT_CL(reg) X86_RR(1, 0xd3, 5, reg)
#define PUSH(reg) X86_BARE(0x50 + (reg))
#define POP(reg) X86_BARE(0x58 + (reg))
#define PUSH_NUMBER(number) {0, 1, {0x68, 0}, MODRM_NONE, 0, 0, 0, TAIL_WORD, number, 0}
#define PUSH_MEMORY(disp, base) X86_RM(0, 0xff, 6, disp, base)
#define CALL(label) X86_GO(0xe8, label)
#define RETURN X86_BARE(0xc3)
#define JUMP(label) X86_GO(0xe9, label)
#define IF_BELOW(label) X86_GO_IF(0x82, label)
#define IF_ZERO(label) X86_GO_IF(0x84, label)
#define IF_NOT_ZERO(label) X86_GO_IF(0x85, label)
#define IF_NOT_NEGATIVE(label) X86_GO_IF(0x89, label)
#define COPY_WORDS X86_BARE2(0xf3, 0xa5)        /* rep movsd */
#define COMPARE_WORDS X86_BARE2(0xf3, 0xa7)     /* repe cmpsd */
#define STRINGS_UPWARD X86_BARE(0xfc)           /* cld */
#define OUT(port) {0, 1, {0xe6, 0}, MODRM_NONE, 0, 0, 0, TAIL_BYTE, port, 0} /* the low byte of AX */
#define TO_CONTROL(cr, from) X86_0F(0x22, cr, from)
#define FROM_CONTROL(to, cr) X86_0F(0x20, cr, to)
#define WRITE_MSR X86_BARE2(0x0f, 0x30)
#define INTERRUPT_RETURN {1, 1, {0xcf, 0}, MODRM_NONE, 0, 0, 0, TAIL_NONE, 0, 0}
#define LOAD_GDT(address) X86_ABS(0x01, 2, address)
#define LOAD_IDT(address) X86_ABS(0x01, 3, address)
#define LOAD_TASK(reg) X86_0F(0x00, 3, reg)
#define TO_SEGMENT(segment, from) X86_RR(0, 0x8e, segment, from)
#define FAR_JUMP(segment, label) {0, 1, {0xea, 0}, MODRM_NONE, 0, 0, 0, TAIL_FAR, segment, label}
#define AT(label) {0, 0, {0, 0}, MODRM_NONE, 0, 0, 0, TAIL_NONE, 0, label}

#define X86_LABELS_MAX 32

/* Assemble `count` rows, to run at address `at`, into at most `room` bytes at `out`. Adds the
 * labels' addresses to label[]: call it twice where a row goes forward. Returns how many bytes,
 * or 0 when there is no room. */
size_t x86_assemble(const struct x86_ins *program, size_t count, bool wide, uint32_t at,
                    uint32_t label[X86_LABELS_MAX], uint8_t *out, size_t room);

#endif
