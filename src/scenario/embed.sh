#!/bin/sh
# embed.sh - prints the C source of lesson_table: the scenario files named as
# arguments, in their order, and the traces beside them that they name.
#
#   sh embed.sh scenarios/*.yaml > lessons.c
#
# Bytes are written as numbers, so that any text is data and no string is too
# long for a compiler.
set -eu

bytes() { # file: its bytes and a final NUL
    od -An -v -tu1 "$1" | sed 's/^ *//; s/  */,/g; s/$/,/'
    echo 0
}

beside() { # traces in the folders of the named files that one of them mentions
    for yaml in "$@"; do
        for trace in "$(dirname "$yaml")"/*.zst "$(dirname "$yaml")"/*.lackey; do
            [ -f "$trace" ] || continue
            if grep -qF "$(basename "$trace")" "$yaml"; then echo "$trace"; fi
        done
    done | sort -u
}

echo '/* Made by src/scenario/embed.sh: the built-in lessons. */'
echo '#include "scenario/lessons.h"'

n=0
for yaml in "$@"; do
    n=$((n + 1))
    echo "static const unsigned char lesson_$n[] = {"
    bytes "$yaml"
    echo '};'
done
echo 'const struct lesson lesson_table[] = {'
n=0
for yaml in "$@"; do
    n=$((n + 1))
    echo "    {\"$(basename "$yaml" .yaml)\", (const char *)lesson_$n, sizeof lesson_$n - 1},"
done
echo '    {NULL, NULL, 0}};'

traces=$(beside "$@")
n=0
for trace in $traces; do
    n=$((n + 1))
    echo "static const unsigned char file_$n[] = {"
    bytes "$trace"
    echo '};'
done
echo 'const struct lesson_file lesson_file_table[] = {'
n=0
for trace in $traces; do
    n=$((n + 1))
    echo "    {\"$(basename "$trace")\", file_$n, sizeof file_$n - 1},"
done
echo '    {NULL, NULL, 0}};'
