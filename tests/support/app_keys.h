/* app_keys.h - keys for the session without a terminal, and what its screen says. */
#ifndef VMSCOPE_TESTS_APP_KEYS_H
#define VMSCOPE_TESTS_APP_KEYS_H

#include "ui/app_state.h"

unsigned app_press(struct app *a, const char *key); /* by its name: "Space"; returns enum reaction */
bool app_shows(struct app *a, const char *words);   /* in a row of the screen as it is now */

#endif
