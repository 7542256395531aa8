/* canon.h - writing the canonical form of a scenario.
 *
 * While it checks, the lint pass writes the same document once more: in flow
 * style, every union in one form (`expect: hit` as {outcome: hit}), and every
 * scalar with its position in front: "LINE COL TEXT". libcyaml, which knows
 * neither unions nor positions, loads that. */
#ifndef VMSCOPE_SCENARIO_CANON_H
#define VMSCOPE_SCENARIO_CANON_H

#include <stdbool.h>
#include <stddef.h>

struct canon {
    void *bytes;
    size_t used, cap;
    bool nomem;
};

void canon_raw(struct canon *c, const char *s, size_t n);
/* `"key": `, with a comma before it unless it is the first of its mapping. */
void canon_key(struct canon *c, const char *key, bool first);
/* `"LINE COL TEXT"` */
void canon_scalar(struct canon *c, unsigned line, unsigned col, const char *text, size_t n);
void canon_free(struct canon *c);

#endif
