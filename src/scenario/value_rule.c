/* value_rule.c - the rules of value_rule.h: numbers, words, choices.
 *
 * Every complaint names the form that was meant; a choice lists all choices,
 * and says of a known name that a later version brings it. */
#include "scenario/value_rule.h"

#include "vmscope/base/event.h"
#include "vmscope/hw/tlb.h"
#include "vmscope/os/config.h"
#include "vmscope/policy/policy.h"
#include "vmscope/scenario/trace.h"
#include "vmscope/sim/narrate.h"

/* ---- quoting what the file says ---- */

#define QUOTE_LENGTH 40

void quote(struct text *t, const char *s) {
    size_t n = strlen(s), cut = n;
    if (n > QUOTE_LENGTH)
        for (cut = QUOTE_LENGTH; cut > 0 && ((unsigned char)s[cut] & 0xc0) == 0x80;) cut--;
    text_addc(t, '\'');
    text_addn(t, s, cut);
    text_add(t, cut < n ? "...'" : "'");
}

const char *quoted(char buf[QUOTE_SIZE], const char *s) {
    struct text t = text_in(buf, QUOTE_SIZE);
    quote(&t, s);
    return buf;
}

void size_word(struct text *t, uint64_t bytes) {
    static const char *const unit[] = {"", "KiB", "MiB", "GiB"};
    unsigned u = 0;
    for (; u < 3 && bytes && bytes % 1024 == 0; u++) bytes /= 1024;
    text_addf(t, "%llu%s", (unsigned long long)bytes, unit[u]);
}

/* ---- scalars with a grammar ---- */

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

bool page_ref_next(const char **s, struct page_ref *out, char word[PAGE_WORD_SIZE], const char **why) {
    *why = NULL;
    while (is_blank(**s)) (*s)++;
    if (!**s) return false;
    size_t n = 0;
    for (; **s && !is_blank(**s); (*s)++)
        if (n + 1 < PAGE_WORD_SIZE) word[n++] = **s;
    out->write = n > 1 && word[n - 1] == 'w';
    word[out->write ? n - 1 : n] = '\0';
    if (parse_number(word, &out->vpn, why)) return true;
    word[n] = '\0';
    return false;
}

bool bits_parse(const char *s, unsigned *low, unsigned *high) {
    char first[8];
    const char *dash = strchr(s, '-'), *why;
    uint64_t a = 0, b = 0;
    size_t n = dash ? (size_t)(dash - s) : strlen(s);
    if (n >= sizeof first) return false;
    memcpy(first, s, n);
    first[n] = '\0';
    if (!parse_number(first, &a, &why)) return false;
    b = a;
    if (dash && !parse_number(dash + 1, &b, &why)) return false;
    if (a > b || b > 63) return false;
    *low = (unsigned)a;
    *high = (unsigned)b;
    return true;
}

bool perms_parse(const char *s, unsigned *out) {
    static const char letter[] = "rwx";
    unsigned perms = 0;
    if (!*s) return false;
    for (; *s; s++) {
        if (*s == '-') continue;
        const char *at = strchr(letter, *s);
        unsigned bit = at ? 1u << (at - letter) : 0;
        if (!bit || (perms & bit)) return false;
        perms |= bit;
    }
    *out = perms;
    return true;
}

bool page_or_free_parse(const char *s, vpn_t *out, const char **why) {
    if (strcmp(s, "free") == 0 || strcmp(s, "null") == 0 || strcmp(s, "~") == 0) {
        *out = UINT64_MAX;
        return true;
    }
    return parse_number(s, out, why);
}

/* ---- choices ---- */

static const char *policy_name_at(size_t i) { return policy_table[i] ? policy_table[i]->name : NULL; }
static const char *fault_at(size_t i) { return i < FAULT_COUNT ? fault_name((enum fault_class)i) : NULL; }
/* "hit", "tlb-miss", then the fault classes: meaning_steps.c relies on the order. */
static const char *outcome_at(size_t i) {
    static const char *const first[] = {"hit", "tlb-miss"};
    return i < 2 ? first[i] : fault_at(i - 2);
}
static const char *access_at(size_t i) { return i < ACCESS_KINDS ? access_name((enum access_kind)i) : NULL; }
static const char *terminology_at(size_t i) { return terminology_name[i]; }
static const char *advice_at(size_t i) { return advice_name[i]; }
static const char *tlb_replacement_at(size_t i) { return tlb_replacement_name[i]; }
static const char *trace_format_at(size_t i) { return trace_format_table[i].name; }
static const char *paging_at(size_t i) { return paging_formats[i] ? paging_formats[i]->name : NULL; }

