/* meaning_frames.c - how many frames a machine gets when the scenario does not say.
 *
 *   usually                8, or as many as the entries at the start name (meaning_machine.c)
 *   with huge pages        8, and a run of frames, aligned, for one huge page of each such region
 *   where segments are     what all processes take, because all is mapped at the start
 *   mapped, not pages
 *
 * A huge page needs 2^order frames side by side, the first a multiple of that:
 *
 *   0      8                   512                      1024
 *   +------+-------------------+------------------------+
 *   | usual pages              | one page of 2 MiB      |
 *   +------+-------------------+------------------------+ */
#include "scenario/meaning.h"

#define FRAMES_MAX (UINT32_MAX - 1u)

/* Frames of the segments of all processes. */
static uint64_t segment_frames(const struct machine_config *c) {
    uint64_t frames = 0;
    for (size_t p = 0; p < c->process_count; p++)
        frames += layout_segment_pages(&c->format, c->processes[p].regions, c->processes[p].region_count);
    return frames ? frames : 1;
}

/* Room for a run of each region with pages of this order, behind `frames`. */
static uint64_t add_runs(const struct machine_config *c, unsigned order, uint64_t frames) {
    uint64_t run = (uint64_t)1 << order;
    for (size_t p = 0; p < c->process_count; p++)
        for (size_t i = 0; i < c->processes[p].region_count && frames < FRAMES_MAX; i++)
            if (c->processes[p].regions[i].order == order) frames = (frames + run - 1) / run * run + run;
    return frames;
}

static uint64_t huge_frames(const struct machine_config *c, uint64_t frames) {
    for (unsigned level = 1; level < c->format.levels; level++)
        frames = add_runs(c, paging_leaf_order(&c->format, level), frames);
    return frames;
}

/* The first region's page_size: the reason for so many frames, for errors. */
static struct value page_size_at(const struct tree_scenario *t) {
    for (unsigned p = 0; p < t->processes_count; p++) {
        const struct tree_layout *y = t->processes[p].layout;
        const struct tree_region *huge[] = {y ? y->bss : NULL, y ? y->heap : NULL, y ? y->mmap : NULL,
                                            y ? y->stack : NULL};
        for (size_t i = 0; i < sizeof huge / sizeof huge[0]; i++)
            if (huge[i] && huge[i]->page_size) return value_of(huge[i]->page_size);
    }
    return (struct value){0};
}

void settle_frames(struct load *l) {
    struct machine_config *c = &l->s->config;
    if (l->options->frames || (l->tree->machine && l->tree->machine->frames)) return;
    l->frames_at = page_size_at(l->tree);
    uint64_t frames = c->format.shape == SHAPE_SEGMENTS ? segment_frames(c) : huge_frames(c, c->frames);
    if (frames > FRAMES_MAX) frames = FRAMES_MAX; /* far too many: the check of the whole says so */
    c->frames = c->policy.frames = (uint32_t)frames;
}
