/* random_scenario.c - see random_scenario.h.
 *
 * Order matters: the format first, because it says how many pages there are;
 * then frames and page-table room (redrawn until machine_config_check agrees);
 * then regions, then steps.
 */
#include "random_scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static uint32_t below(struct random_scenario *s, uint32_t n) { return rng_below(&s->rng, n); }
static bool one_in(struct random_scenario *s, uint32_t n) { return below(s, n) == 0; }

/* ---- the format ---- */

static void place_flag(struct paging_format *f, enum pte_flag flag, unsigned *bit) {
    f->flag_bit[flag] = (int8_t)(*bit)++;
}

/* Valid bit and PFN, and as many other flags as there is room for and the draw says. */
static void draw_pte(struct random_scenario *s, struct paging_format *f) {
    unsigned width = f->pte_bytes * 8, bit = 0;
    for (int flag = 0; flag < PTE_FLAGS; flag++) f->flag_bit[flag] = -1;
    place_flag(f, PTE_V, &bit);
    if (f->pte_bytes > 1) {
        bool perms = !one_in(s, 3);
        for (int flag = PTE_R; perms && flag <= PTE_X; flag++) place_flag(f, (enum pte_flag)flag, &bit);
        if (perms && one_in(s, 2)) place_flag(f, PTE_U, &bit);
        if (perms && one_in(s, 3)) place_flag(f, PTE_G, &bit);
        if (one_in(s, 2)) place_flag(f, PTE_A, &bit);
        if (one_in(s, 2)) place_flag(f, PTE_D, &bit);
    }
    f->pfn_bit = bit;
    f->pfn_bits = width - bit < 24 ? width - bit : 24;
}

static void draw_custom(struct random_scenario *s, struct paging_format *f, unsigned levels) {
    static const unsigned pte_bytes[] = {1, 2, 4, 8};
    f->levels = levels;
    f->page_shift = 4 + below(s, 9);
    f->pte_bytes = pte_bytes[below(s, 4)];
    for (unsigned l = 0; l < levels; l++)
        f->index_bits[l] = (uint8_t)(levels == 1 ? 5 + below(s, 3) : 2 + below(s, 3));
    while (paging_va_bits(f) - f->page_shift < 5) f->index_bits[0]++;
    draw_pte(s, f);
}

/* A tree whose leaves may stand above the last level: huge pages of a few pages. */
static void draw_huge(struct random_scenario *s, struct paging_format *f) {
    f->levels = 2 + below(s, 2);
    f->page_shift = 4 + below(s, 5);
    f->pte_bytes = one_in(s, 2) ? 4 : 8;
    for (unsigned l = 0; l < f->levels; l++)
        f->index_bits[l] = (uint8_t)(l ? 3 + below(s, 2) : 1 + below(s, 3));
    f->leaf_levels = (uint8_t)(1 + 2 * (1 + below(s, 2)) + (f->levels > 2 && one_in(s, 2) ? 4 : 0));
    f->leaf_levels &= (uint8_t)low_bits(f->levels);
    f->leaf_levels |= 2;
    do draw_pte(s, f);
    while (f->flag_bit[PTE_R] < 0);
}

static const char *const real[] = {"sv39",   "sv48",        "sv57",    "x86-32",
                                   "x86-64", "x86-64-la57", "aarch64", "inverted"};

static void draw_format(struct random_scenario *s) {
    struct paging_format *f = &s->config.format;
    unsigned kind = below(s, 10);
    const char *name = kind == 0 ? "sv32" : kind == 1 ? "linear" : kind < 8 ? "custom" : real[below(s, 8)];
    *f = *paging_by_name(name);
    if (kind == 7)
        draw_huge(s, f);
    else if (kind && kind < 7)
        draw_custom(s, f, kind == 1 ? 1 : 1 + below(s, 4));
    bool has_bits = paging_has(f, PTE_A) || paging_has(f, PTE_D), x86 = strncmp(name, "x86", 3) == 0;
    if (has_bits && !x86) f->hardware_ad = !one_in(s, 3); /* every x86 sets A and D */
}

