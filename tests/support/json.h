/* json.h - reading JSON lines in tests: published facts, one record a line.
 *
 * JSON is YAML, so libyaml does the reading. A struct json points into its
 * file and is copied freely; what is absent is a value too (JSON_ABSENT) that
 * every function takes, so that look-ups can be chained.
 */
#ifndef VMSCOPE_TESTS_JSON_H
#define VMSCOPE_TESTS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A word is a number, true or false. */
enum json_kind { JSON_ABSENT, JSON_NULL, JSON_WORD, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
    void *doc;
    void *node;
};

struct json_file; /* the records of one file */

/* The file's lines; fails the running test (with a reason) when it cannot be read. */
struct json_file *json_load(const char *path);
void json_free(struct json_file *f);
size_t json_count(const struct json_file *f);
struct json json_record(const struct json_file *f, size_t i);

enum json_kind json_kind(struct json v);
struct json json_get(struct json object, const char *key);
struct json json_at(struct json array, size_t i);
size_t json_length(struct json array);                                 /* of an object: its pairs */
struct json json_pair(struct json object, size_t i, const char **key); /* the i-th value, and its key */

const char *json_text(struct json v);                 /* of a string or word; NULL: anything else */
bool json_is(struct json v, const char *text);        /* a string or word that reads so */
uint64_t json_number(struct json v, uint64_t absent); /* decimal or "0x..."; `absent` when there is none */

#endif
