/* riscv_probe.c - the program that makes accesses and tells what happened.
 *
 * It stays in M mode, where nothing is translated. A load or a store is made with
 * mstatus.MPRV=1, which lends it the privilege in MPP and with it the translation
 * by satp; a fetch is an mret to the address, in that privilege. A trap sets MPP
 * to M, so that the handler's own accesses are untranslated again.
 *
 * Registers that live through it:
 *   s0 0x80000000   s1 the request   s2 requests left   s3 bits of mstatus in use
 *   s4 header       s5 UART          s6 shift of the topmost hex digit
 */
#include "riscv_probe.h"
#include "riscv_asm.h"

enum { /* control and status registers */
    CSR_SATP = 0x180,
    CSR_MSTATUS = 0x300,
    CSR_MTVEC = 0x305,
    CSR_MENVCFG = 0x30a,
    CSR_MENVCFGH = 0x31a,
    CSR_MEPC = 0x341,
    CSR_MCAUSE = 0x342,
    CSR_MTVAL = 0x343,
    CSR_PMPCFG0 = 0x3a0,
    CSR_PMPADDR0 = 0x3b0
};

enum { /* devices of the `virt` machine */
    UART = 0x10000000,
    UART_STATUS = 5,
    UART_READY = 0x20,
    FINISHER = 0x100000,
    FINISHER_PASS = 0x5555
};

/* Where the fields of the header and of a request are. */
#define HEADER(field) ((int32_t)offsetof(struct probe_header, field))
#define REQUEST(field) ((int32_t)offsetof(struct probe_request, field))

enum {
    MSTATUS_USED = 0xe1800, /* MXR SUM MPRV, MPP */
    PAGE = 4096
};

enum label {
    L_NONE, L_NO_MENVCFGH, L_NO_MENVCFG, L_FILL, L_FILL_WORD, L_FILLED, L_COPY, L_COPY_WORD, L_REQUEST,
    L_STORE, L_FETCH, L_UNTRAPPED, L_TRAPPED, L_REPORT, L_SCAN, L_SCAN_WORD, L_SAME, L_SCANNED, L_END,
    L_PRINT, L_DIGIT, L_DECIMAL, L_PUT
};

