/* call_words.c - what a process asks the kernel for, read from words.
 *
 *   mmap: buf, size: 64KiB, perms: rw      -> config.calls[i], and the name "buf"
 *   :mmap buf 64KiB rw                     -> the same
 *
 * One reader for both, so that what was typed can be saved and loads again. The
 * table says which words a kind of call needs and takes.
 */
#include "vmscope/scenario/call_words.h"

#include "scenario/value_rule.h"
#include "vmscope/base/memory.h"

struct reader {
    struct scenario *s;
    size_t image;
    const struct call_words *w;
    struct call_config call;
    struct step step;
    const char **wrong;
    struct text *why;
};

static bool refuse(struct reader *r, const char *word, const char *why) {
    *r->wrong = word;
    text_add(r->why, why);
    return false;
}

/* ---- the tables that grow ---- */

static uint16_t find_name(const struct machine_config *c, const char *name) {
    for (size_t i = 0; i < c->name_count; i++)
        if (strcmp(c->names[i], name) == 0) return (uint16_t)(i + 1);
    return 0;
}

static bool add_name(struct reader *r, const char *name) {
    struct machine_config *c = &r->s->config;
    void *names = c->names;
    size_t cap = c->name_count;
    r->call.name = find_name(c, name);
    if (r->call.name) return true;
    if (c->name_count >= CALL_NAMES_MAX) return refuse(r, r->w->place, "there are too many names of mappings");
    if (!mem_grow(&names, &cap, cap + 1, sizeof *c->names)) return refuse(r, r->w->place, "there is no memory for it");
    c->names = names;
    struct text t = text_in(c->names[c->name_count], NAME_SIZE);
    text_add(&t, name);
    r->call.name = (uint16_t)++c->name_count;
    return true;
}

static bool add_call(struct reader *r) {
    struct machine_config *c = &r->s->config;
    void *calls = c->calls;
    if (!mem_grow(&calls, &r->s->call_cap, c->call_count + 1, sizeof *c->calls))
        return refuse(r, r->w->place, "there is no memory for it");
    c->calls = calls;
    c->calls[c->call_count] = r->call;
    r->step.value = c->call_count++;
    return true;
}

/* ---- words ---- */

static uint64_t most_bytes(const struct reader *r) { return (uint64_t)REGION_PAGES_MAX << r->s->config.format.page_shift; }

static bool read_length(struct reader *r, const char *word) {
    const char *reason = NULL;
    if (!word) return true;
    if (!parse_size(word, &r->call.length, &reason)) return refuse(r, word, reason);
    if (r->call.length == 0) return refuse(r, word, "a size of 0 is nothing");
    if (r->call.length <= most_bytes(r)) return true;
    *r->wrong = word;
    text_addf(r->why, "%s is too large: regions may have %u pages together", word, REGION_PAGES_MAX);
    return false;
}

static bool read_perms(struct reader *r, const char *word) {
    unsigned perms = PERM_R | PERM_W;
    bool none = word && strcmp(word, "none") == 0;
    if (none) perms = 0;
    else if (word && !perms_parse(word, &perms)) return refuse(r, word, "write permissions as rw, made of r, w and x, or none");
    r->call.perms = (uint8_t)perms;
    return true;
}

static bool is_true(const char *word) { return word && choice_find(RULE_BOOL, word) == 0; }

static bool read_place(struct reader *r, const char *word) {
    char why[320];
    struct address at;
    if (!address_parse(word, &r->s->config, r->image, &at, why, sizeof why)) return refuse(r, word, why);
    r->step.va = at.va;
    r->step.name = at.name;
    if (at.name || !(at.va & low_bits(r->s->config.format.page_shift))) return true;
    return refuse(r, word, "this address is not the beginning of a page");
}

/* ---- mmap ---- */

static bool is_region_name(const struct machine_config *c, const char *name) {
    for (size_t i = 0; i < machine_image_count(c); i++)
        for (size_t n = 0; n < machine_image(c, i)->region_count; n++)
            if (strcmp(machine_image(c, i)->regions[n].name, name) == 0) return true;
    for (const char *const *kind = vma_kind_name; *kind; kind++)
        if (strcmp(*kind, name) == 0) return true;
    return strcmp(name, "page") == 0 || strcmp(name, "all") == 0 || strcmp(name, "asid") == 0;
}

static bool read_name(struct reader *r) {
    const char *name = r->w->place;
    char why[120];
    struct text t = text_in(why, sizeof why);
    if (!value_check(RULE_NAME, name, &t)) return refuse(r, name, why);
    if (strpbrk(name, "-")) return refuse(r, name, "a mapping's name is used in addresses, where '-' means less: use '_'");
    if (is_region_name(&r->s->config, name)) return refuse(r, name, "that is the name of a region: give the mapping another");
    return add_name(r, name);
}

