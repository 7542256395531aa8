/* row_text.c - lackey text: B5 (a whole process) and B7 (the reader alone). */
#include "bench.h"

#include "vmscope/base/text.h"
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* ---- B7 ---- */

double parse_rate(struct bench *b) {
    struct trace *t = NULL;
    double start = cpu_seconds();
    if (trace_read_file(b->long_path, NULL, &t, NULL) != VS_OK) return UNKNOWN;
    double time = cpu_seconds() - start, refs = (double)trace_count(t);
    trace_free(t);
    return refs / time / 1e6;
}

/* The same with fgets and sscanf, of the short file. */
static double sscanf_rate(const struct bench *b) {
    FILE *f = fopen(b->text_path, "r");
    if (!f) return UNKNOWN;
    char line[128], kind[3];
    unsigned long long va, sum = 0;
    unsigned size, lines = 0;
    double start = cpu_seconds();
    for (; fgets(line, sizeof line, f); lines++)
        if (sscanf(line, "%2s %llx,%u", kind, &va, &size) == 3) sum += va + size;
    double time = cpu_seconds() - start;
    fclose(f);
    return sum && lines ? lines / time / 1e6 : UNKNOWN;
}

double parse_ratio(struct bench *b) {
    double slow = sscanf_rate(b), fast = parse_rate(b);
    return fast / slow;
}

/* ---- B5 ---- */

/* vfork's quick way: this process may be large. -1: it did not start. */
static pid_t start_run(struct bench *b) {
    char name[] = "vmscope", command[] = "run", format[] = "--format=summary";
    char *argv[] = {name, command, format, b->long_path, NULL};
    posix_spawn_file_actions_t files;
    pid_t pid = -1;
    if (!b->program || posix_spawn_file_actions_init(&files) != 0) return -1;
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (posix_spawn(&pid, b->program, &files, NULL, argv, environ) != 0) pid = -1;
    posix_spawn_file_actions_destroy(&files);
    return pid;
}

static bool ended_well(int status) { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }

double whole_rate(struct bench *b) {
    int status = 1;
    double start = now_seconds();
    pid_t pid = start_run(b);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !ended_well(status)) return UNKNOWN;
    double time = now_seconds() - start;
    return (double)b->long_refs / time / 1e6;
}

/* The most memory that a living process has held, in KiB; 0: it lives no more. */
static unsigned long high_water(pid_t pid) {
    char path[40], line[200];
    struct text t = text_in(path, sizeof path);
    unsigned long kib = 0;
    text_addf(&t, "/proc/%ld/status", (long)pid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "VmHWM:", 6) == 0) kib = strtoul(line + 6, NULL, 10);
    if (f) fclose(f);
    return kib;
}

/* Looked at while it runs: what wait4 says includes the process that started it. */
double whole_memory(struct bench *b) {
    const struct timespec pause = {.tv_nsec = 500000};
    unsigned long kib = 0, now;
    int status = 1;
    pid_t pid = start_run(b);
    if (pid < 0) return UNKNOWN;
    while (waitpid(pid, &status, WNOHANG) == 0) {
        if ((now = high_water(pid)) > kib) kib = now;
        nanosleep(&pause, NULL);
    }
    return ended_well(status) && kib ? (double)kib / 1024 : UNKNOWN;
}
