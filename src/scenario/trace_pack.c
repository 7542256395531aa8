/* trace_pack.c - packing references and giving them back as steps (see trace_pack.h).
 *
 * Decoding is on the way of every simulated access, so what a header byte says
 * stands in a table: no branch depends on it, but for the rare long references and
 * for fetches, which come in runs.
 */
#include "scenario/trace_index.h"
#include "scenario/trace_stream.h"

#include "vmscope/base/memory.h"

#define OP_LONG   3u
#define OP_BITS   3u
#define SIZE_NEAR 16 /* larger ones are long */
#define LONG_SIX  4u /* in a long header: 6 bytes of difference, not 8 */
#define SLACK     TRACE_SLACK

/* Bytes in the stream, by a header's `delta`. */
static const uint8_t delta_bytes[4] = {0, 1, 3, 5};

#define SIX_MASK UINT64_C(0xffffffffffff)
#define SIX_SIGN UINT64_C(0x800000000000)

/* What a reference's address is counted from, by kind. */
struct base {
    uint64_t data, fetch;
};

/* Little-endian on every machine; compilers make one load or store of it. */
static inline uint64_t load64(const uint8_t *p) {
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}
static inline void store64(uint8_t *p, uint64_t v) {
    p[0] = (uint8_t)v, p[1] = (uint8_t)(v >> 8), p[2] = (uint8_t)(v >> 16), p[3] = (uint8_t)(v >> 24);
    p[4] = (uint8_t)(v >> 32), p[5] = (uint8_t)(v >> 40), p[6] = (uint8_t)(v >> 48),
    p[7] = (uint8_t)(v >> 56);
}

/* ---- packing ---- */

struct packing {
    struct base base;
    uint8_t *stream; /* grows */
};

/* Writes r's part of the stream and returns its header. */
static inline uint8_t pack_ref(struct packing *p, const struct step_ref *r) {
    uint64_t d = r->va - (r->op == ACCESS_FETCH ? p->base.fetch : p->base.data);
    uint64_t magnitude = d ^ (0 - (d >> 63)); /* one bit less than d needs */
    unsigned delta = (unsigned)(d != 0) + (magnitude > 0x7f) + (magnitude > 0x7fffff);
    if (r->op == ACCESS_FETCH)
        p->base.fetch = r->va + r->size;
    else
        p->base.data = r->va;
    store64(p->stream, d);
    if (magnitude <= 0x7fffffffff && r->size <= SIZE_NEAR) {
        p->stream += delta_bytes[delta];
        return (uint8_t)(r->op | (r->size - 1u) << 2 | delta << 6);
    }
    bool six = magnitude <= UINT64_C(0x7fffffffffff);
    p->stream += six ? 6 : 8;
    *p->stream++ = r->size;
    return (uint8_t)(OP_LONG | (six ? LONG_SIX : 0) | (unsigned)r->op << 6);
}

size_t trace_pack(uint8_t *to, const struct step_ref *ref, size_t n) {
    struct packing p = {{0, 0}, to + n};
    for (size_t i = 0; i < n; i++) to[i] = pack_ref(&p, &ref[i]);
    return (size_t)(p.stream - to);
}

struct trace *trace_create(void) {
    struct trace *t = mem_zalloc(1, sizeof *t);
    if (t) *t = (struct trace){.bytes = sizeof *t, .budget = mem_available() / 8 * 7};
    return t;
}

static enum vs_status append(struct trace *t, const uint8_t *packed, size_t size, size_t n) {
    size_t blocks = (size_t)(t->count / STEP_SPAN), before = t->block_cap;
    if (t->bytes + size > t->budget / 2) return VS_LIMIT; /* the index will need as much again */
    if (!mem_grow((void **)&t->block, &t->block_cap, blocks + 1, sizeof *t->block)) return VS_NOMEM;
    t->bytes += (t->block_cap - before) * sizeof *t->block;
    t->block[blocks] = mem_copy(packed, size, 1);
    if (!t->block[blocks]) return VS_NOMEM;
    t->bytes += size;
    t->packed += size - SLACK;
    t->count += n;
    return VS_OK;
}

enum vs_status trace_append(struct trace *t, const struct step_ref *ref, size_t n) {
    uint8_t packed[TRACE_PACKED_MAX + SLACK];
    size_t size = trace_pack(packed, ref, n);
    memset(packed + size, 0, SLACK);
    return append(t, packed, size + SLACK, n);
}