/* Control bits of the processor, those that the architecture has. */
static void draw_mode(struct random_scenario *s) {
    const char *name = s->config.format.name;
    uint8_t *mode = &s->config.mode;
    if (strncmp(name, "sv", 2) == 0)
        *mode = (uint8_t)((one_in(s, 2) ? MODE_SUM : 0) | (one_in(s, 3) ? MODE_MXR : 0));
    if (strncmp(name, "x86", 3) == 0)
        *mode = (uint8_t)((one_in(s, 4) ? 0 : MODE_WP) | (one_in(s, 2) ? MODE_SMEP : 0) |
                          (one_in(s, 2) ? MODE_SMAP : 0) | (one_in(s, 3) ? MODE_AC : 0));
}

/* ---- the machine ---- */

static struct tlb_config draw_unit(struct random_scenario *s, bool none_too) {
    static const uint32_t shape[][2] = {{0, 1}, {1, 1}, {2, 1}, {2, 2}, {4, 1},
                                        {4, 2}, {4, 4}, {8, 2}, {8, 8}, {16, 4}};
    uint32_t shapes = sizeof shape / sizeof *shape,
             i = none_too ? below(s, shapes) : 1 + below(s, shapes - 1);
    return (struct tlb_config){.entries = shape[i][0],
                               .ways = shape[i][1],
                               .replacement = (enum tlb_replacement)below(s, TLB_REPLACEMENTS),
                               .asid = s->config.tlb.asid,
                               .seed = s->seed};
}

static void draw_tlb(struct random_scenario *s) {
    struct machine_config *c = &s->config;
    c->tlb.asid = one_in(s, 2);
    c->tlb_fetch = c->tlb_second = (struct tlb_config){.ways = 1};
    c->tlb = draw_unit(s, true);
    if (!c->tlb.entries) return;
    if (one_in(s, 4)) c->tlb_fetch = draw_unit(s, false);
    if (one_in(s, 4)) c->tlb_second = draw_unit(s, false);
    c->tlb_inclusive = c->tlb_second.entries && one_in(s, 2);
    c->software_refill = one_in(s, 5);
}

static void draw_policy(struct random_scenario *s, const char *policy) {
    struct machine_config *c = &s->config;
    unsigned policies = 0;
    while (policy_table[policies]) policies++;
    const struct policy_ops *ops = policy ? policy_by_name(policy) : policy_table[below(s, policies)];
    c->policy.name = ops->name;
    c->policy.load_referenced = !ops->uses_reference_bit || !one_in(s, 4);
    c->policy.tick = 1 + below(s, 12);
    c->policy.bits = 1 + below(s, 9);
    c->policy.tau = 1 + below(s, 16);
    c->policy.k = 1 + below(s, POLICY_K_MAX / 2);
    c->policy.seed = s->seed;
    c->policy.frames = c->frames;
    c->lazy_clear = (s->flags & RS_WILD) && one_in(s, 3);
    c->never_invalidates = (s->flags & RS_WILD) && one_in(s, 8);
}

static void draw_scope(struct random_scenario *s) {
    struct machine_config *c = &s->config;
    c->scope = !(s->flags & RS_REFERENCES) && c->frames >= 2 * c->process_count && one_in(s, 4)
                   ? SCOPE_LOCAL
                   : SCOPE_GLOBAL;
    for (size_t p = 0; c->scope == SCOPE_LOCAL && p < c->process_count; p++)
        s->process[p].frames = one_in(s, 2) ? 1 + below(s, c->frames / (uint32_t)c->process_count) : 0;
}

static void draw_machine(struct random_scenario *s, const char *policy) {
    struct machine_config *c = &s->config;
    machine_config_default(c);
    draw_format(s);
    draw_mode(s);
    c->frames = 1 + below(s, 12);
    if (strcmp(c->format.name, "custom") == 0 && c->format.leaf_levels > 1) c->frames += below(s, 30);
    c->swap_slots = (s->flags & RS_CALM) || one_in(s, 2) ? SWAP_UNLIMITED : below(s, 8);
    c->seed = s->seed;
    c->process_count = s->flags & RS_REFERENCES ? 1 : 1 + below(s, RS_PROCESSES);
    c->processes = s->process;
    draw_tlb(s);
    draw_policy(s, policy);
    draw_scope(s);
    if (paging_has(&c->format, PTE_U) && c->format.shape == SHAPE_TREE && one_in(s, 3))
        s->kernel_pages = 2 + below(s, 4);
}

