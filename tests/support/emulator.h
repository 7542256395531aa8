/* emulator.h - what a cell of libvterm's screen looks like to who sits before it. */
#ifndef VMSCOPE_TESTS_EMULATOR_H
#define VMSCOPE_TESTS_EMULATOR_H

#include <stdbool.h>
#include <stdint.h>
#include <vterm.h>

/* What nobody can see is left out: a blank has no foreground, unless it is underlined or reversed. */
struct seen {
    uint32_t ch; /* a blank where nothing was written */
    int fg, bg;  /* index into the palette; -1: the terminal's own */
    bool bold, underline, reverse;
};
struct seen seen_at(VTermScreen *screen, int row, int col);
/* The same for what a test expects. */
struct seen seen_as(uint32_t ch, int fg, int bg, bool bold, bool underline, bool reverse);
bool seen_same(const struct seen *a, const struct seen *b);

#endif
