/* pane_util.h - what the panes share: a look at the machine, columns that drop
 * out in order of importance, lists that keep the interesting item in sight.
 *
 * No pane keeps state of its own beyond its struct pane_state, and none knows
 * what "should" be there: contents are read from the machine at each draw,
 * highlights from the events of the step under way.
 */
#ifndef VMSCOPE_UI_PANE_UTIL_H
#define VMSCOPE_UI_PANE_UTIL_H

#include "ui/ui.h"

/* Where the access under way stands in one TLB. */
struct tlb_look {
    enum tlb_outcome out;
    uint16_t set, way; /* way TLB_NO_WAY: none yet */
};

/* How far the access under way has come, told by its events. */
struct flight {
    bool active;     /* there is one, or it was the last thing done */
    bool walked;     /* a level was read since the access was (re)started */
    bool by_handler; /* ...by the refill handler of the operating system */
    bool translated; /* pfn is known */
    bool trapped;    /* the operating system has it */
    bool denied;     /* the TLB entry does not permit it */
    bool refused;    /* it ended in SIGSEGV or out of memory */
    bool kernel;     /* it is the kernel's own access */
    proc_t proc;
    enum access_kind op;
    enum tlb_outcome tlb; /* of the first level */
    enum tlb_unit unit;   /* the one that was asked */
    struct tlb_look look[TLB_UNITS];
    vaddr_t va;
    vpn_t vpn;
    pfn_t pfn;
    uint8_t order;     /* of the page found: it covers 2^order pages */
    uint16_t set, way; /* look[unit]'s */
};

/* Everything that a pane looks at. */
struct sight {
    const struct machine *m;
    const struct hw *hw;
    const struct kernel *k;
    const struct paging_format *f;
    const struct process *p; /* the one that is looked at */
    proc_t proc;             /* its number */
    const struct event *last; /* never NULL */
    struct flight flight;
};
struct sight sight_of(const struct view *v);                     /* at the process that runs */
struct sight sight_at(const struct view *v, proc_t p);           /* at another one */
struct sight sight_shown(const struct view *v);                  /* at the one that the reader chose */
/* Is it there to be looked at: born, whether it lives or not? */
bool process_seen(const struct kernel *k, proc_t p);
/* The walk that is shown: the hardware's, or that of the refill handler. */
const struct walk *walk_of(const struct sight *s);
/* The operating system acts now, or the access is the kernel's own. */
bool in_kernel_mode(const struct sight *s);

/* What an event touches, and the letter that marks it where it is drawn. */
enum touch {
    TOUCH_FRAME = 1,    /* event.frame */
    TOUCH_SLOT = 2,     /* event.slot */
    TOUCH_PAGE = 4,     /* the PTE (or state) of the page under access */
    TOUCH_OLD_PAGE = 8, /* of page old_vpn of old_proc */
    TOUCH_SET = 16,     /* a TLB set is searched */
    TOUCH_WAY = 32,     /* one TLB entry */
    TOUCH_FROM = 64,    /* frame event.pfn: what is copied */
    TOUCH_PAGES = 128,  /* pages event.first..last of event.proc, and the frames that they are in */
    TOUCH_OLD_PAGES = 256 /* the same pages of event.old_proc */
};
bool touches(const struct sight *s, enum touch what);
bool touches_frame(const struct sight *s, frame_t f); /* also as one of several */
bool touches_unit(const struct sight *s, enum touch what, enum tlb_unit unit);
char touch_mark(const struct sight *s); /* 'x' victim, '*' new, '~' passed over, '<' used... ' ' none */
/* Did the last event change the PTE or place of a page among first..end-1 of the process looked at? */
bool pages_changed(const struct sight *s, vpn_t first, vpn_t end);
static inline bool page_changed(const struct sight *s, vpn_t vpn) { return pages_changed(s, vpn, vpn + 1); }
/* Is it the page under access, of the process looked at? */
bool page_in_use(const struct sight *s, vpn_t vpn);

/* Hex digits of the machine's numbers. */
int va_digits(const struct paging_format *f);   /* of a user program's; those of the upper half have 16 */
int vpn_digits(const struct sight *s);
/* 0x and hex as the narration writes them; into buf (24 bytes), which is returned. */
const char *va_text(const struct paging_format *f, vaddr_t va, char buf[24]);
/* Pages that one huge page covers, as a size: "2 MiB"; of order 0 the usual page's. */
void say_page_size(struct text *out, const struct paging_format *f, unsigned order);
/* The same in few letters, "2M"; into buf, which is returned. */
const char *short_page_size(const struct paging_format *f, unsigned order, char buf[16]);
int pa_digits(const struct paging_format *f); /* as the narration writes them */
int ram_digits(const struct sight *s);        /* of the highest address of this very RAM: fewer */
int pte_digits(const struct paging_format *f);
int decimal_digits(uint64_t n);

