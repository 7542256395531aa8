/* lint.c - libyaml's events walked along the schema tables.
 *
 * libcyaml accepts `4K`, empty files and second documents, and forgets where a
 * value stood. So this pass comes first: it knows every key from the same
 * tables, reports each mistake as file:line:col with what was meant, and writes
 * the canonical form that libcyaml then loads (canon.h).
 *
 * Invariant: each lint_... function is entered with the first event of a node
 * in l->event and returns with its last one there. The recursion follows the
 * schema, which is six deep; what the schema does not know is skipped by a loop. */
#include "scenario/lint.h"

#include "scenario/input.h"
#include "scenario/operations.h"
#include "scenario/schema.h"
#include <yaml.h>

struct lint {
    yaml_parser_t parser;
    yaml_event_t event;
    bool have_event;
    const char *data; /* the text */
    size_t size;
    const char *file;
    struct diag_list *errors;
    bool failed;    /* an error was reported */
    bool fatal;     /* no more events can be had */
    unsigned depth; /* of open lists and mappings */
    struct lint_result *out;
};

/* ---- errors ---- */

#define complain(l, mark, ...)                                                                               \
    ((l)->failed = true,                                                                                     \
     diag_add((l)->errors, (l)->file, (unsigned)(mark).line + 1, (unsigned)(mark).column + 1, __VA_ARGS__))

/* Does a tab stand there? libyaml only calls it a character that cannot start a token. */
static bool tab_at(const struct lint *l, yaml_mark_t mark) {
    const char *p = l->data, *end = l->data + l->size;
    for (size_t line = 0; line < mark.line && p < end; line++) {
        const char *eol = memchr(p, '\n', (size_t)(end - p));
        p = eol ? eol + 1 : end;
    }
    while (mark.column > 0 && p < end && *p == ' ') p++, mark.column--;
    return mark.column == 0 && p < end && *p == '\t';
}

static void parser_error(struct lint *l) {
    const yaml_parser_t *p = &l->parser;
    l->fatal = true;
    if (p->error == YAML_MEMORY_ERROR) {
        l->out->canon.nomem = true;
        return;
    }
    const char *problem = p->problem ? p->problem : "it cannot be read";
    if (tab_at(l, p->problem_mark)) problem = "a tab stands here: indent with blanks";
    if (p->context && p->context_mark.line != p->problem_mark.line)
        complain(l, p->problem_mark, "not YAML: %s (%s that begins in line %u)", problem, p->context,
                 (unsigned)p->context_mark.line + 1);
    else
        complain(l, p->problem_mark, "not YAML: %s", problem);
}

/* libyaml spells !!int as "tag:yaml.org,2002:int"; other tags as the file does. */
static void refuse_tag(struct lint *l, const char *tag) {
    static const char prefix[] = "tag:yaml.org,2002:";
    bool standard = strncmp(tag, prefix, sizeof prefix - 1) == 0;
    complain(l, l->event.start_mark, "no tags (%s%s): a scenario's values need none; remove it",
             standard ? "!!" : "", standard ? tag + sizeof prefix - 1 : tag);
}

/* Features of YAML that a scenario does without. */
static void refuse_features(struct lint *l) {
    const yaml_event_t *e = &l->event;
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (e->type == YAML_SCALAR_EVENT) anchor = e->data.scalar.anchor, tag = e->data.scalar.tag;
    if (e->type == YAML_SEQUENCE_START_EVENT)
        anchor = e->data.sequence_start.anchor, tag = e->data.sequence_start.tag;
    if (e->type == YAML_MAPPING_START_EVENT)
        anchor = e->data.mapping_start.anchor, tag = e->data.mapping_start.tag;
    if (e->type == YAML_ALIAS_EVENT)
        complain(l, e->start_mark, "no aliases (*%s): write the value out here",
                 (const char *)e->data.alias.anchor);
    if (anchor)
        complain(l, e->start_mark, "no anchors (&%s): write the value out where it is needed",
                 (const char *)anchor);
    if (tag) refuse_tag(l, (const char *)tag);
}

