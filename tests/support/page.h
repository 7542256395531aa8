/* page.h - a manual page as words, for tests that compare it with tables. */
#ifndef VMSCOPE_TESTS_PAGE_H
#define VMSCOPE_TESTS_PAGE_H

#include <stdbool.h>

/* The text of a page without troff's backslashes ("\-" is "-"); free it. NULL: it cannot be read. */
char *page_read(const char *path);
/* Does `word` stand there, with no letter, digit or _ beside it? */
bool page_has_word(const char *text, const char *word);

#endif
