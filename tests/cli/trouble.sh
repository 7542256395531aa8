# What goes wrong around the program - Ctrl-C, a full disk, damaged files - with every command: one clear line, the
# status that says it, and no half file.
. tests/support/cli.sh

t=$dir/t
mkdir "$t"
trace=scenarios/ls.lackey.zst
# Commands that take a file, a line each.
commands='run --format=summary
run --format=csv
check
sweep --frames=1-4 --policies=lru,fifo
sweep --frames=2 --policies=fifo --shards=3
compare --policies=lru,fifo
trace info'
one_line() { [ "$(wc -l < "$err")" -eq 1 ]; }
alone() { [ "$(ls -A "$t" | wc -l)" -eq "$1" ]; } # so many files, and no leavings

# ---- Ctrl-C ----

# While it reads: a pipe that stays open keeps it waiting until the signal comes.
{ i=0; while [ $i -lt 300 ]; do cat tests/data/mini.lackey; i=$((i + 1)); done; } > "$dir/long.lackey"
mkfifo "$dir/pipe"
echo "$commands" | grep -v '^check' > "$dir/list"
while read -r command; do
    "$VMSCOPE" $command "$dir/pipe" > "$out" 2> "$err" &
    pid=$!
    { cat "$dir/long.lackey"; kill -INT $pid; cat "$dir/long.lackey"; } > "$dir/pipe" 2> /dev/null
    wait $pid
    status=$?
    is "$command, interrupted while it reads, ends with 130" exits 130
    is "$command says so in one line" [ "$(cat "$err")" = "vmscope: interrupted" ]
    is "$command printed nothing by then" [ ! -s "$out" ]
done < "$dir/list"
# While it runs.
if command -v timeout > /dev/null 2>&1; then
    for command in "run --format=summary" "run --format=csv" check "compare --policies=fifo,lru" "compare --format=csv --policies=fifo,lru" \
                   "sweep --policies=fifo,lru" "sweep --frames=8 --policies=fifo,lru --shards=3"; do
        timeout --foreground --preserve-status -s INT 1 "$VMSCOPE" $command tests/data/endless.yaml > "$out" 2> "$err"
        status=$?
        is "$command, interrupted while it runs, ends with 130" exits 130
        is "$command says so" [ "$(cat "$err")" = "vmscope: interrupted" ]
    done
fi

# ---- a full disk ----

if [ -w /dev/full ]; then
    { echo "$commands" | sed "s|\$| $trace|"; printf '%s\n' list "help lru" --help --version "run 12" "run --format=jsonl 12" \
        "sweep --format=chart 12" "sweep --format=json 12" "sweep --plan 12" "sweep --shard=1/2 --format=csv $trace" \
        "compare --format=csv 12" "compare --format=json 12" "trace info --format=json $trace" "import -o - $trace"; } > "$dir/list"
    while read -r command; do
        "$VMSCOPE" $command > /dev/full 2> "$err"
        status=$?
        is "$command on a full device ends with 3" exits 3
        is "and one line says why" sh -c '[ "$(wc -l < "$1")" -eq 1 ] && grep -q "No space left on device" "$1"' sh "$err"
    done < "$dir/list"
fi
for command in "run --format=csv" "sweep --frames=1-60 --format=csv"; do
    (ulimit -f 2; "$VMSCOPE" $command $trace > "$dir/limited" 2> "$err"; echo $? > "$dir/status")
    status=$(cat "$dir/status")
    is "$command into a file that may not grow ends with 3" exits 3
    is "which is told" complains "File too large"
done

# ---- damaged files ----

head -n 40 tests/data/mini.lackey > "$dir/m.lackey"
"$VMSCOPE" import -o "$dir/m.vmt" "$dir/m.lackey" > "$out" 2> "$err"
size=$(wc -c < "$dir/m.vmt")
i=0 told=0
for byte in $(od -An -v -tu1 "$dir/m.vmt"); do
    cp "$dir/m.vmt" "$t/bad.vmt"
    printf "\\$(printf %03o $((byte ^ 1 << i % 8)))" | dd of="$t/bad.vmt" bs=1 seek=$i conv=notrunc 2> /dev/null
    vmscope trace info "$t/bad.vmt"
    exits 3 && one_line && [ ! -s "$out" ] && told=$((told + 1)) || echo "# byte $i changed: status $status"
    i=$((i + 1))
done
is "the binary has a few bytes" [ "$i" -eq "$size" ]
is "any one changed ends with 3 and one line" [ "$told" -eq "$size" ]
i=0 told=0
while [ $i -lt "$size" ]; do
    head -c $i "$dir/m.vmt" > "$t/bad.vmt"
    vmscope run --format=summary "$t/bad.vmt"
    exits 3 && one_line && [ ! -s "$out" ] && told=$((told + 1)) || echo "# cut off at $i: status $status"
    i=$((i + 1))
done
is "so does one that is cut off anywhere" [ "$told" -eq "$size" ]
cat "$dir/m.vmt" "$dir/m.lackey" > "$t/bad.vmt"
echo "$commands" | grep -v '^check' > "$dir/list"
echo "import -o $t/x.vmt" >> "$dir/list"
while read -r command; do
    vmscope $command "$t/bad.vmt"
    is "$command of a binary that goes on behind its end ends with 3" exits 3
    is "$command tells it in one line" one_line
done < "$dir/list"
head -c 20000 $trace > "$t/bad.vmt"
vmscope import -o "$t/x.vmt" "$t/bad.vmt"
is "zstd that was cut off ends with 3" exits 3
is "and is told" complains "damaged zstd data: the file was cut off"
is "nothing is left of what was begun" alone 1
ends
