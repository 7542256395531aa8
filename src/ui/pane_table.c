/* pane_table.c - the panes in the order of their digits. */
#include "ui/ui.h"

const struct pane *const pane_table[] = {
    &pane_address_space, &pane_translation, &pane_page_table, &pane_tlb,      &pane_frames,
    &pane_swap,          &pane_narration,   &pane_counters,   &pane_timeline, &pane_processes, NULL};
