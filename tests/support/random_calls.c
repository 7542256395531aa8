/* random_calls.c - see random_calls.h. The machine comes first, then the layout, then the steps. */
#include "random_calls.h"

#include "vmscope/base/text.h"

#include <string.h>

/* Pages of the layout and of where mmap is asked to map. */
enum { DATA = 0x1000, TEXT = DATA + 4, HEAP = DATA + 8, AREA = DATA + 40, AREA_PAGES = 24, SHARED_PAGES = 6, HUGE = DATA + 0x80, HUGE_PAGES = 8, STACK = DATA + 0xa0 };

const struct call_dimension call_dimension[DIMS] = {
#define X(id, name, ...) [DIM_##id] = {name, {__VA_ARGS__}},
    CALL_DIMENSIONS(X)
#undef X
};

const char *call_class_name(enum call_dim d, unsigned c) {
    if (d != DIM_POLICY) return call_dimension[d].class[c];
    const struct policy_ops *ops = policy_of_number(c);
    return ops ? ops->name : NULL;
}

enum format { F_SV32, F_SV39, F_SV48, F_SV57, F_X86_32, F_X86_64, F_LA57, F_AARCH64, F_TOY, F_BARE, F_INVERTED };

/* What cannot be one machine: class c of d with class o of other; ANY: whichever but 0. */
enum { ANY = 255 };
static const struct {
    uint8_t d, c, other, o;
} exclusive[] = {
    {DIM_MARKS, 1, DIM_SCOPE, ANY},           {DIM_PROFILE, 1, DIM_FORMAT, F_INVERTED}, {DIM_TABLES, 1, DIM_FORMAT, F_INVERTED},
    {DIM_TABLES, 1, DIM_HUGE, 1},             {DIM_KERNEL, 1, DIM_FORMAT, F_INVERTED},  {DIM_FORKED, 1, DIM_FORMAT, F_INVERTED},
    {DIM_SHARED, 1, DIM_FORMAT, F_INVERTED},  {DIM_BITS, 1, DIM_FORMAT, F_BARE},        {DIM_BITS, 1, DIM_FORMAT, F_X86_32},
    {DIM_BITS, 1, DIM_FORMAT, F_X86_64},      {DIM_BITS, 1, DIM_FORMAT, F_LA57},        {DIM_TLB, 2, DIM_UNITS, ANY},
    {DIM_TLB, 2, DIM_REFILL, 1},
};

static bool matches(unsigned class, unsigned wanted) { return wanted == ANY ? class > 0 : class == wanted; }

bool call_classes_meet(enum call_dim d, unsigned c, enum call_dim other, unsigned o) {
    bool huge = (d == DIM_HUGE && c == 1 && other == DIM_FORMAT) || (other == DIM_HUGE && o == 1 && d == DIM_FORMAT);
    unsigned format = d == DIM_FORMAT ? c : o;
    if (huge && format != F_TOY && format != F_BARE) return false;
    for (size_t i = 0; i < sizeof exclusive / sizeof *exclusive; i++) {
        bool one = exclusive[i].d == d && exclusive[i].other == other && matches(c, exclusive[i].c) && matches(o, exclusive[i].o);
        bool two = exclusive[i].d == other && exclusive[i].other == d && matches(o, exclusive[i].c) && matches(c, exclusive[i].o);
        if (one || two) return false;
    }
    return true;
}

/* ---- a random machine ---- */

static uint32_t below(struct call_program *p, uint32_t n) { return rng_below(&p->rng, n); }

static unsigned classes(enum call_dim d) {
    unsigned n = 0;
    while (call_class_name(d, n)) n++;
    return n;
}

