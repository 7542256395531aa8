# vmscope walk: its text, what it understands, and what it refuses. That its answers are
# those of processors is the business of tests/unit/test_walk_command.c.
. tests/support/cli.sh

m=$dir/memory

# walk OPTION...: with the memory file $m.
walk() { vmscope walk --memory="$m" "$@"; }

# ---- the text ----

# OSTEP, chapter 20 (Advanced Page Tables), homework: VA 0x611c, PDBR 108; the PDE 0xa1 at
# index 24, the PTE 0xb5 at index 8, PA 0x6bc. VA 0x3da8: PDE 0xd6, PTE 0x7f, a fault.
cat > "$m" <<'END'
# page 108: the page directory
d98: a1
d8f: d6
0x428: 0xb5
0xacd: 0x7f
END
toy='--paging=custom --levels=5,5 --page=32 --pte-bytes=1 --valid-bit=7 --pfn-bits=0-6 --root=0xd80'
walk $toy 0x611c 0x3da8
is "a walk ends with 0" exits 0
is "a walk is silent on standard error" is_silent
is "a level's line has index, PTE address, PTE and where it leads" \
    grep -qE '^  L1 +24  0xd98 +0xa1 +table at 0x420$' "$out"
is "the last level leads to a page" grep -qE '^  L0 +8  0x428 +0xb5 +page at 0x6a0$' "$out"
is "the PA is told" says "PA 0x6bc"
is "an invalid PTE is told" grep -qE '^ +not valid$' "$out"
is "a fault is told" says "FAULT page fault (not valid)"
is "a text fits 80 columns" awk 'length > 80 { exit 1 }' "$out"
walk --levels=5,5 --page=32 --pte-bytes=1 --root=3456 --format=json 24860 15784
is "the toy's bits follow from its PTE's size, and numbers may be decimal" says '"pa": "0x6bc"'
is "json is an array with an object a line" [ "$(wc -l < "$out")" -eq 4 ]
is "json begins and ends as an array" [ "$(sed -n '1p;$p' "$out" | tr -d '\n')" = "[]" ]
is "json tells of a fault by its class" says '"pa": null, "fault": {"class": "page fault (not valid)"}'

# RISC-V privileged manual, Sv32: V R W X U G A D are bits 0 to 7.
cat > "$m" <<'END'
0x80300300: 0x200c0401
0x8030100c: 0x20100017
END
walk --paging=sv32 --root=0x80300000 --access=store 0x30003080
is "flags are spelled out" grep -qE '^ +valid, readable, writable, user$' "$out"
is "a write-back is told with the bits' names" says "written back at 0x8030100c: accessed and dirty set"
is "a write-back is told with both words" says " 0x20100017 -> 0x201000d7"
is "the registers are told" says "store from user mode, SUM=0, MXR=0; A and D are set by the hardware"
walk --paging=sv32 --root=0x80300000 --access=store --ad=svade 0x30003080
is "the cause of a fault is told" says "FAULT store page fault, cause 15"
is "the rule is told" says "at L0: A=0"
walk --paging=sv32 --root=0x80300000 --ram=0x80300000-0x80301000 0x30003080
is "a PTE outside RAM is told" says "the PTE of L0 at 0x8030100c lies outside RAM"
is "outside RAM is an access fault" says "FAULT load access fault, cause 5"
walk --paging=sv32 --root=0x80300000 --ram=0x80300000-0x80302000 0x30003080
is "a page outside RAM is told" says "PA 0x80400080 lies outside RAM"
walk --paging=sv32 --root=0x80300000 --ram=0x80300000-0x80301fff --format=json 0x30003080
cp "$out" "$dir/odd"
walk --paging=sv32 --root=0x80300000 --ram=0x80300000-0x80302000 --format=json 0x30003080
is "an odd end of RAM is its last byte" cmp -s "$out" "$dir/odd"
walk --paging=sv32 --root=0x80300000 --access=store --format=json 0x30003080 0x30003080
is "each address is walked in the memory as given" [ "$(grep -c '"pte": "0x20100017"' "$out")" -eq 2 ]

