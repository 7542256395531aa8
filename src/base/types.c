/* types.c - the words for what an access does. */
#include "vmscope/base/types.h"

static const struct {
    const char *name;
    unsigned needs;
} access_table[ACCESS_KINDS] = {
    [ACCESS_READ] = {"read", PERM_R},
    [ACCESS_WRITE] = {"write", PERM_W},
    [ACCESS_FETCH] = {"fetch", PERM_X},
};

const char *access_name(enum access_kind kind) {
    return (unsigned)kind < ACCESS_KINDS ? access_table[kind].name : "?";
}

unsigned access_needs(enum access_kind kind) {
    return (unsigned)kind < ACCESS_KINDS ? access_table[kind].needs : 0;
}
