/* breakpoint.c - where running stops: one table of what can be named.
 *
 * A breakpoint looks at events alone; the machine does not know of it.
 */
#include "ui/session.h"

static bool word_is(const char *words, const char *word, const char **rest) {
    size_t n = strlen(word);
    if (strncmp(words, word, n) != 0 || (words[n] && words[n] != ' ')) return false;
    *rest = words + n + strspn(words + n, " ");
    return true;
}

static bool parse_page(const char *address, const struct machine *m, uint64_t *value, struct text *why) {
    const struct machine_config *c = machine_config(m);
    const struct kernel *k = machine_kernel(m);
    char reason[320] = "";
    struct address at = {0};
    struct symbol mapping = {0};
    if (!address_parse(address, c, k->process[k->running].image, &at, reason, sizeof reason)) {
        text_addf(why, "%s: %s", address, reason);
        return false;
    }
    if (at.name) kernel_symbol(k, k->running, at.name, &mapping);
    *value = mapping.first + va_to_vpn(at.va, c->format.page_shift);
    return true;
}

static bool parse_process(const char *name, const struct machine *m, uint64_t *value, struct text *why) {
    const struct kernel *k = machine_kernel(m);
    for (uint32_t p = 0; p < k->process_count; p++)
        if (strcmp(k->process[p].name, name) == 0) return *value = p, true;
    text_addf(why, "There is no process '%s'.", name);
    return false;
}

static const struct {
    const char *word;
    enum break_kind kind;
    bool (*parse)(const char *rest, const struct machine *m, uint64_t *value, struct text *why);
} break_words[] = {
    {"fault", BREAK_FAULT, NULL},
    {"page", BREAK_PAGE, parse_page},
    {"process", BREAK_PROCESS, parse_process},
};

/* A fault class, or a kind of event by its JSON name. */
static bool parse_name(const char *words, struct breakpoint *out) {
    enum fault_class fault = fault_by_name(words);
    if (fault > FAULT_NONE && fault < FAULT_COUNT) {
        *out = (struct breakpoint){.kind = BREAK_CLASS, .value = fault};
        return true;
    }
    for (int kind = 1; kind < EV_COUNT; kind++)
        if (strcmp(event_table[kind].name, words) == 0) {
            *out = (struct breakpoint){.kind = BREAK_EVENT, .value = (uint64_t)kind};
            return true;
        }
    return false;
}

bool breakpoint_parse(const char *words, const struct machine *m, struct breakpoint *out, struct text *why) {
    bool good = parse_name(words, out);
    for (size_t i = 0; !good && i < sizeof break_words / sizeof break_words[0]; i++) {
        const char *rest = NULL;
        if (!word_is(words, break_words[i].word, &rest)) continue;
        *out = (struct breakpoint){.kind = break_words[i].kind};
        if (break_words[i].parse && !break_words[i].parse(rest, m, &out->value, why)) return false;
        good = true;
    }
    struct text text = text_in(out->text, sizeof out->text);
    text_add(&text, words);
    if (!good) text_addf(why, "'%s' is no fault class, event, 'fault', 'page A' or 'process P'.", words);
    return good;
}

/* One function a kind. */
typedef bool hit_function(uint64_t value, const struct machine *m, const struct event *e);

static bool hit_fault(uint64_t value, const struct machine *m, const struct event *e) {
    bool miss_only = e->cause == HW_FAULT_TLB_MISS; /* software refills the TLB: its trap is no fault yet */
    (void)value, (void)m;
    return (e->kind == EV_TRAP && !miss_only) || e->kind == EV_REFILL_FAULT;
}
static bool hit_class(uint64_t value, const struct machine *m, const struct event *e) {
    (void)m;
    return e->fault == value && e->kind != EV_SIGSEGV; /* a SIGSEGV repeats the class that was found before */
}
static bool hit_event(uint64_t value, const struct machine *m, const struct event *e) {
    (void)m;
    return e->kind == value;
}
static bool hit_page(uint64_t value, const struct machine *m, const struct event *e) {
    if (e->kind == EV_VICTIM) return e->old_vpn == value;
    bool access = e->kind == EV_ACCESS || e->kind == EV_SPLIT;
    return access && va_to_vpn(e->va, machine_config(m)->format.page_shift) == value;
}
static bool hit_process(uint64_t value, const struct machine *m, const struct event *e) {
    (void)m;
    return e->kind == EV_SWITCH && e->proc == value;
}

bool breakpoint_hit(const struct breakpoint *b, const struct machine *m, const struct event *e) {
    static hit_function *const hit[] = {
        [BREAK_FAULT] = hit_fault, [BREAK_CLASS] = hit_class,     [BREAK_EVENT] = hit_event,
        [BREAK_PAGE] = hit_page,   [BREAK_PROCESS] = hit_process,
    };
    return hit[b->kind](b->value, m, e);
}
