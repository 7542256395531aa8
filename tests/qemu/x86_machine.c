/* x86_machine.c - QEMU's `pc` machine: what is put into it, and what comes out.
 *
 * The image is a multiboot kernel ("Multiboot Specification version 0.6.96", with the
 * addresses in the header): QEMU's firmware copies it to X86_BASE and jumps to X86_CODE.
 */
#include "machine.h"
#include "x86_probe.h"

#include <string.h>

enum { P = 1, RW = 2, US = 4, A = 32, D = 64, PS = 128 }; /* of page-table entries */

/* ---- formats ---- */

/* A format as control registers make it, and what the registers hold besides the access's own bits. */
struct variant {
    const char *name, *base;
    uint64_t cr4, efer;
    struct paging_format format;
};

/* EFER.NXE means nothing to 32-bit paging, neither to a walk nor to the error code. */
static struct variant variants[] = {
    {.name = "x86-64", .base = "x86-64", .cr4 = CR4_PAE, .efer = EFER_LME | EFER_NXE},
    {.name = "x86-64 NXE=0", .base = "x86-64", .cr4 = CR4_PAE, .efer = EFER_LME},
    {.name = "x86-64-la57", .base = "x86-64-la57", .cr4 = CR4_PAE | CR4_LA57, .efer = EFER_LME | EFER_NXE},
    {.name = "x86-64-la57 NXE=0", .base = "x86-64-la57", .cr4 = CR4_PAE | CR4_LA57, .efer = EFER_LME},
    {.name = "x86-32", .base = "x86-32", .cr4 = CR4_PSE},
    {.name = "x86-32 NXE=1", .base = "x86-32", .cr4 = CR4_PSE, .efer = EFER_NXE},
    {.name = "x86-32 PSE=0", .base = "x86-32"}};

static const struct paging_format *format(const char *name) {
    struct variant *v = variants;
    while (strcmp(v->name, name) != 0) v++;
    v->format = *paging_by_name(v->base);
    paging_x86_adjust(&v->format, v->cr4 & CR4_PSE, v->efer & EFER_NXE, X86_PHYSICAL_BITS);
    v->format.name = v->name;
    return &v->format;
}

static const struct variant *variant_of(const struct paging_format *f) {
    const struct variant *v = variants;
    while (&v->format != f) v++;
    return v;
}

/* ---- home addresses ---- */

static uint64_t probe_address(paddr_t pa) {
    for (unsigned i = 0; i < X86_BANKS; i++)
        if (pa - x86_bank(i) < X86_BANK_BYTES) return X86_MEMORY + i * X86_BANK_BYTES + (pa - x86_bank(i));
    return pa;
}

static paddr_t physical(uint64_t home) {
    if (home < X86_MEMORY) return home;
    uint64_t offset = home - X86_MEMORY;
    return x86_bank((unsigned)(offset / X86_BANK_BYTES)) + offset % X86_BANK_BYTES;
}

/* ---- the image ---- */

static void put(struct image *image, paddr_t at, const void *bytes, size_t count) {
    image_put(image, &x86_arch, at, bytes, count);
}

static void put_entry(struct image *image, const struct paging_format *f, paddr_t table, size_t index,
                      uint64_t word) {
    put(image, table + index * f->pte_bytes, &word, f->pte_bytes); /* little-endian, as x86 is */
}

/* Tables, one a level from `level` down to `last`, whose entries 0 lead to one another. Returns
 * the last one. */
static paddr_t put_chain(struct image *image, const struct paging_format *f, paddr_t table, unsigned level,
                         unsigned last) {
    for (; level > last; level--, table += 4096) put_entry(image, f, table, 0, (table + 4096) | P | RW | US | A);
    return table;
}

/* The program as it lies in memory, in entry 0 of every root. A and D stand in it already, so
 * that its use changes nothing. */
static void put_own_map(struct image *image, const struct plan *p) {
    const struct paging_format *f = p->tree[0].format;
    paddr_t table = put_chain(image, f, X86_OWN_MAP, f->levels - 2, 0);
    for (uint32_t i = 0; i < 4096 / f->pte_bytes; i++) {
        uint32_t page = i << PAGE_SHIFT;
        put_entry(image, f, table, i, page | P | RW | A | D | (page == X86_USER_STUBS ? US : 0));
    }
    for (size_t t = 0; t < p->trees; t++) put_entry(image, f, p->tree[t].table[0].at, 0, X86_OWN_MAP | P | RW | US | A);
}

