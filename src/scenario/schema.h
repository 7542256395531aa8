/* schema.h - the scenario language as tables.
 *
 * One X-macro a mapping lists its keys. From it follow three things that can
 * therefore not drift apart: the struct that libcyaml loads into (tree_NAME),
 * libcyaml's own field table, and the table that the lint pass checks against.
 *
 *   X(T, shape, member, key, what, need)
 *     T       struct tree_T that holds it
 *     shape   SCALAR, SCALARS (list of them), MAP or MAPS (list of them)
 *     what    SCALAR(S): the rule of value_rule.h; MAP(S): the mapping's name
 *     need    NEEDED or OPTIONAL
 *
 * Every scalar is loaded as a string "LINE COL TEXT": the lint pass, which
 * alone sees positions, writes them in front (see lint.h), and value_of takes
 * them off again. So every later error can point at its place.
 */
#ifndef VMSCOPE_SCENARIO_SCHEMA_H
#define VMSCOPE_SCENARIO_SCHEMA_H

#include "scenario/value_rule.h"
#include "vmscope/sim/counters.h"
#include <cyaml/cyaml.h>

#define KEYS_COUNT(X, T) \
    X(T, SCALAR, exactly, "exactly", NUMBER, OPTIONAL) \
    X(T, SCALAR, min, "min", NUMBER, OPTIONAL) \
    X(T, SCALAR, max, "max", NUMBER, OPTIONAL)

/* The last `expect`: a key for every counter, and the frames. */
#define KEYS_RESULT(X, T) \
    X(T, SCALARS, frames, "frames", PAGE_OR_FREE, OPTIONAL)

#define KEYS_STEP_EXPECT(X, T) \
    X(T, SCALAR, outcome, "outcome", OUTCOME, OPTIONAL) \
    X(T, SCALAR, fault, "fault", FAULT, OPTIONAL) \
    X(T, SCALAR, frame, "frame", NUMBER, OPTIONAL) \
    X(T, SCALAR, victim, "victim", NUMBER, OPTIONAL) \
    X(T, SCALAR, pa, "pa", NUMBER, OPTIONAL) \
    X(T, SCALAR, value, "value", NUMBER, OPTIONAL)

#define KEYS_ASK(X, T) \
    X(T, SCALAR, question, "question", TEXT, NEEDED) \
    X(T, SCALAR, answer, "answer", TEXT, NEEDED) \
    X(T, SCALARS, choices, "choices", LINE, OPTIONAL)

#define KEYS_SET(X, T) \
    X(T, SCALAR, policy, "policy", POLICY, NEEDED)

