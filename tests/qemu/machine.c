/* machine.c - the memory image, and QEMU's life around it.
 *
 * The image is one file that QEMU copies to PROBE_BASE before it starts there. QEMU opens it
 * by name, so it has one until machine_end().
 */
#include "machine.h"
#include "probe.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECONDS "60" /* a machine that hangs is ended after so many */

static char image_path[64];

uint32_t stored_value(size_t i) { return (uint32_t)i << 7 | 0x2b; } /* custom-1: as unknown as a target's words */

bool machine_there(const struct machine *m) {
    char command[128];
    snprintf(command, sizeof command, "%s --version > /dev/null 2>&1", m->program);
    return system(command) == 0;
}

/* ---- the image ---- */

struct image {
    uint8_t byte[PROBE_PAGES];
};

static void put(struct image *image, uint32_t offset, const void *bytes, size_t count) {
    memcpy(&image->byte[offset], bytes, count);
}

static uint64_t address_of(uint32_t offset) { return PROBE_BASE + offset; }

/* The watched pages of each tree: the targets and its tables. Returns how many in all; first[t]
 * is where tree t's begin. A page has one shadow, also when several trees watch it. */
static size_t put_watched(struct image *image, const struct plan *p, size_t first[TREES_MAX + 1]) {
    size_t n = 0;
    for (size_t t = 0; t < p->trees; t++) {
        first[t] = n;
        for (size_t i = 0; i < TARGETS + p->tree[t].tables; i++, n++) {
            size_t shadow = i < TARGETS ? i : TARGETS + t * TREE_TABLES + (i - TARGETS);
            paddr_t page = i < TARGETS ? p->target[i] : p->tree[t].table[i - TARGETS].at;
            struct probe_watch w = {page, address_of(PROBE_SHADOWS) + shadow * 4096};
            put(image, (uint32_t)(PROBE_WATCHED + n * sizeof w), &w, sizeof w);
        }
    }
    first[p->trees] = n;
    return n;
}

static uint64_t satp_of(const struct access *a) {
    static const struct {
        const char *format;
        uint64_t mode;
    } modes[] = {{"sv32", UINT64_C(1) << 31}, {"sv39", UINT64_C(8) << 60}, {"sv48", UINT64_C(9) << 60},
                 {"sv57", UINT64_C(10) << 60}};
    size_t i = 0;
    while (strcmp(modes[i].format, a->tree->format->name) != 0) i++;
    return modes[i].mode | a->root >> 12;
}

static uint64_t mstatus_of(const struct access *a) {
    return (a->op == ACCESS_FETCH ? 0 : MSTATUS_MPRV) | (a->user ? 0 : MSTATUS_MPP_S) |
           (a->mode & MODE_SUM ? MSTATUS_SUM : 0) | (a->mode & MODE_MXR ? MSTATUS_MXR : 0);
}

static void put_requests(struct image *image, const struct plan *p, const size_t first[TREES_MAX + 1]) {
    for (size_t i = 0; i < p->accesses; i++) {
        const struct access *a = &p->access[i];
        size_t t = (size_t)(a->tree - p->tree);
        struct probe_request r = {satp_of(a), a->va, a->op, mstatus_of(a), stored_value(i),
                                  address_of(PROBE_WATCHED) + first[t] * sizeof(struct probe_watch),
                                  first[t + 1] - first[t], 0};
        put(image, (uint32_t)(PROBE_REQUESTS + i * sizeof r), &r, sizeof r);
    }
}

static void put_tables(struct image *image, const struct plan *p) {
    size_t words = (size_t)TREE_TABLES * p->trees * 1024;
    for (uint32_t i = 0; i < words; i++) {
        uint32_t word = (uint32_t)ram_read(p->ram, address_of(PROBE_TABLES + 4 * i), 4);
        put(image, PROBE_TABLES + 4 * i, &word, sizeof word);
    }
}

static bool fill_image(struct image *image, const struct machine *m, const struct plan *p) {
    uint32_t code[PROBE_HEADER / 4];
    size_t words = probe_program(m->rv64, code, PROBE_HEADER / 4), first[TREES_MAX + 1];
    struct probe_header header = {p->accesses, TARGETS, put_watched(image, p, first), m->rv64 ? 60 : 28};
    put(image, 0, code, 4 * words);
    put(image, PROBE_HEADER, &header, sizeof header);
    put(image, PROBE_TARGETS, p->target, sizeof p->target);
    put_requests(image, p, first);
    put_tables(image, p);
    return words > 0;
}

static bool write_image(const struct image *image) {
    snprintf(image_path, sizeof image_path, "/tmp/vmscope-qemu-XXXXXX");
    int fd = mkstemp(image_path);
    if (fd < 0) return false;
    bool good = write(fd, image->byte, sizeof image->byte) == (ssize_t)sizeof image->byte;
    return close(fd) == 0 && good;
}

/* ---- the run ---- */

static FILE *start(const struct machine *m) {
    char command[512];
    snprintf(command, sizeof command,
             "exec timeout " SECONDS " %s -machine virt -cpu %s -m 128M -bios none -display none -monitor none "
             "-serial stdio -device loader,file=%s,addr=0x80000000,force-raw=on < /dev/null",
             m->program, m->cpu, image_path);
    return popen(command, "r");
}

FILE *machine_start(const struct machine *m, const struct plan *p) {
    struct image *image = calloc(1, sizeof *image);
    bool good = image && fill_image(image, m, p) && write_image(image);
    free(image);
    FILE *qemu = good ? start(m) : NULL;
    if (!qemu) perror("test-qemu: cannot make the memory image, or start QEMU");
    return qemu;
}

bool machine_end(FILE *qemu) {
    int status = pclose(qemu);
    unlink(image_path);
    return status == 0;
}

/* ---- what it tells ---- */

static bool number(char **at, uint64_t *out) {
    char *end;
    *out = strtoull(*at, &end, 16);
    bool there = end != *at;
    *at = end;
    return there;
}

bool machine_next(FILE *qemu, struct outcome *out) {
    char line[1024], *at = line;
    uint64_t value, pa, word;
    memset(out, 0, sizeof *out);
    if (!fgets(line, sizeof line, qemu)) return false;
    if (!number(&at, &out->cause) || !number(&at, &out->tval) || !number(&at, &value)) return false;
    out->value = (uint32_t)value;
    for (; number(&at, &pa) && number(&at, &word); out->changes++)
        if (out->changes < CHANGES_MAX) out->change[out->changes] = (struct change){pa, (uint32_t)word};
    return true;
}
