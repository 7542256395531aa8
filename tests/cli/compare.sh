# `compare`: several machines on the same steps, with the numbers that books print.
. tests/support/cli.sh

# Silberschatz, Operating System Concepts, 10.4, three frames: FIFO 15 faults, LRU 12, OPT 9. FIFO has thrown
# page 0 out when it comes back for the seventh reference; the other two have not.
vmscope compare --policies=fifo,lru,opt scenarios/16-lru.yaml
is "FIFO has 15 faults" says "FIFO, 3 frames: 15 page faults"
is "LRU has 12" says "LRU, 3 frames: 12 page faults"
is "OPT has 9" says "OPT, 3 frames: 9 page faults"
is "the first difference is the seventh reference" says "First difference: step 7, read 0x0000"
is "FIFO's reason is told" says "FIFO picks frame 2: page 1 of A"
is "OPT kept it" says "OPT, 3 frames: no fault."
is "the frames stand below the references, as in the book" says "  2             1* 1  1  1  0* 0  0  3* 3  3  3  3  2* 2  2  2  2  1*"
is "the references are marked where they differ" says "page      7  0  1  2  0  3  0# 4  2#"
is "no line ends in blanks" [ "$(grep -c ' $' "$out")" -eq 0 ]

# Belady, Nelson, Shedler, CACM 12(6), 1969.
vmscope compare --policies=fifo --frames=3,4 scenarios/12-belady-3-frames.yaml
is "more frames, more faults" says "Belady's anomaly"
is "nine with three frames" says "FIFO, 3 frames: 9 page faults"
is "ten with four" says "FIFO, 4 frames: 10 page faults"
vmscope compare --policies=lru --frames=3,4 scenarios/12-belady-3-frames.yaml
is "LRU has no anomaly" says_not "Belady's anomaly"
vmscope compare --policies=fifo,lru --frames=4 scenarios/12-belady-3-frames.yaml
is "another policy is no anomaly" says_not "Belady's anomaly"

printf '%s\n' 'version: 1' 'title: t' 'processes: [{name: A, layout: {heap: {size: 16KiB, at: 0x10000}}}]' 'steps:' '  - {write: heap}' \
    '  - {fork: B}' '  - {write: heap, as: B}' '  - {write: heap+0x1000, as: B}' '  - {read: heap, as: B}' > "$dir/ends.yaml"
vmscope compare --policies=lru --frames=1,2 "$dir/ends.yaml"
is "B ends with one frame, which has no room for a copy" says "LRU, 1 frame: 1 page fault,"
is "so fewer faults there are no anomaly" says_not "Belady's anomaly"
is "the first step that only one of them can do is marked" says "10  -    B10  11   10#"
is "and told" says "First difference: step 5"
is "with what became of it" says "LRU, 1 frame: it is refused, or its process has ended."

vmscope compare --policies=fifo --frames=3,4 --format=json scenarios/12-belady-3-frames.yaml
is "JSON has the sums" says '"frames":4,"page_faults":10'
is "and the anomaly" says '"belady_anomaly":true'
is "and the first difference" says '"first_difference":5'
vmscope compare --policies=fifo,lru --format=csv scenarios/16-lru.yaml
is "CSV has a row a step and machine" [ "$(wc -l < "$out")" -eq 41 ]
is "its last row has the sum" [ "$(tail -n 1 "$out" | cut -d, -f2,3,9)" = "2,lru,12" ]

# RANDOM has more faults with four frames than with three for some seeds, by chance.
more=0 flagged=0 seed=0
while [ $seed -lt 40 ]; do
    seed=$((seed + 1))
    printf '%s\n' 'version: 1' 'title: T' "machine: {seed: $seed, replacement: {policy: random}}" 'steps: [{pages: 3 9 7 1 8 3 5 2 9 4 7 6 1 3 8 5 2 7 9 1}]' > "$dir/random.yaml"
    vmscope compare --policies=random --frames=3,4 --format=json "$dir/random.yaml"
    [ "$(grep -o 'page_faults":[0-9]*' "$out" | cut -d: -f2 | sort -nc 2>&1)" = "" ] &&
        [ "$(grep -o 'page_faults":[0-9]*' "$out" | sort -u | wc -l)" -eq 2 ] && more=$((more + 1))
    grep -q 'belady_anomaly":true' "$out" && flagged=$((flagged + 1))
done
is "more frames are worse by chance, sometimes" [ $more -gt 0 ]
is "which is no anomaly" [ $flagged -eq 0 ]

vmscope compare --policies=lru --tlb=4x1,1x4 scenarios/24-conflict-1-way.yaml
is "TLBs are named where they differ" says "TLB 1x4"

# LRU is a stack algorithm: its faults sink with more frames (Mattson et al. 1970), also for Belady's string.
vmscope compare --policies=lru --frames=3,4 scenarios/12-belady-3-frames.yaml
is "LRU of the same string has 10 faults and 8" [ "$(grep -o 'frames: [0-9]* page' "$out" | tr -dc '0-9 \n' | tr -s ' \n' ' ')" = " 10 8 " ]
is "and no anomaly" says_not "Belady's anomaly"

vmscope compare --limit=3 scenarios/16-lru.yaml
is "what is beyond the limit is left out" says "LRU, 3 frames: 3 page faults"
is "alike so far" says "They fault at the same steps."

# Command lines that cannot be.
vmscope compare --policies=lru scenarios/16-lru.yaml
is "one machine is nothing to compare" exits 2
is "it says so" complains "there is nothing to compare"
vmscope compare --policies=lru,fifo --frames=1-9 scenarios/16-lru.yaml
is "eighteen are too many" exits 2
is "it says how many" complains "at most 4 machines"
vmscope compare --policies=lru,fivo scenarios/16-lru.yaml
is "an unknown policy is refused" exits 2
vmscope compare --policies=lru,fifo --jobs=2 scenarios/16-lru.yaml
is "an option of sweep is not one of compare" exits 2
ends
