# cli.sh - for tests of the command line: run the program, then say what must be so.
#
#   . tests/support/cli.sh
#   vmscope run lesson.yaml           # sets $status; its output is in $out and $err
#   is "a sentence" [ "$status" -eq 0 ]
#   ends

VMSCOPE=${VMSCOPE:-build/vmscope}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
out=$dir/out err=$dir/err
tests=0

vmscope() {
    "$VMSCOPE" "$@" > "$out" 2> "$err" < "${in:-/dev/null}"
    status=$?
}

# is SENTENCE COMMAND...: one test, which holds when the command succeeds.
is() {
    sentence=$1
    shift
    tests=$((tests + 1))
    if "$@"; then
        echo "ok $tests - $sentence"
    else
        echo "not ok $tests - $sentence"
        echo "# failed: $*"
        echo "# status $status; first lines of what was printed, then of the errors:"
        head -n 20 "$out" | sed 's/^/#   /'
        head -n 20 "$err" | sed 's/^/# ! /'
    fi
}

# Conditions for `is`.
exits() { [ "$status" -eq "$1" ]; }
says() { grep -qF -- "$1" "$out"; }
says_not() { ! grep -qF -- "$1" "$out"; }
complains() { grep -qF -- "$1" "$err"; }
complains_like() { grep -qE -- "$1" "$err"; }
is_silent() { [ ! -s "$err" ]; }

# skips SENTENCE REASON: a test that cannot be made here.
skips() {
    tests=$((tests + 1))
    echo "ok $tests - $1 # SKIP $2"
}

ends() { echo "1..$tests"; }
