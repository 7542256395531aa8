/* call_words.h - a call of a process in words, from a scenario's step or the `:` line. */
#ifndef VMSCOPE_SCENARIO_CALL_WORDS_H
#define VMSCOPE_SCENARIO_CALL_WORDS_H

#include "vmscope/scenario/scenario.h"

#define CALL_NAMES_MAX 4096 /* names of mappings in one scenario */

/* X(member): the words; NULL where nothing is said. `place` is what the operation's own key says. */
#define CALL_WORDS(X) \
    X(place) X(size) X(perms) X(backing) X(shared) X(file) X(offset) X(at) X(populate) X(cached) X(advice)

struct call_words {
    enum call_kind kind;
    bool relative; /* sbrk: a sign is needed */
#define X(member) const char *member;
    CALL_WORDS(X)
#undef X
};

/* The words as arguments of a call, entered into the scenario's tables; *out is its step. The
 * addresses are those of a process that runs `image`. False with *why (a phrase), and in *wrong
 * which word (a member of *w) it is about. */
bool call_from_words(struct scenario *s, size_t image, const struct call_words *w, struct step *out, const char **wrong,
                     struct text *why);

#endif
