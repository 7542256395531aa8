/* narrate_fields.c - the one table of what events carry: each field's name, how it
 * reads in a sentence, and how in JSON. The sentences stand in EVENT_KINDS
 * (base/event.h); a {name} in them is a field here.
 */
#include "sim/narrate_fields.h"

/* ---- values ---- */

static void number(struct text *out, uint64_t v) { text_addf(out, "%llu", (unsigned long long)v); }
static void page_va(struct text *out, const struct context *c, vpn_t vpn, bool last_byte) {
    format_va(out, c->f, vpn_to_va(vpn, c->f->page_shift) + (last_byte ? low_bits(c->f->page_shift) : 0));
}

static void w_proc(struct text *o, const struct context *c) { text_add(o, process_name(c->m, c->e->proc)); }
static void w_old_proc(struct text *o, const struct context *c) { text_add(o, process_name(c->m, c->e->old_proc)); }
static void w_pid(struct text *o, const struct context *c) { number(o, c->e->proc + 1u); }
static void w_asid(struct text *o, const struct context *c) { number(o, c->e->asid); }
static void w_op(struct text *o, const struct context *c) { text_add(o, access_name((enum access_kind)c->e->op)); }
static void w_va(struct text *o, const struct context *c) { format_va(o, c->f, c->e->va); }
static void w_vpn(struct text *o, const struct context *c) { format_vpn(o, c->f, c->e->vpn); }
static void w_vpn_number(struct text *o, const struct context *c) { number(o, c->e->vpn); }
static void w_old_vpn(struct text *o, const struct context *c) { format_vpn(o, c->f, c->e->old_vpn); }
static void w_old_vpn_number(struct text *o, const struct context *c) { number(o, c->e->old_vpn); }
static void w_pfn(struct text *o, const struct context *c) { number(o, c->e->pfn); }
static void w_pa(struct text *o, const struct context *c) { format_pa(o, c->f, c->e->pa); }
static void w_size(struct text *o, const struct context *c) { number(o, c->e->size); }
static void w_set(struct text *o, const struct context *c) { number(o, c->e->set); }
static void w_way(struct text *o, const struct context *c) { number(o, c->e->way); }
/* What the architecture calls a table of that level. */
static void w_name(struct text *o, const struct context *c) { text_add(o, paging_level_name(c->f, c->e->level)); }
static void w_level(struct text *o, const struct context *c) { number(o, c->e->level); }
static void w_index(struct text *o, const struct context *c) { number(o, c->e->index); }
static void w_table(struct text *o, const struct context *c) { format_pa(o, c->f, c->e->table); }
static void w_next(struct text *o, const struct context *c) { format_pa(o, c->f, c->e->next); }
static void w_pte_addr(struct text *o, const struct context *c) { format_pa(o, c->f, c->e->pte_addr); }
static void w_pte(struct text *o, const struct context *c) { format_pte(o, c->f, c->e->pte); }
static void w_pte_old(struct text *o, const struct context *c) { format_pte(o, c->f, c->e->pte_old); }
static void w_pte_hex(struct text *o, const struct context *c) { text_add(o, "0x"), w_pte(o, c); }
static void w_pte_old_hex(struct text *o, const struct context *c) { text_add(o, "0x"), w_pte_old(o, c); }
static void w_slot(struct text *o, const struct context *c) { number(o, c->e->slot); }
static void w_count(struct text *o, const struct context *c) { number(o, c->e->count); }
static void w_value_plain(struct text *o, const struct context *c) { number(o, c->e->value); }
static void w_written(struct text *o, const struct context *c) { number(o, c->e->written); }
static void w_old_va(struct text *o, const struct context *c) { page_va(o, c, c->e->old_vpn, false); }
static void w_perms(struct text *o, const struct context *c) { format_perms(o, c->e->perms); }
static void w_region(struct text *o, const struct context *c) { text_add(o, c->e->region); }
static void w_first(struct text *o, const struct context *c) { page_va(o, c, c->e->first, false); }
static void w_last(struct text *o, const struct context *c) { page_va(o, c, c->e->last, true); }
static void w_fault(struct text *o, const struct context *c) { text_add(o, fault_name((enum fault_class)c->e->fault)); }
static void w_dirty(struct text *o, const struct context *c) { text_add(o, c->e->dirty ? "true" : "false"); }
static void w_cause(struct text *o, const struct context *c) { number(o, c->e->cause); }

