/* test_trace.c - lackey text to packed references to steps and regions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "vmscope/base/memory.h"
#include "vmscope/base/rng.h"
#include "vmscope/base/text.h"
#include "vmscope/scenario/trace.h"

#define MINI "tests/data/mini.lackey"

static struct trace *read_options(const char *text, const struct trace_options *o) {
    struct trace *t = NULL;
    struct diag d = {.text = ""};
    if (trace_read_memory(text, strlen(text), o, &t, &d) != VS_OK) fail_msg("%s", d.text);
    return t;
}
static struct trace *read_good(const char *text) { return read_options(text, NULL); }

/* Refused with that status, line and phrase. */
static void refused(const void *data, size_t size, const struct trace_options *o, enum vs_status status,
                    unsigned line, const char *phrase) {
    struct trace *t = NULL;
    struct diag d = {.text = ""};
    assert_int_equal(trace_read_memory(data, size, o, &t, &d), status);
    assert_null(t);
    assert_int_equal(d.line, line);
    if (!strstr(d.text, phrase)) fail_msg("\"%s\" does not say \"%s\"", d.text, phrase);
}
static void refused_text(const char *text, unsigned line, const char *phrase) {
    refused(text, strlen(text), NULL, VS_BAD_INPUT, line, phrase);
}

static struct step step_at(const struct trace *t, uint64_t at) {
    struct step s;
    assert_int_equal(trace_steps(t, at, &s, 1), 1);
    return s;
}

static void is_step(const struct trace *t, uint64_t at, enum access_kind op, vaddr_t va, unsigned size) {
    struct step s = step_at(t, at);
    assert_int_equal(s.kind, STEP_ACCESS);
    assert_int_equal(s.op, op);
    assert_true(s.va == va);
    assert_int_equal(s.size, size);
    assert_int_equal(s.line, 0);
    assert_int_equal(s.proc, PROC_NONE);
    assert_int_equal(s.flags, 0);
}

static char *slurp(const char *path, size_t *size) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *data = malloc(1 << 20);
    *size = fread(data, 1, (1 << 20) - 1, f);
    data[*size] = '\0';
    fclose(f);
    return data;
}

/* ---- reading ---- */

static void the_four_kinds_are_read_and_a_modify_is_a_write(void **state) {
    (void)state;
    struct trace *t = read_good("I  0401ab70,3\n L 1fff0006d8,8\n S 1FFF0006D0,16\n M 04033e06,1\n");
    assert_int_equal(trace_count(t), 4);
    is_step(t, 0, ACCESS_FETCH, 0x0401ab70, 3);
    is_step(t, 1, ACCESS_READ, 0x1fff0006d8, 8);
    is_step(t, 2, ACCESS_WRITE, 0x1fff0006d0, 16);
    is_step(t, 3, ACCESS_WRITE, 0x04033e06, 1);
    trace_free(t);
}

static void short_and_long_addresses_are_read(void **state) {
    (void)state;
    struct trace *t =
        read_good(" L 0,1\n L abc,2\n L ffffffffffffffff,1\nI  ffffffff81000000,7\n L 0804c01,4");
    is_step(t, 0, ACCESS_READ, 0, 1);
    is_step(t, 1, ACCESS_READ, 0xabc, 2);
    is_step(t, 2, ACCESS_READ, UINT64_MAX, 1);
    is_step(t, 3, ACCESS_FETCH, UINT64_C(0xffffffff81000000), 7);
    is_step(t, 4, ACCESS_READ, 0x0804c01, 4);
    trace_free(t);
}

static void a_size_beyond_255_is_kept_as_255(void **state) {
    (void)state;
    struct trace *t = read_good(" S 1000,254\n S 1000,255\n S 1000,512\n L 1000,4096\n L 2000,15\n");
    is_step(t, 0, ACCESS_WRITE, 0x1000, 254);
    is_step(t, 1, ACCESS_WRITE, 0x1000, 255);
    is_step(t, 2, ACCESS_WRITE, 0x1000, 255);
    is_step(t, 3, ACCESS_READ, 0x1000, 255);
    is_step(t, 4, ACCESS_READ, 0x2000, 15);
    trace_free(t);
}

