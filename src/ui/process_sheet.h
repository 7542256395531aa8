/* process_sheet.h - all about one process: its numbers, its VMAs as a table, its graphs. */
#ifndef VMSCOPE_UI_PROCESS_SHEET_H
#define VMSCOPE_UI_PROCESS_SHEET_H

#include "ui/graph.h"

/* "runs", "ready", "suspended", "ended": what it does now. */
const char *process_state(const struct kernel *k, proc_t p);
enum role process_role(const struct kernel *k, proc_t p);

/* Identity, memory, faults, working set. */
void write_process(struct page_writer *w, const struct view *v, proc_t p);
/* A line each VMA, from the highest address down. */
void write_vmas(struct page_writer *w, const struct view *v, proc_t p);
/* Faults, pages in memory, working set over time, `height` rows each. */
void write_graphs(struct page_writer *w, const struct view *v, proc_t p, int height);

#endif
