/* flat.c - see flat.h. */
#include "flat.h"

#include <stdio.h>
#include <string.h>

static struct flat_page *find(struct flat *f, proc_t p, vpn_t vpn) {
    for (size_t i = 0; i < f->process[p].pages; i++)
        if (f->process[p].page[i].vpn == vpn) return &f->process[p].page[i];
    return NULL;
}

static void put(struct flat *f, proc_t p, struct flat_page page) {
    struct flat_page *at = find(f, p, page.vpn);
    if (at) *at = page;
    else if (f->process[p].pages < FLAT_PAGES) f->process[p].page[f->process[p].pages++] = page;
}

static void take(struct flat *f, proc_t p, vpn_t first, vpn_t end) {
    size_t n = 0;
    for (size_t i = 0; i < f->process[p].pages; i++) {
        struct flat_page page = f->process[p].page[i];
        if (page.vpn < first || page.vpn >= end) f->process[p].page[n++] = page;
    }
    f->process[p].pages = n;
}

static int object_named(struct flat *f, const char *name) {
    for (size_t i = 0; i < f->objects && name[0]; i++)
        if (strcmp(f->object[i].name, name) == 0) return (int)i;
    struct flat_object *o = &f->object[f->objects];
    *o = (struct flat_object){.name = ""};
    snprintf(o->name, sizeof o->name, "%s", name);
    for (size_t i = 0; !name[0] && i < FLAT_OBJECT_PAGES; i++) o->known[i] = true; /* zeros */
    return (int)f->objects++;
}

/* ---- processes ---- */

static void load(struct flat *f, const struct machine_config *c, proc_t p, size_t image) {
    const struct process_config *from = machine_image(c, image);
    f->process[p].pages = 0;
    f->process[p].image = image;
    for (size_t i = 0; i < from->region_count; i++) {
        const struct region_config *r = &from->regions[i];
        int object = r->backing == BACKING_FILE ? object_named(f, from->program[0] ? from->program : from->name) : -1;
        for (vpn_t v = 0; v < r->pages; v++)
            put(f, p, (struct flat_page){.vpn = r->first + v, .perms = r->perms, .object = object, .at = (unsigned)(r->file_page + v)});
        if (r->kind == VMA_HEAP) f->process[p].brk_end = r->first + r->pages;
    }
}

void flat_begin(struct flat *f, const struct machine_config *c) {
    memset(f, 0, sizeof *f);
    f->process[0].alive = true;
    load(f, c, 0, 0);
}

/* ---- calls that returned ---- */

static void map(struct flat *f, const struct machine_config *c, proc_t p, const struct call_config *call, vpn_t first) {
    vpn_t pages = (call->length + low_bits(c->format.page_shift)) >> c->format.page_shift;
    bool shared = call->flags & CALL_SHARED;
    int object = call->file[0] || shared ? object_named(f, call->file) : -1;
    take(f, p, first, first + pages);
    for (vpn_t v = 0; v < pages; v++)
        put(f, p, (struct flat_page){.vpn = first + v, .perms = call->perms, .object = object, .shared = shared,
                                     .at = (unsigned)(call->file_page + v)});
}

/* A page that was brought in as by a write has bytes of its own from then on. */
static void own(struct flat *f, struct flat_page *page) {
    if (page->shared || page->own) return;
    if (page->object >= 0 && !f->object[page->object].known[page->at]) return; /* its word is not known, and will not change */
    page->word = page->object >= 0 ? f->object[page->object].word[page->at] : page->word;
    page->own = page->object >= 0;
}

static bool populates_for_writing(const struct call_config *call) {
    return (call->kind == CALL_MMAP && (call->flags & CALL_POPULATE)) || call->kind == CALL_MLOCK ||
           (call->kind == CALL_MADVISE && call->advice == ADVICE_POPULATE_WRITE);
}

static void advise(struct flat_page *page, enum advice advice) {
    if (advice == ADVICE_DONTNEED && !page->shared) page->own = page->may_be_zero = false, page->word = 0;
    if (advice == ADVICE_FREE) page->may_be_zero = true;
}

static void each_page(struct flat *f, proc_t p, const struct call_config *call, vpn_t first, vpn_t end) {
    for (size_t i = 0; i < f->process[p].pages; i++) {
        struct flat_page *page = &f->process[p].page[i];
        if (page->vpn < first || page->vpn >= end) continue;
        if (call->kind == CALL_MPROTECT) page->perms = call->perms;
        if (call->kind == CALL_MADVISE) advise(page, (enum advice)call->advice);
        if (populates_for_writing(call) && (page->perms & PERM_W)) own(f, page);
    }
}

static void move(struct flat *f, proc_t p, vpn_t from, vpn_t old, vpn_t to, vpn_t pages) {
    struct flat_page moved[FLAT_PAGES];
    struct flat_page *last = find(f, p, from + old - 1);
    if (!last) return;
    struct flat_page like = *last;
    for (vpn_t v = 0; v < old && v < pages; v++) moved[v] = *find(f, p, from + v);
    take(f, p, from, from + old);
    for (vpn_t v = 0; v < pages; v++) {
        struct flat_page page = v < old ? moved[v] : (struct flat_page){.perms = like.perms, .object = like.object, .shared = like.shared,
                                                                         .at = like.at + (unsigned)(v - old + 1)};
        page.vpn = to + v;
        put(f, p, page);
    }
}

