/* save.c - `:save`: what was done so far, typed steps included, as a scenario.
 *
 * The machine and its processes are written out in full with every address given,
 * so that the file means the same whatever defaults become. The text goes to a
 * file beside the target and is renamed when it is whole; a failed save leaves
 * what stood there.
 */
#include "ui/app_state.h"
#include "ui/whole_file.h"
#include "vmscope/base/memory.h"

#define STEPS_MAX 100000

static void write_quoted(FILE *f, const char *s) {
    fputc('"', f);
    for (; *s; s++) {
        if (*s == '"' || *s == '\\') fputc('\\', f);
        fputc(*s, f);
    }
    fputc('"', f);
}

/* ---- the machine ---- */

static const char *truth(bool b) { return b ? "true" : "false"; }

static void write_paging(FILE *f, const struct machine_config *c) {
    char paging[SCENARIO_PAGING_SIZE];
    struct text t = text_in(paging, sizeof paging);
    scenario_paging_text(&t, c);
    fprintf(f, "  paging: %s\n", paging);
}

static void write_unit(FILE *f, const struct tlb_config *t) {
    fprintf(f, "entries: %u, ways: %u, replacement: %s", t->entries, t->ways, tlb_replacement_name[t->replacement]);
}

static void write_tlbs(FILE *f, const struct machine_config *c) {
    if (!c->tlb.entries) {
        if (c->format.shape != SHAPE_SEGMENTS) fprintf(f, "  tlb: {entries: 0}\n");
        return;
    }
    fprintf(f, "  tlb:\n    {");
    write_unit(f, &c->tlb);
    fprintf(f, ", asid: %s, refill: %s", truth(c->tlb.asid), c->software_refill ? "software" : "hardware");
    if (c->tlb_fetch.entries) {
        fprintf(f, ",\n     instruction: {");
        write_unit(f, &c->tlb_fetch);
        fprintf(f, "}");
    }
    if (c->tlb_second.entries) {
        fprintf(f, ",\n     second: {");
        write_unit(f, &c->tlb_second);
        fprintf(f, ", inclusive: %s}", truth(c->tlb_inclusive));
    }
    fprintf(f, "}\n");
}

static void write_kernel(FILE *f, const struct machine_config *c) {
    fprintf(f, "  kernel: {profile: %s, lazy_clear: %s, invalidate: %s", c->profile == PROFILE_LINUX ? "linux" : "textbook",
            truth(c->lazy_clear), truth(!c->never_invalidates));
    fprintf(f, ", guard: %llu, max_regions: %u", (unsigned long long)c->guard_pages << c->format.page_shift, c->regions_max);
    if (c->free_low) fprintf(f, ", watermarks: {low: %u, high: %u}", c->free_low, c->free_high);
    if (c->working_set_window) fprintf(f, ", working_set: %u, load_control: %s", c->working_set_window, truth(c->load_control));
    fprintf(f, "}\n");
}

static void write_machine(FILE *f, const struct machine_config *c) {
    fprintf(f, "machine:\n");
    write_paging(f, c);
    fprintf(f, "  frames: %u\n", c->frames);
    if (c->swap_slots != SWAP_UNLIMITED) fprintf(f, "  swap: %u\n", c->swap_slots);
    write_tlbs(f, c);
    if (c->tables_in_frames) fprintf(f, "  page_tables: in_frames\n");
    fprintf(f, "  replacement: {policy: %s, scope: %s, ", c->policy.name, c->scope == SCOPE_LOCAL ? "local" : "global");
    if (c->allocation == ALLOCATION_PROPORTIONAL) fprintf(f, "allocation: proportional, ");
    fprintf(f, "load_referenced: %s, tick: %u, bits: %u, tau: %u, k: %u}\n",
            truth(c->policy.load_referenced), c->policy.tick, c->policy.bits, c->policy.tau, c->policy.k);
    write_kernel(f, c);
    const struct timing_config *t = &c->timing;
    fprintf(f, "  timing: {tlb: %lluns, memory: %lluns, trap: %lluns, disk_read: %lluns, disk_write: %lluns}\n",
            (unsigned long long)t->tlb, (unsigned long long)t->memory, (unsigned long long)t->trap,
            (unsigned long long)t->disk_read, (unsigned long long)t->disk_write);
    fprintf(f, "  seed: %llu\n", (unsigned long long)c->seed);
}

/* ---- processes ---- */

static void write_region(FILE *f, const struct region_config *r, unsigned shift) {
    unsigned long long size = (unsigned long long)r->pages << shift, limit = (unsigned long long)r->limit << shift;
    fprintf(f, "      %s: {size: %llu, at: 0x%llx", vma_kind_name[r->kind], size, (unsigned long long)r->first << shift);
    if (r->kind == VMA_STACK) fprintf(f, ", limit: %llu", limit);
    if (r->order) fprintf(f, ", page_size: %llu", 1ULL << (shift + r->order));
    fprintf(f, ", perms: %s%s%s}\n", r->perms & PERM_R ? "r" : "", r->perms & PERM_W ? "w" : "",
            r->perms & PERM_X ? "x" : "");
}

