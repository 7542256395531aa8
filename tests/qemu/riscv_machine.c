/* riscv_machine.c - QEMU's RISC-V `virt` machines: what is put into them, and what comes out.
 *
 * QEMU copies the image to PROBE_BASE before it starts there.
 */
#include "machine.h"
#include "riscv_probe.h"

#include <string.h>

#define ILLEGAL_INSTRUCTION 2

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

static void put(struct image *image, uint32_t offset, const void *bytes, size_t count) {
    image_put(image, &riscv_arch, PROBE_BASE + offset, bytes, count);
}

static void put_requests(struct image *image, const struct plan *p, const size_t first[TREES_MAX + 1]) {
    for (size_t i = 0; i < p->accesses; i++) {
        const struct access *a = &p->access[i];
        size_t t = (size_t)(a->tree - p->tree);
        struct probe_request r = {satp_of(a), a->va, a->op, mstatus_of(a), a->value,
                                  riscv_arch.watched + first[t] * sizeof(struct watched),
                                  first[t + 1] - first[t], 0};
        put(image, (uint32_t)(PROBE_REQUESTS + i * sizeof r), &r, sizeof r);
    }
}

static bool fill(struct image *image, const struct machine *m, const struct plan *p,
                 const size_t first[TREES_MAX + 1]) {
    uint32_t code[PROBE_HEADER / 4];
    size_t words = probe_program(m->wide, code, PROBE_HEADER / 4);
    struct probe_header header = {p->accesses, TARGETS, first[p->trees], m->wide ? 60 : 28};
    put(image, 0, code, 4 * words);
    put(image, PROBE_HEADER, &header, sizeof header);
    put(image, PROBE_TARGETS, p->target, sizeof p->target);
    put_requests(image, p, first);
    return words > 0;
}

static void command(const struct machine *m, const char *image_path, char *out, size_t room) {
    snprintf(out, room,
             "exec timeout " MACHINE_SECONDS " %s -machine virt -cpu %s -m 128M -bios none -display none "
             "-monitor none -serial stdio -device loader,file=%s,addr=0x80000000,force-raw=on < /dev/null",
             m->program, m->cpu, image_path);
}

/* A fetch ends in an illegal instruction. */
static void done(const struct access *a, uint32_t word, struct outcome *o) {
    o->cause = a->op == ACCESS_FETCH ? ILLEGAL_INSTRUCTION : PROBE_NO_TRAP;
    if (a->op == ACCESS_READ) o->value = word;
    if (a->op == ACCESS_FETCH) o->tval = word;
}

static void trapped(const struct access *a, const struct walk *w, const struct paging_format *f, struct outcome *o) {
    o->cause = walk_report(w, f).code;
    o->tval = a->va;
}

static const struct mode_name modes[] = {{MODE_SUM, "SUM"}, {MODE_MXR, "MXR"}, {0, NULL}};

const struct arch riscv_arch = {
    .package = "qemu-system-misc", .entries = &riscv_entries, .format = paging_by_name, .base = PROBE_BASE,
    .watched = PROBE_BASE + PROBE_WATCHED, .shadows = PROBE_BASE + PROBE_SHADOWS, .fill = fill,
    .command = command, .done = done, .trapped = trapped, .modes = modes};