/* ---- regions ---- */

static void add_region(struct random_scenario *s, size_t p, struct region_config r, const char *name) {
    struct process_config *c = &s->process[p];
    snprintf(r.name, sizeof r.name, "%s", name);
    if (!r.limit) r.limit = r.pages;
    s->region[p][c->region_count++] = r;
}

/* log2 of the pages of a huge page for a region, or 0. */
static unsigned draw_order(struct random_scenario *s) {
    const struct paging_format *f = &s->config.format;
    unsigned level = f->shape == SHAPE_TREE && f->leaf_levels > 1 ? 1 + below(s, f->levels - 1) : 0;
    bool real_size =
        level && f->index_bits[0] > 4; /* hundreds of pages: never frames enough, and slow to check */
    if (!(f->leaf_levels >> level & 1) || (real_size && (level > 1 || !one_in(s, 4)))) return 0;
    return paging_leaf_order(f, level);
}

/* Space for huge pages, if there is room below `top`. */
static void draw_huge_region(struct random_scenario *s, size_t p, vpn_t at, vpn_t top) {
    unsigned order = draw_order(s);
    vpn_t size = (vpn_t)1 << order, first = (at + size - 1) & ~(size - 1),
          pages = size * (order < 9 ? 1 + below(s, 3) : 1);
    if (order && first + pages <= top)
        add_region(s, p,
                   (struct region_config){.kind = VMA_MMAP,
                                          .backing = BACKING_ANON,
                                          .perms = PERM_RW,
                                          .first = first,
                                          .pages = pages,
                                          .order = (uint8_t)order},
                   "mmap");
}

/* Text, data and heap from the bottom (with a hole here and there), the stack below the top of what is
 * the user's, kernel space at the very end. */
static void draw_regions(struct random_scenario *s, size_t p) {
    const struct paging_format *f = &s->config.format;
    vpn_t top = (vpn_t)1 << (paging_va_bits(f) - f->page_shift - f->sign_extended), kernel = s->kernel_pages;
    vpn_t at = below(s, 3), text = 1 + below(s, 4), data = 1 + below(s, 3), heap = 1 + below(s, 6);
    unsigned code = one_in(s, 6) ? PERM_X : PERM_RX;
    add_region(s, p, (struct region_config){VMA_TEXT, BACKING_FILE, code, at, text, 0, 0, 0, ""}, "text");
    at += text + below(s, 2);
    add_region(s, p,
               (struct region_config){VMA_DATA, BACKING_FILE, PERM_RW, at, data, 0, (uint32_t)text, 0, ""},
               "data");
    at += data + below(s, 2);
    add_region(s, p, (struct region_config){VMA_HEAP, BACKING_ANON, PERM_RW, at, heap, 0, 0, 0, ""}, "heap");
    at += heap;
    vpn_t stack = 1 + below(s, 2), grow = below(s, 4), kernel_at = paging_last_vpn(f) + 1 - kernel;
    if (!f->sign_extended) top -= kernel;
    draw_huge_region(s, p, at, top - stack - grow);
    add_region(
        s, p,
        (struct region_config){VMA_STACK, BACKING_ANON, PERM_RW, top - stack, stack, stack + grow, 0, 0, ""},
        "stack");
    if (kernel)
        add_region(s, p,
                   (struct region_config){VMA_KERNEL, BACKING_ANON, PERM_RW, kernel_at, kernel, 0, 0, 0, ""},
                   "kernel");
}

static void draw_process(struct random_scenario *s, size_t p) {
    struct process_config *c = &s->process[p];
    snprintf(c->name, sizeof c->name, "%c", (char)('A' + (int)p));
    snprintf(c->program, sizeof c->program, "%s", one_in(s, 2) ? "prog" : c->name);
    c->regions = s->region[p];
    if (!(s->flags & RS_REFERENCES)) draw_regions(s, p);
}

