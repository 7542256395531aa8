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

static struct flat_page page_of(vpn_t vpn, unsigned perms, int object, unsigned at) {
    return (struct flat_page){.vpn = vpn, .perms = perms, .object = object, .at = at, .bytes.known = object < 0 ? UINT32_MAX : 0};
}

static int object_named(struct flat *f, const char *name) {
    for (size_t i = 0; i < f->objects && name[0]; i++)
        if (strcmp(f->object[i].name, name) == 0) return (int)i;
    struct flat_object *o = &f->object[f->objects];
    *o = (struct flat_object){.name = ""};
    snprintf(o->name, sizeof o->name, "%s", name);
    for (size_t i = 0; !name[0] && i < FLAT_OBJECT_PAGES; i++) o->page[i].known = UINT32_MAX; /* zeros */
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
        for (vpn_t v = 0; v < r->pages && r->kind != VMA_KERNEL; v++) put(f, p, page_of(r->first + v, r->perms, object, (unsigned)(r->file_page + v)));
        if (r->kind == VMA_HEAP) f->process[p].brk_end = r->first + r->pages;
    }
}

void flat_begin(struct flat *f, const struct machine_config *c) {
    memset(f, 0, sizeof *f);
    for (size_t p = 0; p < c->process_count; p++) {
        f->process[p].alive = true;
        load(f, c, (proc_t)p, p);
    }
}

/* ---- calls that returned ---- */

static void map(struct flat *f, const struct machine_config *c, proc_t p, const struct call_config *call, vpn_t first) {
    vpn_t pages = (call->length + low_bits(c->format.page_shift)) >> c->format.page_shift;
    bool shared = call->flags & CALL_SHARED;
    int object = call->file[0] || shared ? object_named(f, call->file) : -1;
    take(f, p, first, first + pages);
    for (vpn_t v = 0; v < pages; v++) {
        struct flat_page page = page_of(first + v, call->perms, object, (unsigned)(call->file_page + v));
        page.shared = shared;
        put(f, p, page);
    }
}

/* A page that was brought in as by a write has its bytes copied: it may not see what others write later. */
static void see(const struct flat *f, struct flat_page *page) {
    if (!page->shared && !page->own && page->object >= 0) page->bytes = f->object[page->object].page[page->at];
}

static bool populates_for_writing(const struct call_config *call) {
    return (call->kind == CALL_MMAP && (call->flags & CALL_POPULATE)) || call->kind == CALL_MLOCK ||
           (call->kind == CALL_MADVISE && call->advice == ADVICE_POPULATE_WRITE);
}

static void advise(struct flat_page *page, enum advice advice) {
    if (advice == ADVICE_FREE) page->freed = UINT32_MAX;
    if (advice != ADVICE_DONTNEED || page->shared) return;
    *page = page_of(page->vpn, page->perms, page->object, page->at);
}

static void each_page(struct flat *f, proc_t p, const struct call_config *call, vpn_t first, vpn_t end) {
    for (size_t i = 0; i < f->process[p].pages; i++) {
        struct flat_page *page = &f->process[p].page[i];
        if (page->vpn < first || page->vpn >= end) continue;
        if (call->kind == CALL_MPROTECT) page->perms = call->perms;
        if (call->kind == CALL_MADVISE) advise(page, (enum advice)call->advice);
        if (populates_for_writing(call) && (page->perms & PERM_W)) see(f, page);
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
        struct flat_page page = v < old ? moved[v] : page_of(0, like.perms, like.object, like.at + (unsigned)(v - old + 1));
        page.shared = like.shared;
        page.vpn = to + v;
        put(f, p, page);
    }
}

