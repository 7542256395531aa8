/* trace_write.c - writing vmscope's own binary traces (laid out in trace_file.h).
 *
 * The file grows under a name of its own beside the target and takes the
 * target's name when it is whole. Whatever ends the work before - a full disk,
 * Ctrl-C, damaged input - leaves the target as it was, and no other file.
 * What is no plain file (a pipe, a device) is written to as it is. A name that
 * ends in .zst asks for zstd on top.
 */
#include "scenario/trace_file.h"

#include "scenario/trace_reader.h"
#include "vmscope/base/memory.h"
#include "vmscope/base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#define BUFFER ((size_t)256 << 10)
#define ZSTD_SUFFIX ".zst"

struct trace_writer {
    const char *name; /* as the user wrote it, for messages */
    char *target;     /* with links followed; NULL: written to directly */
    char *temp;
    int fd;
    ZSTD_CCtx *zstd; /* NULL: plain */
    struct crc crc;
    uint64_t bytes, blocks;
    uint64_t by_kind[ACCESS_KINDS];
    size_t used, pending;
    struct step_ref ref[STEP_SPAN]; /* of the next block */
    uint8_t buffer[BUFFER];
    uint8_t packed[BUFFER]; /* zstd's */
};

static enum vs_status cannot_write(const struct trace_writer *w, struct diag *why) {
    diag_set(why, w->name, 0, 0, "cannot be written: %s", strerror(errno));
    return VS_IO;
}

/* ---- the file ---- */

