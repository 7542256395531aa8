/* trace_input.c - a trace's bytes: from a file or memory, plain or zstd.
 *
 * What it is is told by its first bytes, never by its name. Raw bytes pass
 * through one chunk; of a zstd stream, libzstd holds its window besides (128
 * MiB at most, its own limit), so no input makes memory grow with its length.
 */
#include "scenario/trace_input.h"

#include "vmscope/base/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

struct trace_input {
    const char *name;
    int fd;                    /* -1: from memory */
    const unsigned char *data; /* memory: what was not taken yet */
    size_t size;
    ZSTD_DStream *zstd;   /* NULL: plain */
    size_t expected;      /* zstd's hint: 0 between frames */
    unsigned char *chunk; /* raw bytes: taken..filled are still to come */
    size_t taken, filled;
    bool ended; /* no raw bytes will follow */
    uint64_t done, total; /* raw bytes; total 0: not known */
};

#define ZSTD_FRAME     0xfd2fb528u /* RFC 8878, 3.1.1 */
#define ZSTD_SKIPPABLE 0x184d2a50u /* 3.1.2; the last four bits are free */

static const struct {
    const char *magic;
    size_t size;
    const char *name;
} foreign[] = {
    {"\x1f\x8b", 2, "gzip"},        {"\xfd\x37zXZ", 5, "xz"}, {"BZh", 3, "bzip2"},
    {"\x04\x22\x4d\x18", 4, "lz4"}, {"PK\x03\x04", 4, "zip"},
};

static enum vs_status cannot_read(const struct trace_input *in, struct diag *why, const char *reason) {
    diag_set(why, in->name, 0, 0, "cannot be read: %s", reason);
    return VS_IO;
}

static enum vs_status bad_zstd(const struct trace_input *in, struct diag *why, const char *reason) {
    diag_set(why, in->name, 0, 0, "damaged zstd data: %s", reason);
    return VS_BAD_INPUT;
}

/* ---- raw bytes ---- */

/* Up to `room` of them; *got 0 is the end. */
static enum vs_status raw_read(struct trace_input *in, void *to, size_t room, size_t *got, struct diag *why) {
    if (in->fd < 0) {
        *got = in->size < room ? in->size : room;
        if (*got == 0) return VS_OK;
        memcpy(to, in->data, *got);
        in->data += *got;
        in->size -= *got;
        in->done += *got;
        return VS_OK;
    }
    ssize_t n;
    do n = read(in->fd, to, room);
    while (n < 0 && errno == EINTR);
    if (n < 0) return cannot_read(in, why, strerror(errno));
    *got = (size_t)n;
    in->done += *got;
    return VS_OK;
}

/* Bytes enough to tell what it is: a pipe may give one at a time. */
static enum vs_status fill_chunk(struct trace_input *in, size_t want, struct diag *why) {
    size_t got = 1;
    while (got > 0 && in->filled < want) {
        enum vs_status status = raw_read(in, in->chunk + in->filled, TRACE_CHUNK - in->filled, &got, why);
        if (status != VS_OK) return status;
        in->filled += got;
    }
    return VS_OK;
}

/* ---- what is it? ---- */

static bool is_zstd(const unsigned char *p, size_t n) {
    if (n < 4) return false;
    unsigned magic = p[0] | (unsigned)p[1] << 8 | (unsigned)p[2] << 16 | (unsigned)p[3] << 24;
    return magic == ZSTD_FRAME || (magic & ~0xfu) == ZSTD_SKIPPABLE;
}

static enum vs_status recognize(struct trace_input *in, struct diag *why) {
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (in->filled >= foreign[i].size && memcmp(in->chunk, foreign[i].magic, foreign[i].size) == 0) {
            diag_set(why, in->name, 0, 0, "is packed with %s: unpack it first, or pack it with zstd",
                     foreign[i].name);
            return VS_BAD_INPUT;
        }
    if (!is_zstd(in->chunk, in->filled)) return VS_OK;
    in->zstd = ZSTD_createDStream();
    return in->zstd ? VS_OK : VS_NOMEM;
}

