/* What is told of calls, and of memory that runs short, is true of this very event: each case is a
 * scenario, one of its events, and words that its sentence must or must not have. */
#include "vmscope/scenario/scenario.h"
#include "vmscope/sim/machine.h"
#include "vmscope/sim/narrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "version: 1\ntitle: t\n"
#define HEAP(machine, size) HEAD "machine: {" machine "}\nprocesses:\n  - {name: A, layout: {heap: {size: " size "}}}\nsteps:\n"

static const struct {
    const char *yaml;
    enum event_kind kind;
    unsigned which; /* of those events, from 0 */
    const char *says, *says_not; /* NULL: whatever */
} cases[] = {
    /* a fork: private pages will be copied, shared ones never */
    {HEAP("frames: 4", "4KiB") "  - {write: heap}\n  - {fork: B}\n", EV_FORK_REGION, 0, "1 page in memory is shared and read-only", NULL},
    {HEAP("frames: 4", "4KiB") "  - {mmap: m, size: 4KiB, shared: true}\n  - {write: m}\n  - {fork: B}\n", EV_FORK_REGION, 1,
     "what one writes, the other sees", "copy"},
    {HEAP("frames: 1", "8KiB") "  - {write: heap}\n  - {write: heap+0x1000}\n  - {fork: B}\n", EV_FORK_REGION, 0, "1 in swap is shared", NULL},
    {HEAP("frames: 1", "4KiB") "  - {fork: B}\n", EV_FORK_DONE, 0, "holds no entry of A", NULL},
    {HEAP("frames: 1, kernel: {invalidate: false}", "4KiB") "  - {write: heap}\n  - {fork: B}\n", EV_FORK_DONE, 0, "forgets", "leaves"},
    {HEAP("frames: 1, tlb: 0", "4KiB") "  - {write: heap}\n  - {fork: B}\n", EV_FORK_DONE, 0, "The call returns to A", "TLB"},

    /* a write that finds no W: whose is the frame? */
    {HEAP("frames: 4", "4KiB") "  - {write: heap}\n  - {fork: B}\n  - {write: heap}\n", EV_VMA_FOUND, 1, "shares its frame", NULL},
    {HEAP("frames: 4", "4KiB") "  - {write: heap}\n  - {fork: B}\n  - {exit: B}\n  - {write: heap, as: A}\n", EV_VMA_FOUND, 1, "had other users", NULL},
    {HEAP("frames: 4, kernel: {profile: linux}", "4KiB") "  - {read: heap}\n  - {write: heap}\n", EV_VMA_FOUND, 0, "only read", "a frame of zeros"},
    {HEAP("frames: 4, kernel: {profile: linux}", "4KiB") "  - {read: heap}\n  - {write: heap}\n", EV_VMA_FOUND, 1, "page of zeros", NULL},
    {HEAP("frames: 4", "4KiB") "  - {mmap: m, size: 4KiB, file: f}\n  - {read: m}\n  - {write: m}\n", EV_VMA_FOUND, 1, "page cache's", NULL},

    /* who must leave, why, and who cannot */
    {HEAP("frames: 1", "8KiB") "  - {write: heap}\n  - {write: heap+0x1000}\n", EV_VICTIM, 0, "No frame is free.", "pinned"},
    {HEAP("frames: 4, kernel: {watermarks: {low: 2, high: 2}}", "12KiB") "  - {write: heap}\n  - {write: heap+0x1000}\n  - {write: heap+0x2000}\n",
     EV_VICTIM, 0, "More frames must be free.", "No frame is free"},
    {HEAP("frames: 4, kernel: {watermarks: {low: 2, high: 2}}", "12KiB") "  - {write: heap}\n  - {write: heap+0x1000}\n  - {write: heap+0x2000}\n",
     EV_KSWAPD_WAKES, 0, "1 frame is free, fewer than the low watermark (2)", NULL},
    {HEAP("frames: 4", "4KiB") "  - {write: heap}\n  - {suspend: A}\n", EV_VICTIM, 0, "It gives up frame 0", "picks"},
    {HEAP("frames: 4", "4KiB") "  - {write: heap}\n  - {suspend: A}\n", EV_SUSPENDED, 0, "gave up 1 frame.", NULL},
    {HEAP("frames: 4", "4KiB") "  - {mlock: heap}\n  - {suspend: A}\n", EV_SUSPENDED, 0, "gave up no frame; 1 page of it cannot leave", NULL},
    {HEAP("frames: 2, replacement: lru", "12KiB") "  - {mlock: heap, size: 4KiB}\n  - {write: heap+0x1000}\n  - {write: heap+0x2000}\n", EV_VICTIM, 0,
     "1 page is pinned and cannot leave", NULL},
    {HEAP("frames: 2, swap: 0", "12KiB") "  - {write: heap}\n  - {read: heap+0x1000}\n  - {read: heap+0x2000}\n", EV_VICTIM, 0, "no swap area", NULL},
    {HEAP("frames: 2, replacement: {policy: lru, scope: local}", "12KiB") "  - {scan: heap, count: 3, stride: 4096}\n", EV_VICTIM, 0,
     "A holds all 2 frames of its share", "No frame is free"},
    {HEAP("frames: 4, replacement: {policy: lru, scope: local, allocation: proportional}", "16KiB")
     "  - {scan: heap, count: 4, stride: 4096, access: write}\n  - {fork: B}\n  - {write: heap, as: B}\n", EV_VICTIM, 0,
     "A has more than its share. LRU picks frame 1: page 08049 of A", NULL},
    {HEAP("frames: 1, replacement: lru", "8KiB") "  - {mlock: heap, size: 4KiB}\n  - {fork: B}\n  - {exit: A}\n  - {write: heap+0x1000, as: B}\n",
     EV_VICTIM, 0, "page 08048 of B", "pinned"}, /* POSIX fork: locks are not inherited */
    {HEAP("frames: 4, page_tables: in_frames", "4KiB") "  - {write: heap}\n", EV_FRAME_FREE, 0, "a page table that is missing goes there", NULL},
    {HEAP("frames: 4, page_tables: in_frames", "4KiB") "  - {write: heap}\n", EV_FRAME_FREE, 1, "(the last one): the page goes there", NULL},
    {HEAP("frames: 1, swap: 0", "8KiB") "  - {write: heap}\n  - {write: heap+0x1000}\n", EV_OOM, 0, "dirty, and there is no swap area", NULL},
    {HEAP("frames: 1, swap: 1", "12KiB") "  - {scan: heap, count: 3, stride: 4096, access: write}\n", EV_OOM, 0, "no swap slot is free", NULL},
    {HEAP("frames: 1", "8KiB") "  - {mlock: heap, size: 4KiB}\n  - {write: heap+0x1000}\n", EV_OOM, 0, "pinned", "dirty"},

    /* why a clean victim may be dropped */
    {HEAP("frames: 1", "8KiB") "  - {write: heap}\n  - {madvise: heap, size: 4KiB, advice: free}\n  - {write: heap+0x1000}\n", EV_VICTIM_DROP, 0,
     "madvise", "never written"},
    {HEAP("frames: 1", "8KiB") "  - {read: heap}\n  - {write: heap+0x1000}\n", EV_VICTIM_DROP, 0, "never written", "madvise"},
    {HEAP("frames: 1", "4KiB") "  - {mmap: m, size: 4KiB, file: f}\n  - {read: m}\n  - {write: heap}\n", EV_VICTIM_DROP, 0, "its file", "program"},

    /* calls */
    {HEAP("frames: 4", "4KiB") "  - {mmap: m, size: 8KiB, populate: true}\n", EV_MAPPED, 0, "come at once", "promise"},
    {HEAP("frames: 4", "4KiB") "  - {mmap: m, size: 8KiB, populate: true}\n", EV_CALL_DONE, 0, "2 pages are in memory", NULL},
    {HEAP("frames: 4", "4KiB") "  - {mmap: m, size: 4KiB, file: f, shared: true}\n  - {write: m}\n  - {munmap: m}\n", EV_UNMAPPED, 0,
     "1 dirty page is written back to the file. 1 frame is free again", NULL},
    {HEAP("frames: 4", "4KiB") "  - {munmap: heap}\n", EV_UNMAPPED, 0, "None of their pages was in a frame", "free again"},
    {HEAP("frames: 4", "4KiB") "  - {write: heap}\n  - {fork: B}\n  - {munmap: heap}\n", EV_UNMAPPED, 0, "stays", "free again"},
    {HEAP("frames: 4, kernel: {invalidate: false}", "4KiB") "  - {write: heap}\n  - {mprotect: heap, perms: r}\n", EV_PROTECTED, 0, "forgets", "dropped"},
    {HEAP("frames: 4", "8KiB") "  - {write: heap}\n  - {mlock: heap}\n", EV_LOCKED, 0, "1 of 2 is there already, the rest comes in now", NULL},
    {HEAP("frames: 4", "8KiB") "  - {write: heap}\n  - {mlock: heap}\n  - {munlock: heap}\n", EV_UNLOCKED, 0, "their 2 pages in memory may leave", NULL},
    {HEAP("frames: 4", "4KiB") "  - {mmap: m, size: 4KiB, file: f, cached: true}\n", EV_FILE_CACHED, 0, "1 page of it stands", "them"},
    {HEAP("frames: 4", "4KiB") "  - {mmap: m, size: 4KiB, file: f}\n  - {madvise: m, advice: willneed}\n  - {read: m}\n", EV_SHARE, 0, "nobody else maps it", "mappings"},
    {HEAP("frames: 4", "4KiB") "  - {write: heap}\n  - {exit: A}\n", EV_FRAMES_FREED, 0, "1 frame that it had alone", NULL},
    {HEAP("frames: 4", "4KiB") "  - {write: heap}\n  - {fork: B}\n  - {exec: A, as: B}\n", EV_EXEC_LEAVE, 0, "no frame that it had alone", NULL},
    {HEAP("frames: 4", "4KiB") "  - {exec: A}\n", EV_CALL_DONE, 0, "does not return: A begins", NULL},
    {HEAP("frames: 4", "4KiB") "  - {exec: A}\n", EV_EXEC, 0, "the region heap", "kernel"},
};

