/* help.c - the help screen: keys, commands, legend and words, all from the tables
 * that the program itself works by, so that help cannot be wrong. */
#include "ui/app_state.h"
#include "ui/glyph.h"
#include "ui/sheet.h"
#include <ctype.h>

/* ---- legend ---- */

static const struct {
    enum glyph glyph;
    const char *what;
} sign_table[] = {
    {GLYPH_RESIDENT, "page in a frame (resident)"},
    {GLYPH_SWAPPED, "page in a swap slot"},
    {GLYPH_IN_FILE, "page still in the program's file"},
    {GLYPH_UNTOUCHED, "page that nobody has touched yet: no frame stands behind it"},
    {GLYPH_THIS, "the page of the access under way"},
    {GLYPH_DOWN, "the stack grows this way"},
    {GLYPH_UP, "the heap grows this way"},
    {GLYPH_GAP, "addresses that nothing maps"},
    {GLYPH_POINTER, "what is under way, or has the keys"},
    {GLYPH_HAND, "the hand of a policy that goes around"},
};

static const struct {
    const char *letter, *what;
} letter_table[] = {
    {"V", "valid: the PTE may be used; otherwise the MMU traps"},
    {"R W X", "may be read, written, executed"},
    {"U", "user mode may use it"},
    {"G", "global: the same in every process"},
    {"A", "accessed (referenced): set when the page is used, by the hardware or, where it does not, by the OS"},
    {"D", "dirty: set when the page is written, likewise"},
    {"/", "unused: no region needs it, but it lies inside a segment and takes frames (without paging)"},
};

/* The field's words, one sentence each. */
static const struct {
    const char *word, *what;
} word_table[] = {
    {"VA, PA", "virtual and physical address: what the program says, and where it is in RAM."},
    {"VPN, offset", "virtual page number and place within the page: the two parts of a VA."},
    {"PFN", "page frame number: which frame of RAM; with the offset it makes the PA."},
    {"PTE", "page table entry: one word of a page table, with a PFN and flags."},
    {"page walk", "the MMU reads the page tables level by level, from the root register down."},
    {"TLB", "translation look-aside buffer: recent translations, kept in the MMU. A TLB miss is not a page fault."},
    {"TLB reach", "the memory that the entries of a TLB cover: entries times page size."},
    {"huge page", "a page of 2 MiB, 4 MiB or 1 GiB: a leaf above the last level of the tables maps it. One TLB entry is enough."},
    {"canonical", "64-bit addresses must repeat their topmost translated bit; those that do not lie in the hole and cannot exist."},
    {"inverted table", "a page table with an entry a frame instead of a page, searched by hashing."},
    {"base and bounds", "memory in one piece (or a few segments): the base is added, what lies beyond the bounds is refused."},
    {"ASID", "address-space identifier: tells whose a TLB entry is, so that a switch need not flush."},
    {"page fault", "the MMU could not finish and the operating system takes over. Not an error."},
    {"minor fault", "a page fault served without the disk."},
    {"major fault", "a page fault that reads from swap or a file."},
    {"SIGSEGV", "the answer to an access that no region allows: this one is an error."},
    {"demand paging", "a page gets its frame only when it is touched."},
    {"zero fill", "a frame is filled with zeros before a process sees it."},
    {"victim", "the page that must leave its frame when none is free."},
    {"swap slot", "the place on disk for a page that was written and had to leave."},
    {"resident set", "the pages of a process that are in frames."},
    {"working set", "the pages that a process has used lately."},
    {"VMA", "region of an address space: text, data, bss, heap, stack..."},
    {"copy-on-write", "pages shared after a fork, copied when one side writes (with a later version)."},
};

/* ---- sections ---- */

static void heading(struct sheet *s, const char *title) {
    sheet_gap(s);
    area_text(&s->area, 0, s->y++, ROLE_HEADING, title);
}

static void add_keys(struct sheet *s, const struct keymap *k) {
    int at = s->area.width / 3 < 25 ? s->area.width / 3 : 25;
    for (int group = 0; group < ACTS_GROUPS; group++) {
        heading(s, action_group_title[group]);
        for (const struct action *a = action_table; a->name; a++) {
            char keys[64] = "";
            struct text t = text_in(keys, sizeof keys);
            if ((int)a->group != group) continue;
            keymap_keys(k, a, 8, &t);
            if (keys[0]) sheet_pair(s, at, ROLE_KEY, keys, a->help);
        }
    }
}

