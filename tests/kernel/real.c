/* real.c - the program in processes of the kernel that runs this test.
 *
 *            go: number of a step              done
 *   test ---------------------------> process ------> test      (pipes, one step at a time)
 *
 * Whatever a process has besides what the program maps would fault, too: so its
 * own memory is brought in before its first step and after each fork, and nothing but
 * the one access or call lies between two readings of getrusage. All processes are
 * children of the test (CLONE_PARENT), which sees to it that an exit is over before the next step. */
#include "real.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_POPULATE_READ /* older headers */
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#define PAGE ((size_t)1 << PLAN_SHIFT)
#define FILE_TAG UINT64_C(0xf11e)
enum { OWN_MAX = 400, NEVER = -1 };

static struct own { char *first; size_t size; bool write; } own[OWN_MAX]; /* this test's memory */
static size_t own_count;
static struct board { /* shared by all processes */
    struct told told[PLAN_STEPS];
    pid_t pid[PLAN_PROCESSES];
} *board;
static int go[PLAN_PROCESSES][2], done[2], file_fd[PLAN_FILES];
static bool on_disk;

/* ---- before anything is measured ---- */

uint64_t real_faults(void) {
    static struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (uint64_t)(r.ru_minflt + r.ru_majflt);
}

static void find_own(void) {
    char line[600], rights[5];
    unsigned long from, to;
    FILE *f = fopen("/proc/self/maps", "r");
    own_count = 0;
    while (f && fgets(line, sizeof line, f)) {
        if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) != 3 || rights[0] != 'r' || strstr(line, "[v")) continue;
        if (own_count < OWN_MAX) own[own_count++] = (struct own){(char *)from, to - from, rights[1] == 'w'};
    }
    if (f) fclose(f);
}

static void bring_in_own(void) {
    for (size_t i = 0; i < own_count; i++)
        madvise(own[i].first, own[i].size, own[i].write ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
}

/* The stack is large enough from now on. */
static void reach_stack(void) {
    volatile char room[256 * 1024];
    for (size_t i = 0; i < sizeof room; i += PAGE) room[i] = 1;
}

bool real_is_file_word(uint64_t word) { return word >> 48 == FILE_TAG; }
uint64_t real_file_word(unsigned file, uint64_t page) { return FILE_TAG << 48 | (uint64_t)file << 32 | page; }
int real_file(unsigned file) { return file_fd[file]; }
bool real_has_disk(void) { return on_disk; }

static bool make_files(void) {
    struct statfs fs;
    for (unsigned i = 0; i < PLAN_FILES; i++) {
        char name[] = "build/test-linux-XXXXXX";
        file_fd[i] = mkstemp(name);
        if (file_fd[i] < 0 || fstatfs(file_fd[i], &fs) != 0 || unlink(name) != 0) return false;
        on_disk = fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC;
    }
    return true;
}

const char *real_begin(void) {
    board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED || prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) != 0 || !make_files() || pipe(done) != 0) return strerror(errno);
    for (unsigned i = 0; i < PLAN_PROCESSES; i++)
        if (pipe(go[i]) != 0) return strerror(errno);
    reach_stack();
    return NULL;
}

static uint64_t file_pages(const struct plan *p) {
    uint64_t most = 0;
    for (size_t i = 0; i < p->config->call_count; i++) {
        const struct call_config *c = &p->config->calls[i];
        uint64_t end = c->file[0] ? c->file_page + (c->length + PAGE - 1) / PAGE : 0;
        if (end > most) most = end;
    }
    return most < PLAN_FILE_PAGES ? most : PLAN_FILE_PAGES;
}

/* Each program finds the files as they were at first, in the page cache. */
static bool fill_files(const struct plan *p) {
    static uint64_t page[PAGE / sizeof(uint64_t)];
    uint64_t pages = file_pages(p);
    for (unsigned f = 0; f < PLAN_FILES; f++)
        for (uint64_t i = 0; i < pages; i++) {
            page[0] = real_file_word(f, i);
            if (pwrite(file_fd[f], page, PAGE, (off_t)(2 * i * PAGE)) != (ssize_t)PAGE) return false;
        }
    return true;
}

/* ---- a process ---- */

static sigjmp_buf refused;

static void on_refusal(int signal) {
    (void)signal;
    siglongjmp(refused, 1);
}

