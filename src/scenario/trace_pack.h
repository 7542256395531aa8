/* trace_pack.h - references in about two bytes each.
 *
 * A block is up to STEP_SPAN references and decodes on its own: first a header
 * byte for each, then what the headers call for, in order.
 *
 *     7     6 5       2 1    0
 *    +-------+---------+------+   op     enum access_kind; 3: a long reference
 *    | delta |  size   |  op  |   size   in bytes, less 1: 1..16
 *    +-------+---------+------+   delta  0, 1, 3 or 5 bytes of address in the stream
 *
 * The stream holds, lowest byte first and with a sign, how far the address lies
 * from where it is expected: a fetch behind the fetch before it (address +
 * size), other accesses at the last data address. A reference that is larger or
 * lies farther is long: its op stands in `delta`, and the stream has the difference
 * (6 bytes if `size` is 1, 8 if it is 0) and 1 byte of size. Addresses of programs
 * have 47 bits, so none of them takes more than 8 bytes, header included.
 *
 * Real programs: 65 % of the references are fetches in a row, one byte each;
 * all others average 3.6 bytes. Headers apart from the stream let a processor
 * decode several references at a time, for no length waits for an address.
 */
#ifndef VMSCOPE_SCENARIO_TRACE_PACK_H
#define VMSCOPE_SCENARIO_TRACE_PACK_H

#include "vmscope/scenario/trace.h"

/* A place in a block where decoding can begin: in front of reference `at`. All 0: at the block's begin. */
struct trace_mark {
    vaddr_t data, fetch; /* what addresses are counted from there */
    uint32_t stream, at; /* how far it is in the stream */
};

struct trace {
    uint8_t **block; /* each STEP_SPAN references, the last one perhaps fewer */
    size_t block_cap;
    struct trace_index **index; /* of each block, for one size of page (trace_index.h); NULL: not made yet */
    unsigned index_shift;
    uint64_t index_bytes;
    struct trace_stream *stream;       /* where they are not kept (trace_stream.h); else NULL */
    uint64_t count;                    /* references */
    uint64_t bytes;                    /* held */
    uint64_t packed;                   /* of them in blocks, without slack */
    uint64_t budget;                   /* of bytes, index included */
    const struct trace_format *format; /* that it was read in */
    bool zstd;                         /* around it */
    uint64_t bad_lines;                /* skipped */
};

/* NULL: no memory. */
struct trace *trace_create(void);
/* One more block of 1..STEP_SPAN references; after a short one none may follow.
 * VS_LIMIT: there is not memory enough. */
enum vs_status trace_append(struct trace *t, const struct step_ref *ref, size_t n);

/* Of one block, without slack. */
#define TRACE_PACKED_MAX ((size_t)STEP_SPAN * 10) /* header, 8 bytes of address, 1 of size */
#define TRACE_SLACK      8 /* readable bytes behind it: the decoder loads 8 at a time */

/* Pack n references into `to` (TRACE_PACKED_MAX + TRACE_SLACK bytes); returns the length. */
size_t trace_pack(uint8_t *to, const struct step_ref *ref, size_t n);
/* Are `size` bytes at p (and slack) a block of n references? */
bool trace_packed_ok(const uint8_t *p, size_t size, size_t n);
/* trace_append of a block that is packed already, and good. */
enum vs_status trace_append_packed(struct trace *t, const uint8_t *p, size_t size, size_t n);
/* The n references behind the mark, in a block of `held`; the mark moves on. */
void trace_unpack_refs(const uint8_t *p, size_t held, struct trace_mark *mark, struct step_ref *ref,
                       size_t n);

/* References in block i, which is not behind the last. */
size_t trace_block_held(const struct trace *t, uint64_t i);
/* Block i into ref[STEP_SPAN]: quicker than as steps. Returns how many; 0 behind the last. */
size_t trace_block_refs(const struct trace *t, uint64_t i, struct step_ref *ref);
/* At most n <= STEP_REFS references of one block, from reference `at` on; 0: at the end. */
size_t trace_refs(const struct trace *t, uint64_t at, size_t n, struct step_ref *ref);

#endif