/* The next event into l->event. False: the text is not YAML, or too deep. */
static bool next(struct lint *l) {
    if (l->fatal) return false;
    if (l->have_event) yaml_event_delete(&l->event);
    l->have_event = false;
    if (!yaml_parser_parse(&l->parser, &l->event)) {
        parser_error(l);
        return false;
    }
    l->have_event = true;
    yaml_event_type_t type = l->event.type;
    refuse_features(l);
    if (type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT) l->depth--;
    if (type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT) l->depth++;
    if (l->depth > YAML_DEPTH_MAX) {
        complain(l, l->event.start_mark, "nested more than %d levels deep: a scenario needs fewer than 10",
                 YAML_DEPTH_MAX);
        l->fatal = true;
    }
    return !l->fatal;
}

static bool advance(struct lint *l, int events) {
    while (events-- > 0)
        if (!next(l)) return false;
    return true;
}

/* To the last event of the node that begins here. False: no more events. */
static bool skip(struct lint *l) {
    yaml_event_type_t type = l->event.type;
    if (type != YAML_SEQUENCE_START_EVENT && type != YAML_MAPPING_START_EVENT) return true;
    for (unsigned outside = l->depth - 1; l->depth > outside;)
        if (!next(l)) return false;
    return true;
}

static const char *what_stands(const yaml_event_t *e) {
    if (e->type == YAML_SEQUENCE_START_EVENT) return "a list";
    if (e->type == YAML_MAPPING_START_EVENT) return "a mapping";
    return e->data.scalar.length == 0 ? "empty" : "a single value";
}

/* The node has another shape than its key wants: say so, and pass over it. */
static void wrong_shape(struct lint *l, const char *name, const char *wanted) {
    if (l->event.type == YAML_ALIAS_EVENT) return;
    yaml_mark_t at = l->event.start_mark;
    const char *found = what_stands(&l->event);
    if (skip(l)) complain(l, at, "%s must be %s, and this is %s", name, wanted, found);
}

/* ---- scalars ---- */

static void lint_scalar(struct lint *l, const char *name, enum value_rule rule) {
    char shape[128], buf[400];
    if (l->event.type != YAML_SCALAR_EVENT) {
        struct text t = text_in(shape, sizeof shape);
        text_addf(&t, "%s, such as %s", rule_noun(rule), rule_example(rule));
        wrong_shape(l, name, shape);
        return;
    }
    const char *s = (const char *)l->event.data.scalar.value;
    size_t n = l->event.data.scalar.length;
    yaml_mark_t at = l->event.start_mark;
    struct text why = text_in(buf, sizeof buf);
    if (n == 0)
        complain(l, at, "%s has no value: write %s, such as %s", name, rule_noun(rule), rule_example(rule));
    else if (!scalar_is_text(s, n, rule == RULE_TEXT || rule == RULE_PAGES))
        complain(l, at, "%s holds a control character or a line end: only printable text is allowed", name);
    else if (!value_check(rule, s, &why))
        complain(l, at, "%s: %s", name, buf);
    canon_scalar(&l->out->canon, (unsigned)at.line + 1, (unsigned)at.column + 1, s, n);
}

/* ---- mappings ---- */

/* Keys of one mapping as they come. */
struct seen {
    struct {
        const struct key *key;
        yaml_mark_t at;
    } item[MAPPING_KEYS_MAX];
    size_t count;
    yaml_mark_t start;
    bool unknown; /* one of them is not known, and was reported */
};

static void lint_value(struct lint *l, const struct key *k);

static void unknown_key(struct lint *l, const struct mapping *m, const char *name) {
    const char *names[MAPPING_KEYS_MAX + 1] = {NULL};
    char buf[300], word[QUOTE_SIZE];
    struct text t = text_in(buf, sizeof buf);
    bool full = l->errors && l->errors->count == DIAGS_MAX; /* it will only be counted */
    for (size_t i = 0; !full && i < MAPPING_KEYS_MAX && m->keys[i].name; i++) names[i] = m->keys[i].name;
    const char *near = suggest(name, names);
    if (near)
        text_addf(&t, "did you mean '%s'?", near);
    else
        for (const struct key *k = m->keys; k->name; k++)
            text_addf(&t, "%s%s", k == m->keys ? "it takes " : ", ", k->name);
    complain(l, l->event.start_mark, "unknown key %s in %s: %s", quoted(word, name), m->what, buf);
}

