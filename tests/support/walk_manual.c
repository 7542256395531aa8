/* walk_manual.c - page walks worked out by hand from the architectures' manuals.
 *
 * Each case is one leaf (or whatever stands in its place) at a level; above it
 * plain pointers lead there: the root's table stands at 0x1000, the next at
 * 0x2000 and so on. `root_xor` flips bits of the root's pointer. Sources:
 *
 *   RISC-V   Privileged Architecture, "Virtual Address Translation Process" and
 *            table "Supervisor cause register values after trap" (12, 13, 15)
 *   x86      SDM 3A, chapter "Paging": "Hierarchical Paging Structures",
 *            "Determination of Access Rights", "Page-Fault Exceptions": error
 *            code bits P=1, W/R=2, U/S=4, RSVD=8, I/D=16
 *   Arm      DDI 0487, chapter D8: descriptor formats, "Memory access control";
 *            fault status codes: address size 0 to 3, translation 4 to 7,
 *            access flag 8 to 11, permission 12 to 15, by Arm's level
 *   toys     OSTEP, chapters 18 and 20, with the flags of RISC-V
 *   others   OSTEP, chapters 15 and 16; Silberschatz, section 9.4.3; the words
 *            as the heads of format_segments.c and format_inverted.c draw them
 *
 * The address is 0x403abc unless a case says otherwise: its last index is 3
 * with indices of 9 or 10 bits, 0x403 in a linear table; its offset 0xabc.
 */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "walk_case.h"

#include <string.h>

#define VA      UINT64_C(0x403abc)
#define BIT(n)  ((uint64_t)1 << (n))
#define RAM_END low_bits(33) /* 8 GiB: PA bit 32 exists */

enum knob {
    SOFTWARE_AD = 1, /* Svade; a toy or machine whose OS sets A and D */
    HARDWARE_AD = 2, /* Arm: FEAT_HAFDBS */
    NO_PSE = 4,
    NO_NXE = 8,
    HUGE_TOY = 16 /* a toy whose level 1 may hold leaves */
};

struct manual {
    const char *name;
    const char *formats; /* names, each with a blank behind */
    vaddr_t va;          /* 0: VA */
    unsigned level;      /* where the word stands */
    uint64_t word, root_xor;
    const struct walk_case_word *words; /* instead: these, up to address 0 */
    enum access_kind op;
    bool supervisor;
    uint8_t mode;
    unsigned knobs, pa_bits; /* pa_bits 0: as the format has it */
    const char *fault;
    uint32_t code;
    bool no_code;
    paddr_t pa;
    uint64_t leaf_after; /* 0: not written back */
};

#define RD ACCESS_READ
#define WR ACCESS_WRITE
#define FE ACCESS_FETCH

/* ---- RISC-V: PPN 7, and D A G U X W R V = 80 40 20 10 8 4 2 1 ---- */

#define SV    "sv32 sv39 sv48 sv57 "
#define SV64  "sv39 sv48 sv57 "
#define PPN   (UINT64_C(7) << 10)
#define LOAD  .fault = "load page fault", .code = 13
#define STORE .fault = "store page fault", .code = 15
#define INSTR .fault = "instruction page fault", .code = 12

