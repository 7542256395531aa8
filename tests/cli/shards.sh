# `sweep` in pieces: shards of a trace that add up again, and plans run by others.
. tests/support/cli.sh

trace=scenarios/ls.lackey.zst
export COLUMNS=200

# ---- a warm-up from the first step on is exact, without one the faults are off by what is said ----

# random N SEED: page numbers with the habits of programs.
random() {
    awk -v n="$1" -v seed="$2" 'BEGIN {
        srand(seed)
        for (i = 0; i < n; i++) { page = rand() < 0.6 ? last : int(rand() * rand() * 40); last = page; printf "%d%s ", page, rand() < 0.3 ? "w" : "" } }'
}
# A scenario of two processes, as random strings in turn.
two_processes() {
    printf '%s\n' 'version: 1' 'title: T' 'processes: [{name: A}, {name: B}]' 'steps:'
    for turn in 1 2 3 4 5 6; do
        [ $((turn % 2)) -eq 0 ] && echo '  - {switch: B}' || echo '  - {switch: A}'
        echo "  - {pages: $(random 37 "$1$turn")}"
    done
}
# Columns of two CSVs with the same cells: page_faults of the first lie within `error` of the second's, of LRU not below.
within='
    NR == FNR { faults[$1 "," $2] = $6; next }
    FNR == 1 { for (i = 1; i <= NF; i++) if ($i == "error") at = i; next }
    $at != "" { off = $6 - faults[$1 "," $2]; n++; if (off > $at || off < -$at || ($1 == "lru" && off < 0)) bad++ }
    END { exit bad || !n }'

i=0 exact=0 near=0 cold=0
while [ $i -lt 12 ]; do
    i=$((i + 1))
    two_processes $i > "$dir/t.yaml"
    shards=$((1 + (i * 7) % 11))
    "$VMSCOPE" sweep --frames=1-40 --format=csv "$dir/t.yaml" > "$dir/whole" 2> "$err" || echo "# whole"
    "$VMSCOPE" sweep --frames=1-40 --format=csv --shards=$shards --warmup=all "$dir/t.yaml" > "$dir/added" 2> "$err" || echo "# added"
    cmp -s "$dir/whole" "$dir/added" && exact=$((exact + 1)) || echo "# not exact: $i, $shards shards"
    shards=$((shards + 1))
    "$VMSCOPE" sweep --frames=1-40 --format=csv --policies=lru,opt --shards=$shards "$dir/t.yaml" > "$dir/added" 2> "$err" || echo "# added"
    awk -F, "$within" "$dir/whole" "$dir/added" && awk -F, -v n=$shards 'NR > 1 && ($NF == "" || $NF > $2 * (n - 1)) { exit 1 }' "$dir/added" &&
        cold=$((cold + 1)) || echo "# off by more: $i, $shards shards"
    "$VMSCOPE" sweep --frames=1-40 --format=csv --policies=lru,opt --shards=$shards --warmup=15 "$dir/t.yaml" > "$dir/added" 2> "$err" || echo "# added"
    awk -F, "$within" "$dir/whole" "$dir/added" && near=$((near + 1)) || echo "# off by more: $i, $shards shards, warmed up"
done
is "shards with all steps before them add up to what one run counts, of every policy and size" [ $exact -eq $i ]
is "without a warm-up LRU and OPT are off by no more than is said, a fault a frame for each shard but the first" [ $cold -eq $i ]
is "and with one" [ $near -eq $i ]