/* All memory, in huge pages of level 1. */
static void put_home_map(struct image *image, const struct paging_format *f) {
    paddr_t table = put_chain(image, f, X86_HOME_MAP, f->levels - 1, 1);
    uint32_t size = f->pte_bytes == 4 ? 0x400000 : 0x200000;
    for (uint32_t home = 0, i = 0; home < X86_MEMORY + X86_BANKS * X86_BANK_BYTES; home += size, i++) {
        paddr_t pa = physical(home);
        if (f->pte_bytes == 4) pa = (pa & 0xffc00000) | (pa >> (32 - 13) & 0x1fe000);
        put_entry(image, f, table, i, pa | P | RW | A | D | PS);
    }
}

/* Flat segments of both privilege levels, and one task state, which says where the stack of
 * level 0 is. Intel SDM, volume 3A, chapters "Protected-Mode Memory Management", "Task Management".
 *
 *   63      56 55 52 51       48 47    40 39       16 15         0
 *  +----------+-----+-----------+--------+-----------+------------+
 *  |base 31-24|flags|limit 19-16| access | base 23-0 | limit 15-0 |
 *  +----------+-----+-----------+--------+-----------+------------+ */
static void put_segments(struct image *image, bool wide) {
    const uint64_t long_code = UINT64_C(0xa) << 52, short_code = UINT64_C(0xc) << 52; /* 4 KiB units; 64 or 32 bits */
    const uint64_t code = (wide ? long_code : short_code) | UINT64_C(0x000f9b000000ffff);
    const uint64_t data = short_code | UINT64_C(0x000f93000000ffff), level3 = UINT64_C(3) << 45;
    const uint64_t task = UINT64_C(0x0000890000000067) | (uint64_t)X86_TASK << 16;
    const uint64_t gdt[] = {0, code, data, code | level3, data | level3, task, 0};
    const uint32_t stack[] = {X86_STACK_TOP, wide ? 0 : SELECT_DATA}; /* RSP0; ESP0 and SS0 */
    put(image, X86_GDT, gdt, sizeof gdt);
    put(image, X86_TASK + 4, stack, sizeof stack);
}

/* Gates of 8 bytes, or 16: handler's offset 15-0, selector, type, offset 31-16 (63-32, 0). */
static void put_gates(struct image *image, bool wide, const struct x86_traps *traps) {
    const struct {
        uint32_t vector, handler;
    } gates[] = {{TRAP_UD, traps->ud}, {TRAP_GP, traps->gp}, {TRAP_PF, traps->pf}};
    for (size_t i = 0; i < sizeof gates / sizeof *gates; i++) {
        uint32_t at = gates[i].handler;
        uint64_t gate = (at & 0xffff) | SELECT_CODE << 16 | UINT64_C(0x8e00) << 32 | (uint64_t)(at >> 16) << 48;
        put(image, X86_IDT + gates[i].vector * (wide ? 16 : 8), &gate, sizeof gate);
    }
}

/* What lgdt and lidt read: a limit of 16 bits, and the address. */
static void put_place(struct image *image, paddr_t at, uint16_t limit, uint32_t table) {
    put(image, at, &limit, sizeof limit);
    put(image, at + 2, &table, sizeof table);
}

static void put_stubs(struct image *image) {
    static const uint8_t load[] = {0x8b, 0x03, 0x0f, 0x0b};  /* mov eax, [bx]; ud2 */
    static const uint8_t store[] = {0x89, 0x03, 0x0f, 0x0b}; /* mov [bx], eax; ud2 */
    const paddr_t page[] = {X86_STUBS, X86_USER_STUBS};
    for (size_t i = 0; i < 2; i++) {
        put(image, page[i] + X86_LOAD, load, sizeof load);
        put(image, page[i] + X86_STORE, store, sizeof store);
    }
}

/* ---- requests ---- */

static struct x86_request request_of(const struct access *a) {
    static const uint32_t stubs[] = {X86_STUBS, X86_USER_STUBS};
    const struct variant *v = variant_of(a->tree->format);
    return (struct x86_request){
        .cr0 = CR0_PE | CR0_PG | (a->mode & MODE_WP ? CR0_WP : 0),
        .cr3 = a->root,
        .cr4 = v->cr4 | (a->mode & MODE_SMEP ? CR4_SMEP : 0) | (a->mode & MODE_SMAP ? CR4_SMAP : 0),
        .efer = v->efer,
        .ss = a->user ? SELECT_USER_DATA : SELECT_DATA,
        .sp = X86_STACK_TOP,
        .flags = FLAGS_ALWAYS | (a->mode & MODE_AC ? FLAGS_AC : 0),
        .cs = a->user ? SELECT_USER_CODE : SELECT_CODE,
        .ip = a->op == ACCESS_FETCH ? a->va : stubs[a->user] + (a->op == ACCESS_WRITE ? X86_STORE : X86_LOAD),
        .va = a->va,
        .value = a->op == ACCESS_WRITE ? a->value : 0};
}

