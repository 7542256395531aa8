/* suggest.c - "did you mean": the known word nearest to an unknown one.
 *
 * Optimal string alignment (Damerau 1964; Wagner and Fischer 1974): the fewest
 * insertions, deletions, replacements and swaps of neighbours that lead from
 * one word to the other. Case does not count, nor does '-' against '_'.
 */
#include "vmscope/base/text.h"
#include <string.h>

#define WORD_MAX 63 /* longer words are not compared */

static int fold(char c) { return c == '_' ? '-' : c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; }

static unsigned min2(unsigned a, unsigned b) { return a < b ? a : b; }

/* a is WORD_MAX long at most, and so is b. */
static unsigned distance(const char *a, const char *b) {
    unsigned row[3][WORD_MAX + 1]; /* the last three rows of the table of distances between prefixes */
    size_t rows = strlen(a), cols = strlen(b);
    for (size_t j = 0; j <= cols; j++) row[0][j] = (unsigned)j;
    for (size_t i = 1; i <= rows; i++) {
        unsigned *now = row[i % 3];
        const unsigned *above = row[(i - 1) % 3], *above2 = row[(i + 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= cols; j++) {
            unsigned differs = fold(a[i - 1]) != fold(b[j - 1]);
            now[j] = min2(above[j - 1] + differs, 1 + min2(above[j], now[j - 1]));
            if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) && fold(a[i - 2]) == fold(b[j - 1]))
                now[j] = min2(now[j], above2[j - 2] + 1);
        }
    }
    return row[rows % 3][cols];
}

const char *suggest(const char *word, const char *const *names) {
    size_t len = strlen(word);
    if (len > WORD_MAX) return NULL;
    unsigned best = len / 3 > 1 ? (unsigned)(len / 3) : 1;
    if (best >= len && len > 0) best = (unsigned)len - 1; /* something must have been right */
    const char *found = NULL;
    for (; *names; names++) {
        if (strlen(*names) > WORD_MAX) continue;
        unsigned d = distance(word, *names);
        if (d > best || (found && d == best)) continue;
        best = d;
        found = *names;
    }
    return found;
}