enum vs_status trace_append_packed(struct trace *t, const uint8_t *p, size_t size, size_t n) {
    return append(t, p, size + SLACK, n);
}

void trace_free(struct trace *t) {
    if (!t) return;
    for (size_t i = 0; i < t->block_cap; i++) free(t->block[i]);
    trace_index_free(t);
    trace_stream_free(t->stream);
    free(t->block);
    free(t);
}

uint64_t trace_count(const struct trace *t) { return t->count; }
uint64_t trace_bytes(const struct trace *t) { return t->bytes + t->index_bytes; }

/* ---- unpacking ---- */

/* What a header says of a reference that is not long. */
struct header {
    uint64_t mask, sign; /* of the difference in the stream: its bits, the highest of them */
    uint8_t bytes;       /* that it takes there */
    uint8_t op, size;
    bool fetch;
};
#define BY_DELTA(h, zero, one, three, five)                                                                  \
    ((h) >> 6 == 0 ? (zero) : (h) >> 6 == 1 ? (one) : (h) >> 6 == 2 ? (three) : (five))
#define HEADER(h)                                                                                            \
    {                                                                                                        \
        BY_DELTA(h, 0, 0xff, 0xffffff, 0xffffffffff), BY_DELTA(h, 0, 0x80, 0x800000, 0x8000000000),          \
            BY_DELTA(h, 0, 1, 3, 5), (h)&OP_BITS, 1 + ((h) >> 2 & 15), ((h)&OP_BITS) == ACCESS_FETCH         \
    }
#define HEADERS_4(h)  HEADER(h), HEADER((h) + 1), HEADER((h) + 2), HEADER((h) + 3)
#define HEADERS_16(h) HEADERS_4(h), HEADERS_4((h) + 4), HEADERS_4((h) + 8), HEADERS_4((h) + 12)
#define HEADERS_64(h) HEADERS_16(h), HEADERS_16((h) + 16), HEADERS_16((h) + 32), HEADERS_16((h) + 48)
static const struct header headers[256] = {HEADERS_64(0), HEADERS_64(64), HEADERS_64(128), HEADERS_64(192)};

/* Kind and size of the long reference whose difference is in d, and the stream behind it; returns the
 * difference. */
static inline uint64_t long_ref(uint8_t header, const uint8_t **stream, uint64_t d, struct step_ref *out) {
    bool six = header & LONG_SIX;
    if (six) d = ((d & SIX_MASK) ^ SIX_SIGN) - SIX_SIGN;
    *stream += six ? 6 : 8;
    out->op = header >> 6;
    out->size = *(*stream)++;
    return d;
}

static inline void unpack_ref(uint8_t header, const uint8_t **stream, struct base *base,
                              struct step_ref *out) {
    const struct header *h = &headers[header];
    uint64_t d = load64(*stream);
    bool fetch = h->fetch;
    out->op = h->op;
    out->size = h->size;
    if (h->op == OP_LONG) {
        d = long_ref(header, stream, d, out);
        fetch = out->op == ACCESS_FETCH;
    } else {
        d = ((d & h->mask) ^ h->sign) - h->sign; /* modulo 2^64 */
        *stream += h->bytes;
    }
    if (fetch) {
        out->va = base->fetch + d;
        base->fetch = out->va + out->size;
    } else {
        out->va = base->data += d;
    }
}

void trace_unpack_refs(const uint8_t *p, size_t held, struct trace_mark *mark, struct step_ref *ref,
                       size_t n) {
    struct base base = {mark->data, mark->fetch};
    const uint8_t *stream = p + held + mark->stream, *header = p + mark->at;
    for (size_t i = 0; i < n; i++) unpack_ref(header[i], &stream, &base, &ref[i]);
    *mark =
        (struct trace_mark){base.data, base.fetch, (uint32_t)(stream - (p + held)), mark->at + (uint32_t)n};
}

size_t trace_block_held(const struct trace *t, uint64_t block) {
    uint64_t rest = t->count - block * STEP_SPAN;
    return rest < STEP_SPAN ? (size_t)rest : STEP_SPAN;
}

/* A decoder in front of reference `at`: from the block's begin, or a mark that is nearer, on. */
static struct trace_mark mark_at(const struct trace *t, uint64_t at) {
    struct trace_mark mark = {0, 0, 0, 0};
    struct step_ref passed[STEP_GROUP];
    size_t first = (size_t)(at % STEP_SPAN), held = trace_block_held(t, at / STEP_SPAN);
    if (t->index) mark = t->index[at / STEP_SPAN]->mark[first / STEP_GROUP];
    for (size_t n; (n = first - mark.at) > 0;)
        trace_unpack_refs(t->block[at / STEP_SPAN], held, &mark, passed, n < STEP_GROUP ? n : STEP_GROUP);
    return mark;
}

