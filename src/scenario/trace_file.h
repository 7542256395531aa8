/* trace_file.h - vmscope's own binary traces: how they are laid out, and their writer.
 *
 * docs/trace-format.md describes the same for others. All numbers are little-endian.
 *
 *   header   8 magic   4 version   4 CRC-32 of the 12 bytes before
 *   block    4 n       4 size      4 CRC-32 of n, size and what follows     `size` bytes: n references,
 * packed
 *   ...                                                                     (every block but the last has
 * 4096) trailer  4 0       4 32        4 CRC-32 likewise    8 reads   8 writes   8 fetches   8 blocks
 */
#ifndef VMSCOPE_SCENARIO_TRACE_FILE_H
#define VMSCOPE_SCENARIO_TRACE_FILE_H

#include "scenario/trace_pack.h"

#define TRACE_VERSION 1u
#define TRACE_MAGIC   "\x89vmt\r\n\x1a\n" /* a byte above 127 and both line ends: text tools show themselves \
                                           */
#define MAGIC_SIZE   8
#define HEADER_SIZE  16
#define HEAD_SIZE    12 /* of a block or the trailer */
#define TRAILER_SIZE 32 /* what follows its head */

/* CRC-32 (IEEE 802.3, as in zlib and PNG), eight bytes at a time. */
struct crc {
    uint32_t table[8][256];
};
void crc_begin(struct crc *c);
/* Of more bytes; start with 0. */
uint32_t crc_of(const struct crc *c, uint32_t crc, const void *p, size_t n);

static inline uint32_t load_u32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
static inline uint64_t load_u64(const uint8_t *p) { return load_u32(p) | (uint64_t)load_u32(p + 4) << 32; }
static inline void store_u32(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)v, p[1] = (uint8_t)(v >> 8), p[2] = (uint8_t)(v >> 16), p[3] = (uint8_t)(v >> 24);
}
static inline void store_u64(uint8_t *p, uint64_t v) {
    store_u32(p, (uint32_t)v);
    store_u32(p + 4, (uint32_t)(v >> 32));
}

/* Bytes that the trace has as such a file. */
static inline uint64_t trace_packed_size(const struct trace *t) {
    uint64_t blocks = (t->count + STEP_SPAN - 1) / STEP_SPAN;
    return HEADER_SIZE + blocks * HEAD_SIZE + t->packed + HEAD_SIZE + TRAILER_SIZE;
}

struct trace_writer;
/* To `path`, or ("-") standard output. VS_IO, VS_NOMEM: *why. */
enum vs_status trace_writer_open(const char *path, struct trace_writer **out, struct diag *why);
/* n references, any number; `own` is the writer (it is a trace_sink's `take`). */
enum vs_status trace_writer_take(void *own, const struct step_ref *ref, size_t n, struct diag *why);
/* Trailer, and the file under its name. *refs and *bytes written. The writer is still to be freed. */
enum vs_status trace_writer_finish(struct trace_writer *w, uint64_t *refs, uint64_t *bytes, struct diag *why);
/* Unless it was finished, nothing is left of the file. NULL is fine. */
void trace_writer_free(struct trace_writer *w);

#endif
