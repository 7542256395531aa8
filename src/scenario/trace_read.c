/* trace_read.c - a trace from its first byte to its last reference.
 *
 * The first bytes tell the format. Text is looked at once, in chunks; an item
 * that a chunk cuts is moved to the front of the next. Invariant of the
 * formats' parsers: the text they are given ends in a break.
 */
#include "scenario/trace_reader.h"

#include "vmscope/base/memory.h"
#include "vmscope/base/text.h"

#define LINE_LONGEST ((size_t)64 << 10) /* of any line, chatter included */
#define SLACK        16                 /* parsers may look so far beyond the text */

/* ---- what is wrong ---- */

static unsigned line_number(const struct trace_reader *r) {
    return r->line < UINT32_MAX ? (unsigned)r->line : UINT32_MAX;
}

/* What a line should have been. */
static void add_hint(const struct trace_reader *r, struct text *t) {
    if (!r->unsure) {
        text_addf(t, "meant is %s", r->format->line);
        return;
    }
    text_add(t, "no format of traces fits; there are ");
    for (const struct trace_format *f = trace_format_table; f->name; f++)
        text_addf(t, "%s%s", f == trace_format_table ? "" : f[1].name ? ", " : " and ", f->name);
}

static enum vs_status not_a_trace(struct trace_reader *r, const char *what) {
    char words[300];
    struct text hint = text_in(words, sizeof words);
    add_hint(r, &hint);
    diag_set(r->why, r->name, line_number(r), 1, "%s: this is not a trace; %s", what, words);
    return VS_BAD_INPUT;
}

enum vs_status trace_reader_damaged(struct trace_reader *r, const char *p, size_t n) {
    char words[300];
    struct text hint = text_in(words, sizeof words);
    if (memchr(p, 0, n)) return not_a_trace(r, "binary data"); /* no byte of a text is 0 */
    bool skip = !r->unsure && ++r->bad <= r->options->bad_lines;
    int shown = n < 40 ? (int)n : 40;
    const char *dots = n > 40 ? "..." : "";
    if (skip) {
        diag_add(r->options->skipped, r->name, line_number(r), 1, "damaged line \"%.*s%s\", skipped", shown,
                 p, dots);
        return VS_OK;
    }
    add_hint(r, &hint);
    const char *many = r->bad > 1 ? ", and too many before it" : "";
    diag_set(r->why, r->name, line_number(r), 1, "damaged line \"%.*s%s\"%s: %s", shown, p, dots, many,
             words);
    return VS_BAD_INPUT;
}

static enum vs_status no_room(struct trace_reader *r) {
    diag_set(r->why, r->name, line_number(r), 1,
             "there is no memory for more than %llu references: set a limit", (unsigned long long)r->taken);
    return VS_LIMIT;
}

static enum vs_status no_memory(struct diag *why, const char *name) {
    diag_set(why, name, 0, 0, "out of memory while reading the trace");
    return VS_NOMEM;
}

/* ---- bytes in, references out ---- */

enum vs_status trace_reader_read(struct trace_reader *r, void *to, size_t room, size_t *got) {
    const struct trace_watch *w = &r->options->watch;
    uint64_t done, total;
    trace_input_progress(r->input, &done, &total);
    if (w->tell && !w->tell(w->own, done, total)) {
        diag_set(r->why, r->name, 0, 0, "reading was interrupted");
        return VS_IO;
    }
    return trace_input_read(r->input, to, room, got, r->why);
}

enum vs_status trace_reader_flush(struct trace_reader *r) {
    size_t n = r->pending;
    r->pending = 0;
    if (n == 0) return VS_OK;
    enum vs_status status =
        r->trace ? trace_append(r->trace, r->ref, n) : r->sink->take(r->sink->own, r->ref, n, r->why);
    if (status == VS_OK) r->taken += n;
    return status == VS_LIMIT ? no_room(r) : status;
}

/* ---- text ---- */

/* The last end of an item in text[from..n); `from`: none ends there. */
static size_t last_end(const struct trace_reader *r, size_t from, size_t n) {
    const char *breaks = r->format->how->breaks;
    while (n > from && !(r->text[n - 1] && strchr(breaks, r->text[n - 1]))) n--;
    return n;
}

/* Length of the whole items in text[0..n), up to one that is too long, however the reads came. */
static size_t whole_items(const struct trace_reader *r, size_t n) {
    size_t at = 0, end = last_end(r, 0, n);
    while (end - at > LINE_LONGEST) {
        size_t next = last_end(r, at, at + LINE_LONGEST);
        if (next == at) return at;
        at = next;
    }
    return end;
}

/* As much text as there is room for behind what is left of the chunk before. */
static enum vs_status more_text(struct trace_reader *r, size_t want) {
    size_t got = 1;
    while (got > 0 && r->have < want) {
        enum vs_status status = trace_reader_read(r, r->text + r->have, TRACE_CHUNK, &got);
        if (status != VS_OK) return status;
        r->have += got;
    }
    r->ended = got == 0;
    return VS_OK;
}

static enum vs_status endless(struct trace_reader *r) {
    r->line++;
    return not_a_trace(r, memchr(r->text, 0, r->have) ? "binary data" : "an endless line");
}

