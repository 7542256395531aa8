/* meaning_trace.c - the files that `trace` steps name.
 *
 * A scenario may come from anywhere, so it names files in its own folder only:
 * no absolute path, no '..', no link that leads out of it, unless the person at
 * the keyboard allows it. A built-in lesson finds its traces in the program. */
#include "scenario/meaning.h"

#include "scenario/lessons.h"
#include "vmscope/base/memory.h"
#include "vmscope/base/text.h"
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRACES_MAX 100
#define PATH_SIZE  4096

struct trace *load_trace(const struct load *l, size_t i) {
    return i < l->owned->trace_count ? l->owned->trace[i] : NULL;
}

static bool has_dot_dot(const char *path) {
    for (const char *p = path; p; p = strchr(p, '/')) {
        p += *p == '/';
        if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || !p[2])) return true;
    }
    return false;
}

/* Is the file, all links followed, below the folder? */
static bool lies_below(const char *path, const char *folder) {
    char *real = realpath(path, NULL), *root = realpath(folder, NULL);
    size_t n = root ? strlen(root) : 0;
    bool below = real && root && strncmp(real, root, n) == 0 && (real[n] == '/' || root[n - 1] == '/');
    free(real);
    free(root);
    return below;
}

/* A pipe could keep us waiting for ever. */
static bool is_plain(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* The path of the file that v names; false: not allowed, or not there. */
static bool trace_path(struct load *l, struct value v, char path[PATH_SIZE]) {
    struct text t = text_in(path, PATH_SIZE);
    bool any = l->options->any_path, absolute = v.text[0] == '/';
    char word[QUOTE_SIZE];
    quoted(word, v.text);
    if (!l->folder && !any) {
        load_error(l, v, "trace: %s cannot be opened: this scenario has no folder of its own", word);
        return false;
    }
    if (!any && (absolute || has_dot_dot(v.text))) {
        load_error(l, v,
                   "trace: %s lies outside the scenario's folder: name a file beside the scenario (or allow "
                   "it with --allow-path)",
                   word);
        return false;
    }
    if (!absolute && l->folder) text_addf(&t, "%s/", l->folder);
    text_add(&t, v.text);
    if (t.cut || access(path, R_OK) != 0) {
        load_error(l, v, "trace: %s cannot be read: %s", word,
                   t.cut             ? "its name is too long"
                   : errno == ENOENT ? "there is no such file beside the scenario"
                                     : strerror(errno));
        return false;
    }
    if (!any && lies_below(path, l->folder) && !is_plain(path)) {
        load_error(l, v, "trace: %s is no file of references (but a directory, a pipe or a device)", word);
        return false;
    }
    if (any || lies_below(path, l->folder)) return true;
    load_error(l, v,
               "trace: %s is a link that leads outside the scenario's folder: copy the file here (or allow "
               "it with --allow-path)",
               word);
    return false;
}

static enum vs_status read_built_in(struct load *l, struct value v, const struct trace_options *o,
                                    struct trace **out, struct diag *why) {
    const struct lesson_file *f = lesson_file_by_name(v.text);
    (void)l;
    if (f) return trace_read_memory(f->data, f->size, o, out, why);
    diag_set(why, NULL, 0, 0, "it is not built into this program");
    return VS_IO;
}

/* log2 of the page size that the file says, for a trace of page numbers: the machine is not read yet, since
 * the trace's addresses decide about it. What is wrong there is told when it is. */
static unsigned said_page_shift(const struct load *l) {
    static const struct tree_paging nothing;
    const struct tree_machine *m = l->tree->machine;
    const struct tree_paging *p = m && m->paging ? m->paging : &nothing;
    const struct tree_format *own[] = {p->custom, p->linear, m ? m->custom : NULL, m ? m->linear : NULL};
    const char *name = p->format ? value_of(p->format).text : "sv32", *said = p->page_size;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (!own[i]) continue;
        if (!p->format) name = i % 2 ? "linear" : "custom";
        if (!said) said = own[i]->page_size;
    }
    if (!said && m) said = m->page_size;
    const struct paging_format *f = paging_by_name(name);
    uint64_t bytes = 0;
    unsigned shift = 0;
    if (!said || !parse_size(value_of(said).text, &bytes, NULL)) return f ? f->page_shift : 0;
    while (shift < 63 && (uint64_t)1 << shift < bytes) shift++;
    return shift;
}

static struct trace *open_trace(struct load *l, const struct tree_step *t) {
    struct value v = value_of(t->trace);
    struct trace_options o = {.name = v.text,
                              .limit = read_number(l, t->limit, "limit", 1, STEPS_MAX, STEPS_MAX),
                              .format = t->format ? trace_format_by_name(value_of(t->format).text) : NULL,
                              .page_shift = said_page_shift(l),
                              .watch = l->options->watch};
    char path[PATH_SIZE], word[QUOTE_SIZE];
    struct diag why = {.text = ""};
    struct trace *trace = NULL;
    if (!l->built_in && !trace_path(l, v, path)) return NULL;
    enum vs_status status =
        l->built_in ? read_built_in(l, v, &o, &trace, &why) : trace_read_file(path, &o, &trace, &why);
    if (status == VS_NOMEM)
        load_nomem(l);
    else if (status != VS_OK && why.line)
        load_error(l, v, "trace: %s, line %u: %s", quoted(word, v.text), why.line, why.text);
    else if (status != VS_OK)
        load_error(l, v, "trace: %s: %s", quoted(word, v.text), why.text);
    return status == VS_OK ? trace : NULL;
}

static void keep_trace(struct load *l, struct trace *t) {
    struct owned *o = l->owned;
    void *list = o->trace;
    if (mem_grow(&list, &o->trace_cap, o->trace_count + 1, sizeof *o->trace)) {
        o->trace = list;
        o->trace[o->trace_count++] = t;
    } else {
        trace_free(t);
        load_nomem(l);
    }
}

void open_traces(struct load *l) {
    for (unsigned i = 0; i < l->tree->steps_count && l->status != VS_NOMEM; i++) {
        const struct tree_step *t = &l->tree->steps[i];
        if (!t->trace) continue;
        if (l->owned->trace_count == TRACES_MAX) {
            load_error(l, value_of(t->trace), "more than %d trace steps: join the traces into one file",
                       TRACES_MAX);
            return;
        }
        keep_trace(l, open_trace(l, t));
    }
}