# Whatever the steps are: calls, processes that are suspended, huge pages, kswapd.
lessons=0 exact=0
for lesson in scenarios/*.yaml; do
    lessons=$((lessons + 1))
    "$VMSCOPE" sweep --policies=lru,opt,working_set --frames=3,6 --format=csv "$lesson" > "$dir/whole" 2> "$dir/whole.err"
    whole=$?
    vmscope sweep --policies=lru,opt,working_set --frames=3,6 --format=csv --shards=3 --warmup=all "$lesson"
    exits $whole && cmp -s "$out" "$dir/whole" && exact=$((exact + 1)) || echo "# not exact: $lesson"
done
is "so do those of every lesson" [ $exact -eq $lessons ]

"$VMSCOPE" sweep --policies=lru,random,fifo --seeds=1-3 --tlb=none,4x2 --frames=3,9 --format=csv $trace > "$dir/whole"
vmscope sweep --policies=lru,random,fifo --seeds=1-3 --tlb=none,4x2 --frames=3,9 --format=csv --shards=4 --warmup=all $trace
is "seeds and TLBs are told apart in shards" cmp -s "$out" "$dir/whole"
# By hand: in 1 2 | 1 2 with two frames nothing is evicted: 2 faults, and 4 where the second half begins with nothing.
printf '%s\n' 'version: 1' 'title: T' 'machine: {frames: 2}' 'steps: [{pages: 1 2 1 2}]' > "$dir/four.yaml"
vmscope sweep --policies=lru,opt,fifo --frames=2 --shards=2 --format=csv "$dir/four.yaml"
is "faults of a cold start are counted, and told" [ "$(cut -d, -f1,6,11- "$out" | tr '\n' ' ')" = "policy,page_faults,shard,warmup,error fifo,4,1-2/2,0, lru,4,1-2/2,0,2 opt,4,1-2/2,0,2 " ]
vmscope sweep --policies=lru,fifo --frames=2 --shards=2 --warmup=2 --format=csv "$dir/four.yaml"
is "with two steps before it the second shard begins at the first" [ "$(cut -d, -f1,6,11- "$out" | tail -n 1)" = "lru,2,1-2/2,2,0" ]
vmscope sweep --policies=lru --frames=2 --shards=2 "$dir/four.yaml"
is "a table says how far off it may be" says "page_faults are off by at most 2"
vmscope sweep --policies=lru,fifo --frames=2 --shards=2 "$dir/four.yaml"
is "and of which policies" says "page_faults of lru are off by at most 2; of the others nobody knows"
vmscope sweep --policies=lru --frames=2 --shards=2 --warmup=2 "$dir/four.yaml"
is "or that it is not" says "page_faults are exact"
vmscope sweep --policies=lru --frames=2 --shards=9 --format=csv --warmup=all "$dir/four.yaml"
is "more shards than steps are as good" [ "$(sed -n 2p "$out" | cut -d, -f6)" = 2 ]
vmscope sweep --policies=fifo --frames=3,4 --shards=3 12
is "shards that may be off show no anomaly" says_not "Belady's"
vmscope sweep --policies=fifo --frames=3,4 --shards=3 --warmup=all 12
is "exact ones do" says "Belady's"

# ---- what is missing is told ----

vmscope sweep --plan --policies=lru,fifo --frames=3,9 --shards=7 --warmup=50 $trace
is "a plan has a line for each shard of a cell, LRU's cells together" [ "$(wc -l < "$out")" -eq 21 ]
sort -r "$out" > "$dir/plan.sh"
sh "$dir/plan.sh" > "$dir/parts.csv" 2> "$err"
vmscope sweep --policies=lru,fifo --frames=3,9 --shards=7 --warmup=50 --format=csv $trace
cp "$out" "$dir/direct.csv"
vmscope sweep --merge --format=csv "$dir/parts.csv"
is "its commands' CSV merges to what one command prints" cmp -s "$out" "$dir/direct.csv"
cat "$dir/parts.csv" "$dir/parts.csv" > "$dir/twice.csv"
vmscope sweep --merge --format=csv "$dir/twice.csv"
is "a shard that is there twice counts once" cmp -s "$out" "$dir/direct.csv"
vmscope sweep --merge --format=csv "$dir/direct.csv"
is "what was merged can be merged again" cmp -s "$out" "$dir/direct.csv"
grep -v '^fifo,3,.*,[2457]/7,' "$dir/parts.csv" > "$dir/few.csv"
vmscope sweep --merge "$dir/few.csv"
is "where shards are missing the status is 3" exits 3
is "they are named" complains "fifo with 3 frames (TLB 16x4): of 7 shards there is no 2,4-5,7."
is "and nothing is printed" [ ! -s "$out" ]
grep -v ',1/7,' "$dir/parts.csv" > "$dir/few.csv"
vmscope sweep --merge "$dir/few.csv"
is "so are the cells that lack some" complains "; 3 more cells are not whole either"
sed 's/^\(fifo,3,.*,\)[0-9]*,\(2\/7,.*\)$/\1999,\2/' "$dir/parts.csv" > "$dir/other.csv"
vmscope sweep --merge "$dir/parts.csv" "$dir/other.csv"
is "shards that differ end with 3" exits 3
"$VMSCOPE" sweep --policies=fifo --frames=3 --shard=1/6 --format=csv $trace > "$dir/sixth.csv"
vmscope sweep --merge "$dir/parts.csv" "$dir/sixth.csv"
is "shards of another cut end with 3" exits 3
is "which is told" complains "was cut into shards otherwise: '1/6'"
"$VMSCOPE" sweep --policies=fifo --frames=3 --shard=1/7 --format=csv $trace > "$dir/cold.csv"
vmscope sweep --merge "$dir/parts.csv" "$dir/cold.csv"
is "as is another warm-up" complains "was warmed up otherwise: '0'"
"$VMSCOPE" sweep --policies=fifo --frames=3 --format=csv $trace > "$dir/whole.csv"
vmscope sweep --merge "$dir/parts.csv" "$dir/whole.csv"
is "and what is no shard" complains "other lines are of shards, this one is not"
vmscope sweep --merge "$dir/direct.csv" "$dir/parts.csv"
is "a cell that is there as a whole and in shards ends with 3" exits 3
for field in 0/7 8/7 2/ /7 x 2-7/7; do
    sed "s|,2/7,|,$field,|" "$dir/parts.csv" > "$dir/bad.csv"
    vmscope sweep --merge "$dir/bad.csv"
    is "$field is no shard of seven" exits 3
done

# ---- the command line ----

for value in 0 x 2/3 100001; do
    vmscope sweep --shards=$value $trace
    is "--shards=$value ends with 2" exits 2
done
for value in 0/3 4/3 2 x/3 3/; do
    vmscope sweep --shard=$value --format=csv $trace
    is "--shard=$value ends with 2" exits 2
done
vmscope sweep --shard=2/3 $trace
is "one shard makes no table" exits 2
vmscope sweep --shard=2/3 --frames=3 --policies=lru --format=json $trace
is "but JSON" says '"shard": "2/3", "warmup": 0, "error": 3'
vmscope sweep --warmup=10 $trace
is "a warm-up without shards ends with 2" exits 2
vmscope sweep --shards=3 --sample=0.5 $trace
is "shards are not sampled" exits 2
vmscope sweep --shards=3 --metric=page_table_bytes $trace
is "a size is not added up" exits 2
vmscope sweep --plan --shard=2/3 $trace
is "a plan has all shards" exits 2
vmscope sweep --shards=3 60
is "calls are not cut: 3" exits 3
is "which is told" complains "accesses and switches alone"
vmscope sweep --plan --shards=3 60
is "no plan does it either" exits 3
vmscope sweep --frames=8 --policies=lru,clock --format=csv 60
cp "$out" "$dir/whole"
vmscope sweep --frames=8 --policies=lru,clock --shards=3 --warmup=all --format=csv 60
is "but for a warm-up of all steps" cmp -s "$out" "$dir/whole"

# ---- plans run by others ----

cells="--policies=lru,fifo,random --seeds=1-2 --frames=4,16"
"$VMSCOPE" sweep $cells --format=csv $trace > "$dir/direct.csv"
"$VMSCOPE" sweep --plan $cells $trace > "$dir/plan"
"$VMSCOPE" sweep $cells --format=csv --shards=3 --warmup=9 $trace > "$dir/direct3.csv"
"$VMSCOPE" sweep --plan $cells --shards=3 --warmup=9 $trace > "$dir/plan3"
if parallel --version 2> /dev/null | grep -q '^GNU'; then
    for n in "" 3; do
        parallel --will-cite -S 1/:,2/: < "$dir/plan$n" > "$dir/parts.csv" 2> "$err"
        vmscope sweep --merge --format=csv "$dir/parts.csv"
        is "GNU parallel on two local hosts gives the same${n:+, in shards}" cmp -s "$out" "$dir/direct$n.csv"
        parallel --will-cite -j 3 < "$dir/plan$n" 2> "$err" | "$VMSCOPE" sweep --merge --format=csv - > "$out"
        is "and through a pipe" cmp -s "$out" "$dir/direct$n.csv"
    done
else
    skips "GNU parallel on two local hosts gives the same" "it is not installed"
fi
# The Makefile of vmscope(1).
cat > "$dir/Makefile" <<END
parts := \$(shell seq -f $dir/part-%g.csv \$\$(wc -l < $dir/plan3))
$dir/all.csv: \$(parts); $VMSCOPE sweep --merge --format=csv \$^ > \$@
$dir/part-%.csv: $dir/plan3; sed -n '\$*p' $dir/plan3 | sh > \$@.tmp && mv \$@.tmp \$@
END
MAKEFLAGS= make -s -j3 -f "$dir/Makefile" > "$out" 2> "$err"
is "make -j gives the same" cmp -s "$dir/all.csv" "$dir/direct3.csv"
ends
