#!/bin/sh
# lint.sh - what tools can see of the code: a line a check, details below a bad one.
set -u
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
jobs=2
failed=0

check() { # check NAME COMMAND...
    name=$1
    shift
    if "$@" > "$log" 2>&1; then
        echo "  ok     lint $name"
    else
        echo "  FAILED lint $name"
        sed 's/^/    /' "$log" | head -n 100
        failed=1
    fi
}

warnings() { # warnings COMPILER: everything builds without one
    make -j$jobs CC="$1" WERROR=1 B="build/lint-$1" test-build
}

shells() {
    for script in .ci/*.sh .ci/run tests/*.sh tests/cli/*.sh src/scenario/embed.sh; do
        sh -n "$script" || return 1
    done
}

sources=$(find src -name '*.c' | sort)
tidy() {
    echo "$sources" | xargs -P $jobs -n 8 sh -c '
        flags=$1; shift
        clang-tidy --quiet --warnings-as-errors="*" "$@" -- $flags 2> /dev/null' sh "$(make -s flags)"
}

# Left out: two checks that are wrong about `if (*p && (*p)->x)` and `while (at > 0 && text[at])`.
critic() {
    cppcheck --quiet --std=c11 --language=c -j $jobs --error-exitcode=1 --inline-suppr \
        --enable=warning,performance,portability \
        --suppress=missingIncludeSystem --suppress=unmatchedSuppression \
        --suppress=identicalInnerCondition --suppress=arrayIndexOutOfBoundsCond \
        -Iinclude -Isrc -DVMSCOPE_VERSION='""' src
}

manuals() { # only where man and groff are at hand
    command -v groff > /dev/null 2>&1 || return 0
    for page in docs/*.[15]; do
        problems=$(LC_ALL=C.UTF-8 groff -man -Tutf8 -ww -z "$page" 2>&1)
        [ -z "$problems" ] || { echo "$page: $problems"; return 1; }
    done
}

check warnings-gcc warnings gcc
check warnings-clang warnings clang
check layers sh .ci/lint-layers.sh build/lint-gcc
check shell-scripts shells
check manual-pages manuals
check cppcheck critic
check clang-tidy tidy
exit $failed