static const struct manual riscv[] = {
    {"a user page is read", SV, .word = PPN | 0xdf, .pa = 0x7abc},
    {"an address that is not canonical", SV, .va = BIT(56) | VA, .word = PPN | 0xdf, LOAD},
    {"V=0", SV, .word = PPN | 0xde, LOAD},
    {"W without R", SV, .word = PPN | 0xdd, .op = FE, INSTR},
    {"W without R in what would be a pointer", SV, .word = PPN | 0xdf, .root_xor = 0x4, LOAD},
    {"reserved bit 54 of a leaf", SV64, .word = PPN | 0xdf | BIT(54), LOAD},
    {"reserved bit 63 of a leaf", SV64, .word = PPN | 0xdf | BIT(63), LOAD},
    {"reserved bit 60 of a pointer", SV64, .word = PPN | 0xdf, .root_xor = BIT(60), LOAD},
    {"the topmost PPN bit of a leaf is no reserved bit", SV64, .word = PPN | 0xdf | BIT(53),
     .fault = "load access fault", .code = 5},
    {"a pointer at the last level", SV, .word = PPN | 0x11, LOAD},
    {"A in a pointer", SV, .word = PPN | 0xdf, .root_xor = 0x40, LOAD},
    {"D in a pointer", SV, .word = PPN | 0xdf, .root_xor = 0x80, .op = WR, STORE},
    {"U in a pointer", SV, .word = PPN | 0xdf, .root_xor = 0x10, .op = FE, INSTR},
    {"G in a pointer is fine", SV, .word = PPN | 0xdf, .root_xor = 0x20, .pa = 0x7abc},
    {"RSW is software's", SV, .word = PPN | 0x3df, .root_xor = 0x300, .pa = 0x7abc},
    {"a superpage", SV, .level = 1, .word = (0x400000 >> 2) | 0xdf, .pa = 0x403abc},
    {"a superpage misaligned by its lowest bit", SV, .level = 1, .word = (0x400000 >> 2) | BIT(10) | 0xdf,
     LOAD},
    {"a superpage misaligned by its bit 8", SV, .level = 1, .word = (0x400000 >> 2) | BIT(18) | 0xdf, LOAD},
    {"a superpage of 1 GiB", SV64, .level = 2, .word = 0xdf, .pa = 0x403abc},
    {"a superpage of 1 GiB misaligned in PPN[1]", SV64, .level = 2, .word = BIT(19) | 0xdf, LOAD},
    {"a user program on a supervisor page", SV, .word = PPN | 0xcf, LOAD},
    {"the supervisor on its own page", SV, .word = PPN | 0xcf, .supervisor = true, .pa = 0x7abc},
    {"the supervisor reads a user page, SUM=0", SV, .word = PPN | 0xdf, .supervisor = true, LOAD},
    {"the supervisor writes a user page, SUM=0", SV, .word = PPN | 0xdf, .op = WR, .supervisor = true, STORE},
    {"the supervisor reads a user page, SUM=1", SV, .word = PPN | 0xdf, .supervisor = true, .mode = MODE_SUM,
     .pa = 0x7abc},
    {"the supervisor fetches from a user page, SUM=1", SV, .word = PPN | 0xdf, .op = FE, .supervisor = true,
     .mode = MODE_SUM, INSTR},
    {"the supervisor fetches from a user page, SUM=0", SV, .word = PPN | 0xdf, .op = FE, .supervisor = true,
     INSTR},
    {"a read without R", SV, .word = PPN | 0xd9, LOAD},
    {"a read without R, with X and MXR", SV, .word = PPN | 0xd9, .mode = MODE_MXR, .pa = 0x7abc},
    {"MXR does not forbid what R allows", SV, .word = PPN | 0xd3, .mode = MODE_MXR, .pa = 0x7abc},
    {"a write without W", SV, .word = PPN | 0xdb, .op = WR, STORE},
    {"a fetch without X", SV, .word = PPN | 0xd7, .op = FE, INSTR},
    {"hardware sets A on a read", SV, .word = PPN | 0x1f, .pa = 0x7abc, .leaf_after = PPN | 0x5f},
    {"hardware sets A and D on a write", SV, .word = PPN | 0x1f, .op = WR, .pa = 0x7abc,
     .leaf_after = PPN | 0xdf},
    {"software sets A", SV, .word = PPN | 0x9f, .knobs = SOFTWARE_AD, LOAD},
    {"software sets D", SV, .word = PPN | 0x5f, .op = WR, .knobs = SOFTWARE_AD, STORE},
    {"a read leaves D alone", SV, .word = PPN | 0x5f, .knobs = SOFTWARE_AD, .pa = 0x7abc}};

/* ---- x86: page 0x7000; PS D A U/S R/W P = 80 40 20 4 2 1 ---- */

#define X86   "x86-32 x86-64 x86-64-la57 "
#define X64   "x86-64 x86-64-la57 "
#define X32   "x86-32 "
#define XD    BIT(63)
#define PF(n) .fault = "#PF", .code = (n)
#define GP    .fault = "#GP", .code = 0

