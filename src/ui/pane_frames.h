/* pane_frames.h - what a frame holds, for the ways to draw it: as a list
 * (pane_frame_list.c), as boxes (pane_frame_boxes.c), a sign each (pane_frame_map.c),
 * and huge pages as blocks (pane_frame_blocks.c). */
#ifndef VMSCOPE_UI_PANE_FRAMES_H
#define VMSCOPE_UI_PANE_FRAMES_H

#include "ui/pane_util.h"

enum tenancy {
    FRAME_IS_FREE,
    FRAME_IS_HELD,    /* a page lives there and is mapped */
    FRAME_IS_LEAVING, /* the victim's bytes are still there, its PTE is gone */
    FRAME_IS_FILLING, /* taken for a page that is not mapped yet */
    FRAME_IS_BY_HAND, /* free for all that the kernel knows, but a PTE given as a word points to it */
    FRAME_IS_CACHED,  /* nobody maps it: the page cache, shared memory or the swap cache keeps it */
    FRAME_IS_TABLE    /* holds a page table: the machine keeps them in frames */
};

/* Who is in a frame. */
struct tenant {
    enum tenancy is;
    char owner[NAME_SIZE + 8]; /* its process; "A+B" where two share it, "A+2" where more do */
    char region[NAME_SIZE + 8]; /* the page's region; of a cached one its file and page there */
    char page[24];             /* its page number in hex; or "file", "swap", "shm" of a cached one, "L1" of a table */
    vpn_t vpn;
    bool referenced, dirty, pinned;
    uint32_t shares;
};
struct tenant tenant_of(const struct sight *s, frame_t f);
/* Are there several processes, or will be? */
bool has_processes(const struct sight *s);
/* Columns that the owners take in this scenario. */
int owner_width(const struct sight *s);
/* Can frames be shared in this scenario; can they be locked? */
bool frames_are_shared(const struct sight *s);
bool frames_are_locked(const struct sight *s);
/* "x2", "L" for locked, "x2L"; "" */
const char *share_text(const struct tenant *t, char buf[16]);

/* The policy's own state, as it describes itself. */
struct policy_view {
    struct policy_picture picture;
    const struct policy_ops *ops;
    uint64_t *rank; /* owned; NULL where there are too many frames or no memory */
    uint8_t *list;  /* owned, likewise */
    int rank_width;
};
struct policy_view policy_view_of(const struct sight *s);
void policy_view_free(struct policy_view *p);
/* "3", "T1 3", "never"; "" where the frame has no rank. */
void say_rank(const struct policy_view *p, frame_t f, bool used, char *buf, size_t size);

/* How a frame looks now: its mark (' ' none) and role. */
char frame_mark(const struct sight *s, frame_t f, const struct tenant *t, enum role *role);

/* Draw all frames as boxes, if they all fit; false: they don't, nothing was drawn. */
bool draw_frame_boxes(const struct sight *s, const struct policy_view *p, const struct area *a, int selected);

/* Draw them as a list. */
void draw_frame_list(const struct sight *s, const struct policy_view *p, const struct area *a,
                     struct pane_state *st, bool focused);
/* Would the list show less than half of them? Then draw one in full, and below it all of them as signs. */
bool frames_are_many(const struct sight *s, const struct policy_view *p, const struct area *a);
void draw_frame_overview(const struct sight *s, const struct policy_view *p, const struct area *a,
                         struct pane_state *st, bool focused);

/* Draw many frames, a sign each. */
void draw_frame_map(const struct sight *s, const struct policy_view *p, const struct area *a,
                    struct pane_state *st, bool focused);
/* Are huge pages mapped, or on their way? Then draw a line for each of them, and for each run of free frames. */
bool frames_have_blocks(const struct sight *s);
int block_items(const struct sight *s);
int block_of_frame(const struct sight *s, int f);       /* -1: f is no frame */
frame_t frame_of_block(const struct sight *s, int item); /* its first; FRAME_NONE: no such block */
void draw_frame_blocks(const struct sight *s, const struct policy_view *p, const struct area *a,
                       struct pane_state *st, bool focused);
/* The frame that the last event touched, or the kernel or the access works on; -1: none. */
int hot_frame(const struct sight *s);

#endif
