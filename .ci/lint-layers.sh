#!/bin/sh
# lint-layers.sh - does every room use only itself and the rooms below it?
#
#   base < hw < policy < os < sim < scenario < ui < cli
#
# The order is the lesson (hardware never calls the operating system), so it is
# checked and not only written down. Further: curses only in ui, cyaml and yaml
# only in scenario, and no input/output, clock, chance or changing global in
# the machine (hw, policy, os, sim).
set -u
bad=0
complain() { echo "$*"; bad=1; }

sources=$(find src include/vmscope -name '*.[ch]' | sort)

# Includes that reach up. A file's room is the folder after src/ or vmscope/.
up=$(grep -n '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' $sources /dev/null | awk '
    BEGIN { n = split("base hw policy os sim scenario ui cli", room); for (i = 1; i <= n; i++) rank[room[i]] = i }
    function room_of(path) { sub(/^(src|include)\//, "", path); sub(/^vmscope\//, "", path); sub(/\/.*/, "", path); return path }
    {
        split($0, part, ":"); split($0, quoted, "\"")
        from = room_of(part[1])
        to = quoted[2] ~ /\// ? room_of(quoted[2]) : from
        if (!(from in rank)) print part[1] ": not in a room of the house: " from
        else if (to in rank && rank[to] > rank[from]) print part[1] ":" part[2] ": " from " reaches up to " to
    }')
[ -z "$up" ] || complain "$up"

outside() { # outside ROOM PATTERN: files outside src/ROOM that include what only it may
    found=$(grep -nE "#[[:space:]]*include[[:space:]]*[<\"]$2" $sources | grep -v "^src/$1/")
    [ -z "$found" ] || complain "only src/$1 may include this: $found"
}
outside ui '(n?cursesw?|ncursesw?/n?cursesw?)\.h'
outside scenario '(cyaml|yaml)'

# Calls that the machine may not make; comments and strings are taken out first.
calls='(^|[^_[:alnum:]>.])(v?f?printf|f?puts|putc(har)?|perror|fopen|fdopen|freopen|fread|fwrite|time|clock|clock_gettime|gettimeofday|s?rand(om)?|exit|_exit|abort|getenv|setenv|system|signal)[[:space:]]*\('
for file in $(echo "$sources" | grep -E '^(src|include/vmscope)/(hw|policy|os|sim)/'); do
    found=$("${CC:-cc}" -fpreprocessed -E -P -x c "$file" 2> /dev/null | sed 's/"\([^"\\]\|\\.\)*"/""/g' | grep -E "$calls")
    [ -z "$found" ] || complain "$file: input/output, clock, chance or exit in the machine: $found"
done

# Globals that change are .data and .bss of the objects, if these are built.
for object in $(find "${1:-build}" -name '*.o' 2> /dev/null | grep -E '/src/(hw|policy|os|sim)/'); do
    found=$(size -A "$object" | awk '($1 ~ /^\.(data|bss)(\.|$)/ && $1 !~ /rel\.ro/) && $2 > 0 { print $1 " of " $2 " bytes" }')
    [ -z "$found" ] || complain "$object: a global that changes: $found"
done

exit $bad