static const struct manual x86[] = {
    {"a user page is read", X86, .word = 0x7067, .pa = 0x7abc},
    {"an address that is not canonical", X86, .va = BIT(56) | VA, .word = 0x7067, GP},
    {"P=0", X86, .word = 0x7066, PF(4)},
    {"P=0 beats a reserved bit", X64, .word = 0x7066 | BIT(45), .pa_bits = 40, PF(4)},
    {"an address bit beyond MAXPHYADDR", X64, .word = 0x7067 | BIT(40), .pa_bits = 40, PF(13)},
    {"an address bit beyond MAXPHYADDR in a pointer", X64, .word = 0x7067, .root_xor = BIT(51), .pa_bits = 51,
     PF(13)},
    {"an address bit below MAXPHYADDR", X64, .word = 0x7067 | BIT(40), .pa_bits = 41,
     .fault = "access fault (outside RAM)", .no_code = true},
    {"a reserved bit beats protection", X64, .word = 0x7063 | BIT(45), .pa_bits = 40, .op = WR, PF(15)},
    {"XD with NXE=0", X64, .word = 0x7067 | XD, .knobs = NO_NXE, PF(13)},
    {"XD in a pointer with NXE=0", X64, .word = 0x7067, .root_xor = XD, .knobs = NO_NXE, PF(13)},
    {"XD with NXE=0 on a fetch: the code does not tell", X64, .word = 0x7067 | XD, .op = FE, .knobs = NO_NXE,
     PF(13)},
    {"PS in a PML4 entry", X64, .level = 3, .word = 0xe7, PF(13)},
    {"PS in the root's entry", X64, .word = 0x7067, .root_xor = 0x80, PF(13)},
    {"a page of 2 MiB", X64, .level = 1, .word = 0x4000e7, .pa = 0x403abc},
    {"PAT of a page of 2 MiB is no address bit", X64, .level = 1, .word = 0x4010e7, .pa = 0x403abc},
    {"bit 13 of a page of 2 MiB", X64, .level = 1, .word = 0x4020e7, PF(13)},
    {"bit 20 of a page of 2 MiB", X64, .level = 1, .word = 0x5000e7, PF(13)},
    {"a page of 1 GiB", X64, .level = 2, .word = 0x400000e7, .pa = 0x40403abc},
    {"bit 29 of a page of 1 GiB", X64, .level = 2, .word = 0x200000e7, PF(13)},
    {"a page of 4 MiB", X32, .level = 1, .word = 0x4000e7, .pa = 0x403abc},
    {"bit 21 of a page of 4 MiB", X32, .level = 1, .word = 0x6000e7, .pa_bits = 40, PF(13)},
    {"PSE-36: bit 13 is address bit 32", X32, .level = 1, .word = 0x4020e7, .pa_bits = 36, .pa = 0x100403abc},
    {"PSE-36: bit 17 is beyond a MAXPHYADDR of 36", X32, .level = 1, .word = 0x4200e7, .pa_bits = 36, PF(13)},
    {"PSE-36: bit 13 is beyond a MAXPHYADDR of 32", X32, .level = 1, .word = 0x4020e7, PF(13)},
    {"PSE-36 ends at 40 bits", X32, .level = 1, .word = 0x6000e7, .pa_bits = 52, PF(13)},
    {"PSE=0: a PD entry with PS leads to a table", X32, .word = 0x7067, .root_xor = 0x80, .knobs = NO_PSE,
     .pa = 0x7abc},
    {"a user program on a supervisor page", X86, .word = 0x7063, PF(5)},
    {"U/S=0 in the root's entry", X86, .word = 0x7067, .root_xor = 0x4, PF(5)},
    {"the supervisor on its own page", X86, .word = 0x7063, .supervisor = true, .pa = 0x7abc},
    {"a user program writes a read-only page", X86, .word = 0x7065, .op = WR, PF(7)},
    {"R/W=0 in the root's entry", X86, .word = 0x7067, .root_xor = 0x2, .op = WR, PF(7)},
    {"the supervisor writes a read-only page, WP=1", X86, .word = 0x7061, .op = WR, .supervisor = true,
     .mode = MODE_WP, PF(3)},
    {"the supervisor writes a read-only page, WP=0", X86, .word = 0x7061, .op = WR, .supervisor = true,
     .pa = 0x7abc},
    {"SMEP: the supervisor fetches from a user page", X86, .word = 0x7067, .op = FE, .supervisor = true,
     .mode = MODE_SMEP, PF(17)},
    {"SMEP does not forbid reads", X86, .word = 0x7067, .supervisor = true, .mode = MODE_SMEP, .pa = 0x7abc},
    {"SMEP asks for U/S at every level", X86, .word = 0x7067, .root_xor = 0x4, .op = FE, .supervisor = true,
     .mode = MODE_SMEP, .pa = 0x7abc},
    {"without SMEP the supervisor may fetch from a user page", X86, .word = 0x7067, .op = FE,
     .supervisor = true, .pa = 0x7abc},
    {"SMAP: the supervisor reads a user page", X86, .word = 0x7067, .supervisor = true, .mode = MODE_SMAP,
     PF(1)},
    {"SMAP: the supervisor writes a user page", X86, .word = 0x7067, .op = WR, .supervisor = true,
     .mode = MODE_SMAP, PF(3)},
    {"SMAP leaves the supervisor's own pages alone", X86, .word = 0x7063, .supervisor = true,
     .mode = MODE_SMAP, .pa = 0x7abc},
    {"SMAP: a user page that is not executable", X64, .word = 0x7067 | XD, .supervisor = true,
     .mode = MODE_SMAP, PF(1)},
    {"SMAP with AC", X86, .word = 0x7067, .supervisor = true, .mode = MODE_SMAP | MODE_AC, .pa = 0x7abc},
    {"SMAP does not forbid fetches", X86, .word = 0x7067, .op = FE, .supervisor = true, .mode = MODE_SMAP,
     .pa = 0x7abc},
    {"XD", X64, .word = 0x7067 | XD, .op = FE, PF(21)},
    {"XD in the root's entry", X64, .word = 0x7067, .root_xor = XD, .op = FE, PF(21)},
    {"XD does not forbid reads", X64, .word = 0x7067 | XD, .pa = 0x7abc},
    {"a fetch from a page that is not there, NXE=1", X64, .word = 0, .op = FE, PF(20)},
    {"a fetch from a page that is not there, 32 bits", X32, .word = 0, .op = FE, PF(4)},
    {"A is set by a read", X86, .word = 0x7007, .pa = 0x7abc, .leaf_after = 0x7027},
    {"A and D are set by a write", X86, .word = 0x7007, .op = WR, .pa = 0x7abc, .leaf_after = 0x7067}};

