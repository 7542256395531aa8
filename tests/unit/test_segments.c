/* Base and bounds, and segments, with the numbers of OSTEP: chapter 15 ("Mechanism: Address
 * Translation") and chapter 16 ("Segmentation", figures 16.2, 16.4 and 16.5). */
#include "rig.h"
#include "vmscope/base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define KB 1024u

/* A descriptor's second word: flags in bits 0-4, N (grows down) in bit 5, the size from bit 8. */
#define V 0x01u
#define R 0x02u
#define W 0x04u
#define X 0x08u
#define U 0x10u
#define N 0x20u
#define ROOT 0x100 /* in the first KB of RAM, which OSTEP gives to the operating system */

static const struct paging_format *base_bounds, *segments;
static struct ram *ram; /* 64 KB */

static int fresh_ram(void **state) {
    (void)state;
    base_bounds = paging_by_name("base-bounds");
    segments = paging_by_name("segments");
    ram = ram_create(10, 64);
    return ram ? 0 : -1;
}

static int drop_ram(void **state) {
    (void)state;
    ram_free(ram);
    return 0;
}

static void describe(unsigned segment, paddr_t base, uint64_t size, unsigned flags) {
    assert_int_equal(ram_write(ram, ROOT + segment * 16, 8, base), VS_OK);
    assert_int_equal(ram_write(ram, ROOT + segment * 16 + 8, 8, size << 8 | flags), VS_OK);
}

static struct walk walk_as(const struct paging_format *f, vaddr_t va, enum access_kind op, bool user) {
    struct mmu_regs regs = {.root = ROOT};
    struct walk w;
    walk_begin(&w, f, &regs, va, op, user);
    if (!w.done) walk_level(&w, f, ram);
    assert_true(w.done); /* one micro-step is the whole translation */
    return w;
}

static void goes_to(const struct paging_format *f, vaddr_t va, paddr_t pa) {
    struct walk w = walk_as(f, va, ACCESS_READ, true);
    assert_int_equal(w.fault, HW_FAULT_NONE);
    assert_int_equal(w.pa, pa);
    assert_int_equal(w.pfn, pa / KB);
    assert_true(w.leaf);
}

static void stops(const struct paging_format *f, vaddr_t va, enum hw_fault fault) {
    struct walk w = walk_as(f, va, ACCESS_READ, true);
    assert_int_equal(w.fault, fault);
    assert_false(w.leaf);
}

/* ---- chapter 15 ---- */

/* 15.4, "Example Translations": a process with an address space of 4 KB, loaded at 16 KB. */
static void base_and_bounds_translate_as_in_chapter_15(void **state) {
    (void)state;
    describe(0, 16 * KB, 4 * KB, V);
    goes_to(base_bounds, 0, 16 * KB);
    goes_to(base_bounds, 1 * KB, 17 * KB);
    goes_to(base_bounds, 3000, 19384);
    stops(base_bounds, 4400, HW_FAULT_BOUNDS);
}

/* 15.4: base 32 KB, bounds 16 KB: the instruction at 128 is at 32896, x at 15 KB is at 47 KB. */
static void a_relocated_process_runs_at_its_base(void **state) {
    (void)state;
    describe(0, 32 * KB, 16 * KB, V);
    goes_to(base_bounds, 0, 32 * KB);
    goes_to(base_bounds, 128, 32896);
    goes_to(base_bounds, 15 * KB, 47 * KB);
}

static void bounds_end_with_the_last_byte(void **state) {
    (void)state;
    describe(0, 16 * KB, 4 * KB, V);
    goes_to(base_bounds, 4 * KB - 1, 20 * KB - 1);
    stops(base_bounds, 4 * KB, HW_FAULT_BOUNDS);
    describe(0, 16 * KB, 0, V);
    stops(base_bounds, 0, HW_FAULT_BOUNDS);
}

static void a_base_need_not_be_that_of_a_frame(void **state) {
    (void)state;
    describe(0, 12345, 100, V);
    goes_to(base_bounds, 99, 12444);
}