static void add_commands(struct sheet *s) {
    struct command_info c;
    int at = s->area.width / 3 < 25 ? s->area.width / 3 : 25;
    heading(s, "Commands, after `:`");
    for (size_t i = 0; command_info(i, &c); i++) {
        char words[80];
        struct text t = text_in(words, sizeof words);
        text_addf(&t, "%s %s", c.name, c.args);
        sheet_pair(s, at, ROLE_KEY, words, c.help);
    }
}

static void add_signs(struct sheet *s) {
    heading(s, "Signs");
    for (size_t i = 0; i < sizeof sign_table / sizeof sign_table[0]; i++) {
        char sign[5];
        glyph_encode(glyph_char(sign_table[i].glyph, s->canvas.ascii), sign);
        sheet_pair(s, 7, ROLE_NORMAL, sign, sign_table[i].what);
    }
    heading(s, "How a step came out");
    for (int o = OUT_HIT; o < OUT_COUNT; o++)
        sheet_pair(s, 7, ROLE_NORMAL, (char[]){outcome_letter[o], '\0'}, outcome_text[o]);
    heading(s, "Flags of a PTE");
    for (size_t i = 0; i < sizeof letter_table / sizeof letter_table[0]; i++)
        sheet_pair(s, 7, ROLE_NORMAL, letter_table[i].letter, letter_table[i].what);
}

static void add_colours(struct sheet *s, enum theme theme) {
    heading(s, "Colours");
    sheet_pair(s, 7, ROLE_NORMAL, "theme", theme_name[theme]);
    for (int r = 0; r < ROLE_COUNT; r++) {
        area_text(&s->area, 0, s->y, (enum role)r, "sample");
        s->y = area_text(&s->area, 7, s->y, ROLE_NORMAL, role_what[r]) ? s->y + 1 : s->y;
    }
}

static void add_words(struct sheet *s) {
    heading(s, "Words");
    for (size_t i = 0; i < sizeof word_table / sizeof word_table[0]; i++)
        sheet_pair(s, 16, ROLE_HEADING, word_table[i].word, word_table[i].what);
}

static void add_policies(struct sheet *s) {
    heading(s, "Replacement policies: who is the victim?");
    for (size_t i = 0; policy_table[i]; i++)
        sheet_pair(s, 16, ROLE_HEADING, policy_table[i]->title, policy_table[i]->rule);
}

/* ---- finding a word ---- */

static bool row_holds(const struct canvas *c, int y, const char *word) {
    char row[512];
    struct text t = text_in(row, sizeof row);
    canvas_row_text(c, y, &t);
    for (const char *s = row; *s; s++) {
        size_t n = 0;
        while (word[n] && tolower((unsigned char)s[n]) == tolower((unsigned char)word[n])) n++;
        if (!word[n]) return true;
    }
    return false;
}

/* Scroll to the last row that holds the word: its definition stands below the keys. */
static void find_word(const struct sheet *s, struct screen_state *st) {
    int found = -1;
    for (int y = 0; y < s->y && y < SHEET_ROWS; y++) {
        bool starts = s->canvas.cell[(size_t)y * (size_t)s->canvas.width].ch != ' ';
        if ((starts || found < 0) && row_holds(&s->canvas, y, st->find)) found = y;
    }
    if (found >= 0) {
        st->scroll = found;
        area_role(&s->area, 0, found, s->area.width, 1, ROLE_NOW);
    } else {
        struct text t = text_in(st->message, sizeof st->message);
        text_addf(&t, "Help says nothing about '%s'.", st->find);
        st->message_role = ROLE_ERROR;
    }
}

void draw_help(const struct area *screen, struct screen_state *st) {
    struct sheet s;
    if (!sheet_open(&s, screen, 92)) return;
    add_keys(&s, st->keymap);
    add_commands(&s);
    add_signs(&s);
    add_colours(&s, st->theme);
    add_words(&s);
    add_policies(&s);
    if (st->find) find_word(&s, st);
    st->find = NULL;
    sheet_show(&s, screen, "Help", "q closes", st);
}

void ui_keys_text(struct text *out) {
    struct keymap k;
    if (!keymap_default(&k, NULL)) return;
    for (int group = 0; group < ACTS_GROUPS; group++) {
        text_addf(out, "%s%s\n", group ? "\n" : "", action_group_title[group]);
        for (const struct action *a = action_table; a->name; a++) {
            char keys[64] = "";
            struct text t = text_in(keys, sizeof keys);
            if ((int)a->group != group) continue;
            keymap_keys(&k, a, 8, &t);
            if (keys[0]) text_addf(out, "  %-28s %s\n", keys, a->help);
        }
    }
}