/* ---- AArch64: page 0x7000; AF AP[2] AP[1] 11 = 400 80 40 3 ---- */

#define ARM            "aarch64 "
#define UXN            BIT(54)
#define PXN            BIT(53)
#define DBM            BIT(51)
#define TRANSLATION(n) .fault = "translation fault, level " #n, .code = 4 + n
#define SIZE(n)        .fault = "address size fault, level " #n, .code = n
#define FLAG(n)        .fault = "access flag fault, level " #n, .code = 8 + n
#define PERMISSION(n)  .fault = "permission fault, level " #n, .code = 12 + n

static const struct manual arm[] = {
    {"a page of EL0 is read", ARM, .word = 0x7443, .pa = 0x7abc},
    {"bits 63 to 48 neither all 0 nor all 1", ARM, .va = BIT(48) | VA, .word = 0x7443, TRANSLATION(0)},
    {"bits 63 to 48 all 1", ARM, .va = UINT64_C(0xffff) << 48 | VA, .word = 0x7443, .pa = 0x7abc},
    {"bit 47 is the index's", ARM, .va = BIT(47) | VA, .word = 0x7443, .pa = 0x7abc},
    {"bit 0 clear at lvl3", ARM, .word = 0x7442, TRANSLATION(3)},
    {"bit 0 clear at lvl1", ARM, .level = 2, .word = 0x7442, TRANSLATION(1)},
    {"01 at lvl3", ARM, .word = 0x7441, TRANSLATION(3)},
    {"01 at lvl0", ARM, .word = 0x7443, .root_xor = 0x2, TRANSLATION(0)},
    {"a block at lvl2", ARM, .level = 1, .word = 0x400441, .pa = 0x403abc},
    {"a block at lvl1", ARM, .level = 2, .word = 0x40000441, .pa = 0x40403abc},
    {"the low address bits of a block are not looked at", ARM, .level = 1, .word = 0x400441 | BIT(20),
     .pa = 0x403abc},
    {"a page's address is too large", ARM, .word = 0x7443 | BIT(40), .pa_bits = 40, SIZE(3)},
    {"a table's address is too large", ARM, .word = 0x7443, .root_xor = BIT(47), .pa_bits = 40, SIZE(0)},
    {"an address of 48 bits is not too large", ARM, .word = 0x7443 | BIT(47), .fault = "external abort",
     .code = 16},
    {"a table outside RAM", ARM, .word = 0x7443, .root_xor = BIT(47),
     .fault = "external abort on the walk, level 1", .code = 21},
    {"a table below outside RAM", ARM, .level = 2, .word = BIT(47) | 3,
     .fault = "external abort on the walk, level 2", .code = 22},
    {"a page's own bits 62 to 59 limit nothing", ARM, .word = 0x7443 | UINT64_C(0xf) << 59, .op = WR,
     .pa = 0x7abc},
    {"AF=0", ARM, .word = 0x7043, FLAG(3)},
    {"AF=0 beats permission", ARM, .level = 1, .word = 0x400001, FLAG(2)},
    {"AF=0 with hardware management", ARM, .word = 0x7043, .knobs = HARDWARE_AD, .pa = 0x7abc,
     .leaf_after = 0x7443},
    {"EL0 reads with AP[1]=0", ARM, .word = 0x7403, PERMISSION(3)},
    {"EL0 reads a block with AP[1]=0", ARM, .level = 1, .word = 0x400401, PERMISSION(2)},
    {"EL0 reads below APTable[0]=1", ARM, .word = 0x7443, .root_xor = BIT(61), PERMISSION(3)},
    {"EL1 reads with AP[1]=0", ARM, .word = 0x7403, .supervisor = true, .pa = 0x7abc},
    {"EL1 reads a page of EL0", ARM, .word = 0x7443, .supervisor = true, .pa = 0x7abc},
    {"EL0 writes with AP[2]=0", ARM, .word = 0x7443, .op = WR, .pa = 0x7abc},
    {"EL0 writes with AP[2]=1", ARM, .word = 0x74c3, .op = WR, PERMISSION(3)},
    {"EL1 writes with AP[2]=1", ARM, .word = 0x7483, .op = WR, .supervisor = true, PERMISSION(3)},
    {"a write below APTable[1]=1", ARM, .word = 0x7443, .root_xor = BIT(62), .op = WR, PERMISSION(3)},
    {"a read below APTable[1]=1", ARM, .word = 0x7443, .root_xor = BIT(62), .pa = 0x7abc},
    {"DBM does not lift APTable[1]", ARM, .word = 0x74c3 | DBM, .root_xor = BIT(62), .op = WR,
     .knobs = HARDWARE_AD, PERMISSION(3)},
    {"EL0 fetches with UXN=1", ARM, .word = 0x7443 | UXN, .op = FE, PERMISSION(3)},
    {"EL0 fetches below UXNTable=1", ARM, .word = 0x7443, .root_xor = BIT(60), .op = FE, PERMISSION(3)},
    {"EL0 fetches with PXN=1", ARM, .word = 0x7443 | PXN, .op = FE, .pa = 0x7abc},
    {"EL0 fetches from a page that only EL1 reads", ARM, .word = 0x7403, .op = FE, .pa = 0x7abc},
    {"EL1 fetches with PXN=1", ARM, .word = 0x7483 | PXN, .op = FE, .supervisor = true, PERMISSION(3)},
    {"EL1 fetches below PXNTable=1", ARM, .word = 0x7483, .root_xor = BIT(59), .op = FE, .supervisor = true,
     PERMISSION(3)},
    {"EL1 fetches with UXN=1", ARM, .word = 0x7403 | UXN, .op = FE, .supervisor = true, .pa = 0x7abc},
    {"EL1 fetches from a page that EL0 may write", ARM, .word = 0x7443, .op = FE, .supervisor = true,
     PERMISSION(3)},
    {"EL1 fetches from a page that EL0 may only read", ARM, .word = 0x74c3, .op = FE, .supervisor = true,
     .pa = 0x7abc},
    {"a first write without hardware management", ARM, .word = 0x74c3 | DBM, .op = WR, PERMISSION(3)},
    {"a first write with hardware management", ARM, .word = 0x74c3 | DBM, .op = WR, .knobs = HARDWARE_AD,
     .pa = 0x7abc, .leaf_after = 0x7443 | DBM},
    {"both at once with hardware management", ARM, .word = 0x70c3 | DBM, .op = WR, .knobs = HARDWARE_AD,
     .pa = 0x7abc, .leaf_after = 0x7443 | DBM},
    {"a read leaves AP[2] alone", ARM, .word = 0x74c3 | DBM, .knobs = HARDWARE_AD, .pa = 0x7abc}};

