/* A trace that is not kept tells the same, as often and from wherever it is asked, as one that is. */
#include "scenario/trace_stream.h"
#include "vmscope/base/memory.h"
#include "vmscope/base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define REFS 60000u /* more than one chunk of text */
#define LESSON "scenarios/ls.lackey.zst"

static char path[] = "/tmp/vmscope-stream-XXXXXX";

/* Of `refs` references from `seed` on; every `damaged`-th line is none. */
static void write_text(uint64_t seed, unsigned refs, unsigned damaged) {
    struct rng r = {seed};
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (unsigned i = 0; i < refs; i++) {
        if (damaged && i % damaged == damaged - 1) fputs("nonsense\n", f);
        fprintf(f, " %c %08x,%u\n", "LSM"[rng_below(&r, 3)], 0x400000 + rng_below(&r, 30) * 0x1000 + rng_below(&r, 0x1000),
                1 + rng_below(&r, 8));
    }
    assert_int_equal(fclose(f), 0);
}

struct pair {
    struct trace *kept, *stream;
    struct step_source *a, *b;
};

static void open_pair(struct pair *p, const char *file, const struct trace_options *o) {
    struct diag why = {.text = ""};
    assert_int_equal(trace_read_file(file, o, &p->kept, &why), VS_OK);
    assert_int_equal(trace_open_stream(file, o, 12, &p->stream, &why), VS_OK);
    assert_non_null(p->stream);
    assert_int_equal(trace_count(p->stream), trace_count(p->kept));
    p->a = trace_source(p->kept, STEP_NO_SPLIT);
    p->b = trace_source(p->stream, STEP_NO_SPLIT);
    assert_non_null(p->b);
    assert_int_equal(p->b->count, p->a->count);
}

static void close_pair(struct pair *p) {
    step_source_free(p->a);
    step_source_free(p->b);
    trace_free(p->kept);
    trace_free(p->stream);
}

static void same_step(const struct pair *p, uint64_t at) {
    static struct step x[STEP_SPAN], y[STEP_SPAN];
    size_t n, m;
    const struct step *a = step_span(p->a, at, x, &n), *b = step_span(p->b, at, y, &m);
    assert_true(n > 0 && m > 0);
    for (size_t i = 0; i < n && i < m; i++)
        assert_true(a[i].va == b[i].va && a[i].op == b[i].op && a[i].size == b[i].size && a[i].flags == b[i].flags);
}

/* Groups of both at a place where both have one. */
static bool same_groups(const struct pair *p, uint64_t at) {
    struct step_groups x, y;
    if (step_groups(p->a, at, 12, &x) || step_groups(p->b, at, 12, &y)) return false;
    const struct step_group *a = x.group, *b = y.group;
    if (a->steps != b->steps) return false; /* a chunk ends here */
    assert_true(x.proc == y.proc && x.flags == y.flags);
    assert_true(a->pages == b->pages && a->turns == b->turns && a->opens == b->opens && a->crosses == b->crosses);
    for (unsigned i = 0; i < a->pages; i++) {
        const struct step_use *u = &x.use[a->first + i], *v = &y.use[b->first + i];
        assert_true(u->vpn == v->vpn && u->ops == v->ops && u->times == v->times && u->last == v->last && u->turn == v->turn);
    }
    return true;
}

static void same_regions(const struct pair *p) {
    struct region_config *r, *s;
    size_t n, m;
    assert_int_equal(trace_regions(p->kept, 12, &r, &n), VS_OK);
    assert_int_equal(trace_regions(p->stream, 12, &s, &m), VS_OK);
    assert_int_equal(n, m);
    for (size_t i = 0; i < n; i++) {
        assert_true(r[i].first == s[i].first && r[i].pages == s[i].pages && r[i].perms == s[i].perms);
        assert_string_equal(r[i].name, s[i].name);
    }
    free(r);
    free(s);
}

static void same_throughout(const char *file, const struct trace_options *o) {
    struct pair p;
    open_pair(&p, file, o);
    same_regions(&p);
    uint64_t n = p.a->count;
    unsigned groups = 0;
    for (uint64_t at = 0; at < n; at += 64) { /* forward, as a machine goes */
        same_step(&p, at);
        groups += same_groups(&p, at);
    }
    assert_true(groups > n / 64 / 2);
    for (uint64_t i = 0; i < 40; i++) same_step(&p, i * 7919 % n); /* here and there */
    struct step buf[STEP_SPAN];
    size_t count;
    assert_null(step_span(p.b, n, buf, &count));
    assert_null(trace_stream_trouble(p.stream->stream));
    close_pair(&p);
}

