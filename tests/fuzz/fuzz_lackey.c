/* fuzz_lackey.c - any bytes as a trace whose format is told by content; most are lackey's. */
#include "trace_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* Small limits, so that a packed input that grows a million times ends soon. */
    const struct trace_options o = {.limit = 20000, .bad_lines = size % 3, .name = "fuzz"};
    check_bytes(data, size, &o);
    return 0;
}
