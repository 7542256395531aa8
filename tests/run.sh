#!/bin/sh
# run.sh TEST... - run test programs and scripts, and count.
#
# Each one speaks TAP (cmocka does when asked): a line "ok ..." or "not ok ..."
# a test. One that ends badly without saying which test failed counts as one
# failure. What a failing one printed is shown. The last line is the sum.
set -u
LC_ALL=C.UTF-8
TZ=UTC
CMOCKA_MESSAGE_OUTPUT=TAP
ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}
UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export LC_ALL TZ CMOCKA_MESSAGE_OUTPUT ASAN_OPTIONS UBSAN_OPTIONS
unset NO_COLOR COLUMNS LINES

# A test that hangs is a failure. (timeout is in coreutils and busybox; a system without it runs unguarded.)
limit=
command -v timeout > /dev/null 2>&1 && limit="timeout ${TEST_TIMEOUT:-300}"

log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT
passed=0 failed=0

for test in "$@"; do
    case $test in
    *.sh) $limit sh "$test" > "$log" 2>&1 < /dev/null ;;
    *) $limit "$test" > "$log" 2>&1 < /dev/null ;;
    esac
    status=$?
    good=$(grep -c '^ok ' "$log")
    bad=$(grep '^not ok ' "$log" | grep -vc '# SKIP')
    planned=$(sed -n 's/^1\.\.\([0-9]*\).*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
    # Died on the way, or ended badly for a reason of its own (a sanitizer's report).
    if [ "$bad" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$((good + bad))" -lt "$planned" ] || [ "$good" -eq 0 ]; }; then
        bad=1
        echo "# exit status $status after $good tests of $planned" >> "$log"
    fi
    passed=$((passed + good)) failed=$((failed + bad))
    name=${test##*tests/}
    if [ "$bad" -gt 0 ]; then
        echo "  FAILED $name: $bad of $((good + bad))"
        grep -v '^ok ' "$log" | sed 's/^/    /'
    else
        echo "  ok     $name ($good)"
    fi
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
