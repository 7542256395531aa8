/* trace_file.c - reading vmscope's own binary traces (laid out in trace_file.h).
 *
 * Nothing in the file is believed: a block's size is checked before it is read
 * into a buffer of fixed size, its checksum before it is looked at, and that it
 * decodes to what it says before it becomes part of a trace. The trailer tells
 * whether anything is missing.
 */
#include "scenario/trace_file.h"

#include "scenario/trace_reader.h"
#include "vmscope/base/memory.h"

struct own {
    struct trace_reader *r;
    struct crc crc;
    uint64_t blocks;
    uint64_t by_kind[ACCESS_KINDS];
    bool last; /* the block before was short: none may follow */
    uint8_t data[HEAD_SIZE + TRACE_PACKED_MAX + TRACE_SLACK];
};

bool trace_is_own(const char *data, size_t size) {
    return size >= MAGIC_SIZE && memcmp(data, TRACE_MAGIC, MAGIC_SIZE) == 0;
}

static enum vs_status wrong(const struct own *o, const char *what) {
    diag_set(o->r->why, o->r->name, 0, 0, "damaged trace: block %llu: %s", (unsigned long long)o->blocks + 1,
             what);
    return VS_BAD_INPUT;
}

/* ---- bytes ---- */

/* Exactly n bytes; the reader has some of them already. */
static enum vs_status take(struct own *o, uint8_t *to, size_t n) {
    struct trace_reader *r = o->r;
    while (n > 0) {
        if (r->have == 0) {
            enum vs_status status = trace_reader_read(r, r->text, TRACE_CHUNK, &r->have);
            if (status != VS_OK) return status;
            if (r->have == 0) return wrong(o, "the file was cut off");
            r->at = 0;
        }
        size_t part = r->have < n ? r->have : n;
        memcpy(to, r->text + r->at, part);
        r->at += part;
        r->have -= part;
        to += part;
        n -= part;
    }
    return VS_OK;
}

/* ---- header, blocks, trailer ---- */

static enum vs_status read_header(struct own *o) {
    uint8_t h[HEADER_SIZE];
    struct trace_reader *r = o->r;
    if (!trace_is_own(r->text, r->have)) {
        diag_set(r->why, r->name, 0, 0, "this is not a trace that vmscope import wrote");
        return VS_BAD_INPUT;
    }
    enum vs_status status = take(o, h, sizeof h);
    if (status != VS_OK) return status;
    if (load_u32(h + 12) != crc_of(&o->crc, 0, h, 12))
        return wrong(o, "the checksum of the file's head is wrong");
    if (load_u32(h + 8) == TRACE_VERSION) return VS_OK;
    diag_set(r->why, r->name, 0, 0, "this trace has version %u of the format; this program reads version %u",
             load_u32(h + 8), TRACE_VERSION);
    return VS_BAD_INPUT;
}

/* The next head and what belongs to it. */
static enum vs_status read_block(struct own *o, uint32_t *n, uint32_t *size) {
    enum vs_status status = take(o, o->data, HEAD_SIZE);
    if (status != VS_OK) return status;
    *n = load_u32(o->data);
    *size = load_u32(o->data + 4);
    uint32_t crc = load_u32(o->data + 8);
    bool possible = *n == 0 ? *size == TRAILER_SIZE : *n <= STEP_SPAN && *size >= *n && *size <= *n * 10;
    if (!possible) return wrong(o, "its size is not possible");
    status = take(o, o->data + HEAD_SIZE, *size);
    if (status != VS_OK) return status;
    memset(o->data + HEAD_SIZE + *size, 0, TRACE_SLACK);
    uint32_t sum = crc_of(&o->crc, crc_of(&o->crc, 0, o->data, 8), o->data + HEAD_SIZE, *size);
    return sum == crc ? VS_OK : wrong(o, "its checksum is wrong");
}

static void count_kinds(struct own *o, const struct step_ref *ref, size_t n) {
    for (size_t i = 0; i < n; i++) o->by_kind[ref[i].op]++;
}

/* A block of n references, of which the first `wanted` are. */
static enum vs_status keep_block(struct own *o, uint32_t n, uint32_t size, uint32_t wanted) {
    struct trace_reader *r = o->r;
    const uint8_t *packed = o->data + HEAD_SIZE;
    if (o->last) return wrong(o, "the block before it is not full, so none may follow");
    if (!trace_packed_ok(packed, size, n)) return wrong(o, "it does not hold what it says");
    trace_unpack_refs(packed, n, &(struct trace_mark){.at = 0}, r->ref, n);
    count_kinds(o, r->ref, n);
    o->last = n < STEP_SPAN;
    o->blocks++;
    r->left -= wanted;
    r->pending = wanted;
    if (!r->trace || wanted < n) return trace_reader_flush(r);
    r->pending = 0;
    r->taken += n;
    return trace_append_packed(r->trace, packed, size, n);
}

static enum vs_status check_trailer(struct own *o) {
    const uint8_t *p = o->data + HEAD_SIZE;
    bool same = load_u64(p + 24) == o->blocks;
    for (size_t k = 0; k < ACCESS_KINDS; k++) same = same && load_u64(p + 8 * k) == o->by_kind[k];
    if (!same) return wrong(o, "the counts at the end do not fit what was read");
    struct trace_reader *r = o->r;
    size_t more = r->have;
    enum vs_status status = more ? VS_OK : trace_reader_read(r, r->text, 1, &more);
    return status == VS_OK && more ? wrong(o, "something follows the end") : status;
}

static enum vs_status read_blocks(struct own *o) {
    while (o->r->left > 0) {
        uint32_t n, size;
        enum vs_status status = read_block(o, &n, &size);
        if (status != VS_OK) return status;
        if (n == 0) return check_trailer(o);
        status = keep_block(o, n, size, o->r->left < n ? (uint32_t)o->r->left : n);
        if (status != VS_OK) return status;
    }
    return VS_OK;
}

static enum vs_status read_own(struct trace_reader *r) {
    struct own *o = mem_zalloc(1, sizeof *o);
    if (!o) return VS_NOMEM;
    o->r = r;
    crc_begin(&o->crc);
    enum vs_status status = read_header(o);
    if (status == VS_OK) status = read_blocks(o);
    free(o);
    return status;
}

const struct trace_reading trace_reading_own = {.read = read_own};
