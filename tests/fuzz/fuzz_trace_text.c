/* fuzz_trace_text.c - any bytes as text of each format; the first byte chooses which. */
#include "trace_checks.h"

/* Formats in the table. */
static size_t formats(void) {
    size_t n = 0;
    while (trace_format_table[n].name) n++;
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct diag_list skipped = {.count = 0};
    struct trace_options o = {.limit = 20000, .name = "fuzz", .skipped = &skipped};
    if (size == 0) return 0;
    o.format = &trace_format_table[data[0] % formats()];
    o.bad_lines = data[0] >> 4 & 7;
    o.page_shift = data[0] & 0x80 ? 8 : 0;
    check_bytes(data + 1, size - 1, &o);
    must(skipped.count <= o.bad_lines);
    return 0;
}
