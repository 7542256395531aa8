/* trace_reader.h - one trace being read, for the formats that read it.
 *
 *   trace_input (bytes) -> trace_read.c (which format?)
 *     -> trace_lackey.c, trace_text.c (lines) or trace_file.c (vmscope's own)
 *     -> blocks of references -> a struct trace, or a file that is being imported to
 */
#ifndef VMSCOPE_SCENARIO_TRACE_READER_H
#define VMSCOPE_SCENARIO_TRACE_READER_H

#include "scenario/trace_input.h"
#include "scenario/trace_pack.h"
#include "vmscope/base/rng.h"

#define TRACE_SNIFF 4096u /* bytes by which a format is told */

/* Where references go, a block of up to STEP_SPAN at a time. */
struct trace_sink {
    enum vs_status (*take)(void *own, const struct step_ref *ref, size_t n, struct diag *why);
    void *own;
};

struct trace_reader {
    const struct trace_options *options;
    const struct trace_format *format;
    const char *name;
    struct trace_input *input;
    struct trace *trace; /* where references go; or, where it is NULL: */
    const struct trace_sink *sink;
    struct diag *why;
    bool unsure;      /* no format fitted; it is read as the first of the table */
    bool hex;         /* addresses without 0x are hex */
    bool within_line; /* a format whose items are shorter than a line: */
    bool comment;     /* the rest of this line is one */
    unsigned page_shift;
    struct rng rng; /* for MOSS's random addresses */
    char *text;     /* the rest of an item, then a chunk, then SLACK */
    size_t have;    /* bytes in it */
    size_t at;      /* where they begin (only trace_file.c lets it be anything but 0) */
    bool ended;     /* no more will follow */
    uint64_t line;  /* number of the line before the next */
    uint64_t bad;   /* damaged lines so far */
    uint64_t taken; /* references so far */
    uint64_t left;  /* references still wanted */
    size_t pending; /* references in ref[] */
    struct step_ref ref[STEP_SPAN];
};

enum trace_line { LINE_NOT, LINE_PASS, LINE_IS }; /* damaged; no reference; a reference */

struct trace_reading {
    const char *breaks; /* what ends an item: a line break, or a blank as well */
    /* Has a line, without its line break, this format? Not asked of every line. NULL: by its magic. */
    enum trace_line (*looks)(const char *s, const char *end);
    /* Read whole items: text that ends in a break. */
    enum vs_status (*parse)(struct trace_reader *r, const char *p, const char *end);
    /* For trace_text_parse: one item. */
    enum trace_line (*item)(struct trace_reader *r, const char *s, const char *end, struct step_ref *out);
    /* Instead of all these, where it is no text: everything. */
    enum vs_status (*read)(struct trace_reader *r);
};
extern const struct trace_reading trace_reading_lackey, trace_reading_din, trace_reading_moss,
    trace_reading_addresses, trace_reading_hex, trace_reading_decimal, trace_reading_pages, trace_reading_own;

/* Read everything: into *out, or into the sink where out is NULL. *bad: damaged lines skipped. */
struct trace_from {
    const char *path; /* or, where it is NULL, memory: */
    const void *data;
    size_t size;
    struct trace_input *input; /* or, not NULL, what is open already; it is closed here */
};
enum vs_status trace_read_from(const struct trace_from *from, const struct trace_options *o,
                               const struct trace_sink *sink, struct trace **out, uint64_t *bad,
                               struct diag *why);

/* The same a piece at a time. The input is open, and its format known. */
enum vs_status trace_reader_open(const struct trace_from *from, const struct trace_options *o,
                                 const struct trace_sink *sink, struct trace_reader **out, struct diag *why);
/* A chunk of text to the sink (all at once, where it is no text). *more false: that was the last one. */
enum vs_status trace_reader_more(struct trace_reader *r, bool *more);
void trace_reader_close(struct trace_reader *r); /* may be NULL */

/* ---- for formats ---- */

/* The file's next bytes, with the watcher told: up to `room`; *got 0 is the end. */
enum vs_status trace_reader_read(struct trace_reader *r, void *to, size_t room, size_t *got);
/* Hand the pending references on. */
enum vs_status trace_reader_flush(struct trace_reader *r);
/* The line (of n bytes) is damaged: VS_OK, it is skipped; or it was one too many. */
enum vs_status trace_reader_damaged(struct trace_reader *r, const char *p, size_t n);
/* The generic `parse`, by `item`. */
enum vs_status trace_text_parse(struct trace_reader *r, const char *p, const char *end);
/* Are the addresses without 0x in this text hex? */
bool trace_text_is_hex(const char *p, const char *end);
bool trace_is_own(const char *data, size_t size); /* vmscope's magic number */

#endif
