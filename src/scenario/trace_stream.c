/* trace_stream.c - see trace_stream.h.
 *
 *   ........ ref[0] ... ref[count - 1] ........     the references of the chunk read last, and
 *            first                                  their groups; what comes before needs a new start
 */
#include "scenario/trace_stream.h"

#include "scenario/trace_index.h"
#include "scenario/trace_pages.h"
#include "scenario/trace_reader.h"
#include "vmscope/base/memory.h"

#include <sys/stat.h>

struct trace_stream {
    char *path;
    struct trace_options options;
    struct trace_sink sink;
    struct trace_reader *reader; /* NULL: the next reference is the very first, or `ended` */
    bool ended;
    uint64_t first;
    struct step_ref *ref;
    size_t count, ref_cap;
    struct step_group *group;
    struct step_use *use; /* STEP_GROUP_PAGES for each group */
    size_t group_cap, use_cap;
    unsigned page_shift;
    struct map64 pages; /* by number: enum use */
    enum vs_status status;
    struct diag why;
};

/* ---- reading on ---- */

/* A reader's block of references goes to the end of ref[]. */
static enum vs_status take(void *own, const struct step_ref *ref, size_t n, struct diag *why) {
    struct trace_stream *x = own;
    (void)why;
    if (!mem_grow((void **)&x->ref, &x->ref_cap, x->count + n, sizeof *x->ref)) return VS_NOMEM;
    memcpy(x->ref + x->count, ref, n * sizeof *ref);
    x->count += n;
    return VS_OK;
}

static void rewind_stream(struct trace_stream *x) {
    trace_reader_close(x->reader);
    x->reader = NULL;
    x->ended = false;
    x->first = 0;
    x->count = 0;
}

/* The references behind those in ref[] take their place. */
static enum vs_status read_on(struct trace_stream *x) {
    bool more = !x->ended;
    enum vs_status status = VS_OK;
    x->first += x->count;
    x->count = 0;
    if (!x->reader && more)
        status = trace_reader_open(&(struct trace_from){.path = x->path}, &x->options, &x->sink, &x->reader,
                                   &x->why);
    while (status == VS_OK && more && x->count == 0) status = trace_reader_more(x->reader, &more);
    x->ended = !more;
    return status;
}

static bool find_groups(struct trace_stream *x) {
    size_t groups = (x->count + STEP_GROUP - 1) / STEP_GROUP;
    if (!mem_grow((void **)&x->group, &x->group_cap, groups, sizeof *x->group) ||
        !mem_grow((void **)&x->use, &x->use_cap, groups * STEP_GROUP_PAGES, sizeof *x->use))
        return false;
    for (size_t i = 0; i < groups; i++) {
        size_t at = i * STEP_GROUP, n = x->count - at < STEP_GROUP ? x->count - at : STEP_GROUP;
        x->group[i].first = (uint32_t)(i * STEP_GROUP_PAGES);
        trace_sum_up(x->ref + at, n, x->page_shift, x->use + i * STEP_GROUP_PAGES, &x->group[i]);
    }
    return true;
}

static enum vs_status shorter_than_before(struct trace_stream *x) {
    diag_set(&x->why, x->path, 0, 0, "the file has changed while it was in use");
    return VS_IO;
}

static enum vs_status next_chunk(struct trace_stream *x) {
    enum vs_status status = read_on(x);
    if (status != VS_OK) return status;
    if (x->count == 0) return shorter_than_before(x);
    return find_groups(x) ? VS_OK : VS_NOMEM;
}

/* Bring reference `at`, which was there the first time, into ref[]. False: it is not to be had. */
static bool reach(struct trace_stream *x, uint64_t at) {
    if (at < x->first) rewind_stream(x);
    while (x->status == VS_OK && at >= x->first + x->count) x->status = next_chunk(x);
    return x->status == VS_OK;
}

/* ---- life ---- */

void trace_stream_free(struct trace_stream *x) {
    if (!x) return;
    trace_reader_close(x->reader);
    map64_free(&x->pages);
    free(x->path);
    free(x->ref);
    free(x->group);
    free(x->use);
    free(x);
}

static struct trace_stream *create(const char *path, const struct trace_options *o, unsigned page_shift) {
    struct trace_stream *x = mem_zalloc(1, sizeof *x);
    if (!x) return NULL;
    *x = (struct trace_stream){.path = mem_copy(path, strlen(path) + 1, 1),
                               .options = *o,
                               .page_shift = page_shift,
                               .sink = {take, x}};
    x->options.name = x->path;
    if (x->path) return x;
    free(x);
    return NULL;
}