static void base_and_bounds_permit_everything_within(void **state) {
    (void)state;
    describe(0, 16 * KB, 4 * KB, V);
    for (int op = ACCESS_READ; op < ACCESS_KINDS; op++)
        assert_int_equal(walk_as(base_bounds, 0, (enum access_kind)op, true).fault, HW_FAULT_NONE);
}

/* ---- chapter 16 ---- */

/* Figures 16.3 and 16.5: code at 32K, 2K; heap at 34K, 3K; stack at 28K, 2K, growing down. */
static void describe_chapter_16(void) {
    describe(0, 32 * KB, 2 * KB, V | R | X | U);
    describe(1, 34 * KB, 3 * KB, V | R | W | U);
    describe(3, 28 * KB, 2 * KB, V | R | W | U | N);
}

static void segments_translate_as_in_chapter_16(void **state) {
    (void)state;
    describe_chapter_16();
    goes_to(segments, 100, 32868);
    goes_to(segments, 4200, 34920); /* offset 104 into the heap */
    stops(segments, 7 * KB, HW_FAULT_BOUNDS); /* "a virtual address of 7KB or greater" */
}

/* 16.3: 15 KB is 11 1100 0000 0000: segment 11, offset 3 KB - 4 KB = -1 KB, so 27 KB. */
static void a_stack_grows_down_from_its_base(void **state) {
    (void)state;
    describe_chapter_16();
    goes_to(segments, 15 * KB, 27 * KB);
    goes_to(segments, 16 * KB - 1, 28 * KB - 1);
    goes_to(segments, 14 * KB, 26 * KB); /* |-2 KB| is not more than its size */
    stops(segments, 14 * KB - 1, HW_FAULT_BOUNDS);
    stops(segments, 12 * KB, HW_FAULT_BOUNDS);
}

static void a_segment_that_grows_up_ends_below_its_size(void **state) {
    (void)state;
    describe_chapter_16();
    goes_to(segments, 2 * KB - 1, 34 * KB - 1);
    stops(segments, 2 * KB, HW_FAULT_BOUNDS);
    goes_to(segments, 7 * KB - 1, 37 * KB - 1);
}

static void a_segment_that_is_not_there_is_not_valid(void **state) {
    (void)state;
    describe_chapter_16();
    stops(segments, 8 * KB, HW_FAULT_NOT_VALID); /* 10: not used */
    describe(2, 40 * KB, 2 * KB, R | W | U);     /* all but V */
    stops(segments, 8 * KB, HW_FAULT_NOT_VALID);
}

/* 16.4, "Support for Sharing": code Read-Execute, heap and stack Read-Write. */
static void each_segment_has_permissions(void **state) {
    (void)state;
    static const struct { vaddr_t va; enum access_kind op; bool good; } row[] = {
        {0, ACCESS_READ, true},       {0, ACCESS_WRITE, false},       {0, ACCESS_FETCH, true},
        {4 * KB, ACCESS_READ, true},  {4 * KB, ACCESS_WRITE, true},   {4 * KB, ACCESS_FETCH, false},
        {15 * KB, ACCESS_READ, true}, {15 * KB, ACCESS_WRITE, true},  {15 * KB, ACCESS_FETCH, false}};
    describe_chapter_16();
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        assert_int_equal(walk_as(segments, row[i].va, row[i].op, true).fault,
                         row[i].good ? HW_FAULT_NONE : HW_FAULT_DENIED);
    describe(2, 40 * KB, 2 * KB, V | W | X | U); /* what may not be read */
    stops(segments, 8 * KB, HW_FAULT_DENIED);
}

static void the_kernels_segment_is_not_for_users(void **state) {
    (void)state;
    describe(2, 40 * KB, 2 * KB, V | R | W);
    stops(segments, 8 * KB, HW_FAULT_DENIED);
    assert_int_equal(walk_as(segments, 8 * KB, ACCESS_READ, false).fault, HW_FAULT_NONE);
}

