/* theme.c - the matrix of roles x themes.
 *
 * Invariants, each a test: every role of every theme is set; no look blinks or
 * stands on A_DIM alone; in `mono` the roles that a reader must tell apart
 * differ in bold, underline or reverse.
 *
 * `default` keeps the terminal's own background, which may be dark or light: so
 * its colours were chosen from the 256-colour cube for a luminance near 0.18,
 * which is the one with about the same contrast (4.5 to 1) on black and on white.
 * `okabe-ito` takes the eight colours of Okabe and Ito, "Color Universal Design"
 * (2008), nearest cells of the cube, on black.
 */
#include "ui/theme.h"

const char *const theme_name[THEMES + 1] = {"default", "light", "contrast", "okabe-ito", "mono", NULL};
const char *const theme_what[THEMES] = {
    "colours on the terminal's own background",
    "dark on white, for projectors and bright rooms",
    "bright on black, at least 7 to 1",
    "eight colours that all kinds of colour vision tell apart",
    "no colour: bold, underline and reverse alone",
};

const char *const role_name[ROLE_COUNT] = {
#define X(id, what) [ROLE_##id] = #id,
    ROLES(X)
#undef X
};
const char *const role_what[ROLE_COUNT] = {
#define X(id, what) [ROLE_##id] = what,
    ROLES(X)
#undef X
};

/* A cell of the matrix: colours where there are 256, where there are 8, and attributes. */
struct entry {
    int16_t fg256, bg256, fg8, bg8;
    uint8_t attr;
    bool set; /* so that a forgotten role is found by its test */
};

/* The eight colours of every terminal. */
enum { BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE };
#define T COLOR_TERMINAL
#define B LOOK_BOLD
#define U LOOK_UNDERLINE
#define R LOOK_REVERSE

