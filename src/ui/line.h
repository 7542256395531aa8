/* line.h - a line being typed: editing, and the lines typed before. */
#ifndef VMSCOPE_UI_LINE_H
#define VMSCOPE_UI_LINE_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_SIZE 240
#define LINE_PAST 32

struct line {
    bool active;
    char lead;            /* ':' or '/' */
    char text[LINE_SIZE]; /* UTF-8 */
    size_t length, at;    /* bytes; `at`: where the next sign goes */
    char past[LINE_PAST][LINE_SIZE]; /* typed before, the latest at past[(past_count - 1) % LINE_PAST] */
    size_t past_count;
    size_t back; /* how far back in the past; 0: the new line */
};

/* Begin a line; `text` stands in it already. The past is kept. */
void line_start(struct line *l, char lead, const char *text);
void line_set(struct line *l, const char *text);
bool line_insert(struct line *l, int key); /* a printable key; false: not one, or no room */
/* Editing. Each returns whether something changed. */
bool line_erase(struct line *l);         /* the sign before the cursor */
bool line_delete(struct line *l);        /* the sign under it */
bool line_left(struct line *l);
bool line_right(struct line *l);
bool line_home(struct line *l);
bool line_end(struct line *l);
bool line_erase_word(struct line *l);
bool line_erase_all(struct line *l);
bool line_cut(struct line *l);           /* from the cursor on */
bool line_older(struct line *l);
bool line_newer(struct line *l);
/* The line is done: into the past with it. */
void line_done(struct line *l);

#endif