static void valgrinds_chatter_is_passed_over(void **state) {
    (void)state;
    struct trace *t =
        read_good("==12== Lackey\n\n--12-- more\r\nI  1000,4\r\n==12== \n L 2000,8\n==12== end");
    assert_int_equal(trace_count(t), 2);
    is_step(t, 1, ACCESS_READ, 0x2000, 8);
    trace_free(t);
}

static void a_damaged_line_is_named(void **state) {
    (void)state;
    static const char *const line[] = {
        "I  04x1ab70,3",
        "I 0401ab70,3",
        " L 0401ab70",
        " L 0401ab70,",
        " L ,8",
        " L 0401ab70,0",
        " L 0401ab70,-1",
        " L 0401ab70,8 ",
        "L  0401ab70,8",
        " X 0401ab70,8",
        " L",
        "I",
        " L 0401ab70,4097",
        " L 0401ab70,99999999999999999999",
        " L 10000000000000000,8",
        " L 0x1000,8",
        "hello",
        " L 1000,3,4",
        "  L1000,8",
        "L I 0401ab70,8",
        "SB 0401ab70",
    };
    for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
        char text[200];
        struct text t = text_in(text, sizeof text);
        text_addf(&t, "I  1000,4\n==1== x\n%s\nI  1004,4\n", line[i]);
        refused_text(text, 3, "damaged line");
        refused_text(text, 3, line[i]);
        refused_text(text, 3, "I  0401ab70,3"); /* what was meant */
    }
}

/* By what the manual says of a line, and with nothing of the parser under test. */
static bool naive_line(const char *s, unsigned long long *va, unsigned *size) {
    static const char *const start[] = {"I  ", " L ", " S ", " M "};
    size_t k = 0, digits, more;
    while (k < 4 && strncmp(s, start[k], 3) != 0) k++;
    digits = k < 4 ? strspn(s + 3, "0123456789abcdefABCDEF") : 0;
    if (digits < 1 || digits > 16 || s[3 + digits] != ',') return false;
    more = strspn(s + 4 + digits, "0123456789");
    if (more < 1 || more > 6 || (s[4 + digits + more] && strcmp(s + 4 + digits + more, "\r") != 0)) return false;
    return sscanf(s + 3, "%llx,%u", va, size) == 2 && *size >= 1 && *size <= 4096;
}

/* Every byte in every place of usual lines: the quick way takes what the slow one takes, and no more. */
static void any_byte_in_any_place_is_judged_rightly(void **state) {
    (void)state;
    static const char *const line[] = {"I  0401ab70,3", " S 1fff0006d8,8", " L 1,2", " M 89abcdefA,16",
                                       " L 7FFFFFFFFFFF,4"};
    struct trace_options one = {.bad_lines = 1};
    for (size_t i = 0; i < sizeof line / sizeof *line; i++)
        for (size_t at = 0; at < strlen(line[i]); at++)
            for (int byte = 1; byte < 256; byte++) {
                char text[100], now[40];
                unsigned long long va;
                unsigned size;
                if (byte == '\n') continue;
                memcpy(now, line[i], strlen(line[i]) + 1);
                now[at] = (char)byte;
                struct text t = text_in(text, sizeof text);
                text_addf(&t, "I  1000,4\n%s\nI  2000,4\n", now);
                struct trace *got = read_options(text, &one);
                bool good = naive_line(now, &va, &size);
                if (trace_count(got) != 2u + good) fail_msg("\"%s\" is %s", now, good ? "good" : "damaged");
                if (good) assert_true(step_at(got, 1).va == va && step_at(got, 1).size == size);
                trace_free(got);
            }
}

