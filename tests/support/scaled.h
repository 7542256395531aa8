/* scaled.h - the programs of tests/linux, which are about 64 pages, for N pages.
 *
 * What was measured counts pages: 64, or 128, 63, 32 and 16 of them. Numbers of a scenario
 * that stand for so many pages, and those of its record, become the same parts of N. */
#ifndef VMSCOPE_TESTS_SCALED_H
#define VMSCOPE_TESTS_SCALED_H

#include "vmscope/base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum { SCALED_FROM = 64 };

/* So many pages of 64 are how many of n? Other numbers stay as they are. */
uint64_t scaled_pages(uint64_t pages, unsigned n);
/* The scenario for n pages. False: it cannot be made (it lists 64 steps, or wants halves and quarters of an odd n). */
bool scaled_scenario(const char *yaml, unsigned n, struct text *out);

#endif
