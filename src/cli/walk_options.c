/* walk_options.c - the options of vmscope walk: each one's value, kept. Whether
 * they suit the format and each other is asked later, in walk_setup.c. */
#include "cli/cli.h"

#include <string.h>

#define X86_MAXPHYADDR_MIN 32
#define X86_MAXPHYADDR_MAX 52

void walk_options_default(struct walk_options *o) {
    *o = (struct walk_options){.ram_high = UINT64_MAX, .access = ACCESS_READ};
}

/* ---- values ---- */

/* A number as everywhere on the command line; a capital 0X is taken, too. */
static bool read_number(const char *value, uint64_t max, uint64_t *out, struct text *why) {
    char lower[80];
    struct text t = text_in(lower, sizeof lower);
    const char *phrase = NULL;
    text_add(&t, value);
    if (lower[0] == '0' && lower[1] == 'X') lower[1] = 'x';
    if (t.cut || !parse_size(lower, out, &phrase)) {
        text_addf(why, "a number is needed: %s", t.cut ? "this is too long for one" : phrase);
        return false;
    }
    if (*out <= max) return true;
    text_addf(why, "it is at most %llu (0x%llx)", (unsigned long long)max, (unsigned long long)max);
    return false;
}

bool walk_read_address(const char *value, uint64_t *out, struct text *why) {
    return read_number(value, UINT64_MAX, out, why);
}

/* A switch alone is on; =0 and =1 say it outright. */
static bool read_switch(const char *value, bool *out, struct text *why) {
    static const char *const names[] = {"0", "1", "off", "on", "false", "true", "no", "yes", NULL};
    *out = true;
    if (!value) return true;
    for (size_t i = 0; names[i]; i++) {
        if (strcmp(names[i], value) != 0) continue;
        *out = i & 1;
        return true;
    }
    text_add(why, "it is 1 or 0");
    return false;
}

/* A word of a table; letters' case does not count. */
struct named {
    const char *name;
    unsigned value;
};

static bool same_word(const char *a, const char *b) {
    for (; *a && *b; a++, b++) {
        char lower = *a >= 'A' && *a <= 'Z' ? (char)(*a - 'A' + 'a') : *a;
        if (lower != *b) return false;
    }
    return *a == *b;
}

static bool read_named(const char *value, const struct named *table, unsigned *out, struct text *why) {
    for (const struct named *n = table; n->name; n++) {
        if (!same_word(value, n->name)) continue;
        *out = n->value;
        return true;
    }
    text_add(why, "it is one of ");
    for (const struct named *n = table; n->name; n++)
        text_addf(why, "%s%s", n == table ? "" : n[1].name ? ", " : " or ", n->name);
    return false;
}

/* ---- what is walked ---- */

bool walk_set_paging(struct cli *c, const char *value, struct text *why) {
    const char *names[64] = {NULL};
    c->walk.paging = value;
    if (paging_by_name(value)) return true;
    for (size_t i = 0; i < 63 && paging_formats[i]; i++) names[i] = paging_formats[i]->name;
    return cli_none_of(why, value, names);
}

bool walk_set_root(struct cli *c, const char *value, struct text *why) {
    return walk_read_address(value, &c->walk.root, why);
}

bool walk_set_satp(struct cli *c, const char *value, struct text *why) {
    return walk_read_address(value, &c->walk.satp, why);
}

bool walk_set_cr3(struct cli *c, const char *value, struct text *why) {
    return walk_read_address(value, &c->walk.cr3, why);
}

bool walk_set_memory(struct cli *c, const char *value, struct text *why) {
    c->walk.memory = value;
    if (!*value) text_add(why, "the name of a file is needed, or - for standard input");
    return *value != '\0';
}

bool walk_set_asid(struct cli *c, const char *value, struct text *why) {
    return read_number(value, UINT16_MAX, &c->walk.asid, why);
}

/* LO-HI: HI is the first address behind RAM. RAM never ends at an odd address, so an odd HI
 * can only be its last byte. */
bool walk_set_ram(struct cli *c, const char *value, struct text *why) {
    const char *dash = strchr(value, '-');
    char low[64];
    struct text t = text_in(low, sizeof low);
    uint64_t high = 0;
    if (!dash) {
        text_add(why, "write its first address and the first behind it, as in 0x80000000-0x88000000");
        return false;
    }
    text_addn(&t, value, (size_t)(dash - value));
    if (!walk_read_address(low, &c->walk.ram_low, why) || !walk_read_address(dash + 1, &high, why))
        return false;
    c->walk.ram_high = high & 1 ? high : high - 1;
    if (high > c->walk.ram_low) return true;
    text_add(why, "the second address must be larger than the first");
    return false;
}