/* The value of the field of that name in a word at `level`; 0: it has no such field. */
uint64_t field_value(const struct paging_format *f, uint64_t word, unsigned level, const char *name);

enum role region_role(enum vma_kind kind);
enum role outcome_role(enum outcome o);
/* Where page vpn of region r of the process looked at is, in a word or two: "frame 3", "slot 2", "cache 3" (in a
 * frame of the page cache, not mapped here), "file", "zero" (zeros when it is touched), "zero pg" (the shared page of
 * zeros is mapped), "kernel". */
void place_of_page(struct text *out, const struct sight *s, const struct vma *r, vpn_t vpn);
/* Is frame f mapped by a page of process p? Then *vpn (may be NULL) is that page. */
bool frame_maps(const struct kernel *k, frame_t f, proc_t p, vpn_t *vpn);
/* Is the region what lies unused between others in one segment? It takes frames all the same. */
bool is_hole(const struct sight *s, const char *region);
/* A word in the reader's terminology, short enough for a heading: of a phrase the last word. */
const char *short_word(const struct view *v, const char *word);
bool holds_word(const char *text, const char *word); /* ignoring case */

/* ---- columns ---- */
struct column {
    const char *head;
    int width;
    int rank;   /* 0: dropped last */
    bool right; /* right-aligned */
    int x;      /* set by columns_fit; -1: dropped */
};
/* A page number; of one that is longer than the column, the last digits. */
void vpn_put(const struct sight *s, const struct area *a, const struct column *c, int x, int y, enum role role, vpn_t vpn);
/* Wide enough for the heading and for so many digits. */
int column_width(const char *head, int digits);
/* Choose the columns that fit into `width`, one blank between; returns the columns used. */
int columns_fit(struct column *c, int n, int width);
void columns_head(const struct area *a, const struct column *c, int n, int x, int y);
void column_put(const struct area *a, const struct column *c, int x, int y, enum role role, const char *fmt,
                ...) VS_PRINTF(6, 7);

/* ---- lists ---- */
struct list {
    int first, rows, items;
};
/* Keep the cursor in range, and on the hot item while it follows. */
void cursor_place(struct pane_state *st, int items, int hot);
/* Keep the state in range and its item in sight: the hot one while it follows. */
struct list list_place(struct pane_state *st, int items, int hot, int rows);
/* The same, turning whole pages (for several columns of items). */
struct list list_pages(struct pane_state *st, int items, int hot, int capacity);
/* "More above", "more below" at the right edge of the list's rows, which begin at y. */
void list_marks(const struct area *a, const struct list *l, int y);
/* Show that the cursor stands on this row. */
void row_select(const struct area *a, int x, int y, int width);

/* ---- text ---- */
/* `s` wrapped to `width` columns at x,y (y may be negative: clipped); returns its rows (>= 1). */
int wrap_at(const struct area *a, int x, int y, int width, enum role role, const char *s);
int wrap_rows(const struct area *a, int width, const char *s); /* only counts them */

/* `s` at x,y if all of it fits, so that no number is ever cut; false: nothing was drawn. */
bool text_fits(const struct area *a, int x, int y, enum role role, const char *s);

/* Lines one after another, for details. */
struct page_writer {
    const struct area *a;
    int y;
};
void write_line(struct page_writer *w, enum role role, const char *fmt, ...) VS_PRINTF(3, 4);

/* Bytes in hex and ASCII (pane_bytes.c); rows equal to the one above are one '*'. */
struct dump {
    uint8_t (*byte)(const void *of, unsigned offset);
    const void *of;
    unsigned bytes;
    unsigned lit; /* offset of the byte under access; UINT_MAX: none */
};
void write_bytes(struct page_writer *w, const struct dump *d);

/* ---- pages as items: those of the regions of a process, ascending; of the kernel the mapped ones;
 * and the entries outside of all regions ---- */
struct page_item {
    const struct vma *region; /* NULL: an entry outside of them */
    vpn_t vpn, pages;         /* a huge page is one item */
};
int page_items(const struct sight *s);
bool page_of_item(const struct sight *s, int item, struct page_item *out); /* false: no such item */
int item_of_page(const struct sight *s, vpn_t vpn); /* -1: none */

/* What an entry outside the regions maps: a scenario gives it as a word. */
struct by_hand {
    vpn_t first, pages;
};
#define BY_HAND_MAX 256u
/* Those of the process that runs, ascending; of very many only the first ones. Returns how many. */
size_t pages_by_hand(const struct sight *s, struct by_hand out[BY_HAND_MAX]);

/* Effective access time as the formula has it, its numbers filled in (pane_counters.c). */
struct eat {
    double hit_rate, hit2_rate;               /* of the first level, and of what it misses the second's */
    double hit_ns, hit2_ns, miss_ns, fault_ns, total_ns;
    double reads;                             /* PTEs that a walk reads */
    bool known;                               /* some access was made */
    bool second;                              /* there is a second-level TLB */
};
struct eat effective_access_time(const struct machine *m);

#endif
