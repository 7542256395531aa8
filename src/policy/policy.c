/* policy.c - the table of page replacement policies, and the search in it. */
#include "policy/policies.h"

const struct policy_ops *const policy_table[] = {
    &policy_fifo,          /* order of loading */
    &policy_lru,           /* order of use */
    &policy_opt,           /* the future */
    &policy_mru,           /* order of use, from the other end */
    &policy_random,        /* chance */
    &policy_clock,         /* R bits in a circle */
    &policy_second_chance, /* R bits in a queue */
    &policy_lfu,           /* counts */
    &policy_enhanced_clock, /* R and D bits in a circle */
    &policy_nru, /* R and D bits, and a clock that clears R */
    &policy_aging, /* R bits of the last ticks */
    &policy_mfu, /* counts, from the other end */
    &policy_wsclock, /* R, D and time stamps in a circle */
    &policy_working_set, /* time of the last reference */
    &policy_pff, /* time of the last fault, and R bits */
    &policy_sieve, /* R bits along a queue */
    &policy_s3_fifo, /* two queues, and ghosts */
    &policy_two_q, /* a queue, an LRU list, and ghosts */
    &policy_lru_k, /* the last reference but one, and ghosts */
    &policy_arc, /* two LRU lists that share the frames, and ghosts */
    &policy_car, /* the same with clocks */
    &policy_clock_pro, /* hot and cold pages, three hands */
    &policy_linux, /* active and inactive pages */
    &policy_mglru, /* generations */
    NULL,
};

/* Not tolower(): names are ASCII, whatever the locale. */
static char plain(char c) {
    if (c >= 'A' && c <= 'Z') return (char)(c - 'A' + 'a');
    return c == '-' ? '_' : c;
}

static bool same_name(const char *a, const char *b) {
    while (*a && plain(*a) == plain(*b)) a++, b++;
    return plain(*a) == plain(*b);
}

const struct policy_ops *policy_by_name(const char *name) {
    if (!name) return NULL;
    for (const struct policy_ops *const *ops = policy_table; *ops; ops++)
        if (same_name(name, (*ops)->name)) return *ops;
    return NULL;
}

const struct policy_ops *policy_of_number(uint64_t index) {
    const uint64_t count = sizeof policy_table / sizeof policy_table[0] - 1;
    return index < count ? policy_table[index] : NULL;
}