/* ---- who asks ---- */

bool walk_set_access(struct cli *c, const char *value, struct text *why) {
    static const struct named names[] = {{"load", ACCESS_READ},
                                         {"store", ACCESS_WRITE},
                                         {"fetch", ACCESS_FETCH},
                                         {"read", ACCESS_READ},
                                         {"write", ACCESS_WRITE},
                                         {"execute", ACCESS_FETCH},
                                         {NULL, 0}};
    unsigned access = 0;
    bool good = read_named(value, names, &access, why);
    c->walk.access = (enum access_kind)access;
    return good;
}

bool walk_set_priv(struct cli *c, const char *value, struct text *why) {
    static const struct named names[] = {{"u", 0}, {"s", 1}, {"user", 0}, {"supervisor", 1}, {NULL, 0}};
    unsigned supervisor = 0;
    bool good = read_named(value, names, &supervisor, why);
    c->walk.supervisor = supervisor;
    return good;
}

/* Paging tells only ring 3 from the others. */
bool walk_set_cpl(struct cli *c, const char *value, struct text *why) {
    uint64_t ring = 0;
    if (!read_number(value, 3, &ring, why)) return false;
    c->walk.supervisor = ring < 3;
    return true;
}

#define SWITCH(name)                                                                                         \
    bool walk_set_##name(struct cli *c, const char *value, struct text *why) {                               \
        return read_switch(value, &c->walk.name, why);                                                       \
    }
SWITCH(sum)
SWITCH(mxr)
SWITCH(wp)
SWITCH(nxe)
SWITCH(pse)
SWITCH(smep)
SWITCH(smap)
SWITCH(ac)

bool walk_set_ad(struct cli *c, const char *value, struct text *why) {
    static const struct named names[] = {{"svade", 1}, {"svadu", 0}, {NULL, 0}};
    unsigned svade = 0;
    bool good = read_named(value, names, &svade, why);
    c->walk.svade = svade;
    return good;
}

bool walk_set_maxphyaddr(struct cli *c, const char *value, struct text *why) {
    if (!read_number(value, X86_MAXPHYADDR_MAX, &c->walk.maxphyaddr, why)) return false;
    if (c->walk.maxphyaddr >= X86_MAXPHYADDR_MIN) return true;
    text_addf(why, "it is %d to %d", X86_MAXPHYADDR_MIN, X86_MAXPHYADDR_MAX);
    return false;
}

/* ---- formats of one's own ---- */

/* "5,5": bits of each level's index, the root's first. */
bool walk_set_levels(struct cli *c, const char *value, struct text *why) {
    struct walk_options *o = &c->walk;
    char one[24];
    uint64_t bits = 0;
    for (o->levels = 0; o->levels < PAGING_LEVELS_MAX; value++) {
        size_t n = strcspn(value, ",");
        struct text t = text_in(one, sizeof one);
        text_addn(&t, value, n);
        if (!read_number(one, UINT8_MAX, &bits, why)) return false;
        o->index_bits[o->levels++] = (uint8_t)bits;
        value += n;
        if (!*value) return true;
    }
    text_addf(why, "a page table has at most %d levels", PAGING_LEVELS_MAX);
    return false;
}

bool walk_set_page(struct cli *c, const char *value, struct text *why) {
    uint64_t bytes = 0;
    if (!read_number(value, UINT64_C(1) << 30, &bytes, why)) return false;
    unsigned shift = 0;
    while (UINT64_C(1) << shift < bytes) shift++;
    c->walk.page_shift = shift;
    if (bytes == UINT64_C(1) << shift) return true;
    text_add(why, "a page's size is a power of two");
    return false;
}

bool walk_set_pte_bytes(struct cli *c, const char *value, struct text *why) {
    return read_number(value, 8, &c->walk.pte_bytes, why);
}

bool walk_set_valid_bit(struct cli *c, const char *value, struct text *why) {
    return read_number(value, 63, &c->walk.valid_bit, why);
}

/* "0-6"; manuals write 6-0 or 6:0. */
bool walk_set_pfn_bits(struct cli *c, const char *value, struct text *why) {
    char first[24];
    size_t n = strcspn(value, "-:.");
    struct text t = text_in(first, sizeof first);
    const char *second = value + n + strspn(value + n, "-:.");
    uint64_t a = 0, b = 0;
    text_addn(&t, value, n);
    if (!value[n]) {
        text_add(why, "write the lowest and the highest bit, as in 0-6");
        return false;
    }
    if (!read_number(first, 63, &a, why) || !read_number(second, 63, &b, why)) return false;
    c->walk.pfn_low = (unsigned)(a < b ? a : b);
    c->walk.pfn_high = (unsigned)(a < b ? b : a);
    return true;
}
