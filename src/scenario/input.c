/* input.c - reading a file whole, within a limit, and refusing what is not text.
 *
 * A terminal obeys control characters, so none may come out of a file: what
 * passes here is printable, whatever is quoted from it later. The invisible
 * characters that change the order of text (U+202A and its kin) are refused as
 * well, since what is shown would not be what is run. */
#include "scenario/input.h"

#include "vmscope/base/memory.h"
#include <errno.h>
#include <sys/stat.h>

#define READ_CHUNK ((size_t)64 << 10)

/* ---- reading ---- */

static enum vs_status cannot(struct diag *why, const char *path, const char *reason) {
    diag_set(why, path, 0, 0, "cannot be read: %s", reason);
    return VS_IO;
}

static enum vs_status read_stream(FILE *f, const char *path, size_t limit, struct input *out,
                                  struct diag *why) {
    void *data = NULL;
    size_t cap = 0, used = 0;
    for (size_t n = 1; n > 0 && used <= limit; used += n) {
        size_t want = limit - used < READ_CHUNK ? limit - used + 1 : READ_CHUNK;
        if (!mem_grow(&data, &cap, used + want + 1, 1)) {
            free(data);
            return VS_NOMEM;
        }
        n = fread((char *)data + used, 1, want, f);
    }
    if (ferror(f)) {
        free(data);
        return cannot(why, path, strerror(errno));
    }
    ((char *)data)[used] = '\0';
    *out = (struct input){data, used};
    return VS_OK;
}

enum vs_status input_read(const char *path, size_t limit, struct input *out, struct diag *why) {
    struct stat st;
    if (strcmp(path, "-") == 0) return read_stream(stdin, path, limit, out, why);
    FILE *f = fopen(path, "rb");
    if (!f) return cannot(why, path, errno == ENOENT ? "there is no such file" : strerror(errno));
    enum vs_status status = fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)
                                ? cannot(why, path, "it is a directory: name a scenario file in it")
                                : read_stream(f, path, limit, out, why);
    fclose(f);
    return status;
}

/* ---- UTF-8 ---- */

/* Length of the character at s (n bytes are left), or 0 where it is not UTF-8:
 * wrong continuation, overlong, surrogate, beyond U+10FFFF. */
static size_t utf8_next(const unsigned char *s, size_t n, unsigned *cp) {
    if (s[0] < 0x80) {
        *cp = s[0];
        return 1;
    }
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = s[0] >= 0xf8 ? 0 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 0;
    if (len == 0 || len > n) return 0;
    *cp = s[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80) return 0;
        *cp = *cp << 6 | (s[i] & 0x3fu);
    }
    bool surrogate = *cp >= 0xd800 && *cp < 0xe000;
    return *cp < least[len] || surrogate || *cp > 0x10ffff ? 0 : len;
}

static bool is_control(unsigned cp) {
    if (cp >= 0x20 && cp < 0x7f) return false; /* nearly all */
    static const struct {
        unsigned first, last;
    } range[] = {{0x00, 0x1f},     {0x7f, 0x9f},     {0x2028, 0x202e},
                 {0x2066, 0x2069}, {0xfeff, 0xfeff}, {0xfffe, 0xffff}};
    for (size_t i = 0; i < sizeof range / sizeof range[0]; i++)
        if (cp >= range[i].first && cp <= range[i].last) return true;
    return false;
}

/* ---- is it text? ---- */

struct place {
    const char *file;
    unsigned line, col;
};

static bool refuse(struct diag_list *errors, struct place at, const char *what, unsigned value,
                   const char *advice) {
    diag_add(errors, at.file, at.line, at.col, "%s0x%02x%s", what, value, advice);
    return false;
}

/* The mark with which editors begin a text of 16-bit units. */
static bool is_utf16(const char *data, size_t size) {
    return size >= 2 && (memcmp(data, "\xff\xfe", 2) == 0 || memcmp(data, "\xfe\xff", 2) == 0);
}

bool input_is_text(const char *data, size_t size, const char *file, struct diag_list *errors) {
    const unsigned char *s = (const unsigned char *)data;
    struct place p = {file, 1, 1};
    unsigned cp = 0;
    if (is_utf16(data, size)) {
        diag_add(errors, file, 1, 1, "this text is saved as UTF-16: save it as UTF-8");
        return false;
    }
    size_t at = size >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0 ? 3 : 0, len;
    for (; at < size; at += len) {
        len = utf8_next(s + at, size - at, &cp);
        bool bad = len == 0 || (is_control(cp) && cp != '\n' && cp != '\r' && cp != '\t');
        if (bad && memchr(data, 0, size))
            return refuse(errors, p, "this is a binary file (byte ", s[at], " here): a scenario is text");
        if (len == 0)
            return refuse(errors, p, "byte ", s[at], " is not UTF-8: a scenario is text, saved as UTF-8");
        if (bad)
            return refuse(errors, p, "control character ", cp, ": only printable text is allowed; remove it");
        p.col++;
        if (cp == '\n' || (cp == '\r' && (at + 1 == size || s[at + 1] != '\n'))) {
            p.line++;
            p.col = 1;
        }
    }
    return true;
}

bool scalar_is_text(const char *text, size_t n, bool lines) {
    const unsigned char *s = (const unsigned char *)text;
    unsigned cp;
    for (size_t at = 0, len; at < n; at += len) {
        len = utf8_next(s + at, n - at, &cp);
        if (len == 0 || (is_control(cp) && !(lines && (cp == '\n' || cp == '\t')))) return false;
    }
    return true;
}