static void set_break(struct flat *f, const struct machine_config *c, proc_t p, vaddr_t va) {
    const struct process_config *image = machine_image(c, f->process[p].image);
    vpn_t end = (va + low_bits(c->format.page_shift)) >> c->format.page_shift, was = f->process[p].brk_end;
    for (vpn_t v = was; v < end; v++) put(f, p, (struct flat_page){.vpn = v, .perms = PERM_R | PERM_W, .object = -1});
    if (end < was) take(f, p, end, was);
    f->process[p].brk_end = end;
    (void)image;
}

static void returned(struct flat *f, const struct machine *m, const struct event *e) {
    const struct machine_config *c = machine_config(m);
    const struct call_config *call = &c->calls[f->step.value];
    vpn_t given = (call->length + low_bits(c->format.page_shift)) >> c->format.page_shift, at = va_to_vpn(e->va, c->format.page_shift);
    vpn_t first = call->kind == CALL_MMAP ? at : f->first, end = first + (call->length ? given : f->old_pages);
    switch ((enum call_kind)call->kind) {
    case CALL_MMAP: map(f, c, e->proc, call, at); break;
    case CALL_MUNMAP: take(f, e->proc, first, end); break;
    case CALL_MREMAP: move(f, e->proc, f->first, f->old_pages, at, given); break;
    case CALL_BRK: set_break(f, c, e->proc, e->va); break;
    case CALL_EXEC: load(f, c, e->proc, call->image); break;
    default: break;
    }
    each_page(f, e->proc, call, first, end);
}

/* Which pages a call without a length is about: the machine's list of regions says. */
static void begin_call(struct flat *f, const struct machine *m, const struct event *e) {
    const struct kernel *k = machine_kernel(m);
    machine_step_now(m, &f->step);
    if (f->step.kind != STEP_CALL) return;
    f->first = va_to_vpn(e->va, machine_config(m)->format.page_shift);
    f->old_pages = k->call.old;
    const struct vma *v = vma_find(&k->process[e->proc], f->first);
    if (f->old_pages == 0 && v) f->old_pages = v->end - f->first;
}

/* ---- accesses ---- */

static const char *read(struct flat *f, struct flat_page *page, uint64_t value) {
    struct flat_object *o = page->object >= 0 && !page->own ? &f->object[page->object] : NULL;
    uint64_t *word = o ? &o->word[page->at] : &page->word;
    if (o && !o->known[page->at]) {
        o->known[page->at] = true;
        *word = value;
    }
    if (page->may_be_zero && value == 0 && *word != 0) {
        *word = 0;
        page->may_be_zero = false;
    }
    return *word == value ? NULL : "a process reads another word than its memory holds";
}

static void write(struct flat *f, struct flat_page *page, uint64_t value) {
    if (page->shared) {
        f->object[page->object].word[page->at] = value;
        f->object[page->object].known[page->at] = true;
    } else {
        page->word = value;
        page->own = true;
        page->may_be_zero = false;
    }
}

static const char *access_done(struct flat *f, const struct machine *m, const struct event *e) {
    struct flat_page *page = find(f, e->proc, va_to_vpn(e->va, machine_config(m)->format.page_shift));
    if (!page) return "an access reaches memory where nothing is mapped";
    if (!(page->perms & (e->kind == EV_MEM_WRITE ? PERM_W : PERM_R))) return "an access is made that is not permitted";
    if (e->kind == EV_MEM_READ) return read(f, page, e->value);
    write(f, page, e->value);
    return NULL;
}

static const char *access_refused(struct flat *f, const struct machine *m, const struct event *e) {
    struct flat_page *page = find(f, e->proc, va_to_vpn(e->va, machine_config(m)->format.page_shift));
    bool permitted = page && (page->perms & (e->op == ACCESS_WRITE ? PERM_W : PERM_R));
    if (permitted) return "an access is refused that is permitted";
    return (e->fault != FAULT_SEGV_ACCESS) == !page ? NULL : "an access is refused for another reason";
}

const char *flat_follow(struct flat *f, const struct machine *m, const struct event *e) {
    switch ((enum event_kind)e->kind) {
    case EV_CALL: begin_call(f, m, e); return NULL;
    case EV_CALL_DONE: returned(f, m, e); return NULL;
    case EV_FORK_DONE: f->process[e->proc] = f->process[e->old_proc]; return NULL;
    case EV_FRAMES_FREED: f->process[e->proc].alive = false; return NULL;
    case EV_SIGSEGV: return access_refused(f, m, e);
    case EV_MEM_READ:
    case EV_MEM_WRITE: return access_done(f, m, e);
    default: return NULL;
    }
}

const char *flat_compare(const struct flat *f, const struct machine *m) {
    const struct kernel *k = machine_kernel(m);
    for (uint32_t p = 0; p < k->process_count; p++)
        if (k->process[p].alive != f->process[p].alive) return "the model and the machine disagree on who lives";
    return NULL;
}