/* The permissions that any new file gets; of one that was there, its own. */
static mode_t wanted_mode(const struct stat *old) {
    if (old) return old->st_mode & 0777;
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static enum vs_status open_beside(struct trace_writer *w, const char *path, const struct stat *old,
                                  struct diag *why) {
    w->target = old ? realpath(path, NULL) : mem_strdup(path);
    size_t room = (w->target ? strlen(w->target) : 0) + 8;
    char *temp = mem_zalloc(room, 1);
    if (!w->target || !temp) {
        free(temp);
        return VS_NOMEM;
    }
    struct text t = text_in(temp, room);
    text_addf(&t, "%s.XXXXXX", w->target);
    w->fd = mkstemp(temp);
    if (w->fd < 0) {
        free(temp);
        return cannot_write(w, why);
    }
    w->temp = temp;
    return fchmod(w->fd, wanted_mode(old)) == 0 ? VS_OK : cannot_write(w, why);
}

static enum vs_status open_target(struct trace_writer *w, const char *path, struct diag *why) {
    struct stat st;
    if (strcmp(path, "-") == 0) {
        w->fd = STDOUT_FILENO;
        return VS_OK;
    }
    bool there = stat(path, &st) == 0;
    if (!there || S_ISREG(st.st_mode)) return open_beside(w, path, there ? &st : NULL, why);
    w->fd = open(path, O_WRONLY | O_CLOEXEC);
    return w->fd < 0 ? cannot_write(w, why) : VS_OK;
}

static enum vs_status write_bytes(struct trace_writer *w, const uint8_t *bytes, size_t count, struct diag *why) {
    for (size_t at = 0; at < count;) {
        ssize_t n = write(w->fd, bytes + at, count - at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return cannot_write(w, why);
        at += (size_t)n;
    }
    w->bytes += count;
    return VS_OK;
}

/* The buffer through zstd: what it gives by now, or, at the end, all of it. */
static enum vs_status write_packed(struct trace_writer *w, ZSTD_EndDirective how, struct diag *why) {
    ZSTD_inBuffer from = {w->buffer, w->used, 0};
    enum vs_status status = VS_OK;
    for (size_t left = 1; status == VS_OK && (how == ZSTD_e_end ? left > 0 : from.pos < from.size);) {
        ZSTD_outBuffer to = {w->packed, sizeof w->packed, 0};
        left = ZSTD_compressStream2(w->zstd, &to, &from, how);
        if (ZSTD_isError(left)) return VS_NOMEM; /* nothing else can fail there */
        status = write_bytes(w, w->packed, to.pos, why);
    }
    return status;
}

static enum vs_status write_out(struct trace_writer *w, ZSTD_EndDirective how, struct diag *why) {
    enum vs_status status = w->zstd ? write_packed(w, how, why) : write_bytes(w, w->buffer, w->used, why);
    w->used = 0;
    return status;
}

/* ---- blocks ---- */

/* Whose n, size and bytes stand at the buffer's end, behind HEAD_SIZE bytes left free. */
static void close_block(struct trace_writer *w, uint32_t n, size_t size) {
    uint8_t *head = w->buffer + w->used;
    store_u32(head, n);
    store_u32(head + 4, (uint32_t)size);
    store_u32(head + 8, crc_of(&w->crc, crc_of(&w->crc, 0, head, 8), head + HEAD_SIZE, size));
    w->used += HEAD_SIZE + size;
}

static enum vs_status make_room(struct trace_writer *w, struct diag *why) {
    return w->used + HEAD_SIZE + TRACE_PACKED_MAX + TRACE_SLACK > BUFFER ? write_out(w, ZSTD_e_continue, why) : VS_OK;
}

/* Sums instead of a table's places: each of those would wait for the one before. */
static void count_kinds(struct trace_writer *w, const struct step_ref *ref, size_t n) {
    size_t writes = 0, fetches = 0;
    for (size_t i = 0; i < n; i++) {
        writes += ref[i].op == ACCESS_WRITE;
        fetches += ref[i].op == ACCESS_FETCH;
    }
    w->by_kind[ACCESS_READ] += n - writes - fetches;
    w->by_kind[ACCESS_WRITE] += writes;
    w->by_kind[ACCESS_FETCH] += fetches;
}

static enum vs_status write_block(struct trace_writer *w, const struct step_ref *ref, size_t n,
                                  struct diag *why) {
    enum vs_status status = make_room(w, why);
    if (status != VS_OK) return status;
    count_kinds(w, ref, n);
    close_block(w, (uint32_t)n, trace_pack(w->buffer + w->used + HEAD_SIZE, ref, n));
    w->blocks++;
    return VS_OK;
}

enum vs_status trace_writer_take(void *own, const struct step_ref *ref, size_t n, struct diag *why) {
    struct trace_writer *w = own;
    enum vs_status status = VS_OK;
    while (n > 0 && status == VS_OK) {
        size_t part = STEP_SPAN - w->pending < n ? STEP_SPAN - w->pending : n;
        if (w->pending == 0 && part == STEP_SPAN) {
            status = write_block(w, ref, part, why); /* nearly always: no copy */
        } else {
            memcpy(w->ref + w->pending, ref, part * sizeof *ref);
            w->pending += part;
            if (w->pending == STEP_SPAN) {
                status = write_block(w, w->ref, STEP_SPAN, why);
                w->pending = 0;
            }
        }
        ref += part;
        n -= part;
    }
    return status;
}

static enum vs_status write_trailer(struct trace_writer *w, struct diag *why) {
    enum vs_status status = w->pending ? write_block(w, w->ref, w->pending, why) : VS_OK;
    w->pending = 0;
    if (status == VS_OK) status = make_room(w, why);
    if (status != VS_OK) return status;
    uint8_t *p = w->buffer + w->used + HEAD_SIZE;
    for (size_t k = 0; k < ACCESS_KINDS; k++) store_u64(p + 8 * k, w->by_kind[k]);
    store_u64(p + 24, w->blocks);
    close_block(w, 0, TRAILER_SIZE);
    return write_out(w, ZSTD_e_end, why);
}

/* ---- from begin to end ---- */

static void write_header(struct trace_writer *w) {
    memcpy(w->buffer, TRACE_MAGIC, MAGIC_SIZE);
    store_u32(w->buffer + 8, TRACE_VERSION);
    store_u32(w->buffer + 12, crc_of(&w->crc, 0, w->buffer, 12));
    w->used = HEADER_SIZE;
}

/* With a checksum of its own, as zstd(1) writes it. */
static enum vs_status begin_zstd(struct trace_writer *w, const char *path) {
    size_t n = strlen(path), suffix = sizeof ZSTD_SUFFIX - 1;
    if (n <= suffix || strcmp(path + n - suffix, ZSTD_SUFFIX) != 0) return VS_OK;
    w->zstd = ZSTD_createCCtx();
    bool good = w->zstd && !ZSTD_isError(ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_checksumFlag, 1));
    return good ? VS_OK : VS_NOMEM;
}

enum vs_status trace_writer_open(const char *path, struct trace_writer **out, struct diag *why) {
    struct trace_writer *w = mem_zalloc(1, sizeof *w);
    if (!w) return VS_NOMEM;
    w->name = path;
    w->fd = -1;
    crc_begin(&w->crc);
    write_header(w);
    enum vs_status status = begin_zstd(w, path);
    if (status == VS_OK) status = open_target(w, path, why);
    if (status == VS_OK)
        *out = w;
    else
        trace_writer_free(w);
    return status;
}

/* Some disks tell only now that they are full. */
static enum vs_status close_file(struct trace_writer *w, struct diag *why) {
    if (!w->temp) return VS_OK;
    bool good = fsync(w->fd) == 0 || errno == EINVAL || errno == EROFS;
    int fd = w->fd;
    w->fd = -1;
    if (!good) {
        enum vs_status status = cannot_write(w, why);
        close(fd);
        return status;
    }
    if (close(fd) != 0 || rename(w->temp, w->target) != 0) return cannot_write(w, why);
    free(w->temp);
    w->temp = NULL;
    return VS_OK;
}

enum vs_status trace_writer_finish(struct trace_writer *w, uint64_t *refs, uint64_t *bytes,
                                   struct diag *why) {
    enum vs_status status = write_trailer(w, why);
    if (status == VS_OK) status = close_file(w, why);
    *bytes = w->bytes;
    for (size_t k = 0; k < ACCESS_KINDS; k++) *refs += w->by_kind[k];
    return status;
}

void trace_writer_free(struct trace_writer *w) {
    if (!w) return;
    if (w->fd > STDERR_FILENO) close(w->fd);
    if (w->temp) unlink(w->temp);
    ZSTD_freeCCtx(w->zstd);
    free(w->temp);
    free(w->target);
    free(w);
}

/* ---- import ---- */

enum vs_status trace_import(const char *const *files, size_t count, const char *to,
                            const struct trace_options *o, struct trace_import *done, struct diag *why) {
    struct trace_writer *w = NULL;
    struct trace_options each = o ? *o : (struct trace_options){.limit = 0};
    *done = (struct trace_import){.refs = 0};
    enum vs_status status = trace_writer_open(to, &w, why);
    for (size_t i = 0; i < count && status == VS_OK; i++) {
        struct trace_sink sink = {trace_writer_take, w};
        each.name = files[i];
        status = trace_read_from(&(struct trace_from){.path = files[i]}, &each, &sink, NULL, &done->bad_lines,
                                 why);
    }
    if (status == VS_OK) status = trace_writer_finish(w, &done->refs, &done->bytes, why);
    if (status == VS_NOMEM) diag_set(why, to, 0, 0, "out of memory");
    trace_writer_free(w);
    return status;
}
