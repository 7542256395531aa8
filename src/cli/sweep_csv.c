/* sweep_csv.c - cells as CSV, and CSV files put together again (--merge).
 *
 *   policy,frames,tlb,accesses,...,tlb_misses[,METRIC][,seed][,sample,error][,shard,warmup,error]
 *
 * The columns in brackets are there when they say something. A file may hold several headers, as the
 * outputs of many commands in a row do. */
#include "cli/cli.h"
#include "vmscope/base/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINE_SIZE   1024
#define FIELDS_MAX  32

/* ---- writing ---- */

static void put_value(uint64_t value) {
    if (value == SWEEP_ABSENT) putchar(',');
    else printf(",%" PRIu64, value);
}

static bool has_shards(const struct sweep *s) { return s->in_shards || sweep_is_cut(s); }

static void put_header(const struct sweep *s) {
    fputs("policy,frames,tlb", stdout);
    for (unsigned i = 0; i < SWEEP_COLUMNS; i++) printf(",%s", sweep_column[i]);
    if (sweep_metric_at(s) == SWEEP_METRIC) printf(",%s", s->metric->name);
    if (s->with_seed) fputs(",seed", stdout);
    if (s->sample[0]) fputs(",sample,error", stdout);
    if (has_shards(s)) fputs(",shard,warmup,error", stdout);
    putchar('\n');
}

/* 2/8; the sum of all is 1-8/8. */
static void put_shard(const struct sweep *s, const struct sweep_cell *c) {
    printf(c->shard ? ",%" PRIu32 : ",1-%" PRIu32, c->shard ? c->shard : s->shards);
    printf("/%" PRIu32, s->shards);
    if (s->warmup == SWEEP_WARM_ALL) fputs(",all", stdout);
    else put_value(s->warmup);
    put_value(c->error);
}

static void put_cell(const struct sweep *s, const struct sweep_cell *c) {
    char shape[40];
    struct text t = text_in(shape, sizeof shape);
    sweep_shape_text(&t, c->tlb);
    printf("%s,%" PRIu32 ",%s", policy_table[c->policy]->name, c->frames, shape);
    for (unsigned i = 0; i < SWEEP_COLUMNS; i++) put_value(c->value[i]);
    if (sweep_metric_at(s) == SWEEP_METRIC) put_value(c->value[SWEEP_METRIC]);
    if (s->with_seed) put_value(c->seed);
    if (s->sample[0]) printf(",%s,%" PRIu64, s->sample, c->error);
    if (has_shards(s)) put_shard(s, c);
    putchar('\n');
}

static void print_csv(const struct sweep *s) {
    put_header(s);
    for (size_t i = 0; i < s->count; i++)
        if (s->cell[i].done) put_cell(s, &s->cell[i]);
}

const struct sweep_format sweep_csv = {.name = "csv", .help = "a header and one row a cell", .print = print_csv};

/* ---- reading ---- */

struct reader {
    struct sweep *sweep;
    const char *file;
    unsigned line;
    int column[FIELDS_MAX]; /* of each field: a value's index, or one of below */
    unsigned fields;        /* of the header; 0: none was read yet */
    bool metric_given;
    bool shard_given; /* a column of the header */
    int status;
};
enum { FIELD_POLICY = -1, FIELD_FRAMES = -2, FIELD_TLB = -3, FIELD_SEED = -4, FIELD_SAMPLE = -5, FIELD_ERROR = -6, FIELD_SHARD = -7,
       FIELD_WARMUP = -8, FIELD_UNKNOWN = -9 };

static bool bad(struct reader *r, const char *what, const char *field) {
    struct diag d;
    diag_set(&d, r->file, r->line, 0, "%s%s%s%s", what, field ? " '" : "", field ? field : "", field ? "'" : "");
    complain_diag(&d);
    r->status = EXIT_INPUT;
    return false;
}

