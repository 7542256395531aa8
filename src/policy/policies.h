/* policies.h - the tables of functions, one a file; private to src/policy. */
#ifndef VMSCOPE_POLICY_POLICIES_H
#define VMSCOPE_POLICY_POLICIES_H

#include "vmscope/policy/policy.h"

extern const struct policy_ops policy_fifo, policy_lru, policy_opt, policy_mru, policy_random, policy_clock,
    policy_second_chance, policy_lfu, policy_enhanced_clock, policy_nru, policy_aging, policy_mfu,
    policy_wsclock, policy_working_set, policy_pff, policy_sieve, policy_s3_fifo, policy_two_q, policy_lru_k,
    policy_arc, policy_car, policy_clock_pro, policy_linux, policy_mglru;

#endif