static void do_access(const struct plan *p, const struct planned *at, struct told *out) {
    volatile uint64_t *word = real_at(p, at->va);
    uint64_t before = real_faults();
    if (sigsetjmp(refused, 1) == 0) {
        if (at->step.op != ACCESS_WRITE) out->value = *word;
        else if (at->step.flags & STEP_HAS_VALUE) *word = at->step.value;
        else *(volatile char *)((uintptr_t)word ^ (PAGE / 2)) = 1; /* what it writes does not matter: elsewhere in the page */
    } else out->refused = true;
    out->faults = real_faults() - before;
}

static void say_done(void) {
    char c = 0;
    if (write(done[1], &c, 1) != 1) _exit(1);
}

/* The child goes on as process number `child` of the program. */
static proc_t do_fork(proc_t p, proc_t child, struct told *out) {
    long pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
    if (pid < 0) out->error = errno;
    if (pid == 0) board->pid[child] = (pid_t)syscall(SYS_getpid);
    bring_in_own();
    return pid == 0 ? child : p;
}

static void serve(const struct plan *p, proc_t me) {
    int32_t i;
    while (say_done(), read(go[me][0], &i, sizeof i) == sizeof i && i != NEVER) {
        const struct planned *at = &p->at[i];
        struct told *out = &board->told[i];
        if (at->step.kind == STEP_ACCESS) do_access(p, at, out);
        else if (at->step.kind == STEP_CALL) real_call(p, at, out);
        else if (at->step.kind == STEP_FORK) me = do_fork(me, (proc_t)at->step.value, out);
        else if (at->step.kind == STEP_EXIT) break;
    }
    _exit(0);
}

static void start(const struct plan *p) {
    struct sigaction a = {.sa_handler = on_refusal, .sa_flags = SA_NODEFER};
    struct told none = {0};
    static const struct planned nowhere = {.va = 0};
    sigaction(SIGSEGV, &a, NULL);
    sigaction(SIGBUS, &a, NULL);
    find_own();
    bring_in_own();
    do_access(p, &nowhere, &none); /* once for nothing: the way there and back is in memory then */
    bring_in_own();
    if (!real_layout(p, &p->config->processes[0])) _exit(2);
    serve(p, 0);
}

/* ---- the test's side ---- */

static bool wait_done(unsigned times) {
    while (times-- > 0) {
        struct pollfd fd = {.fd = done[0], .events = POLLIN};
        char c;
        if (poll(&fd, 1, 10000) != 1 || read(done[0], &c, 1) != 1) return false;
    }
    return true;
}

static bool order(proc_t to, int32_t i) { return write(go[to][1], &i, sizeof i) == sizeof i; }

static bool do_step(const struct plan *p, int32_t i) {
    const struct planned *at = &p->at[i];
    bool fork = at->step.kind == STEP_FORK;
    if (!order(at->proc, i)) return false;
    if (at->step.kind == STEP_EXIT) {
        pid_t pid = board->pid[at->proc];
        board->pid[at->proc] = 0;
        return waitpid(pid, NULL, 0) == pid;
    }
    return wait_done(fork ? 2 : 1);
}

static bool is_wanted(const struct planned *at) {
    uint8_t k = at->step.kind;
    return !at->skipped && (k == STEP_ACCESS || k == STEP_CALL || k == STEP_FORK || k == STEP_EXIT);
}

static void end_all(void) {
    for (proc_t p = 0; p < PLAN_PROCESSES; p++) {
        if (board->pid[p] <= 0) continue;
        kill(board->pid[p], SIGKILL);
        waitpid(board->pid[p], NULL, 0);
        board->pid[p] = 0;
    }
}

/* What was left unread must not reach the next program. */
static void empty_pipes(void) {
    int fds[PLAN_PROCESSES + 1] = {done[0]};
    char drop[64];
    for (unsigned i = 0; i < PLAN_PROCESSES; i++) fds[i + 1] = go[i][0];
    for (unsigned i = 0; i <= PLAN_PROCESSES; i++)
        for (struct pollfd fd = {.fd = fds[i], .events = POLLIN}; poll(&fd, 1, 0) == 1;)
            if (read(fds[i], drop, sizeof drop) <= 0) break;
}

bool real_run(struct plan *p) {
    memset(board->told, 0, p->count * sizeof *board->told);
    memset(board->pid, 0, sizeof board->pid);
    if (!fill_files(p)) return false;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) start(p);
    board->pid[0] = pid;
    bool whole = pid > 0 && wait_done(1);
    for (size_t i = 0; whole && i < p->count; i++)
        if (is_wanted(&p->at[i])) whole = do_step(p, (int32_t)i);
    end_all();
    empty_pipes();
    memcpy(p->told, board->told, p->count * sizeof *p->told);
    return whole;
}