static void w_frame(struct text *o, const struct context *c) {
    if (c->e->frame == FRAME_NONE) text_add(o, "of the kernel");
    else number(o, c->e->frame);
}

/* Small values in decimal, the others in hex. */
void field_plain_value(struct text *o, uint64_t v) {
    if (v < 1000000) number(o, v);
    else text_addf(o, "0x%llx", (unsigned long long)v);
}

static void w_value(struct text *o, const struct context *c) {
    if (c->e->has_value) field_plain_value(o, c->e->value);
    else text_add(o, "unknown");
}

static void w_value_number(struct text *o, const struct context *c) { number(o, c->e->value); }

static void w_bits(struct text *o, const struct context *c) {
    for (unsigned i = 0, n = 0; i < PTE_FLAGS; i++)
        if (c->e->bits & PTE_BIT(i)) text_addf(o, "%s%c", n++ ? "+" : "", pte_letter[i]);
}

/* ---- only in sentences ---- */

static void w_value_set(struct text *o, const struct context *c) {
    if (!c->e->has_value) return;
    text_add(o, " <- ");
    w_value(o, c);
}

static void w_offset(struct text *o, const struct context *c) {
    text_addf(o, "0x%llx", (unsigned long long)(c->e->va & low_bits(c->f->page_shift)));
}

/* Permissions of a translation: rwx, and u where user programs may use it. */
static void w_rights(struct text *o, const struct context *c) {
    format_perms(o, c->e->perms);
    text_addc(o, (c->e->perms & PERM_U) ? 'u' : '-');
}

/* The same behind a PTE, in formats that have such bits. */
static void w_rights_too(struct text *o, const struct context *c) {
    unsigned bits = PTE_BIT(PTE_R) | PTE_BIT(PTE_W) | PTE_BIT(PTE_X) | PTE_BIT(PTE_U);
    if (!(paging_flags(c->f) & bits)) return;
    text_add(o, ", permissions ");
    w_rights(o, c);
}

/* Where there is only one, its number would be noise. */
static void w_for_asid(struct text *o, const struct context *c) {
    const struct machine_config *config = machine_config(c->m);
    if (config->tlb.asid && config->process_count > 1) text_addf(o, " for ASID %u", c->e->asid);
}

/* What a switch changes in the MMU. */
static void w_root_now(struct text *o, const struct context *c) {
    static const struct { const char *before, *after; } words[] = {
        [SHAPE_TREE] = {"the root register (", ") now leads to the page table at "},
        [SHAPE_HASHED] = {"one inverted table serves all, so only the ASID changes; the ", " stays "},
        [SHAPE_SEGMENTS] = {"the MMU's registers (", ") are loaded from its descriptors at "}};
    text_addf(o, "%s%s%s", words[c->f->shape].before, c->f->root, words[c->f->shape].after);
    w_table(o, c);
}

static void w_bytes(struct text *o, const struct context *c) {
    text_addf(o, "%u byte%s", c->e->size, c->e->size == 1 ? "" : "s");
}

static void w_denied(struct text *o, const struct context *c) {
    if (strcmp(c->e->region, vma_kind_name[VMA_KERNEL]) == 0) {
        text_add(o, "which is the kernel's own: no user program may touch it.");
        return;
    }
    if (c->e->perms & access_needs((enum access_kind)c->e->op)) {
        text_addf(o, "which would permit it; but the processor refuses %s %s there.",
                  c->e->kernel_mode ? "the kernel's own" : "this", access_name((enum access_kind)c->e->op));
        return;
    }
    text_add(o, "whose permissions ");
    w_perms(o, c);
    text_addf(o, " do not allow a %s.", access_name((enum access_kind)c->e->op));
}