# Intel SDM, volume 3: error code bits P, W/R, U/S.
printf '600000: 601007\n601000: 602007\n602000: 603007\n603000: 7ff003\n' > "$m"
walk --paging=x86-64 --cr3=0x600018 --access=write 0x123
is "an error code is taken apart" says "P=1: protection, W/R=1: write, U/S=1: user"
is "levels have the architecture's names" grep -qE '^  PML4 ' "$out"
walk --paging=x86-64 --cr3=0x600018 --access=write --cpl=0 --format=json 0x123
is "CR3's low bits are no part of the address" says '"pa": "0x7ff123"'
walk --paging=x86-64 --root=0x600000 0x800000000000
is "an address that is not canonical is #GP" says "FAULT #GP, error code 0"

# Intel SDM, volume 3, "32-Bit Paging": D and G are ignored in an entry that points to a table, and so is
# PS while CR4.PSE=0.
printf '600000: 601167\n600004: 83\n' > "$m"
walk --paging=x86-32 --root=0x600000 0 0x400000
is "flags that an x86 pointer lacks are not told" grep -qE '^ +valid, writable, user, accessed$' "$out"
is "PS without PSE is said to be ignored" grep -qE '^ +valid, writable, PS \(ignored\)$' "$out"
is "the root's address is no register's value" says "walks from 0x600000 (CR3)"

# Arm ARM, chapter D8, "VMSAv8-64 descriptor formats": a table has no AP, UXN, nG and AF of its own.
printf '40000000: 40001003\n40001000: 00600000404007c1\n' > "$m"
walk --paging=aarch64 --root=0x40000000 0 0x40000000
is "an Arm table has no leaf's flags" grep -qE '^ +valid, type$' "$out"

# A recursive entry (the root's entry 511 leads to the root) is met twice, and its A bit written once.
printf '600ff8: 600003\n' > "$m"
walk --paging=x86-64 --root=0x600000 --cpl=0 --format=json 0xfffffffffffff000
is "a PTE that several levels share is written once" \
    says '"pa": "0x600000", "fault": null, "pte_writes": {"0x600ff8": "0x600023"}'

# A long rule and all flags, in the narrowest room that a terminal has.
printf '0x80300000: 0xffffffffff\n' > "$m"
walk --paging=sv39 --root=0x80300000 --priv=s 0
is "long lines are broken" awk 'length > 80 { exit 1 }' "$out"

# OSTEP, chapter 16, figures 16.3 and 16.4: code 2K at 32K; heap 3K at 34K; stack 2K below 28K, growing
# down. VA 4200 -> 34920, VA 15K -> 27K; 7K lies beyond the heap.
cat > "$m" <<'END'
00: 8000 8001b
10: 8800 c0017
30: 7000 80037
END
walk --paging=segments --root=0 --format=json 4200 15360 7168
is "the heap of OSTEP's segments" says '"va": "0x1068", "levels": [{"level": 1, "index": 1, "pte_addr": "0x10"'
is "VA 4200 is PA 34920" says '"pa": "0x8868"'
is "VA 15K, in the stack, is PA 27K" says '"pa": "0x6c00"'
is "VA 7K is out of bounds" says '"va": "0x1c00", "levels": [{"level": 1, "index": 1, "pte_addr": "0x10", "pte": "0x8800"}, {"level": 0, "index": 1, "pte_addr": "0x18", "pte": "0xc0017"}], "pa": null, "fault": {"class": "segmentation fault (out of bounds)"'
# OSTEP, chapter 15: a process of 16K at 32K; VA 0 is PA 32K, VA 3000 is 35768.
printf '0: 8000 400001\n' > "$m"
walk --paging=base-bounds --root=0 --format=json 0 3000
is "base and bounds" [ "$(grep -c '"pa": "0x8000"\|"pa": "0x8bb8"' "$out")" -eq 2 ]
# An inverted table of 2 entries by hand: 4 anchors behind the header; hash 1 of VPN 1 leads to entry 1.
printf '0: 4 2\n10: 0 2 0 0\n40: 100001f 0\n' > "$m"
walk --paging=inverted --root=0 --format=json 0x1234
is "an inverted table: the frame is the entry's number, and A comes in" \
    says '"pa": "0x1234", "fault": null, "pte_writes": {"0x40": "0x100005f"}'
