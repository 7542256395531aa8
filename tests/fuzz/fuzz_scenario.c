/* fuzz_scenario.c - any bytes as a scenario: it loads or says why, and what
 * loads can be built and run. (clang -fsanitize=fuzzer; see tests/tests.mk) */
#include "vmscope/scenario/scenario.h"

#include <stdlib.h>

#define STEPS        2000 /* of each scenario that loads */
#define BUILD_FRAMES 4096 /* larger machines are legal, but building them is no news */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_messages(const struct diag_list *errors, enum vs_status status) {
    if (status == VS_BAD_INPUT && errors->count == 0) abort(); /* refused without a word */
    for (size_t i = 0; i < errors->count; i++)
        if (!text_is_clean(errors->item[i].text, strlen(errors->item[i].text))) abort();
}

/* Through a PTE given as a word a program may write into its own page tables: all bets are off. */
static bool has_words(const struct machine_config *c) {
    for (size_t p = 0; p < c->process_count; p++)
        for (size_t i = 0; i < c->processes[p].map_count; i++)
            if (c->processes[p].maps[i].raw) return true;
    return false;
}

static void run(const struct scenario *s) {
    struct machine *m = NULL;
    struct diag why;
    struct diag_list errors = {.count = 0};
    if (s->config.frames > BUILD_FRAMES || s->config.process_count > 16 || s->steps->count > 1000000) return;
    if (scenario_machine(s, &m, &why) != VS_OK) return;
    for (unsigned i = 0; i < STEPS && machine_step(m); i++) scenario_check_step(s, m, &why);
    scenario_check_end(s, m, &errors);
    if (!has_words(&s->config) && kernel_inconsistency(machine_kernel(m))) abort();
    machine_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct scenario *s = NULL;
    struct diag_list errors = {.count = 0};
    enum vs_status status = scenario_load_memory(data, size, "fuzz.yaml", NULL, NULL, &s, &errors);
    check_messages(&errors, status);
    if ((status == VS_OK) != (s != NULL)) abort();
    if (s) run(s);
    scenario_free(s);
    return 0;
}