static void damaged_lines_are_skipped_up_to_a_number(void **state) {
    (void)state;
    const char *text = "I  1000,4\nbad\nI  1004,4\nbad too\nI  1008,4\n";
    struct trace_options two = {.bad_lines = 2}, one = {.bad_lines = 1};
    struct trace *t = read_options(text, &two);
    assert_int_equal(trace_count(t), 3);
    is_step(t, 2, ACCESS_FETCH, 0x1008, 4);
    trace_free(t);
    refused(text, strlen(text), &one, VS_BAD_INPUT, 4, "bad too");
}

static void a_limit_stops_before_what_follows(void **state) {
    (void)state;
    struct trace_options o = {.limit = 2};
    struct trace *t = read_options("I  1000,4\nI  1004,4\nthis is never looked at\n", &o);
    assert_int_equal(trace_count(t), 2);
    trace_free(t);
}

static void what_holds_no_reference_is_refused(void **state) {
    (void)state;
    refused_text("", 0, "no reference");
    refused_text("\n\n", 0, "no reference");
    refused_text("==1== only chatter\n", 0, "no reference");
}

static void what_is_no_text_is_refused(void **state) {
    (void)state;
    refused("\x7f"
            "ELF\2\1\1\0\0\0\n",
            12, NULL, VS_BAD_INPUT, 1, "binary");
    refused("\0\0 1000,8\n", 10, NULL, VS_BAD_INPUT, 1, "binary");
    refused("\x1f\x8b\x08\0\0\0\0\0", 8, NULL, VS_BAD_INPUT, 0, "gzip");
    size_t n = 300000;
    char *data = malloc(n);
    memset(data, 0, n);
    refused(data, n, NULL, VS_BAD_INPUT, 1, "binary");
    memset(data, 'x', n);
    refused(data, n, NULL, VS_BAD_INPUT, 1, "endless line");
    free(data);
}

static void a_message_shows_no_control_characters(void **state) {
    (void)state;
    refused_text("I  1000,4\n\x1b[31mred\x07\n", 2, "\"?[31mred?\"");
}

static void a_message_names_the_trace(void **state) {
    (void)state;
    struct trace *t = NULL;
    struct diag d;
    struct trace_options o = {.name = "lesson.lackey"};
    assert_int_equal(trace_read_memory("x\n", 2, &o, &t, &d), VS_BAD_INPUT);
    assert_string_equal(d.file, "lesson.lackey");
    assert_int_equal(trace_read_file("tests/data/no-such-file", NULL, &t, &d), VS_IO);
    assert_string_equal(d.file, "tests/data/no-such-file");
    assert_non_null(strstr(d.text, "no such file"));
    assert_int_equal(trace_read_file("tests/data", NULL, &t, &d), VS_IO);
    assert_non_null(strstr(d.text, "directory"));
}

/* A reader that has nothing in common with the one under test. */
static void matches_naive_reading(const struct trace *t, const char *path) {
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    char line[200], kind[3];
    unsigned long long va;
    unsigned size;
    uint64_t at = 0;
    while (fgets(line, sizeof line, f)) {
        if (line[0] == '=') continue;
        assert_int_equal(sscanf(line, "%2s %llx,%u", kind, &va, &size), 3);
        enum access_kind op = kind[0] == 'I' ? ACCESS_FETCH : kind[0] == 'L' ? ACCESS_READ : ACCESS_WRITE;
        is_step(t, at++, op, va, size);
    }
    fclose(f);
    assert_int_equal(at, trace_count(t));
}

static void a_real_trace_is_read_as_by_a_naive_reader(void **state) {
    (void)state;
    struct trace *t = NULL;
    struct diag d;
    assert_int_equal(trace_read_file(MINI, NULL, &t, &d), VS_OK);
    assert_int_equal(trace_count(t), 300);
    matches_naive_reading(t, MINI);
    assert_true(trace_bytes(t) < 300 * 4 + 500);
    trace_free(t);
}

/* ---- long ones: chunk and block borders ---- */

