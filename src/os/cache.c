/* cache.c - files and the page cache; memory that processes share without a file.
 *
 *   region page --file, file_page--> cache[page] --> frame (FRAME_FILE)
 *                                    written[page]   a file's bytes on disk, once changed
 *                                    slot[page]      shared memory's, when it had to leave
 *
 * All regions that map one page of a file find the same frame here: text that
 * two processes run, or a file that they share. A private region may read that
 * frame, but gets a copy before it writes. Invariant: a frame with FRAME_FILE is
 * the one that its file's cache names. A frame that nobody maps any more is
 * idle: Linux keeps it until frames are short; shared memory must keep it.
 */
#include "os/internal.h"

#include "vmscope/base/memory.h"
#include "vmscope/base/rng.h"
#include "vmscope/base/text.h"

/* ---- files ---- */

uint16_t file_find(const struct kernel *k, const char *name) {
    for (uint32_t i = 0; i < k->file_count; i++)
        if (!k->file[i].memory && strcmp(k->file[i].name, name) == 0) return (uint16_t)i;
    return FILE_NONE;
}

static void file_free(struct file *f) {
    for (uint32_t i = 0; f->written && i < f->pages; i++) content_drop(&f->written[i]);
    free(f->cache);
    free(f->slot);
    free(f->written);
    f->cache = NULL;
    f->slot = NULL;
    f->written = NULL;
    f->pages = 0;
}

uint64_t file_pages(const struct kernel *k) {
    uint64_t pages = 0;
    for (uint32_t i = 0; i < k->file_count; i++) pages += k->file[i].pages;
    return pages;
}

/* Shared memory that is gone leaves its entry to another; file_count: none has. */
static uint32_t left_entry(const struct kernel *k) {
    uint32_t i = 0;
    while (i < k->file_count && !(k->file[i].memory && k->file[i].pages == 0)) i++;
    return i;
}

bool file_possible(const struct kernel *k) { return k->file_count < FILE_NONE || left_entry(k) < k->file_count; }

static struct file *unused_entry(struct kernel *k) {
    size_t cap = k->file_count;
    uint32_t left = left_entry(k);
    if (left < k->file_count) return &k->file[left];
    if (!file_possible(k) || !mem_grow((void **)&k->file, &cap, cap + 1, sizeof *k->file)) return NULL;
    return &k->file[k->file_count++];
}

enum vs_status file_make(struct kernel *k, const char *name, bool memory, uint16_t *out) {
    struct file *f = unused_entry(k);
    if (!f) return VS_NOMEM;
    file_free(f); /* of what it was before */
    *f = (struct file){.memory = memory};
    struct text t = text_in(f->name, sizeof f->name);
    text_add(&t, name);
    f->seed = hash_bytes(HASH_START ^ k->config->seed, f->name, strlen(f->name));
    *out = (uint16_t)(f - k->file);
    return VS_OK;
}

enum vs_status file_reach(struct kernel *k, uint16_t file, uint64_t pages) {
    struct file *f = &k->file[file];
    if (pages <= f->pages) return VS_OK;
    frame_t *cache = mem_zalloc(pages, sizeof *cache);
    slot_t *slot = f->slot ? mem_zalloc(pages, sizeof *slot) : NULL;
    struct content *written = f->written ? mem_zalloc(pages, sizeof *written) : NULL;
    if (!cache || (f->slot && !slot) || (f->written && !written)) {
        free(cache);
        free(slot);
        free(written);
        return VS_NOMEM;
    }
    memset(cache, 0xff, pages * sizeof *cache); /* FRAME_NONE */
    if (f->pages) memcpy(cache, f->cache, f->pages * sizeof *cache);
    if (slot) memset(slot, 0xff, pages * sizeof *slot); /* SLOT_NONE */
    if (slot) memcpy(slot, f->slot, f->pages * sizeof *slot);
    if (written) memcpy(written, f->written, f->pages * sizeof *written);
    free(f->cache);
    free(f->slot);
    free(f->written);
    f->cache = cache;
    f->slot = slot;
    f->written = written;
    f->pages = (uint32_t)pages;
    return VS_OK;
}