/* ---- steps ---- */

static vpn_t draw_page(struct random_scenario *s, const struct region_config *r) {
    return r->first + below(s, (uint32_t)r->pages);
}

static enum access_kind draw_op(struct random_scenario *s, unsigned perms) {
    enum access_kind op = (enum access_kind)below(s, ACCESS_KINDS);
    bool may_be_wrong = !(s->flags & RS_CALM) && s->config.format.flag_bit[PTE_R] >= 0 && one_in(s, 20);
    while (!may_be_wrong && !(perms & access_needs(op))) op = (enum access_kind)below(s, ACCESS_KINDS);
    return op;
}

/* An address in a region; rarely below the stack, in a hole, or (wild) anywhere at all. */
static void draw_place(struct random_scenario *s, proc_t p, struct step *t) {
    const struct process_config *c = &s->process[p];
    const struct region_config *r = &s->region[p][below(s, (uint32_t)c->region_count)];
    unsigned shift = s->config.format.page_shift;
    if (r->kind == VMA_KERNEL && (s->flags & RS_CALM)) r = &s->region[p][0];
    t->op = (uint8_t)draw_op(s, r->kind == VMA_KERNEL ? PERM_R | PERM_W | PERM_X : r->perms);
    t->va = draw_page(s, r) << shift;
    if (r->kind == VMA_STACK && r->limit > r->pages && one_in(s, 6)) {
        t->va = (r->first - 1 - below(s, (uint32_t)(r->limit - r->pages))) << shift;
        t->op = (uint8_t)(one_in(s, 2) ? ACCESS_WRITE : ACCESS_READ);
    } else if (!(s->flags & RS_CALM) && one_in(s, 25)) {
        t->va = below(s, 32) << shift;
    }
    bool anywhere = one_in(s, s->flags & RS_WILD ? 40 : 100);
    if (anywhere && !(s->flags & RS_CALM)) t->va = (rng_next(&s->rng) >> below(s, 64)) >> shift << shift;
    if (!(s->flags & RS_CALM) && one_in(s, 8)) t->flags |= STEP_KERNEL;
}

/* Offset and size: mostly within the page, at times across its end. */
static void draw_extent(struct random_scenario *s, struct step *t) {
    uint32_t bytes = 1u << s->config.format.page_shift;
    vaddr_t last = low_bits(paging_va_bits(&s->config.format));
    uint32_t offset = below(s, bytes);
    t->size = (uint8_t)(1u << below(s, 4));
    if (one_in(s, 10)) offset = bytes - 1 - below(s, 3);
    bool across = offset + t->size > bytes, end = t->va + bytes > last || (t->va | (bytes - 1)) == UINT64_MAX;
    if (across && ((s->flags & RS_CALM) || end || !one_in(s, 3))) offset = bytes - t->size;
    t->va += offset;
    if (one_in(s, 15)) t->flags |= STEP_NO_SPLIT;
}

static void draw_value(struct random_scenario *s, struct step *t) {
    if (t->op != ACCESS_WRITE || one_in(s, 8)) return;
    t->flags |= STEP_HAS_VALUE;
    t->value = rng_next(&s->rng) & low_bits(8u * t->size);
}

static void draw_access(struct random_scenario *s, proc_t running, struct step *t) {
    if (s->flags & RS_REFERENCES) {
        t->va = (vaddr_t)below(s, 4 + below(s, 12)) << s->config.format.page_shift;
        t->op = (uint8_t)(one_in(s, 3) ? ACCESS_WRITE : ACCESS_READ);
        t->flags = STEP_AUTOMAP;
        t->size = 1;
    } else {
        draw_place(s, running, t);
        draw_extent(s, t);
    }
    draw_value(s, t);
}

/* All of the TLB, one address space's part, or one page. */
static void draw_flush(struct random_scenario *s, proc_t running, struct step *t) {
    t->kind = STEP_TLB_FLUSH;
    t->value = below(s, FLUSH_SCOPES);
    if (one_in(s, 2)) t->proc = (proc_t)below(s, (uint32_t)s->config.process_count);
    proc_t whose = t->proc == PROC_NONE ? running : t->proc;
    const struct process_config *c = &s->process[whose];
    if (c->region_count)
        t->va = draw_page(s, &c->regions[below(s, (uint32_t)c->region_count)]) << s->config.format.page_shift;
}

