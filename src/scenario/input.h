/* input.h - bytes from a file, under a limit, and whether they are text. */
#ifndef VMSCOPE_SCENARIO_INPUT_H
#define VMSCOPE_SCENARIO_INPUT_H

#include "vmscope/base/status.h"

struct input {
    char *data; /* owned by the caller; a NUL follows the last byte */
    size_t size;
};

/* The file's first `limit` + 1 bytes at most ("-": standard input); one byte
 * more than `limit` tells that it is longer. VS_IO: cannot be read, *why says why. */
enum vs_status input_read(const char *path, size_t limit, struct input *out, struct diag *why);

/* Is it UTF-8 text without control characters (line ends and tabs apart)? False:
 * one error with the position of the first byte that is not. */
bool input_is_text(const char *data, size_t size, const char *file, struct diag_list *errors);

/* The same for a scalar after its escapes were resolved. */
bool scalar_is_text(const char *s, size_t n, bool lines);

#endif
