/* lint.h - the check of a scenario's text against the schema tables. */
#ifndef VMSCOPE_SCENARIO_LINT_H
#define VMSCOPE_SCENARIO_LINT_H

#include "scenario/canon.h"
#include "vmscope/base/status.h"

#define YAML_DEPTH_MAX 64

struct lint_result {
    struct canon canon; /* the canonical document; the caller frees it */
    size_t entries;     /* entries of all its lists */
};

/* Walk the events of `data`; every error goes to `errors` with its position.
 * VS_OK: the document is as the tables want it. VS_BAD_INPUT: it is not. */
enum vs_status lint_document(const char *data, size_t size, const char *file, struct diag_list *errors,
                             struct lint_result *out);

#endif
