/* real_calls.c - the calls, made for real.
 *
 * Page faults are counted around the very call. Two things that a program cannot see
 * are arranged first, because a region of a real program has them as a rule:
 *
 * Private memory has an anon_vma, the kernel's list of who may share its pages. A
 * region gets one with its first write, or from a neighbour that it is joined to; one
 * without is left out by fork, and its zero pages must be faulted in again by the child.
 * So each private region begins as part of one that was written.
 *
 * A read fault of a file's page also maps up to 15 neighbours that are in the page
 * cache ("fault-around"), as far as the region goes. To see each fault alone, a file's
 * pages are mapped here one by one, as regions that cannot be joined: page n of a
 * program's file is page 2n of the real one. */
#include "real.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MADV_POPULATE_READ /* older headers */
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#define PAGE ((size_t)1 << PLAN_SHIFT)

static char *heap_base; /* where the real heap has the scenario's first page of it */
static vaddr_t heap_first, heap_end;

void *real_at(const struct plan *p, vaddr_t va) {
    (void)p;
    if (va >= heap_first && va < heap_end) return heap_base + (va - heap_first);
    return (void *)(uintptr_t)va;
}

static int protection(unsigned perms) {
    return (perms & PERM_R ? PROT_READ : 0) | (perms & PERM_W ? PROT_WRITE : 0) | (perms & PERM_X ? PROT_EXEC : 0);
}

static int failed(bool bad) { return bad ? errno : 0; }

/* ---- regions ---- */