static void write_map(FILE *f, const struct map_config *m) {
    fprintf(f, "      - {vpn: 0x%llx, ", (unsigned long long)m->vpn);
    if (m->raw)
        fprintf(f, "level: %u, pte: 0x%llx}\n", m->level, (unsigned long long)m->word);
    else
        fprintf(f, "pfn: 0x%llx}\n", (unsigned long long)m->pfn);
}

static bool has_kernel(const struct process_config *p) {
    for (size_t i = 0; i < p->region_count; i++)
        if (p->regions[i].kind == VMA_KERNEL) return true;
    return false;
}

static void write_layout(FILE *f, const struct process_config *p, unsigned shift) {
    if (p->region_count) fprintf(f, "    layout:\n");
    for (size_t i = 0; i < p->region_count; i++) write_region(f, &p->regions[i], shift);
    if (p->region_count && !has_kernel(p)) fprintf(f, "      kernel: {size: 0}\n");
}

static void write_program(FILE *f, const struct process_config *p, unsigned shift) {
    fprintf(f, "  - name: %s\n", p->name);
    write_layout(f, p, shift);
}

static void write_process(FILE *f, const struct process_config *p, unsigned shift) {
    fprintf(f, "  - name: %s\n    program: %s\n", p->name, p->program[0] ? p->program : p->name);
    if (p->frames) fprintf(f, "    frames: %u\n", p->frames);
    write_layout(f, p, shift);
    if (p->map_count) fprintf(f, "    map:\n");
    for (size_t i = 0; i < p->map_count; i++) write_map(f, &p->maps[i]);
}

static void write_tlb(FILE *f, const struct machine_config *c) {
    if (c->tlb_preload_count) fprintf(f, "tlb:\n");
    for (size_t i = 0; i < c->tlb_preload_count; i++) {
        const struct tlb_preload *t = &c->tlb_preload[i];
        fprintf(f, "  - {set: %u, way: %u, tag: %llu, pfn: %llu}\n", t->set, t->way, (unsigned long long)t->tag,
                (unsigned long long)t->pfn);
    }
}

/* ---- steps ---- */

static void write_as(FILE *f, const struct machine_config *c, const struct step *s) {
    if (s->proc != PROC_NONE) fprintf(f, ", as: %s", config_process_name(c, s->proc));
    fprintf(f, "}\n");
}

/* An address, as the program knows it. */
static void write_place(FILE *f, const struct machine_config *c, const struct step *s) {
    bool below = s->name && s->va >> 63;
    if (!s->name) fprintf(f, "0x%llx", (unsigned long long)s->va);
    else if (s->va == 0) fprintf(f, "%s", c->names[s->name - 1]);
    else fprintf(f, "%s%c0x%llx", c->names[s->name - 1], below ? '-' : '+', (unsigned long long)(below ? 0 - s->va : s->va));
}

static void write_access(FILE *f, const struct machine_config *c, const struct step *s) {
    if (s->flags & STEP_AUTOMAP) { /* came from a reference string: its page is mapped on the spot */
        fprintf(f, "  - {pages: \"%llu%s\"", (unsigned long long)va_to_vpn(s->va, c->format.page_shift),
                s->op == ACCESS_WRITE ? "w" : "");
        write_as(f, c, s);
        return;
    }
    fprintf(f, "  - {%s: ", access_name((enum access_kind)s->op));
    write_place(f, c, s);
    fprintf(f, ", size: %u", s->size);
    if (s->flags & STEP_HAS_VALUE) fprintf(f, ", value: %llu", (unsigned long long)s->value);
    if (s->flags & STEP_KERNEL) fprintf(f, ", mode: kernel");
    write_as(f, c, s);
}

static void write_switch(FILE *f, const struct machine_config *c, const struct step *s) {
    fprintf(f, "  - {switch: %s}\n", config_process_name(c, s->proc));
}

static void write_fork(FILE *f, const struct machine_config *c, const struct step *s) {
    fprintf(f, "  - {fork: %s", config_process_name(c, (proc_t)s->value));
    write_as(f, c, s);
}

static void write_exit(FILE *f, const struct machine_config *c, const struct step *s) {
    fprintf(f, "  - {exit: %s}\n", config_process_name(c, s->proc));
}

static void write_policy(FILE *f, const struct machine_config *c, const struct step *s) {
    (void)c;
    fprintf(f, "  - {set: {policy: %s}}\n", policy_table[s->value]->name);
}

static void write_flush(FILE *f, const struct machine_config *c, const struct step *s) {
    static const char *const whole[FLUSH_SCOPES] = {[FLUSH_EVERYTHING] = "all", [FLUSH_ADDRESS_SPACE] = "asid"};
    const char *word = s->value < FLUSH_SCOPES ? whole[s->value] : NULL;
    fprintf(f, "  - {tlb_flush: ");
    if (word) fprintf(f, "%s", word);
    else write_place(f, c, s);
    write_as(f, c, s);
}

/* ---- calls ---- */

