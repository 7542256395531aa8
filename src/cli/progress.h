/* progress.h - how far long work is, on standard error: only for a person who waits. */
#ifndef VMSCOPE_CLI_PROGRESS_H
#define VMSCOPE_CLI_PROGRESS_H

#include "vmscope/scenario/trace.h"

/* Work begins; `what` is a phrase such as "reading ls.lackey" (borrowed). Nothing is shown
 * before a second has passed, or where standard error is no terminal. */
void progress_begin(const char *what);
/* So much of `total` is done (0: it is not known how much there is). False: Ctrl-C was pressed. */
bool progress_tell(uint64_t done, uint64_t total);
/* The work has ended: the line is erased. */
void progress_end(void);
/* The same for readers of traces. */
struct trace_watch progress_watch(void);

#endif
