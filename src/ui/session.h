/* session.h - one scenario being stepped through: time, running, breakpoints,
 * branches, predictions. Knows nothing of keys, and draws nothing. */
#ifndef VMSCOPE_UI_SESSION_H
#define VMSCOPE_UI_SESSION_H

#include "ui/screen.h"

/* ---- breakpoints: where running stops ---- */
enum break_kind { BREAK_FAULT, BREAK_CLASS, BREAK_EVENT, BREAK_PAGE, BREAK_PROCESS };
struct breakpoint {
    enum break_kind kind;
    uint64_t value; /* fault class, event kind, VPN or process */
    char text[48];  /* as it was typed */
};
#define BREAKS_MAX 16

/* Read "fault", "minor-zero", "victim", "page 0x8000", "process B" into *out; false with a phrase in `why`. */
bool breakpoint_parse(const char *words, const struct machine *m, struct breakpoint *out, struct text *why);
bool breakpoint_hit(const struct breakpoint *b, const struct machine *m, const struct event *e);

/* ---- branches: steps that were typed ---- */
struct branch {
    struct step_source *source;
    uint64_t at; /* equal to the source before it up to here */
};
#define BRANCHES_MAX 256

/* ---- predictions ---- */
struct predict {
    bool on;
    bool said;            /* an answer waits for its step to end */
    uint64_t step;        /* the step that it is about */
    enum outcome answer;
    unsigned asked, right;
    uint64_t passed;      /* step + 1 that was answered or skipped, so that it is not asked again */
};

struct speed {
    const char *label;
    int64_t period;  /* nanoseconds between ticks */
    uint64_t steps;  /* whole steps a tick; 0: one micro-step; UINT64_MAX: as many as fit */
};
extern const struct speed speed_table[];
extern const int speed_count;

/* A piece of work for which keys wait should take about this long: a frame of 60 a second is 16.7 ms. */
#define TICK_NS 12000000
/* How many steps that is, learned from so many that took so long. */
uint64_t burst_learned(uint64_t burst, uint64_t steps, int64_t took);

/* ---- journeys: moves in time that may take longer than a tick, done piece by piece ---- */
enum journey_kind { JOURNEY_NONE, JOURNEY_TO, JOURNEY_FAULT };
struct journey {
    enum journey_kind kind;
    struct position to; /* JOURNEY_FAULT: if bound */
    bool bound;         /* the search knows a place to go to first */
    bool found;         /* and it is the fault that it is after; stays when the journey is over */
    uint64_t from;      /* the step where it began */
    int64_t began;      /* and when */
};

struct session {
    struct scenario *scenario; /* borrowed */
    struct history *history;
    struct window steps;       /* to look ahead with */
    struct breakpoint breaks[BREAKS_MAX];
    size_t break_count;
    struct branch branch[BRANCHES_MAX];
    size_t branch_count;
    struct predict predict;
    struct tree_state tree;    /* how the page table is shown */
    struct looking looking;    /* and whose */
    bool running;
    struct journey journey; /* while it is under way, the session is running */
    unsigned zoom;          /* of the timeline */
    struct page_use use;    /* for its graphs, counted while nothing else is to be done */
    int speed;     /* index into speed_table */
    int64_t next;  /* when the next tick is due */
    uint64_t burst; /* steps that fit into a tick at full speed */
    bool ended_said; /* the end was announced */
    bool reshaped;   /* the machine is no longer the one that the scenario describes */
};

/* False after a message in *why. */
bool session_open(struct session *s, struct scenario *scenario, struct diag *why);
void session_close(struct session *s);
/* What the panes draw; valid until the next move. */
struct view session_view(struct session *s);
enum paging_shape session_shape(const struct session *s); /* of its page tables */

/* "8x2" as sets and ways of a TLB; the rest of *tlb stays. False: it is no such word, or too many entries. */
bool shape_word(const char *word, struct tlb_config *tlb);
/* The same steps on a machine with so many frames (0: as it is) and that TLB (NULL: as it is), up to the
 * present place. False with *why: not possible, nothing was changed (or, with no history left, no memory). */
bool session_reshape(struct session *s, uint32_t frames, const struct tlb_config *tlb, struct diag *why);

/* The step that comes next, when the machine rests between steps; NULL at the end or in the middle of one. */
const struct step *session_next_step(struct session *s);
/* Run for one tick. False when running came to its end; `why` then says why, if there is more to say. */
bool session_tick(struct session *s, struct text *why);

/* Go to a position, or to the end of the next step that faults (if journey.found; else this is the end). What a
 * tick cannot do goes on in session_tick. True: the journey is over. */
bool session_go(struct session *s, struct position to);
bool session_seek_fault(struct session *s);
/* How far the journey under way has come, for the reader. */
void session_say_journey(const struct session *s, struct text *out);
void session_stop(struct session *s); /* running and journeys */

/* Count the pages used in so many cells from a step on, up to the present; some milliseconds' work of it. False: there
 * was nothing to do. */
bool session_count_pages(struct session *s, uint64_t from, uint64_t scale, unsigned cells);

/* Put a step before the next one: history branches here. A step under way is finished first. */
enum vs_status session_insert(struct session *s, const struct step *step);
/* Back to the steps of the scenario, where they were first left. False: they never were. */
bool session_future(struct session *s);
const struct step_source *session_source(const struct session *s);

/* ---- predict.c ---- */
/* Is there something to ask before the next step? Then it is in *q. */
bool predict_ask(struct session *s, struct question_box *q);
/* The reader's answer by key: hit, TLB miss... False: no such answer. */
bool predict_answer(struct session *s, int key, struct question_box *q);
void predict_skip(struct session *s);
/* After a move: is the step of a prediction over? Then `out` says how it came out; true if it was right. */
bool predict_settle(struct session *s, struct text *out, bool *right);
void predict_forget(struct session *s); /* time went another way */

#endif
