/* main.c - vmscope: from the command line to one command. */
#include "cli/cli.h"
#include "cli/output.h"

#include <locale.h>
#include <stdio.h>

static int version(void) {
    printf("vmscope %s\n", VMSCOPE_VERSION);
    return EXIT_GOOD;
}

static int dispatch(const struct cli *c) {
    if (c->version) return version();
    if (c->help) {
        help_print(c->command == command_table ? NULL : c->command);
        return EXIT_GOOD;
    }
    return c->command->run(c);
}

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, "");
    struct cli c;
    int status = cli_parse(&c, argc, argv) ? output_end(dispatch(&c)) : EXIT_USAGE;
    cli_free(&c);
    return status;
}
