# Traces on the command line: every format runs, is imported and comes back the same; what is
# damaged is told; files are there whole or not at all.
. tests/support/cli.sh

t=$dir/t
mkdir "$t"

# counter NAME: its value in the summary just printed.
counter() { sed -n "s/^$1: //p" "$out"; }
# alike A B OPTION...: both run to the same summary.
alike() {
    first=$1 second=$2
    shift 2
    "$VMSCOPE" run --format=summary "$@" "$first" > "$dir/first" && "$VMSCOPE" run --format=summary "$@" "$second" > "$dir/second" &&
        cmp -s "$dir/first" "$dir/second"
}
alone() { [ "$(ls -A "$t" | wc -l)" -eq "$1" ]; } # so many files, and no leavings

# ---- published numbers ----

# Silberschatz, Galvin, Gagne, "Operating System Concepts", chapter Virtual Memory: this string in
# 3 frames has 15 faults with FIFO, 9 with OPT, 12 with LRU.
echo "7 0 1 2 0 3 0 4 2 3 0 3 0 3 2 1 2 0 1 7 0 1" | sed 's/ 0 3 0 3 2/ 0 3 2/' > "$t/pages.txt"
for pair in fifo:15 opt:9 lru:12; do
    vmscope run --format=summary --frames=3 --policy="${pair%:*}" "$t/pages.txt"
    is "the textbook's string has ${pair#*:} faults with ${pair%:*}" [ "$(counter page_faults)" = "${pair#*:}" ]
done
# The same numbers, one a line, are addresses unless they are said to be pages.
tr ' ' '\n' < "$t/pages.txt" > "$t/lines.txt"
vmscope run --format=summary --frames=3 --policy=fifo --trace-format=pages "$t/lines.txt"
is "one page number a line, said to be so, has 15 too" [ "$(counter page_faults)" = 15 ]
vmscope run --format=summary "$t/lines.txt"
is "not said to be so, they are 20 addresses in one page" [ "$(counter accesses) $(counter page_faults)" = "20 1" ]

# Belady's string (Belady, Nelson, Shedler 1969): FIFO has 9 faults with 3 frames and 10 with 4.
cat > "$t/belady.yaml" <<'EOF'
version: 1
title: Belady's string from a file
machine: {paging: linear, page_size: 256, frames: 3, replacement: {policy: fifo}}
steps:
  - {trace: belady.txt, format: pages}
