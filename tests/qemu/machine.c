/* machine.c - the memory image, and QEMU's life around it.
 *
 * The image is one file that QEMU opens by name, so it has one until machine_end().
 */
#include "machine.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char image_path[64];

bool machine_there(const struct machine *m) {
    char command[128];
    snprintf(command, sizeof command, "%s --version > /dev/null 2>&1", m->program);
    return system(command) == 0;
}

/* ---- the image ---- */

void image_put(struct image *image, const struct arch *arch, paddr_t at, const void *bytes, size_t count) {
    memcpy(&image->byte[at - arch->base], bytes, count);
}

/* The watched pages of each tree: the targets and its tables. A page has one shadow, also when
 * several trees watch it. */
static void put_watched(struct image *image, const struct arch *arch, const struct plan *p,
                        size_t first[TREES_MAX + 1]) {
    size_t n = 0;
    for (size_t t = 0; t < p->trees; t++) {
        first[t] = n;
        for (size_t i = 0; i < TARGETS + p->tree[t].tables; i++, n++) {
            size_t shadow = i < TARGETS ? i : TARGETS + t * TREE_TABLES + (i - TARGETS);
            paddr_t page = i < TARGETS ? p->target[i] : p->tree[t].table[i - TARGETS].at;
            struct watched w = {arch->probe_address ? arch->probe_address(page) : page,
                                    arch->shadows + shadow * 4096};
            image_put(image, arch, arch->watched + n * sizeof w, &w, sizeof w);
        }
    }
    first[p->trees] = n;
}

static void put_tables(struct image *image, const struct arch *arch, const struct plan *p) {
    for (paddr_t at = 0; at < (paddr_t)p->trees * TREE_TABLES << PAGE_SHIFT; at += 4) {
        uint32_t word = (uint32_t)ram_read(p->ram, p->entries->tables + at, 4);
        image_put(image, arch, p->entries->tables + at, &word, sizeof word);
    }
}

static bool fill_image(struct image *image, const struct machine *m, const struct plan *p) {
    size_t first[TREES_MAX + 1];
    put_watched(image, m->arch, p, first);
    put_tables(image, m->arch, p);
    return m->arch->fill(image, m, p, first);
}

static bool write_image(const struct image *image) {
    snprintf(image_path, sizeof image_path, "/tmp/vmscope-qemu-XXXXXX");
    int fd = mkstemp(image_path);
    if (fd < 0) return false;
    bool good = write(fd, image->byte, sizeof image->byte) == (ssize_t)sizeof image->byte;
    return close(fd) == 0 && good;
}

/* ---- the run ---- */

FILE *machine_start(const struct machine *m, const struct plan *p) {
    char command[2048];
    struct image *image = calloc(1, sizeof *image);
    bool good = image && fill_image(image, m, p) && write_image(image);
    free(image);
    if (good) m->arch->command(m, image_path, command, sizeof command);
    FILE *qemu = good ? popen(command, "r") : NULL;
    if (!qemu) perror("test-qemu: cannot make the memory image, or start QEMU");
    return qemu;
}

bool machine_end(const struct machine *m, FILE *qemu) {
    int status = pclose(qemu);
    unlink(image_path);
    return WIFEXITED(status) && WEXITSTATUS(status) == m->arch->status;
}

/* ---- what it tells ---- */

static bool number(char **at, uint64_t *out) {
    char *end;
    *out = strtoull(*at, &end, 16);
    bool there = end != *at;
    *at = end;
    return there;
}

bool machine_next(const struct machine *m, FILE *qemu, struct outcome *out) {
    char line[2048], *at = line;
    uint64_t value, pa, word;
    memset(out, 0, sizeof *out);
    if (!fgets(line, sizeof line, qemu)) return false;
    if (!number(&at, &out->cause) || !number(&at, &out->tval) || !number(&at, &value)) return false;
    out->value = (uint32_t)value;
    for (; number(&at, &pa) && number(&at, &word); out->changes++) {
        if (m->arch->physical) pa = m->arch->physical(pa);
        if (out->changes < CHANGES_MAX) out->change[out->changes] = (struct change){pa, (uint32_t)word};
    }
    return true;
}
