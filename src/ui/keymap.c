/* keymap.c - key names, the default bindings, and the reader's own keys file.
 *
 * Invariant: in one context a key means one thing; binding a key takes it from
 * whatever had it there.
 */
#include "ui/keymap.h"
#include "ui/glyph.h"
#include <strings.h>

/* The first name of a code is the one that is shown. */
static const struct {
    const char *name;
    int key;
} key_table[] = {
    {"Space", K_SPACE},     {"Tab", K_TAB},           {"S-Tab", K_BACK_TAB},       {"Enter", K_RETURN},
    {"Esc", K_ESCAPE},      {"Backspace", K_BACKSPACE}, {"Delete", K_DELETE},      {"Insert", K_INSERT},
    {"Up", K_UP},           {"Down", K_DOWN},         {"Left", K_LEFT},            {"Right", K_RIGHT},
    {"Home", K_HOME},       {"End", K_END},           {"PgUp", K_PAGE_UP},         {"PgDn", K_PAGE_DOWN},
    {"WheelUp", K_WHEEL_UP}, {"WheelDown", K_WHEEL_DOWN}, {"Click", K_CLICK},      {"Return", K_RETURN},
    {"Escape", K_ESCAPE},   {"PageUp", K_PAGE_UP},    {"PageDown", K_PAGE_DOWN},   {"Shift-Tab", K_BACK_TAB},
};
#define KEY_NAMES (sizeof key_table / sizeof key_table[0])

/* "F1" to "F12" */
static int function_key(const char *name) {
    uint64_t n = 0;
    const char *why;
    if ((name[0] != 'F' && name[0] != 'f') || !parse_number(name + 1, &n, &why)) return K_NOTHING;
    return n >= 1 && n <= 12 ? K_FUNCTION + (int)n - 1 : K_NOTHING;
}

int key_by_name(const char *name) {
    if (!name[0]) return K_NOTHING;
    const char *end = name;
    uint32_t ch = glyph_decode(&end);
    if (!*end) return (int)ch;
    if (name[0] == '^' && !name[2]) return name[1] & 0x1f;
    for (size_t i = 0; i < KEY_NAMES; i++)
        if (strcasecmp(key_table[i].name, name) == 0) return key_table[i].key;
    return function_key(name);
}

const char *key_text(int key, char buf[16]) {
    struct text t = text_in(buf, 16);
    for (size_t i = 0; i < KEY_NAMES; i++)
        if (key_table[i].key == key) return text_add(&t, key_table[i].name), buf;
    char sign[5];
    if (key >= K_FUNCTION && key < K_FUNCTION + 12) text_addf(&t, "F%d", key - K_FUNCTION + 1);
    else if (key > 0 && key < 32) text_addf(&t, "^%c", key + 64);
    else text_add(&t, glyph_encode((uint32_t)key, sign));
    return buf;
}

const struct action *action_by_name(const char *name) {
    for (const struct action *a = action_table; a->name; a++)
        if (strcmp(a->name, name) == 0) return a;
    return NULL;
}

/* The next blank-separated word of *s, or false. */
static bool next_word(const char **s, char *word, size_t size) {
    *s += strspn(*s, " \t");
    size_t n = strcspn(*s, " \t");
    if (n == 0) return false;
    struct text t = text_in(word, size);
    text_addn(&t, *s, n);
    *s += n;
    return true;
}

static const struct binding *bound(const struct keymap *k, unsigned where, int key) {
    for (size_t i = 0; i < k->count; i++)
        if (k->item[i].key == key && k->item[i].where & where) return &k->item[i];
    return NULL;
}

bool keymap_default(struct keymap *k, struct diag *why) {
    k->count = 0;
    for (const struct action *a = action_table; a->name; a++) {
        char word[16];
        for (const char *s = a->keys; next_word(&s, word, sizeof word);) {
            int key = key_by_name(word);
            const struct binding *other = bound(k, a->where, key);
            if (key == K_NOTHING || other || k->count == BINDINGS_MAX) {
                diag_set(why, "", 0, 0, "%s: key '%s' %s %s", a->name, word,
                         other ? "is already bound to" : "cannot be bound", other ? other->action->name : "");
                return false;
            }
            k->item[k->count++] = (struct binding){key, a->where, a};
        }
    }
    return true;
}