/* What the word is that was read: not every machine has PTEs. */
static void w_entry(struct text *o, const struct context *c) {
    bool anchor = c->f->shape == SHAPE_HASHED && c->e->level > 0;
    text_add(o, c->f->shape == SHAPE_SEGMENTS ? "descriptor" : anchor ? "word" : "PTE");
}

/* The rule that was broken, where the architecture has one to name. */
static void w_rule(struct text *o, const struct context *c) {
    if (c->e->rule) text_addf(o, " (%s)", c->e->rule);
}

/* An entry outside RAM was never read, and reads 0 in its event: a valid one never does. */
static bool is_outside_ram(const struct event *e) { return e->kind == EV_WALK_BAD && e->cause == HW_FAULT_BUS && e->pte == 0; }

static void w_unusable(struct text *o, const struct context *c) {
    text_add(o, c->e->cause == HW_FAULT_BUS ? "outside RAM" : "malformed");
}

/* Why an entry that was due cannot be used. */
static void w_unusable_why(struct text *o, const struct context *c) {
    if (is_outside_ram(c->e)) {
        text_add(o, "lies outside RAM");
        return;
    }
    text_add(o, "is ");
    w_pte(o, c);
    if (c->e->cause == HW_FAULT_BUS) {
        text_add(o, ": it leads to ");
        w_pa(o, c);
        text_add(o, ", which lies outside RAM");
        return;
    }
    text_add(o, ": a form that the architecture reserves");
    w_rule(o, c);
}

/* What says that an entry is not valid: V, P, bit 0... */
static void w_not_valid(struct text *o, const struct context *c) { text_add(o, c->e->rule ? c->e->rule : "V=0: not valid"); }

static void w_in_kernel(struct text *o, const struct context *c) {
    if (c->e->kernel_mode) text_add(o, ", in kernel mode");
}

static void w_splits(struct text *o, const struct context *c) {
    if (c->f->shape == SHAPE_SEGMENTS) {
        text_add(o, "The MMU compares it with the bounds and adds the base.");
        return;
    }
    text_add(o, "The MMU splits it into VPN ");
    w_vpn(o, c);
    text_add(o, " and offset ");
    w_offset(o, c);
    text_addc(o, '.');
}

static void w_clean_next(struct text *o, const struct context *c) {
    text_add(o, machine_config(c->m)->software_refill ? "The kernel must set D in its PTE first."
                                                      : "Walk once more, to set D in its PTE.");
}

/* Where one access becomes two: segments are not made of pages. */
static void w_boundary(struct text *o, const struct context *c) {
    text_add(o, c->f->shape == SHAPE_SEGMENTS ? "frame" : "page");
}

/* The TLB entry of a PTE that changed: dropped, unless this kernel is lazy or forgets it. */
static void w_and_dropped(struct text *o, const struct context *c) {
    const struct machine_config *config = machine_config(c->m);
    bool forgets = config->never_invalidates, lazy = config->lazy_clear && c->e->kind == EV_REF_CLEAR;
    if (forgets || lazy) text_addf(o, ". This kernel %s: whatever the TLB holds of the page stays.",
                                   forgets ? "forgets to invalidate" : "is lazy here");
    else text_add(o, tlbs_has(&machine_hw(c->m)->tlbs, TLB_DATA) ? " and its TLB entry is dropped." : ".");
}

static void w_memory(struct text *o, const struct context *c) {
    if (c->e->frame == FRAME_NONE) text_add(o, "the kernel's own memory");
    else text_addf(o, "frame %u", c->e->frame);
}

static void w_become(struct text *o, const struct context *c) { text_add(o, c->e->size == 1 ? "becomes" : "become"); }

static void w_whose(struct text *o, const struct context *c) {
    text_add(o, c->e->kernel_mode ? "the kernel's" : "a user program's");
}

/* How many pages of the usual size a huge one covers; nothing for those. */
static void w_huge(struct text *o, const struct context *c) {
    if (c->e->order) text_addf(o, ", a huge page of %llu pages", 1ull << c->e->order);
}

