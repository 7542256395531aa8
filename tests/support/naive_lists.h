/* naive_lists.h - orders of pages as arrays, for naive_lists.c and naive_clock_pro.c. */
#ifndef VMSCOPE_TESTS_NAIVE_LISTS_H
#define VMSCOPE_TESTS_NAIVE_LISTS_H

#include "naive_parts.h"

struct nv_key nv_key_of(const struct naive *n, frame_t f); /* which page is in frame f */
bool nv_same_key(const struct nv_key *a, const struct nv_key *b);
int nv_place_of(const struct nv_order *o, unsigned list, frame_t f); /* -1: it is not in that list */
bool nv_take_out(struct nv_order *o, unsigned list, frame_t f);
void nv_append(struct nv_order *o, unsigned list, frame_t f);
int nv_ghost_place(const struct nv_order *o, unsigned list, struct nv_key key); /* -1: it is none */
void nv_ghost_add(struct nv_order *o, unsigned list, struct nv_key key, uint32_t room);
bool nv_ghost_take(struct nv_order *o, unsigned list, struct nv_key key);
frame_t nv_oldest(const struct naive *n, const struct nv_order *o, unsigned list, proc_t p); /* that may leave */

void nv_clock_pro_loaded(struct naive *n, struct nv_order *o, frame_t f, uint32_t c);
void nv_clock_pro_left(struct naive *n, struct nv_order *o, frame_t f, uint32_t c);
frame_t nv_clock_pro_victim(struct naive *n, struct nv_order *o, proc_t p, uint32_t c);
void nv_linux_loaded(struct naive *n, struct nv_order *o, frame_t f, uint32_t c);
void nv_linux_left(struct naive *n, struct nv_order *o, frame_t f, uint32_t c);
frame_t nv_linux_victim(struct naive *n, struct nv_order *o, proc_t p, uint32_t c);
void nv_mglru_loaded(struct naive *n, struct nv_order *o, frame_t f, uint32_t c);
void nv_mglru_left(struct naive *n, struct nv_order *o, frame_t f, uint32_t c);
frame_t nv_mglru_victim(struct naive *n, struct nv_order *o, proc_t p, uint32_t c);

#endif
