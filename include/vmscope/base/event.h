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

enum actor { ACTOR_HW, ACTOR_OS, ACTORS };

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
    "The CPU runs: {op} {va}{value_set}. The MMU splits it into VPN {vpn} and offset {offset}.") \
  X(SPLIT, "split", HW, "2nd page", "proc asid op va size", \
    "The access crosses a page boundary: its second part, at {va}, is translated on its own.") \
  X(TLB_HIT, "tlb-hit", HW, "TLB hit", "va vpn asid set way pfn", \
    "TLB: way {way} of set {set} holds VPN {vpn}: PFN {pfn}. No page table is read.") \
  X(TLB_MISS, "tlb-miss", HW, "TLB miss", "va vpn asid set", \
    "TLB: no way of set {set} holds VPN {vpn}{for_asid}. Miss: walk the page table.") \
  X(TLB_DENIED, "tlb-denied", HW, "TLB: not allowed", "va vpn asid set way op perms", \
    "TLB: way {way} of set {set} holds VPN {vpn}, but its permissions {rights} do not allow a user program's {op}.") \
  X(TLB_CLEAN, "tlb-clean", HW, "D not set", "va vpn set way", \
    "Way {way} of set {set} has D=0: this is the first write to the page since it came in. Walk once more, to set D in its PTE.") \
  X(WALK_TABLE, "walk-table", HW, "L{level} ok", "va level index table pte_addr pte next", \
    "L{level}: index {index}, so read the PTE at {table} + {index} x {pte_bytes} = {pte_addr}: it points to the table at {next}.") \
  X(WALK_LEAF, "walk-leaf", HW, "L{level} ok", "va level index table pte_addr pte pfn perms", \
    "L{level}: index {index}, PTE at {pte_addr} is valid: PFN {pfn}{rights_too}.") \
  X(WALK_INVALID, "walk-invalid", HW, "L{level} not valid", "va level index table pte_addr pte", \
    "L{level}: index {index}, PTE at {pte_addr} is {pte}: V=0, not valid. The MMU cannot finish.") \
  X(WALK_DENIED, "walk-denied", HW, "L{level} not allowed", "va level index table pte_addr pte perms op", \
    "L{level}: PTE at {pte_addr} is valid, but its permissions {rights} do not allow a user program's {op}.") \
  X(WALK_BAD, "walk-bad", HW, "L{level} malformed", "va level index table pte_addr pte", \
    "L{level}: PTE at {pte_addr} is {pte}: a form that the architecture reserves.") \
  X(BITS_SET, "bits-set", HW, "set {bits}", "va pte_addr pte_old pte bits", \
    "The MMU writes the PTE at {pte_addr} back with {bits} set: {pte_old} becomes {pte}.") \
  X(TLB_FILL, "tlb-fill", HW, "TLB fill", "va vpn asid set way pfn perms", \
    "TLB: way {way} of set {set} was free and now holds VPN {vpn} -> PFN {pfn}.") \
  X(TLB_REPLACE, "tlb-replace", HW, "TLB replace", "va vpn asid set way pfn perms old_vpn", \
    "TLB: set {set} is full; way {way} gives up VPN {old_vpn} and now holds VPN {vpn} -> PFN {pfn}.") \
  X(TLB_DIRTY, "tlb-dirty", HW, "TLB D set", "va vpn set way", \
    "TLB: the entry in way {way} of set {set} learns that its page is dirty.") \
  X(MEM_READ, "memory-read", HW, "done", "va pa frame size value", \
    "Physical address {pa}: {bytes} read from frame {frame}: {value}. Done.") \
  X(MEM_WRITE, "memory-write", HW, "done", "va pa frame size value", \
    "Physical address {pa}: {bytes} of frame {frame} become {value}. Done.") \
  X(MEM_TOUCH, "memory-touch", HW, "done", "va pa frame size", \
    "Physical address {pa}: a write to frame {frame} (its value is not part of the scenario). Done.") \
  X(MEM_FETCH, "memory-fetch", HW, "done", "va pa frame size value", \
    "Physical address {pa}: {bytes} of code fetched from frame {frame}. Done.") \
  X(TRAP, "trap", HW, "TRAP", "va op cause", \
    "The MMU traps to the operating system: {cause_text} at {va}. The instruction is not finished.") \
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
    "Frame {frame} is free (the lowest of {free}): the page goes there.") \
  X(POLICY_PASS, "policy-pass", OS, "hand passes", "frame old_proc old_vpn", \
    "{policy}: frame {frame} holds page {old_vpn} of {old_proc}, which was used (R=1). Clear its R, give it a second chance, move on.") \
  X(VICTIM, "victim", OS, "victim", "frame old_proc old_vpn dirty", \
    "{full} {policy} picks frame {frame}: page {old_vpn} of {old_proc} ({dirty_text}). {reason}") \
  X(UNMAP, "victim-unmap", OS, "unmap", "frame old_proc old_vpn pte_addr pte_old pte", \
    "The victim's PTE at {pte_addr} becomes invalid and its TLB entry is dropped.") \
  X(SWAP_WRITE, "swap-write", OS, "swap out", "frame slot old_proc old_vpn", \
    "The victim is dirty: its bytes are written to swap slot {slot}.") \
  X(VICTIM_DROP, "victim-drop", OS, "drop", "frame old_proc old_vpn slot", \
    "The victim is clean: {drop_text} Nothing is written.") \
  X(ZERO_FILL, "zero-fill", OS, "zero fill", "frame proc vpn", \
    "Frame {frame} is filled with zeros, so that no other process's old bytes show.") \
  X(SWAP_READ, "swap-read", OS, "swap in", "frame slot proc vpn", \
    "The page's bytes are read back from swap slot {slot} into frame {frame}.") \
  X(FILE_READ, "file-read", OS, "read file", "frame proc vpn page", \
    "Page {page} of the program's file ({region}) is read from disk into frame {frame}.") \
  X(SHARE, "share", OS, "share frame", "frame proc vpn shares", \
    "The page is in memory already, in frame {frame}: it is shared ({shares} mappings), nothing is read.") \
  X(TABLE_NEW, "table-new", OS, "new table", "level table pte_addr pte", \
    "There is no L{level} table for this address yet: one is made at {table} and linked from {pte_addr}.") \
  X(PTE_WRITE, "pte-write", OS, "PTE", "proc va vpn pte_addr pte_old pte frame", \
    "The PTE at {pte_addr} is written: {pte}. Page {vpn} is now in frame {frame}.") \
  X(RETRY, "retry", OS, "again", "va", \
    "The operating system returns from the trap; the hardware restarts the access to {va} (not counted again).") \
  X(REF_CLEAR, "referenced-clear", OS, "clear R", "frame pte_addr pte", \
    "This machine loads pages unreferenced: R of frame {frame} is cleared and its TLB entry dropped.") \
  X(OOM, "oom", OS, "OUT OF MEMORY", "proc va", \
    "No frame is free and no page can leave: out of memory. {proc} is ended.") \
  X(EXITED, "exited", OS, "has ended", "proc", \
    "{proc} has ended: this step is passed over.") \
  X(FRAMES_FREED, "frames-freed", OS, "free frames", "proc count", \
    "{proc} gives back all its memory: {count_frames}, and its swap slots.") \
  X(SWITCH, "switch", OS, "switch", "old_proc proc asid table", \
    "Context switch from {old_proc} to {proc}: the root register ({root}) now leads to the page table at {table}.") \
  X(SWITCH_NONE, "switch-none", OS, "runs already", "proc", \
    "{proc} is running already: there is nothing to switch.") \
  X(TLB_FLUSH, "tlb-flush", OS, "flush TLB", "count", \
    "The TLB has no ASIDs, so every entry that is not global must go: {count} dropped.") \
  X(TLB_KEEP, "tlb-keep", OS, "TLB kept", "asid count", \
    "TLB entries carry ASIDs, so nothing is flushed. Entries that stay: {count}.") \
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
    bool has_value; /* `value` was given or read */
    uint8_t drop;   /* VICTIM_DROP: enum drop_reason (see os/kernel.h) */
    proc_t proc, old_proc; /* who this is about; who lost something */
    asid_t asid;
    uint16_t set, way;     /* TLB */
    uint32_t index;        /* in the page table of that level */
    uint32_t cause;        /* of a trap: enum hw_fault (see hw/mmu.h) */
    frame_t frame;         /* FRAME_NONE: the kernel's own memory */
    slot_t slot;
    uint32_t count;        /* free frames, shares, entries dropped */
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

const char *actor_name(enum actor a); /* "HW" or "OS" */

#endif
