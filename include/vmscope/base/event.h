/* event.h - what one micro-step tells.
 *
 * Events are the only telling: narration, highlights, JSON, CSV, counters on
 * the screen and tests all read them, and nothing prints from inside the
 * machine. An event says who acted (hardware or operating system), what
 * happened (its kind) and with which numbers.
 *
 * EVENT_KINDS is the one table. Each line:
 *   X(ID, json name, actor, path label, fields, narration)
 * `path label` is the word on the screen's path line. `fields` names the
 * numbers that this kind carries (see EVENT_FIELDS); JSON prints these and no
 * others. `narration` is the sentence, {field} standing for a number of this
 * very event.
 */
#ifndef VMSCOPE_BASE_EVENT_H
#define VMSCOPE_BASE_EVENT_H

#include "vmscope/base/types.h"

enum actor { ACTOR_HW, ACTOR_OS, ACTOR_KSWAPD, ACTORS };

/* Why an access could not be finished at once (design 3). Order: minor, major, invalid. */
#define FAULT_CLASSES(X) \
    X(NONE, "none", "minor") \
    X(MINOR_ZERO, "minor-zero", "minor") \
    X(MINOR_COW, "minor-cow", "minor") \
    X(MINOR_MAP, "minor-map", "minor") \
    X(MINOR_GROWTH, "minor-growth", "minor") \
    X(MINOR_BIT, "minor-bit", "minor") \
    X(MAJOR_SWAP, "major-swap", "major") \
    X(MAJOR_FILE, "major-file", "major") \
    X(SEGV_MAP, "segv-map", "invalid") \
    X(SEGV_ACCESS, "segv-access", "invalid") \
    X(SEGV_NONCANONICAL, "segv-noncanonical", "invalid") \
    X(OOM, "oom", "invalid")

#define X(id, name, group) FAULT_##id,
enum fault_class { FAULT_CLASSES(X) FAULT_COUNT };
#undef X

/* "minor-zero"... */
const char *fault_name(enum fault_class f);
/* The class of that name, or FAULT_COUNT. */
enum fault_class fault_by_name(const char *name);
static inline bool fault_is_minor(enum fault_class f) { return f >= FAULT_MINOR_ZERO && f <= FAULT_MINOR_BIT; }
static inline bool fault_is_major(enum fault_class f) { return f == FAULT_MAJOR_SWAP || f == FAULT_MAJOR_FILE; }
static inline bool fault_is_page_fault(enum fault_class f) { return fault_is_minor(f) || fault_is_major(f); }
static inline bool fault_is_invalid(enum fault_class f) { return f >= FAULT_SEGV_MAP && f < FAULT_COUNT; }