size_t trace_refs(const struct trace *t, uint64_t at, size_t n, struct step_ref *ref) {
    if (at >= t->count) return 0;
    size_t held = trace_block_held(t, at / STEP_SPAN), rest = held - (size_t)(at % STEP_SPAN);
    struct trace_mark mark = mark_at(t, at);
    if (n > rest) n = rest;
    trace_unpack_refs(t->block[at / STEP_SPAN], held, &mark, ref, n);
    return n;
}

static const struct step plain_ref = {.proc = PROC_NONE, .kind = STEP_ACCESS};

size_t trace_steps(const struct trace *t, uint64_t at, struct step *buf, size_t n) {
    struct step_ref ref[STEP_REFS];
    struct step_refs r = {ref, 0, plain_ref};
    if (at >= t->count) return 0;
    size_t held = trace_block_held(t, at / STEP_SPAN), rest = held - (size_t)(at % STEP_SPAN);
    struct trace_mark mark = mark_at(t, at);
    if (n > rest) n = rest;
    for (size_t done = 0; done < n; done += r.count) {
        r.count = n - done < STEP_REFS ? n - done : STEP_REFS;
        trace_unpack_refs(t->block[at / STEP_SPAN], held, &mark, ref, r.count);
        for (size_t i = 0; i < r.count; i++) buf[done + i] = step_of_ref(&r, i);
    }
    return n;
}

size_t trace_block_refs(const struct trace *t, uint64_t i, struct step_ref *ref) {
    struct trace_mark mark = {0, 0, 0, 0};
    if (i * STEP_SPAN >= t->count) return 0;
    size_t n = trace_block_held(t, i);
    trace_unpack_refs(t->block[i], n, &mark, ref, n);
    return n;
}

bool trace_packed_ok(const uint8_t *p, size_t size, size_t n) {
    if (n == 0 || n > STEP_SPAN || size < n) return false;
    const uint8_t *stream = p + n, *end = p + size;
    for (size_t i = 0; i < n && stream <= end; i++) {
        unsigned op = p[i] & OP_BITS, delta = p[i] >> 6;
        if (op != OP_LONG) {
            stream += delta_bytes[delta];
            continue;
        }
        stream += p[i] & LONG_SIX ? 7 : 9;
        if (delta >= ACCESS_KINDS || (p[i] & 0x38) || stream > end || stream[-1] == 0) return false;
    }
    return stream == end;
}

/* ---- as a step source ---- */

struct trace_source {
    struct step_source source;
    const struct trace *trace;
    uint8_t flags;
};

static const struct step *source_span(const struct step_source *s, uint64_t at, struct step *buf,
                                      size_t *count) {
    const struct trace_source *ts = (const struct trace_source *)(const void *)s;
    *count = trace_steps(ts->trace, at, buf, STEP_SPAN);
    for (size_t i = 0; i < *count; i++) buf[i].flags = ts->flags;
    return *count ? buf : NULL;
}

static bool source_refs(const struct step_source *s, uint64_t at, size_t n, struct step_ref *buf,
                        struct step_refs *out) {
    const struct trace_source *ts = (const struct trace_source *)(const void *)s;
    *out = (struct step_refs){buf, trace_refs(ts->trace, at, n, buf), plain_ref};
    out->like.flags = ts->flags;
    return out->count > 0;
}

static uint64_t source_groups(const struct step_source *s, uint64_t at, unsigned page_shift,
                              struct step_groups *out) {
    const struct trace_source *ts = (const struct trace_source *)(const void *)s;
    out->proc = PROC_NONE;
    out->flags = ts->flags;
    return trace_groups(ts->trace, at, page_shift, out);
}

static void source_free(struct step_source *s) { free(s); }

struct step_source *trace_source(const struct trace *t, uint8_t flags) {
    static const struct step_source_ops ops = {
        .span = source_span, .free = source_free, .refs = source_refs, .groups = source_groups};
    if (t->stream) return trace_stream_source(t->stream, t->count, flags);
    struct trace_source *s = mem_zalloc(1, sizeof *s);
    if (!s) return NULL;
    *s = (struct trace_source){{&ops, t->count}, t, flags};
    return &s->source;
}