/* Private zeros at `where`, cut from a region whose last page was written; nothing of it is mapped. */
static int make_private(char *where, size_t pages, unsigned perms) {
    char *staged = mmap(NULL, (pages + 1) * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (staged == MAP_FAILED) return errno;
    *(volatile char *)(staged + pages * PAGE) = 1;
    munmap(staged + pages * PAGE, PAGE);
    if (mremap(staged, pages * PAGE, pages * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, where) == MAP_FAILED) return errno;
    return failed(mprotect(where, pages * PAGE, protection(perms)));
}

/* One page of a file or of shared memory. */
static int make_file_page(char *where, int fd, uint64_t page, const struct call_config *c) {
    bool shared = c->flags & CALL_SHARED;
    int perms = shared ? protection(c->perms) : PROT_READ | PROT_WRITE;
    if (mmap(where, PAGE, perms, (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED, fd, (off_t)(2 * page * PAGE)) == MAP_FAILED) return errno;
    if (shared) return 0;
    *(volatile char *)where = *(volatile char *)where; /* for its anon_vma */
    madvise(where, PAGE, MADV_DONTNEED);
    return failed(mprotect(where, PAGE, protection(c->perms)));
}

static int make_file(char *where, size_t pages, const struct call_config *c) {
    bool memory = c->file[0] == '\0';
    int fd = memory ? memfd_create("shared", 0) : real_file((unsigned)c->file[0] % PLAN_FILES), error = 0;
    if (fd < 0 || (memory && ftruncate(fd, (off_t)(2 * pages * PAGE)) != 0)) return errno;
    for (size_t i = 0; !error && i < pages; i++)
        error = make_file_page(where + i * PAGE, fd, (memory ? 0 : c->file_page) + i, c);
    if (memory) close(fd);
    return error;
}

/* ---- the calls ---- */

/* Page faults so far, before the very call and (0: when all is done) after it. */
struct window {
    uint64_t before, after;
};

/* MAP_POPULATE, as the kernel does it: for writing if the region is private and may be written. */
static int populate(char *where, size_t pages, const struct call_config *c) {
    bool write = (c->perms & PERM_W) && !(c->flags & CALL_SHARED);
    if (write) madvise(where, pages * PAGE, MADV_POPULATE_WRITE);
    else if (c->perms & PERM_R) madvise(where, pages * PAGE, MADV_POPULATE_READ);
    return 0;
}

static int call_mmap(char *where, const struct planned *at, const struct call_config *c, struct window *w) {
    size_t pages = (c->length + PAGE - 1) / PAGE;
    bool private = !c->file[0] && !(c->flags & CALL_SHARED);
    (void)at;
    if (private && (c->flags & CALL_POPULATE) && (c->perms & PERM_W)) { /* its first page gives it an anon_vma */
        w->before = real_faults();
        return failed(mmap(where, pages * PAGE, protection(c->perms), MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE, -1, 0) == MAP_FAILED);
    }
    int error = private ? make_private(where, pages, c->perms) : make_file(where, pages, c);
    w->before = real_faults();
    return error ? error : c->flags & CALL_POPULATE ? populate(where, pages, c) : 0;
}

static int call_munmap(char *where, const struct planned *at, const struct call_config *c, struct window *w) {
    (void)c;
    w->before = real_faults();
    return failed(munmap(where, at->pages * PAGE));
}

static int call_mprotect(char *where, const struct planned *at, const struct call_config *c, struct window *w) {
    w->before = real_faults();
    return failed(mprotect(where, at->pages * PAGE, protection(c->perms)));
}

static int call_madvise(char *where, const struct planned *at, const struct call_config *c, struct window *w) {
    static const int advice[ADVICES] = {[ADVICE_DONTNEED] = MADV_DONTNEED, [ADVICE_FREE] = MADV_FREE,
                                        [ADVICE_WILLNEED] = MADV_WILLNEED, [ADVICE_POPULATE_READ] = MADV_POPULATE_READ,
                                        [ADVICE_POPULATE_WRITE] = MADV_POPULATE_WRITE};
    w->before = real_faults();
    return failed(madvise(where, at->pages * PAGE, advice[c->advice]));
}

static int call_mremap(char *where, const struct planned *at, const struct call_config *c, struct window *w) {
    size_t pages = (c->length + PAGE - 1) / PAGE;
    void *to = real_at(NULL, vpn_to_va(at->to, PLAN_SHIFT));
    w->before = real_faults();
    if (to == where) return failed(mremap(where, at->pages * PAGE, pages * PAGE, 0) == MAP_FAILED);
    return failed(mremap(where, at->pages * PAGE, pages * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) == MAP_FAILED);
}

static int call_mlock(char *where, const struct planned *at, const struct call_config *c, struct window *w) {
    w->before = real_faults();
    return failed(c->kind == CALL_MLOCK ? mlock(where, at->pages * PAGE) : munlock(where, at->pages * PAGE));
}

static char *page_up(char *at) { return (char *)(((uintptr_t)at + PAGE - 1) & ~(uintptr_t)(PAGE - 1)); }
static char *sbrk_now(void) { return (char *)syscall(SYS_brk, 0); }

/* Pages first..end, new and untouched, stay so; but one was written. */
static void give_anon_vma(char *first, char *end) {
    if (first >= end) return;
    *(volatile char *)first = 1;
    madvise(first, PAGE, MADV_DONTNEED);
}

static int call_brk(char *where, const struct planned *at, const struct call_config *c, struct window *w) {
    char *to = real_at(NULL, at->va);
    (void)where, (void)c;
    char *was = sbrk_now();
    w->before = real_faults();
    if (syscall(SYS_brk, to) != (long)(intptr_t)to) return ENOMEM;
    w->after = real_faults();
    give_anon_vma(page_up(was), page_up(to));
    return 0;
}

void real_call(const struct plan *p, const struct planned *at, struct told *out) {
    typedef int caller(char *where, const struct planned *at, const struct call_config *c, struct window *w);
    static caller *const make[CALL_KINDS] = {
        [CALL_MMAP] = call_mmap,     [CALL_MUNMAP] = call_munmap, [CALL_MPROTECT] = call_mprotect, [CALL_MADVISE] = call_madvise,
        [CALL_MREMAP] = call_mremap, [CALL_MLOCK] = call_mlock,   [CALL_MUNLOCK] = call_mlock,     [CALL_BRK] = call_brk};
    const struct call_config *c = &p->config->calls[at->step.value];
    vpn_t first = c->kind == CALL_MMAP ? at->to : at->first;
    struct window w = {0};
    out->error = make[c->kind] ? make[c->kind](real_at(p, vpn_to_va(first, PLAN_SHIFT)), at, c, &w) : ENOSYS;
    if (w.after == 0) w.after = real_faults();
    out->faults = w.after - w.before;
}

/* ---- the layout at the start ---- */

void real_heap_begin(const struct plan *p, const struct process_config *c) {
    (void)p;
    for (size_t i = 0; i < c->region_count; i++) {
        const struct region_config *r = &c->regions[i];
        if (r->kind != VMA_HEAP) continue;
        heap_base = page_up(sbrk_now());
        heap_first = vpn_to_va(r->first, PLAN_SHIFT);
        heap_end = heap_first + ((vaddr_t)1 << 26);
        syscall(SYS_brk, heap_base + r->pages * PAGE);
        give_anon_vma(heap_base, heap_base + r->pages * PAGE);
    }
}

static bool make_stack(const struct region_config *r) {
    char *first = (char *)(uintptr_t)vpn_to_va(r->first, PLAN_SHIFT);
    void *at = mmap(first, r->pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED_NOREPLACE, -1, 0);
    if (at == MAP_FAILED) return false;
    give_anon_vma(first, first + PAGE);
    struct rlimit limit = {.rlim_cur = r->limit * PAGE, .rlim_max = RLIM_INFINITY};
    return setrlimit(RLIMIT_STACK, &limit) == 0;
}

bool real_layout(const struct plan *p, const struct process_config *c) {
    bool made = true;
    real_heap_begin(p, c);
    for (size_t i = 0; made && i < c->region_count; i++) {
        const struct region_config *r = &c->regions[i];
        if (r->kind == VMA_STACK) made = make_stack(r);
        else if (r->kind == VMA_BSS || r->kind == VMA_MMAP)
            made = make_private((char *)(uintptr_t)vpn_to_va(r->first, PLAN_SHIFT), r->pages, r->perms) == 0;
    }
    return made;
}
