/* narrate_fields.h - the fields of events, as narrate.c writes them. */
#ifndef VMSCOPE_SIM_NARRATE_FIELDS_H
#define VMSCOPE_SIM_NARRATE_FIELDS_H

#include "vmscope/sim/narrate.h"

struct context {
    const struct machine *m;
    const struct paging_format *f;
    const struct event *e;
};

typedef void writer(struct text *out, const struct context *c);

enum json_form { J_NUMBER, J_STRING, J_NONE };

struct field {
    const char *name;     /* in EVENT_KINDS */
    writer *say;          /* in a sentence */
    const char *json;     /* key; NULL: only in sentences */
    writer *json_value;   /* NULL: as in a sentence */
    enum json_form form;
};

const struct field *field_by_name(const char *name, size_t n); /* the first n bytes; NULL: none */
void field_plain_value(struct text *out, uint64_t v); /* small ones in decimal, the others in hex */
/* Has this event no such number? Then JSON says null. */
bool field_absent(const struct field *field, const struct event *e);

/* narrate_calls.c */
void narrate_address(struct text *o, const struct machine *m, const struct step *s); /* as the program writes it */
void narrate_call(struct text *o, const struct machine *m, const struct step *s);
writer say_call, say_call_result, say_mapped_how, say_unmapped_count, say_written_back, say_protected_count,
    say_next_touch, say_count_pages, say_of_file, say_which_file, say_sharers, say_promise, say_may_be_dropped, say_locked_count,
    say_may_leave, say_new_regions, say_stand, say_them;

/* narrate_memory.c */
writer say_frames_free, say_given_frames, say_low, say_high, say_of_free, say_goes_there, say_shortage, say_picks, say_no_room,
    say_own_frames, say_share_how, say_fork_shared, say_fork_tlb, say_set_pages, say_leaving_pages;

#endif
