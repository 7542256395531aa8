/* whole_file.h - a file that is there as a whole or not at all: it is written beside its place and
 * renamed when it is complete, so a failed save leaves what stood there. */
#ifndef VMSCOPE_UI_WHOLE_FILE_H
#define VMSCOPE_UI_WHOLE_FILE_H

#include "ui/line.h"
#include "vmscope/base/text.h"

#include <stdio.h>

struct whole_file {
    const char *path;          /* where it shall stand; borrowed */
    char part[LINE_SIZE + 16]; /* where it stands meanwhile */
    FILE *f;
};

/* False with the reason in `why`. */
bool whole_file_begin(struct whole_file *w, const char *path, struct text *why);
/* Put it into its place; false with the reason in `why`, and nothing was left behind. */
bool whole_file_end(struct whole_file *w, struct text *why);

#endif
