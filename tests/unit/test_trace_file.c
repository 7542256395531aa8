/* test_trace_file.c - vmscope's own binary traces: their bytes, damage of every kind, and files that
 * are there whole or not at all. docs/trace-format.md is the definition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "scenario/trace_file.h"
#include "vmscope/base/memory.h"
#include "vmscope/base/rng.h"
#include "vmscope/base/text.h"

#define ROOM ((size_t)4 << 20)

static char folder[] = "/tmp/vmscope-trace-XXXXXX";
static char *bytes; /* [ROOM] of a file */

/* ---- files ---- */

static const char *in_folder(const char *name) {
    static char path[4][256];
    static unsigned turn;
    char *p = path[turn++ % 4];
    struct text t = text_in(p, sizeof path[0]);
    text_addf(&t, "%s/%s", folder, name);
    return p;
}

static void put(const char *name, const void *data, size_t size) {
    FILE *f = fopen(in_folder(name), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

static size_t get(const char *name) {
    FILE *f = fopen(in_folder(name), "rb");
    assert_non_null(f);
    size_t n = fread(bytes, 1, ROOM, f);
    assert_true(n < ROOM);
    fclose(f);
    return n;
}

static void holds_text(const char *name, const char *text) {
    assert_int_equal(get(name), strlen(text));
    assert_memory_equal(bytes, text, strlen(text));
}

/* Files in the folder, . and .. apart. */
static unsigned files(void) {
    DIR *d = opendir(folder);
    unsigned n = 0;
    assert_non_null(d);
    while (readdir(d)) n++;
    closedir(d);
    return n - 2;
}

static int make_folder(void **state) {
    (void)state;
    bytes = malloc(ROOM);
    return mkdtemp(folder) && bytes ? 0 : -1;
}

static int empty_folder(void **state) {
    (void)state;
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));)
        if (e->d_name[0] != '.') unlink(in_folder(e->d_name));
    return d ? closedir(d) : -1;
}

static int remove_folder(void **state) {
    (void)state;
    free(bytes);
    return rmdir(folder);
}

/* ---- importing and reading ---- */

static struct diag why;

static enum vs_status import_as(const char *from, const char *to, struct trace_import *done,
                                const struct trace_options *o) {
    const char *const names[] = {in_folder(from)};
    why = (struct diag){.text = ""};
    return trace_import(names, 1, in_folder(to), o, done, &why);
}

static void must_import(const char *from, const char *to) {
    struct trace_import done;
    if (import_as(from, to, &done, NULL) != VS_OK) fail_msg("%s", why.text);
}

static struct trace *must_read(const void *data, size_t size, const struct trace_options *o) {
    struct trace *t = NULL;
    if (trace_read_memory(data, size, o, &t, &why) != VS_OK) fail_msg("%s", why.text);
    return t;
}

static void refused(const void *data, size_t size, const char *phrase) {
    struct trace *t = NULL;
    why = (struct diag){.text = ""};
    assert_int_equal(trace_read_memory(data, size, NULL, &t, &why), VS_BAD_INPUT);
    assert_null(t);
    if (!strstr(why.text, phrase)) fail_msg("\"%s\" does not say \"%s\"", why.text, phrase);
}

/* The same references, one by one. */
static void same(const struct trace *a, const struct trace *b) {
    static struct step x[STEP_SPAN], y[STEP_SPAN];
    assert_int_equal(trace_count(a), trace_count(b));
    for (uint64_t at = 0; at < trace_count(a); at += STEP_SPAN) {
        size_t n = trace_steps(a, at, x, STEP_SPAN);
        assert_int_equal(trace_steps(b, at, y, STEP_SPAN), n);
        for (size_t i = 0; i < n; i++)
            if (x[i].va != y[i].va || x[i].op != y[i].op || x[i].size != y[i].size)
                fail_msg("reference %zu differs", (size_t)at + i);
    }
}

