/* narrate_calls.c - how calls of processes read in a sentence: what was asked for,
 * what became of it, what it gives back.
 */
#include "sim/narrate_fields.h"

static const struct call_config *call_of(const struct context *c) { return &machine_config(c->m)->calls[c->e->index]; }
static const char *call_region_name(const struct context *c) { return machine_config(c->m)->names[call_of(c)->name - 1]; }

static const char *program_of(const struct context *c, const struct call_config *call) {
    const struct process_config *image = machine_image(machine_config(c->m), call->image);
    return image->program[0] ? image->program : image->name;
}

/* 64 KiB rather than 65536 where that is a whole number. */
static void size(struct text *o, uint64_t bytes) {
    static const char *const unit[] = {"bytes", "KiB", "MiB", "GiB"};
    unsigned u = 0;
    while (u < 3 && bytes && bytes % 1024 == 0) bytes /= 1024, u++;
    text_addf(o, "%llu %s", (unsigned long long)bytes, unit[u]);
}

static void perms_words(struct text *o, unsigned perms) {
    format_perms(o, perms);
    if (!perms) text_add(o, ", no access at all");
}

/* ---- what is asked for ---- */

static void say_mmap(struct text *o, const struct context *c, const struct call_config *call) {
    text_addf(o, "mmap, a region of ");
    size(o, call->length);
    text_add(o, " (");
    perms_words(o, call->perms);
    text_add(o, call->flags & CALL_SHARED ? ", shared" : ", private");
    if (call->file[0]) text_addf(o, ", from file %s", call->file);
    text_addf(o, ") that it will call %s", call_region_name(c));
    if (call->flags & CALL_FIXED) text_add(o, ", at "), format_va(o, c->f, c->e->va);
    if (call->flags & CALL_POPULATE) text_add(o, ", with all its pages in memory at once");
}

static void say_brk(struct text *o, const struct context *c, const struct call_config *call) {
    text_add(o, "brk, move the end of the heap ");
    if (call->length == 0) {
        text_add(o, "to ");
        format_va(o, c->f, c->e->va);
        return;
    }
    text_add(o, call->flags & CALL_DOWN ? "down by " : "up by ");
    size(o, call->length);
}

/* A range: from an address on, so many bytes or the whole region. */
static void say_range(struct text *o, const struct context *c, const struct call_config *call) {
    if (call->length) size(o, call->length);
    else text_add(o, "the region");
    text_add(o, " at ");
    format_va(o, c->f, c->e->va);
}

static void say_plain(struct text *o, const struct context *c, const struct call_config *call) {
    static const char *const shall[CALL_KINDS] = {[CALL_MUNMAP] = " shall go",
                                                  [CALL_MLOCK] = " shall stay in memory",
                                                  [CALL_MUNLOCK] = " may leave memory again",
                                                  [CALL_MPROTECT] = " shall be "};
    text_addf(o, "%s, ", call_name[call->kind]);
    say_range(o, c, call);
    text_add(o, shall[call->kind]);
}

static void say_mprotect(struct text *o, const struct context *c, const struct call_config *call) {
    say_plain(o, c, call);
    perms_words(o, call->perms);
}

static void say_madvise(struct text *o, const struct context *c, const struct call_config *call) {
    static const char *const words[ADVICES] = {
        [ADVICE_DONTNEED] = "it does not need ", [ADVICE_FREE] = "frames may be taken from ", [ADVICE_WILLNEED] = "it will soon read ",
        [ADVICE_POPULATE_READ] = "it wants to read ", [ADVICE_POPULATE_WRITE] = "it wants to write "};
    static const char *const rest[ADVICES] = {
        [ADVICE_DONTNEED] = " any more", [ADVICE_FREE] = " if they run short", [ADVICE_WILLNEED] = "",
        [ADVICE_POPULATE_READ] = " without a fault", [ADVICE_POPULATE_WRITE] = " without a fault"};
    text_addf(o, "madvise %s, %s", advice_name[call->advice], words[call->advice]);
    say_range(o, c, call);
    text_add(o, rest[call->advice]);
}

static void say_mremap(struct text *o, const struct context *c, const struct call_config *call) {
    text_add(o, "mremap, the region at ");
    format_va(o, c->f, c->e->va);
    text_add(o, " shall have ");
    size(o, call->length);
}

static void say_exec(struct text *o, const struct context *c, const struct call_config *call) {
    text_addf(o, "exec, run the program %s instead", program_of(c, call));
}

void say_call(struct text *o, const struct context *c) {
    typedef void sayer(struct text *, const struct context *, const struct call_config *);
    static sayer *const say[CALL_KINDS] = {
        [CALL_BRK] = say_brk,         [CALL_MMAP] = say_mmap,     [CALL_MUNMAP] = say_plain, [CALL_MPROTECT] = say_mprotect,
        [CALL_MADVISE] = say_madvise, [CALL_MREMAP] = say_mremap, [CALL_MLOCK] = say_plain,  [CALL_MUNLOCK] = say_plain,
        [CALL_EXEC] = say_exec};
    if (c->e->has_value) say[call_of(c)->kind](o, c, call_of(c));
    else text_add(o, c->e->region);
}

