/* test_keys.c - every key of every place, once, in the real program.
 *
 * The table of actions says which keys there are and where they work, so a new
 * key is tested without anybody thinking of it. What each one does is tested
 * elsewhere; here it must neither end the program badly nor wedge it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "pty_session.h"
#include "ui/keymap.h"

#include <cmocka.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

/* What a terminal of the kind xterm sends for the keys that have names. */
static const struct {
    const char *name, *bytes;
} sent[] = {
    {"Space", " "},
    {"Tab", "\t"},
    {"S-Tab", "\033[Z"},
    {"Enter", "\r"},
    {"Esc", "\033"},
    {"Backspace", "\177"},
    {"Delete", "\033[3~"},
    {"Insert", "\033[2~"},
    {"Up", "\033OA"},
    {"Down", "\033OB"},
    {"Left", "\033OD"},
    {"Right", "\033OC"},
    {"Home", "\033OH"},
    {"End", "\033OF"},
    {"PgUp", "\033[5~"},
    {"PgDn", "\033[6~"},
    {"F1", "\033OP"},
    {"F10", "\033[21~"},
    {"Click", "\033[<0;30;6M"},
    {"WheelUp", "\033[<64;30;6M"},
    {"WheelDown", "\033[<65;30;6M"},
};

static void bytes_of(const char *key, char out[16]) {
    struct text t = text_in(out, 16);
    for (size_t i = 0; i < sizeof sent / sizeof *sent && !t.len; i++)
        if (strcmp(sent[i].name, key) == 0) text_add(&t, sent[i].bytes);
    if (t.len) return;
    assert_true(key[0] == '^' || strlen(key) == 1); /* else a name that `sent` lacks */
    if (key[0] == '^' && key[1]) text_addc(&t, (char)(key[1] & 0x1f));
    else text_add(&t, key);
}

/* How to get to each place, in the order of enum context's bits, and what shows it. */
static const struct {
    unsigned context;
    const char *keys, *shows;
} places[] = {
    {CTX_PANES, "q s", "step 1/12"},          {CTX_FOUND, "q/heap\rs", "step 1/12"},
    {CTX_TEXT, "q?", "Moving in time"},       {CTX_QUESTION, "qp ", "What do you expect?"},
    {CTX_LINE, "q:", ":"},                    {CTX_TABLE, "q3", "3 Page table"},
    {CTX_TREE, "q3v", "tree"},
};
#define PLACES (sizeof places / sizeof *places)

/* Its last words may arrive after the news that it ended. */
static bool has_left(struct pty *p, const void *arg) { return (void)arg, !pty_alternate_screen(p); }

/* A key may have ended the program by itself: ^C then kills what is left of it. */
static bool leave(struct pty *p) {
    bool read = pty_wait_read(p);
    pty_type(p, "\003");
    int status = pty_wait_end(p);
    bool ended = (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
                 (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
    bool good = read && ended && pty_line_as_before(p) && pty_wait(p, has_left, NULL);
    if (!good)
        print_message("# wait status %#x, line %s\n%s\n", (unsigned)status,
                      pty_line_as_before(p) ? "as before" : "changed", pty_screen(p));
    pty_free(p);
    return good;
}

static bool is_back(struct pty *p, const void *arg) { return (void)arg, pty_alternate_screen(p); }

static void press(struct pty *p, const struct action *a, const char *key) {
    char bytes[16];
    bytes_of(key, bytes);
    pty_type(p, bytes);
    if (key[0] == '^' && key[1] == 'Z') {
        assert_true(pty_wait_stopped(p));
        pty_continue(p);
        assert_true(pty_wait(p, is_back, NULL));
    }
    if (leave(p)) return;
    print_message("# it did not end well after the key %s (%s)\n", key, a->name);
    fail();
}

/* All keys of an action, each in a session of its own. */
static void press_all(const struct action *a, struct pty *(*open)(size_t place), size_t place) {
    for (const char *key = a->keys; *key;) {
        char word[16];
        struct text t = text_in(word, sizeof word);
        size_t n = strcspn(key, " ");
        text_addn(&t, key, n);
        key += n + strspn(key + n, " ");
        press(open(place), a, word);
    }
}

static struct pty *open_place(size_t place) {
    const char *argv[] = {vmscope_path(), "tests/data/session.yaml", NULL};
    struct pty *p = pty_start(argv, &(struct pty_options){.rows = 24, .cols = 80});
    assert_true(pty_wait_text(p, "This card"));
    pty_type(p, places[place].keys);
    assert_true(pty_wait_text(p, places[place].shows));
    return p;
}

static struct pty *open_menu(size_t place) {
    (void)place;
    const char *argv[] = {vmscope_path(), NULL};
    struct pty *p = pty_start(argv, &(struct pty_options){.rows = 24, .cols = 80});
    assert_true(pty_wait_text(p, "Lessons"));
    return p;
}

static void press_all_keys_of(unsigned context) {
    for (size_t i = 0; i < PLACES; i++)
        for (const struct action *a = action_table; a->name && places[i].context == context; a++)
            if (a->where & context) press_all(a, open_place, i);
}

static void every_key_works_in_the_panes(void **state) { (void)state, press_all_keys_of(CTX_PANES); }
static void every_key_works_in_a_search(void **state) { (void)state, press_all_keys_of(CTX_FOUND); }
static void every_key_works_in_a_text(void **state) { (void)state, press_all_keys_of(CTX_TEXT); }
static void every_key_works_at_a_question(void **state) { (void)state, press_all_keys_of(CTX_QUESTION); }
static void every_key_works_in_a_line(void **state) { (void)state, press_all_keys_of(CTX_LINE); }

static void every_key_works_in_the_page_table(void **state) { (void)state, press_all_keys_of(CTX_TABLE); }
static void every_key_works_in_the_tree_of_tables(void **state) { (void)state, press_all_keys_of(CTX_TREE); }

static void every_key_works_in_the_menu(void **state) {
    (void)state;
    for (const struct action *a = action_table; a->name; a++)
        if (a->where & CTX_MENU) press_all(a, open_menu, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_works_in_the_panes),  cmocka_unit_test(every_key_works_in_a_search),
        cmocka_unit_test(every_key_works_in_a_text),     cmocka_unit_test(every_key_works_at_a_question),
        cmocka_unit_test(every_key_works_in_a_line),     cmocka_unit_test(every_key_works_in_the_menu),
        cmocka_unit_test(every_key_works_in_the_page_table), cmocka_unit_test(every_key_works_in_the_tree_of_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