#define EVENT_KINDS(X) \
  X(NONE, "none", HW, "", "", "") \
  X(ACCESS, "access", HW, "{op}", "proc asid op va size value", \
    "The CPU runs{in_kernel}: {op} {va}{value_set}. {splits}") \
  X(SPLIT, "split", HW, "2nd page", "proc asid op va size", \
    "The access crosses a {boundary} boundary: its second part, at {va}, is translated on its own.") \
  X(TLB_HIT, "tlb-hit", HW, "TLB hit", "va vpn asid set way pfn", \
    "{tlb}: way {way} of set {set} holds VPN {vpn}: PFN {pfn}. No page table is read.") \
  X(TLB_MISS, "tlb-miss", HW, "TLB miss", "va vpn asid set", \
    "{tlb}: no way of set {set} holds VPN {vpn}{for_asid}. Miss: {miss_next}.") \
  X(TLB2_HIT, "tlb2-hit", HW, "L2 TLB hit", "va vpn asid set way pfn", \
    "Second-level TLB: way {way} of set {set} holds VPN {vpn}: PFN {pfn}. It moves up into the first level; no page table is read.") \
  X(TLB2_MISS, "tlb2-miss", HW, "L2 TLB miss", "va vpn asid set", \
    "Second-level TLB: no way of set {set} holds VPN {vpn}{for_asid} either: {walk_next}.") \
  X(TLB_DENIED, "tlb-denied", HW, "TLB: not allowed", "va vpn asid set way op perms", \
    "{tlb}: way {way} of set {set} holds VPN {vpn}, but its permissions {rights} do not allow {whose} {op}{rule}.") \
  X(TLB_CLEAN, "tlb-clean", HW, "D not set", "va vpn set way", \
    "Way {way} of set {set} has D=0: this is the first write to the page since it came in. {clean_next}") \
  X(WALK_TABLE, "walk-table", HW, "{name} ok", "va level index table pte_addr pte next", \
    "{name}: index {index}, so read the PTE at {table} + {index} x {pte_bytes} = {pte_addr}: it points to the table at {next}.") \
  X(WALK_LEAF, "walk-leaf", HW, "{name} ok", "va level index table pte_addr pte pfn perms", \
    "{name}: index {index}, PTE at {pte_addr} is valid: PFN {pfn}{huge}{rights_too}.") \
  X(WALK_INVALID, "walk-invalid", HW, "{name} not valid", "va level index table pte_addr pte", \
    "{name}: index {index}, {entry} at {pte_addr} is {pte}: {not_valid}. The MMU cannot finish.") \
  X(WALK_DENIED, "walk-denied", HW, "{name} not allowed", "va level index table pte_addr pte perms op", \
    "{name}: {entry} at {pte_addr} is valid, but its permissions {rights} do not allow {whose} {op}{rule}.") \
  X(WALK_BAD, "walk-bad", HW, "{name} {unusable}", "va level index table pte_addr pte cause", \
    "{name}: {entry} at {pte_addr} {unusable_why}.") \
  X(WALK_CLEAR, "walk-clear", HW, "{name} {bits} clear", "va level index table pte_addr pte bits", \
    "{name}: PTE at {pte_addr} maps the page, but {bits} must be set first, and this machine leaves that to software.") \
  X(WALK_ANCHOR, "walk-anchor", HW, "hash", "va vpn asid index table pte_addr pte", \
    "VPN {vpn} and ASID {asid} hash to {index}: the anchor at {pte_addr} names {chain_next}.") \
  X(WALK_CHAIN, "walk-chain", HW, "next in chain", "va index table pte_addr pte", \
    "Entry {index} at {pte_addr} belongs to another page: its chain goes on to {chain_next}.") \
  X(WALK_SEGMENT, "walk-segment", HW, "{name} ok", "va index table pte_addr pte pa perms", \
    "{name}: the offset is within its bounds: base + offset = {pa}{rights_too}.") \
  X(WALK_BOUNDS, "walk-bounds", HW, "out of bounds", "va index table pte_addr pte", \
    "{name}: {va} lies beyond its bounds. The MMU cannot finish.") \
  X(BITS_SET, "bits-set", HW, "set {bits}", "va pte_addr pte_old pte bits", \
    "The MMU writes the PTE at {pte_addr} back with {bits} set: {pte_old} becomes {pte}.") \
  X(TLB_FILL, "tlb-fill", HW, "TLB fill", "va vpn asid set way pfn perms", \
    "{tlb}: way {way} of set {set} was free and now holds VPN {vpn} -> PFN {pfn}.") \
  X(TLB_REPLACE, "tlb-replace", HW, "TLB replace", "va vpn asid set way pfn perms old_vpn", \
    "{tlb}: set {set} is full; way {way} gives up VPN {old_vpn} and now holds VPN {vpn} -> PFN {pfn}.") \
  X(TLB2_FILL, "tlb2-fill", HW, "L2 TLB fill", "va vpn asid set way pfn perms", \
    "Second-level TLB: way {way} of set {set} now holds VPN {vpn} -> PFN {pfn} too.") \
  X(TLB_DIRTY, "tlb-dirty", HW, "TLB D set", "va vpn set way", \
    "{tlb}: the entry in way {way} of set {set} learns that its page is dirty.") \
  X(MEM_READ, "memory-read", HW, "done", "va pa frame size value", \
    "Physical address {pa}: {bytes} read from {memory}: {value}. Done.") \
  X(MEM_WRITE, "memory-write", HW, "done", "va pa frame size value", \
    "Physical address {pa}: {bytes} of {memory} {become} {value}. Done.") \
  X(MEM_TOUCH, "memory-touch", HW, "done", "va pa frame size", \
    "Physical address {pa}: a write to {memory} (its value is not part of the scenario). Done.") \
  X(MEM_FETCH, "memory-fetch", HW, "done", "va pa frame size value", \
    "Physical address {pa}: {bytes} of code fetched from {memory}. Done.") \
  X(TRAP, "trap", HW, "TRAP", "va op cause class code", \
    "The MMU traps to the operating system: {cause_text} at {va}. The instruction is not finished.") \
  X(REFILL_READ, "refill-read", OS, "handler reads {name}", "va level index table pte_addr pte", \
    "The refill handler reads {name}: index {index}, {entry} at {pte_addr} is {pte}.") \
  X(REFILL_FAULT, "refill-fault", OS, "no translation", "va cause", \
    "The refill handler can write no TLB entry for {va}: {cause_text}. The fault handler takes over.") \
  X(REFILL_BITS, "refill-bits", OS, "set {bits}", "va pte_addr pte_old pte bits", \
    "The refill handler writes the PTE at {pte_addr} back with {bits} set: {pte_old} becomes {pte}.") \
  X(REFILL_TLB, "refill-tlb", OS, "write TLB", "va vpn asid set way pfn perms", \
    "The refill handler writes the TLB: way {way} of set {set} now holds VPN {vpn} -> PFN {pfn}{huge}.") \
  X(VMA_FOUND, "region-found", OS, "region ok", "proc va region first last perms fault", \
    "{va} lies in region {region} ({first}-{last}, {perms}): a good address. {why}") \
  X(VMA_GROW, "stack-grows", OS, "stack grows", "proc va region first last fault", \
    "{va} lies below the stack, within its limit: the stack grows down to {first}. This page needs a frame of zeros (minor fault).") \
  X(VMA_MAPPED, "region-mapped", OS, "map region", "proc va region first last perms", \
    "No region holds {va}, but a reference string brings its own pages: this one is mapped now, and needs a frame of zeros (minor fault).") \
  X(VMA_NONE, "region-none", OS, "no region", "proc va fault", \
    "No region of {proc} holds {va}: {none_why}") \
  X(VMA_DENIED, "region-denied", OS, "not permitted", "proc va region first last perms op fault", \
    "{va} lies in region {region} ({first}-{last}), {denied}") \
  X(SIGSEGV, "sigsegv", OS, "SIGSEGV", "proc va op fault", \
    "The operating system sends {proc} SIGSEGV ({fault}). The access is not made.") \
  X(FRAME_FREE, "frame-free", OS, "free frame", "frame free", \
    "Frame {frame} is free ({of_free}): {goes_there}.") \
  X(FRAMES_RUN, "frames-run", OS, "{count} frames", "frame count", \
    "Frames {frame} to {last_frame}, side by side and aligned, are free: one huge page goes there.") \
  X(NO_RUN, "no-run", OS, "no huge page", "count", \
    "No {count} frames that lie side by side and aligned are free: a page of the usual size must do.") \
  X(HUGE_SPLIT, "huge-split", OS, "split huge page", "frame old_proc old_vpn level table pte_addr pte_old pte count", \
    "The victim is part of a huge page: it is split into {count} pages of the usual size, with a table of their own at {table}.") \
  X(POLICY_PASS, "policy-pass", OS, "hand passes", "frame old_proc old_vpn", \
    "{policy}: frame {frame} holds page {old_vpn} of {old_proc}, which was used (R=1). {passed}") \
  X(WRITE_AHEAD, "write-ahead", OS, "write ahead", "frame old_proc old_vpn slot", \
    "{policy}: frame {frame} holds page {old_vpn} of {old_proc}, which may leave but is dirty: {written_ahead}. It is clean when its turn comes again.") \
  X(POLICY_MOVE, "policy-move", OS, "moves", "frame old_proc old_vpn", \
    "{policy}: frame {frame} holds page {old_vpn} of {old_proc}. {told}") \
  X(POLICY_LEAVE, "policy-leave", OS, "leaves", "frame old_proc old_vpn dirty", \
    "{policy} lets page {old_vpn} of {old_proc} go from frame {frame} ({dirty_text}). {told}") \
  X(TICK, "clock-tick", OS, "clock tick", "count", \
    "Clock tick. {policy}: {told} R was 1 in {count_pages}.") \
  X(VICTIM, "victim", OS, "victim", "frame old_proc old_vpn dirty", \
    "{shortage}{picks} frame {frame}: page {old_vpn} of {old_proc} ({dirty_text}).{reason}") \
  X(UNMAP, "victim-unmap", OS, "unmap", "frame old_proc old_vpn pte_addr pte_old pte", \
    "The victim's PTE at {pte_addr} becomes invalid{and_dropped}") \
  X(SWAP_WRITE, "swap-write", OS, "swap out", "frame slot old_proc old_vpn", \
    "The victim is dirty: its bytes are written to swap slot {slot}.") \
  X(VICTIM_DROP, "victim-drop", OS, "drop", "frame old_proc old_vpn slot", \
    "The victim is clean: {drop_text} Nothing is written.") \
  X(ZERO_FILL, "zero-fill", OS, "zero fill", "frame proc vpn", \
    "{filled} filled with zeros, so that no other process's old bytes show.") \
  X(SWAP_READ, "swap-read", OS, "swap in", "frame slot proc vpn", \
    "The page's bytes are read back from swap slot {slot} into frame {frame}.") \
  X(FILE_READ, "file-read", OS, "read file", "frame proc vpn page", \
    "Page {page} of {which_file} is read from disk into frame {frame}.") \
  X(SHARE, "share", OS, "share frame", "frame proc vpn shares", \
    "The page is in memory already, in frame {frame}: {share_how}, nothing is read.") \
  X(TABLE_NEW, "table-new", OS, "new table", "level table pte_addr pte", \
    "There is no {name} table for this address yet: one is made at {table} and linked from {pte_addr}.") \
  X(PTE_WRITE, "pte-write", OS, "PTE", "proc va vpn pte_addr pte_old pte frame", \
    "The PTE at {pte_addr} is written: {pte}. {mapped}") \
  X(BITS_BY_OS, "bits-by-os", OS, "OS sets {bits}", "proc va pte_addr pte_old pte bits frame", \
    "The page is in memory and the access is allowed: the operating system sets {bits} in the PTE at {pte_addr}, since no hardware does: {pte_old} becomes {pte}.") \
  X(COW_COPY, "cow-copy", OS, "copy", "frame pfn proc vpn shares", \
    "Frame {frame} gets a copy of frame {pfn}, {sharers}: copy on write.") \
  X(COW_REUSE, "cow-reuse", OS, "write again", "proc va pte_addr pte_old pte frame", \
    "Nobody shares frame {frame} any more, so nothing is copied: the PTE at {pte_addr} gets W back: {pte_old} becomes {pte}.") \
  X(RETRY, "retry", OS, "again", "va", \
    "The operating system returns from the trap; the hardware restarts the access to {va} (not counted again).") \
  X(REF_CLEAR, "referenced-clear", OS, "clear R", "frame pte_addr pte", \
    "This machine loads pages unreferenced: R of frame {frame} is cleared{and_dropped}") \
  X(OOM, "oom", OS, "OUT OF MEMORY", "proc va", \
    "{no_room}: out of memory. {proc} is ended.") \
  X(EXITED, "exited", OS, "has ended", "proc", \
    "{proc} is not there: it has ended, or is not forked yet. This step is passed over.") \
  X(FRAMES_FREED, "frames-freed", OS, "free frames", "proc count", \
    "{proc} gives back all its memory: {own_frames}, its swap slots and its page tables.{written_back}") \
  X(CALL, "call", HW, "{call_name}", "proc call", \
    "{proc} asks the kernel: {call}. Its call instruction traps.") \
  X(CALL_FAILED, "call-failed", OS, "fails", "proc", \
    "The call fails{rule}. Nothing has changed.") \
  X(FORK, "fork", OS, "new process", "old_proc proc asid table", \
    "A new process, {proc}: a copy of {old_proc} with the same regions, and a root table of its own at {table}.") \
  X(FORK_REGION, "fork-region", OS, "share {region}", "old_proc proc region first last perms count", \
    "Region {region} ({first}-{last}, {perms}): {fork_shared}") \
  X(FORK_DONE, "fork-done", OS, "fork done", "old_proc proc count", \
    "{fork_tlb}The call returns to {old_proc}, and {proc} may run, too.") \
  X(SWITCH, "switch", OS, "switch", "old_proc proc asid table", \
    "Context switch from {old_proc} to {proc}: {root_now}.") \
  X(SWITCH_NONE, "switch-none", OS, "runs already", "proc", \
    "{proc} is running already: there is nothing to switch.") \
  X(TLB_FLUSH, "tlb-flush", OS, "flush TLB", "count", \
    "The TLB has no ASIDs, so every entry that is not global must go: {count} dropped.") \
  X(TLB_KEEP, "tlb-keep", OS, "TLB kept", "asid count", \
    "TLB entries carry ASIDs, so nothing is flushed. Entries that stay: {count}.") \
  X(FLUSH_ALL, "tlb-flush-all", OS, "flush TLB", "count", \
    "The operating system flushes the TLB: {count_entries} dropped, global ones too.") \
  X(FLUSH_ASID, "tlb-flush-asid", OS, "flush ASID", "proc asid count", \
    "The operating system flushes what the TLB holds for ASID {asid} ({proc}): {count_entries} dropped; global ones stay.") \
  X(FLUSH_PAGE, "tlb-flush-page", OS, "flush page", "proc asid va vpn count", \
    "The operating system flushes the translation of {va} (VPN {vpn}) from the TLB: {count_entries} dropped.") \
  X(CALL_DONE, "call-done", OS, "returns", "proc va count", \
    "{call_result}.") \
  X(MAPPED, "region-made", OS, "new region", "proc region first last perms", \
    "{proc} has a new region, {region} ({first}-{last}, {perms}): {mapped_how}. {promise}") \
  X(REGION_CUT, "region-cut", OS, "cut region", "proc va region first last", \
    "Region {region} ({first}-{last}) is cut in two at {va}: its parts will differ.") \
  X(REGION_JOINED, "region-joined", OS, "join regions", "proc region first last perms count", \
    "{count} neighbours agree in everything: they are one region again, {region} ({first}-{last}, {perms}).") \
  X(REGION_GROWN, "region-grown", OS, "grow region", "proc region first last", \
    "Region {region} grows by {first}-{last}. Only a promise: no frame is taken, no PTE written.") \
  X(REGION_MOVED, "region-moved", OS, "move region", "proc region first last old_va count", \
    "What follows is taken, so region {region} moves from {old_va} to {first}-{last}: its PTEs go along, its frames stay, no byte is copied.") \
  X(UNMAPPED, "unmapped", OS, "unmap", "proc region first last count written", \
    "{first}-{last} of region {region} are unmapped.{written_back} {unmapped_count}.") \
  X(PROTECTED, "protected", OS, "protect", "proc region first last perms count", \
    "{first}-{last} of region {region} are {perms} from now on: {protected_count}.") \
  X(ADVISED_AWAY, "not-needed", OS, "drop pages", "proc region first last count written", \
    "{first}-{last} of region {region} are not needed any more.{written_back} {unmapped_count}. {next_touch}") \
  X(ADVISED_FREE, "may-be-freed", OS, "may go", "proc region first last count", \
    "{first}-{last} of region {region}: {may_be_dropped}") \
  X(LOCKED, "locked", OS, "lock", "proc region first last count", \
    "{first}-{last} of region {region} are locked: their pages must stay in memory. {locked_count}.") \
  X(UNLOCKED, "unlocked", OS, "unlock", "proc region first last count", \
    "{first}-{last} of region {region} are unlocked: {may_leave}.") \
  X(FILE_CACHED, "file-cached", OS, "in page cache", "proc region first last count", \
    "The file was read or written before: {count_pages} of it {stand} in the page cache, where nobody maps {them} yet.") \
  X(EXEC_LEAVE, "exec-leaves", OS, "free memory", "proc count written", \
    "{proc} leaves its old program and gives back its memory: {own_frames}, its swap slots and its page tables.{written_back}") \
  X(EXEC, "exec", OS, "new program", "proc asid region table count", \
    "{proc} now runs {region}: it has {new_regions}, and a new root table at {table}. The TLB holds nothing of its old pages any more.") \
  X(ZERO_SHARE, "zero-page", OS, "zero page", "proc vpn pfn", \
    "No frame is taken: the page of zeros that all processes share (PFN {pfn}) will do, read-only.") \
  X(ZERO_COPY, "zero-copy", OS, "own zeros", "frame proc vpn", \
    "Page {vpn} was the page of zeros that all share. It gets a frame of its own: frame {frame} is filled with zeros.") \
  X(SHARE_SWAP, "swap-cache", OS, "swap cache", "frame slot proc vpn shares", \
    "The bytes of slot {slot} are still in memory, in frame {frame} (swap cache): that frame is mapped, nothing is read.") \
  X(IDLE_VICTIM, "idle-victim", OS, "idle page", "frame dirty", \
    "{shortage}Frame {frame} holds a page that nobody maps{of_file}: it goes first.") \
  X(FILE_WRITE, "file-write", OS, "write back", "frame page region", \
    "The victim is a dirty page of the file {region}: its bytes are written back to page {page} of it.") \
  X(KSWAPD_WAKES, "kswapd-wakes", OS, "kswapd wakes", "free", \
    "{frames_free}, fewer than the low watermark ({low}): kswapd wakes and works in the background.") \
  X(KSWAPD_SLEEPS, "kswapd-sleeps", OS, "kswapd sleeps", "free", \
    "{frames_free}, and the high watermark is {high}: kswapd goes back to sleep.") \
  X(KSWAPD_STUCK, "kswapd-stuck", OS, "kswapd gives up", "free", \
    "{frames_free}, and no page can leave: kswapd gives up for now.") \
  X(THRASHING, "thrashing", OS, "THRASHING", "count frames", \
    "The processes need {count} frames together for their working sets, and the machine has {frames}: they will take each other's pages, again and again.") \
  X(THRASHING_OVER, "thrashing-over", OS, "fits again", "count frames", \
    "The working sets fit again: {count} pages in {frames} frames.") \
  X(CONTROL_OUT, "load-control-out", OS, "load control", "proc count frames set_size", \
    "Load control: {count} pages do not fit into {frames} frames, so a process must wait. It is {proc}, whose working set has {set_pages}.") \
  X(CONTROL_IN, "load-control-in", OS, "load control", "proc count frames set_size", \
    "Load control: the others need {count} of {frames} frames, so {proc} fits again. Its working set has {set_pages}.") \
  X(SUSPEND, "suspend", OS, "suspend", "proc count", \
    "{proc} is suspended: it does not run, and {leaving_pages}.") \
  X(SUSPENDED, "suspended", OS, "swapped out", "proc count", \
    "{proc} gave up {given_frames}. Its steps wait until it is resumed.") \
  X(RESUME, "resume", OS, "resume", "proc", \
    "{proc} may run again. Its pages come back as it touches them.") \
  X(SET_POLICY, "set-policy", OS, "new policy", "", \
    "The replacement policy is now {policy}.")

