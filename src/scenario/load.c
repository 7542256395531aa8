/* load.c - the pipeline: bytes, lint, libcyaml, meaning.
 *
 * Each stage hands on only what passed it: the lint pass bytes that are text,
 * libcyaml a document that fits its tables, the meaning stage a tree of strings
 * with their positions. The tree is freed before the scenario is given out. */
#include "scenario/load.h"

#include "scenario/input.h"
#include "scenario/lint.h"
#include "scenario/meaning.h"
#include "scenario/trace_reader.h"
#include "scenario/trace_stream.h"
#include "vmscope/base/memory.h"
#include <sys/stat.h>

#define FOLDER_SIZE 4096
static const cyaml_config_t cyaml_settings = {
    .mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR, .flags = CYAML_CFG_NO_ALIAS};

/* ---- the stages ---- */

/* Would the tree of so many entries fit? libcyaml keeps a struct and some strings for each. */
static bool tree_fits(const struct load *l, const struct lint_result *r) {
    const size_t entry = sizeof(struct tree_step) + 4 * 32;
    if (r->entries < 100000 || r->entries < mem_available() / 2 / entry) return true;
    diag_add(l->errors, l->file, 0, 0, "%zu entries are too many for the memory of this computer",
             r->entries);
    return false;
}

static enum vs_status load_tree(struct load *l, const struct canon *c, struct tree_scenario **tree) {
    cyaml_err_t e = cyaml_load_data((const uint8_t *)c->bytes, c->used, &cyaml_settings, &schema_scenario,
                                    (cyaml_data_t **)tree, NULL);
    if (e == CYAML_OK) return VS_OK;
    if (e == CYAML_ERR_OOM) return VS_NOMEM;
    diag_add(l->errors, l->file, 0, 0, "libcyaml refuses what the check allowed: %s", cyaml_strerror(e));
    return VS_BAD_INPUT;
}

static enum vs_status read_document(struct load *l, const struct load_source *source) {
    struct lint_result lint = {.entries = 0};
    struct tree_scenario *tree = NULL;
    if (!input_is_text(source->data, source->size, l->file, l->errors)) return VS_BAD_INPUT;
    enum vs_status status = lint_document(source->data, source->size, l->file, l->errors, &lint);
    if (status == VS_OK && !tree_fits(l, &lint)) status = VS_LIMIT;
    if (status == VS_OK) status = load_tree(l, &lint.canon, &tree);
    canon_free(&lint.canon);
    if (status != VS_OK) return status;
    l->tree = tree;
    read_meaning(l);
    l->tree = NULL;
    cyaml_free(&cyaml_settings, &schema_scenario, tree, 0);
    return l->status;
}

/* ---- life of a scenario ---- */

static bool scenario_begin(struct load *l) {
    static const struct scenario_options plain = {.any_path = false};
    if (!l->options) l->options = &plain;
    l->s = mem_zalloc(1, sizeof *l->s);
    l->owned = mem_zalloc(1, sizeof *l->owned);
    if (l->s && l->owned) {
        l->s->owned = l->owned;
        l->s->file = arena_strdup(&l->owned->arena, l->file);
        if (l->s->file) return true;
    } else {
        free(l->owned);
    }
    scenario_free(l->s);
    return false;
}

/* Give it out, or free it and say why. */
static enum vs_status scenario_end(struct load *l, enum vs_status status, struct scenario **out) {
    *out = status == VS_OK ? l->s : NULL;
    if (status != VS_OK) scenario_free(l->s);
    return status;
}

static void owned_free(struct owned *o) {
    if (!o) return;
    for (size_t i = 0; i < o->trace_count; i++) trace_free(o->trace[i]);
    free(o->trace);
    arena_free(&o->arena);
    free(o);
}

