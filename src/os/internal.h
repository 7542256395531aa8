/* internal.h - what the files of src/os share among themselves.
 *
 *   config.c     is such a machine possible?           pagetable.c  tables as words in RAM
 *   process.c    regions of an address space           fault.c      the page-fault handler
 *   frame.c      frames, owners, reverse map           evict.c      making room
 *   swap.c       slots                                 kernel.c     life, switch, exit
 *   check.c      the invariants, for tests
 */
#ifndef VMSCOPE_OS_INTERNAL_H
#define VMSCOPE_OS_INTERNAL_H

#include "vmscope/os/kernel.h"

#define KERNEL_IMAGE_PAGES 4u     /* of the kernel itself, mapped at the start of kernel space */
#define TABLE_PAGES_MAX 65536u    /* RAM reserved for page tables, at most */
#define FILE_PAGES_MAX (1u << 26) /* pages of a program's file */
#define RMAP_END UINT32_MAX

/* A function of the table that kernel_step works through. */
typedef enum vs_status os_action(struct kernel *k, struct event *e);

/* process.c */
enum vs_status process_build(struct kernel *k, proc_t p);
struct process *process_copy_all(const struct process *from, uint32_t count);
void process_free_all(struct process *p, uint32_t count);
struct vma *process_find(struct process *p, vpn_t vpn);
/* The stack whose growth room holds vpn, or NULL. */
struct vma *process_growable(struct process *p, vpn_t vpn);
/* A one-page anonymous region for vpn, joined to a neighbour of the same name. */
enum vs_status process_map_page(struct process *p, vpn_t vpn, const char *name, struct vma **out);
void vma_set(struct vma *v, vpn_t vpn, enum page_state state, uint32_t where);
bool processes_equal(const struct kernel *a, const struct kernel *b);

/* Drop a page's TLB entry, if the TLB can hold one of that process. */
void tlb_forget(struct kernel *k, proc_t p, vpn_t vpn);

/* frame.c */
frame_t frame_lowest_free(struct kernel *k); /* FRAME_NONE: none */
void frame_take(struct kernel *k, frame_t f); /* mark used */
void frame_release(struct kernel *k, frame_t f);
enum vs_status frame_add_owner(struct kernel *k, frame_t f, proc_t p, vpn_t vpn, paddr_t pte_addr);
void frame_remove_owner(struct kernel *k, frame_t f, proc_t p, vpn_t vpn);
void frame_clear_referenced(struct kernel *k, frame_t f);
struct policy *policy_of(const struct kernel *k, proc_t p);

/* swap.c */
bool swap_has_room(const struct kernel *k);
enum vs_status swap_take(struct kernel *k, proc_t p, vpn_t vpn, slot_t *out); /* the lowest free slot */
void swap_release(struct kernel *k, slot_t s);

/* pagetable.c */
enum vs_status table_create(struct kernel *k, unsigned level, paddr_t *out); /* VS_LIMIT: no page is left for it */
enum vs_status table_map_kernel(struct kernel *k, proc_t p, const struct vma *v);
/* The lowest table on the way to vpn that exists, its level, and the PTE's address in it. */
paddr_t table_descend(const struct kernel *k, proc_t p, vpn_t vpn, unsigned *level, paddr_t *table);
enum vs_status table_make_next(struct kernel *k, proc_t p, vpn_t vpn, struct event *e);
uint64_t pte_for(const struct kernel *k, const struct vma *v, frame_t f);
enum vs_status pte_store(struct kernel *k, paddr_t addr, uint64_t word);

/* fault.c */
os_action fault_find_region, fault_signal, fault_fill, fault_tables, fault_write_pte, fault_return,
    fault_clear_reference;

/* evict.c */
os_action evict_find_frame, evict_unmap, evict_save;
void os_event(const struct kernel *k, struct event *e, enum event_kind kind);

#endif