/* ---- copies and equality ---- */

void files_free(struct kernel *k) {
    for (uint32_t i = 0; k->file && i < k->file_count; i++) file_free(&k->file[i]);
    free(k->file);
}

static bool file_copy(struct file *to, const struct file *from) {
    to->cache = mem_copy(from->cache, from->pages, sizeof *to->cache);
    if (to->cache && from->slot) to->slot = mem_copy(from->slot, from->pages, sizeof *to->slot);
    if (to->cache && from->written) to->written = mem_copy(from->written, from->pages, sizeof *to->written);
    for (uint32_t i = 0; to->written && i < from->pages; i++) content_ref(to->written[i]);
    return to->cache && (to->slot || !from->slot) && (to->written || !from->written);
}

bool files_copy(struct kernel *to, const struct kernel *from) {
    to->file = mem_copy(from->file, from->file_count, sizeof *to->file);
    if (!to->file) return false;
    for (uint32_t i = 0; i < from->file_count; i++) {
        to->file[i].cache = NULL;
        to->file[i].slot = NULL;
        to->file[i].written = NULL;
    }
    for (uint32_t i = 0; i < from->file_count; i++)
        if (!file_copy(&to->file[i], &from->file[i])) return false;
    return true;
}

static bool file_equal(const struct file *a, const struct file *b, unsigned page_bytes) {
    if (a->memory != b->memory || a->pages != b->pages || strcmp(a->name, b->name) != 0) return false;
    if (!a->slot != !b->slot || !a->written != !b->written) return false;
    if (a->pages && memcmp(a->cache, b->cache, a->pages * sizeof *a->cache) != 0) return false;
    if (a->slot && memcmp(a->slot, b->slot, a->pages * sizeof *a->slot) != 0) return false;
    for (uint32_t i = 0; a->written && i < a->pages; i++)
        if (!content_equal(&a->written[i], &b->written[i], page_bytes)) return false;
    return true;
}

bool files_equal(const struct kernel *a, const struct kernel *b) {
    if (a->file_count != b->file_count || a->idle_frames != b->idle_frames) return false;
    for (uint32_t i = 0; i < a->file_count; i++)
        if (!file_equal(&a->file[i], &b->file[i], 1u << a->hw->format->page_shift)) return false;
    return true;
}

/* ---- pages of a region ---- */

uint32_t vma_file_page(const struct vma *v, vpn_t vpn) { return v->file_page + (uint32_t)(vpn - v->first); }

/* Shared ones must; private ones may where the hardware lets nobody write to what they share. */
bool cache_serves(const struct kernel *k, const struct vma *v) {
    if (v->file == FILE_NONE || !table_shape(k)->shares) return false;
    if (v->shared) return true;
    if (!paging_has(k->hw->format, PTE_W)) return false;
    return !(v->perms & PERM_W) || v->kind == VMA_MMAP || k->config->profile == PROFILE_LINUX;
}

frame_t cache_frame(const struct kernel *k, const struct vma *v, vpn_t vpn) {
    return cache_serves(k, v) ? k->file[v->file].cache[vma_file_page(v, vpn)] : FRAME_NONE;
}

slot_t cache_slot(const struct kernel *k, const struct vma *v, vpn_t vpn) {
    const struct file *f = &k->file[v->file];
    return f->slot ? f->slot[vma_file_page(v, vpn)] : SLOT_NONE;
}

struct content file_content(const struct kernel *k, uint16_t file, uint32_t page) {
    const struct file *f = &k->file[file];
    if (f->memory) return (struct content){0};
    if (f->written && (f->written[page].seed || f->written[page].made)) return content_ref(f->written[page]);
    return (struct content){.seed = rng_mix(f->seed + page) | 1};
}

/* ---- frames in the cache ---- */

void cache_put(struct kernel *k, frame_t f, uint16_t file, uint32_t page) {
    k->file[file].cache[page] = f;
    k->frame[f].flags |= FRAME_FILE;
    k->frame[f].file = file;
    k->frame[f].file_page = page;
}