void scenario_free(struct scenario *s) {
    if (!s) return;
    step_source_free(s->steps);
    for (size_t i = 0; i < machine_image_count(&s->config); i++) {
        const struct process_config *p = machine_image(&s->config, i);
        free(p->regions);
        free(p->maps);
    }
    free(s->config.processes);
    free(s->config.images);
    free(s->config.names);
    free(s->config.calls);
    free(s->config.forks);
    free(s->config.tlb_preload);
    free(s->extra);
    free(s->expect);
    free(s->expect_frames);
    owned_free(s->owned);
    free(s);
}

/* ---- from memory ---- */

enum vs_status load_scenario(const struct load_source *source, const struct scenario_options *o,
                             struct scenario **out, struct diag_list *errors) {
    struct load l = {.file = source->file,
                     .folder = source->folder,
                     .built_in = source->built_in,
                     .options = o,
                     .errors = errors};
    *out = NULL;
    if (!scenario_begin(&l)) return VS_NOMEM;
    return scenario_end(&l, read_document(&l, source), out);
}

/* The trace belongs to the scenario from here. */
static enum vs_status load_trace_scenario(struct trace *t, const char *file, const struct scenario_options *o,
                                          struct scenario **out, struct diag_list *errors) {
    struct load l = {.file = file, .options = o, .errors = errors};
    void *list = NULL;
    if (!scenario_begin(&l)) {
        trace_free(t);
        return VS_NOMEM;
    }
    if (!mem_grow(&list, &l.owned->trace_cap, 1, sizeof t)) {
        trace_free(t);
        return scenario_end(&l, VS_NOMEM, out);
    }
    l.owned->trace = list;
    l.owned->trace[l.owned->trace_count++] = t;
    read_trace_meaning(&l, t);
    return scenario_end(&l, l.status, out);
}

static enum vs_status too_long(const char *file, struct diag_list *errors) {
    diag_add(errors, file, 0, 0,
             "the file is larger than 16 MiB: longer traces are files of their own, named by a trace step");
    return VS_BAD_INPUT;
}

/* How a trace that stands alone is read. */
static struct trace_options trace_alone(const char *name, const struct scenario_options *o) {
    struct trace_options how = {.name = name};
    if (!o) return how;
    how.bad_lines = o->bad_lines;
    how.format = o->trace_format;
    how.skipped = o->skipped;
    how.watch = o->watch;
    return how;
}

static bool is_trace(const char *data, size_t size, const struct scenario_options *o) {
    return (o && o->trace_format) || looks_like_trace(data, size);
}

enum vs_status scenario_load_memory(const void *data, size_t size, const char *file, const char *folder,
                                    const struct scenario_options *o, struct scenario **out,
                                    struct diag_list *errors) {
    struct trace_options how = trace_alone(file, o);
    struct trace *trace = NULL;
    struct diag why = {.text = ""};
    *out = NULL;
    if (!is_trace(data, size, o)) {
        if (size > SCENARIO_BYTES_MAX) return too_long(file, errors);
        return load_scenario(&(struct load_source){data, size, file, folder, false}, o, out, errors);
    }
    enum vs_status status = trace_read_memory(data, size, &how, &trace, &why);
    if (status == VS_OK) return load_trace_scenario(trace, file, o, out, errors);
    diag_add(errors, file, why.line, why.col, "%s", why.text);
    return status;
}

/* ---- from a file ---- */

static void folder_of(char folder[FOLDER_SIZE], const char *path) {
    const char *slash = strrchr(path, '/');
    struct text t = text_in(folder, FOLDER_SIZE);
    if (slash == path)
        text_add(&t, "/");
    else if (slash)
        text_addn(&t, path, (size_t)(slash - path));
    else
        text_add(&t, ".");
}

static enum vs_status report(const struct diag *why, const char *file, enum vs_status status,
                             struct diag_list *errors) {
    if (why->text[0]) diag_add(errors, file, why->line, why->col, "%s", why->text);
    return status;
}

