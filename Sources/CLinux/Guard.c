// The guard: one small process per step, which adopts what the step leaves and ends it. It runs after a fork of a threaded
// process, so it calls nothing but system calls and what is safe after fork: posix_spawn is, and copies no page tables.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_TARGETS = 8192 };

static void signal_all(int signal_number, pid_t spared) {
    static pid_t pids[MAX_TARGETS];
    int count = runner_descendants(getpid(), pids, MAX_TARGETS);
    if (count > MAX_TARGETS) count = MAX_TARGETS;
    for (int i = 0; i < count; i++)
        if (pids[i] != spared) kill(pids[i], signal_number);
}

// Asks every descendant once to end: asked again, it tells only those that have come since.
static void ask_all(pid_t spared) {
    static pid_t pids[MAX_TARGETS], asked[MAX_TARGETS];
    static int asked_count;
    int count = runner_descendants(getpid(), pids, MAX_TARGETS);
    if (count > MAX_TARGETS) count = MAX_TARGETS;
    for (int i = 0; i < count; i++) {
        int known = pids[i] == spared;
        for (int k = 0; k < asked_count && !known; k++) known = asked[k] == pids[i];
        if (known) continue;
        kill(pids[i], SIGTERM);
        kill(pids[i], SIGCONT);
        if (asked_count < MAX_TARGETS) asked[asked_count++] = pids[i];
    }
}

// Takes in what has ended. True when no child is left.
static int reap_all(void) {
    for (;;) {
        pid_t pid = waitpid(-1, NULL, WNOHANG);
        if (pid < 0 && errno == ECHILD) return 1;
        if (pid <= 0) return 0;
    }
}

// The first process of a process namespace comes here while it ends, and with it all that it held. A look through /proc
// costs more than the moment that this takes; the number of moments is bounded because a fork bomb has many ends.
static int ends_by_itself(void) {
    sigset_t ended;
    struct timespec moment = {0, 5000000};
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    for (int round = 0; round < 4; round++) {
        if (reap_all()) return 1;
        if (sigtimedwait(&ended, NULL, &moment) < 0) break;
    }
    return reap_all();
}

// Kills until nothing is left to wait for. Stopping everything first keeps a fork bomb from outrunning the list.
static void kill_all(void) {
    // About ten seconds: a process that may not be killed, as one of another user, must not keep the stage for ever.
    for (int round = 0; round < 1000 && !reap_all(); round++) {
        signal_all(SIGSTOP, 0);
        signal_all(SIGKILL, 0);
        if (reap_all()) return;
        struct timespec pause = {0, round < 20 ? 500000 : 10000000};
        nanosleep(&pause, NULL);
    }
}

// Moves this process into groups by their open lists of processes. 0 or an errno.
static int move(const int *lists, int count) {
    for (int i = 0; i < count; i++)
        if (write(lists[i], "0", 1) != 1) return errno;
    return 0;
}

static void refuse(int report, int reason) {
    ssize_t ignored = write(report, &reason, sizeof reason);
    (void)ignored;
    _exit(127);
}

static int status_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

static void guard(pid_t parent, const char *path, char *const argv[], char *const envp[], const char *directory,
                  int in, int out, int err, int report, int mode, const int *groups, int group_count) {
    sigset_t watched;
    prctl(PR_SET_NAME, "runner-guard");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_PDEATHSIG, SIGUSR1);
    setsid();
    sigfillset(&watched);
    sigprocmask(SIG_SETMASK, &watched, NULL);
    if (getppid() != parent) _exit(137);
    // Down to where any limit reaches: a spawn refuses descriptors beyond the limit, which is about to be lowered.
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) refuse(report, errno);
    runner_restore_descriptor_limit();

    // The guard itself stays outside of the limits: a step that uses up its memory must not have its guard killed.
    int refused = move(groups, group_count);
    if (refused) refuse(report, refused);
    pid_t child = runner_spawn(path, argv, envp, directory, 0, 1, 2);
    move(groups + group_count, group_count);
    if (child < 0) refuse(report, -child);
    // Nothing of the supervisor's stays open here, or its pipes would never end.
    syscall(SYS_close_range, 0, ~0U, 0);

    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    sigaddset(&watched, SIGTERM);
    sigaddset(&watched, SIGUSR1);
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid == child) {
            if (mode != RUNNER_GUARD_UNTIL_END && !ends_by_itself()) kill_all();
            _exit(status_code(status));
        }
        if (pid > 0) continue;
        int signal_number = sigwaitinfo(&watched, NULL);
        if (signal_number == SIGTERM) ask_all(mode == RUNNER_GUARD_CONTENTS ? child : 0);
        if (signal_number == SIGUSR1) {
            kill_all();
            _exit(137);
        }
    }
}

pid_t runner_spawn_guarded(const char *path, char *const argv[], char *const envp[], const char *directory, int in,
                           int out, int err, int mode, const int *groups, int group_count) {
    int report[2];
    if (pipe2(report, O_CLOEXEC)) return -errno;
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        close(report[0]);
        guard(parent, path, argv, envp, directory, in, out, err, report[1], mode, groups, group_count);
        _exit(127);
    }
    int failure = pid < 0 ? errno : 0;
    close(report[1]);
    // The program may stop its guard before that has let go of the pipe.
    struct pollfd reported = {report[0], POLLIN, 0};
    while (pid > 0 && poll(&reported, 1, 20) <= 0) kill(pid, SIGCONT);
    if (pid > 0 && read(report[0], &failure, sizeof failure) == sizeof failure) waitpid(pid, NULL, 0);
    close(report[0]);
    return failure ? -failure : pid;
}
