# What `run` prints, in each format.
. tests/support/cli.sh

# The reference string of Silberschatz, Operating System Concepts, ch. 10 (10.4):
# 3 frames; FIFO 15 faults, OPT 9, LRU 12.
cat > "$dir/silberschatz.yaml" <<'END'
version: 1
title: The Silberschatz string
machine:
  frames: 3
  replacement: {policy: fifo}
steps:
  - {pages: 7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1}
END

vmscope run --format=csv "$dir/silberschatz.yaml"
cp "$out" "$dir/fifo.csv"
is "csv ends with 0" exits 0
is "csv has the agreed header" [ "$(head -n 1 "$out")" = "step,pid,process,op,va,pa,tlb,fault,frame,victim_pid,victim_vpn,victim_dirty" ]
is "csv has a row an access" [ "$(wc -l < "$out")" -eq 21 ]
is "every row has 12 fields" awk -F, 'NF != 12 { exit 1 }' "$out"
is "FIFO faults 15 times" [ "$(awk -F, 'NR > 1 && $8 != "none"' "$out" | wc -l)" -eq 15 ]
# The pages that leave, read off the book's figure: those that are there before a fault and not after.
is "FIFO evicts the pages of the book's figure" \
    [ "$(awk -F, '$11 != "" && NR > 1 { printf "%s ", $11 }' "$out")" = "7 0 1 2 3 0 4 2 3 0 1 2 " ]
is "steps count from 1" [ "$(sed -n 2p "$out" | cut -d, -f1)" = 1 ]
is "the first process is pid 1" [ "$(sed -n 2p "$out" | cut -d, -f2)" = 1 ]
is "addresses are hex" grep -qE '^1,1,[^,]*,read,0x[0-9a-f]+,0x[0-9a-f]+,(miss|hit|none),' "$out"

for pair in opt:9 lru:12 fifo:15; do
    vmscope run --format=summary --policy="${pair%:*}" "$dir/silberschatz.yaml"
    is "${pair%:*} faults ${pair#*:} times" says "page_faults: ${pair#*:}"
done
is "summary has only name: value" sh -c '! grep -vqE "^[a-z0-9_]+: [0-9]+$" "$1"' sh "$out"

# The frames after each reference, from the same figure.
cat > "$dir/frames" <<'END'
7 - -
7 0 -
7 0 1
2 0 1
2 0 1
2 3 1
2 3 0
4 3 0
4 2 0
4 2 3
0 2 3
0 2 3
0 2 3
0 1 3
0 1 2
0 1 2
0 1 2
7 1 2
7 0 2
7 0 1
END
vmscope run --format=csv --frames-after "$dir/silberschatz.yaml"
is "--frames-after adds a column" sh -c 'head -n 1 "$1" | grep -q ",frames$"' sh "$out"
sed 1d "$out" | cut -d, -f13 > "$dir/got"
is "its frames are those of the book, after each step" cmp -s "$dir/frames" "$dir/got"
vmscope run --format=jsonl --frames-after "$dir/silberschatz.yaml"
sed -n 's/^{"step":[0-9]*,"frames":\[\(.*\)\]}$/\1/p' "$out" | sed 's/null/-/g; s/,/ /g' > "$dir/got"
is "jsonl has an object of frames after each step" cmp -s "$dir/frames" "$dir/got"
vmscope run --frames-after "$dir/silberschatz.yaml"
sed -n 's/^ *frames: //p' "$out" > "$dir/got"
is "text has a line of frames after each step" cmp -s "$dir/frames" "$dir/got"

vmscope run --format=jsonl "$dir/silberschatz.yaml"
is "jsonl: every line is an object" sh -c '! grep -vq "^{.*}$" "$1"' sh "$out"
is "jsonl: the last one is the summary" sh -c 'tail -n 1 "$1" | grep -q "^{\"summary\":{.*\"page_faults\":15[,}]"' sh "$out"
is "jsonl: the first names step, micro-step, actor and event" \
    sh -c 'head -n 1 "$1" | grep -q "\"step\":1,\"micro\":1,\"actor\":\"HW\",\"event\":\"access\""' sh "$out"

vmscope run --format=csv 01
csv_pa=$(sed -n 2p "$out" | cut -d, -f6)
csv_va=$(sed -n 2p "$out" | cut -d, -f5)
vmscope run --format=jsonl 01
is "csv and jsonl write addresses alike" grep -q "\"va\":\"$csv_va\",\"pa\":\"$csv_pa\"" "$out"