#define X(id, name, actor, label, fields, text) EV_##id,
enum event_kind { EVENT_KINDS(X) EV_COUNT };
#undef X

/* One micro-step's telling. Fields that the kind does not name are 0. */
struct event {
    uint64_t step;  /* which step of the scenario, from 0 */
    uint32_t micro; /* which micro-step of it, from 0 */
    uint8_t kind;   /* enum event_kind */
    uint8_t op;     /* enum access_kind */
    uint8_t fault;  /* enum fault_class, decided by the OS */
    uint8_t size;   /* bytes of the access: 1, 2, 4, 8 */
    uint8_t level;  /* of the page table; 0 is the last */
    uint8_t perms;  /* enum perms */
    uint8_t bits;   /* bits that were set: PTE_A and/or PTE_D (see hw/paging.h) */
    bool dirty;     /* victim: was it dirty */
    bool kswapd;    /* done by the background reclaimer */
    bool swap_full; /* VICTIM: no slot is left for a dirty page */
    bool has_value; /* `value` was given or read */
    bool kernel_mode; /* the access is the kernel's own, not a user program's */
    uint8_t unit;   /* TLB: enum tlb_unit (see hw/tlbs.h) */
    uint8_t order;  /* of a huge page: it covers 2^order pages; else 0 */
    uint8_t drop;   /* VICTIM_DROP: enum drop_reason (see os/kernel.h) */
    uint8_t why;    /* VMA_FOUND, FRAME_FREE, VICTIM, OOM: enum reason (see os/kernel.h) */
    proc_t proc, old_proc; /* who this is about; who lost something */
    asid_t asid;
    uint16_t set, way;     /* TLB */
    uint32_t index;        /* in the page table of that level */
    uint32_t cause;        /* of a trap, or of a walk that ends: enum hw_fault (see hw/mmu.h) */
    frame_t frame;         /* FRAME_NONE: the kernel's own memory */
    slot_t slot;
    uint32_t count;        /* free frames, shares, entries dropped */
    uint32_t written;      /* pages written back to their files */
    uint32_t pinned;       /* VICTIM: frames whose pages may not leave */
    vaddr_t va;
    vpn_t vpn, old_vpn;
    paddr_t pa;
    paddr_t table, next;   /* table read; table that the PTE points to */
    paddr_t pte_addr;
    uint64_t pte, pte_old;
    pfn_t pfn;
    uint64_t value;
    vpn_t first, last;     /* region: its first and last page */
    char region[16];       /* its name */
    const char *rule;      /* the check that failed, as a phrase; what the policy did, as a sentence; constant, or NULL */
    const char *class, *code_name; /* of a trap, as the architecture reports it; constant */
    uint32_t code;
};

/* The table's columns. */
struct event_info {
    const char *name;   /* json */
    enum actor actor;
    const char *label;  /* for the path */
    const char *fields; /* blank-separated */
    const char *text;   /* narration template */
};
extern const struct event_info event_table[EV_COUNT];

const char *actor_name(enum actor a); /* "HW", "OS" or, for kswapd, "KS" */
enum actor event_actor(const struct event *e); /* the kind's, or kswapd */


#endif
