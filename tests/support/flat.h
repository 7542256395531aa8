/* flat.h - the simplest model of what processes see: an array of pages a process, some bytes a page.
 *
 * It knows nothing of frames, page tables, caches or swap. A call changes the array
 * when the machine says that it returned; an access reads or writes bytes of it. Of a
 * page its first and last bytes are kept, so that an access may cross from one to the next. */
#ifndef VMSCOPE_TESTS_FLAT_H
#define VMSCOPE_TESTS_FLAT_H

#include "vmscope/sim/machine.h"

enum { FLAT_PROCESSES = 6, FLAT_PAGES = 512, FLAT_OBJECTS = 256, FLAT_OBJECT_PAGES = 64, FLAT_EDGE = 16, FLAT_BYTES = 2 * FLAT_EDGE };

/* The first FLAT_EDGE bytes of a page, then its last. */
struct flat_bytes {
    uint8_t byte[FLAT_BYTES];
    uint32_t known; /* a bit each. A file's bytes are learnt when they are first read */
};

struct flat_page {
    vpn_t vpn;
    unsigned perms;
    int object;      /* the file or shared memory behind it; -1: none */
    unsigned at;     /* its page there */
    bool shared;
    bool own;        /* private: it was written, and has bytes of its own by now */
    uint32_t freed;  /* madvise free: these bytes may be gone, all of them or none */
    struct flat_bytes bytes; /* own, or without an object; else what was last seen */
};

struct flat_object {
    char name[NAME_SIZE]; /* of a file; "": shared memory */
    struct flat_bytes page[FLAT_OBJECT_PAGES];
};

struct flat {
    struct {
        bool alive;
        size_t image;
        size_t pages;
        struct flat_page page[FLAT_PAGES];
        vpn_t brk_end; /* first page behind the heap */
    } process[FLAT_PROCESSES];
    struct flat_object object[FLAT_OBJECTS];
    size_t objects;
    /* the call under way */
    struct step step;
    vpn_t first, old_pages;
};

void flat_begin(struct flat *f, const struct machine_config *c);
/* Follow one event of m, which has just done it. Returns NULL, or what is wrong. */
const char *flat_follow(struct flat *f, const struct machine *m, const struct event *e);
/* At the end: do both agree on who lives? */
const char *flat_compare(const struct flat *f, const struct machine *m);

#endif
