/* output.h - standard output for results: buffered, checked, interruptible. */
#ifndef VMSCOPE_CLI_OUTPUT_H
#define VMSCOPE_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

/* Give standard output a large buffer, have a closed pipe reported as an error
 * instead of a signal, and let the first Ctrl-C end the work in good order. Call
 * before anything is printed. */
void output_begin(void);
/* Let SIGTERM and SIGHUP do the same as Ctrl-C: for work that must not leave a half file. */
void output_catch_end(void);
/* Should the work stop: was Ctrl-C pressed, or is writing hopeless? */
bool output_stopped(void);
/* Flush. The status to end with: `status`, or what went wrong on the way (told). */
int output_end(int status);

/* Append to a row under construction; each returns the new end. Rows are built
 * by hand because a trace has millions of them. */
char *put_text(char *to, const char *s);
char *put_decimal(char *to, uint64_t value);
char *put_hex(char *to, uint64_t value, unsigned digits); /* "0x", at least so many digits */

#endif