/* 16.2: the hardware compares with the bounds first. */
static void bounds_come_before_permissions(void **state) {
    (void)state;
    describe_chapter_16();
    assert_int_equal(walk_as(segments, 3 * KB, ACCESS_WRITE, true).fault, HW_FAULT_BOUNDS);
}

static void the_size_has_32_bits_and_what_stands_above_is_ignored(void **state) {
    (void)state;
    describe(0, 32 * KB, (UINT64_C(1) << 32) + 2 * KB, V | R | U);
    goes_to(segments, 2 * KB - 1, 34 * KB - 1);
    stops(segments, 2 * KB, HW_FAULT_BOUNDS);
}

/* ---- both ---- */

static void an_address_beyond_the_address_space_is_out_of_range(void **state) {
    (void)state;
    describe(0, 16 * KB, 32 * KB, V | R | U);
    describe(4, 16 * KB, 4 * KB, V | R | U);
    stops(base_bounds, 16 * KB, HW_FAULT_RANGE);
    stops(segments, 16 * KB, HW_FAULT_RANGE);
}

static void a_segment_outside_ram_is_a_bus_fault(void **state) {
    (void)state;
    describe(0, 63 * KB, 4 * KB, V | R | U);
    goes_to(segments, KB - 1, 64 * KB - 1);
    struct walk w = walk_as(segments, KB, ACCESS_READ, true);
    assert_int_equal(w.fault, HW_FAULT_BUS);
    describe(3, 1 * KB, 4 * KB, V | R | U | N); /* down beyond address 0 */
    assert_int_equal(walk_as(segments, 14 * KB, ACCESS_READ, true).fault, HW_FAULT_BUS);
}

static void descriptors_outside_ram_are_a_bus_fault(void **state) {
    (void)state;
    struct mmu_regs regs = {.root = 64 * KB - 8}; /* a base, and no bounds */
    struct walk w;
    walk_begin(&w, base_bounds, &regs, 0, ACCESS_READ, true);
    walk_level(&w, base_bounds, ram);
    assert_int_equal(w.fault, HW_FAULT_BUS);
    assert_int_equal(w.reads, 1);
    walk_begin(&w, segments, &regs, 4 * KB, ACCESS_READ, true);
    walk_level(&w, segments, ram);
    assert_int_equal(w.fault, HW_FAULT_BUS);
    assert_int_equal(w.reads, 0);
    regs.root = UINT64_MAX - 7; /* bounds, and no base */
    assert_int_equal(ram_write(ram, 0, 8, 4 * KB << 8 | V), VS_OK);
    walk_begin(&w, base_bounds, &regs, 0, ACCESS_READ, true);
    walk_level(&w, base_bounds, ram);
    assert_int_equal(w.fault, HW_FAULT_BUS);
}

static void a_walk_remembers_both_words_of_the_descriptor(void **state) {
    (void)state;
    describe_chapter_16();
    struct walk w = walk_as(segments, 15 * KB, ACCESS_READ, true);
    assert_int_equal(w.reads, 2);
    assert_int_equal(w.read[0].level, 1);
    assert_int_equal(w.read[0].index, 3);
    assert_int_equal(w.read[0].addr, ROOT + 48);
    assert_int_equal(w.read[0].word, 28 * KB);
    assert_int_equal(w.read[1].level, 0);
    assert_int_equal(w.read[1].addr, ROOT + 56);
    assert_int_equal(w.read[1].word, 2 * KB << 8 | V | R | W | U | N);
    assert_int_equal(w.perms, PERM_R | PERM_W | PERM_U);
}

static void where_there_are_no_pages_there_is_no_page_fault(void **state) {
    (void)state;
    static const struct { vaddr_t va; enum access_kind op; } row[] = {
        {8 * KB, ACCESS_READ}, {7 * KB, ACCESS_READ}, {0, ACCESS_WRITE}, {16 * KB, ACCESS_READ}};
    describe_chapter_16();
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct walk w = walk_as(segments, row[i].va, row[i].op, true);
        assert_int_not_equal(w.fault, HW_FAULT_NONE);
        assert_null(strstr(walk_report(&w, segments).class, "page"));
    }
}

