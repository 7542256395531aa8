/* narrate.c - events in words and in JSON.
 *
 * The sentences stand in EVENT_KINDS (base/event.h), the fields in
 * narrate_fields.c; here they meet, with the numbers of the very event.
 */
#include "sim/narrate_fields.h"

#include <ctype.h>

/* ---- sentences ---- */

/* A word of the template, in the reader's terminology; returns its length. */
static size_t say_word(struct text *out, const char *s, enum terminology t) {
    char word[16];
    size_t n = 0;
    while (isalpha((unsigned char)s[n])) n++;
    if (n == 0 || n >= sizeof word || t == TERM_DEFAULT) {
        text_addn(out, s, n ? n : 1);
        return n ? n : 1;
    }
    memcpy(word, s, n);
    word[n] = '\0';
    text_add(out, term_word(t, word));
    return n;
}

static void say_template(struct text *out, const struct context *c, const char *s, enum terminology t) {
    while (*s) {
        const char *end = *s == '{' ? strchr(s, '}') : NULL;
        const struct field *field = end ? field_by_name(s + 1, (size_t)(end - s - 1)) : NULL;
        if (field) {
            field->say(out, c);
            s = end + 1;
        } else {
            s += say_word(out, s, t);
        }
    }
}

static struct context context_of(const struct machine *m, const struct event *e) {
    return (struct context){m, &machine_config(m)->format, e};
}

void narrate_event(struct text *out, const struct machine *m, const struct event *e, enum terminology t) {
    struct context c = context_of(m, e);
    say_template(out, &c, event_table[e->kind].text, t);
}

void narrate_label(struct text *out, const struct machine *m, const struct event *e) {
    struct context c = context_of(m, e);
    say_template(out, &c, event_table[e->kind].label, TERM_DEFAULT);
}

static void narrate_access(struct text *out, const struct machine *m, const struct step *s) {
    text_addf(out, "%s%s ", s->flags & STEP_KERNEL ? "kernel " : "", access_name((enum access_kind)s->op));
    narrate_address(out, m, s);
    if (!(s->flags & STEP_HAS_VALUE)) return;
    text_add(out, " <- ");
    field_plain_value(out, s->value);
}

static void narrate_flush(struct text *out, const struct machine *m, const struct step *s) {
    static const char *const what[FLUSH_SCOPES] = {"everything", "one address space", "the page of "};
    text_addf(out, "flush TLB: %s", what[s->value % FLUSH_SCOPES]);
    if (s->value == FLUSH_ONE_PAGE) format_va(out, &machine_config(m)->format, s->va);
}

void narrate_step(struct text *out, const struct machine *m, const struct step *s) {
    switch ((enum step_kind)s->kind) {
    case STEP_ACCESS: narrate_access(out, m, s); break;
    case STEP_SWITCH: text_addf(out, "switch to %s", process_name(m, s->proc)); break;
    case STEP_SET_POLICY: text_addf(out, "set policy %s", policy_of_number(s->value) ? policy_of_number(s->value)->title : "?"); break;
    case STEP_TLB_FLUSH: narrate_flush(out, m, s); break;
    case STEP_FORK: text_addf(out, "fork %s", config_process_name(machine_config(m), (proc_t)s->value)); break;
    case STEP_EXIT: text_add(out, "exit"); break;
    case STEP_CALL: narrate_call(out, m, s); break;
    case STEP_SUSPEND: text_addf(out, "suspend %s", process_name(m, s->proc)); break;
    case STEP_RESUME: text_addf(out, "resume %s", process_name(m, s->proc)); break;
    case STEP_KINDS: break;
    }
}

/* ---- JSON ---- */

/* Quotes and control characters as JSON wants them. */
static void json_string(struct text *out, const struct context *c, writer *write) {
    char raw[128];
    struct text t = text_in(raw, sizeof raw);
    write(&t, c);
    text_addc(out, '"');
    for (const char *p = raw; *p; p++) {
        if ((unsigned char)*p < 0x20) text_addf(out, "\\u%04x", (unsigned)(unsigned char)*p);
        else {
            if (*p == '"' || *p == '\\') text_addc(out, '\\');
            text_addc(out, *p);
        }
    }
    text_addc(out, '"');
}

static void json_field(struct text *out, const struct context *c, const struct field *field) {
    writer *write = field->json_value ? field->json_value : field->say;
    text_addf(out, ",\"%s\":", field->json);
    if (field_absent(field, c->e)) text_add(out, "null");
    else if (field->form == J_STRING) json_string(out, c, write);
    else write(out, c);
}

void narrate_json(struct text *out, const struct machine *m, const struct event *e) {
    struct context c = context_of(m, e);
    const struct event_info *info = &event_table[e->kind];
    text_addf(out, "{\"step\":%llu,\"micro\":%u,\"actor\":\"%s\",\"event\":\"%s\"", (unsigned long long)e->step + 1,
              e->micro + 1, actor_name(event_actor(e)), info->name);
    for (const char *s = info->fields; *s;) {
        size_t n = strcspn(s, " ");
        const struct field *field = field_by_name(s, n);
        if (field && field->json) json_field(out, &c, field);
        s += n + strspn(s + n, " ");
    }
    text_addc(out, '}');
}