/* The sentence of the case's event. */
static void sentence_of(size_t i, char *buf, size_t size) {
    const struct scenario_options options = {.policy = NULL};
    struct diag_list errors = {.count = 0};
    struct scenario *s = NULL;
    struct machine *m = NULL;
    struct event e;
    unsigned seen = 0;
    const char *yaml = cases[i].yaml;
    if (scenario_load_memory(yaml, strlen(yaml), "case", NULL, &options, &s, &errors) != VS_OK)
        fail_msg("case %zu: line %u: %s", i, errors.item[0].line, errors.item[0].text);
    assert_int_equal(scenario_machine(s, &m, NULL), VS_OK);
    buf[0] = '\0';
    while (!buf[0] && machine_micro_step(m, &e)) {
        if (e.kind != cases[i].kind || seen++ != cases[i].which) continue;
        struct text t = text_in(buf, size);
        narrate_event(&t, m, &e, TERM_DEFAULT);
    }
    machine_free(m);
    scenario_free(s);
}

static void each_sentence_says_what_is_true_of_its_event(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char buf[512];
        sentence_of(i, buf, sizeof buf);
        if (!buf[0]) fail_msg("case %zu: its event did not come", i);
        if (cases[i].says && !strstr(buf, cases[i].says)) fail_msg("case %zu: \"%s\" is missing in: %s", i, cases[i].says, buf);
        if (cases[i].says_not && strstr(buf, cases[i].says_not)) fail_msg("case %zu: \"%s\" is wrong in: %s", i, cases[i].says_not, buf);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_sentence_says_what_is_true_of_its_event)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