void cache_drop(struct kernel *k, frame_t f) {
    struct frame *frame = &k->frame[f];
    k->file[frame->file].cache[frame->file_page] = FRAME_NONE;
    frame->flags = (uint16_t)(frame->flags & ~FRAME_FILE);
}

/* The bytes of a file's page go to disk, where they are read again from now on. */
enum vs_status cache_write_back(struct kernel *k, frame_t f) {
    struct file *file = &k->file[k->frame[f].file];
    if (!file->written) file->written = mem_zalloc(file->pages, sizeof *file->written);
    if (!file->written) return k->status = VS_NOMEM;
    struct content *at = &file->written[k->frame[f].file_page];
    content_drop(at);
    *at = ram_take(k->hw->ram, f);
    return VS_OK;
}

/* Shared memory leaves its frame for slot s. */
enum vs_status cache_swap_out(struct kernel *k, frame_t f, slot_t s) {
    struct file *file = &k->file[k->frame[f].file];
    if (!file->slot) {
        file->slot = mem_zalloc(file->pages, sizeof *file->slot);
        if (!file->slot) return k->status = VS_NOMEM;
        memset(file->slot, 0xff, file->pages * sizeof *file->slot);
    }
    file->slot[k->frame[f].file_page] = s;
    swap_ref(k, s);
    return VS_OK;
}

/* ---- frames that nobody maps ---- */

/* A region that maps the file, and its process; NULL: none does. */
static const struct vma *mapped_by(const struct kernel *k, uint16_t file, proc_t *p) {
    for (*p = 0; *p < k->process_count; ++*p)
        for (uint32_t i = 0; k->process[*p].alive && i < k->process[*p].vma_count; i++)
            if (k->process[*p].vma[i].file == file) return &k->process[*p].vma[i];
    return NULL;
}

static bool is_mapped(const struct kernel *k, uint16_t file) {
    proc_t p;
    return mapped_by(k, file, &p) != NULL;
}

proc_t cache_user(const struct kernel *k, frame_t f, vpn_t *vpn) {
    proc_t p;
    const struct vma *v = mapped_by(k, k->frame[f].file, &p);
    *vpn = v ? v->first + (k->frame[f].file_page - v->file_page) : 0;
    return v ? p : 0;
}

/* Must, or may, the cache keep a page that nobody maps just now? */
static bool is_kept(const struct kernel *k, frame_t f) {
    const struct frame *frame = &k->frame[f];
    if (!(frame->flags & FRAME_FILE)) return false;
    if (k->file[frame->file].memory) return is_mapped(k, frame->file);
    return k->config->profile == PROFILE_LINUX;
}

/* The last mapping of frame f is gone, and its policy has been told. Returns frames freed: 0 or 1. */
uint32_t cache_release(struct kernel *k, frame_t f) {
    struct frame *frame = &k->frame[f];
    if (is_kept(k, f)) {
        frame_idle(k, f);
        return 0;
    }
    if ((frame->flags & FRAME_FILE) && !k->file[frame->file].memory && (frame->flags & FRAME_D)) {
        cache_write_back(k, f);
        k->latch.written++;
    }
    cache_leave(k, f);
    frame_forget_slot(k, f);
    ram_put(k->hw->ram, f, (struct content){0});
    frame_release(k, f);
    return 1;
}

/* No region maps the file any more: shared memory is gone, wherever its pages are; a file's pages
 * leave the cache, except on Linux. Returns frames freed. */
uint32_t cache_forget(struct kernel *k, uint16_t file) {
    uint32_t freed = 0;
    struct file *f = file == FILE_NONE ? NULL : &k->file[file];
    if (!f || (!f->memory && k->config->profile == PROFILE_LINUX) || is_mapped(k, file)) return 0;
    for (uint32_t page = 0; page < f->pages; page++) {
        if (f->cache[page] != FRAME_NONE) freed += cache_release(k, f->cache[page]);
        if (f->slot && f->slot[page] != SLOT_NONE) swap_drop(k, f->slot[page]);
    }
    if (f->memory) file_free(f);
    return freed;
}