/* A class of each dimension that goes together with those before; class 0 goes with all. */
static void draw_classes(struct call_program *p) {
    static const uint8_t order[] = {DIM_POLICY, DIM_FORMAT, DIM_SCOPE, DIM_SWAP, DIM_PRESSURE, DIM_HUGE, DIM_TABLES, DIM_PROFILE, DIM_MARKS, DIM_TLB,
                                    DIM_UNITS, DIM_REFILL, DIM_BITS, DIM_LAZY, DIM_LOAD_R, DIM_KERNEL, DIM_STARTERS, DIM_CONTROL, DIM_REGIONS};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        enum call_dim d = (enum call_dim)order[i];
        bool even = d <= DIM_SCOPE || d == DIM_FORMAT || d == DIM_PROFILE || d == DIM_HUGE || below(p, 2);
        unsigned c = even ? below(p, classes(d)) : 0;
        for (size_t j = 0; j < i; j++)
            if (!call_classes_meet(d, c, (enum call_dim)order[j], p->class[order[j]])) c = 0;
        p->class[d] = (uint8_t)c;
    }
}

static struct paging_format draw_format(const struct call_program *p) {
    unsigned c = p->class[DIM_FORMAT];
    bool toy = c == F_TOY || c == F_BARE;
    struct paging_format f = *paging_by_name(toy ? "custom" : call_class_name(DIM_FORMAT, c));
    if (toy) {
        const uint8_t bits[4] = {2, 4, 4, 4}; /* pages of 256 bytes; every table fits one */
        f.levels = 4;
        f.page_shift = 8;
        f.pfn_bit = 8;
        f.pfn_bits = 24;
        f.leaf_levels = 0xf;
        memcpy(f.index_bits, bits, sizeof bits);
    }
    if (c == F_BARE) f.flag_bit[PTE_A] = f.flag_bit[PTE_D] = -1;
    if (p->class[DIM_BITS]) f.hardware_ad = false;
    return f;
}

static uint32_t starters(const struct call_program *p) { return 1 + p->class[DIM_STARTERS]; }

static void draw_memory(struct call_program *p, struct machine_config *c) {
    static const uint32_t room[] = {3, 8, 24};
    uint32_t tables = c->format.levels * (starters(p) + p->class[DIM_KERNEL]) + 4;
    c->tables_in_frames = p->class[DIM_TABLES];
    c->frames = (c->tables_in_frames ? tables : 0) + starters(p) + 1 + below(p, room[p->class[DIM_PRESSURE]]);
    if (p->class[DIM_PRESSURE]) c->frames += room[p->class[DIM_PRESSURE] - 1];
    c->swap_slots = p->class[DIM_SWAP] == 0 ? SWAP_UNLIMITED : p->class[DIM_SWAP] == 1 ? 1 + below(p, 30) : 0;
    c->scope = p->class[DIM_SCOPE] ? SCOPE_LOCAL : SCOPE_GLOBAL;
    c->allocation = p->class[DIM_SCOPE] == 3 ? ALLOCATION_PROPORTIONAL : ALLOCATION_EQUAL;
    if (!p->class[DIM_MARKS]) return;
    c->free_low = 1 + below(p, c->frames / 2);
    c->free_high = c->free_low + below(p, c->frames - c->free_low);
}

static void draw_kernel(struct call_program *p, struct machine_config *c) {
    c->profile = p->class[DIM_PROFILE] ? PROFILE_LINUX : PROFILE_TEXTBOOK;
    c->regions_max = p->class[DIM_REGIONS] ? 4 + below(p, 6) : REGIONS_MAX;
    c->guard_pages = below(p, 3);
    c->working_set_window = p->class[DIM_CONTROL] ? 1 + below(p, 20) : 0;
    c->load_control = p->class[DIM_CONTROL] == 2;
    c->lazy_clear = p->class[DIM_LAZY];
    c->policy.name = call_class_name(DIM_POLICY, p->class[DIM_POLICY]);
    c->policy.frames = c->frames;
    c->policy.load_referenced = p->class[DIM_LOAD_R] == 0;
    c->seed = below(p, 100);
}

