/* simulate.c - the program in vmscope: what each step is about, and how often it faults. */
#include "plan.h"

#include <stdio.h>

static void begin_call(struct planned *at, const struct machine *m, const struct event *e) {
    const struct kernel *k = machine_kernel(m);
    if (at->step.kind != STEP_CALL) return;
    at->first = k->call.first;
    at->pages = k->call.end - k->call.first;
    if (k->config->calls[at->step.value].kind != CALL_MREMAP) return;
    const struct vma *v = vma_find(&k->process[e->proc], at->first);
    at->pages = k->call.old ? k->call.old : v ? v->end - at->first : 0;
}

static void follow(struct planned *at, const struct machine *m, const struct event *e) {
    switch ((enum event_kind)e->kind) {
    case EV_ACCESS:
    case EV_CALL:
        machine_step_now(m, &at->step);
        at->proc = e->proc;
        at->va = e->va;
        at->skipped = false;
        if (e->kind == EV_CALL) begin_call(at, m, e);
        break;
    case EV_CALL_FAILED: at->skipped = true; break;
    case EV_CALL_DONE:
        at->va = e->va;
        at->to = va_to_vpn(e->va, PLAN_SHIFT);
        break;
    case EV_MEM_READ: at->value = e->value; break;
    case EV_SIGSEGV: at->refused = true; break;
    default: break;
    }
}

bool plan_simulate(struct plan *p, const struct machine_config *c, const struct step_source *steps) {
    struct machine *m;
    struct diag why;
    struct event e;
    uint64_t before = 0;
    p->config = c;
    p->count = (size_t)steps->count;
    if (p->count > PLAN_STEPS) return false;
    if (machine_create(c, steps, &m, &why) != VS_OK) {
        fprintf(stderr, "test-linux: %s\n", why.text);
        return false;
    }
    for (size_t i = 0; i < p->count; i++) p->at[i] = (struct planned){.skipped = true};
    while (machine_micro_step(m, &e)) {
        struct planned *at = &p->at[e.step];
        follow(at, m, &e);
        at->faults += machine_counters(m)->page_faults - before;
        before = machine_counters(m)->page_faults;
    }
    bool whole = machine_status(m) == VS_OK && machine_counters(m)->oom == 0;
    machine_free(m);
    return whole;
}
