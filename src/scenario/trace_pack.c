/* trace_pack.c - packing references and giving them back as steps (see trace_pack.h).
 *
 * Decoding is on the way of every simulated access, so it has no branch that
 * depends on the data, apart from the rare long references: lengths, masks and
 * the steps' other fields come from tables.
 */
#include "scenario/trace_index.h"

#include "vmscope/base/memory.h"

#define OP_LONG   3u
#define OP_BITS   3u
#define SIZE_NEAR 16 /* larger ones are long */
#define LONG_SIX  4u /* in a long header: 6 bytes of difference, not 8 */
#define SLACK     TRACE_SLACK
#define SHORT_SPAN 256 /* steps decoded at a time where that can begin anywhere: they stay in the first cache */

/* By a header's `delta`: bytes in the stream, the bits they fill, the highest of these. */
static const uint8_t delta_bytes[4] = {0, 1, 3, 5};
static const uint64_t delta_mask[4] = {0, 0xff, 0xffffff, 0xffffffffff};
static const uint64_t delta_sign[4] = {0, 0x80, 0x800000, 0x8000000000};

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

/* Differences are taken modulo 2^64; the top bit is their sign. */
static inline uint64_t sign_extend(uint64_t d, unsigned delta) {
    return ((d & delta_mask[delta]) ^ delta_sign[delta]) - delta_sign[delta];
}

static inline uint64_t expected(const struct base *b, unsigned op) {
    return op == ACCESS_FETCH ? b->fetch : b->data;
}

/* ---- packing ---- */

struct packing {
    struct base base;
    uint8_t *stream; /* grows */
};

/* Writes r's part of the stream and returns its header. */
static inline uint8_t pack_ref(struct packing *p, const struct step_ref *r) {
    uint64_t d = r->va - expected(&p->base, r->op);
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
    free(t->block);
    free(t);
}

uint64_t trace_count(const struct trace *t) { return t->count; }
uint64_t trace_bytes(const struct trace *t) { return t->bytes + t->index_bytes; }

/* ---- unpacking ---- */

/* Everything of a step that its header alone decides. */
#define LIKE(n, k) {.proc = PROC_NONE, .kind = STEP_ACCESS, .op = (k), .size = (n)}
#define LIKES(n)   LIKE(n, ACCESS_READ), LIKE(n, ACCESS_WRITE), LIKE(n, ACCESS_FETCH), LIKE(n, 0)
static const struct step like[64] = {LIKES(1),  LIKES(2),  LIKES(3),  LIKES(4),  LIKES(5),  LIKES(6),
                                     LIKES(7),  LIKES(8),  LIKES(9),  LIKES(10), LIKES(11), LIKES(12),
                                     LIKES(13), LIKES(14), LIKES(15), LIKES(16)};

/* The difference of a long reference, of which 8 bytes are in d; and what else it has. */
static inline uint64_t long_ref(uint8_t header, const uint8_t **stream, uint64_t d, unsigned *op,
                                unsigned *size) {
    bool six = header & LONG_SIX;
    if (six) d = ((d & SIX_MASK) ^ SIX_SIGN) - SIX_SIGN;
    *stream += six ? 6 : 8;
    *op = header >> 6;
    *size = *(*stream)++;
    return d;
}

/* The next reference's address, kind and size, and *stream behind it. Bases grow by what is known
 * without them: the next reference need not wait for this address. */
static inline vaddr_t unpack_ref(uint8_t header, const uint8_t **stream, struct base *base, unsigned *op,
                                 unsigned *size) {
    unsigned delta = header >> 6;
    uint64_t d = load64(*stream);
    *op = header & OP_BITS;
    *size = 1 + (header >> 2 & 15);
    if (*op == OP_LONG) {
        d = long_ref(header, stream, d, op, size);
    } else {
        d = sign_extend(d, delta);
        *stream += delta_bytes[delta];
    }
    vaddr_t va = expected(base, *op) + d;
    base->fetch += *op == ACCESS_FETCH ? d + *size : 0;
    base->data += *op == ACCESS_FETCH ? 0 : d;
    return va;
}

/* Pass over references up to number `first` of a block of `held`, from its begin or a mark on the way. */
static const uint8_t *pass_to(const uint8_t *header, size_t held, const struct trace_mark *mark, size_t first,
                              struct base *base) {
    unsigned op, size;
    *base = (struct base){mark->data, mark->fetch};
    const uint8_t *stream = header + held + mark->stream;
    for (size_t i = mark->at; i < first; i++) unpack_ref(header[i], &stream, base, &op, &size);
    return stream;
}