/* n references, seeded: runs of fetches, a stack, an array, rare far jumps and sizes. */
static struct step *random_steps(uint64_t seed, size_t n) {
    struct rng r = {seed};
    struct step *s = calloc(n, sizeof *s);
    vaddr_t pc = 0x401000, stack = UINT64_C(0x1fff000000), array = 0x5000000;
    for (size_t i = 0; i < n; i++) {
        static const uint8_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 32, 255};
        unsigned what = rng_below(&r, 100);
        s[i].size = sizes[rng_below(&r, sizeof sizes)];
        s[i].op = (uint8_t)(what < 60 ? ACCESS_FETCH : rng_below(&r, 2));
        vaddr_t *at = what < 60 ? &pc : what < 80 ? &stack : &array;
        if (rng_below(&r, 50) == 0) *at = rng_next(&r) >> rng_below(&r, 64);
        s[i].va = *at;
        *at += what < 60 ? s[i].size : rng_below(&r, 4096) - 2048u;
    }
    return s;
}

static char *as_text(const struct step *s, size_t n, size_t *size) {
    static const char *const start[ACCESS_KINDS] = {" L ", " S ", "I  "};
    struct text t = text_in(malloc(n * 40 + 1), n * 40 + 1);
    for (size_t i = 0; i < n; i++)
        text_addf(&t, "%s%0*llx,%u\n", start[s[i].op], (int)(i % 12), (unsigned long long)s[i].va, s[i].size);
    *size = t.len;
    return t.buf;
}

static void holds_exactly(const struct trace *t, const struct step *want, size_t n) {
    static struct step got[STEP_SPAN];
    assert_int_equal(trace_count(t), n);
    size_t at = 0, k;
    while ((k = trace_steps(t, at, got, STEP_SPAN)) > 0)
        for (size_t i = 0; i < k; i++, at++)
            if (got[i].va != want[at].va || got[i].op != want[at].op || got[i].size != want[at].size)
                fail_msg("reference %zu differs", at);
    assert_int_equal(at, n);
}

static void references_survive_packing_and_chunk_borders(void **state) {
    (void)state;
    size_t counts[] = {1, STEP_SPAN - 1, STEP_SPAN, STEP_SPAN + 1, 100000};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        size_t n = counts[c], size;
        struct step *want = random_steps(c + 1, n);
        char *text = as_text(want, n, &size);
        struct trace *t = NULL;
        struct diag d;
        assert_int_equal(trace_read_memory(text, size, NULL, &t, &d), VS_OK);
        holds_exactly(t, want, n);
        trace_free(t);
        free(text);
        free(want);
    }
}

static void any_reference_can_be_reached(void **state) {
    (void)state;
    size_t n = 3 * STEP_SPAN + 17, size;
    struct step *want = random_steps(9, n), buf[10];
    char *text = as_text(want, n, &size);
    struct trace *t = NULL;
    assert_int_equal(trace_read_memory(text, size, NULL, &t, NULL), VS_OK);
    for (size_t at = 0; at < n; at += 501) assert_true(step_at(t, at).va == want[at].va);
    assert_int_equal(trace_steps(t, STEP_SPAN - 3, buf, 10), 3); /* not beyond the block */
    assert_int_equal(trace_steps(t, n - 2, buf, 10), 2);
    assert_int_equal(trace_steps(t, n, buf, 10), 0);
    assert_int_equal(trace_steps(t, UINT64_MAX, buf, 10), 0);
    trace_free(t);
    free(text);
    free(want);
}

static void a_source_gives_every_step_its_flags(void **state) {
    (void)state;
    size_t n = STEP_SPAN + 5, size, count;
    struct step *want = random_steps(3, n), *buf = calloc(STEP_SPAN, sizeof *buf);
    char *text = as_text(want, n, &size);
    struct trace *t = NULL;
    assert_int_equal(trace_read_memory(text, size, NULL, &t, NULL), VS_OK);
    struct step_source *s = trace_source(t, STEP_NO_SPLIT);
    assert_int_equal(s->count, n);
    for (uint64_t at = 0; at < n; at += count) {
        const struct step *got = step_span(s, at, buf, &count);
        assert_non_null(got);
        for (size_t i = 0; i < count; i++) {
            assert_true(got[i].va == want[at + i].va);
            assert_int_equal(got[i].flags, STEP_NO_SPLIT);
        }
    }
    assert_null(step_span(s, n, buf, &count));
    step_source_free(s);
    trace_free(t);
    free(text);
    free(buf);
    free(want);
}

