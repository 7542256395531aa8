# `check`: lessons that check themselves, and what happens when one does not hold.
. tests/support/cli.sh

vmscope check scenarios/*.yaml
is "every lesson's expectations hold" exits 0
is "check prints a line a file" [ "$(wc -l < "$out")" -eq "$(ls scenarios/*.yaml | wc -l)" ]
is "a line says how many steps and expectations" grep -qE '^scenarios/.*: ok \([0-9]+ steps, [0-9]+ expectations\)$' "$out"

# Belady, Nelson and Shedler 1969: FIFO, 3 frames, 9 faults.
cat > "$dir/belady.yaml" <<'END'
version: 1
title: Belady
machine: {frames: 3, replacement: {policy: fifo}}
steps:
  - {pages: 1 2 3 4 1 2 5 1 2 3 4 5}
expect:
  page_faults: 9
END
vmscope check "$dir/belady.yaml"
is "Belady's string holds" exits 0
sed 's/page_faults: 9/page_faults: 10/' "$dir/belady.yaml" > "$dir/wrong.yaml"
vmscope check "$dir/wrong.yaml"
is "a changed number ends with 1" exits 1
is "the failure names file, line, column, expected and got" \
    complains_like '/wrong\.yaml:7:[0-9]+: error: .*page_faults.*10.*9'
sed 's/page_faults: 9/frames: [1, 2, 3]/' "$dir/belady.yaml" > "$dir/frames.yaml" # they hold 5, 3 and 4
vmscope check "$dir/frames.yaml"
is "frames are one expectation, however many differ" says "1 of 1 expectations failed"
is "each that differs is told" [ "$(grep -c 'expected frame' "$err")" -eq 3 ]
# A's second step waits until A is resumed; it is checked then. By hand: a first touch, not a page from a file.
cat > "$dir/waits.yaml" <<'END'
version: 1
title: A waits
machine: {frames: 4}
processes: [{name: A, layout: {heap: 16KiB}}, {name: B, layout: {heap: 16KiB}}]
steps:
  - {write: heap, as: A}
  - {suspend: A}
  - {write: heap+0x1000, as: A, expect: minor-zero}
  - {write: heap, as: B, value: 3}
  - {resume: A}
  - {read: heap, as: B, expect: {value: 3}}
END
vmscope check "$dir/waits.yaml"
is "what a step that waits expects is looked at" says "ok (6 steps, 2 expectations)"
sed 's/minor-zero/major-file/' "$dir/waits.yaml" > "$dir/waits-wrong.yaml"
vmscope check "$dir/waits-wrong.yaml"
is "and told" complains_like 'waits-wrong.yaml:8:[0-9]+: error: step 5: expected major-file, got minor-zero'
vmscope run "$dir/wrong.yaml"
is "run ends with 1, too" exits 1
is "and tells the failure" complains_like '/wrong\.yaml:7:[0-9]+: error: '
vmscope run --format=summary "$dir/wrong.yaml"
is "in every format" exits 1
vmscope run --frames=4 "$dir/wrong.yaml"
is "a machine changed on the command line is not measured by the file's numbers" exits 0

# Any one number of any lesson: changed by one, it must be noticed.
cp scenarios/*.zst "$dir" # traces lie beside their scenario
changed=0 noticed=0
for file in scenarios/*; do # what lessons read must lie beside them
    case $file in *.yaml) ;; *) cp "$file" "$dir/" ;; esac
done
for lesson in scenarios/*.yaml; do
    first=$(grep -n '^expect:' "$lesson" | cut -d: -f1)
    [ -n "$first" ] || continue
    for line in $(awk -v first="$first" 'NR > first && /^  [a-z_]+: [0-9]+ *(#.*)?$/ { print NR }' "$lesson"); do
        changed=$((changed + 1))
        awk -v line="$line" 'NR == line { match($0, /[0-9]+/); n = substr($0, RSTART, RLENGTH)
            $0 = substr($0, 1, RSTART - 1) (n + 1) substr($0, RSTART + RLENGTH) } { print }' "$lesson" > "$dir/changed.yaml"
        vmscope check "$dir/changed.yaml"
        if [ "$status" -eq 1 ] && grep -q "changed.yaml:$line:" "$err"; then noticed=$((noticed + 1)); else echo "# not noticed: $lesson:$line"; fi
    done
done
is "lessons expect numbers" [ "$changed" -ge 12 ]
is "each of the lessons' numbers, changed by one, is noticed at its line" [ "$noticed" -eq "$changed" ]

printf 'version: 1\n' > "$dir/bad.yaml"
vmscope check "$dir/belady.yaml" "$dir/wrong.yaml" "$dir/bad.yaml"
is "a bad file outweighs a failed one" exits 3
is "the good one is told as good all the same" says "belady.yaml: ok"
ends
