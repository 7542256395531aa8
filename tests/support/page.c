/* page.c - a manual page as words, for tests that compare it with tables. */
#include "page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_BYTES (1u << 17)

char *page_read(const char *path) {
    FILE *f = fopen(path, "r");
    char *text = f ? calloc(1, PAGE_BYTES) : NULL;
    size_t n = 0;
    for (int c; text && (c = getc(f)) != EOF && n < PAGE_BYTES - 1;)
        if (c != '\\') text[n++] = (char)c;
    if (f) fclose(f);
    return text;
}

static bool is_word_part(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool page_has_word(const char *text, const char *word) {
    size_t n = strlen(word);
    for (const char *at = text; (at = strstr(at, word)) != NULL; at += n)
        if ((at == text || !is_word_part(at[-1])) && !is_word_part(at[n])) return true;
    return false;
}