/* The input is closed. */
static enum vs_status load_trace_input(struct trace_input *in, const char *path,
                                       const struct scenario_options *o, struct scenario **out,
                                       struct diag_list *errors) {
    struct trace_options how = trace_alone(path, o);
    struct trace *trace = NULL;
    struct diag why = {.text = ""};
    enum vs_status status = VS_OK;
    if (o && o->once) status = trace_open_stream(path, &how, TRACE_PAGE_SHIFT, &trace, &why);
    if (trace || status != VS_OK)
        trace_input_close(in);
    else
        status = trace_read_from(&(struct trace_from){.input = in}, &how, NULL, &trace, NULL, &why);
    return status == VS_OK ? load_trace_scenario(trace, path, o, out, errors)
                           : report(&why, path, status, errors);
}

/* The whole input, one byte more than a scenario may have at most; it is closed. */
static enum vs_status slurp(struct trace_input *in, struct input *whole, struct diag *why) {
    void *data = NULL;
    size_t cap = 0, got = 1;
    enum vs_status status = VS_OK;
    while (got > 0 && status == VS_OK && whole->size <= SCENARIO_BYTES_MAX) {
        if (!mem_grow(&data, &cap, whole->size + TRACE_CHUNK + 1, 1)) {
            status = VS_NOMEM;
            break;
        }
        status = trace_input_read(in, (char *)data + whole->size, TRACE_CHUNK, &got, why);
        if (status == VS_OK) whole->size += got;
    }
    trace_input_close(in);
    whole->data = data;
    if (status == VS_OK) whole->data[whole->size] = '\0';
    return status;
}

/* What cannot be read twice is looked at first, to see what it is: a trace is not held as text. */
static enum vs_status load_stream(const char *path, const struct scenario_options *o, struct scenario **out,
                                  struct diag_list *errors) {
    char folder[FOLDER_SIZE];
    struct trace_input *in = NULL;
    struct input whole = {NULL, 0};
    struct diag why = {.text = ""};
    const char *first = NULL;
    size_t size = 0;
    enum vs_status status = trace_input_open(path, NULL, 0, path, &in, &why);
    if (status != VS_OK) return report(&why, path, status, errors);
    status = trace_input_peek(in, TRACE_SNIFF, &first, &size, &why);
    if (status == VS_OK && is_trace(first, size, o)) return load_trace_input(in, path, o, out, errors);
    if (status == VS_OK)
        status = slurp(in, &whole, &why);
    else
        trace_input_close(in);
    folder_of(folder, path);
    if (status == VS_OK)
        status = scenario_load_memory(whole.data, whole.size, path, folder, o, out, errors);
    else
        report(&why, path, status, errors);
    free(whole.data);
    return status;
}

/* A folder, or nothing at all: input_read says so. */
static bool can_stream(const char *path) {
    struct stat st;
    return strcmp(path, "-") == 0 || (stat(path, &st) == 0 && !S_ISDIR(st.st_mode));
}

enum vs_status scenario_load_file(const char *path, const struct scenario_options *o, struct scenario **out,
                                  struct diag_list *errors) {
    struct input in = {NULL, 0};
    struct diag why = {.text = ""};
    *out = NULL;
    if (can_stream(path)) return load_stream(path, o, out, errors);
    enum vs_status status = input_read(path, 0, &in, &why);
    free(in.data);
    return report(&why, path, status == VS_OK ? VS_IO : status, errors);
}

const struct diag *scenario_trouble(const struct scenario *s) {
    const struct owned *owned = s->owned;
    const struct trace *t = owned->trace_count ? owned->trace[0] : NULL; /* a trace alone has one */
    return t && t->stream ? trace_stream_trouble(t->stream) : NULL;
}

/* ---- a machine at its start ---- */

enum vs_status scenario_machine(const struct scenario *s, struct machine **out, struct diag *why) {
    return machine_create(&s->config, s->steps, out, why);
}

const struct step_extra *scenario_extra(const struct scenario *s, const struct step *step) {
    return step->extra && step->extra < s->extra_count ? &s->extra[step->extra] : NULL;
}