#define KEYS_STEP(X, T) \
    X(T, SCALAR, read, "read", ADDRESS, OPTIONAL) \
    X(T, SCALAR, write, "write", ADDRESS, OPTIONAL) \
    X(T, SCALAR, fetch, "fetch", ADDRESS, OPTIONAL) \
    X(T, SCALAR, pages, "pages", PAGES, OPTIONAL) \
    X(T, SCALAR, scan, "scan", ADDRESS, OPTIONAL) \
    X(T, SCALAR, repeat, "repeat", NUMBER, OPTIONAL) \
    X(T, SCALAR, trace, "trace", LINE, OPTIONAL) \
    X(T, SCALAR, switch_to, "switch", NAME, OPTIONAL) \
    X(T, SCALAR, tlb_flush, "tlb_flush", FLUSH, OPTIONAL) \
    X(T, MAP, set, "set", set, OPTIONAL) \
    X(T, SCALAR, value, "value", NUMBER, OPTIONAL) \
    X(T, SCALAR, size, "size", SIZE, OPTIONAL) \
    X(T, SCALAR, as, "as", NAME, OPTIONAL) \
    X(T, SCALAR, mode, "mode", MODE, OPTIONAL) \
    X(T, SCALAR, note, "note", TEXT, OPTIONAL) \
    X(T, MAP, ask, "ask", ask, OPTIONAL) \
    X(T, MAP, expect, "expect", step_expect, OPTIONAL) \
    X(T, SCALAR, count, "count", NUMBER, OPTIONAL) \
    X(T, SCALAR, stride, "stride", SIZE, OPTIONAL) \
    X(T, SCALAR, access, "access", ACCESS, OPTIONAL) \
    X(T, SCALAR, limit, "limit", NUMBER, OPTIONAL) \
    X(T, SCALAR, split, "split", BOOL, OPTIONAL) \
    X(T, SCALAR, format, "format", TRACE_FORMAT, OPTIONAL) \
    X(T, SCALAR, steps, "steps", NUMBER, OPTIONAL) \
    X(T, SCALAR, fork, "fork", NAME, OPTIONAL) \
    X(T, SCALAR, exit, "exit", NAME, OPTIONAL) \
    X(T, SCALAR, exec, "exec", NAME, OPTIONAL) \
    X(T, SCALAR, brk, "brk", BREAK, OPTIONAL) \
    X(T, SCALAR, sbrk, "sbrk", BREAK, OPTIONAL) \
    X(T, SCALAR, mmap, "mmap", NAME, OPTIONAL) \
    X(T, SCALAR, munmap, "munmap", ADDRESS, OPTIONAL) \
    X(T, SCALAR, mprotect, "mprotect", ADDRESS, OPTIONAL) \
    X(T, SCALAR, madvise, "madvise", ADDRESS, OPTIONAL) \
    X(T, SCALAR, mremap, "mremap", ADDRESS, OPTIONAL) \
    X(T, SCALAR, mlock, "mlock", ADDRESS, OPTIONAL) \
    X(T, SCALAR, munlock, "munlock", ADDRESS, OPTIONAL) \
    X(T, SCALAR, suspend, "suspend", NAME, OPTIONAL) \
    X(T, SCALAR, resume, "resume", NAME, OPTIONAL) \
    X(T, SCALAR, perms, "perms", PERMS_OR_NONE, OPTIONAL) \
    X(T, SCALAR, backing, "backing", BACKING, OPTIONAL) \
    X(T, SCALAR, shared, "shared", BOOL, OPTIONAL) \
    X(T, SCALAR, file, "file", NAME, OPTIONAL) \
    X(T, SCALAR, offset, "offset", SIZE, OPTIONAL) \
    X(T, SCALAR, at, "at", ADDRESS, OPTIONAL) \
    X(T, SCALAR, populate, "populate", BOOL, OPTIONAL) \
    X(T, SCALAR, cached, "cached", BOOL, OPTIONAL) \
    X(T, SCALAR, advice, "advice", ADVICE, OPTIONAL)

#define KEYS_TLB_ENTRY(X, T) \
    X(T, SCALAR, set, "set", NUMBER, NEEDED) \
    X(T, SCALAR, way, "way", NUMBER, NEEDED) \
    X(T, SCALAR, tag, "tag", NUMBER, NEEDED) \
    X(T, SCALAR, pfn, "pfn", NUMBER, NEEDED)

#define KEYS_MAP_ENTRY(X, T) \
    X(T, SCALAR, vpn, "vpn", NUMBER, NEEDED) \
    X(T, SCALAR, pfn, "pfn", NUMBER, OPTIONAL) \
    X(T, SCALAR, pte, "pte", NUMBER, OPTIONAL) \
    X(T, SCALAR, level, "level", NUMBER, OPTIONAL)

#define KEYS_REGION(X, T) \
    X(T, SCALAR, size, "size", SIZE, NEEDED) \
    X(T, SCALAR, limit, "limit", SIZE, OPTIONAL) \
    X(T, SCALAR, at, "at", NUMBER, OPTIONAL) \
    X(T, SCALAR, perms, "perms", PERMS, OPTIONAL) \
    X(T, SCALAR, page_size, "page_size", SIZE, OPTIONAL)

/* In the order of enum vma_kind; layout.c relies on it. */
#define KEYS_LAYOUT(X, T) \
    X(T, MAP, text, "text", region, OPTIONAL) \
    X(T, MAP, rodata, "rodata", region, OPTIONAL) \
    X(T, MAP, data, "data", region, OPTIONAL) \
    X(T, MAP, bss, "bss", region, OPTIONAL) \
    X(T, MAP, heap, "heap", region, OPTIONAL) \
    X(T, MAP, mmap, "mmap", region, OPTIONAL) \
    X(T, MAP, stack, "stack", region, OPTIONAL) \
    X(T, MAP, kernel, "kernel", region, OPTIONAL)

