/* source_segments.h - the steps of a scenario: written out, repeated, or packed in a trace. */
#ifndef VMSCOPE_SCENARIO_SOURCE_SEGMENTS_H
#define VMSCOPE_SCENARIO_SOURCE_SEGMENTS_H

#include "vmscope/scenario/trace.h"

#define STEPS_WRITTEN_MAX UINT64_C(16000000)   /* steps held one by one */
#define STEPS_MAX         UINT64_C(0xffffffff) /* with repetitions and traces */
#define SEGMENTS_MAX      1000000u

/* A growing list of steps; becomes a step source when finished. */
struct segments;

struct segments *segments_create(void); /* NULL: no memory */
void segments_free(struct segments *s);
uint64_t segments_count(const struct segments *s); /* steps so far */

/* VS_LIMIT: more than may be held; VS_NOMEM. */
enum vs_status segments_room(struct segments *s, uint64_t more); /* would `more` written steps fit? */
enum vs_status segments_step(struct segments *s, const struct step *step);
/* The first `count` references of the trace (borrowed, must outlive the source); each becomes a
 * step with the flags, proc and line of `like`; the first one gets its `extra` too. */
enum vs_status segments_trace(struct segments *s, const struct trace *t, uint64_t count,
                              const struct step *like);
/* All steps from number `from` on, `times` more. */
enum vs_status segments_repeat(struct segments *s, uint64_t from, uint64_t times);

/* The source, which owns the segments from here. */
struct step_source *segments_source(struct segments *s);

#endif
