/* call.h - calls of processes, for call.c (which runs them), call_map.c and call_pages.c.
 *
 * A call is a list of stages. A stage is asked again and again: each time it
 * tells one event, or says that it has no more to do, and the next one follows.
 */
#ifndef VMSCOPE_OS_CALL_H
#define VMSCOPE_OS_CALL_H

#include "os/internal.h"

enum stage_result {
    STAGE_TOLD, /* *e tells what was done; ask again */
    STAGE_OVER, /* nothing to tell: the next stage */
    STAGE_END   /* *e is the call's last event */
};
typedef enum stage_result call_stage(struct kernel *k, struct event *e);

const struct call_config *call_now(const struct kernel *k); /* its arguments */
struct process *call_process(struct kernel *k);
/* The call fails with nothing changed: *e says why. */
enum stage_result call_fails(struct kernel *k, struct event *e, const char *why);
/* An event of that kind about the pages first..end-1 of a region. */
void call_tell(struct kernel *k, struct event *e, enum event_kind kind, const struct vma *v, vpn_t first, vpn_t end);
/* The next region of the call's range, from call.next on; its part in it is *first..*end-1. NULL: none is left. */
struct vma *call_next_region(struct kernel *k, vpn_t *first, vpn_t *end);
/* No RAM: k->status says so, the machine stops. */
enum stage_result call_nomem(struct kernel *k, struct event *e);
/* Why a call cannot be made; NULL: it can. */
#define TOO_MANY_REGIONS "the process has as many regions as it may have"
#define LIST_TOO_LONG "the kernel's list of pages would become too long"
const char *cannot_protect(const struct kernel *k, unsigned perms);
const char *advice_wrong(struct kernel *k);
/* The next page from call.next on, up to `end`, of region v that the call brings in as if by an access. */
enum stage_result call_fill(struct kernel *k, struct event *e, const struct vma *v, vpn_t end);

/* call.c */
call_stage stage_check_range, stage_split, stage_cut_first, stage_cut_end, stage_join, stage_done;
/* call_map.c */
call_stage stage_place, stage_map, stage_cached, stage_populate, stage_break, stage_resize, stage_move, stage_moved;
/* call_pages.c */
call_stage stage_unmap, stage_protect, stage_advise, stage_lock;
/* exec.c */
call_stage stage_leave, stage_load;

#endif