static struct tlb_config draw_unit(struct call_program *p, uint32_t most) {
    static const enum tlb_replacement how[] = {TLB_LRU, TLB_FIFO, TLB_PLRU, TLB_RANDOM};
    uint32_t ways = 1u << below(p, 3);
    return (struct tlb_config){.entries = ways * (1 + below(p, most)), .ways = ways, .replacement = how[below(p, 4)],
                               .asid = p->class[DIM_TLB] == 0, .seed = 1};
}

static void draw_tlb(struct call_program *p, struct machine_config *c) {
    unsigned units = p->class[DIM_UNITS];
    c->tlb = (struct tlb_config){.entries = 0, .asid = p->class[DIM_FORMAT] == F_INVERTED};
    if (p->class[DIM_TLB] == 2) return;
    c->tlb = draw_unit(p, 3);
    if (units == 1) c->tlb_fetch = draw_unit(p, 2);
    if (units >= 2) c->tlb_second = draw_unit(p, 6);
    c->tlb_inclusive = units == 3;
    c->software_refill = p->class[DIM_REFILL];
}

/* ---- layouts ---- */

static struct region_config region(enum vma_kind kind, vpn_t first, vpn_t pages, unsigned perms) {
    bool file = kind == VMA_DATA || kind == VMA_TEXT;
    struct region_config r = {.kind = kind, .backing = file ? BACKING_FILE : BACKING_ANON, .perms = perms, .first = first,
                              .pages = pages, .limit = pages, .file_page = kind == VMA_TEXT ? 4 : 0};
    struct text t = text_in(r.name, sizeof r.name);
    text_add(&t, vma_kind_name[kind]);
    return r;
}

static void lay_out(struct call_program *p, struct process_config *to, unsigned i, const char *name, const char *program) {
    const struct paging_format *f = &p->config.format;
    struct region_config *r = p->region[i];
    size_t n = 0;
    r[n++] = region(VMA_DATA, DATA, 4, PERM_R | PERM_W);
    r[n++] = region(VMA_TEXT, TEXT, 2, PERM_R | PERM_X);
    r[n++] = region(VMA_HEAP, HEAP, 3 + i, PERM_R | PERM_W);
    if (p->class[DIM_HUGE]) {
        r[n] = region(VMA_BSS, HUGE, HUGE_PAGES, PERM_R | PERM_W);
        r[n++].order = 2;
    }
    r[n] = region(VMA_STACK, STACK, 1, PERM_R | PERM_W);
    r[n++].limit = 4;
    vpn_t half = (vpn_t)1 << (paging_va_bits(f) - 1 - f->page_shift); /* kernel space is the upper one */
    if (p->class[DIM_KERNEL]) r[n++] = region(VMA_KERNEL, paging_last_vpn(f) + 1 - half, half, PERM_R | PERM_W);
    *to = (struct process_config){.regions = r, .region_count = n};
    struct text t = text_in(to->name, sizeof to->name), u = text_in(to->program, sizeof to->program);
    text_add(&t, name);
    text_add(&u, program);
}

static void draw_processes(struct call_program *p) {
    struct machine_config *c = &p->config;
    lay_out(p, &p->process[0], 0, "A", "prog");
    lay_out(p, &p->process[1], 0, "P", "prog");
    lay_out(p, &p->image, 2, "other", "other");
    c->processes = p->process;
    c->process_count = starters(p);
    c->images = &p->image;
    c->image_count = 1;
    c->forks = p->fork;
    c->fork_count = CALL_PROCESSES - c->process_count;
    for (unsigned i = 0; i < c->fork_count; i++) p->fork[i].name[0] = (char)('B' + i);
    for (unsigned i = 0; i < CALL_NAMES; i++) p->name[i][0] = (char)('u' + i);
    c->names = p->name;
    c->name_count = CALL_NAMES;
    c->calls = p->call;
    if (p->class[DIM_SCOPE] != 2) return;
    p->process[0].frames = 1 + below(p, c->frames / 2);
    p->process[1].frames = 1 + below(p, c->frames / 2);
}