/* The key in l->event as one of the table, or NULL where its value must be skipped. */
static const struct key *lint_key(struct lint *l, const struct mapping *m, struct seen *seen) {
    if (l->event.type != YAML_SCALAR_EVENT) {
        wrong_shape(l, "a key", "a word");
        return NULL;
    }
    const char *name = (const char *)l->event.data.scalar.value;
    const struct key *k = strlen(name) == l->event.data.scalar.length ? mapping_key(m, name) : NULL;
    if (!k) {
        unknown_key(l, m, name);
        seen->unknown = true;
        return NULL;
    }
    for (size_t i = 0; i < seen->count; i++)
        if (seen->item[i].key == k) {
            complain(l, l->event.start_mark, "'%s' is here twice: it was given in line %u already", k->name,
                     (unsigned)seen->item[i].at.line + 1);
            return NULL;
        }
    seen->item[seen->count].key = k;
    seen->item[seen->count++].at = l->event.start_mark;
    return k;
}

static bool was_seen(const struct seen *seen, const char *name) {
    for (size_t i = 0; i < seen->count; i++)
        if (strcmp(seen->item[i].key->name, name) == 0) return true;
    return false;
}

static void check_needed(struct lint *l, const struct mapping *m, const struct seen *seen) {
    for (const struct key *k = m->keys; k->name; k++)
        if (k->needed && !was_seen(seen, k->name))
            complain(l, seen->start, "'%s' is missing: %s needs it, as in '%s: %s'", k->name, m->what,
                     k->name, k->shape == SHAPE_MAPS ? "[{read: heap}]" : rule_example(k->rule));
}

/* A modifier that the operation does not take, or a second operation. */
static void check_modifier(struct lint *l, const struct operation *op, const char *name, yaml_mark_t at) {
    char takes[200];
    struct text t = text_in(takes, sizeof takes);
    if (operation_by_name(name)) {
        complain(l, at, "a step does one thing: '%s' and '%s' are two steps, each on a line of its own",
                 op->name, name);
    } else if (!operation_takes(op, name)) {
        operation_takes_list(&t, op);
        complain(l, at, "'%s' takes no '%s': it takes %s", op->name, name, takes);
    }
}

static void check_step(struct lint *l, const struct seen *seen) {
    const struct operation *op = NULL;
    char buf[200];
    struct text t = text_in(buf, sizeof buf);
    for (size_t i = 0; i < seen->count && !op; i++) op = operation_by_name(seen->item[i].key->name);
    if (!op && seen->unknown) return;
    if (!op) {
        operation_list(&t);
        complain(l, seen->start, "this step does nothing: it needs one of %s", buf);
        return;
    }
    for (size_t i = 0; i < seen->count; i++)
        if (strcmp(seen->item[i].key->name, op->name) != 0)
            check_modifier(l, op, seen->item[i].key->name, seen->item[i].at);
    if (op->needs && !was_seen(seen, op->needs))
        complain(l, seen->start, "'%s' needs '%s'", op->name, op->needs);
}

static void lint_pairs(struct lint *l, const struct mapping *m, struct seen *seen) {
    while (next(l) && l->event.type != YAML_MAPPING_END_EVENT) {
        bool first = seen->count == 0;
        const struct key *k = lint_key(l, m, seen);
        if (!next(l)) return;
        if (k) {
            canon_key(&l->out->canon, k->name, first);
            lint_value(l, k);
        } else if (!skip(l)) {
            return;
        }
    }
}

