/* ram.h - physical memory.
 *
 * An array of pages, made when first written and shared between clones of the
 * machine until one of them writes (copy on write). A page that nobody has
 * written has contents all the same: zeros, or bytes that follow from a seed
 * (a program's file). Contents travel whole between RAM, swap and files as a
 * struct content, without a byte being copied.
 */
#ifndef VMSCOPE_HW_RAM_H
#define VMSCOPE_HW_RAM_H

#include "vmscope/base/status.h"
#include "vmscope/base/types.h"

struct ram;
struct ram_page; /* reference-counted bytes */

/* What a page holds: its bytes if made, else the seed that they follow from
 * (0: zeros). Owns one reference to `made`. */
struct content {
    struct ram_page *made; /* may be NULL */
    uint64_t seed;
};

struct content content_ref(struct content c);   /* one more owner */
void content_drop(struct content *c);           /* one owner less; *c becomes zeros */
uint8_t content_byte(const struct content *c, unsigned offset);
bool content_equal(const struct content *a, const struct content *b, unsigned page_bytes);

/* pages x (1 << page_shift) bytes; page_shift 2..30. No page is made yet. NULL: no memory. */
struct ram *ram_create(unsigned page_shift, uint64_t pages);
/* The addresses low..high (both in it) of a space too wide for ram_create: a page costs memory only
 * once it is written. For page tables that are given from outside; slower than the other kind. */
struct ram *ram_create_sparse(unsigned page_shift, paddr_t low, paddr_t high);
struct ram *ram_clone(const struct ram *ram); /* cheap: shares every page */
void ram_free(struct ram *ram);

unsigned ram_page_shift(const struct ram *ram);
uint64_t ram_pages(const struct ram *ram); /* the number behind the last page's */
uint64_t ram_pages_made(const struct ram *ram); /* pages with bytes of their own */
/* Bytes taken for pages and their slots since ram_create, whether they are still held or not: a clone starts with
 * the same count, and by as much as they differ later the two have come apart, at most. */
uint64_t ram_bytes_written(const struct ram *ram);

/* Little-endian word of 1, 2, 4 or 8 bytes at `pa`; must not cross a page and
 * must lie in RAM (ram_holds), else 0. */
uint64_t ram_read(const struct ram *ram, paddr_t pa, unsigned bytes);
enum vs_status ram_write(struct ram *ram, paddr_t pa, unsigned bytes, uint64_t value);
bool ram_holds(const struct ram *ram, paddr_t pa, unsigned bytes);

struct content ram_take(const struct ram *ram, pfn_t pfn);            /* a reference to its contents */
enum vs_status ram_put(struct ram *ram, pfn_t pfn, struct content c); /* RAM owns c from here, also on failure */

bool ram_equal(const struct ram *a, const struct ram *b); /* byte by byte */

#endif