/* ---- a random program ---- */

static vaddr_t page_at(const struct call_program *p, vpn_t vpn) { return vpn_to_va(vpn, p->shift); }

static unsigned draw_perms(struct call_program *p) {
    static const unsigned perms[] = {PERM_R | PERM_W, PERM_R | PERM_W, PERM_R, 0, PERM_R | PERM_X};
    return perms[below(p, p->theme == THEME_SHARES ? 3 : 5)];
}

static vpn_t draw_page(struct call_program *p) {
    uint32_t where = p->theme == THEME_FIGHTS ? 9 : below(p, 12);
    if (p->theme == THEME_SHARES && where) return AREA + below(p, SHARED_PAGES);
    if (p->class[DIM_HUGE] && where == 0) return HUGE + below(p, HUGE_PAGES);
    if (where < 2) return STACK - below(p, 6);
    if (where < 4) return DATA + below(p, 6);
    return where > 7 ? HEAP + below(p, p->theme == THEME_FIGHTS ? 4 : 8) : AREA + below(p, AREA_PAGES);
}

/* An address in the fixed areas, or in a mapping by its name. */
static void draw_place(struct call_program *p, struct step *s) {
    s->va = page_at(p, draw_page(p));
    if (p->theme || below(p, 3)) return;
    s->name = (uint16_t)(1 + below(p, CALL_NAMES));
    s->va = page_at(p, below(p, 6));
}

static void draw_mmap(struct call_program *p, struct call_config *call, struct step *s) {
    bool file = below(p, 3) == 0 || (p->theme == THEME_SHARES && below(p, 2)), shared = below(p, 3) == 0 || p->theme == THEME_SHARES;
    call->name = (uint16_t)(1 + below(p, CALL_NAMES));
    call->length = page_at(p, 1 + below(p, 8)) - (below(p, 4) == 0 ? 100 : 0);
    call->perms = (uint8_t)draw_perms(p);
    call->flags = (uint8_t)((shared ? CALL_SHARED : 0) | (below(p, 4) == 0 ? CALL_POPULATE : 0) | (file && below(p, 3) == 0 ? CALL_CACHED : 0));
    if (file) call->file[0] = (char)('f' + below(p, 2));
    call->file_page = file ? below(p, 4) : 0;
    *s = (struct step){.kind = STEP_CALL, .proc = s->proc, .value = s->value};
    if (p->theme != THEME_SHARES && below(p, 3) == 0) return;
    call->flags |= CALL_FIXED;
    bool below_stack = below(p, 12) == 0;
    if (p->theme == THEME_SHARES) s->va = page_at(p, AREA + below(p, 3));
    if (p->theme == THEME_SHARES) return;
    s->va = page_at(p, below_stack ? STACK - 1 - below(p, 6) : AREA + below(p, AREA_PAGES));
}

static void draw_call(struct call_program *p, struct step *s) {
    struct call_config *call = &p->call[p->config.call_count];
    *call = (struct call_config){.kind = (uint8_t)below(p, CALL_KINDS)};
    *s = (struct step){.kind = STEP_CALL, .proc = s->proc, .value = p->config.call_count++};
    if ((call->kind == CALL_EXEC && below(p, 3)) || p->theme == THEME_SHARES) call->kind = CALL_MMAP;
    if (call->kind == CALL_MMAP) {
        draw_mmap(p, call, s);
        return;
    }
    draw_place(p, s);
    call->image = (uint16_t)below(p, starters(p) + 1);
    call->perms = (uint8_t)draw_perms(p);
    call->advice = (uint8_t)below(p, ADVICES);
    if (below(p, 3)) call->length = page_at(p, 1 + below(p, 6));
    if (call->kind == CALL_MREMAP) call->length = page_at(p, 1 + below(p, 10));
    if (call->kind != CALL_BRK) return;
    s->name = 0;
    s->va = page_at(p, HEAP + below(p, 12)) + below(p, 2) * 100;
    if (call->length && below(p, 2)) call->flags = CALL_DOWN;
}