/* n references of all sorts, as lackey text in a file. */
static void put_random(const char *name, uint64_t seed, size_t n, unsigned address_bits) {
    static const char *const start[] = {"I  ", " L ", " S ", " M "};
    static const unsigned sizes[] = {1, 2, 4, 8, 16, 17, 64, 255};
    struct rng r = {seed};
    FILE *f = fopen(in_folder(name), "w");
    uint64_t va = 0x401000;
    assert_non_null(f);
    for (size_t i = 0; i < n; i++) {
        va = rng_below(&r, 4) ? va + rng_below(&r, 100) : rng_next(&r) >> (64 - address_bits);
        fprintf(f, "%s%08llx,%u\n", start[rng_below(&r, 4)], (unsigned long long)va, sizes[rng_below(&r, 8)]);
    }
    fclose(f);
}

/* ---- the bytes ---- */

/* Bit by bit, as IEEE 802.3 defines it. */
static uint32_t slow_crc(const void *data, size_t n, uint32_t crc) {
    const uint8_t *p = data;
    crc = ~crc;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
    }
    return ~crc;
}

/* The check value that catalogues of CRCs give for CRC-32: that of "123456789" is cbf43926. */
static void the_checksum_is_crc_32(void **state) {
    (void)state;
    static struct crc c;
    uint8_t data[100];
    crc_begin(&c);
    assert_int_equal(crc_of(&c, 0, "123456789", 9), 0xcbf43926u);
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i * 37 + 1);
    for (size_t n = 0; n <= sizeof data; n++) {
        uint32_t first = crc_of(&c, 0, data, n / 3);
        assert_int_equal(crc_of(&c, first, data + n / 3, n - n / 3), slow_crc(data, n, 0));
    }
}

/* docs/trace-format.md, "An example"; packed there by hand. */
static void the_documents_example_is_written_byte_for_byte(void **state) {
    (void)state;
    static const char text[] = "I  00401000,4\nI  00401004,3\n S 1fff000100,8\n";
    static const uint8_t block[] = {0x8e, 0x0a, 0xdd, 0x00, 0x10, 0x40, 0x00, 0x01, 0x00, 0xff, 0x1f};
    uint8_t want[83] = {0x89, 'v', 'm', 't', '\r', '\n', 0x1a, '\n', 1};
    put("ex.lackey", text, strlen(text));
    must_import("ex.lackey", "ex.vmt");
    store_u32(want + 12, slow_crc(want, 12, 0));
    store_u32(want + 16, 3);
    store_u32(want + 20, sizeof block);
    memcpy(want + 28, block, sizeof block);
    store_u32(want + 24, slow_crc(block, sizeof block, slow_crc(want + 16, 8, 0)));
    uint8_t *end = want + 28 + sizeof block;
    store_u32(end + 4, 32);
    store_u64(end + 20, 1); /* writes */
    store_u64(end + 28, 2); /* fetches */
    store_u64(end + 36, 1); /* blocks */
    store_u32(end + 8, slow_crc(end + 12, 32, slow_crc(end, 8, 0)));
    assert_int_equal(get("ex.vmt"), sizeof want);
    assert_memory_equal(bytes, want, sizeof want);
}

static void references_come_back_as_they_were(void **state) {
    (void)state;
    static const size_t counts[] = {1, STEP_SPAN - 1, STEP_SPAN, STEP_SPAN + 1, 50000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct trace *text = NULL, *own = NULL;
        struct trace_facts f;
        put_random("t.lackey", i + 1, counts[i], i % 2 ? 64 : 47);
        must_import("t.lackey", "t.vmt");
        assert_int_equal(trace_read_file(in_folder("t.lackey"), NULL, &text, &why), VS_OK);
        assert_int_equal(trace_read_file(in_folder("t.vmt"), NULL, &own, &why), VS_OK);
        assert_int_equal(trace_count(text), counts[i]);
        same(text, own);
        assert_int_equal(trace_facts(own, 12, &f), VS_OK);
        assert_string_equal(f.format->name, "vmscope");
        assert_int_equal(f.packed_bytes, get("t.vmt"));
        trace_free(text);
        trace_free(own);
    }
}