/* ---- as steps ---- */

void narrate_address(struct text *o, const struct machine *m, const struct step *s) {
    const struct machine_config *c = machine_config(m);
    int64_t offset = (int64_t)s->va;
    if (s->name == 0 || s->name > c->name_count) {
        format_va(o, &c->format, s->va);
        return;
    }
    text_add(o, c->names[s->name - 1]);
    if (offset) text_addf(o, "%c0x%llx", offset < 0 ? '-' : '+', (unsigned long long)(offset < 0 ? 0 - s->va : s->va));
}

void narrate_call(struct text *o, const struct machine *m, const struct step *s) {
    const struct machine_config *c = machine_config(m);
    const struct call_config *call = &c->calls[s->value];
    text_addf(o, "%s ", call_name[call->kind]);
    if (call->kind == CALL_MMAP) text_add(o, c->names[call->name - 1]);
    else if (call->kind == CALL_EXEC) text_add(o, machine_image(c, call->image)->name);
    else if (call->kind != CALL_BRK || call->length == 0) narrate_address(o, m, s);
    if (call->kind == CALL_BRK && call->length) text_add(o, call->flags & CALL_DOWN ? "-" : "+");
    else if (call->length) text_add(o, " ");
    if (call->length) size(o, call->length);
    if (call->kind == CALL_MPROTECT || call->kind == CALL_MMAP) text_add(o, " "), format_perms(o, call->perms);
    if (call->kind == CALL_MADVISE) text_addf(o, " %s", advice_name[call->advice]);
}

/* ---- what it gives back ---- */

/* What was done with so many pages. */
static void pages_were(struct text *o, uint32_t n, const char *what) {
    if (n == 0) text_addf(o, ": no page was %s", what);
    else text_addf(o, ": %u page%s %s", n, n == 1 ? " was" : "s were", what);
}

static void say_result_pages(struct text *o, const struct call_config *call, uint32_t n) {
    bool populates = call->kind == CALL_MADVISE && call->advice >= ADVICE_POPULATE_READ;
    if (call->kind == CALL_MADVISE && call->advice == ADVICE_WILLNEED) pages_were(o, n, "read ahead");
    else if (populates || (call->kind == CALL_MLOCK && n)) pages_were(o, n, "brought in");
    else if (call->kind == CALL_MMAP && (call->flags & CALL_POPULATE)) text_addf(o, ", %u page%s in memory", n, n == 1 ? " is" : "s are");
}

void say_call_result(struct text *o, const struct context *c) {
    const struct call_config *call = call_of(c);
    if (call->kind == CALL_EXEC) {
        text_addf(o, "The call does not return: %s begins with its first instruction", program_of(c, call));
        return;
    }
    text_add(o, "The call returns");
    if (call->kind == CALL_MMAP) text_addf(o, ": %s is ", call_region_name(c));
    else if (call->kind == CALL_BRK) text_add(o, ": the break is now ");
    else if (call->kind == CALL_MREMAP) text_add(o, ": the region is at ");
    if (call->kind == CALL_MMAP || call->kind == CALL_BRK || call->kind == CALL_MREMAP) format_va(o, c->f, c->e->va);
    say_result_pages(o, call, c->e->count);
}

/* ---- regions ---- */

void say_mapped_how(struct text *o, const struct context *c) {
    const struct call_config *call = call_of(c);
    bool shared = call->flags & CALL_SHARED;
    if (call->file[0]) text_addf(o, "bytes of file %s, %s", call->file, shared ? "shared: writes go to the file" : "private: writes stay its own");
    else text_add(o, shared ? "zeros at first, shared with the children that it forks" : "zeros at first, private");
}

/* No frame yet, unless the program wants them all at once. */
void say_promise(struct text *o, const struct context *c) {
    if (call_of(c)->flags & CALL_POPULATE) text_add(o, "Its pages are to come at once.");
    else text_add(o, "Only a promise: no frame is taken, no PTE written.");
}

static const struct vma *user_region(const struct process *p, uint32_t *i) {
    while (*i < p->vma_count && p->vma[*i].kind == VMA_KERNEL) ++*i;
    return *i < p->vma_count ? &p->vma[(*i)++] : NULL;
}

/* What a new program has: "the regions text, data and heap". */
void say_new_regions(struct text *o, const struct context *c) {
    const struct process *p = &machine_kernel(c->m)->process[c->e->proc];
    uint32_t i = 0, n = 0;
    const struct vma *v = user_region(p, &i), *next = v ? user_region(p, &i) : NULL;
    text_add(o, !v ? "no region" : next ? "the regions " : "the region ");
    for (; v; v = next, next = next ? user_region(p, &i) : NULL) text_addf(o, "%s%s", n++ == 0 ? "" : next ? ", " : " and ", v->name);
}