/* ---- zstd ---- */

static void a_packed_trace_reads_the_same(void **state) {
    (void)state;
    size_t n = 50000, size;
    struct step *want = random_steps(4, n);
    char *text = as_text(want, n, &size);
    size_t room = ZSTD_compressBound(size) + 1000, half = size / 2;
    char *packed = malloc(room);
    /* Two frames with a skippable one between (RFC 8878, 3.1.2), cut within a line. */
    size_t a = ZSTD_compress(packed, room, text, half, 1);
    memcpy(packed + a, "\x53\x2a\x4d\x18\x03\0\0\0abc", 11);
    size_t b = ZSTD_compress(packed + a + 11, room - a - 11, text + half, size - half, 3);
    struct trace *t = NULL;
    struct diag d = {.text = ""};
    if (trace_read_memory(packed, a + 11 + b, NULL, &t, &d) != VS_OK) fail_msg("%s", d.text);
    holds_exactly(t, want, n);
    trace_free(t);
    free(packed);
    free(text);
    free(want);
}

static void a_damaged_packed_trace_is_refused_wherever_it_is_cut(void **state) {
    (void)state;
    size_t size;
    char *text = slurp(MINI, &size), packed[8192];
    size_t n = ZSTD_compress(packed, sizeof packed, text, size, 3);
    assert_false(ZSTD_isError(n));
    for (size_t cut = 4; cut < n; cut += 7) refused(packed, cut, NULL, VS_BAD_INPUT, 0, "damaged zstd data");
    packed[4] = '\xff'; /* the frame header's reserved bit */
    refused(packed, n, NULL, VS_BAD_INPUT, 0, "damaged zstd data");
    free(text);
}

static void a_file_and_a_pipe_are_read_by_content(void **state) {
    (void)state;
    size_t size;
    char *text = slurp(MINI, &size), packed[8192];
    size_t n = ZSTD_compress(packed, sizeof packed, text, size, 3);
    char path[] = "/tmp/vmscope-trace-XXXXXX";
    int fd = mkstemp(path);
    assert_true(write(fd, packed, n) == (ssize_t)n);
    close(fd);
    struct trace *t = NULL;
    assert_int_equal(trace_read_file(path, NULL, &t, NULL), VS_OK);
    matches_naive_reading(t, MINI);
    trace_free(t);
    unlink(path);

    int ends[2], before = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_true(write(ends[1], text, size) == (ssize_t)size);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    assert_int_equal(trace_read_file("-", NULL, &t, NULL), VS_OK);
    matches_naive_reading(t, MINI);
    trace_free(t);
    dup2(before, STDIN_FILENO);
    close(before);
    close(ends[0]);
    free(text);
}

/* ---- memory ---- */

static void every_failing_allocation_is_survived(void **state) {
    (void)state;
    size_t n = 2 * STEP_SPAN, size;
    struct step *want = random_steps(5, n);
    char *text = as_text(want, n, &size);
    enum vs_status status = VS_NOMEM;
    for (unsigned long at = 1; status != VS_OK; at++) {
        struct trace *t = NULL;
        struct region_config *regions = NULL;
        size_t count;
        struct diag d = {.text = ""};
        mem_fail_at(at);
        status = trace_read_memory(text, size, NULL, &t, &d);
        if (status == VS_OK)
            status = trace_regions(t, 12, &regions, &count);
        else
            assert_non_null(strstr(d.text, "memory"));
        mem_fail_at(0);
        assert_true(status == VS_OK || status == VS_NOMEM);
        assert_true(at < 1000);
        trace_free(t);
        free(regions);
    }
    free(text);
    free(want);
}

/* ---- regions ---- */