static void packed_with_zstd_it_reads_the_same(void **state) {
    (void)state;
    struct trace *plain, *packed;
    struct trace_facts f;
    put_random("t.lackey", 7, 20000, 47);
    must_import("t.lackey", "t.vmt");
    size_t n = get("t.vmt"), room = ZSTD_compressBound(n);
    void *zst = malloc(room);
    size_t size = ZSTD_compress(zst, room, bytes, n, 1);
    plain = must_read(bytes, n, NULL);
    packed = must_read(zst, size, NULL);
    same(plain, packed);
    assert_int_equal(trace_facts(packed, 12, &f), VS_OK);
    assert_true(f.packed);
    trace_free(plain);
    trace_free(packed);
    free(zst);
}

/* BENCH B11: 8 bytes a reference at most; here each lies anywhere in a program's 47 bits. */
static void no_reference_of_a_program_takes_more_than_8_bytes(void **state) {
    (void)state;
    struct rng r = {3};
    static const char *const start[] = {"I  ", " L ", " S "};
    size_t n = 100 * STEP_SPAN;
    FILE *f = fopen(in_folder("far.lackey"), "w");
    assert_non_null(f);
    for (size_t i = 0; i < n; i++)
        fprintf(f, "%s%llx,%u\n", start[rng_below(&r, 3)], (unsigned long long)(rng_next(&r) >> 17),
                rng_below(&r, 2) ? 8 : 64);
    fclose(f);
    must_import("far.lackey", "far.vmt");
    assert_true(get("far.vmt") <= 16 + 44 + 100 * 12 + 8 * n);
}

static void a_limit_cuts_within_a_block(void **state) {
    (void)state;
    put_random("t.lackey", 8, 10000, 47);
    must_import("t.lackey", "t.vmt");
    size_t n = get("t.vmt");
    struct trace_options o = {.limit = 5000};
    struct trace *all = must_read(bytes, n, NULL), *part = must_read(bytes, n, &o);
    assert_int_equal(trace_count(part), 5000);
    for (uint64_t i = 0; i < 5000; i += 13) {
        struct step a, b;
        assert_int_equal(trace_steps(all, i, &a, 1) + trace_steps(part, i, &b, 1), 2);
        assert_true(a.va == b.va && a.op == b.op && a.size == b.size);
    }
    trace_free(all);
    trace_free(part);
}

static void several_files_follow_each_other(void **state) {
    (void)state;
    put_random("a.lackey", 1, 5000, 47);
    put_random("b.lackey", 2, 300, 47);
    put_random("all.lackey", 1, 5000, 47);
    size_t n = get("b.lackey");
    FILE *f = fopen(in_folder("all.lackey"), "a");
    assert_non_null(f);
    fwrite(bytes, 1, n, f);
    fclose(f);
    must_import("a.lackey", "a.vmt"); /* a binary may be one of them */
    const char *const names[] = {in_folder("a.vmt"), in_folder("b.lackey")};
    struct trace_import done;
    assert_int_equal(trace_import(names, 2, in_folder("two.vmt"), NULL, &done, &why), VS_OK);
    assert_int_equal(done.refs, 5300);
    must_import("all.lackey", "one.vmt");
    n = get("one.vmt");
    char *one = malloc(n);
    memcpy(one, bytes, n);
    assert_int_equal(get("two.vmt"), n);
    assert_int_equal(done.bytes, n);
    assert_memory_equal(bytes, one, n);
    free(one);
}

/* ---- damage ---- */

static size_t small_file(void) {
    put_random("t.lackey", 5, 60, 47);
    must_import("t.lackey", "t.vmt");
    return get("t.vmt");
}

static void it_is_refused_wherever_it_is_cut(void **state) {
    (void)state;
    size_t n = small_file();
    for (size_t cut = 8; cut < n; cut++) refused(bytes, cut, "the file was cut off");
}

static void any_changed_bit_is_seen(void **state) {
    (void)state;
    size_t n = small_file();
    for (size_t i = 8; i < n; i++)
        for (int bit = 0; bit < 8; bit++) {
            bytes[i] ^= (char)(1 << bit);
            refused(bytes, n, "");
            bytes[i] ^= (char)(1 << bit);
        }
    trace_free(must_read(bytes, n, NULL));
}