static void write_perms(FILE *f, unsigned perms) {
    fprintf(f, ", perms: %s%s%s%s", perms ? "" : "none", perms & PERM_R ? "r" : "", perms & PERM_W ? "w" : "",
            perms & PERM_X ? "x" : "");
}

static void write_mmap(FILE *f, const struct machine_config *c, const struct step *s, const struct call_config *call) {
    fprintf(f, "%s", c->names[call->name - 1]);
    write_perms(f, call->perms);
    if (call->flags & CALL_SHARED) fprintf(f, ", shared: true");
    if (call->flags & CALL_POPULATE) fprintf(f, ", populate: true");
    if (call->flags & CALL_FIXED) fprintf(f, ", at: 0x%llx", (unsigned long long)s->va);
    if (!call->file[0]) return;
    fprintf(f, ", file: %s, offset: %llu, cached: %s", call->file, (unsigned long long)call->file_page << c->format.page_shift,
            truth(call->flags & CALL_CACHED));
}

static void write_call(FILE *f, const struct machine_config *c, const struct step *s) {
    const struct call_config *call = &c->calls[s->value];
    bool by_length = call->kind == CALL_BRK && call->length;
    fprintf(f, "  - {%s: ", call_name[call->kind]);
    if (call->kind == CALL_MMAP) write_mmap(f, c, s, call);
    else if (call->kind == CALL_EXEC) fprintf(f, "%s", machine_image(c, call->image)->name);
    else if (by_length) fprintf(f, "%c%llu", call->flags & CALL_DOWN ? '-' : '+', (unsigned long long)call->length);
    else write_place(f, c, s);
    if (call->length && !by_length) fprintf(f, ", size: %llu", (unsigned long long)call->length);
    if (call->kind == CALL_MPROTECT) write_perms(f, call->perms);
    if (call->kind == CALL_MADVISE) fprintf(f, ", advice: %s", advice_name[call->advice]);
    write_as(f, c, s);
}

static void write_suspend(FILE *f, const struct machine_config *c, const struct step *s) {
    fprintf(f, "  - {%s: %s}\n", s->kind == STEP_SUSPEND ? "suspend" : "resume", config_process_name(c, s->proc));
}

static void write_steps(FILE *f, struct session *s, uint64_t count) {
    static void (*const write_one[STEP_KINDS])(FILE *, const struct machine_config *, const struct step *) = {
        [STEP_ACCESS] = write_access, [STEP_SWITCH] = write_switch, [STEP_SET_POLICY] = write_policy,
        [STEP_TLB_FLUSH] = write_flush, [STEP_FORK] = write_fork, [STEP_EXIT] = write_exit,
        [STEP_CALL] = write_call, [STEP_SUSPEND] = write_suspend, [STEP_RESUME] = write_suspend};
    fprintf(f, "steps:\n");
    for (uint64_t at = 0; at < count; at++) {
        const struct step *step = window_step(&s->steps, session_source(s), at);
        if (!step) break;
        write_one[step->kind](f, &s->scenario->config, step);
    }
}

/* ---- the file ---- */

/* Can a scenario say this? A layout has one region of a kind; a trace may have several. */
static bool can_be_said(const struct session *s, uint64_t count, struct text *why) {
    const struct machine_config *c = &s->scenario->config;
    if (count > STEPS_MAX) {
        text_addf(why, "%llu steps are too many for a scenario: at most %d.", (unsigned long long)count, STEPS_MAX);
        return false;
    }
    if (count == 0) {
        text_add(why, "Nothing has been done yet: there are no steps to save.");
        return false;
    }
    for (size_t p = 0; p < c->process_count; p++) {
        unsigned seen = 0;
        for (size_t r = 0; r < c->processes[p].region_count; r++) {
            unsigned bit = 1u << c->processes[p].regions[r].kind;
            if (seen & bit) {
                text_add(why, "This trace has several regions of one kind; a scenario cannot say that yet.");
                return false;
            }
            seen |= bit;
        }
    }
    return true;
}

static void write_scenario(FILE *f, struct session *s, uint64_t count) {
    const struct scenario *from = s->scenario;
    fprintf(f, "version: 1\ntitle: ");
    write_quoted(f, from->title ? from->title : "Saved");
    fprintf(f, "\nsummary: Saved from a session of vmscope.\nterminology: %s\n", terminology_name[from->terminology]);
    write_machine(f, &from->config);
    fprintf(f, "processes:\n");
    for (size_t i = 0; i < from->config.process_count; i++)
        write_process(f, &from->config.processes[i], from->config.format.page_shift);
    if (from->config.image_count) fprintf(f, "programs:\n");
    for (size_t i = 0; i < from->config.image_count; i++)
        write_program(f, &from->config.images[i], from->config.format.page_shift);
    write_tlb(f, &from->config);
    write_steps(f, s, count);
}

bool save_scenario(struct session *s, const char *path, struct text *why) {
    struct position now = history_position(s->history);
    uint64_t count = now.step + (now.micro > 0); /* a step under way counts */
    if (!can_be_said(s, count, why)) return false;
    struct whole_file w;
    if (!whole_file_begin(&w, path, why)) return false;
    write_scenario(w.f, s, count);
    return whole_file_end(&w, why);
}