static void w_tlb(struct text *o, const struct context *c) {
    static const char *const name[TLB_UNITS] = {"Data TLB", "Instruction TLB", "Second-level TLB"};
    bool split = tlbs_has(&machine_hw(c->m)->tlbs, TLB_FETCH);
    text_add(o, c->e->unit == TLB_DATA && !split ? "TLB" : name[c->e->unit]);
}

/* Who looks into the page table after a miss. */
static void w_walk_next(struct text *o, const struct context *c) {
    text_add(o, machine_config(c->m)->software_refill ? "this machine's hardware walks no page table" : "walk the page table");
}

static void w_miss_next(struct text *o, const struct context *c) {
    if (tlbs_has(&machine_hw(c->m)->tlbs, TLB_SECOND)) text_add(o, "ask the second level");
    else w_walk_next(o, c);
}

/* Where a chain of the inverted table goes on. */
static void w_chain_next(struct text *o, const struct context *c) { text_addf(o, "entry %llu", (unsigned long long)c->e->pfn); }

static void w_last_frame(struct text *o, const struct context *c) { number(o, c->e->frame + c->e->count - 1); }

static void w_filled(struct text *o, const struct context *c) {
    if (c->e->order) text_addf(o, "Frames %u to %u are", c->e->frame, c->e->frame + (1u << c->e->order) - 1);
    else text_addf(o, "Frame %u is", c->e->frame);
}

static void w_mapped(struct text *o, const struct context *c) {
    if (c->e->order) {
        text_addf(o, "A huge page of %llu pages is now in frames %u to %u.", 1ull << c->e->order, c->e->frame,
                  c->e->frame + (1u << c->e->order) - 1);
        return;
    }
    text_add(o, "Page ");
    w_vpn(o, c);
    if (c->e->frame == FRAME_NONE) text_add(o, " is now the page of zeros, read-only.");
    else text_addf(o, " is now in frame %u.", c->e->frame);
}

static void w_count_entries(struct text *o, const struct context *c) {
    text_addf(o, "%u %s", c->e->count, c->e->count == 1 ? "entry" : "entries");
}

static void w_class(struct text *o, const struct context *c) { text_add(o, c->e->class ? c->e->class : ""); }
static void w_code(struct text *o, const struct context *c) { number(o, c->e->code); }

static void w_pte_bytes(struct text *o, const struct context *c) { number(o, c->f->pte_bytes); }

/* As the architecture reports it, with its number. */
static void w_cause_text(struct text *o, const struct context *c) {
    if (!c->e->class) {
        text_add(o, hw_fault_name((enum hw_fault)c->e->cause));
        return;
    }
    text_add(o, c->e->class);
    if (!c->e->code_name) return;
    text_add(o, " (");
    for (const char *s = c->e->code_name; *s; s++) text_addc(o, *s == '_' ? ' ' : *s);
    text_addf(o, " %u)", c->e->code);
}

static const struct policy_ops *policy_now(const struct context *c) {
    return policy_ops(kernel_policy(machine_kernel(c->m)));
}
static void w_policy(struct text *o, const struct context *c) { text_add(o, policy_now(c)->title); }
static void w_reason(struct text *o, const struct context *c) {
    if (c->e->why != WHY_SUSPENDED) text_addf(o, " %s", c->e->rule ? c->e->rule : policy_now(c)->rule);
}
static void w_passed(struct text *o, const struct context *c) {
    text_add(o, c->e->rule ? c->e->rule : "Clear its R, give it a second chance, move on.");
}
static void w_written_ahead(struct text *o, const struct context *c) {
    if (c->e->slot != SLOT_NONE) text_addf(o, "its bytes are written to swap slot %u", c->e->slot);
    else text_addf(o, "its bytes are written back to page %u of the file %s", c->e->count, c->e->region);
}
static void w_told(struct text *o, const struct context *c) {
    if (c->e->rule) text_add(o, c->e->rule);
}
static void w_dirty_text(struct text *o, const struct context *c) {
    text_add(o, c->e->dirty ? "dirty: it was written to" : "clean");
}