static void what_follows_the_end_is_refused(void **state) {
    (void)state;
    size_t n = small_file();
    bytes[n] = 0;
    refused(bytes, n + 1, "something follows the end");
}

static void a_later_version_is_named(void **state) {
    (void)state;
    size_t n = small_file();
    store_u32((uint8_t *)bytes + 8, 2);
    store_u32((uint8_t *)bytes + 12, slow_crc(bytes, 12, 0));
    refused(bytes, n, "version 2 of the format; this program reads version 1");
}

/* A file with a good checksum around anything. */
struct forged {
    uint8_t data[200000];
    size_t size;
};

static void forge_begin(struct forged *f) {
    memcpy(f->data, TRACE_MAGIC, 8);
    store_u32(f->data + 8, 1);
    store_u32(f->data + 12, slow_crc(f->data, 12, 0));
    f->size = 16;
}
static void forge_block(struct forged *f, uint32_t n, const void *data, uint32_t size) {
    uint8_t *p = f->data + f->size;
    store_u32(p, n);
    store_u32(p + 4, size);
    memcpy(p + 12, data, size);
    store_u32(p + 8, slow_crc(p + 12, size, slow_crc(p, 8, 0)));
    f->size += 12 + size;
}
static void forge_end(struct forged *f, uint64_t reads, uint64_t writes, uint64_t fetches, uint64_t blocks) {
    uint8_t p[32];
    store_u64(p, reads), store_u64(p + 8, writes), store_u64(p + 16, fetches), store_u64(p + 24, blocks);
    forge_block(f, 0, p, sizeof p);
}

static void a_forged_block_is_refused(void **state) {
    (void)state;
    static const struct {
        uint32_t n, size;
        uint8_t data[24];
        const char *phrase;
    } bad[] = {
        {1, 0, {0}, "size is not possible"},       /* no room for the heads */
        {1, 11, {0}, "size is not possible"},      /* more than 10 bytes a reference */
        {4097, 4097, {0}, "size is not possible"}, /* more than a block holds */
        {0xffffffff, 0xffffffff, {0}, "size is not possible"},
        {1, 0xfffffff0, {0}, "size is not possible"},
        {2, 2, {0x40, 0}, "does not hold what it says"}, /* a byte of stream is missing */
        {2, 3, {0, 0, 9}, "does not hold what it says"}, /* one too many */
        {1, 10, {0xc3, 0, 0, 0, 0, 0, 0, 0, 0, 4}, "does not hold what it says"}, /* a long one of no kind */
        {1, 10, {0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0}, "does not hold what it says"}, /* of no bytes */
        {1, 8, {0x07, 0, 0, 0, 0, 0, 0, 0}, "does not hold what it says"},
        {1, 10, {0x0b, 0, 0, 0, 0, 0, 0, 0, 0, 4}, "does not hold what it says"}, /* a bit that must be 0 */
        {1, 9, {0x03, 0, 0, 0, 0, 0, 0, 0, 0}, "does not hold what it says"},     /* cut within it */
    };
    static struct forged f;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        forge_begin(&f);
        forge_block(&f, bad[i].n, bad[i].data, bad[i].size < 24 ? bad[i].size : 24);
        store_u32(f.data + 20, bad[i].size);
        store_u32(f.data + 24,
                  slow_crc(f.data + 28, bad[i].size < 24 ? bad[i].size : 24, slow_crc(f.data + 16, 8, 0)));
        forge_end(&f, 1, 0, 0, 1);
        refused(f.data, f.size, bad[i].phrase);
    }
}

