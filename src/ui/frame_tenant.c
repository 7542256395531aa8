/* frame_tenant.c - who is in a frame: see struct tenant in pane_frames.h.
 *
 * It comes from the kernel's frame table, R and D from the PTEs that map the frame; while a page is
 * on its way in or out, from what the kernel has latched.
 */
#include "ui/pane_frames.h"

static void set_text(char *to, size_t size, const char *s) {
    struct text t = text_in(to, size);
    text_add(&t, s);
}

static void name_page(struct tenant *t, const struct sight *s, proc_t proc, vpn_t vpn) {
    const struct vma *r = proc < s->k->process_count ? vma_find(&s->k->process[proc], vpn) : NULL;
    set_text(t->owner, sizeof t->owner, proc < s->k->process_count ? s->k->process[proc].name : "-");
    set_text(t->region, sizeof t->region, r ? r->name : "");
    snprintf(t->page, sizeof t->page, "%0*llx", vpn_digits(s), (unsigned long long)format_vpn_bits(s->f, vpn));
    t->vpn = vpn;
}

/* "A+B", or "A+2": the processes that map it. One that maps it twice counts once. */
static void name_sharers(struct tenant *t, const struct sight *s, const struct frame *frame) {
    const struct rmap *r = &frame->owner;
    unsigned others = 0;
    proc_t other = PROC_NONE;
    for (uint32_t i = 1; i < frame->shares && r->next != UINT32_MAX; i++) {
        r = &s->k->rmap_pool[r->next];
        if (r->proc == frame->owner.proc || r->proc == other) continue;
        other = r->proc;
        others++;
    }
    size_t n = strlen(t->owner);
    const char *name = others == 1 ? s->k->process[other].name : "";
    bool fits = others == 1 && (int)(n + 1 + strlen(name)) <= owner_width(s);
    if (fits) snprintf(t->owner + n, sizeof t->owner - n, "+%s", name);
    else if (others > 0) snprintf(t->owner + n, sizeof t->owner - n, "+%u", others);
}

/* What a cache keeps, and where it belongs. */
static void name_cached(struct tenant *t, const struct sight *s, frame_t f) {
    const struct frame *frame = &s->k->frame[f];
    bool in_file = frame->flags & FRAME_FILE;
    t->is = FRAME_IS_CACHED;
    t->dirty = frame_dirty(s->k, f);
    set_text(t->owner, sizeof t->owner, "-");
    if (in_file) {
        const struct file *file = &s->k->file[frame->file];
        set_text(t->page, sizeof t->page, file->memory ? "shm" : "file");
        snprintf(t->region, sizeof t->region, "%s %u", file->memory ? "page" : file->name, frame->file_page);
    } else {
        set_text(t->page, sizeof t->page, "swap");
        snprintf(t->region, sizeof t->region, "slot %u", frame->slot);
    }
}

static void name_table(struct tenant *t, const struct sight *s, const struct frame *frame) {
    t->is = FRAME_IS_TABLE;
    set_text(t->owner, sizeof t->owner, s->k->process[frame->owner.proc].name);
    set_text(t->page, sizeof t->page, paging_level_name(s->f, (unsigned)frame->owner.vpn));
    set_text(t->region, sizeof t->region, "table");
}

static bool run_one_program(const struct machine_config *c) {
    for (size_t i = 1; i < c->process_count && i < 64; i++)
        for (size_t j = 0; j < i; j++)
            if (c->processes[i].program[0] && strcmp(c->processes[i].program, c->processes[j].program) == 0) return true;
    return false;
}

static bool map_files(const struct machine_config *c) {
    for (size_t i = 0; i < c->call_count; i++)
        if (c->calls[i].kind == CALL_MMAP && (c->calls[i].file[0] || (c->calls[i].flags & CALL_SHARED))) return true;
    return false;
}

bool frames_are_shared(const struct sight *s) {
    const struct machine_config *c = s->k->config;
    return c->fork_count > 0 || run_one_program(c) || (c->process_count > 1 && map_files(c));
}

bool has_processes(const struct sight *s) {
    return s->k->config->process_count + s->k->config->fork_count > 1;
}

bool frames_are_locked(const struct sight *s) {
    const struct machine_config *c = s->k->config;
    for (size_t i = 0; i < c->call_count; i++)
        if (c->calls[i].kind == CALL_MLOCK) return true;
    return false;
}

int owner_width(const struct sight *s) {
    size_t longest = 1;
    for (uint32_t i = 0; i < s->k->process_count && i < 64; i++)
        if (strlen(s->k->process[i].name) > longest) longest = strlen(s->k->process[i].name);
    if (frames_are_shared(s)) longest += 2; /* "A+B" */
    return longest > 8 ? 8 : (int)longest;
}

const char *share_text(const struct tenant *t, char buf[16]) {
    buf[0] = '\0';
    if (t->shares > 1) snprintf(buf, 16, "x%u%s", t->shares > 99 ? 99 : t->shares, t->pinned ? "L" : "");
    else if (t->pinned) snprintf(buf, 16, "L");
    return buf;
}

/* Of the process that runs: the entry outside its regions that maps the frame, if any. */
static void name_by_hand(struct tenant *t, const struct sight *s, frame_t f) {
    struct by_hand entry[BY_HAND_MAX];
    for (size_t i = 0, n = pages_by_hand(s, entry); i < n; i++) {
        struct pte pte = paging_decode(s->f, pagetable_at(s->k, s->proc, entry[i].first).word);
        if (!(pte.flags & PTE_BIT(PTE_V)) || f < pte.pfn || f - pte.pfn >= entry[i].pages) continue;
        name_page(t, s, s->proc, entry[i].first + (f - pte.pfn));
        t->is = FRAME_IS_BY_HAND;
        set_text(t->region, sizeof t->region, "PTE");
        t->referenced = pte.flags & PTE_BIT(PTE_A);
        t->dirty = pte.flags & PTE_BIT(PTE_D);
        return;
    }
}

struct tenant tenant_of(const struct sight *s, frame_t f) {
    const struct frame *frame = &s->k->frame[f];
    const struct os_latch *l = &s->k->latch;
    struct tenant t = {.is = FRAME_IS_FREE, .shares = frame->shares, .pinned = frame->flags & FRAME_PINNED};
    if (frame->shares > 0) {
        t.is = FRAME_IS_HELD;
        name_page(&t, s, frame->owner.proc, frame->owner.vpn);
        if (frame->shares > 1) name_sharers(&t, s, frame);
        t.referenced = frame_referenced(s->k, f);
        t.dirty = frame_dirty(s->k, f);
    } else if (kernel_busy(s->k) && l->frame == f && (l->phase == OS_SAVE_VICTIM || touch_mark(s) == 'x')) {
        t.is = FRAME_IS_LEAVING;
        if (l->idle) name_cached(&t, s, f);
        else name_page(&t, s, l->victim_proc, l->victim_vpn);
        t.is = FRAME_IS_LEAVING;
        t.dirty = l->victim_dirty;
    } else if (frame->flags & FRAME_TABLE) name_table(&t, s, frame);
    else if (frame->flags & FRAME_IDLE) name_cached(&t, s, f);
    else if (kernel_busy(s->k) && l->frame == f && (frame->flags & FRAME_USED)) {
        t.is = FRAME_IS_FILLING;
        name_page(&t, s, l->proc, l->vpn);
    } else if (s->proc < s->k->config->process_count && s->k->config->processes[s->proc].map_count)
        name_by_hand(&t, s, f);
    return t;
}
