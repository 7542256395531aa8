/* kernel_equal and machine_equal, on which the tests of time and of clones stand: two machines that
 * differ in anything that matters later must not pass for equal. One thing is changed at a time. */
#include "play.h"
#include "sim/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct play p;

/* Two processes share frames, one page is in a slot, and the machine rests in the middle of a fork. */
static void machine_in_mid_fork(void) {
    play_begin(&p, "version: 1\ntitle: t\n"
                   "machine: {paging: sv39, frames: 3, replacement: fifo}\n"
                   "processes: [{name: A, layout: {data: {size: 4KiB, at: 0x8000}, heap: {size: 32KiB, at: 0x10000}}}]\n"
                   "steps:\n"
                   "  - {read: data}\n"
                   "  - {scan: heap, count: 4, stride: 4096, access: write}\n"
                   "  - {fork: B}\n"
                   "  - {fork: C}\n");
    while (p.count[EV_FORK] < 2) assert_true(play_micro(&p));
}

struct change {
    const char *name;
    size_t at, size;
};

static void each_is_noticed(const struct change *c, size_t count, size_t offset_of_record, bool in_machine) {
    for (size_t i = 0; i < count; i++) {
        struct machine *copy = machine_clone(p.m);
        assert_true(machine_equal(p.m, copy));
        unsigned char *record = in_machine ? (unsigned char *)copy : (unsigned char *)copy->kernel;
        record[offset_of_record + c[i].at] ^= 1;
        if (machine_equal(p.m, copy)) fail_msg("a change of %s passes unnoticed", c[i].name);
        record[offset_of_record + c[i].at] ^= 1;
        machine_free(copy);
    }
}

static void whatever_is_latched_is_compared(void **state) {
#define C(m) {#m, offsetof(struct os_latch, m), sizeof((struct os_latch *)0)->m}
    static const struct change change[] = {
        C(phase), C(fault), C(op), C(va), C(vpn), C(proc), C(automap), C(resumed), C(frame), C(gives), C(victim_proc), C(victim_vpn),
        C(victim_dirty), C(evicted), C(written), C(rest_chosen), C(cow_from), C(keep), C(was_full), C(switch_to), C(slot), C(drop),
        C(passes), C(cause), C(kernel_mode), C(order), C(no_huge), C(scope), C(child), C(region), C(by_call), C(populate),
        C(zero_page), C(idle), C(reclaim), C(suspend), C(looked), C(started), C(for_table), C(freed)};
#undef C
    (void)state;
    machine_in_mid_fork();
    each_is_noticed(change, sizeof change / sizeof *change, offsetof(struct kernel, latch), false);
    play_end(&p);
}

static void whatever_the_kernel_counts_is_compared(void **state) {
#define C(m) {#m, offsetof(struct kernel, m), sizeof((struct kernel *)0)->m}
    static const struct change change[] = {C(running), C(suspended), C(frames_free), C(slots_used), C(idle_frames), C(reclaim_hopeless),
                                           C(table_next), C(tables), C(image_first), C(now), C(status), C(call.next), C(call.count)};
#undef C
    (void)state;
    machine_in_mid_fork();
    each_is_noticed(change, sizeof change / sizeof *change, 0, false);
    play_end(&p);
}

static void what_the_machine_latches_is_compared(void **state) {
#define C(m) {#m, offsetof(struct machine, m), sizeof((struct machine *)0)->m}
    static const struct change change[] = {C(status), C(steps_done), C(cursor), C(strayed), C(thrashing), C(references), C(micro), C(in_step),
                                           C(phase), C(purpose), C(outcome), C(last.old_proc), C(last.table), C(last.first), C(last.count)};
#undef C
    (void)state;
    machine_in_mid_fork();
    each_is_noticed(change, sizeof change / sizeof *change, 0, true);
    play_end(&p);
}

/* One element of a list differs. */
static void lists_are_compared(void **state) {
    (void)state;
    machine_in_mid_fork();
    for (unsigned what = 0; what < 12; what++) {
        struct machine *copy = machine_clone(p.m);
        struct kernel *k = copy->kernel;
        struct process *a = &k->process[0];
        struct vma *heap = (struct vma *)vma_by_name(a, "heap");
        frame_t f = 0;
        slot_t s = 0;
        while (k->frame[f].shares < 2) f++;
        while (k->slot[s].proc == PROC_NONE) s++;
        if (what == 0) k->frame[f].owner.pte_addr ^= 8;
        if (what == 1) k->frame[f].owner.order ^= 1;
        if (what == 2) k->rmap_pool[k->frame[f].owner.next].vpn ^= 1;
        if (what == 3) k->rmap_pool[k->frame[f].owner.next].pte_addr ^= 8;
        if (what == 4) k->slot[s].refs++;
        if (what == 5) k->slot[s].frame ^= 1;
        if (what == 6) heap->order ^= 1;
        if (what == 7) heap->state[0] ^= 1;
        if (what == 8) a->name[0] ^= 1;
        if (what == 9) a->program ^= 1;
        if (what == 10) a->raw = true;
        if (what == 11) a->held++;
        if (machine_equal(p.m, copy)) fail_msg("change %u of a list passes unnoticed", what);
        machine_free(copy);
    }
    play_end(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_is_latched_is_compared), cmocka_unit_test(whatever_the_kernel_counts_is_compared),
        cmocka_unit_test(what_the_machine_latches_is_compared), cmocka_unit_test(lists_are_compared)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