static enum vs_status open_file(struct trace_input *in, const char *path, struct diag *why) {
    struct stat st;
    bool standard = strcmp(path, "-") == 0;
    in->fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (in->fd < 0) return cannot_read(in, why, errno == ENOENT ? "there is no such file" : strerror(errno));
    if (fstat(in->fd, &st) != 0) return VS_OK;
    if (S_ISDIR(st.st_mode))
        return cannot_read(in, why, "it is a directory: name a trace file in it");
    if (S_ISREG(st.st_mode) && st.st_size > 0) in->total = (uint64_t)st.st_size;
    return VS_OK;
}

enum vs_status trace_input_open(const char *path, const void *data, size_t size, const char *name,
                                struct trace_input **out, struct diag *why) {
    struct trace_input *in = mem_zalloc(1, sizeof *in);
    if (!in) return VS_NOMEM;
    *in = (struct trace_input){.name = name, .fd = -1, .data = data, .size = size, .total = size};
    in->chunk = mem_zalloc(TRACE_CHUNK, 1);
    enum vs_status status = in->chunk ? VS_OK : VS_NOMEM;
    if (status == VS_OK && path) status = open_file(in, path, why);
    if (status == VS_OK) status = fill_chunk(in, 8, why);
    if (status == VS_OK) status = recognize(in, why);
    if (status == VS_OK)
        *out = in;
    else
        trace_input_close(in);
    return status;
}

void trace_input_close(struct trace_input *in) {
    if (!in) return;
    if (in->fd > STDIN_FILENO) close(in->fd);
    ZSTD_freeDStream(in->zstd);
    free(in->chunk);
    free(in);
}

enum vs_status trace_input_peek(struct trace_input *in, size_t want, const char **data, size_t *size,
                                struct diag *why) {
    enum vs_status status = fill_chunk(in, want, why);
    *data = (const char *)in->chunk;
    *size = in->filled;
    return status;
}

bool trace_input_packed(const struct trace_input *in) { return in->zstd != NULL; }

void trace_input_progress(const struct trace_input *in, uint64_t *done, uint64_t *total) {
    *done = in->done - (in->filled - in->taken);
    *total = in->total;
}

/* ---- text ---- */

static enum vs_status read_plain(struct trace_input *in, char *buf, size_t room, size_t *got,
                                 struct diag *why) {
    if (in->taken == in->filled) return raw_read(in, buf, room, got, why);
    *got = in->filled - in->taken < room ? in->filled - in->taken : room;
    memcpy(buf, in->chunk + in->taken, *got);
    in->taken += *got;
    return VS_OK;
}

/* Hand libzstd more packed bytes where it has none. */
static enum vs_status refill(struct trace_input *in, struct diag *why) {
    if (in->taken < in->filled || in->ended) return VS_OK;
    in->taken = in->filled = 0;
    enum vs_status status = raw_read(in, in->chunk, TRACE_CHUNK, &in->filled, why);
    in->ended = in->filled == 0;
    return status;
}

/* Unpack until some text came out, or the end. A frame that is not complete then was cut off. */
static enum vs_status read_zstd(struct trace_input *in, char *buf, size_t room, size_t *got,
                                struct diag *why) {
    ZSTD_outBuffer to = {buf, room, 0};
    while (to.pos == 0) {
        enum vs_status status = refill(in, why);
        if (status != VS_OK) return status;
        if (in->ended && in->expected == 0) break;
        ZSTD_inBuffer from = {in->chunk, in->filled, in->taken};
        in->expected = ZSTD_decompressStream(in->zstd, &to, &from);
        in->taken = from.pos;
        if (ZSTD_isError(in->expected)) return bad_zstd(in, why, ZSTD_getErrorName(in->expected));
        if (in->ended && to.pos == 0 && in->expected != 0) return bad_zstd(in, why, "the file was cut off");
    }
    *got = to.pos;
    return VS_OK;
}

enum vs_status trace_input_read(struct trace_input *in, char *buf, size_t room, size_t *got,
                                struct diag *why) {
    return in->zstd ? read_zstd(in, buf, room, got, why) : read_plain(in, buf, room, got, why);
}
