/* test_progress.c - long work says how far it is, on a terminal, and leaves nothing behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "pty_session.h"

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct pty_options usual = {.rows = 24, .cols = 80};
static char folder[] = "/tmp/vmscope-progress-XXXXXX";
static char slow[64], made[64]; /* a pipe, and what is imported from it */

/* ---- a trace that comes as slowly as the test likes ---- */

struct feeding {
    int fd;
    const char *until; /* on the screen */
};

/* Some lines more, and look. */
static bool feed(struct pty *p, const void *arg) {
    static const char line[] = "2 00401000\n";
    const struct feeding *f = arg;
    char lines[11 * 4096];
    for (size_t i = 0; i < sizeof lines; i++) lines[i] = line[i % 11];
    for (int i = 0; i < 8; i++)
        if (write(f->fd, lines, sizeof lines) < 0) break;
    return pty_is_on_screen(p, f->until);
}

static struct pty *begin(const char *const *argv, struct feeding *f) {
    struct pty *p = pty_start(argv, &usual);
    f->fd = open(slow, O_WRONLY);
    assert_true(f->fd >= 0);
    assert_true(pty_wait(p, feed, f));
    return p;
}

static unsigned files(void) {
    DIR *d = opendir(folder);
    unsigned n = 0;
    assert_non_null(d);
    while (readdir(d)) n++;
    closedir(d);
    return n - 2;
}

/* ---- the tests ---- */

static void a_long_import_tells_how_far_it_is_and_wipes_it(void **state) {
    (void)state;
    const char *argv[] = {vmscope_path(), "import", "-o", made, slow, NULL};
    struct feeding f = {.until = "importing: "};
    struct pty *p = begin(argv, &f);
    assert_true(pty_is_on_screen(p, " MB")); /* a pipe: nobody knows how much will come */
    close(f.fd);
    int status = pty_wait_end(p);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_false(pty_is_on_screen(p, "importing"));
    assert_true(pty_is_on_screen(p, " references, "));
    assert_int_equal(files(), 2);
    unlink(made);
    pty_free(p);
}

static void an_interrupted_import_leaves_no_line_and_no_file(void **state) {
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        const char *argv[] = {vmscope_path(), "import", "-o", made, slow, NULL};
        struct feeding f = {.until = "importing: "};
        struct pty *p = begin(argv, &f);
        pty_signal(p, signals[i]);
        f.until = "interrupted";
        assert_true(pty_wait(p, feed, &f));
        int status = pty_wait_end(p);
        close(f.fd);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 128 + signals[i]);
        assert_false(pty_is_on_screen(p, "importing"));
        assert_int_equal(files(), 1);
        pty_free(p);
    }
}

static void a_long_run_tells_how_far_reading_is(void **state) {
    (void)state;
    const char *argv[] = {vmscope_path(), "run", "--format=summary", "--limit=10", slow, NULL};
    struct feeding f = {.until = "reading "};
    struct pty *p = begin(argv, &f);
    close(f.fd);
    int status = pty_wait_end(p);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_false(pty_is_on_screen(p, "reading"));
    pty_free(p);
}

static int make_pipe(void **state) {
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    if (!mkdtemp(folder)) return -1;
    snprintf(slow, sizeof slow, "%s/slow", folder);
    snprintf(made, sizeof made, "%s/made.vmt", folder);
    return mkfifo(slow, 0600);
}

static int remove_pipe(void **state) {
    (void)state;
    unlink(slow);
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_import_tells_how_far_it_is_and_wipes_it),
        cmocka_unit_test(an_interrupted_import_leaves_no_line_and_no_file),
        cmocka_unit_test(a_long_run_tells_how_far_reading_is),
    };
    return cmocka_run_group_tests(tests, make_pipe, remove_pipe);
}