static const struct ins program[] = {
    INS_I(AUIPC, S0, ZERO, 0),
    LI(S4, PROBE_HEADER),
    INS_R(ADD, S4, S4, S0),
    LI(S5, UART),
    LOAD(LX, S6, HEADER(top_digit), S4),
    LI(S3, MSTATUS_USED),

    /* Physical memory protection: entry 0 allows everything (NAPOT, R W X). */
    INS_I(ADDI, T0, ZERO, -1),
    CSR(CSRRW, ZERO, CSR_PMPADDR0, T0),
    INS_I(ADDI, T0, ZERO, 0x1f),
    CSR(CSRRW, ZERO, CSR_PMPCFG0, T0),

    /* Hardware A and D: menvcfg.ADUE, bit 61, where the machine asks for it. Where there is
     * no such register, the trap comes out behind the instruction. RV32 has the bit in
     * menvcfgh; RV64 has no menvcfgh. */
    LI_LABEL(T0, L_NO_MENVCFGH),
    INS_R(ADD, T0, T0, S0),
    CSR(CSRRW, ZERO, CSR_MTVEC, T0),
    LI(T1, 0x20000000),
    CSR(CSRRS, ZERO, CSR_MENVCFGH, T1),
    AT(L_NO_MENVCFGH),
    LI_LABEL(T0, L_NO_MENVCFG),
    INS_R(ADD, T0, T0, S0),
    CSR(CSRRW, ZERO, CSR_MTVEC, T0),
    INS_I(SLLI, T1, T1, 16), /* 1 << 61 in two shifts, each good on RV32, where it gives 0 */
    INS_I(SLLI, T1, T1, 16),
    CSR(CSRRS, ZERO, CSR_MENVCFG, T1),
    AT(L_NO_MENVCFG),

    /* Each word of each target page says where it lies. */
    LOAD(LX, A0, HEADER(targets), S4),
    LI(A1, PROBE_TARGETS),
    INS_R(ADD, A1, A1, S0),
    AT(L_FILL),
    INS_B(BEQ, A0, ZERO, L_FILLED),
    LOAD(LX, T0, 0, A1),
    LI(T1, PAGE),
    INS_R(ADD, T1, T1, T0),
    AT(L_FILL_WORD),
    INS_I(SLLI, T2, T0, 5),
    INS_I(ORI, T2, T2, 0x0b),
    INS_S(SW, T2, 0, T0),
    INS_I(ADDI, T0, T0, 4),
    INS_B(BNE, T0, T1, L_FILL_WORD),
    INS_I(ADDI, A1, A1, 8),
    INS_I(ADDI, A0, A0, -1),
    JUMP(L_FILL),
    AT(L_FILLED),

    /* Copy each watched page to its shadow. */
    LOAD(LX, A0, HEADER(watched), S4),
    LI(A1, PROBE_WATCHED),
    INS_R(ADD, A1, A1, S0),
    AT(L_COPY),
    LOAD(LX, T0, 0, A1),
    LOAD(LX, T2, 8, A1),
    LI(T1, PAGE),
    INS_R(ADD, T1, T1, T0),
    AT(L_COPY_WORD),
    LOAD(LW, T3, 0, T0),
    INS_S(SW, T3, 0, T2),
    INS_I(ADDI, T0, T0, 4),
    INS_I(ADDI, T2, T2, 4),
    INS_B(BNE, T0, T1, L_COPY_WORD),
    INS_I(ADDI, A1, A1, 16),
    INS_I(ADDI, A0, A0, -1),
    INS_B(BNE, A0, ZERO, L_COPY),

    LI_LABEL(T0, L_TRAPPED),
    INS_R(ADD, T0, T0, S0),
    CSR(CSRRW, ZERO, CSR_MTVEC, T0),
    LI(S1, PROBE_REQUESTS),
    INS_R(ADD, S1, S1, S0),
    LOAD(LX, S2, HEADER(requests), S4),

    /* One request: a0 = VA, a1 = value to store, a2 = value loaded. */
    AT(L_REQUEST),
    INS_B(BEQ, S2, ZERO, L_END),
    LOAD(LX, T0, REQUEST(satp), S1),
    CSR(CSRRW, ZERO, CSR_SATP, T0),
    INS_R(SFENCE_VMA, ZERO, ZERO, ZERO),
    LOAD(LX, A0, REQUEST(va), S1),
    LOAD(LX, T1, REQUEST(mstatus), S1),
    LOAD(LX, A1, REQUEST(value), S1),
    LOAD(LX, T0, REQUEST(kind), S1),
    INS_I(ADDI, A2, ZERO, 0),
    CSR(CSRRC, ZERO, CSR_MSTATUS, S3),
    INS_I(ADDI, T2, ZERO, 1),
    INS_B(BEQ, T0, T2, L_STORE),
    INS_I(ADDI, T2, ZERO, 2),
    INS_B(BEQ, T0, T2, L_FETCH),
    CSR(CSRRS, ZERO, CSR_MSTATUS, T1),
    LOAD(LW, A2, 0, A0),
    JUMP(L_UNTRAPPED),
    AT(L_STORE),
    CSR(CSRRS, ZERO, CSR_MSTATUS, T1),
    INS_S(SW, A1, 0, A0),
    JUMP(L_UNTRAPPED),
    AT(L_FETCH),
    CSR(CSRRS, ZERO, CSR_MSTATUS, T1),
    CSR(CSRRW, ZERO, CSR_MEPC, A0),
    INS_R(MRET, ZERO, ZERO, ZERO),

    /* What happened: a3 = cause, a4 = trap value. */
    AT(L_UNTRAPPED),
    CSR(CSRRC, ZERO, CSR_MSTATUS, S3),
    INS_I(ADDI, A3, ZERO, PROBE_NO_TRAP),
    INS_I(ADDI, A4, ZERO, 0),
    JUMP(L_REPORT),
    AT(L_TRAPPED),
    CSR(CSRRC, ZERO, CSR_MSTATUS, S3),
    CSR(CSRRS, A3, CSR_MCAUSE, ZERO),
    CSR(CSRRS, A4, CSR_MTVAL, ZERO),
    AT(L_REPORT),
    INS_I(ADDI, A5, A3, 0),
    CALL(RA, L_PRINT),
    INS_I(ADDI, A5, A4, 0),
    CALL(RA, L_PRINT),
    INS_I(ADDI, A5, A2, 0),
    CALL(RA, L_PRINT),

    /* Words that changed: in each watched page (s7 to s8), against its shadow (s9). */
    LOAD(LX, A6, REQUEST(watched), S1),
    LOAD(LX, A7, REQUEST(watch_count), S1),
    AT(L_SCAN),
    INS_B(BEQ, A7, ZERO, L_SCANNED),
    LOAD(LX, S7, 0, A6),
    LOAD(LX, S9, 8, A6),
    LI(S8, PAGE),
    INS_R(ADD, S8, S8, S7),
    AT(L_SCAN_WORD),
    LOAD(LW, T1, 0, S7),
    LOAD(LW, T2, 0, S9),
    INS_B(BEQ, T1, T2, L_SAME),
    INS_S(SW, T1, 0, S9),
    INS_I(ADDI, A5, S7, 0),
    CALL(RA, L_PRINT),
    LOAD(LW, A5, 0, S7),
    CALL(RA, L_PRINT),
    AT(L_SAME),
    INS_I(ADDI, S7, S7, 4),
    INS_I(ADDI, S9, S9, 4),
    INS_B(BNE, S7, S8, L_SCAN_WORD),
    INS_I(ADDI, A6, A6, 16),
    INS_I(ADDI, A7, A7, -1),
    JUMP(L_SCAN),
    AT(L_SCANNED),
    INS_I(ADDI, T5, ZERO, '\n'),
    CALL(T0, L_PUT),
    INS_I(ADDI, S1, S1, sizeof(struct probe_request)),
    INS_I(ADDI, S2, S2, -1),
    JUMP(L_REQUEST),

    /* Power off. */
    AT(L_END),
    LI(T0, FINISHER),
    LI(T1, FINISHER_PASS),
    INS_S(SW, T1, 0, T0),
    JUMP(L_END),

    /* Print a5 in hex and a blank; returns to ra. */
    AT(L_PRINT),
    INS_I(ADDI, T3, S6, 0),
    AT(L_DIGIT),
    INS_R(SRL, T4, A5, T3),
    INS_I(ANDI, T4, T4, 15),
    INS_I(ADDI, T5, T4, '0'),
    INS_I(SLTIU, T6, T4, 10),
    INS_B(BNE, T6, ZERO, L_DECIMAL),
    INS_I(ADDI, T5, T5, 'a' - '0' - 10),
    AT(L_DECIMAL),
    CALL(T0, L_PUT),
    INS_I(ADDI, T3, T3, -4),
    INS_B(BGE, T3, ZERO, L_DIGIT),
    INS_I(ADDI, T5, ZERO, ' '),
    CALL(T0, L_PUT),
    RETURN(RA),

    /* Write the byte in t5 when the UART is ready; returns to t0. */
    AT(L_PUT),
    LOAD(LBU, T6, UART_STATUS, S5),
    INS_I(ANDI, T6, T6, UART_READY),
    INS_B(BEQ, T6, ZERO, L_PUT),
    INS_S(SB, T5, 0, S5),
    RETURN(T0),
};

size_t probe_program(bool rv64, uint32_t *out, size_t room) {
    return asm_assemble(program, sizeof program / sizeof *program, rv64, out, room);
}
