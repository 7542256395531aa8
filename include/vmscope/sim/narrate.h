/* narrate.h - events in words and in JSON. Writes to buffers only. */
#ifndef VMSCOPE_SIM_NARRATE_H
#define VMSCOPE_SIM_NARRATE_H

#include "vmscope/base/text.h"
#include "vmscope/sim/machine.h"

/* Names for what the reader sees (never for code): terminology profiles. */
enum terminology { TERM_DEFAULT, TERM_OSTEP, TERM_CSAPP, TERM_SILBERSCHATZ, TERM_RISCV, TERM_X86, TERMINOLOGIES };
extern const char *const terminology_name[TERMINOLOGIES + 1];
/* Names of machine parts in a terminology: "VPN" may read "page p"... `word` is the default word. */
const char *term_word(enum terminology t, const char *word);

/* The sentence of an event, numbers filled in; `m` names processes and formats. */
void narrate_event(struct text *out, const struct machine *m, const struct event *e, enum terminology t);
/* The word for the path line: "TLB miss", "L0 not valid". */
void narrate_label(struct text *out, const struct machine *m, const struct event *e);
/* "write 0x0804c010 <- 42": the step. */
void narrate_step(struct text *out, const struct machine *m, const struct step *s);
/* The event's fields as a JSON object without newline:
 * {"step":1,"micro":1,"actor":"HW","event":"access",...}; step and micro count from 1. */
void narrate_json(struct text *out, const struct machine *m, const struct event *e);

/* Hex at the width that this machine's addresses have: "0x0804c010"; VPN and PA likewise. In formats with
 * canonical addresses those of the upper half have 16 digits, the others as many as are translated. */
void format_va(struct text *out, const struct paging_format *f, vaddr_t va);
void format_vpn(struct text *out, const struct paging_format *f, vpn_t vpn); /* without 0x */
void format_pa(struct text *out, const struct paging_format *f, paddr_t pa);
unsigned format_va_digits(const struct paging_format *f, vaddr_t va);
unsigned format_vpn_digits(const struct paging_format *f);
vpn_t format_vpn_bits(const struct paging_format *f, vpn_t vpn); /* the page number without sign extension: as it is shown */
unsigned format_pa_digits(const struct paging_format *f); /* at least so many */
void format_pte(struct text *out, const struct paging_format *f, uint64_t word);
/* "VRW-UGAD" with '-' for bits that are clear, only letters that the format has. */
void format_pte_flags(struct text *out, const struct paging_format *f, uint64_t word);
void format_perms(struct text *out, unsigned perms); /* "rwx" with '-' */
const char *process_name(const struct machine *m, proc_t p); /* "A"; "?" for none */

#endif