/* Take a key from whatever has it in these contexts. */
static void unbind_key(struct keymap *k, unsigned where, int key) {
    for (size_t i = 0; i < k->count; i++)
        if (k->item[i].key == key) k->item[i].where &= ~where;
}

static void unbind_action(struct keymap *k, const struct action *a) {
    size_t kept = 0;
    for (size_t i = 0; i < k->count; i++)
        if (k->item[i].action != a) k->item[kept++] = k->item[i];
    k->count = kept;
}

/* One line "action key..."; false after a message. */
static bool read_line(struct keymap *k, const char *line, const char *file, unsigned number,
                      struct diag_list *errors) {
    char word[32];
    const char *s = line;
    if (!next_word(&s, word, sizeof word)) return true;
    const struct action *a = action_by_name(word);
    if (!a) {
        const char *names[128];
        size_t n = 0;
        for (const struct action *i = action_table; i->name && n < 127; i++) names[n++] = i->name;
        names[n] = NULL;
        const char *near = suggest(word, names);
        diag_add(errors, file, number, 1, "there is no action '%s'%s%s%s", word, near ? ": did you mean '" : "",
                 near ? near : "", near ? "'?" : "");
        return false;
    }
    unbind_action(k, a);
    while (next_word(&s, word, sizeof word)) {
        int key = key_by_name(word);
        if (key == K_NOTHING || k->count == BINDINGS_MAX) {
            diag_add(errors, file, number, 1, "'%s' is no key (keys are x, ^X, F1, Space, PgDn...)", word);
            return false;
        }
        unbind_key(k, a->where, key);
        k->item[k->count++] = (struct binding){key, a->where, a};
    }
    return true;
}

bool keymap_read(struct keymap *k, char *text, const char *file, struct diag_list *errors) {
    bool good = true;
    unsigned number = 1;
    for (char *line = text; line; number++) {
        char *next = strchr(line, '\n');
        if (next) *next++ = '\0';
        size_t end = strlen(line);
        if (end > 0 && line[end - 1] == '\r') line[end - 1] = '\0';
        if (line[strspn(line, " \t")] != '#') good = read_line(k, line, file, number, errors) && good;
        line = next;
    }
    return good;
}

/* $XDG_CONFIG_HOME/vmscope/keys, else ~/.config/vmscope/keys. */
static bool config_path(struct text *out) {
    const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (xdg && xdg[0] == '/') text_addf(out, "%s/vmscope/keys", xdg);
    else if (home && home[0]) text_addf(out, "%s/.config/vmscope/keys", home);
    return out->len > 0 && !out->cut;
}

#define KEYS_FILE_MAX 65536

bool keymap_load(struct keymap *k, struct diag_list *errors) {
    char path[4096];
    struct text t = text_in(path, sizeof path);
    FILE *f = config_path(&t) ? fopen(path, "r") : NULL;
    if (!f) return true;
    char *content = malloc(KEYS_FILE_MAX);
    size_t n = content ? fread(content, 1, KEYS_FILE_MAX - 1, f) : 0;
    fclose(f);
    if (!content) return true;
    content[n] = '\0';
    bool good = keymap_read(k, content, path, errors);
    free(content);
    return good;
}

const struct action *keymap_find(const struct keymap *k, unsigned contexts, int key) {
    const struct binding *b = contexts & CTX_FIRST ? bound(k, contexts & CTX_FIRST, key) : NULL;
    if (!b) b = bound(k, contexts & ~(unsigned)CTX_FIRST, key);
    return b ? b->action : NULL;
}

/* The last of the keys that follow each other from item i on ("1" to "9"). */
static size_t run_end(const struct keymap *k, size_t i) {
    while (i + 1 < k->count && k->item[i + 1].action == k->item[i].action && k->item[i + 1].key == k->item[i].key + 1)
        i++;
    return i;
}

void keymap_keys(const struct keymap *k, const struct action *a, unsigned max, struct text *out) {
    unsigned n = 0;
    for (size_t i = 0; i < k->count && n < max; i++) {
        const struct binding *b = &k->item[i];
        char name[16];
        if (b->action != a || !b->where || b->key >= K_WHEEL_UP) continue;
        text_addf(out, "%s%s", n++ ? " " : "", key_text(b->key, name));
        size_t end = run_end(k, i);
        if (end < i + 2) continue;
        text_addf(out, "-%s", key_text(k->item[end].key, name));
        i = end;
    }
}
