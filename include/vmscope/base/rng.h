/* rng.h - the machine's own random numbers (splitmix64, Steele et al. 2014).
 *
 * Seeded and self-contained, so that a run repeats on every machine; part of
 * the state that a clone copies.
 */
#ifndef VMSCOPE_BASE_RNG_H
#define VMSCOPE_BASE_RNG_H

#include <stdint.h>

struct rng {
    uint64_t state;
};

static inline uint64_t rng_mix(uint64_t z) {
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline uint64_t rng_next(struct rng *r) {
    r->state += UINT64_C(0x9e3779b97f4a7c15);
    return rng_mix(r->state);
}

/* A number in 0..n-1, n > 0; the bias for n far below 2^32 is not measurable. */
static inline uint32_t rng_below(struct rng *r, uint32_t n) {
    return (uint32_t)(((rng_next(r) >> 32) * n) >> 32);
}

#endif