/* What is in the buffer, and then more into it; *more false: that was all. */
static enum vs_status read_chunk(struct trace_reader *r, bool *more) {
    if (r->ended && r->have > 0) r->text[r->have++] = '\n'; /* the last line may have no line break */
    size_t whole = whole_items(r, r->have);
    enum vs_status status = r->format->how->parse(r, r->text, r->text + whole);
    if (status != VS_OK) return status;
    r->have -= whole;
    memmove(r->text, r->text + whole, r->have);
    if (r->have > LINE_LONGEST) return endless(r);
    *more = !r->ended && r->left > 0;
    return *more ? more_text(r, r->have + 1) : trace_reader_flush(r);
}

/* ---- all of it ---- */

/* Bytes of the first lines, as many of a pipe as of a file, however they come. */
static size_t lines_looked_at(const struct trace_reader *r) {
    size_t n = r->have;
    if (n <= TRACE_SNIFF && r->ended) return n;
    if (n > TRACE_SNIFF) n = TRACE_SNIFF;
    while (n > 0 && r->text[n - 1] != '\n') n--;
    return n;
}

static void choose_format(struct trace_reader *r) {
    r->format = r->options->format;
    if (!r->format) r->format = trace_format_of(r->text, r->have, false);
    r->unsure = !r->format;
    if (!r->format) r->format = &trace_format_table[0];
    r->hex = r->format->how == &trace_reading_addresses && trace_text_is_hex(r->text, r->text + lines_looked_at(r));
    if (trace_is_own(r->text, r->have)) /* whatever was said: it is none of the others */
        r->format = trace_format_by_name("vmscope");
}

static enum vs_status begin(struct trace_reader *r) {
    r->text = mem_zalloc(LINE_LONGEST + TRACE_CHUNK + SLACK, 1);
    if (!r->text) return VS_NOMEM;
    enum vs_status status = more_text(r, TRACE_SNIFF);
    if (status == VS_OK) choose_format(r);
    return status;
}

/* After the last reference: was that a trace at all? */
static enum vs_status judge(struct trace_reader *r) {
    if (r->taken == 0) {
        r->line = 0;
        return not_a_trace(r, "no reference in it");
    }
    if (r->bad <= r->taken) return VS_OK;
    diag_set(r->why, r->name, 0, 0,
             "%llu lines are damaged and only %llu are good: this is not a trace of format %s",
             (unsigned long long)r->bad, (unsigned long long)r->taken, r->format->name);
    return VS_BAD_INPUT;
}

enum vs_status trace_reader_more(struct trace_reader *r, bool *more) {
    *more = false;
    enum vs_status status = r->format->how->read ? r->format->how->read(r) : read_chunk(r, more);
    if (status == VS_OK && !*more) status = judge(r);
    if (status == VS_NOMEM) no_memory(r->why, r->name);
    return status;
}

static struct trace_reader *reader_create(const struct trace_options *o, const char *name, struct diag *why) {
    static const struct trace_options plain = {0};
    struct trace_reader *r = mem_zalloc(1, sizeof *r);
    if (!r) return NULL;
    r->options = o ? o : &plain;
    r->name = r->options->name ? r->options->name : name;
    r->left = r->options->limit ? r->options->limit : UINT64_MAX;
    r->page_shift = r->options->page_shift ? r->options->page_shift : 12;
    r->why = why;
    return r;
}

/* The trace, finished, with what is known of where it comes from. */
static struct trace *finish(struct trace_reader *r) {
    r->trace->format = r->format;
    r->trace->zstd = trace_input_packed(r->input);
    r->trace->bad_lines = r->bad;
    return r->trace;
}

static enum vs_status open_input(struct trace_reader *r, const struct trace_from *from) {
    if (r->input) return VS_OK;
    return trace_input_open(from->path, from->data, from->size, r->name, &r->input, r->why);
}

void trace_reader_close(struct trace_reader *r) {
    if (!r) return;
    trace_input_close(r->input);
    free(r->text);
    free(r);
}

enum vs_status trace_reader_open(const struct trace_from *from, const struct trace_options *o,
                                 const struct trace_sink *sink, struct trace_reader **out, struct diag *why) {
    const char *name = from->path ? from->path : "trace";
    struct trace_reader *r = reader_create(o, name, why);
    if (!r) {
        trace_input_close(from->input);
        return no_memory(why, name);
    }
    r->input = from->input;
    r->sink = sink;
    enum vs_status status = open_input(r, from);
    if (status == VS_OK) status = begin(r);
    if (status == VS_NOMEM) no_memory(why, r->name);
    if (status == VS_OK)
        *out = r;
    else
        trace_reader_close(r);
    return status;
}

enum vs_status trace_read_from(const struct trace_from *from, const struct trace_options *o,
                               const struct trace_sink *sink, struct trace **out, uint64_t *bad,
                               struct diag *why) {
    struct trace_reader *r = NULL;
    enum vs_status status = trace_reader_open(from, o, sink, &r, why);
    if (status != VS_OK) return status;
    if (out) r->trace = trace_create();
    bool more = !out || r->trace;
    if (!more) status = no_memory(why, r->name);
    while (status == VS_OK && more) status = trace_reader_more(r, &more);
    if (bad) *bad += r->bad;
    if (status == VS_OK && out)
        *out = finish(r);
    else
        trace_free(r->trace);
    trace_reader_close(r);
    return status;
}

enum vs_status trace_read_file(const char *path, const struct trace_options *o, struct trace **out,
                               struct diag *why) {
    return trace_read_from(&(struct trace_from){.path = path}, o, NULL, out, NULL, why);
}

enum vs_status trace_read_memory(const void *data, size_t size, const struct trace_options *o,
                                 struct trace **out, struct diag *why) {
    return trace_read_from(&(struct trace_from){.data = data, .size = size}, o, NULL, out, NULL, why);
}