/* Cut the line at its commas. Returns how many fields there are, 0 for too many. */
static unsigned cut(char *line, char *field[FIELDS_MAX]) {
    unsigned n = 0;
    char *comma;
    field[n++] = line;
    while ((comma = strchr(field[n - 1], ',')) != NULL) {
        if (n == FIELDS_MAX) return 0;
        *comma = '\0';
        field[n++] = comma + 1;
    }
    return n;
}

static int column_named(struct reader *r, const char *name) {
    static const struct { const char *name; int field; } fixed[] = {
        {"policy", FIELD_POLICY}, {"frames", FIELD_FRAMES}, {"tlb", FIELD_TLB},
        {"seed", FIELD_SEED},     {"sample", FIELD_SAMPLE}, {"error", FIELD_ERROR},
        {"shard", FIELD_SHARD},   {"warmup", FIELD_WARMUP}};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (strcmp(fixed[i].name, name) == 0) return fixed[i].field;
    for (int i = 0; i < SWEEP_COLUMNS; i++)
        if (strcmp(sweep_column[i], name) == 0) return i;
    const struct counter_info *more = counter_by_name(name);
    if (!more) return FIELD_UNKNOWN;
    if (sweep_metric_at(r->sweep) == SWEEP_METRIC && r->sweep->metric != more) return FIELD_UNKNOWN;
    if (!r->metric_given) r->sweep->metric = more;
    return r->sweep->metric == more ? SWEEP_METRIC : FIELD_UNKNOWN;
}

static bool read_header(struct reader *r, char *field[FIELDS_MAX], unsigned fields) {
    bool seen[3] = {false};
    r->shard_given = false;
    for (unsigned i = 0; i < fields; i++) {
        r->column[i] = column_named(r, field[i]);
        if (r->column[i] == FIELD_UNKNOWN) return bad(r, "a sweep has no column", field[i]);
        if (r->column[i] < 0 && r->column[i] >= FIELD_TLB) seen[-r->column[i] - 1] = true;
        r->sweep->with_seed |= r->column[i] == FIELD_SEED;
        r->shard_given |= r->column[i] == FIELD_SHARD;
    }
    r->fields = fields;
    return seen[0] && seen[1] && seen[2] ? true : bad(r, "the header lacks policy, frames or tlb", NULL);
}

static bool read_policy(struct reader *r, struct sweep_cell *c, const char *field) {
    for (unsigned i = 0; i < SWEEP_POLICIES_MAX && policy_table[i]; i++) {
        if (strcmp(policy_table[i]->name, field) != 0) continue;
        c->policy = i;
        return true;
    }
    return bad(r, "there is no policy", field);
}

static bool read_sample(struct reader *r, const char *field) {
    struct sweep *s = r->sweep;
    struct text t = text_in(s->sample, sizeof s->sample);
    if (s->sample[0] && strcmp(s->sample, field) != 0) return bad(r, "another line was sampled otherwise:", field);
    text_add(&t, field);
    return t.cut ? bad(r, "no sample:", field) : true;
}

/* All lines are of traces that were cut alike: of which the first tells. */
static bool read_shard(struct reader *r, struct sweep_cell *c, const char *field) {
    bool sum = strncmp(field, "1-", 2) == 0;
    uint32_t shards = 0;
    if (!sweep_shard_read(sum ? field + 2 : field, &c->shard, &shards) || (sum && c->shard != shards)) return bad(r, "no shard:", field);
    if (r->sweep->shards && r->sweep->shards != shards) return bad(r, "another line was cut into shards otherwise:", field);
    r->sweep->shards = shards;
    r->sweep->in_shards |= !sum;
    if (sum) c->shard = 0;
    return true;
}

/* A line without a shard is of all steps. */
static bool read_whole(struct reader *r) {
    if (r->sweep->shards > 1) return bad(r, "other lines are of shards, this one is not", NULL);
    r->sweep->shards = 1;
    return true;
}