/* All references once, with somebody watching. Messages on damaged lines are for this time alone. */
static enum vs_status survey(struct trace_stream *x, uint64_t *count) {
    struct noting n;
    enum vs_status status;
    noting_begin(&n, &x->pages, x->page_shift);
    while ((status = read_on(x)) == VS_OK && x->count > 0)
        if (!noting_refs(&n, x->ref, x->count)) return VS_NOMEM;
    *count = x->first;
    rewind_stream(x);
    x->options.skipped = NULL;
    x->options.watch = (struct trace_watch){.tell = NULL};
    return status;
}

/* Is it a plain file, of text? */
static bool can_be_streamed(struct trace_stream *x, enum vs_status *status) {
    struct stat st;
    if (stat(x->path, &st) != 0 || !S_ISREG(st.st_mode)) return false;
    *status =
        trace_reader_open(&(struct trace_from){.path = x->path}, &x->options, &x->sink, &x->reader, &x->why);
    return *status != VS_OK || !x->reader->format->how->read;
}

enum vs_status trace_open_stream(const char *path, const struct trace_options *o, unsigned page_shift,
                                 struct trace **out, struct diag *why) {
    struct trace_stream *x = create(path, o, page_shift);
    struct trace *t = x ? trace_create() : NULL;
    enum vs_status status = t ? VS_OK : VS_NOMEM;
    bool suits = t && can_be_streamed(x, &status);
    *out = NULL;
    if (status == VS_OK && suits) status = survey(x, &t->count);
    if (status == VS_OK && suits) {
        t->stream = x;
        *out = t;
        return VS_OK;
    }
    if (x) *why = x->why;
    trace_free(t);
    trace_stream_free(x);
    return status;
}

enum vs_status trace_stream_pages(const struct trace_stream *x, unsigned page_shift, struct map64 *out) {
    if (page_shift != x->page_shift) return VS_LIMIT;
    return map64_copy(out, &x->pages) ? VS_OK : VS_NOMEM;
}

const struct diag *trace_stream_trouble(const struct trace_stream *x) {
    return x->why.text[0] ? &x->why : NULL;
}

/* ---- as a step source ---- */

struct stream_source {
    struct step_source source;
    struct trace_stream *stream;
    struct step like;
};

static bool stream_refs(const struct step_source *s, uint64_t at, size_t n, struct step_ref *buf,
                        struct step_refs *out) {
    const struct stream_source *ss = (const struct stream_source *)(const void *)s;
    struct trace_stream *x = ss->stream;
    if (at >= s->count || !reach(x, at)) return false;
    size_t rest = x->count - (size_t)(at - x->first);
    *out = (struct step_refs){buf, n < rest ? n : rest, ss->like};
    memcpy(buf, x->ref + (at - x->first), out->count * sizeof *buf);
    return true;
}

static const struct step *stream_span(const struct step_source *s, uint64_t at, struct step *buf,
                                      size_t *count) {
    struct step_ref ref[STEP_REFS];
    struct step_refs refs;
    if (!stream_refs(s, at, STEP_REFS, ref, &refs)) return NULL;
    for (size_t i = 0; i < refs.count; i++) buf[i] = step_of_ref(&refs, i);
    *count = refs.count;
    return buf;
}

static uint64_t stream_groups(const struct step_source *s, uint64_t at, unsigned page_shift,
                              struct step_groups *out) {
    const struct stream_source *ss = (const struct stream_source *)(const void *)s;
    struct trace_stream *x = ss->stream;
    if (page_shift != x->page_shift || at >= s->count || !reach(x, at)) return UINT64_MAX;
    size_t i = (size_t)(at - x->first);
    if (i % STEP_GROUP) return STEP_GROUP - i % STEP_GROUP;
    *out = (struct step_groups){x->group + i / STEP_GROUP, x->use,
                                (x->count - i + STEP_GROUP - 1) / STEP_GROUP, ss->like.proc, ss->like.flags};
    return 0;
}

static void source_free(struct step_source *s) { free(s); }

struct step_source *trace_stream_source(struct trace_stream *x, uint64_t count, uint8_t flags) {
    static const struct step_source_ops ops = {
        .span = stream_span, .free = source_free, .refs = stream_refs, .groups = stream_groups};
    struct stream_source *s = mem_zalloc(1, sizeof *s);
    if (!s) return NULL;
    *s = (struct stream_source){{&ops, count}, x, {.proc = PROC_NONE, .kind = STEP_ACCESS, .flags = flags}};
    return &s->source;
}
