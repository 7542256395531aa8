# Broken scenarios: each gives one error, at its very place, and status 3.
. tests/support/cli.sh

# broken SENTENCE LINE:COLUMN WORDS <<TEXT: the file is refused there, with these words.
broken() {
    cat > "$dir/broken.yaml"
    vmscope run "$dir/broken.yaml"
    is "$1: status 3" exits 3
    is "$1: told at $2" complains_like "/broken\.yaml:$2: error: .*$3"
    is "$1: one error" [ "$(wc -l < "$err")" -eq 1 ]
}

broken "a wrong key" 3:1 "machin.*machine" <<'END'
version: 1
title: x
machin: {frames: 3}
steps: [{read: 0x1000}]
END
broken "a wrong key deep inside" 3:25 "polcy" <<'END'
version: 1
title: x
machine: {replacement: {polcy: lru}}
steps: [{pages: 1}]
END
broken "a list where a mapping belongs" 3:10 "" <<'END'
version: 1
title: x
machine: [3]
steps: [{pages: 1}]
END
broken "4K" 3:38 "4KiB" <<'END'
version: 1
title: x
processes: [{name: A, layout: {heap: 4K}}]
steps: [{pages: 1}]
END
broken "010" 3:19 "10" <<'END'
version: 1
title: x
machine: {frames: 010}
steps: [{pages: 1}]
END
broken "-1" 3:19 "" <<'END'
version: 1
title: x
machine: {frames: -1}
steps: [{pages: 1}]
END
broken "4_096" 3:19 "4096" <<'END'
version: 1
title: x
machine: {frames: 4_096}
steps: [{pages: 1}]
END
broken "0x10zz" 3:16 "" <<'END'
version: 1
title: x
steps: [{read: 0x10zz}]
END
broken "an anchor" 2:8 "anchor" <<'END'
version: 1
title: &t x
steps: [{pages: 1}]
END
broken "a second document" 4:1 "document" <<'END'
version: 1
title: x
steps: [{pages: 1}]
---
version: 1
END
broken "an unknown region" 3:16 "heapp" <<'END'
version: 1
title: x
steps: [{read: heapp+4}]
END
broken "an unknown process" 3:18 "C" <<'END'
version: 1
title: x
steps: [{switch: C}]
END
broken "two operations in one step" 3:24 "" <<'END'
version: 1
title: x
steps: [{read: 0x1000, write: 0x1000}]
END
broken "a step without an operation" 3:9 "" <<'END'
version: 1
title: x
steps: [{note: nothing}]
END
broken "a modifier that the operation does not take" 3:20 "value" <<'END'
version: 1
title: x
steps: [{pages: 1, value: 3}]
END
broken "a mapping that is called as a region" 3:16 "that is the name of a region" <<'END'
version: 1
title: x
steps: [{mmap: heap, size: 4KiB}]
END
broken "a trace that is not there" 3:17 "nowhere" <<'END'
version: 1
title: x
steps: [{trace: nowhere.lackey}]
END
broken "a trace outside the folder" 3:17 "" <<'END'
version: 1
title: x
steps: [{trace: /etc/hostname}]
END
broken "more frames than memory" 3:19 "frames" <<'END'
version: 1
title: x
machine: {frames: 4000000000}
steps: [{pages: 1}]
END
broken "overlapping regions" "[0-9]+:[0-9]+" "overlap" <<'END'
version: 1
title: x
processes:
  - name: A
    layout:
      heap: {size: 8KiB, at: 0x10000000}
      mmap: {size: 8KiB, at: 0x10001000}
steps: [{pages: 1}]
END
broken "no steps" "[0-9]+:[0-9]+" "steps" <<'END'
version: 1
title: x
END
broken "a later version of the format" 1:10 "" <<'END'
version: 2
title: x
steps: [{pages: 1}]
END
broken "YAML that is none" "[0-9]+:[0-9]+" "" <<'END'
version: 1
title: "x
END

# Those that a here-document cannot hold.
printf 'version: 1\ntitle: "a\\x01b"\nsteps: [{pages: 1}]\n' > "$dir/escape"
broken "a control character" 2:8 "control" < "$dir/escape"
printf 'version: 1\ntitle: a\001b\nsteps: [{pages: 1}]\n' > "$dir/raw"
broken "a raw control character" 2:9 "control" < "$dir/raw"
{ printf 'version: 1\ntitle: x\nabout: '; printf '[%.0s' $(seq 100); printf '\n'; } > "$dir/deep"
broken "100 levels" "3:[0-9]+" "" < "$dir/deep"
: > "$dir/empty"
broken "an empty file" "[0-9]+:[0-9]+" "empty" < "$dir/empty"
head -c 4096 /dev/zero > "$dir/zeros"
broken "a binary file" "[0-9]+:[0-9]+" "" < "$dir/zeros"

printf 'version: 1\ntitle: &t x\nabout: *t\nsteps: [{pages: 1}]\n' > "$dir/alias.yaml"
vmscope run "$dir/alias.yaml"
is "an alias: status 3" exits 3
is "an alias: told at its place" complains_like '/alias\.yaml:3:8: error: .*alias'

vmscope run "$dir"
is "a directory: status 3" exits 3
is "a directory: one error" [ "$(wc -l < "$err")" -eq 1 ]

cat > "$dir/many.yaml" <<'END'
version: 1
title: x
machine: {frames: 010, swap: -1}
steps:
  - {raed: 0x1000}
  - {read: nowhere}
END
vmscope run "$dir/many.yaml"
is "several errors are told in one run" [ "$(wc -l < "$err")" -ge 3 ]
is "in the order of their lines" sh -c 'cut -d: -f2 "$1" | sort -nc' sh "$err"
is "a misspelt operation gets a suggestion" complains "did you mean 'read'"
ends
