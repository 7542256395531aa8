/* glyph.h - the signs that the screen draws with, each one column wide. */
#ifndef VMSCOPE_UI_GLYPH_H
#define VMSCOPE_UI_GLYPH_H

#include "ui/ui.h"

/* The code point of a glyph in UTF-8 or in ASCII. */
uint32_t glyph_char(enum glyph g, bool ascii);
/* The nearest ASCII sign for a code point: itself, a glyph's ASCII form, or '?'. */
uint32_t glyph_ascii(uint32_t ch);
/* Columns that a code point takes: 0 (combining), 1 or 2 (East Asian, emoji). */
int glyph_width(uint32_t ch);
/* Decode one code point of UTF-8 at *s and move *s behind it. Control characters
 * and damaged bytes come out as '?'. The text must not be at its end. */
uint32_t glyph_decode(const char **s);
/* Encode a code point into buf (5 bytes with the NUL); returns buf. */
const char *glyph_encode(uint32_t ch, char buf[5]);

#endif