/* ---- toys ---- */

#define TOY    "linear custom "
#define CUSTOM "custom "
#define NONE   .no_code = true
#define BAD    .fault = "page fault (malformed entry)", NONE
#define DENIED .fault = "protection fault", NONE
#define CLEAR  .fault = "page fault (A or D not set)", NONE

static const struct manual toy[] = {
    {"a page is read", TOY, .word = PPN | 0xdf, .pa = 0x7abc},
    {"an address of 33 bits", TOY, .va = BIT(32) | VA, .word = PPN | 0xdf,
     .fault = "page fault (address out of range)", NONE},
    {"V=0", TOY, .word = PPN | 0xde, .fault = "page fault (not valid)", NONE},
    {"a write without W", TOY, .word = PPN | 0xdb, .op = WR, DENIED},
    {"a huge page", CUSTOM, .level = 1, .word = 0x1000df, .knobs = HUGE_TOY, .pa = 0x403abc},
    {"a huge page misaligned", CUSTOM, .level = 1, .word = 0x1000df | BIT(10), .knobs = HUGE_TOY, BAD},
    {"software sets A", TOY, .word = PPN | 0x9f, .knobs = SOFTWARE_AD, CLEAR},
    {"software sets D", TOY, .word = PPN | 0x5f, .op = WR, .knobs = SOFTWARE_AD, CLEAR}};