static void forged_counts_and_orders_are_refused(void **state) {
    (void)state;
    static struct forged f;
    static const uint8_t zero[STEP_SPAN + 1]; /* heads of reads of 1 byte where the one before was */
    forge_begin(&f);
    forge_block(&f, 3, zero, 3);
    forge_end(&f, 3, 0, 0, 1);
    trace_free(must_read(f.data, f.size, NULL)); /* this one is good */
    forge_begin(&f);
    forge_block(&f, 3, zero, 3);
    forge_end(&f, 2, 1, 0, 1);
    refused(f.data, f.size, "counts at the end");
    forge_begin(&f);
    forge_block(&f, 3, zero, 3);
    forge_end(&f, 3, 0, 0, 2);
    refused(f.data, f.size, "counts at the end");
    forge_begin(&f);
    forge_block(&f, 3, zero, 3);
    forge_block(&f, STEP_SPAN, zero, STEP_SPAN);
    forge_end(&f, 3 + STEP_SPAN, 0, 0, 2);
    refused(f.data, f.size, "not full");
    forge_begin(&f);
    forge_end(&f, 0, 0, 0, 0);
    refused(f.data, f.size, "no reference");
    forge_begin(&f);
    forge_block(&f, STEP_SPAN, zero, STEP_SPAN);
    forge_block(&f, 3, zero, 3);
    forge_end(&f, 3 + STEP_SPAN, 0, 0, 2);
    trace_free(must_read(f.data, f.size, NULL));
}

static void text_that_is_said_to_be_a_binary_is_refused(void **state) {
    (void)state;
    struct trace_options o = {.format = trace_format_by_name("vmscope")};
    struct trace *t = NULL;
    assert_int_equal(trace_read_memory("I  1000,4\n", 10, &o, &t, &why), VS_BAD_INPUT);
    assert_non_null(strstr(why.text, "not a trace that vmscope import wrote"));
}

/* ---- whole or not at all ---- */

static void damaged_input_leaves_the_target_as_it_was(void **state) {
    (void)state;
    struct trace_import done;
    put("bad.lackey", "I  1000,4\nwhat is this\n", 23);
    assert_int_equal(import_as("bad.lackey", "new.vmt", &done, NULL), VS_BAD_INPUT);
    assert_int_equal(why.line, 2);
    assert_int_equal(files(), 1);
    put("old.vmt", "old", 3);
    assert_int_equal(import_as("bad.lackey", "old.vmt", &done, NULL), VS_BAD_INPUT);
    holds_text("old.vmt", "old");
    assert_int_equal(import_as("no-such-file", "old.vmt", &done, NULL), VS_IO);
    assert_int_equal(files(), 2);
}

static bool stop_at_once(void *own, uint64_t done, uint64_t total) {
    (void)own, (void)total;
    return done < 1000000;
}

static void an_interrupted_import_leaves_nothing(void **state) {
    (void)state;
    struct trace_import done;
    struct trace_options o = {.watch = {stop_at_once, NULL}};
    put_random("t.lackey", 1, 200000, 47);
    assert_int_equal(import_as("t.lackey", "new.vmt", &done, &o), VS_IO);
    assert_int_equal(files(), 1);
}