walk --paging=inverted --root=0 --asid=1 --format=json 0x0234
is "an inverted table: another ASID's page is none" says '"pa": null'

# ---- other names for the same ----

cat > "$m" <<'END'
0x80300300: 0x200c0401
0x8030100c: 0x201000d7
END
walk --paging=sv32 --root=0x80300000 --access=load --priv=u --format=json 0x30003080
cp "$out" "$dir/plain"
same() { cmp -s "$out" "$dir/plain"; }
walk --paging sv32 --root 2150629376 --format json 805318784
is "options take their values apart, numbers may be decimal, load from user mode is the default" same
walk --satp=0x80080300 --format=json 0x30003080
is "satp gives format and root" same
walk --paging=sv32 --root=0X80300000 --access=READ --priv=User --sum=0 --mxr=off --format=json 0X30003080
is "words in capitals, 0X, and switches that are off" same
in=$m
vmscope walk --paging=sv32 --root=0x80300000 --memory=- --format=json 0x30003080
is "- is standard input" same
in=
printf '\357\273\277\r\n80300300 <root+768>:\t200C0401 0\r\n  8030100c :201000D7#x\r\n\n#' > "$m"
walk --paging=sv32 --root=0x80300000 --format=json 0x30003080
is "a debugger's dump, comments, blank lines and DOS line ends" same
printf '80300300: 1 2\n80300300: 200c0401\n80301008: 0x201000d700000000\n' > "$m"
walk --paging=sv32 --root=0x80300000 --format=json 0x30003080
is "a later word counts, and wide words are little-endian" same
printf '0x80300300: 0x00000000200c0401 0x0000000000000000\n80301000: 0x0000000000000000 0x201000d700000000\n' > "$m"
walk --paging=sv32 --root=0x80300000 --format=json 0x30003080
is "a dump of 8-byte words for PTEs of 4 bytes" same
: > "$m"
walk --paging=sv39 --root=0x80300000 0xffffffffffffffff
is "an empty file is a memory of zeros" exits 0

# ---- wrong command lines ----

# wrong SENTENCE WORDS OPTION...: status 2, and the words are said.
wrong() {
    case=$1 words=$2
    shift 2
    walk "$@"
    is "$case: status 2" exits 2
    is "$case: told" complains "$words"
}
wrong "no address" "a virtual address is missing" --paging=sv39 --root=0
wrong "no root" "the root is missing: give the page-table root once, as --root=ADDRESS or as --satp=VALUE" --paging=sv39 0
wrong "two roots" "there are two roots" --paging=sv39 --root=0 --satp=0x8000000000080300 0
wrong "no format" "--paging is missing" --root=0 0
wrong "an unknown format" "did you mean 'sv39'?" --paging=sv93 --root=0 0
wrong "an unknown output" "it is one of text or json" --paging=sv39 --root=0 --format=csv 0
wrong "an option of another architecture" "--smep means nothing to sv39: it belongs to x86-32" \
    --paging=sv39 --root=0 --smep 0