vmscope run --limit=3 --format=csv "$dir/silberschatz.yaml"
is "--limit stops after so many steps" [ "$(wc -l < "$out")" -eq 4 ]

cat > "$dir/two.yaml" <<'END'
version: 1
title: Two processes
machine: {frames: 4}
processes:
  - {name: A, layout: {heap: {size: 4KiB}}}
  - {name: B, layout: {heap: {size: 4KiB}}}
steps:
  - {write: heap, value: 1}
  - {switch: B}
  - {read: heap}
END
vmscope run --format=csv --frames-after "$dir/two.yaml"
is "with several processes a frame names its owner" grep -q '1:[0-9]* 2:[0-9]* - -$' "$out"
is "pid and process tell who ran" grep -q '^3,2,B,read,' "$out"

# By hand: after the fork there are two processes, and B's write is a copy in the next frame.
cat > "$dir/forked.yaml" <<'END'
version: 1
title: A child
machine: {frames: 3}
processes: [{name: A, layout: {heap: {size: 4KiB, at: 0x10000}}}]
steps:
  - {write: heap}
  - {fork: B}
  - {write: heap, as: B}
END
vmscope run --format=csv --frames-after "$dir/forked.yaml"
is "with a child a frame names its owner, too" [ "$(cut -d, -f13 "$out" | tr '\n' ';')" = "frames;1:16 - -;1:16 2:16 -;" ]
vmscope run --format=jsonl --frames-after "$dir/forked.yaml"
is "in jsonl, too" says '{"step":3,"frames":[16,16,null],"pids":[1,2,null]}'

# A frame whose page no process maps is nobody's: Linux keeps a file's pages after munmap. And that page is a
# victim without a process. By hand: the file's page 0 is cached in frame 0 and its page 1 in frame 1.
cat > "$dir/idle.yaml" <<'END'
version: 1
title: Cached
machine: {frames: 2, kernel: {profile: linux}}
processes: [{name: A, layout: {heap: {size: 4KiB, at: 0x10000}}}]
steps:
  - {mmap: f, size: 8KiB, backing: file, file: x, at: 0x20000}
  - {read: f, expect: {fault: minor-map, frame: 0}}
  - {munmap: f}
  - {write: heap, expect: {fault: minor-zero, frame: 0}}
expect: {evictions: 1, frames: [16, free]}
END
vmscope run --format=csv --frames-after "$dir/idle.yaml"
is "pages of the cache alone are nobody's" [ "$(cut -d, -f13 "$out" | tr '\n' ';')" = "frames;32 -;16 -;" ]
is "and victims without pid and number" [ "$(tail -n 1 "$out" | cut -d, -f8-12)" = "minor-zero,0,,,0" ]
vmscope run --format=jsonl "$dir/idle.yaml"
is "null in jsonl" says '"event":"victim-drop","frame":0,"old_process":null,"old_vpn":null'
vmscope check "$dir/idle.yaml"
is "expect knows them as free" exits 0
sed 's/frame: 0}}$/frame: 0, victim: 0}}/' "$dir/idle.yaml" > "$dir/victim.yaml"
vmscope check "$dir/victim.yaml"
is "and not as page 0" exits 1

# By hand: Sv32 with one region below 4 MiB and the kernel's: the root, two tables, the page.
cat > "$dir/tables.yaml" <<'END'
version: 1
title: Tables in frames
machine: {frames: 4, page_tables: in_frames}
processes: [{name: A, layout: {heap: {size: 4KiB, at: 0x10000}}}]
steps:
  - {write: heap}
expect: {frames: [free, free, free, 16]}
END
vmscope run --format=csv --frames-after "$dir/tables.yaml"
is "a page table's frame holds no page" [ "$(tail -n 1 "$out" | cut -d, -f13)" = "- - - 16" ]
vmscope check "$dir/tables.yaml"
is "nor does expect find one there" exits 0

# What cannot be written must not pass for a whole result.
if [ -c /dev/full ]; then
    "$VMSCOPE" run --format=csv "$dir/silberschatz.yaml" > /dev/full 2> "$err"
    status=$?
    is "a full disk ends with 3" exits 3
    is "a full disk is told" complains "cannot write"
fi
ends