static void a_full_disk_leaves_nothing(void **state) {
    (void)state;
    struct trace_import done;
    struct rlimit before, small;
    put_random("t.lackey", 1, 200000, 47);
    put("old.vmt", "old", 3);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 400000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum vs_status status = import_as("t.lackey", "old.vmt", &done, NULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
    assert_int_equal(status, VS_IO);
    assert_non_null(strstr(why.text, "cannot be written: File too large"));
    assert_int_equal(files(), 2);
    holds_text("old.vmt", "old");
}

static void a_device_is_written_to_as_it_is(void **state) {
    (void)state;
    struct trace_import done;
    struct stat st;
    put_random("t.lackey", 1, 1000, 47);
    const char *const names[] = {in_folder("t.lackey")};
    assert_int_equal(trace_import(names, 1, "/dev/null", NULL, &done, &why), VS_OK);
    assert_int_equal(stat("/dev/null", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
    if (access("/dev/full", W_OK) != 0) return;
    assert_int_equal(trace_import(names, 1, "/dev/full", NULL, &done, &why), VS_IO);
    assert_non_null(strstr(why.text, "No space left"));
}

static void what_cannot_be_a_file_is_named(void **state) {
    (void)state;
    struct trace_import done;
    put("t.lackey", "I  1000,4\n", 10);
    assert_int_equal(import_as("t.lackey", "no/such/folder.vmt", &done, NULL), VS_IO);
    assert_non_null(strstr(why.text, "cannot be written"));
    assert_int_equal(import_as("t.lackey", ".", &done, NULL), VS_IO);
    assert_non_null(strstr(why.text, "cannot be written"));
    assert_int_equal(files(), 1);
}

static void permissions_are_those_of_any_new_file_or_of_the_old_one(void **state) {
    (void)state;
    struct stat st;
    mode_t mask = umask(027);
    put("t.lackey", "I  1000,4\n", 10);
    must_import("t.lackey", "new.vmt");
    umask(mask);
    assert_int_equal(stat(in_folder("new.vmt"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_int_equal(chmod(in_folder("new.vmt"), 0604), 0);
    must_import("t.lackey", "new.vmt");
    assert_int_equal(stat(in_folder("new.vmt"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0604);
}

static void a_link_stays_and_what_it_names_is_written(void **state) {
    (void)state;
    struct stat st;
    put("t.lackey", "I  1000,4\n", 10);
    put("real.vmt", "old", 3);
    assert_int_equal(symlink("real.vmt", in_folder("link.vmt")), 0);
    must_import("t.lackey", "link.vmt");
    assert_int_equal(lstat(in_folder("link.vmt"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    size_t n = get("real.vmt");
    trace_free(must_read(bytes, n, NULL));
}

static void every_failing_allocation_is_survived(void **state) {
    (void)state;
    enum vs_status status = VS_NOMEM;
    put_random("t.lackey", 1, 10000, 47);
    must_import("t.lackey", "t.vmt");
    for (unsigned long at = 1; status != VS_OK; at++) {
        struct trace_import done;
        struct trace *t = NULL;
        struct trace_facts f;
        mem_fail_at(at);
        status = import_as("t.vmt", "u.vmt", &done, NULL);
        if (status == VS_OK) status = trace_read_file(in_folder("u.vmt"), NULL, &t, &why);
        if (status == VS_OK)
            status = trace_facts(t, 12, &f);
        else
            assert_non_null(strstr(why.text, "memory"));
        mem_fail_at(0);
        trace_free(t);
        assert_true(at < 1000 && (status == VS_OK || status == VS_NOMEM));
        assert_true(files() <= 3);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checksum_is_crc_32),
        cmocka_unit_test_teardown(the_documents_example_is_written_byte_for_byte, empty_folder),
        cmocka_unit_test_teardown(references_come_back_as_they_were, empty_folder),
        cmocka_unit_test_teardown(packed_with_zstd_it_reads_the_same, empty_folder),
        cmocka_unit_test_teardown(no_reference_of_a_program_takes_more_than_8_bytes, empty_folder),
        cmocka_unit_test_teardown(a_limit_cuts_within_a_block, empty_folder),
        cmocka_unit_test_teardown(several_files_follow_each_other, empty_folder),
        cmocka_unit_test_teardown(it_is_refused_wherever_it_is_cut, empty_folder),
        cmocka_unit_test_teardown(any_changed_bit_is_seen, empty_folder),
        cmocka_unit_test_teardown(what_follows_the_end_is_refused, empty_folder),
        cmocka_unit_test_teardown(a_later_version_is_named, empty_folder),
        cmocka_unit_test(a_forged_block_is_refused),
        cmocka_unit_test(forged_counts_and_orders_are_refused),
        cmocka_unit_test(text_that_is_said_to_be_a_binary_is_refused),
        cmocka_unit_test_teardown(damaged_input_leaves_the_target_as_it_was, empty_folder),
        cmocka_unit_test_teardown(an_interrupted_import_leaves_nothing, empty_folder),
        cmocka_unit_test_teardown(a_full_disk_leaves_nothing, empty_folder),
        cmocka_unit_test_teardown(a_device_is_written_to_as_it_is, empty_folder),
        cmocka_unit_test_teardown(what_cannot_be_a_file_is_named, empty_folder),
        cmocka_unit_test_teardown(permissions_are_those_of_any_new_file_or_of_the_old_one, empty_folder),
        cmocka_unit_test_teardown(a_link_stays_and_what_it_names_is_written, empty_folder),
        cmocka_unit_test_teardown(every_failing_allocation_is_survived, empty_folder),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
