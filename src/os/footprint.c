/* footprint.c - how much memory a kernel takes: what each of its lists holds. */
#include "os/internal.h"

#define POLICY_BYTES 24u /* a frame; the state of most takes about that, ghosts included */

static uint64_t process_bytes(const struct process *p) {
    uint64_t bytes = sizeof *p + p->symbol_count * sizeof *p->symbol + p->vma_count * sizeof *p->vma;
    for (uint32_t i = 0; i < p->vma_count; i++)
        bytes += (p->vma[i].end - p->vma[i].floor) * (sizeof *p->vma->where + sizeof *p->vma->state);
    return bytes;
}

static uint64_t file_bytes(const struct file *f) {
    return sizeof *f + f->pages * (sizeof *f->cache + (f->slot ? sizeof *f->slot : 0) + (f->written ? sizeof *f->written : 0));
}

uint64_t kernel_bytes(const struct kernel *k) {
    uint64_t bytes = sizeof *k + k->table_words * sizeof *k->table_free;
    bytes += k->config->frames * (sizeof *k->frame + (uint64_t)k->policy_count * POLICY_BYTES);
    bytes += k->rmap_cap * sizeof *k->rmap_pool + k->slot_cap * sizeof *k->slot;
    for (uint32_t i = 0; i < k->process_count; i++) bytes += process_bytes(&k->process[i]);
    for (uint32_t i = 0; i < k->file_count; i++) bytes += file_bytes(&k->file[i]);
    return bytes;
}
