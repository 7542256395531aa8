/* actions.c - the one table of what can be done.
 *
 * Bindings, footer, help screen, `:` completion and the manual page's list of keys
 * follow from it. A line: name, default keys, word for the footer (or NULL), help,
 * where it works, heading, function. The order is the footer's.
 */
#include "ui/app_state.h"

#define PANES_ CTX_PANES
#define READING (CTX_TEXT | CTX_MENU)
#define SCROLLS (CTX_PANES | CTX_TEXT | CTX_MENU)
#define EVERYWHERE (SCROLLS | CTX_COMPARE)

const char *const action_group_title[ACTS_GROUPS] = {
    [ACTS_TIME] = "Moving in time",      [ACTS_WATCH] = "Predicting and stopping",
    [ACTS_COMPARE] = "In a comparison",  [ACTS_PANES] = "Panes",              [ACTS_DO] = "Doing something yourself",
    [ACTS_PROGRAM] = "The program",      [ACTS_READING] = "Menu, help and other texts",
    [ACTS_TYPING] = "While a line is typed",
};

#define A(name) action_##name
/* clang-format off */
const struct action action_table[] = {
    {"step",           "Space l Right n PgDn",  "step",       "one micro-step forward", PANES_, ACTS_TIME, A(step)},
    {"back",           "u h Left PgUp Backspace", "back",     "one micro-step back", PANES_, ACTS_TIME, A(back)},
    {"whole-step",     "s",                     "whole step", "to the end of the step under way, or of the next", PANES_, ACTS_TIME, A(step_all)},
    {"whole-back",     "U",                     NULL,         "to the start of the step under way, or of the last", PANES_, ACTS_TIME, A(back_all)},
    {"next-fault",     "f",                     "next fault", "to the end of the next step that faults", PANES_, ACTS_TIME, A(next_fault)},
    {"previous-fault", "F",                     NULL,         "to the end of the step before that faulted", PANES_, ACTS_TIME, A(previous_fault)},
    {"run",            "r",                     "run",        "run by itself, or pause", PANES_, ACTS_TIME, A(run)},
    {"faster",         "+ =",                   NULL,         "run faster", PANES_, ACTS_TIME, A(faster)},
    {"slower",         "-",                     NULL,         "run slower", PANES_, ACTS_TIME, A(slower)},
    {"first",          "g Home",                NULL,         "to the start", PANES_, ACTS_TIME, A(first)},
    {"last",           "G End",                 NULL,         "to the end", PANES_, ACTS_TIME, A(last)},

    {"go",             "Enter",                 "go there",   "in the timeline: to the step under the cursor", CTX_TIMELINE, ACTS_TIME, A(go)},
    {"closer",         "> ]",                   NULL,         "look closer at the timeline around the present, down to single steps", PANES_, ACTS_PANES, A(closer)},
    {"wider",          "< [",                   NULL,         "look wider, up to all of time", PANES_, ACTS_PANES, A(wider)},

    {"next-match",     "n",                     "next match", "while a search is on: the next match", CTX_FOUND, ACTS_PANES, A(next_match)},
    {"previous-match", "N",                     NULL,         "while a search is on: the match before", CTX_FOUND, ACTS_PANES, A(previous_match)},

    {"show",           "Enter",                 "show",       "in the pane of processes: show this one's address space and page table", CTX_PROCESSES, ACTS_PANES, A(show)},
    {"other",          "o",                     "other",      "show the next process's address space and page table, though another runs; at the end: of whoever runs", CTX_SEVERAL, ACTS_PANES, A(other)},
    {"two",            "w",                     "two",        "two address spaces side by side, the frames that both map lit; or one again", CTX_SEVERAL, ACTS_PANES, A(two)},

    {"predict",        "p",                     "predict",    "predict mode on or off: say what will happen before each access shows it", PANES_, ACTS_WATCH, A(predict)},
    {"break",          "b",                     NULL,         "stop running at a fault, an event, a page or a process", PANES_, ACTS_WATCH, A(break)},
    {"compare",        "c",                     NULL,         "compare policies on the same steps, side by side (`:compare fifo lru`, `:compare 3 4` frames)", PANES_, ACTS_WATCH, A(compare)},
    {"compare-step",   "Space l Right s PgDn",  "step",       "in a comparison: a step forward, in all machines", CTX_COMPARE, ACTS_COMPARE, A(compare_step)},
    {"compare-back",   "u h Left U PgUp Backspace", "back",   "a step back", CTX_COMPARE, ACTS_COMPARE, A(compare_back)},
    {"difference",     "d n",                   "next difference", "to the next step where not all fault", CTX_COMPARE, ACTS_COMPARE, A(difference)},
    {"difference-back", "D N",                  NULL,         "to the difference before", CTX_COMPARE, ACTS_COMPARE, A(difference_back)},
    {"compare-fault",  "f",                     "next fault", "to the next step where one of them faults", CTX_COMPARE, ACTS_COMPARE, A(compare_fault)},
    {"compare-fault-back", "F",                 NULL,         "to the fault before", CTX_COMPARE, ACTS_COMPARE, A(compare_fault_back)},
    {"compare-first",  "g Home",                NULL,         "to the start", CTX_COMPARE, ACTS_COMPARE, A(compare_first)},
    {"compare-last",   "G End",                 "end",        "to the end", CTX_COMPARE, ACTS_COMPARE, A(compare_last)},
    {"compare-go",     "Enter",                 "go there",   "leave the comparison, and go to this step", CTX_COMPARE, ACTS_COMPARE, A(compare_go)},
    {"compare-close",  "q c Esc F10",           "leave",      "leave the comparison; the scenario stands where it stood", CTX_COMPARE, ACTS_COMPARE, A(compare_close)},
    {"answer",         "h t T m M x ! 1 2 3 4 5 6 7 8 9", NULL, "answer a question", CTX_QUESTION, ACTS_WATCH, A(answer)},
    {"skip",           "Space Enter Esc",       "go on",      "go on without an answer", CTX_QUESTION, ACTS_WATCH, A(skip)},
    {"stop-asking",    "p q",                   "stop asking", "end predict mode", CTX_QUESTION, ACTS_WATCH, A(stop_asking)},

    {"detail",         "d",                     "detail",     "all about the thing under the cursor", PANES_, ACTS_PANES, A(detail)},
    {"zoom",           "z Enter",               "zoom",       "give the pane the whole screen, or give it back", PANES_, ACTS_PANES, A(zoom)},
    {"pane",           "0 1 2 3 4 5 6 7 8 9",   NULL,         "go to the pane of that number; one that is out of sight is zoomed", PANES_, ACTS_PANES, A(focus)},
    {"next-pane",      "Tab",                   "pane",       "go to the next pane", PANES_, ACTS_PANES, A(next_pane)},
    {"previous-pane",  "S-Tab",                 NULL,         "go to the pane before", PANES_, ACTS_PANES, A(previous_pane)},
    {"down",           "j Down WheelDown",      NULL,         "down in a pane, list or text", SCROLLS, ACTS_PANES, A(down)},
    {"up",             "k Up WheelUp",          NULL,         "up in a pane, list or text", SCROLLS, ACTS_PANES, A(up)},
    {"follow",         ".",                     NULL,         "let the panes' cursors follow the action again", PANES_, ACTS_PANES, A(follow)},
    {"table-view",     "v",                     "list/tree",  "show the page table as a list of pages, or as the tree of tables that it is", PANES_ | CTX_TABLE, ACTS_PANES, A(table_view)},
    {"fold",           "Enter",                 "open/fold",  "in the tree: open or fold the table under the cursor", CTX_TREE, ACTS_PANES, A(fold)},
    {"unfold",         "+ =",                   NULL,         "in the tree: open it", CTX_TREE, ACTS_PANES, A(unfold)},
    {"fold-up",        "-",                     NULL,         "in the tree: fold it, or go up to the table that leads here", CTX_TREE, ACTS_PANES, A(fold_up)},
    {"search",         "/",                     NULL,         "search the panes: an address, a page, a name", PANES_, ACTS_PANES, A(search)},
    {"click",          "Click",                 NULL,         "the mouse: click to choose a pane and a line, wheel to move in it", PANES_ | CTX_MENU, ACTS_PANES, A(click)},

    {"command",        ":",                     "do",         "type a command: read, write, fetch, switch, policy, goto and more", PANES_, ACTS_DO, A(command)},

    {"theme",          "t",                     NULL,         "the next theme of colours", EVERYWHERE, ACTS_PROGRAM, A(theme)},
    {"help",           "? F1",                  "help",       "this help", EVERYWHERE, ACTS_PROGRAM, A(help)},
    {"about",          "i",                     NULL,         "what this scenario is about", PANES_, ACTS_PROGRAM, A(about)},
    {"redraw",         "^L",                    NULL,         "draw the screen afresh", CTX_ALL, ACTS_PROGRAM, A(redraw)},
    {"suspend",        "^Z",                    NULL,         "to the shell; `fg` comes back", CTX_ALL, ACTS_PROGRAM, A(suspend)},
    {"escape",         "Esc",                   NULL,         "leave a search, a zoom; stop running", PANES_, ACTS_PROGRAM, A(escape)},

    {"open",           "Enter Space Right l",   "open",       "open the lesson", CTX_MENU, ACTS_READING, A(open)},
    {"read-on",        "Space",                 "read on",    "a page on; at the text's end: close it", CTX_TEXT, ACTS_READING, A(read_on)},
    {"page-down",      "PgDn",                  NULL,         "a page on", READING, ACTS_READING, A(page_down)},
    {"page-up",        "PgUp b",                NULL,         "a page back", READING, ACTS_READING, A(page_up)},
    {"top",            "g Home",                NULL,         "to the top", READING, ACTS_READING, A(top)},
    {"bottom",         "G End",                 NULL,         "to the bottom", READING, ACTS_READING, A(bottom)},
    {"close",          "q F10 Enter Esc d i",   "close",      "close this text", CTX_TEXT, ACTS_READING, A(close)},
    {"quit",           "q F10",                 "quit",       "back: out of a zoom, to the menu, out of the program", PANES_ | CTX_MENU, ACTS_PROGRAM, A(close)},
    {"exit",           "^C",                    NULL,         "leave the program at once", CTX_ALL, ACTS_PROGRAM, A(exit)},

    {"accept",         "Enter",                 NULL,         "do it", CTX_LINE, ACTS_TYPING, A(accept)},
    {"cancel",         "Esc ^G",                NULL,         "forget it", CTX_LINE, ACTS_TYPING, A(cancel)},
    {"complete",       "Tab",                   NULL,         "complete the word, or show what can stand here", CTX_LINE, ACTS_TYPING, A(complete)},
    {"older",          "Up ^P",                 NULL,         "the line typed before", CTX_LINE, ACTS_TYPING, A(older)},
    {"newer",          "Down ^N",               NULL,         "the line typed after", CTX_LINE, ACTS_TYPING, A(newer)},
    {"erase",          "Backspace",          NULL,         "erase the sign before the cursor", CTX_LINE, ACTS_TYPING, A(erase)},
    {"delete",         "Delete ^D",             NULL,         "erase the sign under the cursor", CTX_LINE, ACTS_TYPING, A(delete)},
    {"erase-word",     "^W",                    NULL,         "erase the word before the cursor", CTX_LINE, ACTS_TYPING, A(erase_word)},
    {"erase-all",      "^U",                    NULL,         "erase all before the cursor", CTX_LINE, ACTS_TYPING, A(erase_all)},
    {"cut",            "^K",                    NULL,         "erase all from the cursor on", CTX_LINE, ACTS_TYPING, A(cut)},
    {"left",           "Left ^B",               NULL,         "one sign to the left", CTX_LINE, ACTS_TYPING, A(left)},
    {"right",          "Right ^F",              NULL,         "one sign to the right", CTX_LINE, ACTS_TYPING, A(right)},
    {"home",           "Home ^A",               NULL,         "to the start of the line", CTX_LINE, ACTS_TYPING, A(home)},
    {"end",            "End ^E",                NULL,         "to the end of the line", CTX_LINE, ACTS_TYPING, A(end)},
    {NULL, NULL, NULL, NULL, 0, ACTS_TIME, NULL},
};
/* clang-format on */