static bool read_file(struct reader *r) {
    const struct call_words *w = r->w;
    unsigned shift = r->s->config.format.page_shift;
    bool file = w->file || (w->backing && strcmp(w->backing, "file") == 0);
    uint64_t offset = 0;
    const char *reason = NULL;
    if (w->file && w->backing && strcmp(w->backing, "anonymous") == 0)
        return refuse(r, w->backing, "anonymous memory has no file: leave one of the two out");
    if (!file && w->offset) return refuse(r, w->offset, "only a file has an offset");
    if (!file && w->cached) return refuse(r, w->cached, "only a file's pages can be in memory before");
    if (w->offset && !parse_size(w->offset, &offset, &reason)) return refuse(r, w->offset, reason);
    if (offset & low_bits(shift)) return refuse(r, w->offset, "an offset is a multiple of the page size");
    if (offset > most_bytes(r)) return refuse(r, w->offset, "no file is that long");
    if (!file) return true;
    struct text t = text_in(r->call.file, sizeof r->call.file);
    text_add(&t, w->file ? w->file : w->place);
    r->call.file_page = (uint32_t)(offset >> shift);
    bool cached = w->cached ? is_true(w->cached) : r->s->config.profile == PROFILE_LINUX;
    if (cached) r->call.flags |= CALL_CACHED;
    return true;
}

static bool read_mmap(struct reader *r) {
    const struct call_words *w = r->w;
    if (!w->size) return refuse(r, w->place, "mmap needs a size, as in {mmap: buf, size: 64KiB}");
    if (!read_name(r) || !read_length(r, w->size) || !read_perms(r, w->perms) || !read_file(r)) return false;
    if (is_true(w->shared)) r->call.flags |= CALL_SHARED;
    if (is_true(w->populate)) r->call.flags |= CALL_POPULATE;
    if (!w->at) return true;
    r->call.flags |= CALL_FIXED;
    if (!read_place(r, w->at)) return false;
    return r->step.name == 0 || refuse(r, w->at, "give a number as the address");
}

/* ---- the others ---- */

static bool read_range(struct reader *r) { return read_place(r, r->w->place) && read_length(r, r->w->size); }

static bool read_mprotect(struct reader *r) {
    if (!r->w->perms) return refuse(r, r->w->place, "mprotect needs the new permissions, as in {mprotect: heap, perms: r}");
    return read_range(r) && read_perms(r, r->w->perms);
}

static bool read_madvise(struct reader *r) {
    unsigned i = 0;
    if (!r->w->advice)
        return refuse(r, r->w->place, "madvise needs an advice, as in {madvise: heap, advice: dontneed}");
    while (advice_name[i] && strcmp(advice_name[i], r->w->advice) != 0) i++;
    if (!advice_name[i])
        return refuse(r, r->w->advice, "no such advice: write dontneed, free, willneed, populate_read or populate_write");
    r->call.advice = (uint8_t)i;
    return read_range(r);
}

static bool read_mremap(struct reader *r) {
    if (!r->w->size) return refuse(r, r->w->place, "mremap needs the new size, as in {mremap: buf, size: 128KiB}");
    return read_range(r);
}

/* "+8KiB", "-4KiB", or an address. */
static bool read_brk(struct reader *r) {
    const char *word = r->w->place;
    if (*word != '+' && *word != '-') {
        if (r->w->relative) return refuse(r, word, "it moves the break: write + or - and a size, as in +8KiB");
        char why[320];
        struct address at;
        if (!address_parse(word, &r->s->config, r->image, &at, why, sizeof why)) return refuse(r, word, why);
        if (at.name) return refuse(r, word, "the break is the heap's end: write +8KiB, -4KiB or heap+0x3000");
        r->step.va = at.va;
        return true;
    }
    if (*word == '-') r->call.flags |= CALL_DOWN;
    const char *reason = NULL;
    if (!parse_size(word + 1, &r->call.length, &reason)) {
        *r->wrong = word;
        text_addf(r->why, "'%s' is not a size behind its sign: %s", word, reason);
        return false;
    }
    if (r->call.length == 0) return refuse(r, word, "a break that moves by 0 stays where it is");
    return r->call.length <= most_bytes(r) || refuse(r, word, "that is more than all regions may have together");
}

static bool read_exec(struct reader *r) {
    const struct machine_config *c = &r->s->config;
    const char *names[33] = {NULL};
    for (size_t i = 0; i < machine_image_count(c); i++) {
        const struct process_config *p = machine_image(c, i);
        if (i < 32) names[i] = p->program[0] ? p->program : p->name;
        if (strcmp(p->program[0] ? p->program : p->name, r->w->place) != 0 && strcmp(p->name, r->w->place) != 0) continue;
        r->call.image = (uint16_t)i;
        return true;
    }
    const char *near = suggest(r->w->place, names);
    *r->wrong = r->w->place;
    text_addf(r->why, "there is no program '%s'", r->w->place);
    if (near) text_addf(r->why, ": did you mean '%s'?", near);
    else text_add(r->why, ": it is the name of a process with a layout, or of an entry of programs");
    return false;
}

bool call_from_words(struct scenario *s, size_t image, const struct call_words *w, struct step *out, const char **wrong,
                     struct text *why) {
    typedef bool reads(struct reader *r);
    static reads *const read[CALL_KINDS] = {
        [CALL_BRK] = read_brk,         [CALL_MMAP] = read_mmap,     [CALL_MUNMAP] = read_range, [CALL_MPROTECT] = read_mprotect,
        [CALL_MADVISE] = read_madvise, [CALL_MREMAP] = read_mremap, [CALL_MLOCK] = read_range,  [CALL_MUNLOCK] = read_range,
        [CALL_EXEC] = read_exec};
    struct reader r = {.s = s, .image = image, .w = w, .wrong = wrong, .why = why};
    r.call.kind = (uint8_t)w->kind;
    r.step = (struct step){.kind = STEP_CALL, .proc = PROC_NONE};
    *wrong = w->place;
    if (!w->place || !read[w->kind](&r) || !add_call(&r)) return false;
    *out = r.step;
    return true;
}