static bool read_warmup(struct reader *r, const char *field) {
    uint64_t warmup = 0;
    if (!sweep_warmup_read(field, &warmup)) return bad(r, "no number of steps:", field);
    if (r->sweep->warmup_given && r->sweep->warmup != warmup) return bad(r, "another line was warmed up otherwise:", field);
    r->sweep->warmup = warmup;
    return r->sweep->warmup_given = true;
}

static bool read_field(struct reader *r, struct sweep_cell *c, int column, const char *field) {
    const char *why;
    uint64_t n = SWEEP_ABSENT;
    if (column == FIELD_POLICY) return read_policy(r, c, field);
    if (column == FIELD_SAMPLE) return read_sample(r, field);
    if (column == FIELD_SHARD) return read_shard(r, c, field);
    if (column == FIELD_WARMUP) return read_warmup(r, field);
    if (column == FIELD_TLB) return sweep_shape_read(field, &c->tlb) ? true : bad(r, "no TLB:", field);
    if (!parse_number(field, &n, &why) && (field[0] || (column < 0 && column != FIELD_ERROR))) return bad(r, "a number is needed, not", field);
    if (column == FIELD_FRAMES && (n < 1 || n >= UINT32_MAX)) return bad(r, "no number of frames:", field);
    if (column == FIELD_FRAMES) c->frames = (uint32_t)n;
    else if (column == FIELD_SEED) c->seed = n;
    else if (column == FIELD_ERROR) c->error = n;
    else c->value[column] = n;
    return true;
}

static bool read_row(struct reader *r, char *field[FIELDS_MAX], unsigned fields) {
    struct sweep_cell *c = sweep_add(r->sweep);
    if (!c) return bad(r, "out of memory", NULL);
    *c = (struct sweep_cell){.done = true};
    for (unsigned i = 0; i <= SWEEP_METRIC; i++) c->value[i] = SWEEP_ABSENT;
    if (fields != r->fields) return bad(r, "this line has more or fewer fields than the header", NULL);
    if (r->sweep->count > SWEEP_CELLS_MAX) return bad(r, "too many lines", NULL);
    for (unsigned i = 0; i < fields; i++)
        if (!read_field(r, c, r->column[i], field[i])) return false;
    return r->shard_given || read_whole(r);
}

static bool read_line(struct reader *r, char *line) {
    char *field[FIELDS_MAX];
    size_t n = strlen(line);
    r->line++;
    if (n > 0 && line[n - 1] == '\n') line[--n] = '\0';
    else if (n + 1 == LINE_SIZE) return bad(r, "the line is too long", NULL);
    if (n > 0 && line[n - 1] == '\r') line[--n] = '\0';
    if (n == 0) return true;
    unsigned fields = cut(line, field);
    if (fields == 0) return bad(r, "too many fields", NULL);
    if (strcmp(field[0], "policy") == 0) return read_header(r, field, fields);
    return r->fields ? read_row(r, field, fields) : bad(r, "this is no CSV of vmscope sweep: a header 'policy,frames,tlb,...' is missing", NULL);
}

static int read_file(struct sweep *s, const struct cli *c, const char *name) {
    struct reader r = {.sweep = s, .file = name, .metric_given = c->sweep.metric != NULL, .status = EXIT_GOOD};
    FILE *f = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
    char line[LINE_SIZE];
    if (!f) bad(&r, strerror(errno), NULL);
    while (f && r.status == EXIT_GOOD && fgets(line, sizeof line, f)) read_line(&r, line);
    if (f && ferror(f) && r.status == EXIT_GOOD) bad(&r, strerror(errno), NULL);
    if (f && r.status == EXIT_GOOD && !r.fields) bad(&r, "there is nothing in it", NULL);
    if (f && f != stdin) fclose(f);
    return r.status;
}

int sweep_merge(struct sweep *s, const struct cli *c) {
    int status = EXIT_GOOD;
    for (size_t i = 0; status == EXIT_GOOD && i < c->words; i++) status = read_file(s, c, c->word[i]);
    if (status == EXIT_GOOD) status = sweep_join_lines(s);
    return status == EXIT_GOOD && s->in_shards ? sweep_add_shards(s) : status;
}
