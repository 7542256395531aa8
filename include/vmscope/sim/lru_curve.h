/* lru_curve.h - LRU for every number of frames, in one pass over the steps.
 *
 *   frames            1   2   3   4  ...     With f frames, LRU holds the f pages used last.
 *   most recent  ->  [e] [b] [a] [d] ...     So a reference to the page at place d of this list
 *                     hit with >= 1, 2, ...  faults with fewer than d frames, and with no more.
 *
 * The place is the reference's stack distance; a histogram of distances is the curve of faults.
 * Source: R. Mattson, J. Gecsei, D. Slutz and I. Traiger, Evaluation Techniques for Storage
 * Hierarchies, IBM Systems Journal 9(2), 1970. Which pages are dirty for which numbers of frames is
 * kept likewise: J. Thompson and A. Smith, Efficient (Stack) Algorithms for Analysis of Write-Back and
 * Sector Memories, ACM Transactions on Computer Systems 7(1), 1989.
 *
 * What comes out is what the machine itself counts, or nothing: lru_curve_why says when a scenario
 * asks for more than the list knows, and then each number of frames needs a run of its own.
 */
#ifndef VMSCOPE_SIM_LRU_CURVE_H
#define VMSCOPE_SIM_LRU_CURVE_H

#include "vmscope/sim/machine.h"

struct lru_curve;

/* What in this configuration keeps the curve from being exact, as a phrase; NULL: nothing, but the steps may. */
const char *lru_curve_obstacle(const struct machine_config *config);

/* To go over `source` on machines of this configuration, policy lru, with 1 to max_frames frames.
 * Both are borrowed. NULL: no memory. */
struct lru_curve *lru_curve_create(const struct machine_config *config, const struct step_source *source,
                                   uint32_t max_frames);
void lru_curve_free(struct lru_curve *c);

/* Go on by up to n steps. Returns how many were done; 0: at the end, or lru_curve_why. */
uint64_t lru_curve_run(struct lru_curve *c, uint64_t n);

/* Why single runs are needed, as a phrase; NULL: no reason was found so far, so at the end the curve is exact. */
const char *lru_curve_why(const struct lru_curve *c);

/* After the last step: what a machine with so many frames has counted, in these members of *out (the
 * others are not touched): accesses, translations, page_faults, page_faults_after_full, evictions,
 * swap_writes, tlb_misses. */
void lru_curve_at(const struct lru_curve *c, uint32_t frames, struct counters *out);

/* Different pages that were used. */
uint64_t lru_curve_pages(const struct lru_curve *c);

#endif