#define NAMES(id, ...) static const char *const id[] = {__VA_ARGS__, NULL};
NAMES(bool_names, "true", "false")
NAMES(level_names, "beginner", "intermediate", "advanced")
NAMES(scope_names, "global", "local")
NAMES(refill_names, "hardware", "software")
NAMES(allocation_names, "equal", "proportional")
NAMES(profile_names, "textbook", "linux")
NAMES(page_tables_names, "reserved", "in_frames")
NAMES(backing_names, "anonymous", "file")
/* meaning_controls.c relies on the order. */
NAMES(ad_names, "hardware", "software", "svadu", "svade")
NAMES(mode_names, "user", "kernel")

/* Either a list, or a function that gives the i-th (NULL at the end); and names to come. */
struct choice {
    const char *const *names;
    const char *(*at)(size_t i);
    const char *const *later;
};
static const struct choice choice_table[RULE_COUNT] = {
    [RULE_BOOL] = {bool_names, NULL, NULL},
    [RULE_LEVEL] = {level_names, NULL, NULL},
    [RULE_TERMINOLOGY] = {NULL, terminology_at, NULL},
    [RULE_POLICY] = {NULL, policy_name_at, NULL},
    [RULE_SCOPE] = {scope_names, NULL, NULL},
    [RULE_TLB_REPLACEMENT] = {NULL, tlb_replacement_at, NULL},
    [RULE_REFILL] = {refill_names, NULL, NULL},
    [RULE_ALLOCATION] = {allocation_names, NULL, NULL},
    [RULE_PROFILE] = {profile_names, NULL, NULL},
    [RULE_PAGE_TABLES] = {page_tables_names, NULL, NULL},
    [RULE_BACKING] = {backing_names, NULL, NULL},
    [RULE_ADVICE] = {NULL, advice_at, NULL},
    [RULE_PAGING] = {NULL, paging_at, NULL},
    [RULE_AD] = {ad_names, NULL, NULL},
    [RULE_MODE] = {mode_names, NULL, NULL},
    [RULE_ACCESS] = {NULL, access_at, NULL},
    [RULE_OUTCOME] = {NULL, outcome_at, NULL},
    [RULE_FAULT] = {NULL, fault_at, NULL},
    [RULE_TRACE_FORMAT] = {NULL, trace_format_at, NULL},
};
#define CHOICES_MAX 64

static const char *choice_name(const struct choice *c, size_t i) { return c->at ? c->at(i) : c->names[i]; }

int choice_find(enum value_rule r, const char *s) {
    const struct choice *c = &choice_table[r];
    const struct policy_ops *ops = r == RULE_POLICY ? policy_by_name(s) : NULL;
    if (ops) s = ops->name;
    for (int i = 0; choice_name(c, (size_t)i); i++)
        if (strcmp(choice_name(c, (size_t)i), s) == 0) return i;
    return -1;
}

static bool in_list(const char *const *names, const char *s) {
    for (; names && *names; names++)
        if (strcmp(*names, s) == 0) return true;
    return false;
}

static void text_list(struct text *t, const struct choice *c) {
    for (size_t i = 0; choice_name(c, i); i++) {
        if (i) text_add(t, choice_name(c, i + 1) ? ", " : " or ");
        text_add(t, choice_name(c, i));
    }
}

static bool check_choice(enum value_rule r, const char *s, struct text *why) {
    const struct choice *c = &choice_table[r];
    if (choice_find(r, s) >= 0) return true;
    quote(why, s);
    if (in_list(c->later, s)) {
        text_add(why, " arrives in a later version; this one has ");
        text_list(why, c);
        return false;
    }
    const char *names[CHOICES_MAX] = {NULL};
    for (size_t i = 0; i + 1 < CHOICES_MAX && choice_name(c, i); i++) names[i] = choice_name(c, i);
    const char *near = suggest(s, names);
    text_addf(why, " is not %s: ", rule_noun(r));
    if (near)
        text_addf(why, "did you mean '%s'? (", near);
    else
        text_add(why, "write ");
    text_list(why, c);
    if (near) text_addc(why, ')');
    return false;
}

/* ---- the other rules ---- */

