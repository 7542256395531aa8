/* trace_format.c - the formats of traces, and how they are told apart.
 *
 * Each format is asked what it thinks of the file's first lines. The one that
 * takes most of them as references wins, if it finds fewer of them damaged; of
 * equals the first in the table. What could be two things at once (a number a
 * line may be an address or a page) is the more common of them, unless
 * --trace-format says it.
 */
#include "scenario/trace_reader.h"

#define LINES_ASKED 200

const struct trace_format trace_format_table[] = {
    {"lackey", "what valgrind --tool=lackey --trace-mem=yes writes",
     "a line such as \"I  0401ab70,3\" or \" L 1fff0006d8,8\" (L, S or M)", &trace_reading_lackey},
    {"din", "of the cache simulator Dinero: a label (0 read, 1 write, 2 fetch) and an address in hex",
     "a line such as \"2 0401ab70\": a label, 0 to 4, and an address in hex", &trace_reading_din},
    {"moss", "the commands file of the MOSS memory simulator: READ or WRITE and an address",
     "a line such as \"READ hex 10000\", \"WRITE bin 110\", \"READ 19\" or \"WRITE random\"",
     &trace_reading_moss},
    {"pages", "page numbers, a reference string: any number of them on a line",
     "page numbers in decimal or with 0x, such as 7 0 1 2 0 3", &trace_reading_pages},
    {"addresses",
     "one address a line, perhaps with R or W; decimal, unless some have digits a to f or begin with 0",
     "a line such as \"0x1000\", \"R 7fe0\", \"0041f7a0 W\" or \"16916\"", &trace_reading_addresses},
    {"hex", "addresses, in hex with or without 0x",
     "a line such as \"1000\", \"R 7fe0\" or \"0041f7a0 W\", in hex", &trace_reading_hex},
    {"decimal", "addresses, in decimal unless with 0x", "a line such as \"16916\" or \"W 4096\", in decimal",
     &trace_reading_decimal},
    {"vmscope", "the binary that vmscope import writes", "what vmscope import writes", &trace_reading_own},
    {NULL, NULL, NULL, NULL},
};

const struct trace_format *trace_format_by_name(const char *name) {
    for (const struct trace_format *f = trace_format_table; f->name; f++)
        if (strcmp(f->name, name) == 0) return f;
    return NULL;
}

/* ---- telling ---- */

/* What a format thinks of the first lines. */
struct votes {
    unsigned good, damaged;
    bool begins_well; /* nothing damaged before the first reference */
};

static void vote(struct votes *v, enum trace_line line) {
    if (line == LINE_IS && v->good == 0) v->begins_well = v->damaged == 0;
    v->good += line == LINE_IS;
    v->damaged += line == LINE_NOT;
}

/* The last line may be cut off: it counts where it is the only one. */
static struct votes ask(const struct trace_format *f, const char *s, size_t size) {
    struct votes v = {0, 0, false};
    const char *end = s + size;
    for (unsigned n = 0; n < LINES_ASKED && s < end; n++) {
        const char *stop = memchr(s, '\n', (size_t)(end - s));
        if (!stop && n > 0) break;
        if (!stop) stop = end;
        const char *last = stop > s && stop[-1] == '\r' ? stop - 1 : stop;
        vote(&v, f->how->looks(s, last));
        s = stop + (stop < end);
    }
    return v;
}

const struct trace_format *trace_format_of(const char *data, size_t size, bool sure) {
    const struct trace_format *best = NULL;
    unsigned most = 0;
    if (trace_is_own(data, size)) return trace_format_by_name("vmscope");
    if (size > TRACE_SNIFF) size = TRACE_SNIFF;
    for (const struct trace_format *f = trace_format_table; f->name; f++) {
        if (!f->how->looks) continue;
        struct votes v = ask(f, data, size);
        if (v.good <= most || v.good < v.damaged || (sure && !v.begins_well)) continue;
        best = f;
        most = v.good;
    }
    return best;
}