#define KEYS_PROCESS(X, T) \
    X(T, SCALAR, name, "name", NAME, NEEDED) \
    X(T, SCALAR, program, "program", NAME, OPTIONAL) \
    X(T, SCALAR, frames, "frames", NUMBER, OPTIONAL) \
    X(T, MAP, layout, "layout", layout, OPTIONAL) \
    X(T, MAPS, map, "map", map_entry, OPTIONAL)

/* What no process runs at the start; exec does. */
#define KEYS_PROGRAM(X, T) \
    X(T, SCALAR, name, "name", NAME, NEEDED) \
    X(T, MAP, layout, "layout", layout, OPTIONAL)

#define KEYS_FORMAT(X, T) \
    X(T, SCALARS, levels, "levels", NUMBER, OPTIONAL) \
    X(T, SCALAR, va_bits, "va_bits", NUMBER, OPTIONAL) \
    X(T, SCALAR, page_size, "page_size", SIZE, OPTIONAL) \
    X(T, SCALAR, pte_bytes, "pte_bytes", NUMBER, OPTIONAL) \
    X(T, SCALAR, pfn_bits, "pfn_bits", BITS, OPTIONAL) \
    X(T, SCALAR, valid_bit, "valid_bit", NUMBER, OPTIONAL) \
    X(T, SCALAR, readable_bit, "readable_bit", NUMBER, OPTIONAL) \
    X(T, SCALAR, writable_bit, "writable_bit", NUMBER, OPTIONAL) \
    X(T, SCALAR, executable_bit, "executable_bit", NUMBER, OPTIONAL) \
    X(T, SCALAR, user_bit, "user_bit", NUMBER, OPTIONAL) \
    X(T, SCALAR, global_bit, "global_bit", NUMBER, OPTIONAL) \
    X(T, SCALAR, accessed_bit, "accessed_bit", NUMBER, OPTIONAL) \
    X(T, SCALAR, dirty_bit, "dirty_bit", NUMBER, OPTIONAL) \
    X(T, SCALAR, superpages, "superpages", BOOL, OPTIONAL)

/* Which format takes which of these: control_table in meaning_controls.c. */
#define KEYS_PAGING(X, T) \
    X(T, SCALAR, format, "format", PAGING, OPTIONAL) \
    X(T, MAP, custom, "custom", format, OPTIONAL) \
    X(T, MAP, linear, "linear", format, OPTIONAL) \
    X(T, SCALAR, ad, "ad", AD, OPTIONAL) \
    X(T, SCALAR, sum, "sum", BOOL, OPTIONAL) \
    X(T, SCALAR, mxr, "mxr", BOOL, OPTIONAL) \
    X(T, SCALAR, wp, "wp", BOOL, OPTIONAL) \
    X(T, SCALAR, nxe, "nxe", BOOL, OPTIONAL) \
    X(T, SCALAR, smep, "smep", BOOL, OPTIONAL) \
    X(T, SCALAR, smap, "smap", BOOL, OPTIONAL) \
    X(T, SCALAR, ac, "ac", BOOL, OPTIONAL) \
    X(T, SCALAR, pse, "pse", BOOL, OPTIONAL) \
    X(T, SCALAR, maxphyaddr, "maxphyaddr", NUMBER, OPTIONAL) \
    X(T, SCALAR, va_bits, "va_bits", NUMBER, OPTIONAL) \
    X(T, SCALAR, page_size, "page_size", SIZE, OPTIONAL)

/* What each TLB of a machine says of itself. */
#define KEYS_TLB_UNIT(X, T) \
    X(T, SCALAR, entries, "entries", NUMBER, OPTIONAL) \
    X(T, SCALAR, ways, "ways", NUMBER, OPTIONAL) \
    X(T, SCALAR, sets, "sets", NUMBER, OPTIONAL) \
    X(T, SCALAR, replacement, "replacement", TLB_REPLACEMENT, OPTIONAL)

#define KEYS_TLB_SECOND(X, T) \
    KEYS_TLB_UNIT(X, T) \
    X(T, SCALAR, inclusive, "inclusive", BOOL, OPTIONAL)