static void lint_mapping(struct lint *l, const char *name, const struct mapping *m) {
    struct seen seen = {.start = l->event.start_mark};
    if (l->event.type == YAML_SCALAR_EVENT && m->lone && l->event.data.scalar.length > 0) {
        canon_raw(&l->out->canon, "{", 1);
        canon_key(&l->out->canon, m->lone, true);
        lint_scalar(l, name, mapping_key(m, m->lone)->rule);
        canon_raw(&l->out->canon, "}", 1);
    } else if (l->event.type != YAML_MAPPING_START_EVENT) {
        wrong_shape(l, name, "a mapping, with lines of 'key: value'");
    } else {
        canon_raw(&l->out->canon, "{", 1);
        lint_pairs(l, m, &seen);
        canon_raw(&l->out->canon, "}", 1);
        if (l->fatal) return;
        check_needed(l, m, &seen);
        if (m == &mapping_step) check_step(l, &seen);
    }
}

/* ---- lists ---- */

static void lint_list(struct lint *l, const struct key *k) {
    bool first = true;
    if (l->event.type != YAML_SEQUENCE_START_EVENT) {
        wrong_shape(l, k->name, "a list, in [brackets] or with a line '- ...' for each entry");
        return;
    }
    yaml_mark_t start = l->event.start_mark;
    canon_raw(&l->out->canon, "[", 1);
    for (; next(l) && l->event.type != YAML_SEQUENCE_END_EVENT; first = false) {
        canon_raw(&l->out->canon, first ? "\n" : ",\n", first ? 1 : 2);
        l->out->entries++;
        if (k->shape == SHAPE_MAPS)
            lint_mapping(l, k->map->what, k->map);
        else
            lint_scalar(l, k->name, k->rule);
    }
    canon_raw(&l->out->canon, "]", 1);
    if (first && !l->fatal && (k->needed || k->shape == SHAPE_SCALARS))
        complain(l, start, "%s is empty: it needs at least one entry%s", k->name,
                 k->needed ? "" : ", or leave it out");
}

static void lint_value(struct lint *l, const struct key *k) {
    if (k->shape == SHAPE_SCALAR)
        lint_scalar(l, k->name, k->rule);
    else if (k->shape == SHAPE_MAP)
        lint_mapping(l, k->name, k->map);
    else
        lint_list(l, k);
}

/* ---- the document ---- */

#define BEGINNING "a scenario begins with 'version: 1', 'title: ...' and has 'steps:'"

static bool is_empty(const struct lint *l) {
    return l->event.type == YAML_STREAM_END_EVENT ||
           (l->event.type == YAML_SCALAR_EVENT && l->event.data.scalar.length == 0);
}

/* From the stream's start to its end: one document, one mapping. */
static void lint_stream(struct lint *l) {
    if (!advance(l, 2)) return;
    if (l->event.type == YAML_DOCUMENT_START_EVENT && !next(l)) return;
    if (is_empty(l))
        complain(l, ((yaml_mark_t){0, 0, 0}), "the file is empty: " BEGINNING);
    else if (l->event.type != YAML_MAPPING_START_EVENT)
        complain(l, l->event.start_mark, "this is not a scenario: " BEGINNING);
    if (l->failed) return;
    lint_mapping(l, "the scenario", &mapping_scenario);
    if (!advance(l, 2)) return;
    if (l->event.type != YAML_STREAM_END_EVENT)
        complain(l, l->event.start_mark, "a second document begins here: a scenario is one document");
}

enum vs_status lint_document(const char *data, size_t size, const char *file, struct diag_list *errors,
                             struct lint_result *out) {
    struct lint l = {.data = data, .size = size, .file = file, .errors = errors, .out = out};
    bool mark =
        size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0; /* of the byte order: some editors write it */
    if (!yaml_parser_initialize(&l.parser)) return VS_NOMEM;
    yaml_parser_set_encoding(&l.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&l.parser, (const unsigned char *)data + (mark ? 3 : 0),
                                 size - (mark ? 3 : 0));
    lint_stream(&l);
    if (l.have_event) yaml_event_delete(&l.event);
    yaml_parser_delete(&l.parser);
    if (l.failed) return VS_BAD_INPUT;
    return out->canon.nomem ? VS_NOMEM : VS_OK;
}
