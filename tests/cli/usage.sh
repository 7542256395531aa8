# The command line: what is understood, what is not, and what is said about it.
. tests/support/cli.sh

vmscope --version
is "--version prints name and version" grep -qE '^vmscope [0-9]+\.[0-9]+\.[0-9]+$' "$out"
is "--version ends with 0" exits 0
vmscope -V
is "-V is --version" grep -qE '^vmscope [0-9]' "$out"

vmscope --help
is "--help ends with 0" exits 0
is "--help goes to standard output" is_silent
for word in open run check list help --format --policy --frames-after --ascii; do
    is "--help names $word" says "$word"
done
is "--help fits 80 columns" awk 'length > 80 { exit 1 }' "$out"

vmscope run --help
is "run --help tells of run alone" says "vmscope run FILE"
is "run --help lists the formats" says jsonl
vmscope help check
is "help check tells of check" says "vmscope check FILE..."

for word in page_faults minor-zero lru sv32 tlb-miss policy csv keys; do
    vmscope help "$word"
    is "help explains $word" exits 0
done
vmscope help nonsense
is "help of an unknown word ends with 2" exits 2
is "and says what it knows, in one line" complains "counters, faults, policies, paging formats and events"

vmscope run --polcy=lru 01
is "a misspelt option ends with 2" exits 2
is "a misspelt option gets a suggestion" complains "Did you mean '--policy'?"
vmscope run --policy=lur 01
is "a misspelt policy ends with 2" exits 2
is "a misspelt policy gets a suggestion" complains "did you mean 'lru'?"
vmscope run --format=jason 01
is "an unknown format ends with 2" exits 2
is "an unknown format is told the known ones" complains "text, jsonl, csv or summary"
vmscope run --frames=0 01
is "0 frames end with 2" exits 2
vmscope run --frames=08 01
is "a number with a leading zero ends with 2" exits 2
vmscope run --frames
is "an option without its value ends with 2" exits 2
vmscope run --ascii 01
is "an option of another command ends with 2" exits 2
is "an option of another command is named" complains "'run' takes no option --ascii"
vmscope run --frames-after=yes 01
is "a value for an option that takes none ends with 2" exits 2
vmscope run --frames-after --format=summary 01
is "frames after each step do not fit a summary" exits 2

vmscope run
is "run without a file ends with 2" exits 2
vmscope run 01 02
is "run with two files ends with 2" exits 2
vmscope check
is "check without a file ends with 2" exits 2

vmscope chek
is "a misspelt command ends with 2" exits 2
is "a misspelt command gets a suggestion" complains "Did you mean 'check'?"
for command in record live; do
    vmscope $command x
    is "$command is named as coming later, with 2" exits 2
    is "$command says so" complains "comes with a later version"
done

vmscope run no-such-file.yaml
is "a missing file ends with 3" exits 3
is "a missing file is named" complains_like '^no-such-file\.yaml.*: error: '
vmscope run -- --help
is "after -- everything is a file" exits 3
vmscope run scenarios
is "a directory ends with 3" exits 3

vmscope
is "without a terminal, vmscope lists the lessons" says "First touch"
is "and ends with 0" exits 0
vmscope list
is "list names every lesson of scenarios/" sh -c '
    for f in scenarios/*.yaml; do grep -q "$(basename "$f" .yaml)" "$1" || exit 1; done' sh "$out"
vmscope 01
is "without a terminal, vmscope NAME tells the lesson in lines" says "step 1/"
vmscope --plain 01
is "--plain tells the lesson in lines" says "step 1/"
TERM=dumb vmscope 01
is "TERM=dumb tells the lesson in lines" says "step 1/"

vmscope run 01
cp "$out" "$dir/by-number"
vmscope run scenarios/01-*.yaml
is "a lesson by its number is the file of that number" cmp -s "$out" "$dir/by-number"
in=$(echo scenarios/01-*.yaml)
vmscope run -
is "- is standard input" cmp -s "$out" "$dir/by-number"
in=
ends