#define KEYS_TLB(X, T) \
    KEYS_TLB_UNIT(X, T) \
    X(T, SCALAR, asid, "asid", BOOL, OPTIONAL) \
    X(T, SCALAR, refill, "refill", REFILL, OPTIONAL) \
    X(T, SCALAR, split, "split", BOOL, OPTIONAL) \
    X(T, MAP, instruction, "instruction", tlb_unit, OPTIONAL) \
    X(T, MAP, second, "second", tlb_second, OPTIONAL)

#define KEYS_REPLACEMENT(X, T) \
    X(T, SCALAR, policy, "policy", POLICY, OPTIONAL) \
    X(T, SCALAR, scope, "scope", SCOPE, OPTIONAL) \
    X(T, SCALAR, allocation, "allocation", ALLOCATION, OPTIONAL) \
    X(T, SCALAR, load_referenced, "load_referenced", BOOL, OPTIONAL) \
    X(T, SCALAR, tick, "tick", NUMBER, OPTIONAL) \
    X(T, SCALAR, bits, "bits", NUMBER, OPTIONAL) \
    X(T, SCALAR, tau, "tau", NUMBER, OPTIONAL) \
    X(T, SCALAR, k, "k", NUMBER, OPTIONAL)

/* kswapd works between these two. */
#define KEYS_WATERMARKS(X, T) \
    X(T, SCALAR, low, "low", NUMBER, NEEDED) \
    X(T, SCALAR, high, "high", NUMBER, NEEDED)

#define KEYS_KERNEL(X, T) \
    X(T, SCALAR, profile, "profile", PROFILE, OPTIONAL) \
    X(T, SCALAR, lazy_clear, "lazy_clear", BOOL, OPTIONAL) \
    X(T, SCALAR, invalidate, "invalidate", BOOL, OPTIONAL) \
    X(T, SCALAR, guard, "guard", SIZE, OPTIONAL) \
    X(T, SCALAR, max_regions, "max_regions", NUMBER, OPTIONAL) \
    X(T, MAP, watermarks, "watermarks", watermarks, OPTIONAL) \
    X(T, SCALAR, working_set, "working_set", NUMBER, OPTIONAL) \
    X(T, SCALAR, load_control, "load_control", BOOL, OPTIONAL)

#define KEYS_TIMING(X, T) \
    X(T, SCALAR, tlb, "tlb", DURATION, OPTIONAL) \
    X(T, SCALAR, memory, "memory", DURATION, OPTIONAL) \
    X(T, SCALAR, trap, "trap", DURATION, OPTIONAL) \
    X(T, SCALAR, disk_read, "disk_read", DURATION, OPTIONAL) \
    X(T, SCALAR, disk_write, "disk_write", DURATION, OPTIONAL)

#define KEYS_MACHINE(X, T) \
    X(T, MAP, paging, "paging", paging, OPTIONAL) \
    X(T, MAP, custom, "custom", format, OPTIONAL) \
    X(T, MAP, linear, "linear", format, OPTIONAL) \
    X(T, SCALAR, page_size, "page_size", SIZE, OPTIONAL) \
    X(T, SCALAR, ad, "ad", AD, OPTIONAL) \
    X(T, SCALAR, frames, "frames", NUMBER, OPTIONAL) \
    X(T, SCALAR, page_tables, "page_tables", PAGE_TABLES, OPTIONAL) \
    X(T, SCALAR, swap, "swap", NUMBER, OPTIONAL) \
    X(T, MAP, tlb, "tlb", tlb, OPTIONAL) \
    X(T, MAP, replacement, "replacement", replacement, OPTIONAL) \
    X(T, MAP, kernel, "kernel", kernel, OPTIONAL) \
    X(T, MAP, timing, "timing", timing, OPTIONAL) \
    X(T, SCALAR, seed, "seed", NUMBER, OPTIONAL)

#define KEYS_SCENARIO(X, T) \
    X(T, SCALAR, version, "version", VERSION, NEEDED) \
    X(T, SCALAR, title, "title", LINE, NEEDED) \
    X(T, SCALAR, summary, "summary", TEXT, OPTIONAL) \
    X(T, SCALAR, about, "about", TEXT, OPTIONAL) \
    X(T, SCALAR, level, "level", LEVEL, OPTIONAL) \
    X(T, SCALARS, topics, "topics", LINE, OPTIONAL) \
    X(T, SCALAR, source, "source", TEXT, OPTIONAL) \
    X(T, SCALAR, terminology, "terminology", TERMINOLOGY, OPTIONAL) \
    X(T, MAP, machine, "machine", machine, OPTIONAL) \
    X(T, MAPS, processes, "processes", process, OPTIONAL) \
    X(T, MAPS, programs, "programs", program, OPTIONAL) \
    X(T, MAPS, tlb, "tlb", tlb_entry, OPTIONAL) \
    X(T, MAPS, steps, "steps", step, NEEDED) \
    X(T, MAP, expect, "expect", result, OPTIONAL)