/* ---- no trees ----
 *
 * Descriptors of 16 bytes, base and size << 8 | U X W R V (10 8 4 2 1), at 0x1000. An inverted table
 * of one anchor and two entries at 0x1000, whose entry 1 is VPN << 24 | D A - U X W R V. */

#define BOUNDED "base-bounds segments "
#define SEGMENT "segments "
#define HASHED  "inverted "
#define WORDS(...)                                                                                           \
    (const struct walk_case_word[]) {                                                                        \
        __VA_ARGS__, { 0, 0 }                                                                                \
    }
#define DESCRIPTOR(at, base, size, flags)                                                                    \
    {at, base}, { (at) + 8, (uint64_t)(size) << 8 | (flags) }
#define TABLE(vpn, flags)                                                                                    \
    WORDS({0x1000, 1}, {0x1008, 2}, {0x1010, 2}, {0x1028, (uint64_t)(vpn) << 24 | (flags)})

static const struct manual others[] = {
    {"within the bounds", BOUNDED, .va = 0xabc, .words = WORDS(DESCRIPTOR(0x1000, 0x8000, 0xabd, 0x1f)),
     .pa = 0x8abc},
    {"the first byte beyond the bounds", BOUNDED, .va = 0xabc,
     .words = WORDS(DESCRIPTOR(0x1000, 0x8000, 0xabc, 0x1f)), .fault = "segmentation fault (out of bounds)",
     NONE},
    {"no such segment", BOUNDED, .va = 0xabc, .words = WORDS(DESCRIPTOR(0x1000, 0x8000, 0x1000, 0x1e)),
     .fault = "segmentation fault (no such segment)", NONE},
    {"an address of 15 bits", BOUNDED, .va = 0x4abc,
     .words = WORDS(DESCRIPTOR(0x1010, 0x8000, 0x1000, 0x1f), DESCRIPTOR(0x1040, 0x8000, 0x1000, 0x1f)),
     .fault = "segmentation fault (no such segment)", NONE},
    {"a write to a segment without W", SEGMENT, .va = 0xabc, .op = WR,
     .words = WORDS(DESCRIPTOR(0x1000, 0x8000, 0x1000, 0x1b)), DENIED},
    {"a page in the chain", HASHED, .words = TABLE(0x403, 0xdf), .pa = 0x1abc},
    {"V=0 in the chain", HASHED, .words = TABLE(0x403, 0xde), .fault = "page fault (not valid)", NONE},
    {"a write to an entry without W", HASHED, .op = WR, .words = TABLE(0x403, 0xdb), DENIED},
    {"software sets A in an entry", HASHED, .words = TABLE(0x403, 0x9f), .knobs = SOFTWARE_AD, CLEAR},
    {"an address of 33 bits in the chain", HASHED, .va = BIT(32) | VA, .words = TABLE(0x100403, 0xdf),
     .fault = "page fault (address out of range)", NONE}};

