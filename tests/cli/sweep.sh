# `sweep`: many machines at once, and that they count what one alone counts.
. tests/support/cli.sh

trace=scenarios/ls.lackey.zst
# cell POLICY FRAMES COLUMN: of the CSV in $out (no TLBs and seeds beside).
cell() {
    awk -F, -v policy="$1" -v frames="$2" -v column="$3" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) at = i; next }
        $1 == policy && $2 == frames { print $at }' "$out"
}
fits() { awk -v width="$1" 'length > width { exit 1 }' "$out"; }
is_ascii() { [ "$(LC_ALL=C tr -d '\n -~' < "$out" | wc -c)" -eq 0 ]; }

# Belady, Nelson and Shedler, An anomaly in space-time characteristics of certain programs running in a paging
# machine, CACM 12(6), 1969: FIFO, 9 faults with 3 frames, 10 with 4. LRU and OPT of the same string, by hand: 10, 8; 7, 6.
for lesson in scenarios/12-*.yaml scenarios/13-*.yaml; do
    vmscope sweep --frames=1-6 --format=csv "$lesson"
    is "FIFO has 9 faults with 3 frames" [ "$(cell fifo 3 page_faults)" = 9 ]
    is "FIFO has 10 faults with 4 frames" [ "$(cell fifo 4 page_faults)" = 10 ]
    is "LRU has 10 and 8" [ "$(cell lru 3 page_faults) $(cell lru 4 page_faults)" = "10 8" ]
    is "OPT has 7 and 6" [ "$(cell opt 3 page_faults) $(cell opt 4 page_faults)" = "7 6" ]
    vmscope sweep --frames=1-6 --policies=fifo,lru,opt "$lesson"
    is "the anomaly is marked, and nothing else is" [ "$(grep -o '[0-9]\{1,\}!' "$out" | tr '\n' ' ')" = "10! " ]
    is "and told in words" says "fifo 9 with 3, 10 with 4"
    vmscope sweep --frames=1-6 --policies=fifo,lru,opt --format=chart "$lesson"
    is "the chart marks it" says "F!"
    is "the chart tells it" says "fifo 9 with 3, 10 with 4"
    vmscope sweep --frames=3,4 --policies=lru,opt "$lesson"
    is "without an anomaly nothing is said of one" says_not "Belady's"
done

# Marked exactly where faults exceed those with fewer frames.
vmscope sweep --policies=fifo,lru,opt,clock,lfu --format=csv $trace
by_hand=$(awk -F, 'NR > 1 { if ($1 != last) least = $6; if ($6 > least) n++; if ($6 < least) least = $6; last = $1 } END { print n + 0 }' "$out")
is "the trace has anomalies" [ "$by_hand" -gt 0 ]
vmscope sweep --policies=fifo,lru,opt,clock,lfu --format=json $trace
is "JSON tells each of them" [ "$(grep -c more_than_with_frames "$out")" -eq "$by_hand" ]
is "and none of LRU and OPT" [ "$(grep more_than_with_frames "$out" | grep -c '"lru"\|"opt"')" -eq 0 ]

# With one frame B cannot copy what it shares, and ends: by hand, 1 fault of 2 accesses. With two or three all 4
# accesses are made: zero-fill, copy, zero-fill. Fewer faults for fewer references are no anomaly.
printf '%s\n' 'version: 1' 'title: t' 'processes: [{name: A, layout: {heap: 16KiB}}]' 'steps:' '  - {write: heap}' \
    '  - {fork: B}' '  - {write: heap, as: B}' '  - {write: heap+0x1000, as: B}' '  - {read: heap, as: B}' > "$dir/ends.yaml"
vmscope sweep --frames=1-3 --policies=lru,fifo --format=csv "$dir/ends.yaml"
is "B ends with one frame" [ "$(cell lru 1 accesses) $(cell lru 1 page_faults)" = "2 1" ]
is "and not with more" [ "$(cell lru 2 accesses) $(cell lru 2 page_faults) $(cell lru 3 page_faults)" = "4 3 3" ]
vmscope sweep --frames=1-3 --policies=lru,fifo "$dir/ends.yaml"
is "that is no anomaly" says_not "Belady's"

# OPT is the least, with any number of frames.
for file in scenarios/1[2-9]-*.yaml $trace; do
    vmscope sweep --format=csv "$file"
    is "OPT has no more faults than any other in $(basename "$file")" awk -F, '
        NR == FNR { if ($1 == "opt") opt[$2] = $6; next } FNR > 1 && $6 < opt[$2] { exit 1 }' "$out" "$out"
done

