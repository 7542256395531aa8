/* act_process.c - actions that choose whose address space and page table are shown.
 *
 *    o    who runs -> A -> B -> ... -> who runs      with two of them: the right one
 *    w    two side by side, the frames that both map lit
 */
#include "ui/app_state.h"
#include "ui/pane_address_space.h"

static const struct kernel *kernel_of(const struct app *a) { return machine_kernel(history_machine(a->session.history)); }

/* The next process after p that can be looked at, not `but`; PROC_NONE: none follows. */
static proc_t process_after(const struct kernel *k, proc_t p, proc_t but) {
    for (uint32_t i = p == PROC_NONE ? 0 : p + 1u; i < k->process_count; i++)
        if (i != but && k->process[i].born) return (proc_t)i;
    return PROC_NONE;
}

static unsigned say_shown(struct app *a) {
    const struct looking *l = &a->session.looking;
    const struct kernel *k = kernel_of(a);
    if (l->shown == PROC_NONE) return app_say(a, ROLE_MESSAGE, "Shown again: whoever runs (%s).", k->process[k->running].name);
    return app_say(a, ROLE_MESSAGE, "Shown: the memory of %s. o: the next, . who runs.", k->process[l->shown].name);
}

unsigned app_show_process(struct app *a, proc_t p) {
    if (a->screen.zoom_for_two) app_unzoom(a);
    a->session.looking = (struct looking){p, PROC_NONE};
    a->screen.pane[PANE_ADDRESS_SPACE].follow = a->screen.pane[PANE_PAGE_TABLE].follow = true;
    return say_shown(a);
}

/* With two side by side the left one stays. */
static unsigned next_beside(struct app *a) {
    struct looking *l = &a->session.looking;
    const struct kernel *k = kernel_of(a);
    proc_t next = process_after(k, l->beside, l->shown);
    if (next == PROC_NONE) next = process_after(k, PROC_NONE, l->shown);
    l->beside = next;
    return app_say(a, ROLE_MESSAGE, "%s and %s side by side.", k->process[l->shown].name, k->process[next].name);
}

unsigned action_other(struct app *a, int key) {
    (void)key;
    const struct looking *l = &a->session.looking;
    if (l->beside != PROC_NONE) return next_beside(a);
    return app_show_process(a, process_after(kernel_of(a), l->shown, PROC_NONE));
}

unsigned action_show(struct app *a, int key) {
    (void)key;
    struct view v = session_view(&a->session);
    proc_t p = process_under_cursor(&v, &a->screen.pane[PANE_PROCESSES]);
    return p == PROC_NONE ? REACT_NONE : app_show_process(a, p);
}

/* Who stands at the right: a process that lives, the nearest after the one shown; else before it. */
static proc_t partner_of(const struct kernel *k, proc_t p) {
    for (uint32_t i = 1; i < k->process_count; i++) {
        uint32_t q = (p + i) % k->process_count;
        if (k->process[q].alive) return (proc_t)q;
    }
    return PROC_NONE;
}

/* The lower number stands at the left, and both stay where they are while others run. */
unsigned action_two(struct app *a, int key) {
    (void)key;
    struct looking *l = &a->session.looking;
    const struct kernel *k = kernel_of(a);
    if (l->beside != PROC_NONE) return app_show_process(a, PROC_NONE);
    proc_t one = l->shown == PROC_NONE ? k->running : l->shown, other = partner_of(k, one);
    if (other == PROC_NONE) return app_say(a, ROLE_MESSAGE, "There is no second process to show beside %s yet.", k->process[one].name);
    *l = one < other ? (struct looking){one, other} : (struct looking){other, one};
    app_focus(a, PANE_ADDRESS_SPACE);
    a->screen.zoom_for_two = a->screen.zoom < 0 && a->screen.layout.pane[PANE_ADDRESS_SPACE].width < TWO_SPACES_WIDTH;
    if (a->screen.zoom_for_two) a->screen.zoom = PANE_ADDRESS_SPACE;
    return app_say(a, ROLE_MESSAGE, "%s and %s side by side. o: another one, w: one again.", k->process[l->shown].name,
                   k->process[l->beside].name);
}
