#!/bin/sh
# bench.sh PROGRAM FOLDER [OPTION...] - build the benchmarks beside the program, and run them.
#
#   make bench                        the trace of the last lesson, again and again
#   make bench TRACE=ls.lackey.zst    a trace of your own
#
# Pinned to one processor where that can be done, so that the rounds are alike.
set -eu
program=$1 folder=$2
shift 2
bench=$folder/bench
# shellcheck disable=SC2046 # flags are words
${CC:-cc} $(make -s flags B="$folder") -O2 -o "$bench" tests/bench/*.c "$folder/libvmscope.a" \
    $(pkg-config --libs ncursesw libcyaml yaml-0.1 libzstd) -lutil -lm
pin=
command -v taskset > /dev/null 2>&1 && pin="taskset -c $(($(nproc) - 1))"
exec $pin "$bench" "$@" "$program" "${TRACE:-scenarios/ls.lackey.zst}"