expect: {page_faults: 9, accesses: 12}
EOF
echo "1 2 3 4 1 2 5 1 2 3 4 5" > "$t/belady.txt"
vmscope check "$t/belady.yaml"
is "a scenario's page numbers are those of its machine's pages" exits 0
vmscope run --format=csv "$t/belady.yaml"
is "and become addresses in them" grep -q '^1,[^,]*,[^,]*,read,0x0*100,' "$out"
sed 's/frames: 3/frames: 4/; s/page_faults: 9/page_faults: 10/' "$t/belady.yaml" > "$t/belady4.yaml"
vmscope check "$t/belady4.yaml"
is "with a frame more it has 10" exits 0
rm "$t"/*

# ---- every format: run, import, run again ----

# From each format's own page: see tests/unit/test_trace_formats.c.
printf '2 0 \n0 1000 \n0 70f60888 \n2 2cb5 \n1 70f60890 \n1 70f6088c \n' > "$t/a.din"
printf '// comment\nREAD bin 01010101\nWRITE bin 10101010\nREAD random\nWRITE hex CC32\n' > "$t/commands"
printf '16916\n62493\n30198\n53683\n' > "$t/addresses.txt"
printf '0041f7a0 R\n13f5e2c0 R\n31348900 W\n' > "$t/gcc.trace"
cp tests/data/mini.lackey "$t/mini.lackey"
for pair in a.din:din commands:moss addresses.txt:addresses gcc.trace:addresses mini.lackey:lackey; do
    file=$t/${pair%:*} format=${pair#*:}
    vmscope trace info "$file"
    is "$format is told by content" grep -qE "^  format +$format: " "$out"
    vmscope import -o "$t/x.vmt" "$file"
    is "$format is imported" exits 0
    is "import of $format is silent on standard error" is_silent
    is "$format runs to the same numbers from the binary" alike "$file" "$t/x.vmt"
    is "$format said by name is the same" alike "$file" "$t/x.vmt" --policy=fifo --frames=2
    zstd -q -f "$file" -o "$t/x.zst" 2> /dev/null && is "$format in zstd is the same" alike "$file" "$t/x.zst"
    vmscope import -o "$t/x.vmt.zst" "$file"
    is "$format runs to the same numbers from a packed binary" alike "$file" "$t/x.vmt.zst"
    is "which is one of zstd" [ "$(od -An -tx1 -N4 "$t/x.vmt.zst" | tr -d ' ')" = 28b52ffd ]
    rm -f "$t/x.zst" "$t/x.vmt" "$t/x.vmt.zst"
done
in=$t/mini.lackey
vmscope run --format=summary -
cp "$out" "$dir/piped"
in=
vmscope run --format=summary "$t/mini.lackey"
is "standard input is read as a file is" cmp -s "$out" "$dir/piped"
# What addresses are is decided by the first 4 KiB, in however small pieces they come.
{ yes 1000 | head -n 1000; echo a000; echo 2000; } > "$t/late.txt"
{ head -c 4097 "$t/late.txt"; tail -c +4098 "$t/late.txt"; } |
    "$VMSCOPE" run --format=summary --trace-format=addresses - > "$dir/pieces" 2> /dev/null
vmscope run --format=summary --trace-format=addresses "$t/late.txt"
is "a pipe's addresses are in decimal where a file's are" cmp -s "$out" "$dir/pieces"
is "and a later digit a is damage in both" [ "$(counter accesses)" = 1001 ]
# A line of more than 64 KiB is none, wherever it stands in what is read at once.
for before in 1 4680; do
    { yes ' L 1000,4' | head -n $before; head -c 65600 /dev/zero | tr '\0' x; echo; echo ' L 2000,4'; } > "$t/late.txt"
    vmscope run --format=summary --trace-format=lackey "$t/late.txt"
    is "an endless line behind $before others is refused" [ "$status" = 3 ]
    dd if="$t/late.txt" bs=1000 2> /dev/null | "$VMSCOPE" run --format=summary --trace-format=lackey - > /dev/null 2> "$dir/pieces"
    is "and so it is in small pieces" grep -q "an endless line" "$dir/pieces"
done
rm -f "$t/late.txt"

# ---- names of what is imported ----

vmscope import "$t/a.din"
is "x.din becomes x.vmt beside it" [ -f "$t/a.vmt" ]
is "import says what it wrote" says "a.vmt: 6 references, "
cp scenarios/ls.lackey.zst "$t/ls.1M.lackey.zst"
vmscope import "$t/ls.1M.lackey.zst"
is "x.lackey.zst becomes x.vmt" [ -f "$t/ls.1M.vmt" ]
is "the built-in lesson's trace runs the same" alike "$t/ls.1M.lackey.zst" "$t/ls.1M.vmt" --split=false --policy=lru --frames=32
vmscope run --format=summary --split=false --policy=lru --frames=32 "$t/ls.1M.vmt"
# docs/lessons.md, 32-a-real-program: from a simulation written for the purpose.
is "and has 101 faults with 32 frames" [ "$(counter page_faults)" = 101 ]
vmscope import "$t/a.vmt"
is "a binary is not imported onto itself" exits 2
vmscope import -
is "standard input needs a name for the result, 2" exits 2
is "which is said" complains "--output=FILE"
in=$t/a.din
vmscope import -o - -
cp "$out" "$dir/piped"
in=
is "from standard input to standard output" cmp -s "$dir/piped" "$t/a.vmt"
vmscope import -o "$t/both.vmt" "$t/a.din" "$t/a.vmt"
vmscope trace info --format=json "$t/both.vmt"
is "several files follow each other" says '"references": 12, "reads": 4, "writes": 4, "fetches": 4'

# ---- trace info ----

vmscope trace info "$t/a.din"
is "info counts the kinds" grep -qE '^    fetches +2$' "$out"
is "info counts the pages" grep -qE '^  pages +4 ' "$out"
is "info says the addresses" says "0x0 to 0x70f60890"
is "info of a text has no checksums" grep -qE '^  checksums +none' "$out"
vmscope trace info --format=json "$t/a.vmt"
is "info in JSON has the checksum" says '"checksum": "ok"'
is "info in JSON has the regions" says '"name": "text"'
is "info in JSON ends as an object" [ "$(tail -c 3 "$out")" = "]}" ]
vmscope trace info --format=csv "$t/a.vmt"
is "info has no CSV, 2" exits 2
vmscope trace
is "trace alone ends with 2" exits 2
vmscope trace "$t/a.vmt"
is "trace without info ends with 2" exits 2
vmscope trace look "$t/a.vmt"
is "trace of another word ends with 2" exits 2
is "and says the usage" complains "vmscope trace info FILE"
vmscope trace info "$t/none"
is "info of no file ends with 3" exits 3
vmscope import "$t/none"
is "import of no file ends with 3" exits 3
is "and is told as elsewhere" complains_like 'none: error: cannot be read'
vmscope import --trace-format=dinn "$t/a.din"
is "a misspelt format ends with 2" exits 2
is "and gets a suggestion" complains "did you mean 'din'?"
vmscope check --trace-format=din "$t/a.din"
is "check takes no trace format" exits 2
vmscope help din
is "help explains a format" says "Dinero"

# ---- damage ----

rm "$t"/*
printf '2 1000\nwhat\n2 1004\n0 zz\n1 5000\n2 1008\n' > "$t/bad.din"
vmscope run --format=summary "$t/bad.din"
is "a few damaged lines are skipped" exits 0
is "each is told with its number" complains_like 'bad\.din:2: warning: damaged line "what", skipped'
is "each, the second too" complains_like 'bad\.din:4: warning: damaged line "0 zz"'
is "and their sum" complains "2 damaged lines skipped"
is "the others count" [ "$(counter accesses)" = 4 ]
vmscope import "$t/bad.din"
is "import skips them as well" exits 0
is "import tells the sum" complains "2 damaged lines skipped"
vmscope trace info "$t/bad.din"
is "info counts them" grep -qE '^  damaged +2 lines' "$out"
rm "$t"/*
{ yes '2 1000' | head -n 300; yes 'x y' | head -n 101; } > "$t/bad.din"
vmscope import "$t/bad.din"
is "the 101st damaged line is one too many, 3" exits 3
is "it is named" complains_like 'bad\.din:401:1: error: damaged line "x y", and too many before it: meant is'
is "and there is no binary" alone 1
printf 'what is this\nno trace\n' > "$t/text"
vmscope import "$t/text"
is "what is no trace ends with 3" exits 3
is "and the formats are listed" complains_like 'text:1:1: error: .* there are lackey, din, moss'
vmscope import "$t"
is "a folder ends with 3" exits 3
cp tests/data/mini.lackey "$t/m.lackey"
vmscope import "$t/m.lackey"
head -c 500 "$t/m.vmt" > "$t/cut.vmt"
for command in "run --format=summary" "trace info" "import -o $t/y.vmt"; do
    vmscope $command "$t/cut.vmt"
    is "$command of a cut binary ends with 3" exits 3
    is "$command says so" complains_like 'cut\.vmt: error: .*the file was cut off'
done
is "nothing is left of it" [ ! -e "$t/y.vmt" ]

# ---- a file of text is read twice, anything else once ----

trace=scenarios/ls.lackey.zst
for policy in lru opt aging; do
    "$VMSCOPE" run --format=summary --policy=$policy $trace > "$dir/first"
    is "with $policy a file has the counters of a stream" sh -c '"$1" run --format=summary --policy=$2 - < $3 | cmp -s - "$4"' \
        sh "$VMSCOPE" $policy $trace "$dir/first"
done
"$VMSCOPE" run --format=csv --limit=20000 $trace | cut -d, -f4- > "$dir/first" # without the process's name
"$VMSCOPE" run --format=csv --limit=20000 - < $trace | cut -d, -f4- > "$dir/second"
is "and its table" cmp -s "$dir/first" "$dir/second"

# ---- a full disk, Ctrl-C ----

rm "$t"/*
{ i=0; while [ $i -lt 700 ]; do cat tests/data/mini.lackey; i=$((i + 1)); done; } > "$t/long.lackey"
(ulimit -f 200; "$VMSCOPE" import "$t/long.lackey" > "$out" 2> "$err"; echo $? > "$dir/status")
status=$(cat "$dir/status")
is "a file that may not grow ends with 3" exits 3
is "and is told" complains_like 'long\.vmt: error: cannot be written: File too large'
is "no half file is left" alone 1
(ulimit -f 8; "$VMSCOPE" import -o "$t/long.vmt.zst" $PWD/scenarios/ls.lackey.zst "$t/long.lackey" > "$out" 2> "$err"; echo $? > "$dir/status")
status=$(cat "$dir/status")
is "so does a packed one" exits 3
is "of which nothing is left either" alone 1
if [ -w /dev/full ]; then
    vmscope import -o /dev/full "$t/long.lackey"
    is "a full device ends with 3" exits 3
    is "and is told, too" complains "No space left on device"
    is "the device is still one" [ -c /dev/full ]
fi
# Ctrl-C: a pipe that stays open keeps the import waiting until the signal comes.
mkfifo "$dir/pipe"
"$VMSCOPE" import -o "$t/x.vmt" "$dir/pipe" > "$out" 2> "$err" &
pid=$!
{ cat "$t/long.lackey"; kill -INT $pid; cat "$t/long.lackey"; } > "$dir/pipe"
wait $pid
status=$?
is "an interrupted import ends with 130" exits 130
is "says so" complains interrupted
is "and leaves nothing" alone 1
ends
