#!/bin/sh
# fuzz.sh FUZZER SECONDS - run one fuzzer on a copy of its seeds.
#
# Seeds: tests/fuzz/NAME.seeds/ if it exists, and the lessons for a fuzzer of
# scenarios. The copy lies beside the program; finds stay there and are named.
set -eu
fuzzer=$1 seconds=$2
name=$(basename "$fuzzer")
corpus=$fuzzer.corpus
mkdir -p "$corpus"
[ -d "tests/fuzz/$name.seeds" ] && cp "tests/fuzz/$name.seeds"/* "$corpus"/
case $name in *scenario*) cp scenarios/*.yaml "$corpus"/ ;; esac
dictionary=
[ -f "tests/fuzz/$name.dict" ] && dictionary=-dict=tests/fuzz/$name.dict

log=$fuzzer.log
if "$fuzzer" -seed=1 -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 $dictionary \
    -artifact_prefix="$fuzzer-" "$corpus" > "$log" 2>&1; then
    echo "  ok     fuzz $name: $(sed -n 's/^Done \([0-9]* runs\).*/\1/p' "$log") in $seconds s"
else
    echo "  FAILED fuzz $name"
    tail -n 40 "$log"
    exit 1
fi