static void nothing_is_ever_written_back(void **state) {
    (void)state;
    struct walk_write due;
    describe_chapter_16();
    struct walk w = walk_as(segments, 4 * KB, ACCESS_WRITE, true);
    assert_false(walk_next_write(&w, segments, &due));
}

static void the_fields_of_both_words_have_names(void **state) {
    (void)state;
    struct pte_field field[PTE_FIELDS_MAX];
    assert_int_equal(paging_fields(segments, 0, 0, field), 7);
    assert_string_equal(field[0].name, "size");
    assert_string_equal(field[6].name, "V");
    assert_int_equal(paging_fields(base_bounds, 0, 0, field), 2);
    assert_int_equal(paging_fields(base_bounds, 0, 1, field), 1);
    assert_string_equal(field[0].name, "base");
}

static void the_descriptions_are_possible(void **state) {
    (void)state;
    struct diag why;
    assert_int_equal(paging_check(base_bounds, &why), VS_OK);
    assert_int_equal(paging_check(segments, &why), VS_OK);
    assert_int_equal(paging_va_bits(base_bounds), 14); /* OSTEP's address space of 16 KB */
}

/* ---- the kernel's side ---- */

/* Figure 16.1's address space: code 0-2K, heap from 4K, 3K; stack 14K-16K. */
static void begin_machine(struct rig *r, const char *format, uint32_t frames) {
    rig_begin(r, frames);
    r->config.format = *paging_by_name(format);
    rig_tlb(r, 0, 0, false);
    rig_region(r, 0, VMA_TEXT, 0, 2, PERM_RX);
    rig_region(r, 0, VMA_HEAP, 4, 3, PERM_RW);
    rig_region(r, 0, VMA_STACK, 14, 2, PERM_RW);
}

static void everything_is_in_memory_before_the_first_step(void **state) {
    (void)state;
    struct rig r;
    begin_machine(&r, "segments", 16);
    rig_fetch(&r, 0);
    rig_write(&r, 4200, 7);
    rig_write(&r, 16 * KB - 4, 8);
    rig_read(&r, 4200);
    rig_start(&r);
    const struct kernel *k = machine_kernel(r.m);
    assert_int_equal(k->process[0].resident, 7);
    assert_int_equal(k->process[0].held, 7);
    assert_int_equal(k->frames_free, 9);
    for (unsigned i = 0; i < 3; i++) assert_int_equal(rig_fault(&r), FAULT_NONE);
    struct translation t = rig_do(&r);
    assert_int_equal(t.value, 7);
    assert_int_equal(t.pa, 2 * KB + 104); /* the heap lies behind the 2 frames of code */
    assert_int_equal(rig_counters(&r)->page_faults, 0);
    rig_end(&r);
}

/* Text from the program's file, the heap from nothing: as a machine with demand paging brings them. */
static void pages_hold_what_demand_paging_would_bring(void **state) {
    (void)state;
    uint64_t value[2][2];
    for (int paged = 0; paged < 2; paged++) {
        struct rig r;
        begin_machine(&r, "segments", 16);
        if (paged) rig_format(&r, 1, (const unsigned[]){4}, 10, 4, 31, 10);
        rig_read(&r, 1 * KB + 8);
        rig_read(&r, 4 * KB + 8);
        rig_start(&r);
        for (int i = 0; i < 2; i++) value[paged][i] = rig_do(&r).value;
        assert_int_equal(rig_counters(&r)->page_faults, paged ? 2 : 0);
        rig_end(&r);
    }
    assert_int_equal(value[0][0], value[1][0]);
    assert_int_not_equal(value[0][0], 0);
    assert_int_equal(value[0][1], 0);
    assert_int_equal(value[1][1], 0);
}