/* M(name, KEYS, what it is, key that a lone scalar stands for): inner ones first.
 * `expect: segv-map` is the same as `expect: {outcome: segv-map}`. */
#define MAPPINGS(M) \
    M(count, KEYS_COUNT, "a count", "exactly") \
    M(step_expect, KEYS_STEP_EXPECT, "a step's expect", "outcome") \
    M(ask, KEYS_ASK, "ask", NULL) \
    M(set, KEYS_SET, "set", NULL) \
    M(step, KEYS_STEP, "a step", NULL) \
    M(tlb_entry, KEYS_TLB_ENTRY, "a TLB entry", NULL) \
    M(map_entry, KEYS_MAP_ENTRY, "a page-table entry of map", NULL) \
    M(region, KEYS_REGION, "a region", "size") \
    M(layout, KEYS_LAYOUT, "layout", NULL) \
    M(process, KEYS_PROCESS, "a process", NULL) \
    M(program, KEYS_PROGRAM, "a program", NULL) \
    M(format, KEYS_FORMAT, "a paging format", NULL) \
    M(paging, KEYS_PAGING, "paging", "format") \
    M(tlb_unit, KEYS_TLB_UNIT, "an instruction TLB", "entries") \
    M(tlb_second, KEYS_TLB_SECOND, "a second-level TLB", "entries") \
    M(tlb, KEYS_TLB, "tlb", "entries") \
    M(replacement, KEYS_REPLACEMENT, "replacement", "policy") \
    M(watermarks, KEYS_WATERMARKS, "watermarks", NULL) \
    M(kernel, KEYS_KERNEL, "kernel", "profile") \
    M(timing, KEYS_TIMING, "timing", NULL) \
    M(machine, KEYS_MACHINE, "machine", NULL)

/* ---- what libcyaml fills ---- */
#define TREE_SCALAR(member, what) char *member;
#define TREE_SCALARS(member, what) char **member; unsigned member##_count;
#define TREE_MAP(member, what) struct tree_##what *member;
#define TREE_MAPS(member, what) struct tree_##what *member; unsigned member##_count;
#define TREE_MEMBER(T, shape, member, key, what, need) TREE_##shape(member, what)
#define TREE_STRUCT(name, KEYS, what, lone) struct tree_##name { KEYS(TREE_MEMBER, name) };
MAPPINGS(TREE_STRUCT)

#define TREE_COUNTER(name, what) struct tree_count *name;
struct tree_result {
    COUNTERS(TREE_COUNTER)
    KEYS_RESULT(TREE_MEMBER, result)
};
TREE_STRUCT(scenario, KEYS_SCENARIO, , )

extern const cyaml_schema_value_t schema_scenario;

/* ---- what the lint pass walks ---- */
enum key_shape { SHAPE_SCALAR, SHAPE_SCALARS, SHAPE_MAP, SHAPE_MAPS };

struct key {
    const char *name; /* NULL ends */
    enum key_shape shape;
    bool needed;
    enum value_rule rule;      /* SCALAR, SCALARS */
    const struct mapping *map; /* MAP, MAPS */
};

struct mapping {
    const char *what; /* "a step" */
    const struct key *keys;
    const char *lone; /* the key that a scalar in this place stands for, or NULL */
};

#define MAPPING_KEYS_MAX 80 /* keys of one mapping, at most */
#define DECLARE_MAPPING(name, KEYS, what, lone) extern const struct mapping mapping_##name;
MAPPINGS(DECLARE_MAPPING)
extern const struct mapping mapping_scenario, mapping_result;

/* The key of that name, or NULL. */
const struct key *mapping_key(const struct mapping *m, const char *name);

/* ---- a loaded scalar and where it stood ---- */
struct value {
    const char *text; /* NULL: the key was not given */
    unsigned line, col;
};
struct value value_of(const char *raw);

#endif
