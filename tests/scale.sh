#!/bin/sh
# scale.sh PROGRAM FOLDER TRACE - three traces of STEPS (100,000,000) references each, opened as the screen
# opens them, and moved about in: how long each key takes, and how much memory the past.
#
#   make scale                     needs 1 GB in TMPDIR while it runs
#   make scale STEPS=10000000 KINDS="loop zipf"
set -eu
program=$1 folder=$2 trace=$3
steps=${STEPS:-100000000} kinds=${KINDS:-program loop zipf}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# A program's trace again and again, until it is long enough.
repeated() {
    once=$("$program" trace info "$trace" | awk '$1 == "references" { gsub(/,/, "", $2); print $2 }')
    set --
    while [ $(($# * once)) -lt "$steps" ]; do set -- "$@" "$trace"; done
    "$program" import -o "$work/program.vmt" "$@"
}

for kind in $kinds; do
    case $kind in
    program) repeated ;;
    *) "$folder/make_trace" "$kind" "$steps" | "$program" import -o "$work/$kind.vmt" - ;;
    esac
    "$folder/scale" "$work/$kind.vmt"
    rm -f "$work/$kind.vmt"
done