static void a_segment_permits_what_any_of_its_regions_does(void **state) {
    (void)state;
    struct rig r;
    rig_begin(&r, 16);
    r.config.format = *paging_by_name("segments");
    rig_tlb(&r, 0, 0, false);
    rig_region(&r, 0, VMA_TEXT, 0, 1, PERM_RX);
    rig_region(&r, 0, VMA_DATA, 1, 1, PERM_RW);
    rig_write(&r, 0, 1); /* the price: the program can overwrite itself */
    rig_fetch(&r, 1 * KB);
    rig_start(&r);
    assert_int_equal(rig_fault(&r), FAULT_NONE);
    assert_int_equal(rig_fault(&r), FAULT_NONE);
    rig_end(&r);
}

/* Nothing ever leaves, but the pane shows the order in which pages came. */
static void policies_know_the_pages_of_segments(void **state) {
    (void)state;
    struct rig r;
    uint64_t rank[16] = {0};
    begin_machine(&r, "segments", 16);
    r.config.policy.name = "fifo";
    rig_start(&r);
    struct policy_picture picture = {.rank = rank};
    policy_by_name("fifo")->describe(kernel_policy(machine_kernel(r.m)), &picture);
    for (unsigned f = 0; f < 7; f++) assert_int_equal(rank[f], f + 1);
    rig_end(&r);
}

static void every_policy_bears_a_machine_without_faults(void **state) {
    (void)state;
    for (const struct policy_ops *const *policy = policy_table; *policy; policy++) {
        struct rig r;
        begin_machine(&r, "segments", 16);
        r.config.policy.name = (*policy)->name;
        for (unsigned i = 0; i < 8; i++) rig_read(&r, i % 3 * KB + 4 * KB);
        rig_start(&r);
        rig_run(&r, 8);
        assert_int_equal(rig_counters(&r)->page_faults, 0);
        rig_end(&r);
    }
}

/* A stack below the top: its segment still begins at the top, since offsets are counted back from
 * there, and the page between takes a frame. */
static void a_stack_segment_reaches_to_its_end(void **state) {
    (void)state;
    struct rig r;
    rig_begin(&r, 16);
    r.config.format = *paging_by_name("segments");
    rig_tlb(&r, 0, 0, false);
    rig_region(&r, 0, VMA_STACK, 13, 2, PERM_RW);
    rig_write(&r, 13 * KB, 1);
    rig_start(&r);
    const struct kernel *k = machine_kernel(r.m);
    assert_int_equal(k->process[0].resident, 3);
    assert_string_equal(vma_find(&k->process[0], 15)->name, "unused");
    assert_int_equal(rig_do(&r).pa, 0);
    rig_end(&r);
}

static void the_kernel_finds_no_descriptor_for_a_page_out_of_bounds(void **state) {
    (void)state;
    struct rig r;
    begin_machine(&r, "segments", 16);
    rig_start(&r);
    const struct kernel *k = machine_kernel(r.m);
    assert_true(pagetable_at(k, 0, 6).valid);
    assert_int_equal(pagetable_at(k, 0, 6).pfn, 4);
    assert_false(pagetable_at(k, 0, 7).found); /* behind the heap */
    assert_false(pagetable_at(k, 0, 7).valid);
    assert_false(pagetable_at(k, 0, 16).found); /* behind the address space */
    rig_end(&r);
}

static void segments_leave_the_hole_out(void **state) {
    (void)state;
    struct rig r;
    begin_machine(&r, "segments", 7); /* 2 + 3 + 2 frames are enough */
    rig_start(&r);
    assert_null(vma_by_name(&machine_kernel(r.m)->process[0], "unused"));
    assert_int_equal(kernel_table_bytes(machine_kernel(r.m), 0).actual, 4 * 16);
    assert_null(kernel_inconsistency(machine_kernel(r.m)));
    rig_end(&r);
}

