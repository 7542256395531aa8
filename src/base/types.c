/* types.c - the words for what an access does. */
#include "vmscope/base/types.h"

const char *access_name(enum access_kind kind) {
    static const char *const name[ACCESS_KINDS] = {[ACCESS_READ] = "read", [ACCESS_WRITE] = "write", [ACCESS_FETCH] = "fetch"};
    return (unsigned)kind < ACCESS_KINDS ? name[kind] : "?";
}
