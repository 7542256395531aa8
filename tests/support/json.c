/* json.c - reading JSON lines in tests; see json.h. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct json_file {
    yaml_document_t *record;
    size_t count;
};

static void add_record(struct json_file *f, const char *path, const char *line, size_t length) {
    f->record = realloc(f->record, (f->count + 1) * sizeof *f->record);
    if (!f->record) fail_msg("%s: no memory", path);
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) fail_msg("%s: no memory", path);
    yaml_parser_set_input_string(&parser, (const unsigned char *)line, length);
    if (!yaml_parser_load(&parser, &f->record[f->count]))
        fail_msg("%s: record %zu: %s", path, f->count + 1, parser.problem ? parser.problem : "not JSON");
    yaml_parser_delete(&parser);
    f->count++;
}

struct json_file *json_load(const char *path) {
    FILE *in = fopen(path, "r");
    if (!in) fail_msg("%s: %s (tests run in the project's folder)", path, strerror(errno));
    struct json_file *f = calloc(1, sizeof *f);
    if (!f) fail_msg("%s: no memory", path);
    char *line = NULL;
    size_t size = 0;
    for (ssize_t n; (n = getline(&line, &size, in)) > 0;)
        if (line[0] == '{') add_record(f, path, line, (size_t)n);
    free(line);
    fclose(in);
    return f;
}

void json_free(struct json_file *f) {
    for (size_t i = 0; i < f->count; i++) yaml_document_delete(&f->record[i]);
    free(f->record);
    free(f);
}

size_t json_count(const struct json_file *f) { return f->count; }

struct json json_record(const struct json_file *f, size_t i) {
    return (struct json){&f->record[i], yaml_document_get_root_node(&f->record[i])};
}

static struct json value(struct json in, int index) {
    return (struct json){in.doc, yaml_document_get_node(in.doc, index)};
}

static const struct json absent_value = {NULL, NULL};

enum json_kind json_kind(struct json v) {
    const yaml_node_t *n = v.node;
    if (!n) return JSON_ABSENT;
    if (n->type == YAML_SEQUENCE_NODE) return JSON_ARRAY;
    if (n->type == YAML_MAPPING_NODE) return JSON_OBJECT;
    if (n->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) return JSON_STRING;
    return strcmp((const char *)n->data.scalar.value, "null") == 0 ? JSON_NULL : JSON_WORD;
}

struct json json_pair(struct json object, size_t i, const char **key) {
    if (json_kind(object) != JSON_OBJECT || i >= json_length(object)) return absent_value;
    const yaml_node_pair_t *pair = &((yaml_node_t *)object.node)->data.mapping.pairs.start[i];
    *key = json_text(value(object, pair->key));
    return value(object, pair->value);
}

struct json json_get(struct json object, const char *key) {
    const char *name = NULL;
    for (size_t i = 0; json_kind(object) == JSON_OBJECT && i < json_length(object); i++) {
        struct json v = json_pair(object, i, &name);
        if (name && strcmp(name, key) == 0) return v;
    }
    return absent_value;
}

struct json json_at(struct json array, size_t i) {
    if (json_kind(array) != JSON_ARRAY || i >= json_length(array)) return absent_value;
    return value(array, ((yaml_node_t *)array.node)->data.sequence.items.start[i]);
}

size_t json_length(struct json v) {
    const yaml_node_t *n = v.node;
    ptrdiff_t length = 0;
    if (json_kind(v) == JSON_ARRAY) length = n->data.sequence.items.top - n->data.sequence.items.start;
    if (json_kind(v) == JSON_OBJECT) length = n->data.mapping.pairs.top - n->data.mapping.pairs.start;
    return (size_t)length;
}

const char *json_text(struct json v) {
    enum json_kind kind = json_kind(v);
    if (kind != JSON_STRING && kind != JSON_WORD) return NULL;
    return (const char *)((yaml_node_t *)v.node)->data.scalar.value;
}

bool json_is(struct json v, const char *text) {
    const char *s = json_text(v);
    return s && strcmp(s, text) == 0;
}

uint64_t json_number(struct json v, uint64_t absent) {
    const char *s = json_text(v);
    if (!s) return absent;
    char *end = NULL;
    int base = s[0] == '0' && s[1] == 'x' ? 16 : 10;
    errno = 0;
    uint64_t number = strtoull(s, &end, base);
    return errno || end == s || *end ? absent : number;
}