static void base_and_bounds_hold_the_hole_in_memory(void **state) {
    (void)state;
    struct rig r;
    begin_machine(&r, "base-bounds", 16);
    rig_start(&r);
    const struct kernel *k = machine_kernel(r.m);
    const struct vma *hole = vma_find(&k->process[0], 10);
    assert_int_equal(k->process[0].resident, 16);
    assert_non_null(hole);
    assert_string_equal(hole->name, "unused");
    assert_int_equal(hole->first, 7);
    assert_int_equal(hole->end, 14);
    assert_int_equal(kernel_table_bytes(k, 0).actual, 16);
    assert_null(kernel_inconsistency(k));
    rig_end(&r);
}

static void base_and_bounds_begin_at_address_0(void **state) {
    (void)state;
    struct rig r;
    rig_begin(&r, 16);
    r.config.format = *paging_by_name("base-bounds");
    rig_tlb(&r, 0, 0, false);
    rig_region(&r, 0, VMA_STACK, 8, 2, PERM_RW);
    rig_write(&r, 8 * KB, 1);
    rig_start(&r);
    assert_int_equal(machine_kernel(r.m)->process[0].resident, 10);
    assert_int_equal(rig_do(&r).pa, 8 * KB);
    rig_end(&r);
}

static void a_machine_that_gets_no_memory_says_so(void **state) {
    (void)state;
    struct rig r;
    struct diag why;
    enum vs_status s = VS_NOMEM;
    begin_machine(&r, "base-bounds", 16);
    r.source = step_source_array(r.step, r.count);
    for (unsigned long n = 1; s == VS_NOMEM && n < 1000; n++) {
        mem_fail_at(n);
        s = machine_create(&r.config, r.source, &r.m, &why);
        mem_fail_at(0);
        if (s != VS_OK) assert_null(r.m);
    }
    assert_int_equal(s, VS_OK);
    rig_end(&r);
}

static void too_few_frames_are_refused_at_load(void **state) {
    (void)state;
    static const struct { const char *format; uint32_t frames; } row[] = {{"segments", 6}, {"base-bounds", 15}};
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct rig r;
        struct diag why = {0};
        begin_machine(&r, row[i].format, row[i].frames);
        assert_int_equal(machine_config_check(&r.config, &why), 0);
        assert_non_null(strstr(why.text, "frames"));
    }
}

static void kernel_space_has_no_place_among_segments(void **state) {
    (void)state;
    struct rig r;
    struct diag why = {0};
    begin_machine(&r, "segments", 16);
    rig_region(&r, 0, VMA_KERNEL, 12, 1, PERM_RW)->kind = VMA_KERNEL;
    struct region_config *region = r.config.processes[0].regions;
    struct region_config stack = region[2]; /* ascending */
    region[2] = region[3];
    region[3] = stack;
    assert_int_equal(machine_config_check(&r.config, &why), 0);
    assert_non_null(strstr(why.text, "kernel"));
}

static void two_bits_must_be_left_to_choose_a_segment(void **state) {
    (void)state;
    struct rig r;
    struct diag why = {0};
    rig_begin(&r, 8);
    r.config.format = *paging_by_name("segments");
    r.config.format.index_bits[0] = 1;
    rig_tlb(&r, 0, 0, false);
    assert_int_equal(machine_config_check(&r.config, &why), 0);
}

static void what_lies_beyond_the_bounds_is_refused_for_good(void **state) {
    (void)state;
    struct rig r;
    begin_machine(&r, "segments", 16);
    r.region[0][2].limit = 3; /* a stack that could grow, were there pages */
    rig_write(&r, 7 * KB, 1);
    rig_write(&r, 13 * KB, 1);
    rig_write(&r, 0, 1);
    rig_read(&r, 8 * KB);
    rig_start(&r);
    assert_int_equal(rig_fault(&r), FAULT_SEGV_MAP);
    assert_int_equal(rig_fault(&r), FAULT_SEGV_MAP);
    assert_int_equal(rig_fault(&r), FAULT_SEGV_ACCESS);
    assert_int_equal(rig_fault(&r), FAULT_SEGV_MAP);
    rig_end(&r);
}

