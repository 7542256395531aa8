/* x86_probe.c - the program that makes accesses and tells what happened.
 *
 * An access begins with an iret, which sets privilege, flags and the next instruction at
 * once: to a stub that loads or stores, or right to the address to be fetched from. It
 * always ends in a trap. Only AX and BX are used by an access, and so survive:
 *
 *   SI the request   DI requests left
 */
#include "x86_probe.h"
#include "x86_asm.h"

enum { SEGMENT_ES = 0, SEGMENT_SS = 2, SEGMENT_DS = 3 };
enum { DEBUG_PORT = 0xe9, EXIT_PORT = 0xf4 };
enum { PAGE = 4096, WORDS = PAGE / 4 };

#define MSR_EFER 0xc0000080u


#define HEADER(field) ((int32_t)offsetof(struct x86_header, field))
#define REQUEST(field) ((int32_t)offsetof(struct x86_request, field))

enum label {
    L_NONE, L_MAIN, L_FILL, L_FILL_WORD, L_COPY, L_REQUEST, L_UD, L_GP, L_PF, L_TRAPPED, L_SCAN, L_SCAN_WORD,
    L_SAME, L_END, L_PRINT, L_DIGIT, L_DECIMAL
};

/* As a boot loader leaves the processor: 32-bit protected mode, no paging. The header says
 * which mode the control registers lead to; the far jump is the first instruction in it. */
static const struct x86_ins prologue[] = {
    SET(BX, X86_HEADER),
    LOAD_GDT(X86_GDT_PLACE),
    LOAD_IDT(X86_IDT_PLACE),
    LOAD32(AX, HEADER(cr4), BX),
    TO_CONTROL(4, AX),
    LOAD32(AX, HEADER(cr3), BX),
    TO_CONTROL(3, AX),
    SET(CX, MSR_EFER),
    LOAD32(AX, HEADER(efer), BX),
    SET(DX, 0),
    WRITE_MSR,
    LOAD32(AX, HEADER(cr0), BX),
    TO_CONTROL(0, AX),
    FAR_JUMP(SELECT_CODE, L_MAIN),
};