static void text_is_told_as_if_it_were_kept(void **state) {
    (void)state;
    write_text(1, REFS, 0);
    same_throughout(path, &(struct trace_options){.name = "t"});
}

static void so_is_packed_text(void **state) {
    (void)state;
    same_throughout(LESSON, &(struct trace_options){.name = "t"});
}

static void a_limit_and_damaged_lines_are_heeded_each_time(void **state) {
    (void)state;
    struct diag_list skipped = {.count = 0};
    struct trace *t = NULL;
    struct diag why;
    struct trace_options o = {.name = "t", .limit = REFS / 2, .bad_lines = 100};
    write_text(2, REFS, 1000);
    same_throughout(path, &o);
    o.skipped = &skipped;
    assert_int_equal(trace_open_stream(path, &o, 12, &t, &why), VS_OK);
    size_t told = skipped.count + skipped.dropped;
    assert_int_equal(told, REFS / 2 / 1000);
    struct step_source *s = trace_source(t, 0);
    static struct step buf[STEP_SPAN];
    size_t n;
    for (uint64_t at = 0; at < s->count; at += n) assert_non_null(step_span(s, at, buf, &n));
    assert_int_equal(skipped.count + skipped.dropped, told); /* once is enough */
    step_source_free(s);
    trace_free(t);
}

static void a_file_that_changes_meanwhile_is_told_of(void **state) {
    (void)state;
    struct trace *t = NULL;
    struct diag why = {.text = ""};
    static struct step buf[STEP_SPAN];
    size_t n;
    write_text(3, REFS, 0);
    assert_int_equal(trace_open_stream(path, &(struct trace_options){.name = "t"}, 12, &t, &why), VS_OK);
    struct step_source *s = trace_source(t, 0);
    write_text(3, 100, 0);
    assert_non_null(step_span(s, 0, buf, &n));
    assert_null(step_span(s, 100, buf, &n)); /* it is shorter now */
    assert_non_null(trace_stream_trouble(t->stream));
    step_source_free(s);
    trace_free(t);
}

static void what_is_no_text_or_no_trace_is_left_alone_or_refused(void **state) {
    (void)state;
    struct trace *t = NULL;
    struct diag why = {.text = ""};
    struct trace_options o = {.name = "t"};
    write_text(4, 10, 0);
    char own[sizeof path + 4];
    struct trace_import done;
    snprintf(own, sizeof own, "%s.vmt", path);
    const char *files[] = {path};
    assert_int_equal(trace_import(files, 1, own, &o, &done, &why), VS_OK);
    assert_int_equal(trace_open_stream(own, &o, 12, &t, &why), VS_OK);
    assert_null(t);
    unlink(own);
    assert_int_equal(trace_open_stream("/dev/null", &o, 12, &t, &why), VS_OK); /* no plain file */
    assert_null(t);
    FILE *f = fopen(path, "w");
    fputs("I  1000,4\nwhat is this?\n", f);
    fclose(f);
    assert_int_equal(trace_open_stream(path, &o, 12, &t, &why), VS_BAD_INPUT);
    assert_int_equal(why.line, 2);
    assert_null(t);
}

static void every_failing_allocation_is_survived(void **state) {
    (void)state;
    static struct step buf[STEP_SPAN];
    enum vs_status status = VS_NOMEM;
    write_text(5, 9000, 0);
    for (unsigned long at = 1; status != VS_OK; at++) {
        struct trace *t = NULL;
        struct diag why = {.text = ""};
        size_t n;
        assert_true(at < 1000);
        mem_fail_at(at);
        status = trace_open_stream(path, &(struct trace_options){.name = "t"}, 12, &t, &why);
        struct step_source *s = status == VS_OK ? trace_source(t, 0) : NULL;
        if (!s || !step_span(s, 8999, buf, &n)) status = VS_NOMEM;
        mem_fail_at(0);
        step_source_free(s);
        trace_free(t);
    }
}

static int make_file(void **state) {
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}
static int remove_file(void **state) {
    (void)state;
    return unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_told_as_if_it_were_kept),
        cmocka_unit_test(so_is_packed_text),
        cmocka_unit_test(a_limit_and_damaged_lines_are_heeded_each_time),
        cmocka_unit_test(a_file_that_changes_meanwhile_is_told_of),
        cmocka_unit_test(what_is_no_text_or_no_trace_is_left_alone_or_refused),
        cmocka_unit_test(every_failing_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
