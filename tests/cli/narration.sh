# That the narration says what is so, in formats and on machines whose words differ.
. tests/support/cli.sh

# RISC-V privileged manual, "Virtual Address Translation Process": a PTE, or a page, outside RAM is an
# access fault. Sv39, V=1: 0x3fffffffffc01 points to a table at 0xffffffffff000; with R W X U A D
# (0xdf) it maps a page there. VA 0x7fff0000: VPN[1] = 511, VPN[0] = 496.
cat > "$dir/outside.yaml" <<'END'
version: 1
title: outside RAM
machine: {paging: sv39, frames: 4}
processes:
  - name: A
    map:
      - {vpn: 0x7fff0, pte: 0x3fffffffffc01, level: 1}
      - {vpn: 0x40000, pte: 0x3fffffffffcdf, level: 0}
steps:
  - {read: 0x7fff0000}
  - {read: 0x40000000}
END
vmscope run "$dir/outside.yaml"
is "a PTE outside RAM is not said to have a value" says "L0: PTE at 0xfffffffffff80 lies outside RAM."
is "a page outside RAM is no reserved form" \
    says "is 0003fffffffffcdf: it leads to 0xffffffffff000, which lies outside RAM."
is "only PTEs that were read are counted" says "walk_reads                      5"
vmscope run --format=jsonl "$dir/outside.yaml"
is "the event has the level, index and table of the PTE that was to be read, and no PTE" \
    says '"level":0,"index":496,"table":"0xffffffffff000","pte_addr":"0xfffffffffff80","pte":null'

cat > "$dir/refill.yaml" <<'END'
version: 1
title: two levels of TLB and a handler
machine: {paging: sv32, frames: 4, tlb: {entries: 1, second: {entries: 8}, refill: software}}
processes:
  - name: A
    layout: {text: {size: 4KiB}}
steps:
  - {read: text}
  - {tlb_flush: all}
  - {write: text}
END
vmscope run "$dir/refill.yaml"
is "no hardware walks after a miss of the second level" says_not "alk the page table"
is "the handler says why it writes no entry" \
    says "The refill handler can write no TLB entry for 0x08048000: protection fault. The fault handler takes over."

cat > "$dir/segments.yaml" <<'END'
version: 1
title: descriptors
machine: {paging: segments}
processes:
  - name: A
    layout: {text: {size: 1KiB}}
steps:
  - {write: text}
  - {read: 0x2000}
END
vmscope run "$dir/segments.yaml"
is "segments have descriptors, not PTEs" says_not "PTE at"

cat > "$dir/inverted.yaml" <<'END'
version: 1
title: anchors
machine: {paging: inverted}
processes:
  - name: A
    layout: {heap: {size: 4KiB}}
steps:
  - {read: heap}
END
vmscope run "$dir/inverted.yaml"
is "an anchor is no PTE" grep -qE "anchor: index [0-9]+, word at" "$out"

cat > "$dir/arm.yaml" <<'END'
version: 1
title: between the halves
machine: {paging: aarch64}
steps:
  - {read: 0x0001000000000000}
END
vmscope run "$dir/arm.yaml"
is "Arm's upper bits repeat no other bit" says_not "must repeat"

# What a fork does to shared memory: both map its frames (POSIX, mmap); Linux leaves the child's PTEs to
# its faults (mm/memory.c, vma_needs_copy).
for profile in textbook linux; do
    cat > "$dir/shared-$profile.yaml" <<END
version: 1
title: shared memory, and the page of zeros
machine: {frames: 8, kernel: {profile: $profile}}
processes: [{name: A, layout: {heap: {size: 4KiB}}}]
steps:
  - {read: heap}
  - {mmap: shared, size: 4KiB, shared: true}
  - {write: shared}
  - {fork: B}
END
done
vmscope run "$dir/shared-textbook.yaml"
is "shared memory is not copied on write" says "1 page in memory is shared, and stays so: what one writes, the other sees."
vmscope run "$dir/shared-linux.yaml"
is "nor are its PTEs copied, on Linux" says "its PTEs are not copied: what the child needs of it, its own faults will find in memory."
is "the page of zeros is in no frame" says "is now the page of zeros, read-only."
ends
