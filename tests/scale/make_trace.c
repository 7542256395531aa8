/* make_trace.c - KIND COUNT: references without end, as lackey text on standard output.
 *
 *   zipf   100,000 pages; page i is wanted in proportion to 1 / (i + 1); one in four is a store
 *   loop   128 pages, walked from end to end in steps of 64 bytes, again and again
 *
 * Always the same ones for the same words. The third kind of `make scale`, a program's
 * trace repeated, needs no generator.
 */
#include "vmscope/base/memory.h"
#include "vmscope/base/rng.h"
#include "vmscope/base/text.h"

#define ZIPF_PAGES 100000u
#define LOOP_PAGES 128u
#define STRIDE     64u
#define HEAP_AT    UINT64_C(0x05000000)

/* Walker's alias method: a page is drawn at random, and kept or exchanged for its alias, so
 * that a draw takes the same time however many pages there are. */
struct zipf {
    double keep[ZIPF_PAGES];
    uint32_t alias[ZIPF_PAGES];
};

struct maker {
    struct rng rng;
    struct zipf *zipf; /* NULL: not needed */
    uint64_t made;
};

static void share_out(struct zipf *z, uint32_t *small, uint32_t smalls, uint32_t *large, uint32_t larges) {
    while (smalls > 0 && larges > 0) {
        uint32_t s = small[--smalls], l = large[larges - 1];
        z->alias[s] = l;
        z->keep[l] -= 1 - z->keep[s];
        if (z->keep[l] < 1) small[smalls++] = large[--larges];
    }
    while (larges > 0) z->keep[large[--larges]] = 1;
    while (smalls > 0) z->keep[small[--smalls]] = 1;
}

static struct zipf *zipf_make(void) {
    struct zipf *z = mem_zalloc(1, sizeof *z);
    uint32_t *list = mem_zalloc(2 * ZIPF_PAGES, sizeof *list), *small = list, *large = list + ZIPF_PAGES, smalls = 0,
             larges = 0;
    double sum = 0;
    if (z && list) {
        for (uint32_t i = 0; i < ZIPF_PAGES; i++) sum += 1.0 / (i + 1.0);
        for (uint32_t i = 0; i < ZIPF_PAGES; i++) {
            z->keep[i] = ZIPF_PAGES / (i + 1.0) / sum;
            z->alias[i] = i;
            if (z->keep[i] < 1) small[smalls++] = i;
            else large[larges++] = i;
        }
        share_out(z, small, smalls, large, larges);
    }
    free(list);
    return z;
}

/* Neighbours in rank lie far from each other in memory. */
static uint64_t next_zipf(struct maker *m, bool *store) {
    uint32_t page = rng_below(&m->rng, ZIPF_PAGES);
    double at = (double)(rng_next(&m->rng) >> 11) * 0x1p-53;
    if (at >= m->zipf->keep[page]) page = m->zipf->alias[page];
    *store = rng_below(&m->rng, 4) == 0;
    return HEAP_AT + ((uint64_t)page * 7919 % ZIPF_PAGES << 12);
}

static uint64_t next_loop(struct maker *m, bool *store) {
    *store = m->made % 16 == 0;
    return HEAP_AT + m->made * STRIDE % (LOOP_PAGES << 12);
}

#define LINE_SIZE 16

/* " L 05000000,8\n": eight digits are enough for these. */
static char *put_line(char *to, uint64_t va, bool store) {
    *to++ = ' ';
    *to++ = store ? 'S' : 'L';
    *to++ = ' ';
    for (int shift = 28; shift >= 0; shift -= 4) *to++ = "0123456789abcdef"[va >> shift & 15];
    memcpy(to, ",8\n", 3);
    return to + 3;
}

static bool make_all(struct maker *m, uint64_t (*next)(struct maker *, bool *), uint64_t count) {
    static char text[4096 * LINE_SIZE];
    while (m->made < count) {
        char *end = text;
        for (; m->made < count && end + LINE_SIZE <= text + sizeof text; m->made++) {
            bool store;
            uint64_t va = next(m, &store);
            end = put_line(end, va, store);
        }
        if (fwrite(text, 1, (size_t)(end - text), stdout) != (size_t)(end - text)) return false;
    }
    return fflush(stdout) == 0;
}

int main(int argc, char **argv) {
    struct maker m = {.rng = {2}};
    uint64_t count;
    const char *why = "";
    bool zipf = argc == 3 && strcmp(argv[1], "zipf") == 0, loop = argc == 3 && strcmp(argv[1], "loop") == 0;
    if ((!zipf && !loop) || !parse_number(argv[2], &count, &why)) {
        fprintf(stderr, "usage: make_trace zipf|loop COUNT\n");
        return 2;
    }
    m.zipf = zipf ? zipf_make() : NULL;
    bool good = (!zipf || m.zipf) && make_all(&m, zipf ? next_zipf : next_loop, count);
    free(m.zipf);
    if (!good) perror("make_trace");
    return good ? 0 : 3;
}