static void processes_lie_one_behind_the_other(void **state) {
    (void)state;
    struct rig r;
    begin_machine(&r, "base-bounds", 20);
    rig_process(&r, "B", "");
    rig_region(&r, 1, VMA_TEXT, 0, 4, PERM_RX);
    rig_switch(&r, 1);
    rig_read(&r, 100);
    rig_start(&r);
    rig_do(&r);
    assert_int_equal(rig_do(&r).pa, 16 * KB + 100);
    rig_end(&r);
}

static void walks_of_the_kernels_descriptors_find_its_frames(void **state) {
    (void)state;
    static const char *const name[] = {"segments", "base-bounds"};
    for (size_t i = 0; i < 2; i++) {
        struct rig r;
        begin_machine(&r, name[i], 16);
        rig_start(&r);
        const struct kernel *k = machine_kernel(r.m);
        for (vpn_t vpn = 0; vpn < 16; vpn++) {
            struct walk w;
            frame_t f = kernel_frame_of(k, 0, vpn);
            walk_begin(&w, k->hw->format, &k->hw->regs, vpn * KB + 17, ACCESS_READ, true);
            if (!w.done) walk_level(&w, k->hw->format, k->hw->ram);
            assert_int_equal(w.fault == HW_FAULT_NONE, f != FRAME_NONE);
            if (f != FRAME_NONE) assert_int_equal(w.pa, f * KB + 17);
        }
        rig_end(&r);
    }
}

#define HW(test) cmocka_unit_test_setup_teardown(test, fresh_ram, drop_ram)

int main(void) {
    const struct CMUnitTest tests[] = {
        HW(base_and_bounds_translate_as_in_chapter_15),
        HW(a_relocated_process_runs_at_its_base),
        HW(bounds_end_with_the_last_byte),
        HW(a_base_need_not_be_that_of_a_frame),
        HW(base_and_bounds_permit_everything_within),
        HW(segments_translate_as_in_chapter_16),
        HW(a_stack_grows_down_from_its_base),
        HW(a_segment_that_grows_up_ends_below_its_size),
        HW(a_segment_that_is_not_there_is_not_valid),
        HW(each_segment_has_permissions),
        HW(the_kernels_segment_is_not_for_users),
        HW(bounds_come_before_permissions),
        HW(the_size_has_32_bits_and_what_stands_above_is_ignored),
        HW(an_address_beyond_the_address_space_is_out_of_range),
        HW(a_segment_outside_ram_is_a_bus_fault),
        HW(descriptors_outside_ram_are_a_bus_fault),
        HW(a_walk_remembers_both_words_of_the_descriptor),
        HW(where_there_are_no_pages_there_is_no_page_fault),
        HW(nothing_is_ever_written_back),
        HW(the_fields_of_both_words_have_names),
        HW(the_descriptions_are_possible),
        cmocka_unit_test(everything_is_in_memory_before_the_first_step),
        cmocka_unit_test(pages_hold_what_demand_paging_would_bring),
        cmocka_unit_test(a_segment_permits_what_any_of_its_regions_does),
        cmocka_unit_test(policies_know_the_pages_of_segments),
        cmocka_unit_test(every_policy_bears_a_machine_without_faults),
        cmocka_unit_test(a_stack_segment_reaches_to_its_end),
        cmocka_unit_test(the_kernel_finds_no_descriptor_for_a_page_out_of_bounds),
        cmocka_unit_test(base_and_bounds_begin_at_address_0),
        cmocka_unit_test(segments_leave_the_hole_out),
        cmocka_unit_test(base_and_bounds_hold_the_hole_in_memory),
        cmocka_unit_test(a_machine_that_gets_no_memory_says_so),
        cmocka_unit_test(too_few_frames_are_refused_at_load),
        cmocka_unit_test(kernel_space_has_no_place_among_segments),
        cmocka_unit_test(two_bits_must_be_left_to_choose_a_segment),
        cmocka_unit_test(what_lies_beyond_the_bounds_is_refused_for_good),
        cmocka_unit_test(processes_lie_one_behind_the_other),
        cmocka_unit_test(walks_of_the_kernels_descriptors_find_its_frames)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