/* clang-format off */
/*  role                    256: fg   bg    8: fg      bg       attributes */
static const struct entry matrix[THEMES][ROLE_COUNT] = {
    [THEME_DEFAULT] = {
        [ROLE_NORMAL]       = {T,    T,    T,       T,       0,     true},
        [ROLE_DIM]          = {243,  T,    T,       T,       0,     true},
        [ROLE_TITLE]        = {231,  24,   WHITE,   BLUE,    B,     true},
        [ROLE_BORDER]       = {243,  T,    T,       T,       0,     true},
        [ROLE_BORDER_FOCUS] = {27,   T,    CYAN,    T,       B,     true},
        [ROLE_HEADING]      = {30,   T,    CYAN,    T,       0,     true},
        [ROLE_NOW]          = {16,   221,  BLACK,   YELLOW,  0,     true},
        [ROLE_CURRENT]      = {231,  25,   WHITE,   BLUE,    B,     true},
        [ROLE_SELECT]       = {T,    T,    T,       T,       R,     true},
        [ROLE_ADDRESS]      = {130,  T,    YELLOW,  T,       B,     true},
        [ROLE_HW]           = {27,   T,    CYAN,    T,       B,     true},
        [ROLE_OS]           = {130,  T,    MAGENTA, T,       B,     true},
        [ROLE_HIT]          = {28,   T,    GREEN,   T,       0,     true},
        [ROLE_MISS]         = {27,   T,    CYAN,    T,       0,     true},
        [ROLE_MINOR]        = {130,  T,    YELLOW,  T,       0,     true},
        [ROLE_MAJOR]        = {163,  T,    MAGENTA, T,       B,     true},
        [ROLE_COW]          = {98,   T,    BLUE,    T,       B,     true},
        [ROLE_INVALID]      = {231,  160,  WHITE,   RED,     B,     true},
        [ROLE_KERNEL]       = {243,  T,    T,       T,       0,     true},
        [ROLE_TEXT_SEG]     = {30,   T,    CYAN,    T,       0,     true},
        [ROLE_DATA_SEG]     = {130,  T,    YELLOW,  T,       0,     true},
        [ROLE_HEAP_SEG]     = {28,   T,    GREEN,   T,       0,     true},
        [ROLE_STACK_SEG]    = {98,   T,    MAGENTA, T,       0,     true},
        [ROLE_KEY]          = {27,   T,    CYAN,    T,       B,     true},
        [ROLE_MESSAGE]      = {T,    T,    T,       T,       B,     true},
        [ROLE_ERROR]        = {231,  160,  WHITE,   RED,     B,     true},
    },
    [THEME_LIGHT] = {
        [ROLE_NORMAL]       = {16,   231,  BLACK,   WHITE,   0,     true},
        [ROLE_DIM]          = {241,  231,  BLACK,   WHITE,   0,     true},
        [ROLE_TITLE]        = {231,  24,   WHITE,   BLUE,    B,     true},
        [ROLE_BORDER]       = {243,  231,  BLACK,   WHITE,   0,     true},
        [ROLE_BORDER_FOCUS] = {25,   231,  BLUE,    WHITE,   B,     true},
        [ROLE_HEADING]      = {23,   231,  BLUE,    WHITE,   0,     true},
        [ROLE_NOW]          = {16,   222,  BLACK,   YELLOW,  0,     true},
        [ROLE_CURRENT]      = {231,  25,   WHITE,   BLUE,    B,     true},
        [ROLE_SELECT]       = {231,  238,  WHITE,   BLACK,   0,     true},
        [ROLE_ADDRESS]      = {94,   231,  MAGENTA, WHITE,   B,     true},
        [ROLE_HW]           = {25,   231,  BLUE,    WHITE,   B,     true},
        [ROLE_OS]           = {124,  231,  MAGENTA, WHITE,   B,     true},
        [ROLE_HIT]          = {22,   231,  GREEN,   WHITE,   0,     true},
        [ROLE_MISS]         = {25,   231,  BLUE,    WHITE,   0,     true},
        [ROLE_MINOR]        = {94,   231,  BLACK,   WHITE,   U,     true},
        [ROLE_MAJOR]        = {127,  231,  MAGENTA, WHITE,   B,     true},
        [ROLE_COW]          = {54,   231,  BLUE,    WHITE,   U,     true},
        [ROLE_INVALID]      = {231,  124,  WHITE,   RED,     B,     true},
        [ROLE_KERNEL]       = {241,  231,  BLACK,   WHITE,   0,     true},
        [ROLE_TEXT_SEG]     = {23,   231,  BLUE,    WHITE,   0,     true},
        [ROLE_DATA_SEG]     = {94,   231,  RED,     WHITE,   0,     true},
        [ROLE_HEAP_SEG]     = {22,   231,  GREEN,   WHITE,   0,     true},
        [ROLE_STACK_SEG]    = {54,   231,  MAGENTA, WHITE,   0,     true},
        [ROLE_KEY]          = {25,   231,  BLUE,    WHITE,   B,     true},
        [ROLE_MESSAGE]      = {16,   231,  BLACK,   WHITE,   B,     true},
        [ROLE_ERROR]        = {231,  124,  WHITE,   RED,     B,     true},
    },
    [THEME_CONTRAST] = {
        [ROLE_NORMAL]       = {231,  16,   WHITE,   BLACK,   0,     true},
        [ROLE_DIM]          = {250,  16,   WHITE,   BLACK,   0,     true},
        [ROLE_TITLE]        = {16,   231,  BLACK,   WHITE,   B,     true},
        [ROLE_BORDER]       = {250,  16,   WHITE,   BLACK,   0,     true},
        [ROLE_BORDER_FOCUS] = {226,  16,   YELLOW,  BLACK,   B,     true},
        [ROLE_HEADING]      = {123,  16,   CYAN,    BLACK,   B,     true},
        [ROLE_NOW]          = {16,   226,  BLACK,   YELLOW,  B,     true},
        [ROLE_CURRENT]      = {16,   231,  BLACK,   WHITE,   B,     true},
        [ROLE_SELECT]       = {16,   123,  BLACK,   CYAN,    B,     true},
        [ROLE_ADDRESS]      = {226,  16,   YELLOW,  BLACK,   B,     true},
        [ROLE_HW]           = {123,  16,   CYAN,    BLACK,   B,     true},
        [ROLE_OS]           = {222,  16,   YELLOW,  BLACK,   B,     true},
        [ROLE_HIT]          = {120,  16,   GREEN,   BLACK,   B,     true},
        [ROLE_MISS]         = {123,  16,   CYAN,    BLACK,   B,     true},
        [ROLE_MINOR]        = {226,  16,   YELLOW,  BLACK,   B,     true},
        [ROLE_MAJOR]        = {219,  16,   MAGENTA, BLACK,   B,     true},
        [ROLE_COW]          = {153,  16,   WHITE,   BLACK,   B | U, true},
        [ROLE_INVALID]      = {16,   217,  WHITE,   RED,     B,     true},
        [ROLE_KERNEL]       = {250,  16,   WHITE,   BLACK,   0,     true},
        [ROLE_TEXT_SEG]     = {123,  16,   CYAN,    BLACK,   B,     true},
        [ROLE_DATA_SEG]     = {222,  16,   YELLOW,  BLACK,   B,     true},
        [ROLE_HEAP_SEG]     = {120,  16,   GREEN,   BLACK,   B,     true},
        [ROLE_STACK_SEG]    = {219,  16,   MAGENTA, BLACK,   B,     true},
        [ROLE_KEY]          = {226,  16,   YELLOW,  BLACK,   B,     true},
        [ROLE_MESSAGE]      = {231,  16,   WHITE,   BLACK,   B,     true},
        [ROLE_ERROR]        = {16,   217,  WHITE,   RED,     B,     true},
    },
    [THEME_OKABE_ITO] = { /* 214 orange, 74 sky blue, 36 bluish green, 227 yellow, 32 blue, 202 vermillion, 175 purple */
        [ROLE_NORMAL]       = {255,  16,   WHITE,   BLACK,   0,     true},
        [ROLE_DIM]          = {246,  16,   WHITE,   BLACK,   0,     true},
        [ROLE_TITLE]        = {16,   74,   BLACK,   CYAN,    0,     true},
        [ROLE_BORDER]       = {246,  16,   WHITE,   BLACK,   0,     true},
        [ROLE_BORDER_FOCUS] = {227,  16,   YELLOW,  BLACK,   B,     true},
        [ROLE_HEADING]      = {74,   16,   CYAN,    BLACK,   0,     true},
        [ROLE_NOW]          = {16,   227,  BLACK,   YELLOW,  0,     true},
        [ROLE_CURRENT]      = {16,   214,  BLACK,   YELLOW,  B,     true},
        [ROLE_SELECT]       = {16,   255,  BLACK,   WHITE,   0,     true},
        [ROLE_ADDRESS]      = {227,  16,   YELLOW,  BLACK,   B,     true},
        [ROLE_HW]           = {74,   16,   CYAN,    BLACK,   B,     true},
        [ROLE_OS]           = {214,  16,   YELLOW,  BLACK,   B,     true},
        [ROLE_HIT]          = {36,   16,   GREEN,   BLACK,   0,     true},
        [ROLE_MISS]         = {74,   16,   CYAN,    BLACK,   0,     true},
        [ROLE_MINOR]        = {227,  16,   YELLOW,  BLACK,   0,     true},
        [ROLE_MAJOR]        = {202,  16,   RED,     BLACK,   B,     true},
        [ROLE_COW]          = {175,  16,   MAGENTA, BLACK,   B,     true},
        [ROLE_INVALID]      = {16,   202,  WHITE,   RED,     B,     true},
        [ROLE_KERNEL]       = {246,  16,   WHITE,   BLACK,   0,     true},
        [ROLE_TEXT_SEG]     = {74,   16,   CYAN,    BLACK,   0,     true},
        [ROLE_DATA_SEG]     = {214,  16,   YELLOW,  BLACK,   0,     true},
        [ROLE_HEAP_SEG]     = {36,   16,   GREEN,   BLACK,   0,     true},
        [ROLE_STACK_SEG]    = {175,  16,   MAGENTA, BLACK,   0,     true},
        [ROLE_KEY]          = {227,  16,   YELLOW,  BLACK,   B,     true},
        [ROLE_MESSAGE]      = {255,  16,   WHITE,   BLACK,   B,     true},
        [ROLE_ERROR]        = {16,   202,  WHITE,   RED,     B,     true},
    },
    [THEME_MONO] = {
        [ROLE_NORMAL]       = {T,    T,    T,       T,       0,         true},
        [ROLE_DIM]          = {T,    T,    T,       T,       0,         true},
        [ROLE_TITLE]        = {T,    T,    T,       T,       R,         true},
        [ROLE_BORDER]       = {T,    T,    T,       T,       0,         true},
        [ROLE_BORDER_FOCUS] = {T,    T,    T,       T,       B,         true},
        [ROLE_HEADING]      = {T,    T,    T,       T,       B,         true},
        [ROLE_NOW]          = {T,    T,    T,       T,       R,         true},
        [ROLE_CURRENT]      = {T,    T,    T,       T,       B | R,     true},
        [ROLE_SELECT]       = {T,    T,    T,       T,       U | R,     true},
        [ROLE_ADDRESS]      = {T,    T,    T,       T,       B | U,     true},
        [ROLE_HW]           = {T,    T,    T,       T,       B,         true},
        [ROLE_OS]           = {T,    T,    T,       T,       U,         true},
        [ROLE_HIT]          = {T,    T,    T,       T,       0,         true},
        [ROLE_MISS]         = {T,    T,    T,       T,       U,         true},
        [ROLE_MINOR]        = {T,    T,    T,       T,       B,         true},
        [ROLE_MAJOR]        = {T,    T,    T,       T,       B | U,     true},
        [ROLE_COW]          = {T,    T,    T,       T,       U | R,     true},
        [ROLE_INVALID]      = {T,    T,    T,       T,       B | R,     true},
        [ROLE_KERNEL]       = {T,    T,    T,       T,       0,         true},
        [ROLE_TEXT_SEG]     = {T,    T,    T,       T,       0,         true},
        [ROLE_DATA_SEG]     = {T,    T,    T,       T,       B,         true},
        [ROLE_HEAP_SEG]     = {T,    T,    T,       T,       U,         true},
        [ROLE_STACK_SEG]    = {T,    T,    T,       T,       B | U,     true},
        [ROLE_KEY]          = {T,    T,    T,       T,       B,         true},
        [ROLE_MESSAGE]      = {T,    T,    T,       T,       B,         true},
        [ROLE_ERROR]        = {T,    T,    T,       T,       B | R,     true},
    },
};
/* clang-format on */
#undef T
#undef B
#undef U
#undef R

bool theme_by_name(const char *name, enum theme *out) {
    for (int i = 0; theme_name[i]; i++)
        if (name && strcmp(theme_name[i], name) == 0) return *out = (enum theme)i, true;
    return false;
}

bool theme_has(enum theme theme, enum role role) { return matrix[theme][role].set; }

struct look theme_look(enum theme theme, enum role role, int colors) {
    const struct entry *e = &matrix[colors >= 8 ? theme : THEME_MONO][role];
    if (colors >= 256) return (struct look){e->fg256, e->bg256, e->attr};
    return (struct look){e->fg8, e->bg8, e->attr};
}