struct want_region {
    const char *name;
    vpn_t first, pages;
    unsigned perms;
    uint32_t file_page;
};

static void has_regions(const char *text, const struct want_region *want, size_t n) {
    struct trace *t = read_good(text);
    struct region_config *r = NULL;
    size_t count = 0;
    assert_int_equal(trace_regions(t, 12, &r, &count), VS_OK);
    assert_int_equal(count, n);
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(r[i].name, want[i].name);
        assert_int_equal(r[i].first, want[i].first);
        assert_int_equal(r[i].pages, want[i].pages);
        assert_int_equal(r[i].limit, want[i].pages);
        assert_int_equal(r[i].perms, want[i].perms);
        assert_int_equal(r[i].file_page, want[i].file_page);
        assert_int_equal(r[i].backing, want[i].perms & PERM_X ? BACKING_FILE : BACKING_ANON);
    }
    free(r);
    trace_free(t);
}
#define HAS_REGIONS(text, ...)                                                                               \
    do {                                                                                                     \
        const struct want_region want[] = {__VA_ARGS__};                                                     \
        has_regions(text, want, sizeof want / sizeof *want);                                                 \
    } while (0)

static void text_data_and_stack_are_told_apart(void **state) {
    (void)state;
    HAS_REGIONS(
        "I  00400000,4\nI  00402ffc,4\n L 00600000,8\n S 00601000,8\n S 1fff000100,8\n L 1ffeffff00,8\n",
        {"text", 0x400, 3, PERM_RX, 0}, {"data", 0x600, 2, PERM_RW, 0}, {"stack", 0x1ffefff, 2, PERM_RW, 0});
}

static void every_text_region_has_its_own_pages_of_the_file(void **state) {
    (void)state;
    HAS_REGIONS("I  00400000,4\nI  00401000,4\nI  04001000,4\nI  7f0000000000,4\n",
                {"text", 0x400, 2, PERM_RX, 0}, {"text2", 0x4001, 1, PERM_RX, 2},
                {"text3", 0x7f0000000, 1, PERM_RX, 3});
}

static void a_small_hole_is_part_of_a_region_and_a_large_one_is_not(void **state) {
    (void)state;
    HAS_REGIONS("I  00000000,1\n S 01000000,1\n S 01040000,1\n S 01081000,1\n", {"text", 0, 1, PERM_RX, 0},
                {"data", 0x1000, 65, PERM_RW, 0}, {"data2", 0x1081, 1, PERM_RW, 0});
}

static void constants_among_code_are_code(void **state) {
    (void)state;
    HAS_REGIONS("I  00400000,4\n L 00401000,8\nI  00402000,4\n L 00403000,4\n",
                {"text", 0x400, 3, PERM_RX, 0}, {"data", 0x403, 1, PERM_RW, 0});
}

static void variables_among_code_are_data(void **state) {
    (void)state;
    HAS_REGIONS("I  00400000,4\n S 00401000,8\nI  00402000,4\n", {"text", 0x400, 1, PERM_RX, 0},
                {"data", 0x401, 1, PERM_RW, 0}, {"text2", 0x402, 1, PERM_RX, 1});
}

static void code_that_is_stored_to_may_be_written(void **state) {
    (void)state;
    HAS_REGIONS("I  00400000,4\nI  00401000,4\n M 00401000,8\n", {"text", 0x400, 1, PERM_RX, 0},
                {"text2", 0x401, 1, PERM_RX | PERM_W, 1});
}

static void a_reference_that_crosses_touches_both_pages(void **state) {
    (void)state;
    HAS_REGIONS(" S 00400ffc,8\n L fffffffffffffffe,8\n", {"data", 0x400, 2, PERM_RW, 0},
                {"data2", UINT64_C(0xfffffffffffff), 1, PERM_RW, 0});
}