static void draw_steps(struct random_scenario *s) {
    proc_t running = 0, owner[RS_STEPS_MAX]; /* owner: whose address it is */
    s->count = 60 + below(s, 140);
    for (size_t i = 0; i < s->count; i++) {
        struct step *t = &s->step[i];
        *t = (struct step){.proc = PROC_NONE, .kind = STEP_ACCESS, .size = 1};
        size_t j = i > 4 ? i - 1 - below(s, 4) : 0;
        if (i > 4 && one_in(s, 3) && s->step[j].kind == STEP_ACCESS) { /* come back to where it was */
            *t = s->step[j];
            t->proc = owner[j];
        } else if (s->config.process_count > 1 && one_in(s, 12)) {
            t->kind = STEP_SWITCH;
            uint32_t others = (uint32_t)s->config.process_count - 1;
            t->proc = (proc_t)((running + (one_in(s, 8) ? 0 : 1 + below(s, others))) % (others + 1));
        } else if (one_in(s, 40)) {
            draw_flush(s, running, t);
        } else if ((s->flags & RS_WILD) && one_in(s, 50)) {
            t->kind = STEP_SET_POLICY;
            t->value = below(s, 8);
        } else {
            if (s->config.process_count > 1 && one_in(s, 10))
                t->proc = (proc_t)below(s, (uint32_t)s->config.process_count);
            draw_access(s, t->proc == PROC_NONE ? running : t->proc, t);
        }
        if (t->proc != PROC_NONE && t->kind != STEP_TLB_FLUSH) running = t->proc;
        owner[i] = running;
    }
}

/* ---- all of it ---- */

void random_scenario(struct random_scenario *s, uint64_t seed, unsigned flags, const char *policy) {
    struct rng rng = {seed * 2 + 1};
    do { /* until the page tables fit beside the frames */
        *s = (struct random_scenario){.seed = seed, .flags = flags, .rng = rng};
        draw_machine(s, policy);
        for (size_t p = 0; p < s->config.process_count; p++) draw_process(s, p);
        rng = s->rng;
    } while (machine_config_check(&s->config, NULL) == 0);
    draw_steps(s);
    s->source = step_source_array(s->step, s->count);
    assert_non_null(s->source);
}

void random_scenario_free(struct random_scenario *s) {
    step_source_free(s->source);
    s->source = NULL;
}

struct machine *random_scenario_machine(const struct random_scenario *s) {
    struct machine *m = NULL;
    struct diag why = {0};
    if (machine_create(&s->config, s->source, &m, &why) != VS_OK)
        fail_msg("%s: %s", random_scenario_text(s), why.text);
    return m;
}

const char *random_scenario_text(const struct random_scenario *s) {
    static char text[512];
    const struct machine_config *c = &s->config;
    const struct tlb_config *t = &c->tlb;
    snprintf(text, sizeof text,
             "seed %llu: %s %u level(s) page %u pte %u%s mode %u, %u frames, swap %u, tlb %ux%u "
             "%s%s%s%s%s%s, %s %s, "
             "%zu processes%s",
             (unsigned long long)s->seed, c->format.name, c->format.levels, 1u << c->format.page_shift,
             c->format.pte_bytes, c->format.hardware_ad ? "" : " software A/D", c->mode, c->frames,
             c->swap_slots, t->entries ? t->entries / t->ways : 0, t->ways,
             tlb_replacement_name[t->replacement], t->asid ? " asid" : "",
             c->tlb_fetch.entries ? " split" : "", c->tlb_second.entries ? " second" : "",
             c->tlb_inclusive ? " inclusive" : "", c->software_refill ? " refilled by software" : "",
             c->policy.name, c->scope == SCOPE_LOCAL ? "local" : "global", c->process_count,
             s->kernel_pages ? ", kernel space" : "");
    return text;
}
