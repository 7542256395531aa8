/* fuzz_walk.c - any bytes as a memory file, and the tables that are in it walked in every format.
 *
 * Beyond "does not crash": a refusal has its message, in clean text; the same bytes make the same
 * memory; a walk over a tree reads one word a level at most and ends with a page or with a fault that
 * has a name; what it writes back is in RAM, and nothing more is due then. */
#include "cli/walk_memory.c" /* the command's reader, which is in no library */
#include "vmscope/base/memory.h"

#include <stdlib.h>

#define STEPS 1000 /* of one walk; a chain of an inverted table may be a circle */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good) {
    if (!good) abort();
}

static void check_messages(const struct diag_list *errors, enum vs_status status) {
    must((status == VS_BAD_INPUT) == (errors->count > 0));
    for (size_t i = 0; i < errors->count; i++) {
        must(text_is_clean(errors->item[i].text, strlen(errors->item[i].text)));
        must(errors->item[i].line > 0 && errors->item[i].col > 0);
    }
}

static void check_end(struct walk *w, const struct paging_format *f, struct ram *ram) {
    struct walk_write write;
    must(f->shape != SHAPE_TREE || w->reads <= f->levels);
    must(w->fault != HW_FAULT_NONE || (w->leaf && ram_holds(ram, w->pa, 1)));
    must(w->fault == HW_FAULT_NONE || walk_report(w, f).class != NULL);
    for (unsigned i = 0; w->leaf && walk_next_write(w, f, &write); i++) {
        must(i < WALK_WRITES_MAX && write.word != write.old);
        if (walk_write(w, f, ram, &write) != VS_OK) return;
        must(ram_read(ram, write.addr, f->pte_bytes) == write.word);
    }
}

static void walk_tables(const struct paging_format *f, struct ram *ram, vaddr_t va, unsigned choice) {
    const struct mmu_regs regs = {.root = 0, .asid = (asid_t)(choice >> 8), .mode = (uint8_t)(choice >> 2)};
    struct walk w;
    walk_begin(&w, f, &regs, va, (enum access_kind)(choice % ACCESS_KINDS), choice >> 1 & 1);
    for (unsigned i = 0; !w.done && i < STEPS; i++) walk_level(&w, f, ram);
    must(w.done || f->shape == SHAPE_HASHED);
    if (w.done) check_end(&w, f, ram);
}

static struct ram *read_all(const uint8_t *data, size_t size, unsigned bytes, uint64_t high) {
    struct diag_list errors = {.count = 0};
    struct ram *ram = ram_create_sparse(6, 0, high);
    must(ram != NULL);
    check_messages(&errors, walk_memory_parse((const char *)data, size, "fuzz", bytes, ram, &errors));
    return ram;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const vaddr_t va[] = {0, 1, 0x1000, 0x200000, 0x3fffffe000, 0x7fffffffffff, UINT64_MAX};
    unsigned choice = (unsigned)(hash_bytes(HASH_START, data, size) >> 20);
    uint64_t high = choice & 1 ? UINT64_MAX : 0xffffff;
    for (size_t i = 0; paging_formats[i]; i++) {
        struct paging_format f = *paging_formats[i];
        struct ram *ram = read_all(data, size, f.pte_bytes, high),
                   *again = read_all(data, size, f.pte_bytes, high);
        must(ram_equal(ram, again));
        if (strcmp(f.root, "CR3") == 0)
            paging_x86_adjust(&f, choice >> 4 & 1, choice >> 5 & 1, 32 + choice % 21);
        for (size_t v = 0; v < sizeof va / sizeof va[0]; v++)
            walk_tables(&f, ram, va[v], choice + (unsigned)v);
        ram_free(ram);
        ram_free(again);
    }
    return 0;
}