static void a_much_written_region_is_the_heap(void **state) {
    (void)state;
    char text[1000];
    struct text t = text_in(text, sizeof text);
    text_add(&t, "I  00400000,4\n S 00600000,8\n");
    for (unsigned i = 0; i < 10; i++) text_addf(&t, " S %08x,8\n", 0x1000000 + i * 4096);
    HAS_REGIONS(text, {"text", 0x400, 1, PERM_RX, 0}, {"data", 0x600, 1, PERM_RW, 0},
                {"heap", 0x1000, 10, PERM_RW, 0});
}

static void regions_cover_every_reference_and_do_not_overlap(void **state) {
    (void)state;
    size_t n = 20000, size, count;
    struct step *want = random_steps(6, n);
    char *text = as_text(want, n, &size);
    struct trace *t = NULL;
    struct region_config *r = NULL;
    assert_int_equal(trace_read_memory(text, size, NULL, &t, NULL), VS_OK);
    assert_int_equal(trace_regions(t, 12, &r, &count), VS_OK);
    for (size_t i = 1; i < count; i++) {
        assert_true(r[i - 1].first + r[i - 1].pages <= r[i].first);
        for (size_t j = 0; j < i && i < 200; j++) assert_string_not_equal(r[i].name, r[j].name);
    }
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        vpn_t vpn = want[i].va >> 12;
        while (k < count && r[k].first + r[k].pages <= vpn) k++;
        assert_true(k < count && r[k].first <= vpn);
        assert_int_equal(r[k].perms & access_needs((enum access_kind)want[i].op),
                         access_needs((enum access_kind)want[i].op));
    }
    free(r);
    trace_free(t);
    free(text);
    free(want);
}

static void an_impossible_page_size_is_refused(void **state) {
    (void)state;
    struct trace *t = read_good("I  1000,4\n");
    struct region_config *r;
    size_t n;
    assert_int_equal(trace_regions(t, 0, &r, &n), VS_LIMIT);
    assert_int_equal(trace_regions(t, 64, &r, &n), VS_LIMIT);
    trace_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_four_kinds_are_read_and_a_modify_is_a_write),
        cmocka_unit_test(short_and_long_addresses_are_read),
        cmocka_unit_test(a_size_beyond_255_is_kept_as_255),
        cmocka_unit_test(valgrinds_chatter_is_passed_over),
        cmocka_unit_test(a_damaged_line_is_named),
        cmocka_unit_test(any_byte_in_any_place_is_judged_rightly),
        cmocka_unit_test(damaged_lines_are_skipped_up_to_a_number),
        cmocka_unit_test(a_limit_stops_before_what_follows),
        cmocka_unit_test(what_holds_no_reference_is_refused),
        cmocka_unit_test(what_is_no_text_is_refused),
        cmocka_unit_test(a_message_shows_no_control_characters),
        cmocka_unit_test(a_message_names_the_trace),
        cmocka_unit_test(a_real_trace_is_read_as_by_a_naive_reader),
        cmocka_unit_test(references_survive_packing_and_chunk_borders),
        cmocka_unit_test(any_reference_can_be_reached),
        cmocka_unit_test(a_source_gives_every_step_its_flags),
        cmocka_unit_test(a_packed_trace_reads_the_same),
        cmocka_unit_test(a_damaged_packed_trace_is_refused_wherever_it_is_cut),
        cmocka_unit_test(a_file_and_a_pipe_are_read_by_content),
        cmocka_unit_test(every_failing_allocation_is_survived),
        cmocka_unit_test(text_data_and_stack_are_told_apart),
        cmocka_unit_test(every_text_region_has_its_own_pages_of_the_file),
        cmocka_unit_test(a_small_hole_is_part_of_a_region_and_a_large_one_is_not),
        cmocka_unit_test(constants_among_code_are_code),
        cmocka_unit_test(variables_among_code_are_data),
        cmocka_unit_test(code_that_is_stored_to_may_be_written),
        cmocka_unit_test(a_reference_that_crosses_touches_both_pages),
        cmocka_unit_test(a_much_written_region_is_the_heap),
        cmocka_unit_test(regions_cover_every_reference_and_do_not_overlap),
        cmocka_unit_test(an_impossible_page_size_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