/* ---- making them ---- */

#define COUNT(table) (sizeof table / sizeof table[0])
static const struct {
    const struct manual *table;
    size_t count;
} family[] = {
    {riscv, COUNT(riscv)}, {x86, COUNT(x86)}, {arm, COUNT(arm)}, {toy, COUNT(toy)}, {others, COUNT(others)}};

size_t walk_manual_count(void) {
    size_t count = 0;
    for (size_t i = 0; i < COUNT(family); i++) count += family[i].count;
    return count;
}

static const struct manual *manual_at(size_t i) {
    size_t at = 0;
    for (; at < COUNT(family) && i >= family[at].count; at++) i -= family[at].count;
    return at < COUNT(family) ? &family[at].table[i] : NULL;
}

/* The n-th name of a list. */
static bool nth_format(const char *names, size_t n, struct paging_format *out) {
    for (; n > 0; n--) names = strchr(names, ' ') + 1;
    size_t length = strcspn(names, " ");
    for (const struct paging_format *const *f = paging_formats; length && *f; f++)
        if (strlen((*f)->name) == length && strncmp((*f)->name, names, length) == 0) {
            *out = **f;
            return true;
        }
    if (length) fail_msg("%s: no such format", names);
    return false;
}

static void turn_knobs(struct paging_format *f, const struct manual *m) {
    bool is_x86 = strncmp(f->name, "x86", 3) == 0;
    unsigned pa_bits = m->pa_bits ? m->pa_bits : paging_pa_bits(f);
    if (is_x86)
        paging_x86_adjust(f, !(m->knobs & NO_PSE), !(m->knobs & NO_NXE), pa_bits);
    else
        f->pfn_bits = pa_bits - f->page_shift;
    if (m->knobs & SOFTWARE_AD) f->hardware_ad = false;
    if (m->knobs & HARDWARE_AD) f->hardware_ad = true;
    if (m->knobs & HUGE_TOY) f->leaf_levels = 0x3;
}

/* A pointer to the table at `pa`, as the manual writes it. */
static uint64_t pointer(const struct paging_format *f, paddr_t pa) {
    if (strcmp(f->name, "aarch64") == 0) return pa | 3;
    if (strncmp(f->name, "x86", 3) == 0) return pa | 0x27; /* A stands: it shall not be due */
    return pa >> 2 | 1;
}

static void put(struct walk_case *c, paddr_t at, uint64_t word) {
    assert_int_equal(ram_write(c->ram, at, c->format.pte_bytes, word), VS_OK);
}

static void build_tree(struct walk_case *c, const struct manual *m) {
    const struct paging_format *f = &c->format;
    paddr_t table = 0x1000;
    uint64_t flip = m->root_xor;
    for (unsigned level = f->levels - 1;; level--, table += 0x1000) {
        paddr_t at = table + (uint64_t)paging_index(f, c->va, level) * f->pte_bytes;
        if (level == m->level) {
            put(c, at, m->word);
            if (m->leaf_after) c->write[c->writes++] = (struct walk_case_word){at, m->leaf_after};
            return;
        }
        put(c, at, pointer(f, table + 0x1000) ^ flip);
        flip = 0;
    }
}

bool walk_manual_case(struct walk_case *c, size_t i, size_t n) {
    const struct manual *m = manual_at(i);
    *c = (struct walk_case){.name = NULL};
    if (!m || !nth_format(m->formats, n, &c->format)) return false;
    turn_knobs(&c->format, m);
    c->name = m->name;
    c->va = m->va ? m->va : VA;
    c->op = m->op;
    c->user = !m->supervisor;
    c->regs = (struct mmu_regs){.root = 0x1000, .mode = m->mode};
    c->ram = ram_create_sparse(12, 0, RAM_END);
    assert_non_null(c->ram);
    c->pa = m->pa;
    c->fault = m->fault;
    c->code = m->code;
    c->has_code = !m->no_code;
    for (const struct walk_case_word *w = m->words; w && w->addr; w++) put(c, w->addr, w->word);
    if (!m->words) build_tree(c, m);
    return true;
}
