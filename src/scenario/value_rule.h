/* value_rule.h - what a scalar of a scenario may look like.
 *
 * RULES is the one table. The lint pass checks every scalar by its key's rule;
 * the meaning stage reads it with the same functions, so nothing depends on
 * libcyaml's laxer numbers and enums.
 */
#ifndef VMSCOPE_SCENARIO_VALUE_RULE_H
#define VMSCOPE_SCENARIO_VALUE_RULE_H

#include "vmscope/base/text.h"
#include "vmscope/base/types.h"

/* X(ID, noun, example) */
#define RULES(X)                                                                                             \
    X(TEXT, "text", "some words")                                                                            \
    X(LINE, "one line of text", "some words")                                                                \
    X(NAME, "a name", "A")                                                                                   \
    X(NUMBER, "a number", "8 or 0x8")                                                                        \
    X(SIZE, "a size", "4096, 4KiB or 2MiB")                                                                  \
    X(DURATION, "a duration", "100ns, 2us or 8ms")                                                           \
    X(BOOL, "a truth value", "true or false")                                                                \
    X(ADDRESS, "an address", "heap+0x10, stack-8, page(5) or 0x1000")                                        \
    X(PAGES, "page numbers", "7 0 1 2 0 3w, with w for a write")                                             \
    X(BITS, "a range of bits", "10-31")                                                                      \
    X(PERMS, "permissions", "rw, made of r, w and x")                                                        \
    X(PERMS_OR_NONE, "permissions", "rw, made of r, w and x, or none")                                       \
    X(BREAK, "a break", "+8KiB, -4KiB or heap+0x3000")                                                       \
    X(BACKING, "a backing", "anonymous")                                                                     \
    X(ADVICE, "an advice", "dontneed")                                                                       \
    X(ALLOCATION, "a way to share frames out", "equal")                                                      \
    X(PAGE_OR_FREE, "a page number, or free", "7")                                                           \
    X(VERSION, "the number of the format's version", "1")                                                    \
    X(LEVEL, "a level", "beginner")                                                                          \
    X(TERMINOLOGY, "a terminology", "default")                                                               \
    X(POLICY, "a replacement policy", "lru")                                                                 \
    X(SCOPE, "a scope", "global")                                                                            \
    X(TLB_REPLACEMENT, "a TLB replacement", "lru")                                                           \
    X(REFILL, "who refills the TLB", "hardware")                                                             \
    X(PROFILE, "a kernel profile", "textbook")                                                               \
    X(PAGE_TABLES, "where page tables live", "reserved")                                                     \
    X(PAGING, "a paging format", "sv32")                                                                     \
    X(AD, "a way to set A and D", "hardware")                                                                \
    X(ACCESS, "a kind of access", "read")                                                                    \
    X(MODE, "a processor mode", "kernel")                                                                    \
    X(FLUSH, "what to flush", "all, asid or heap+0x10")                                                      \
    X(OUTCOME, "an outcome", "hit")                                                                          \
    X(FAULT, "a fault class", "minor-zero")                                                                  \
    X(TRACE_FORMAT, "a trace format", "lackey")

#define X(id, noun, example) RULE_##id,
enum value_rule { RULES(X) RULE_COUNT };
#undef X

const char *rule_noun(enum value_rule r);    /* "a number" */
const char *rule_example(enum value_rule r); /* "8 or 0x8" */

/* Does `s` obey the rule? False: `why` says what is wrong and what was meant. */
bool value_check(enum value_rule r, const char *s, struct text *why);

/* Where `s` stands among the rule's choices, or -1. */
int choice_find(enum value_rule r, const char *s);

/* One reference of "7 0 1 3w": moves *s behind it. False at the end, or with
 * *why set where it cannot be read (`word` then holds it). */
struct page_ref {
    vpn_t vpn;
    bool write;
};
#define PAGE_WORD_SIZE 48
bool page_ref_next(const char **s, struct page_ref *out, char word[PAGE_WORD_SIZE], const char **why);

/* "10-31": bits 10 to 31; "5": that bit alone. */
bool bits_parse(const char *s, unsigned *low, unsigned *high);
/* "r-x" or "rx": enum perms. */
bool perms_parse(const char *s, unsigned *out);
/* A page number, or "free" (UINT64_MAX). */
bool page_or_free_parse(const char *s, vpn_t *out, const char **why);

/* A size as the file writes it: "4KiB", "100". */
void size_word(struct text *t, uint64_t bytes);
/* `s` in quotation marks, cut to a readable length, into `t`. */
void quote(struct text *t, const char *s);
#define QUOTE_SIZE 64
const char *quoted(char buf[QUOTE_SIZE], const char *s); /* the same into a buffer; returns it */

#endif