static void w_drop_text(struct text *o, const struct context *c) {
    static const char *const why[] = {
        [DROP_SLOT_VALID] = "its swap slot still holds the same bytes.",
        [DROP_FILE] = "its file still has the same bytes.",
        [DROP_NOT_NEEDED] = "the program said that it may go (madvise).",
        [DROP_NEVER_WRITTEN] = "it was never written, so it is all zeros and can be made again."};
    text_add(o, why[c->e->drop]);
}

/* Is this the page just below the stack's limit, which is never mapped? */
static bool is_guard(const struct context *c) {
    const struct process *p = &machine_kernel(c->m)->process[c->e->proc];
    for (uint32_t i = 0; i < p->vma_count; i++)
        if (p->vma[i].kind == VMA_STACK && p->vma[i].floor == c->e->vpn + 1) return true;
    return false;
}

/* Arm's upper bits are all 0 or all 1, and nothing says which bit they repeat. */
static void w_not_canonical(struct text *o, const struct context *c) {
    if (strcmp(c->f->name, "aarch64") == 0) text_add(o, "it lies in the hole between the lower and the upper half of the address space.");
    else text_addf(o, "it is not canonical: bits above the %u translated ones must repeat the topmost of them.", paging_va_bits(c->f));
}

static void w_none_why(struct text *o, const struct context *c) {
    if (c->e->fault == FAULT_SEGV_NONCANONICAL)
        w_not_canonical(o, c);
    else if (is_guard(c)) text_add(o, "the stack has reached its limit, and below it lies a guard page that is never mapped.");
    else if (c->e->vpn == 0) text_add(o, "nothing is mapped there (page 0 stays empty, so that a null pointer is noticed).");
    else text_add(o, "nothing is mapped there.");
}

static void w_why(struct text *o, const struct context *c) {
    static const char *const why[FAULT_COUNT] = {
        [FAULT_MINOR_ZERO] = "It has no bytes of its own yet, so it needs a frame of zeros (minor fault).",
        [FAULT_MINOR_BIT] = "Its page is in memory and may be used; only a bit of its PTE is missing (minor fault).",
        [FAULT_MINOR_MAP] = "The page is in memory already (minor fault).",
        [FAULT_MAJOR_SWAP] = "Its page was swapped out and must come back from disk (major fault).",
        [FAULT_MAJOR_FILE] = "Its page stands in a file and must be read from disk (major fault)."};
    static const char *const why_cow[] = {
        [WHY_SHARED] = "It may be written, but shares its frame (minor fault: copy on write).",
        [WHY_CACHED] = "It may be written, but its frame is the page cache's (minor fault: copy on write).",
        [WHY_ZERO_PAGE] = "It may be written, but is the page of zeros so far (minor fault: copy on write).",
        [WHY_ALONE] = "Its frame had other users, so its PTE lacks W (minor fault: copy on write)."};
    if (c->e->fault == FAULT_MINOR_COW) text_add(o, why_cow[c->e->why]);
    else if (c->e->why == WHY_ZERO_PAGE) text_add(o, "It has no bytes of its own yet and is only read: zeros will do (minor fault).");
    else if (why[c->e->fault]) text_add(o, why[c->e->fault]);
}

/* ---- the table ---- */