static const struct x86_ins program[] = {
    AT(L_MAIN),
    STRINGS_UPWARD,
    SET(SP, X86_STACK_TOP),
    SET(AX, SELECT_DATA),
    TO_SEGMENT(SEGMENT_SS, AX),
    SET(AX, SELECT_USER_DATA), /* good at every privilege level */
    TO_SEGMENT(SEGMENT_DS, AX),
    TO_SEGMENT(SEGMENT_ES, AX),
    SET(AX, SELECT_TASK),
    LOAD_TASK(AX),

    /* Each 8 bytes of each target page say which they are. */
    SET(BP, X86_HEADER),
    LOAD_WIDE(CX, HEADER(targets), BP),
    SET(SI, X86_TARGETS),
    SET(BX, 0xb8),
    SET(AX, X86_SECOND_WORD),
    AT(L_FILL),
    LOAD_WIDE(DI, 0, SI),
    MOVE(DX, DI),
    ADD(DX, PAGE),
    AT(L_FILL_WORD),
    STORE32(BX, 0, DI),
    STORE32(AX, 4, DI),
    ADD(BX, 0x100),
    ADD(DI, 8),
    COMPARE_REG(DI, DX),
    IF_NOT_ZERO(L_FILL_WORD),
    ADD(SI, 8),
    ADD(CX, -1u),
    IF_NOT_ZERO(L_FILL),

    /* Copy each watched page to its shadow. */
    LOAD_WIDE(DX, HEADER(watched), BP),
    SET(BX, X86_WATCHED),
    AT(L_COPY),
    LOAD_WIDE(SI, 0, BX),
    LOAD_WIDE(DI, 8, BX),
    SET(CX, WORDS),
    COPY_WORDS,
    ADD(BX, 16),
    ADD(DX, -1u),
    IF_NOT_ZERO(L_COPY),

    SET(SI, X86_REQUESTS),
    LOAD_WIDE(DI, HEADER(requests), BP),

    /* One request. From the write of CR3 on, nothing but the own map is there. */
    AT(L_REQUEST),
    COMPARE(DI, 0),
    IF_ZERO(L_END),
    SET(AX, 0),
    TO_CONTROL(2, AX),
    PUSH_MEMORY(REQUEST(ss), SI),
    PUSH_MEMORY(REQUEST(sp), SI),
    PUSH_MEMORY(REQUEST(flags), SI),
    PUSH_MEMORY(REQUEST(cs), SI),
    PUSH_MEMORY(REQUEST(ip), SI),
    LOAD_WIDE(AX, REQUEST(cr3), SI),
    TO_CONTROL(3, AX),
    LOAD_WIDE(AX, REQUEST(cr4), SI),
    TO_CONTROL(4, AX),
    LOAD_WIDE(AX, REQUEST(cr0), SI),
    TO_CONTROL(0, AX),
    SET(CX, MSR_EFER),
    LOAD_WIDE(AX, REQUEST(efer), SI),
    SET(DX, 0),
    WRITE_MSR,
    LOAD_WIDE(BX, REQUEST(va), SI),
    LOAD_WIDE(AX, REQUEST(value), SI),
    INTERRUPT_RETURN,

    /* Traps. The processor has pushed an error code, but for #UD. */
    AT(L_UD),
    PUSH_NUMBER(0),
    PUSH_NUMBER(TRAP_UD << 8),
    JUMP(L_TRAPPED),
    AT(L_GP),
    PUSH_NUMBER(TRAP_GP << 8),
    JUMP(L_TRAPPED),
    AT(L_PF),
    PUSH_NUMBER(TRAP_PF << 8),

    /* Home again (the home map needs CR4.PSE), and tell what happened. */
    AT(L_TRAPPED),
    MOVE(BP, AX),
    POP(BX),
    POP(DX),
    ADD_REG(BX, DX),
    SET(DX, X86_HEADER),
    LOAD_WIDE(AX, HEADER(cr4), DX),
    TO_CONTROL(4, AX),
    LOAD_WIDE(AX, HEADER(cr3), DX),
    TO_CONTROL(3, AX),
    SET(SP, X86_STACK_TOP),
    CALL(L_PRINT),
    FROM_CONTROL(BX, 2),
    CALL(L_PRINT),
    MOVE(BX, BP),
    CALL(L_PRINT),

    /* Words that changed: in each watched page (from SI), against its shadow (DI). The
     * string instruction stops behind the first that differs. */
    PUSH(SI),
    PUSH(DI),
    LOAD_WIDE(BP, REQUEST(watched), SI),
    LOAD_WIDE(BX, REQUEST(watch_count), SI),
    AT(L_SCAN),
    PUSH(BX),
    LOAD_WIDE(SI, 0, BP),
    LOAD_WIDE(DI, 8, BP),
    SET(CX, WORDS),
    AT(L_SCAN_WORD),
    COMPARE_WORDS,
    IF_ZERO(L_SAME),
    PUSH(CX),
    MOVE(BX, SI),
    ADD(BX, -4u),
    CALL(L_PRINT),
    LOAD32(BX, -4, SI),
    STORE32(BX, -4, DI),
    CALL(L_PRINT),
    POP(CX),
    COMPARE(CX, 0),
    IF_NOT_ZERO(L_SCAN_WORD),
    AT(L_SAME),
    ADD(BP, 16),
    POP(BX),
    ADD(BX, -1u),
    IF_NOT_ZERO(L_SCAN),
    POP(DI),
    POP(SI),
    SET(AX, '\n'),
    OUT(DEBUG_PORT),
    ADD(SI, sizeof(struct x86_request)),
    ADD(DI, -1u),
    JUMP(L_REQUEST),

    /* Power off; QEMU's status is twice this and 1. */
    AT(L_END),
    SET(AX, 1),
    OUT(EXIT_PORT),
    JUMP(L_END),

    /* Print BX in hex and a blank; AX, CX and DX are lost. */
    AT(L_PRINT),
    SET(DX, X86_HEADER),
    LOAD_WIDE(CX, HEADER(top_digit), DX),
    AT(L_DIGIT),
    MOVE(AX, BX),
    SHIFT_RIGHT_CL(AX),
    AND(AX, 15),
    COMPARE(AX, 10),
    IF_BELOW(L_DECIMAL),
    ADD(AX, 'a' - '0' - 10),
    AT(L_DECIMAL),
    ADD(AX, '0'),
    OUT(DEBUG_PORT),
    ADD(CX, -4u),
    IF_NOT_NEGATIVE(L_DIGIT),
    SET(AX, ' '),
    OUT(DEBUG_PORT),
    RETURN,
};

static size_t assemble_both(bool wide, uint32_t label[X86_LABELS_MAX], uint8_t *out, size_t room) {
    size_t n = x86_assemble(prologue, sizeof prologue / sizeof *prologue, false, X86_CODE, label, out, room);
    size_t m = x86_assemble(program, sizeof program / sizeof *program, wide, X86_CODE + (uint32_t)n, label, out + n,
                            room - n);
    return m ? n + m : 0;
}

size_t x86_program(bool wide, uint8_t *out, size_t room, struct x86_traps *traps) {
    uint32_t label[X86_LABELS_MAX] = {0};
    assemble_both(wide, label, out, room); /* finds the labels */
    *traps = (struct x86_traps){label[L_UD], label[L_GP], label[L_PF]};
    return assemble_both(wide, label, out, room);
}
