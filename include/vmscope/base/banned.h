/* banned.h - functions that overflow or hide state are compile errors.
 * Included into every file by the Makefile. */
#ifndef VMSCOPE_BASE_BANNED_H
#define VMSCOPE_BASE_BANNED_H

#if defined(__GNUC__) && !defined(__cplusplus)
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#pragma GCC poison strcpy strcat sprintf vsprintf strncpy strncat gets strtok
#endif

#endif