# The one pass of LRU, and every other cell, is what `run` counts: also where the pass says no.
same=0 cells=0
for lesson in scenarios/1[0-9]-*.yaml scenarios/2[0-6]-*.yaml scenarios/48-*.yaml scenarios/6[0-3]-*.yaml scenarios/7[67]-*.yaml; do
    "$VMSCOPE" sweep --policies=lru,clock --format=csv "$lesson" > "$out" 2> "$err" || break
    for line in $(sed -n '2p;4p;$p' "$out"); do
        policy=${line%%,*} rest=${line#*,}
        frames=${rest%%,*}
        "$VMSCOPE" run --format=summary --policy="$policy" --frames="$frames" "$lesson" > "$dir/run" 2> "$err"
        cells=$((cells + 1))
        counted=$(awk -F': ' '{ v[$1] = $2 } END { printf "%s,%s,%s,%s,%s,%s,%s", v["accesses"], v["translations"], v["page_faults"],
            v["page_faults_after_full"], v["evictions"], v["swap_writes"], v["tlb_misses"] }' "$dir/run")
        [ "$(echo "$line" | cut -d, -f4-)" = "$counted" ] && same=$((same + 1)) || echo "# $lesson $line: $counted"
    done
done
is "the cells of many lessons were looked at" [ "$cells" -ge 60 ]
is "each is what run counts" [ "$same" -eq "$cells" ]

# At every size of the trace, and past all its pages. A metric that the pass does not count takes a run a size.
vmscope sweep --policies=lru --frames=1-66 --format=csv $trace
cp "$out" "$dir/curve"
vmscope sweep --policies=lru --frames=1-66 --metric=reads --format=csv $trace
is "LRU's one pass is 66 single runs" sh -c 'cut -d, -f1-10 "$1" | cmp -s - "$2"' sh "$out" "$dir/curve"
vmscope sweep --policies=lru,opt --frames=1-66 --format=csv $trace
is "neither LRU nor OPT has more faults with more frames" awk -F, '
    $1 == last && $6 > before { exit 1 } { last = $1; before = $6 }' "$out"

# Any number of threads, or of processes, gives the same.
vmscope sweep --frames=1-6,12 --format=csv --jobs=1 $trace
cp "$out" "$dir/direct.csv"
is "a sweep ends with 0" exits 0
is "and says nothing on standard error" is_silent
is "the header names the columns" [ "$(head -n 1 "$out")" = policy,frames,tlb,accesses,translations,page_faults,page_faults_after_full,evictions,swap_writes,tlb_misses ]
vmscope sweep --frames=1-6,12 --format=csv --jobs=5 $trace
is "five threads give the same bytes as one" cmp -s "$out" "$dir/direct.csv"
vmscope sweep --plan --frames=1-6,12 $trace
is "a plan has a line a cell, LRU's cells together" [ "$(wc -l < "$out")" -eq $(( ($(wc -l < "$dir/direct.csv") - 1) - 6 )) ]
sort -r "$out" > "$dir/plan.sh"
sh "$dir/plan.sh" > "$dir/parts.csv" 2> "$err"
vmscope sweep --merge --format=csv "$dir/parts.csv"
is "its commands' CSV, in any order, merges to the same bytes" cmp -s "$out" "$dir/direct.csv"
cp $trace "$dir/it's one.zst"
vmscope sweep --plan --policies=lru --frames=2 "$dir/it's one.zst"
is "the plan quotes names for the shell" [ "$(sh "$out" 2>&1 | tail -n 1 | cut -d, -f1,2)" = lru,2 ]
vmscope sweep --merge "$dir/direct.csv" "$dir/parts.csv"
cp "$out" "$dir/merged"
vmscope sweep --frames=1-6,12 $trace
is "a merged table is the table" sh -c 'sed 1d "$1" > "$1.a"; sed 1d "$2" | cmp -s - "$1.a"' sh "$dir/merged" "$out"

sed 's/^fifo,3,\(.*\),[0-9]*$/fifo,3,\1,1/' "$dir/direct.csv" > "$dir/other.csv"
vmscope sweep --merge "$dir/direct.csv" "$dir/other.csv"
is "lines that differ about a cell end with 3" exits 3
is "and are told" complains "two lines differ about fifo with 3 frames"
echo "a,b" > "$dir/none.csv"
vmscope sweep --merge "$dir/none.csv"
is "what is no CSV of a sweep ends with 3" exits 3
is "with its line" complains "none.csv:1: error:"
(cat "$dir/direct.csv"; echo "fifo,x,1x4,1,1,1,1,1,1,1") > "$dir/bad.csv"
vmscope sweep --merge "$dir/bad.csv"
is "a damaged number is told with its line" complains_like "bad.csv:[0-9]+: error: a number is needed, not 'x'"
vmscope sweep --merge "$dir/absent.csv"
is "a missing CSV ends with 3" exits 3

# Seeds and TLBs.
vmscope sweep --policies=random --seeds=1-3 --frames=3 --format=csv scenarios/12-*.yaml
is "each seed has a row" [ "$(wc -l < "$out")" -eq 4 ]
is "and a column tells it" [ "$(head -n 1 "$out" | sed 's/.*,//')" = seed ]
vmscope sweep --policies=lru --tlb=none,1x2,4x16 --frames=4 --format=csv $trace
is "no TLB has no misses" [ "$(grep ,none, "$out" | sed 's/.*,//')" = 0 ]
is "a larger TLB has fewer" [ "$(grep ,4x16, "$out" | sed 's/.*,//')" -lt "$(grep ,1x2, "$out" | sed 's/.*,//')" ]
vmscope sweep --policies=lru,fifo --metric=time_ns --frames=3 --format=csv scenarios/12-*.yaml
is "any counter can be the metric" [ "$(head -n 1 "$out" | sed 's/.*,//')" = time_ns ]
is "of LRU, too" [ "$(cell lru 3 time_ns)" = "$("$VMSCOPE" run --policy=lru --frames=3 --format=summary 12 | sed -n 's/^time_ns: //p')" ]

# A part of the pages.
vmscope sweep --policies=lru,fifo --sample=0.5 --frames=8,16,32 --format=csv $trace
is "a sample tells its size and its error" [ "$(head -n 1 "$out" | cut -d, -f11-)" = sample,error ]
is "accesses are counted, not estimated" [ "$(cell lru 8 accesses)" = "$("$VMSCOPE" run --format=summary $trace | sed -n 's/^accesses: //p')" ]
"$VMSCOPE" sweep --policies=lru,fifo --frames=8,16,32 --format=csv $trace > "$dir/all.csv"
is "what all pages give lies within the error" awk -F, '
    NR == FNR { faults[$1 "," $2] = $6; next }
    FNR > 1 { off = $6 - faults[$1 "," $2]; if (off < 0) off = -off; if (off > $12) exit 1 }' "$dir/all.csv" "$out"
vmscope sweep --policies=lru --sample=0.5 --frames=8 $trace
is "the table tells the error" says "estimates from 8 samples of 0.5 of the pages"
vmscope sweep --sample=0.5 scenarios/60-*.yaml
is "calls cannot be sampled: 3" exits 3
is "which is told" complains "accesses and switches alone"
vmscope sweep --sample=0.5 --frames=1 $trace
is "less than one frame ends with 2" exits 2
for value in 0 1 1.5 0.0 .5 0.5x x -0.1; do
    vmscope sweep --sample=$value $trace
    is "--sample=$value ends with 2" exits 2
done

# How it looks.
vmscope sweep --format=csv $trace
cp "$out" "$dir/wide.csv"
for columns in 40 60 80 120; do
    for format in table chart; do
        LC_ALL=C COLUMNS=$columns "$VMSCOPE" sweep --merge --format=$format "$dir/wide.csv" > "$out" 2> "$err"
        is "a $format fits $columns columns" fits "$columns"
        is "a $format in ASCII is so" is_ascii
    done
done
vmscope sweep --merge --format=chart "$dir/wide.csv"
is "a chart that is piped has no colours" sh -c '! grep -q "$(printf "\033")" "$1"' sh "$out"
is "a chart names its policies" says "L lru"

# What is wrong on the command line.
for list in 0-3 3-1 1,,2 1- -1 1-2-3 x 1-4000000000 08 "" 1,; do
    vmscope sweep --frames="$list" 12
    is "--frames=$list ends with 2" exits 2
done
vmscope sweep --frames=1-3,x 12
is "a list that is none gets a hint" complains "write 1-64,128"
vmscope sweep --policies=fifo,lur 12
is "a misspelt policy gets a suggestion" complains "did you mean 'lru'?"
vmscope sweep --metric=page_fault 12
is "a misspelt metric gets a suggestion" complains "did you mean 'page_faults'?"
vmscope sweep --tlb=16 12
is "a TLB without ways ends with 2" exits 2
vmscope sweep --jobs=0 12
is "no thread at all ends with 2" exits 2
vmscope sweep --frames=1-1000000 12
is "too many cells end with 2" exits 2
vmscope sweep --frames=4000000000 12
is "more frames than the machine can have end with 3" exits 3
vmscope sweep --tlb=65536x65536 12
is "a TLB beyond measure ends with 2" exits 2
vmscope sweep --format=chrat 12
is "an unknown format is told the known ones" complains "table, csv, json or chart"
vmscope sweep 12 13
is "two files end with 2" exits 2
vmscope sweep --plan --merge x.csv
is "plan and merge do not go together" exits 2
vmscope sweep --plan -
is "a plan of standard input ends with 2" exits 2
vmscope sweep no-such-file.yaml
is "a missing file ends with 3" exits 3
vmscope sweep
is "no file ends with 2" exits 2

# Ctrl-C: rows are whole, and the status says it.
if command -v timeout > /dev/null 2>&1; then
    timeout --foreground --preserve-status -s INT 1 "$VMSCOPE" sweep --frames=1-60 --jobs=2 --policies=fifo,clock,random --format=csv tests/data/endless.yaml > "$out" 2> "$err"
    status=$?
    is "an interrupted sweep ends with 130" exits 130
    is "it says so" complains interrupted
    is "each row that it printed is whole" awk -F, 'NF != 10 { exit 1 }' "$out"
fi
ends