static const struct field fields[] = {
    {"proc", w_proc, "process", NULL, J_STRING},       {"old_proc", w_old_proc, "old_process", NULL, J_STRING},
    {"pid", w_pid, "pid", NULL, J_NUMBER},             {"asid", w_asid, "asid", NULL, J_NUMBER},
    {"op", w_op, "op", NULL, J_STRING},                {"va", w_va, "va", NULL, J_STRING},
    {"vpn", w_vpn, "vpn", w_vpn_number, J_NUMBER},     {"old_vpn", w_old_vpn, "old_vpn", w_old_vpn_number, J_NUMBER},
    {"pfn", w_pfn, "pfn", NULL, J_NUMBER},             {"pa", w_pa, "pa", NULL, J_STRING},
    {"size", w_size, "size", NULL, J_NUMBER},          {"value", w_value, "value", w_value_number, J_NUMBER},
    {"set", w_set, "set", NULL, J_NUMBER},             {"way", w_way, "way", NULL, J_NUMBER},
    {"level", w_level, "level", NULL, J_NUMBER},       {"index", w_index, "index", NULL, J_NUMBER},
    {"table", w_table, "table", NULL, J_STRING},       {"next", w_next, "next", NULL, J_STRING},
    {"pte_addr", w_pte_addr, "pte_addr", NULL, J_STRING}, {"pte", w_pte, "pte", w_pte_hex, J_STRING},
    {"pte_old", w_pte_old, "pte_old", w_pte_old_hex, J_STRING}, {"bits", w_bits, "bits", NULL, J_STRING},
    {"cause", w_cause, "cause", NULL, J_NUMBER},       {"frame", w_frame, "frame", NULL, J_NUMBER},
    {"slot", w_slot, "slot", NULL, J_NUMBER},          {"dirty", w_dirty, "dirty", NULL, J_NUMBER},
    {"region", w_region, "region", NULL, J_STRING},    {"first", w_first, "first", NULL, J_STRING},
    {"last", w_last, "last", NULL, J_STRING},          {"perms", w_perms, "perms", NULL, J_STRING},
    {"fault", w_fault, "fault", NULL, J_STRING},       {"free", w_count, "free", NULL, J_NUMBER},
    {"shares", w_count, "shares", NULL, J_NUMBER},     {"page", w_count, "page", NULL, J_NUMBER},
    {"count", w_count, "count", NULL, J_NUMBER},
    {"value_set", w_value_set, NULL, NULL, J_NONE},    {"offset", w_offset, NULL, NULL, J_NONE},
    {"pte_bytes", w_pte_bytes, NULL, NULL, J_NONE},    {"cause_text", w_cause_text, NULL, NULL, J_NONE},
    {"policy", w_policy, NULL, NULL, J_NONE},          {"reason", w_reason, NULL, NULL, J_NONE},
    {"told", w_told, NULL, NULL, J_NONE},              {"passed", w_passed, NULL, NULL, J_NONE},
    {"written_ahead", w_written_ahead, NULL, NULL, J_NONE},
    {"dirty_text", w_dirty_text, NULL, NULL, J_NONE},  {"drop_text", w_drop_text, NULL, NULL, J_NONE},
    {"rights", w_rights, NULL, NULL, J_NONE},          {"rights_too", w_rights_too, NULL, NULL, J_NONE},
    {"for_asid", w_for_asid, NULL, NULL, J_NONE},      {"root_now", w_root_now, NULL, NULL, J_NONE},
    {"none_why", w_none_why, NULL, NULL, J_NONE},
    {"name", w_name, NULL, NULL, J_NONE},              {"rule", w_rule, NULL, NULL, J_NONE},
    {"not_valid", w_not_valid, NULL, NULL, J_NONE},    {"in_kernel", w_in_kernel, NULL, NULL, J_NONE},    {"splits", w_splits, NULL, NULL, J_NONE},          {"clean_next", w_clean_next, NULL, NULL, J_NONE},
    {"boundary", w_boundary, NULL, NULL, J_NONE},
    {"and_dropped", w_and_dropped, NULL, NULL, J_NONE}, {"memory", w_memory, NULL, NULL, J_NONE},
    {"become", w_become, NULL, NULL, J_NONE},
    {"call", say_call, "call", w_region, J_STRING}, {"call_name", w_region, NULL, NULL, J_NONE}, {"fork_shared", say_fork_shared, NULL, NULL, J_NONE},
    {"whose", w_whose, NULL, NULL, J_NONE},            {"huge", w_huge, NULL, NULL, J_NONE},
    {"tlb", w_tlb, NULL, NULL, J_NONE},                {"miss_next", w_miss_next, NULL, NULL, J_NONE},
    {"walk_next", w_walk_next, NULL, NULL, J_NONE},    {"entry", w_entry, NULL, NULL, J_NONE},
    {"unusable", w_unusable, NULL, NULL, J_NONE},      {"unusable_why", w_unusable_why, NULL, NULL, J_NONE},
    {"chain_next", w_chain_next, NULL, NULL, J_NONE},  {"last_frame", w_last_frame, NULL, NULL, J_NONE},
    {"filled", w_filled, NULL, NULL, J_NONE},          {"mapped", w_mapped, NULL, NULL, J_NONE},
    {"count_entries", w_count_entries, NULL, NULL, J_NONE}, {"class", w_class, "class", NULL, J_STRING},
    {"code", w_code, "code", NULL, J_NUMBER},
    {"call_result", say_call_result, NULL, NULL, J_NONE}, {"mapped_how", say_mapped_how, NULL, NULL, J_NONE},
    {"unmapped_count", say_unmapped_count, NULL, NULL, J_NONE}, {"written_back", say_written_back, NULL, NULL, J_NONE},
    {"protected_count", say_protected_count, NULL, NULL, J_NONE}, {"next_touch", say_next_touch, NULL, NULL, J_NONE},
    {"count_pages", say_count_pages, NULL, NULL, J_NONE}, {"of_file", say_of_file, NULL, NULL, J_NONE},
    {"which_file", say_which_file, NULL, NULL, J_NONE}, {"sharers", say_sharers, NULL, NULL, J_NONE},
    {"frames", w_value_plain, "frames", NULL, J_NUMBER}, {"set_size", w_index, "working_set", NULL, J_NUMBER},
    {"written", w_written, "written", NULL, J_NUMBER}, {"old_va", w_old_va, "old_va", NULL, J_STRING},
    {"of_free", say_of_free, NULL, NULL, J_NONE},      {"goes_there", say_goes_there, NULL, NULL, J_NONE},
    {"shortage", say_shortage, NULL, NULL, J_NONE},    {"picks", say_picks, NULL, NULL, J_NONE},
    {"no_room", say_no_room, NULL, NULL, J_NONE},      {"share_how", say_share_how, NULL, NULL, J_NONE},
    {"own_frames", say_own_frames, NULL, NULL, J_NONE}, {"fork_tlb", say_fork_tlb, NULL, NULL, J_NONE},
    {"promise", say_promise, NULL, NULL, J_NONE},      {"may_be_dropped", say_may_be_dropped, NULL, NULL, J_NONE},
    {"locked_count", say_locked_count, NULL, NULL, J_NONE}, {"new_regions", say_new_regions, NULL, NULL, J_NONE},
    {"may_leave", say_may_leave, NULL, NULL, J_NONE},
    {"stand", say_stand, NULL, NULL, J_NONE},          {"them", say_them, NULL, NULL, J_NONE},
    {"frames_free", say_frames_free, NULL, NULL, J_NONE}, {"low", say_low, NULL, NULL, J_NONE},
    {"high", say_high, NULL, NULL, J_NONE},            {"set_pages", say_set_pages, NULL, NULL, J_NONE},
    {"leaving_pages", say_leaving_pages, NULL, NULL, J_NONE}, {"given_frames", say_given_frames, NULL, NULL, J_NONE},
    {"bytes", w_bytes, NULL, NULL, J_NONE},
    {"denied", w_denied, NULL, NULL, J_NONE},          {"why", w_why, NULL, NULL, J_NONE}};

const struct field *field_by_name(const char *name, size_t n) {
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (fields[i].name[0] == name[0] && strlen(fields[i].name) == n && memcmp(fields[i].name, name, n) == 0) return &fields[i];
    return NULL;
}

/* Numbers that are absent here read null. */
bool field_absent(const struct field *field, const struct event *e) {
    if (field->say == w_value) return !e->has_value;
    if (field->say == w_pte && is_outside_ram(e)) return true;
    if (field->say == w_old_proc || field->say == w_old_vpn) return e->old_proc == PROC_NONE;
    if (field->say == w_slot) return e->slot == SLOT_NONE;
    if (field->say == w_code || field->say == w_class) return !e->code_name;
    return field->say == w_frame && e->frame == FRAME_NONE;
}