static void put_requests(struct image *image, const struct plan *p, const size_t first[TREES_MAX + 1]) {
    for (size_t i = 0; i < p->accesses; i++) {
        size_t t = (size_t)(p->access[i].tree - p->tree);
        struct x86_request r = request_of(&p->access[i]);
        r.watched = x86_arch.watched + first[t] * sizeof(struct watched);
        r.watch_count = first[t + 1] - first[t];
        put(image, X86_REQUESTS + i * sizeof r, &r, sizeof r);
    }
}

static bool put_program(struct image *image, bool wide) {
    const uint32_t magic = 0x1badb002, has_addresses = 0x10000;
    const uint32_t multiboot[] = {magic, has_addresses, -(magic + has_addresses), X86_BASE, X86_BASE, 0, 0, X86_CODE};
    uint8_t code[X86_HEADER - X86_CODE];
    struct x86_traps traps;
    size_t bytes = x86_program(wide, code, sizeof code, &traps);
    put(image, X86_BASE, multiboot, sizeof multiboot);
    put(image, X86_CODE, code, bytes);
    put_gates(image, wide, &traps);
    return bytes > 0;
}

static bool fill(struct image *image, const struct machine *m, const struct plan *p,
                 const size_t first[TREES_MAX + 1]) {
    const struct paging_format *f = p->tree[0].format;
    const struct variant *v = variant_of(f); /* the first has CR4.PSE, for the home map */
    struct x86_header header = {.requests = p->accesses, .targets = TARGETS, .watched = first[p->trees],
                                .top_digit = m->wide ? 60 : 28, .cr0 = CR0_PE | CR0_PG | CR0_WP,
                                .cr3 = X86_HOME_MAP, .cr4 = v->cr4, .efer = v->efer};
    put(image, X86_HEADER, &header, sizeof header);
    for (size_t i = 0; i < TARGETS; i++) {
        uint64_t home = probe_address(p->target[i]);
        put(image, X86_TARGETS + i * sizeof home, &home, sizeof home);
    }
    put_segments(image, m->wide);
    put_place(image, X86_GDT_PLACE, X86_TASK - X86_GDT - 1, X86_GDT);
    put_place(image, X86_IDT_PLACE, X86_GDT_PLACE - X86_IDT - 1, X86_IDT);
    put_stubs(image);
    put_own_map(image, p);
    put_home_map(image, f);
    put_requests(image, p, first);
    return put_program(image, m->wide);
}

/* ---- QEMU ---- */

/* Memory above 4 GiB comes as modules, each at an address of our choice. */
static void command(const struct machine *m, const char *image_path, char *out, size_t room) {
    size_t n = (size_t)snprintf(
        out, room,
        "exec timeout " MACHINE_SECONDS " %s -machine pc -cpu %s -m 128M,slots=%d,maxmem=800G -nodefaults -no-reboot "
        "-display none -debugcon stdio -device isa-debug-exit,iobase=0xf4 -kernel %s",
        m->program, m->cpu, X86_BANKS, image_path);
    for (unsigned i = 0; i < X86_BANKS && n < room; i++)
        n += (size_t)snprintf(out + n, room - n,
                              " -object memory-backend-ram,id=bank%u,size=4M"
                              " -device pc-dimm,memdev=bank%u,addr=0x%llx", i, i, (unsigned long long)x86_bank(i));
    if (n < room) snprintf(out + n, room - n, " < /dev/null");
}

/* ---- outcomes ---- */

/* Every access ends in a trap; EAX is 0 before one that does not store. */
static uint32_t eax_before(const struct access *a) { return a->op == ACCESS_WRITE ? a->value : 0; }

static void done(const struct access *a, uint32_t word, struct outcome *o) {
    o->cause = TRAP_UD << 8;
    o->value = a->op == ACCESS_READ ? word : a->op == ACCESS_FETCH ? x86_eax_after_fetch(word) : eax_before(a);
}

/* CR2 is 0 before each access; #GP leaves it. */
static void trapped(const struct access *a, const struct walk *w, const struct paging_format *f, struct outcome *o) {
    struct hw_report report = walk_report(w, f);
    bool page_fault = strcmp(report.class, "#PF") == 0;
    o->cause = (page_fault ? TRAP_PF << 8u : TRAP_GP << 8u) | report.code;
    o->tval = page_fault ? a->va : 0;
    o->value = eax_before(a);
}

static const struct mode_name modes[] = {
    {MODE_WP, "WP"}, {MODE_SMEP, "SMEP"}, {MODE_SMAP, "SMAP"}, {MODE_AC, "AC"}, {0, NULL}};

const struct arch x86_arch = {
    .package = "qemu-system-x86", .entries = &x86_entries, .format = format, .base = X86_BASE,
    .watched = X86_WATCHED, .shadows = X86_SHADOWS, .fill = fill, .command = command, .status = 3,
    .probe_address = probe_address, .physical = physical, .done = done, .trapped = trapped,
    .accessed = A, .modes = modes};
