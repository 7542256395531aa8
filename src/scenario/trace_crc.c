/* trace_crc.c - CRC-32 (IEEE 802.3, reflected polynomial 0xedb88320).
 *
 * table[0] is the usual one, of one byte. table[k] is that of a byte with k zero
 * bytes behind it: eight bytes are looked up at once and do not wait for each
 * other.
 */
#include "scenario/trace_file.h"

#define POLYNOMIAL 0xedb88320u

void crc_begin(struct crc *c) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t v = i;
        for (int bit = 0; bit < 8; bit++) v = v >> 1 ^ (v & 1 ? POLYNOMIAL : 0);
        c->table[0][i] = v;
    }
    for (size_t k = 1; k < 8; k++)
        for (size_t i = 0; i < 256; i++)
            c->table[k][i] = c->table[k - 1][i] >> 8 ^ c->table[0][c->table[k - 1][i] & 255];
}

uint32_t crc_of(const struct crc *c, uint32_t crc, const void *data, size_t n) {
    const uint8_t *p = data;
    crc = ~crc;
    for (; n >= 8; p += 8, n -= 8) {
        uint32_t low = load_u32(p) ^ crc, high = load_u32(p + 4);
        crc = c->table[7][low & 255] ^ c->table[6][low >> 8 & 255] ^ c->table[5][low >> 16 & 255] ^
              c->table[4][low >> 24] ^ c->table[3][high & 255] ^ c->table[2][high >> 8 & 255] ^
              c->table[1][high >> 16 & 255] ^ c->table[0][high >> 24];
    }
    for (; n > 0; p++, n--) crc = crc >> 8 ^ c->table[0][(crc ^ *p) & 255];
    return ~crc;
}