static void set_break(struct flat *f, const struct machine_config *c, proc_t p, vaddr_t va) {
    const struct process_config *image = machine_image(c, f->process[p].image);
    vpn_t end = (va + low_bits(c->format.page_shift)) >> c->format.page_shift, was = f->process[p].brk_end;
    for (vpn_t v = was; v < end; v++) put(f, p, page_of(v, PERM_R | PERM_W, -1, 0));
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

/* Where the byte at that offset of a page is kept. */
static unsigned place(const struct machine *m, uint64_t va) {
    uint64_t in_page = low_bits(machine_config(m)->format.page_shift), offset = va & in_page;
    return (unsigned)(offset < FLAT_EDGE ? offset : FLAT_BYTES - 1 - (in_page - offset));
}

static bool is_seen(const struct flat_bytes *b, unsigned at, uint8_t byte) { return (b->known >> at & 1) && b->byte[at] == byte; }

static void set(struct flat_bytes *b, unsigned at, uint8_t byte) {
    b->byte[at] = byte;
    b->known |= 1u << at;
}

/* The page had been freed, and was dropped indeed. */
static void drop_freed(struct flat_page *page) {
    for (unsigned i = 0; i < FLAT_BYTES; i++)
        if (page->freed >> i & 1) set(&page->bytes, i, 0);
    page->freed = 0;
}

static bool read_byte(struct flat *f, struct flat_page *page, unsigned at, uint8_t byte) {
    struct flat_bytes *behind = page->object >= 0 && !page->own ? &f->object[page->object].page[page->at] : &page->bytes;
    if (!(behind->known >> at & 1)) set(behind, at, byte);
    if (byte == 0 && !is_seen(behind, at, 0) && (page->freed >> at & 1)) drop_freed(page);
    bool good = is_seen(behind, at, byte) || (!page->shared && is_seen(&page->bytes, at, byte));
    if (good && behind != &page->bytes) set(&page->bytes, at, byte);
    return good;
}

static void write_byte(struct flat *f, struct flat_page *page, unsigned at, uint8_t byte) {
    if (page->shared) {
        set(&f->object[page->object].page[page->at], at, byte);
        return;
    }
    if (!page->own && page->object >= 0) { /* its other bytes: as it saw them last, or as they are in the file */
        struct flat_bytes *behind = &f->object[page->object].page[page->at];
        for (unsigned i = 0; i < FLAT_BYTES; i++)
            if (!(page->bytes.known >> i & 1) && (behind->known >> i & 1)) set(&page->bytes, i, behind->byte[i]);
    }
    page->own = true;
    page->freed &= ~(1u << at);
    set(&page->bytes, at, byte);
}

static struct flat_page *page_of_event(struct flat *f, const struct machine *m, const struct event *e) {
    return find(f, e->proc, va_to_vpn(e->va, machine_config(m)->format.page_shift));
}

static const char *access_done(struct flat *f, const struct machine *m, const struct event *e) {
    static const unsigned needs[ACCESS_KINDS] = {[ACCESS_READ] = PERM_R, [ACCESS_WRITE] = PERM_W, [ACCESS_FETCH] = PERM_X};
    struct flat_page *page = page_of_event(f, m, e);
    if (!page) return "an access reaches memory where nothing is mapped";
    if (!(page->perms & needs[e->op])) return "an access is made that is not permitted";
    for (unsigned i = 0; i < e->size; i++) {
        uint8_t byte = (uint8_t)(e->value >> 8 * i);
        unsigned at = place(m, e->va + i);
        if (e->op == ACCESS_WRITE) write_byte(f, page, at, byte);
        else if (!read_byte(f, page, at, byte)) return "a process reads other bytes than its memory holds";
    }
    return NULL;
}

/* Where the stack may grow to, but for accesses that it permits; and kernel space. */
static bool is_guarded(const struct flat *f, const struct machine *m, proc_t p, vpn_t vpn) {
    const struct process_config *c = machine_image(machine_config(m), f->process[p].image);
    for (size_t i = 0; i < c->region_count; i++) {
        const struct region_config *r = &c->regions[i];
        if (r->kind == VMA_KERNEL && vpn >= r->first) return true;
        if (r->kind == VMA_STACK && vpn >= r->first + r->pages - r->limit && vpn < r->first + r->pages) return true;
    }
    return false;
}

static const char *access_refused(struct flat *f, const struct machine *m, const struct event *e) {
    static const unsigned needs[ACCESS_KINDS] = {[ACCESS_READ] = PERM_R, [ACCESS_WRITE] = PERM_W, [ACCESS_FETCH] = PERM_X};
    struct flat_page *page = page_of_event(f, m, e);
    if (page && (page->perms & needs[e->op])) return "an access is refused that is permitted";
    if (!page && e->fault == FAULT_SEGV_ACCESS && is_guarded(f, m, e->proc, va_to_vpn(e->va, machine_config(m)->format.page_shift))) return NULL;
    return (e->fault != FAULT_SEGV_ACCESS) == !page ? NULL : "an access is refused for another reason";
}

/* Pages that come with a touch: of a stack that grows, or mapped on the spot. */
static void grow(struct flat *f, const struct event *e, unsigned perms) {
    for (vpn_t v = e->first; v <= e->last; v++)
        if (!find(f, e->proc, v)) put(f, e->proc, page_of(v, perms, -1, 0));
}

const char *flat_follow(struct flat *f, const struct machine *m, const struct event *e) {
    switch ((enum event_kind)e->kind) {
    case EV_CALL: begin_call(f, m, e); return NULL;
    case EV_CALL_DONE: returned(f, m, e); return NULL;
    case EV_FORK_DONE: f->process[e->proc] = f->process[e->old_proc]; return NULL;
    case EV_FRAMES_FREED: f->process[e->proc].alive = false; return NULL;
    case EV_SIGSEGV: return access_refused(f, m, e);
    case EV_VMA_GROW:
    case EV_VMA_MAPPED: grow(f, e, e->perms); return NULL;
    case EV_MEM_READ:
    case EV_MEM_FETCH:
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