/* ---- pages ---- */

/* What the TLB held of pages that changed, behind "... are rewritten"; `them` is it or them. */
static void tlb_too(struct text *o, const struct context *c, const char *them) {
    if (machine_config(c->m)->never_invalidates) text_add(o, ", but this kernel forgets what the TLB holds");
    else if (tlbs_has(&machine_hw(c->m)->tlbs, TLB_DATA)) text_addf(o, ", and what the TLB held of %s is dropped", them);
}

/* `count` frames became free; `value` pages were in one. */
void say_unmapped_count(struct text *o, const struct context *c) {
    const struct event *e = c->e;
    if (e->count == 0 && e->value == 0) text_add(o, "None of their pages was in a frame");
    else if (e->count == 0) text_add(o, e->value == 1 ? "The frame stays, for others or the page cache" : "The frames stay, for others or the page cache");
    else text_addf(o, "%u frame%s free again", e->count, e->count == 1 ? " is" : "s are");
    if (e->count || e->value) tlb_too(o, c, e->value == 1 ? "the page" : "the pages");
}

void say_written_back(struct text *o, const struct context *c) {
    if (c->e->written) text_addf(o, " %u dirty page%s written back to the file.", c->e->written, c->e->written == 1 ? " is" : "s are");
}

void say_protected_count(struct text *o, const struct context *c) {
    if (c->e->count == 0) text_add(o, "none of their pages is in memory, so no PTE changes");
    else text_addf(o, "%u PTE%s rewritten", c->e->count, c->e->count == 1 ? " is" : "s are");
    if (c->e->count) tlb_too(o, c, c->e->count == 1 ? "the page" : "the pages");
}

void say_next_touch(struct text *o, const struct context *c) {
    const struct vma *v = vma_find(&machine_kernel(c->m)->process[c->e->proc], c->e->first);
    if (v && v->file != FILE_NONE) text_add(o, machine_kernel(c->m)->file[v->file].memory ? "The next touch finds the shared bytes." : "The next touch finds the file's bytes.");
    else text_add(o, "The next touch finds zeros.");
}

void say_may_be_dropped(struct text *o, const struct context *c) {
    if (c->e->count == 0) text_add(o, "there is no page of theirs that could be dropped.");
    else if (c->e->count == 1) text_add(o, "1 page counts as clean now. If frames run short it is dropped, unless it is written first.");
    else text_addf(o, "%u pages count as clean now. If frames run short they are dropped, unless they are written first.", c->e->count);
}

/* How many of the pages are there, and whether the others can come. */
void say_locked_count(struct text *o, const struct context *c) {
    const struct event *e = c->e;
    uint64_t all = e->last - e->first + 1;
    bool one = all == 1, come = e->perms != 0;
    if (e->count == all && one) text_add(o, "The page is there already");
    else if (e->count == all) text_addf(o, "All %u are there already", e->count);
    else if (e->count == 0) text_addf(o, "%s there yet%s", one ? "The page is not" : "None of them is", !come ? "" : one ? ": it comes in now" : ": they come in now");
    else text_addf(o, "%u of %llu %s there already%s", e->count, (unsigned long long)all, e->count == 1 ? "is" : "are", come ? ", the rest comes in now" : "");
}

void say_may_leave(struct text *o, const struct context *c) {
    if (c->e->count == 0) text_add(o, "none of their pages is in memory");
    else if (c->e->count == 1) text_add(o, "their page in memory may leave again");
    else text_addf(o, "their %u pages in memory may leave again", c->e->count);
}

void say_count_pages(struct text *o, const struct context *c) {
    text_addf(o, "%u page%s", c->e->count, c->e->count == 1 ? "" : "s");
}

void say_stand(struct text *o, const struct context *c) { text_add(o, c->e->count == 1 ? "stands" : "stand"); }
void say_them(struct text *o, const struct context *c) { text_add(o, c->e->count == 1 ? "it" : "them"); }

void say_of_file(struct text *o, const struct context *c) {
    if (c->e->region[0]) text_addf(o, " (page %u of %s)", c->e->count, c->e->region);
}

void say_which_file(struct text *o, const struct context *c) {
    const struct kernel *k = machine_kernel(c->m);
    if (c->e->index == k->process[c->e->proc].program) text_addf(o, "the program's file (%s)", c->e->region);
    else text_addf(o, "the file %s", k->file[c->e->index].name);
}

/* Who sees the frame that is copied. */
void say_sharers(struct text *o, const struct context *c) {
    if (c->e->count > 1) text_addf(o, "which %u pages share", c->e->count);
    else text_add(o, "which is the page cache's");
}