static bool complain(enum value_rule r, const char *s, const char *why, struct text *out) {
    quote(out, s);
    text_addf(out, " is not %s: ", rule_noun(r));
    if (why)
        text_add(out, why);
    else
        text_addf(out, "write it as %s", rule_example(r));
    return false;
}

static bool name_ok(const char *s) {
    size_t n = 0;
    for (; s[n]; n++) {
        char c = s[n];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool later = (c >= '0' && c <= '9') || c == '-' || c == '.';
        if (!letter && !(later && n > 0)) return false;
    }
    return n > 0 && n < NAME_SIZE;
}

static bool check_name(enum value_rule r, const char *s, struct text *why) {
    if (name_ok(s)) return true;
    quote(why, s);
    text_addf(why, " is not %s: use 1 to %d letters, digits, '_', '-' or '.', a letter first", rule_noun(r),
              NAME_SIZE - 1);
    return false;
}

static bool check_pages(enum value_rule r, const char *s, struct text *why) {
    char word[PAGE_WORD_SIZE];
    const char *reason;
    struct page_ref ref;
    bool any = false;
    while (page_ref_next(&s, &ref, word, &reason)) any = true;
    if (!reason && !any)
        text_addf(why, "there is no page number: write %s such as %s", rule_noun(r), rule_example(r));
    if (!reason) return any;
    quote(why, word);
    text_addf(why, " is not a page number (%s): write %s such as %s", reason, rule_noun(r), rule_example(r));
    return false;
}

static bool check_version(enum value_rule r, const char *s, struct text *why) {
    uint64_t n;
    const char *reason;
    if (!parse_number(s, &n, &reason)) return complain(r, s, reason, why);
    if (n == 1) return true;
    text_addf(why, "%llu is not known here: this vmscope reads version 1", (unsigned long long)n);
    return false;
}

static bool check_number(enum value_rule r, const char *s, struct text *why) {
    uint64_t n;
    const char *reason = NULL;
    return parse_number(s, &n, &reason) || complain(r, s, reason, why);
}

static bool check_size(enum value_rule r, const char *s, struct text *why) {
    uint64_t n;
    const char *reason = NULL;
    return parse_size(s, &n, &reason) || complain(r, s, reason, why);
}

static bool check_duration(enum value_rule r, const char *s, struct text *why) {
    uint64_t n;
    const char *reason = NULL;
    return parse_duration(s, &n, &reason) || complain(r, s, reason, why);
}

static bool check_page_or_free(enum value_rule r, const char *s, struct text *why) {
    vpn_t n;
    const char *reason = NULL;
    return page_or_free_parse(s, &n, &reason) || complain(r, s, reason, why);
}

static bool check_bits(enum value_rule r, const char *s, struct text *why) {
    unsigned low, high;
    return bits_parse(s, &low, &high) || complain(r, s, NULL, why);
}

static bool check_perms(enum value_rule r, const char *s, struct text *why) {
    unsigned perms;
    return perms_parse(s, &perms) || complain(r, s, NULL, why);
}

static bool check_perms_or_none(enum value_rule r, const char *s, struct text *why) {
    return strcmp(s, "none") == 0 || check_perms(r, s, why);
}

/* Rules without a line here are choices, or text of any kind (an address needs
 * a process to be understood). */
static bool (*const check_table[RULE_COUNT])(enum value_rule, const char *, struct text *) = {
    [RULE_NAME] = check_name,       [RULE_NUMBER] = check_number,
    [RULE_SIZE] = check_size,       [RULE_DURATION] = check_duration,
    [RULE_PAGES] = check_pages,     [RULE_BITS] = check_bits,
    [RULE_PERMS] = check_perms,     [RULE_PAGE_OR_FREE] = check_page_or_free,
    [RULE_VERSION] = check_version, [RULE_PERMS_OR_NONE] = check_perms_or_none,
};

bool value_check(enum value_rule r, const char *s, struct text *why) {
    if (choice_table[r].names || choice_table[r].at) return check_choice(r, s, why);
    return !check_table[r] || check_table[r](r, s, why);
}

#define X(id, noun, example) noun,
static const char *const noun_table[RULE_COUNT] = {RULES(X)};
#undef X
#define X(id, noun, example) example,
static const char *const example_table[RULE_COUNT] = {RULES(X)};
#undef X

const char *rule_noun(enum value_rule r) { return noun_table[r]; }
const char *rule_example(enum value_rule r) { return example_table[r]; }
