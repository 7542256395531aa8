/* fuzz_trace_file.c - any bytes as vmscope's own binary.
 *
 * Checksums would stop nearly every change at the door. So the input is read as
 * it is, and once more with the checksums made right: what lies behind them must
 * not be believed either.
 */
#include "scenario/trace_file.h"

#include "trace_checks.h"

static void mend(uint8_t *p, size_t size) {
    static struct crc c;
    if (c.table[0][1] == 0) crc_begin(&c);
    if (size < HEADER_SIZE) return;
    memcpy(p, TRACE_MAGIC, MAGIC_SIZE);
    store_u32(p + 12, crc_of(&c, 0, p, 12));
    for (size_t at = HEADER_SIZE; size - at >= HEAD_SIZE;) {
        uint32_t n = load_u32(p + at + 4);
        if (n > size - at - HEAD_SIZE) return;
        store_u32(p + at + 8, crc_of(&c, crc_of(&c, 0, p + at, 8), p + at + HEAD_SIZE, n));
        at += HEAD_SIZE + n;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct trace_options all = {.name = "fuzz"}, some = {.limit = 1 + size % 7, .name = "fuzz"};
    uint8_t *copy = malloc(size + 1);
    if (!copy) return 0;
    check_bytes(data, size, &all);
    memcpy(copy, data, size);
    mend(copy, size);
    check_bytes(copy, size, &all);
    check_bytes(copy, size, &some);
    free(copy);
    return 0;
}
