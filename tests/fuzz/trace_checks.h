/* trace_checks.h - what must hold of any trace that was read, for the fuzzers of its formats.
 *
 * Beyond "does not crash": what was read decodes to as many references as are
 * counted, the same from any place, and each lies in exactly one region that
 * permits it.
 */
#ifndef VMSCOPE_FUZZ_TRACE_CHECKS_H
#define VMSCOPE_FUZZ_TRACE_CHECKS_H

#include <stdlib.h>
#include <string.h>

#include "vmscope/scenario/trace.h"

#define PAGE_SHIFT 12

static void must(bool good) {
    if (!good) abort();
}

static const struct region_config *region_of(const struct region_config *r, size_t count, vpn_t vpn) {
    for (size_t i = 0; i < count; i++)
        if (vpn >= r[i].first && vpn - r[i].first < r[i].pages) return &r[i];
    return NULL;
}

static void check_step(const struct step *s, const struct region_config *r, size_t count) {
    must(s->op < ACCESS_KINDS && s->size > 0);
    const struct region_config *in = region_of(r, count, va_to_vpn(s->va, PAGE_SHIFT));
    must(in != NULL && (in->perms & access_needs((enum access_kind)s->op)));
}

static void check_regions(const struct region_config *r, size_t count) {
    for (size_t i = 0; i < count; i++) {
        must(r[i].pages > 0 && memchr(r[i].name, 0, NAME_SIZE) != NULL && r[i].name[0]);
        must(i == 0 || r[i].first - r[i - 1].first >= r[i - 1].pages);
    }
}

static void check_trace(struct trace *t) {
    static struct step steps[STEP_SPAN];
    struct region_config *r = NULL;
    size_t count = 0, n;
    must(trace_regions(t, PAGE_SHIFT, &r, &count) == VS_OK && count > 0);
    check_regions(r, count);
    uint64_t at = 0;
    for (; (n = trace_steps(t, at, steps, STEP_SPAN)) > 0; at += n) {
        for (size_t i = 0; i < n; i++) check_step(&steps[i], r, count);
        struct step again;
        must(trace_steps(t, at + n / 2, &again, 1) == 1 && again.va == steps[n / 2].va);
    }
    must(at == trace_count(t) && at > 0);
    free(r);
    struct trace_facts f;
    must(trace_facts(t, PAGE_SHIFT, &f) == VS_OK && f.refs == at && f.lowest <= f.highest && f.pages > 0);
    must(f.by_kind[ACCESS_READ] + f.by_kind[ACCESS_WRITE] + f.by_kind[ACCESS_FETCH] == at);
}

/* Read it; what is refused says why. */
static void check_bytes(const void *data, size_t size, const struct trace_options *o) {
    struct trace *t = NULL;
    struct diag why = {.text = ""};
    if (trace_read_memory(data, size, o, &t, &why) == VS_OK) {
        check_trace(t);
        trace_free(t);
    } else {
        must(why.text[0] != '\0' && t == NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
