/* schema.c - libcyaml's tables and the lint pass's, both grown from schema.h. */
#include "scenario/schema.h"

#define NEEDED true
#define OPTIONAL false
#define FLAGS(need) (CYAML_FLAG_POINTER | ((need) ? CYAML_FLAG_DEFAULT : CYAML_FLAG_OPTIONAL))

/* ---- libcyaml's field tables ---- */
#define FIELD_SCALAR(T, member, key, what, need) \
    CYAML_FIELD_STRING_PTR(key, FLAGS(need), struct tree_##T, member, 0, CYAML_UNLIMITED),
#define FIELD_SCALARS(T, member, key, what, need) \
    CYAML_FIELD_SEQUENCE(key, FLAGS(need), struct tree_##T, member, &entry_scalar, 0, CYAML_UNLIMITED),
#define FIELD_MAP(T, member, key, what, need) \
    CYAML_FIELD_MAPPING_PTR(key, FLAGS(need), struct tree_##T, member, fields_##what),
#define FIELD_MAPS(T, member, key, what, need) \
    CYAML_FIELD_SEQUENCE(key, FLAGS(need), struct tree_##T, member, &entry_##what, 0, CYAML_UNLIMITED),
#define FIELD(T, shape, member, key, what, need) FIELD_##shape(T, member, key, what, need)
#define FIELDS(name, KEYS, title, lone) \
    static const cyaml_schema_field_t fields_##name[] = {KEYS(FIELD, name) CYAML_FIELD_END};
#define FIELD_COUNTER(name, title) \
    CYAML_FIELD_MAPPING_PTR(#name, FLAGS(OPTIONAL), struct tree_result, name, fields_count),
#define ENTRY(name) {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct tree_##name, fields_##name)}

static const cyaml_schema_value_t entry_scalar = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED)};
static const cyaml_schema_value_t entry_map_entry, entry_tlb_entry, entry_process, entry_program, entry_step;

MAPPINGS(FIELDS)
static const cyaml_schema_field_t fields_result[] = {
    COUNTERS(FIELD_COUNTER) KEYS_RESULT(FIELD, result) CYAML_FIELD_END};

static const cyaml_schema_value_t entry_map_entry = ENTRY(map_entry);
static const cyaml_schema_value_t entry_tlb_entry = ENTRY(tlb_entry);
static const cyaml_schema_value_t entry_process = ENTRY(process);
static const cyaml_schema_value_t entry_program = ENTRY(program);
static const cyaml_schema_value_t entry_step = ENTRY(step);

FIELDS(scenario, KEYS_SCENARIO, , )
const cyaml_schema_value_t schema_scenario = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct tree_scenario, fields_scenario)};

/* ---- the lint pass's key tables ---- */
#define KEY_SCALAR(key, what, need) {key, SHAPE_SCALAR, need, RULE_##what, NULL},
#define KEY_SCALARS(key, what, need) {key, SHAPE_SCALARS, need, RULE_##what, NULL},
#define KEY_MAP(key, what, need) {key, SHAPE_MAP, need, RULE_TEXT, &mapping_##what},
#define KEY_MAPS(key, what, need) {key, SHAPE_MAPS, need, RULE_TEXT, &mapping_##what},
#define KEY(T, shape, member, key, what, need) KEY_##shape(key, what, need)
#define KEY_END {NULL, SHAPE_SCALAR, false, RULE_TEXT, NULL}
#define KEY_COUNTER(name, title) KEY_MAP(#name, count, OPTIONAL)
#define MAPPING(name, KEYS, title, lone) \
    static const struct key keys_##name[] = {KEYS(KEY, name) KEY_END}; \
    const struct mapping mapping_##name = {title, keys_##name, lone};

MAPPINGS(MAPPING)
static const struct key keys_result[] = {COUNTERS(KEY_COUNTER) KEYS_RESULT(KEY, result) KEY_END};
const struct mapping mapping_result = {"the last expect", keys_result, NULL};
MAPPING(scenario, KEYS_SCENARIO, "the scenario", NULL)

const struct key *mapping_key(const struct mapping *m, const char *name) {
    for (const struct key *k = m->keys; k->name; k++)
        if (strcmp(k->name, name) == 0) return k;
    return NULL;
}

/* Decimal digits and the blank after them. */
static unsigned take_number(const char **s) {
    unsigned n = 0;
    while (**s >= '0' && **s <= '9') n = n * 10 + (unsigned)(*(*s)++ - '0');
    if (**s == ' ') (*s)++;
    return n;
}

struct value value_of(const char *raw) {
    struct value v = {0};
    if (!raw) return v;
    v.line = take_number(&raw);
    v.col = take_number(&raw);
    v.text = raw;
    return v;
}
