/* scaled.c - see scaled.h. */
#include "scaled.h"

#include <stdlib.h>
#include <string.h>

uint64_t scaled_pages(uint64_t pages, unsigned n) {
    switch (pages) {
    case 256: return 4 * n;
    case 128: return 2 * n;
    case 66: return n + 2;
    case 64: return n;
    case 63: return n - 1;
    case 32: return n / 2;
    case 16: return n / 4;
    default: return pages;
    }
}

/* Parts of 64 that only some n have. */
static bool divides(uint64_t pages, unsigned n) {
    if (pages == 63) return n > 1;
    return (pages != 32 && pages != 16) || n % 4 == 0;
}

/* A number of pages in the text behind `before`, and how it is written. */
static const struct form {
    const char *before;
    int base;
    uint64_t unit; /* of the number, in pages; 0: as many as the program could need */
    const char *after;
} forms[] = {
    {"count: ", 10, 1, ","},        {"size: ", 10, 4, "KiB"},  {"sbrk: +", 10, 4, "KiB"}, {"sbrk: -", 10, 4, "KiB"},
    {"buf+0x", 16, 0x1000, ""},     {"stack-0x", 16, 0x1000, ","}, {"frames: ", 10, 0, ","}};

static const struct form *form_at(const char *s) {
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strncmp(s, forms[i].before, strlen(forms[i].before)) == 0) return &forms[i];
    return NULL;
}

/* The number of that form; *s is put behind it. */
static bool add_number(const char **s, const struct form *f, unsigned n, struct text *out) {
    char *end;
    uint64_t given = strtoull(*s, &end, f->base), unit = f->unit ? f->unit : 1;
    bool fits = strncmp(end, f->after, strlen(f->after)) == 0 && given % unit == 0;
    uint64_t made = f->unit == 0 ? given + 16 * n : fits ? scaled_pages(given / unit, n) * unit : given;
    text_addf(out, f->base == 16 ? "%llx" : "%llu", (unsigned long long)made);
    *s = end;
    return !fits || divides(given / unit, n);
}

bool scaled_scenario(const char *yaml, unsigned n, struct text *out) {
    if (n == SCALED_FROM) {
        text_add(out, yaml);
        return true;
    }
    if (strstr(yaml, "buf+0x3f000")) return false;
    while (*yaml) {
        const struct form *f = form_at(yaml);
        if (!f) {
            text_addf(out, "%c", *yaml++);
            continue;
        }
        text_add(out, f->before);
        yaml += strlen(f->before);
        if (!add_number(&yaml, f, n, out)) return false;
    }
    return true;
}
