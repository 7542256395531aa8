/* narrate_calls.c - how calls of processes read in a sentence: what was asked for,
 * what became of it, what it gives back.
 */
#include "sim/narrate_fields.h"

static const struct call_config *call_of(const struct context *c) { return &machine_config(c->m)->calls[c->e->index]; }
static const char *call_region_name(const struct context *c) { return machine_config(c->m)->names[call_of(c)->name - 1]; }

/* 64 KiB rather than 65536 where that is a whole number. */
static void size(struct text *o, uint64_t bytes) {
    static const char *const unit[] = {"bytes", "KiB", "MiB", "GiB"};
    unsigned u = 0;
    while (u < 3 && bytes && bytes % 1024 == 0) bytes /= 1024, u++;
    text_addf(o, "%llu %s", (unsigned long long)bytes, unit[u]);
}

static void perms_words(struct text *o, unsigned perms) {
    format_perms(o, perms);
    if (!perms) text_add(o, " (no access at all)");
}

/* ---- what is asked for ---- */

static void say_mmap(struct text *o, const struct context *c, const struct call_config *call) {
    text_addf(o, "mmap, a region of ");
    size(o, call->length);
    text_addf(o, " that it will call %s, ", call_region_name(c));
    perms_words(o, call->perms);
    text_add(o, call->flags & CALL_SHARED ? ", shared" : ", private");
    if (call->file[0]) text_addf(o, ", from file %s", call->file);
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
    text_addf(o, "%s, ", call_name[call->kind]);
    say_range(o, c, call);
}

static void say_mprotect(struct text *o, const struct context *c, const struct call_config *call) {
    say_plain(o, c, call);
    text_add(o, " shall be ");
    perms_words(o, call->perms);
}

static void say_madvise(struct text *o, const struct context *c, const struct call_config *call) {
    say_plain(o, c, call);
    text_addf(o, ": %s", advice_name[call->advice]);
}

static void say_mremap(struct text *o, const struct context *c, const struct call_config *call) {
    text_add(o, "mremap, the region at ");
    format_va(o, c->f, c->e->va);
    text_add(o, " shall have ");
    size(o, call->length);
}

static void say_exec(struct text *o, const struct context *c, const struct call_config *call) {
    const struct process_config *image = machine_image(machine_config(c->m), call->image);
    text_addf(o, "exec, run the program %s instead", image->program[0] ? image->program : image->name);
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

static const char *const advice_result[ADVICES] = {
    [ADVICE_DONTNEED] = "", [ADVICE_FREE] = "", [ADVICE_WILLNEED] = " pages were read ahead",
    [ADVICE_POPULATE_READ] = " pages were brought in", [ADVICE_POPULATE_WRITE] = " pages were brought in"};

void say_call_result(struct text *o, const struct context *c) {
    const struct call_config *call = call_of(c);
    bool counts = call->kind == CALL_MADVISE && call->advice >= ADVICE_WILLNEED;
    if (call->kind == CALL_MMAP) text_addf(o, ": %s is ", call_region_name(c));
    else if (call->kind == CALL_BRK) text_add(o, ": the break is now ");
    else if (call->kind == CALL_MREMAP) text_add(o, ": the region is at ");
    if (call->kind == CALL_MMAP || call->kind == CALL_BRK || call->kind == CALL_MREMAP) format_va(o, c->f, c->e->va);
    if (counts) text_addf(o, ": %u%s", c->e->count, advice_result[call->advice]);
    if (call->kind == CALL_MMAP && (call->flags & CALL_POPULATE)) text_addf(o, ", %u pages are in memory", c->e->count);
}

void say_mapped_how(struct text *o, const struct context *c) {
    const struct call_config *call = call_of(c);
    if (call->file[0]) text_addf(o, "bytes of file %s, %s", call->file, call->flags & CALL_SHARED ? "shared: writes go to the file" : "private: writes stay its own");
    else text_add(o, call->flags & CALL_SHARED ? "zeros at first, shared with whom it forks" : "zeros at first, private");
}

/* ---- pages ---- */

void say_unmapped_count(struct text *o, const struct context *c) {
    if (c->e->count == 0) text_add(o, "no frame was theirs alone");
    else text_addf(o, "%u frame%s free again, what the TLB held is dropped", c->e->count, c->e->count == 1 ? " is" : "s are");
}

void say_written_back(struct text *o, const struct context *c) {
    if (c->e->written) text_addf(o, ", %u dirty page%s written back to the file", c->e->written, c->e->written == 1 ? " is" : "s are");
}

void say_protected_count(struct text *o, const struct context *c) {
    if (c->e->count == 0) text_add(o, "no page of it is in memory, so no PTE changes.");
    else text_addf(o, "%u PTE%s rewritten, what the TLB held is dropped.", c->e->count, c->e->count == 1 ? " is" : "s are");
}

void say_next_touch(struct text *o, const struct context *c) {
    const struct vma *v = vma_find(&machine_kernel(c->m)->process[c->e->proc], c->e->first);
    if (v && v->file != FILE_NONE) text_add(o, "The next touch finds the file's bytes.");
    else text_add(o, "The next touch finds zeros.");
}

void say_count_pages(struct text *o, const struct context *c) {
    text_addf(o, "%u page%s", c->e->count, c->e->count == 1 ? "" : "s");
}

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
