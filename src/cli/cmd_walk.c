/* cmd_walk.c - vmscope walk: addresses through page tables that are given.
 *
 * For whoever debugs tables of their own: the words come from a file, the
 * registers from options, and each address is walked by the very code that the
 * simulated processor uses. A fault is an answer, so it ends with status 0.
 */
#include "cli/cli.h"
#include "cli/output.h"
#include "scenario/input.h"
#include "vmscope/base/memory.h"

#include <sys/stat.h>

#define MEMORY_FILE_MAX ((size_t)256 << 20)
#define SPARSE_SHIFT    6    /* small pages: the words of a hostile file may lie far apart */
#define READS_MAX       4096 /* words of one walk; only a chain of an inverted table can be long */

const struct walk_format *const walk_format_table[] = {&walk_text, &walk_json, NULL};

/* ---- the memory file ---- */

static int tell(const char *name, enum vs_status status, const struct diag_list *errors) {
    complain_list(errors);
    if (!errors->count) complain("%s: %s", name, status_name(status));
    return EXIT_INPUT;
}

static enum vs_status load_memory(const struct walk_setup *s, const char *name, struct diag_list *errors) {
    struct input in = {NULL, 0};
    struct stat st;
    if (stat(name, &st) == 0 && S_ISDIR(st.st_mode)) {
        diag_add(errors, name, 0, 0, "it is a directory: name a memory file in it");
        return VS_IO;
    }
    struct diag why = {.text = ""};
    enum vs_status status = input_read(name, MEMORY_FILE_MAX, &in, &why);
    if (status == VS_IO) diag_add(errors, why.file, 0, 0, "%s", why.text);
    if (status != VS_OK) return status;
    if (in.size > MEMORY_FILE_MAX) {
        diag_add(errors, name, 0, 0, "it is larger than a memory file may be (256 MiB)");
        status = VS_LIMIT;
    } else {
        status = walk_memory_parse(in.data, in.size, name, s->format.pte_bytes, s->ram, errors);
    }
    free(in.data);
    return status;
}

/* ---- the addresses ---- */

/* The words of the command line as numbers; NULL after a message. */
static vaddr_t *read_addresses(const struct cli *c) {
    char phrase[200];
    vaddr_t *va = mem_zalloc(c->words, sizeof *va);
    for (size_t i = 0; va && i < c->words; i++) {
        struct text why = text_in(phrase, sizeof phrase);
        if (walk_read_address(c->word[i], &va[i], &why)) continue;
        complain("'%s' is no virtual address: %s.", c->word[i], phrase);
        free(va);
        return NULL;
    }
    if (!va) complain("out of memory");
    return va;
}

/* ---- one walk ---- */

/* Keep the words that the last level read. False: no memory, or no end. */
static bool keep_reads(struct walked *k) {
    void *read = k->read;
    bool room = k->w.reads <= READS_MAX && mem_grow(&read, &k->cap, k->w.reads, sizeof *k->read);
    k->read = read;
    while (room && k->reads < k->w.reads) {
        size_t at = k->reads < WALK_READS_MAX ? k->reads : WALK_READS_MAX - 1;
        k->read[k->reads++] = k->w.read[at];
    }
    return room;
}

static enum vs_status write_back(struct walked *k, const struct walk_setup *s) {
    enum vs_status status = VS_OK;
    struct walk_write *next = &k->write[k->writes];
    while (status == VS_OK && k->w.leaf && k->writes < WALK_WRITES_MAX &&
           walk_next_write(&k->w, &s->format, next)) {
        status = walk_write(&k->w, &s->format, s->ram, next);
        next = &k->write[++k->writes];
    }
    return status;
}

/* The memory is as given again, for the next address. */
static void take_back(const struct walked *k, const struct walk_setup *s) {
    for (size_t i = k->writes; i-- > 0;)
        ram_write(s->ram, k->write[i].addr, s->format.pte_bytes, k->write[i].old);
}

static enum vs_status walk_one(struct walked *k, const struct walk_setup *s, vaddr_t va) {
    k->reads = k->writes = 0;
    walk_begin(&k->w, &s->format, &s->regs, va, s->access, s->user);
    while (!k->w.done) {
        walk_level(&k->w, &s->format, s->ram);
        if (!keep_reads(k)) return k->w.reads > READS_MAX ? VS_LIMIT : VS_NOMEM;
    }
    return write_back(k, s);
}

static int walk_all(const struct walk_setup *s, const struct cli *c, const vaddr_t *va) {
    struct walked k = {.read = NULL};
    enum vs_status status = VS_OK;
    c->walk_format->begin(s);
    for (size_t i = 0; status == VS_OK && i < c->words && !output_stopped(); i++) {
        status = walk_one(&k, s, va[i]);
        if (status == VS_OK) c->walk_format->one(s, &k, i);
        take_back(&k, s);
    }
    c->walk_format->end();
    free(k.read);
    if (status == VS_OK) return EXIT_GOOD;
    complain(status == VS_LIMIT ? "a walk without end: the chain that it follows has more than 4096 entries"
                                : "out of memory");
    return EXIT_INPUT;
}

int cmd_walk(const struct cli *c) {
    struct walk_setup s;
    struct diag_list errors = {.count = 0};
    if (!walk_setup_from(&s, c)) return EXIT_USAGE;
    vaddr_t *va = read_addresses(c);
    if (!va) return EXIT_USAGE;
    output_begin();
    s.ram = ram_create_sparse(SPARSE_SHIFT, s.ram_low, s.ram_high);
    enum vs_status status = s.ram ? load_memory(&s, c->walk.memory, &errors) : VS_NOMEM;
    int end = status == VS_OK ? walk_all(&s, c, va) : tell(c->walk.memory, status, &errors);
    ram_free(s.ram);
    free(va);
    return end;
}