/* References first..first+n-1 of a block of `held`, as steps. */
static void unpack(const uint8_t *header, size_t held, const struct trace_mark *mark, size_t first, struct step *buf,
                   size_t n, uint8_t flags) {
    struct base base;
    const uint8_t *stream = pass_to(header, held, mark, first, &base);
    for (size_t i = 0; i < n; i++) {
        unsigned op, size;
        buf[i] = like[header[first + i] & 63];
        buf[i].va = unpack_ref(header[first + i], &stream, &base, &op, &size);
        buf[i].op = (uint8_t)op;
        buf[i].size = (uint8_t)size;
        buf[i].flags = flags;
    }
}

size_t trace_block_held(const struct trace *t, uint64_t block) {
    uint64_t rest = t->count - block * STEP_SPAN;
    return rest < STEP_SPAN ? (size_t)rest : STEP_SPAN;
}

size_t trace_unpack(const struct trace *t, uint64_t at, struct step *buf, size_t n, uint8_t flags) {
    static const struct trace_mark begin;
    if (at >= t->count) return 0;
    uint64_t block = at / STEP_SPAN;
    size_t first = (size_t)(at % STEP_SPAN), held = trace_block_held(t, block), rest = held - first;
    const struct trace_mark *mark = &begin;
    if (t->index) {
        mark = &t->index[block]->mark[first / STEP_GROUP];
        if (rest > SHORT_SPAN - first % SHORT_SPAN) rest = SHORT_SPAN - first % SHORT_SPAN;
    }
    if (n > rest) n = rest;
    unpack(t->block[block], held, mark, first, buf, n, flags);
    return n;
}

size_t trace_refs(const struct trace *t, uint64_t at, size_t n, struct step_ref *ref) {
    if (at >= t->count || !t->index) return 0;
    uint64_t block = at / STEP_SPAN;
    size_t first = (size_t)(at % STEP_SPAN), held = trace_block_held(t, block), rest = held - first;
    struct trace_mark mark = t->index[block]->mark[first / STEP_GROUP];
    if (n > rest) n = rest;
    trace_unpack_refs(t->block[block], held, &mark, ref, first - mark.at); /* passed over: fewer than a group */
    trace_unpack_refs(t->block[block], held, &mark, ref, n);
    return n;
}

void trace_unpack_refs(const uint8_t *p, size_t held, struct trace_mark *mark, struct step_ref *ref, size_t n) {
    struct base base = {mark->data, mark->fetch};
    const uint8_t *stream = p + held + mark->stream;
    for (size_t i = 0; i < n; i++) {
        unsigned op, size;
        vaddr_t va = unpack_ref(p[mark->at + i], &stream, &base, &op, &size);
        ref[i] = (struct step_ref){va, (uint8_t)op, (uint8_t)size};
    }
    *mark = (struct trace_mark){base.data, base.fetch, (uint32_t)(stream - (p + held)), mark->at + (uint32_t)n};
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

size_t trace_steps(const struct trace *t, uint64_t at, struct step *buf, size_t n) {
    return trace_unpack(t, at, buf, n, 0);
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
    *count = trace_unpack(ts->trace, at, buf, STEP_SPAN, ts->flags);
    return *count ? buf : NULL;
}

static bool source_refs(const struct step_source *s, uint64_t at, size_t n, struct step_ref *buf, struct step_refs *out) {
    const struct trace_source *ts = (const struct trace_source *)(const void *)s;
    *out = (struct step_refs){buf, trace_refs(ts->trace, at, n, buf), like[0]};
    out->like.flags = ts->flags;
    return out->count > 0;
}

static uint64_t source_groups(const struct step_source *s, uint64_t at, unsigned page_shift, struct step_groups *out) {
    const struct trace_source *ts = (const struct trace_source *)(const void *)s;
    out->proc = PROC_NONE;
    out->flags = ts->flags;
    return trace_groups(ts->trace, at, page_shift, out);
}

static void source_free(struct step_source *s) { free(s); }

struct step_source *trace_source(const struct trace *t, uint8_t flags) {
    static const struct step_source_ops ops = {.span = source_span, .free = source_free, .refs = source_refs, .groups = source_groups};
    struct trace_source *s = mem_zalloc(1, sizeof *s);
    if (!s) return NULL;
    *s = (struct trace_source){{&ops, t->count}, t, flags};
    return &s->source;
}
