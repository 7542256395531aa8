/* cmd_trace.c - vmscope trace info FILE: what is in a trace, as text or JSON. */
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "vmscope/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_SHIFT 12

struct info {
    const char *file;
    struct trace_facts facts;
    struct region_config *region; /* owned */
    size_t regions;
};

static bool has_checksum(const struct info *i) { return strcmp(i->facts.format->name, "vmscope") == 0; }

static double bytes_each(const struct info *i) {
    return (double)i->facts.packed_bytes / (double)i->facts.refs;
}

static void perms_text(char out[4], unsigned perms) {
    memcpy(out, "---", 4);
    if (perms & PERM_R) out[0] = 'r';
    if (perms & PERM_W) out[1] = 'w';
    if (perms & PERM_X) out[2] = 'x';
}

static vaddr_t region_first(const struct region_config *r) { return vpn_to_va(r->first, PAGE_SHIFT); }
static vaddr_t region_last(const struct region_config *r) {
    return vpn_to_va(r->first + r->pages - 1, PAGE_SHIFT) + ((1u << PAGE_SHIFT) - 1);
}

/* ---- text ---- */

static void print_text(const struct info *i) {
    const struct trace_facts *f = &i->facts;
    printf("%s\n", i->file);
    printf("  format        %s%s: %s\n", f->format->name, f->packed ? ", packed with zstd" : "",
           f->format->help);
    printf("  references    %" PRIu64 "\n", f->refs);
    printf("    reads       %" PRIu64 "\n", f->by_kind[ACCESS_READ]);
    printf("    writes      %" PRIu64 "\n", f->by_kind[ACCESS_WRITE]);
    printf("    fetches     %" PRIu64 "\n", f->by_kind[ACCESS_FETCH]);
    printf("  pages         %" PRIu64 " different ones, of 4 KiB\n", f->pages);
    printf("  addresses     0x%" PRIx64 " to 0x%" PRIx64 "\n", f->lowest, f->highest);
    printf("  as a binary   %" PRIu64 " bytes, %.2f a reference\n", f->packed_bytes, bytes_each(i));
    printf("  checksums     %s\n", has_checksum(i) ? "all right" : "none in this format");
    printf("  damaged       %" PRIu64 " lines, skipped\n", f->bad_lines);
    printf("  regions\n");
    for (size_t k = 0; k < i->regions; k++) {
        char perms[4];
        perms_text(perms, i->region[k].perms);
        printf("    %-10s  %s  0x%" PRIx64 " to 0x%" PRIx64 ", %" PRIu64 " pages\n", i->region[k].name, perms,
               region_first(&i->region[k]), region_last(&i->region[k]), (uint64_t)i->region[k].pages);
    }
}

/* ---- JSON ---- */

/* Quoted; what is no clean text becomes '?'. */
static void print_string(const char *s) {
    putchar('"');
    for (; *s; s++) {
        if (*s == '"' || *s == '\\') putchar('\\');
        putchar((unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s);
    }
    putchar('"');
}

static void print_json(const struct info *i) {
    const struct trace_facts *f = &i->facts;
    printf("{\"file\": ");
    print_string(i->file);
    printf(",\n \"format\": \"%s\", \"zstd\": %s,\n", f->format->name, f->packed ? "true" : "false");
    printf(" \"references\": %" PRIu64 ", \"reads\": %" PRIu64 ", \"writes\": %" PRIu64
           ", \"fetches\": %" PRIu64 ",\n",
           f->refs, f->by_kind[ACCESS_READ], f->by_kind[ACCESS_WRITE], f->by_kind[ACCESS_FETCH]);
    printf(" \"pages\": %" PRIu64 ", \"page_size\": %u,\n", f->pages, 1u << PAGE_SHIFT);
    printf(" \"lowest\": \"0x%" PRIx64 "\", \"highest\": \"0x%" PRIx64 "\",\n", f->lowest, f->highest);
    printf(" \"packed_bytes\": %" PRIu64 ", \"checksum\": %s, \"damaged_lines\": %" PRIu64 ",\n",
           f->packed_bytes, has_checksum(i) ? "\"ok\"" : "null", f->bad_lines);
    printf(" \"regions\": [");
    for (size_t k = 0; k < i->regions; k++) {
        char perms[4];
        perms_text(perms, i->region[k].perms);
        printf("%s\n  {\"name\": \"%s\", \"permissions\": \"%s\", \"first\": \"0x%" PRIx64
               "\", \"last\": \"0x%" PRIx64 "\", \"pages\": %" PRIu64 "}",
               k ? "," : "", i->region[k].name, perms, region_first(&i->region[k]),
               region_last(&i->region[k]), (uint64_t)i->region[k].pages);
    }
    printf("]}\n");
}

/* ---- one file ---- */

static enum vs_status look_into(struct info *i, struct trace *t, struct diag *why) {
    enum vs_status status = trace_facts(t, PAGE_SHIFT, &i->facts);
    if (status == VS_OK) status = trace_regions(t, PAGE_SHIFT, &i->region, &i->regions);
    if (status != VS_OK) diag_set(why, i->file, 0, 0, "%s", status_name(status));
    return status;
}

static int info_of(const struct cli *c, const char *file) {
    char what[300];
    struct text phrase = text_in(what, sizeof what);
    struct diag_list skipped = {.count = 0};
    struct diag why = {.text = ""};
    struct trace *t = NULL;
    struct info i = {.file = file};
    struct trace_options o = {.format = c->load.trace_format,
                              .bad_lines = TRACE_BAD_LINES,
                              .skipped = &skipped,
                              .watch = progress_watch()};
    text_addf(&phrase, "reading %s", strcmp(file, "-") == 0 ? "standard input" : file);
    progress_begin(what);
    enum vs_status status = trace_read_file(file, &o, &t, &why);
    progress_end();
    if (status == VS_OK) status = look_into(&i, t, &why);
    trace_free(t);
    if (output_stopped()) return EXIT_INPUT;
    complain_skipped(&skipped);
    if (status == VS_OK)
        (c->json ? print_json : print_text)(&i);
    else
        complain_diag(&why);
    free(i.region);
    return status == VS_OK ? EXIT_GOOD : EXIT_INPUT;
}

int cmd_trace(const struct cli *c) {
    if (strcmp(c->word[0], "info") != 0) {
        complain("there is no 'trace %s'. Usage: vmscope trace info FILE", c->word[0]);
        return EXIT_USAGE;
    }
    output_begin();
    return info_of(c, c->word[1]);
}