wrong "what would fit" "Here go: --satp, --sum, --mxr, --ad" --paging=sv39 --root=0 --cpl=0 0
wrong "a satp of another mode" "its MODE says sv48" --paging=sv39 --satp=0x9000000000080300 0
wrong "a satp that translates nothing" "nothing is translated" --paging=sv39 --satp=0 0
wrong "a root that is no page's" "multiple of 4096" --paging=sv39 --root=0x80300 0
wrong "an address in letters" "write 0x611c" --paging=sv39 --root=0 611c
wrong "an address beyond 64 bits" "too large" --paging=sv39 --root=0 0x10000000000000000
wrong "an access of no kind" "load, store, fetch" --paging=sv39 --root=0 --access=jump 0
wrong "a mode of no kind" "it is one of u, s" --paging=sv39 --root=0 --priv=m 0
wrong "a switch of no kind" "it is 1 or 0" --paging=sv39 --root=0 --sum=maybe 0
wrong "RAM without an end" "0x80000000-0x88000000" --paging=sv39 --root=0 --ram=0x80000000 0
wrong "RAM that ends before it begins" "must be larger" --paging=sv39 --root=0 --ram=2-1 0
wrong "too many levels" "at most 5 levels" --paging=custom --root=0 --levels=1,1,1,1,1,1 0
wrong "a level too wide" "1 to 26 bits" --paging=custom --root=0 --levels=27 0
wrong "a page of no power of two" "power of two" --paging=custom --root=0 --page=100 0
wrong "PTEs of 3 bytes" "1, 2, 4 or 8 bytes" --paging=custom --root=0 --pte-bytes=3 0
wrong "a valid bit inside the PFN" "overlaps" --paging=custom --root=0 --valid-bit=3 --pfn-bits=0-6 0
wrong "a ring of no kind" "at most 3" --paging=x86-64 --root=0 --cpl=4 0
wrong "a MAXPHYADDR of no kind" "32 to 52" --paging=x86-64 --root=0 --maxphyaddr=31 0
vmscope walk --paging=sv39 --root=0 0
is "no memory file: status 2" exits 2
is "no memory file: told" complains "--memory=FILE is missing"
vmscope run --smep 01
is "walk's options are not run's" complains "'run' takes no option --smep"

# ---- bad memory files ----

# bad SENTENCE LINE:COLUMN WORDS [FORMAT]: what printf makes of FORMAT (else the file as it is) is
# refused there, with these words.
bad() {
    [ $# -lt 4 ] || printf "$4" > "$m"
    walk --paging=sv32 --root=0 0
    is "$1: status 3" exits 3
    is "$1: told at $2" complains_like "^$m:$2: error: .*$3"
    is "$1: one error" [ "$(wc -l < "$err")" -eq 1 ]
    is "$1: nothing is walked" [ ! -s "$out" ]
}
bad "a missing colon" 2:3 "':' is missing after the address" '0: 1\n4 2\n'
bad "an address that is none" 1:1 "'root' is no address: write ADDRESS: WORD" 'root: 1\n'
bad "a word that is none" 1:4 "'1g' is no word" '0: 1g\n'
bad "a negative word" 1:4 "'-1' is no word" '0: -1\n'
bad "a missing word" 1:5 "the word is missing" '0:  # 1\n'
bad "a word too large" 1:4 "at most 64 bits" '0: 11112222333344445\n'
bad "an address too large" 1:1 "at most 64 bits" '11112222333344445: 0\n'
bad "an address between two PTEs" 2:1 "no multiple of 4" '\n2: 1\n'
bad "words beyond the last address" 1:21 "beyond the last address" 'fffffffffffffffc: 1 2\n'
bad "a binary file" 2:1 "binary" '0: 1\n\0\n'
bad "a control character" 1:6 "control character" '0: 1 \033[31m\n'
is "a control character is not echoed" sh -c '! grep -q "$(printf "\033")" "$1"' sh "$err"
awk 'BEGIN { for (i = 0; i < 1000000; i++) printf "a"; print ": 1" }' > "$m"
bad "a long line" 1:1 "\.\.\.' is too large"
printf 'x\ny\n0: 1\nz\n' > "$m"
walk --paging=sv32 --root=0 0
is "several errors are told in one run" [ "$(grep -c ': error: ' "$err")" -eq 3 ]
seq 1 100000 > "$m"
walk --paging=sv32 --root=0 0
is "100000 errors are counted" complains "and 99980 more"
awk 'BEGIN { for (i = 0; i < 200000; i++) printf "%x00000000: %x\n", i, i }' > "$m"
walk --paging=sv32 --root=0 0
is "200000 words far apart are read" exits 0
vmscope walk --paging=sv39 --root=0 --memory=no-such-file 0
is "a missing file: status 3" exits 3
is "a missing file is named" complains "no-such-file: error: "
vmscope walk --paging=sv39 --root=0 --memory=scenarios 0
is "a directory: status 3" exits 3
ends