/* The first or last bytes of a page, sometimes across its end. */
static uint64_t draw_offset(struct call_program *p, unsigned size) {
    uint64_t page = (uint64_t)1 << p->shift;
    if (below(p, 8) == 0) return page - 1 - below(p, 8);
    return (below(p, 2) ? 0 : page - 16) + below(p, 16 / size) * size;
}

static void draw_access(struct call_program *p, struct step *s) {
    static const uint8_t sizes[] = {8, 8, 8, 4, 2, 1};
    *s = (struct step){.kind = STEP_ACCESS, .proc = s->proc, .size = sizes[below(p, 6)], .op = ACCESS_READ};
    draw_place(p, s);
    s->va += draw_offset(p, s->size);
    if (below(p, 10) == 0) s->flags = STEP_AUTOMAP;
    uint32_t op = below(p, 12);
    if (op < 6) return;
    if (op == 6 && paging_has(&p->config.format, PTE_X)) s->op = ACCESS_FETCH;
    if (op <= 6) return;
    s->op = ACCESS_WRITE;
    s->flags |= STEP_HAS_VALUE;
    s->value = rng_next(&p->rng);
}

static void draw_other(struct call_program *p, struct step *s, uint32_t kind) {
    static const enum step_kind kinds[] = {STEP_EXIT, STEP_SUSPEND, STEP_RESUME, STEP_SWITCH, STEP_TLB_FLUSH, STEP_SET_POLICY};
    proc_t who = s->proc;
    *s = (struct step){.kind = (uint8_t)kinds[kind], .proc = who};
    if (s->kind != STEP_EXIT && s->kind != STEP_TLB_FLUSH) s->proc = (proc_t)below(p, CALL_PROCESSES);
    if (s->kind == STEP_TLB_FLUSH) s->va = page_at(p, draw_page(p));
    if (s->kind == STEP_TLB_FLUSH) s->value = below(p, FLUSH_SCOPES);
    if (s->kind != STEP_SET_POLICY) return;
    s->proc = PROC_NONE;
    s->value = below(p, classes(DIM_POLICY));
}

static void draw_step(struct call_program *p, struct step *s) {
    bool begins = s - p->step < 2 && p->theme == THEME_SHARES; /* with a mapping, before the first fork */
    uint32_t kind = begins ? 18 : below(p, 44);
    if (p->theme && kind >= 3 && kind < 18) kind = 43;
    *s = (struct step){.proc = below(p, 3) ? PROC_NONE : (proc_t)below(p, CALL_PROCESSES)};
    if (kind < 3) {
        uint32_t first = starters(p);
        *s = (struct step){.kind = STEP_FORK, .proc = s->proc, .value = first + below(p, CALL_PROCESSES - first)};
    } else if (kind < 6) {
        draw_other(p, s, kind - 3);
    } else if (kind == 6) {
        draw_other(p, s, 3 + below(p, 3));
    } else if (kind < 19) {
        draw_call(p, s);
    } else {
        draw_access(p, s);
    }
}

void call_program(struct call_program *p, uint64_t seed) {
    *p = (struct call_program){.rng = {seed}};
    machine_config_default(&p->config);
    draw_classes(p);
    p->config.format = draw_format(p);
    p->shift = p->config.format.page_shift;
    p->theme = (enum call_theme)(below(p, 2) ? below(p, 3) : 0);
    draw_memory(p, &p->config);
    draw_kernel(p, &p->config);
    draw_tlb(p, &p->config);
    draw_processes(p);
    for (p->count = 0; p->count < CALL_STEPS; p->count++) draw_step(p, &p->step[p->count]);
}
