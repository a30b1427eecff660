#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

pid_t runner_spawn(const char *path, char *const argv[], char *const envp[], const char *directory, int in, int out,
                   int err) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    pid_t pid = -1;

    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    // A descriptor beyond the soft limit is refused here, not by posix_spawn.
    int status = posix_spawn_file_actions_adddup2(&actions, in, 0);
    if (!status) status = posix_spawn_file_actions_adddup2(&actions, out, 1);
    if (!status) status = posix_spawn_file_actions_adddup2(&actions, err, 2);
    if (!status && directory) status = posix_spawn_file_actions_addchdir_np(&actions, directory);
    if (!status) status = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

    if (!status) status = posix_spawn(&pid, path, &actions, &attributes, argv, envp);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return status ? -status : pid;
}

pid_t runner_spawn_foreground(const char *path, char *const argv[], char *const envp[], int handed) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    pid_t pid = -1;

    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, handed, 3);
    posix_spawn_file_actions_addclosefrom_np(&actions, 4);
    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

    int status = posix_spawn(&pid, path, &actions, &attributes, argv, envp);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return status ? -status : pid;
}

static struct rlimit given_descriptors;
static int has_raised_descriptors;

int runner_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit)) return -errno;
    if (has_raised_descriptors || limit.rlim_cur >= limit.rlim_max) return 0;
    given_descriptors = limit;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit)) return -errno;
    has_raised_descriptors = 1;
    return 0;
}

void runner_restore_descriptor_limit(void) {
    if (has_raised_descriptors) setrlimit(RLIMIT_NOFILE, &given_descriptors);
}

int runner_sync_file_system(int fd) { return syncfs(fd) ? -errno : 0; }

int runner_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0) ? -errno : 0; }

int runner_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1) ? -errno : 0; }

int runner_pidfd_open(pid_t pid) {
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    return fd < 0 ? -errno : fd;
}

int runner_reap(int pidfd, int *status) {
    // P_PIDFD, which older headers lack.
    enum { BY_PIDFD = 3 };
    siginfo_t end = {0};
    if (waitid((idtype_t)BY_PIDFD, (id_t)pidfd, &end, WEXITED | WNOHANG)) return -errno;
    if (end.si_pid == 0) return -EAGAIN;
    *status = end.si_code == CLD_EXITED ? end.si_status : 128 + end.si_status;
    return 0;
}

int runner_epoll(void) {
    int fd = epoll_create1(EPOLL_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int runner_epoll_add(int epoll, int fd, uint64_t key) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = key};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

int runner_epoll_wait(int epoll, uint64_t *keys, int capacity, int milliseconds) {
    struct epoll_event events[64];
    int count = epoll_wait(epoll, events, capacity < 64 ? capacity : 64, milliseconds);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < count; i++) keys[i] = events[i].data.u64;
    return count;
}

int runner_eventfd(void) {
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

int runner_mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data) {
    return mount(source, target, type, flags, data) ? -errno : 0;
}

int runner_unmount(const char *target) { return umount2(target, MNT_DETACH) ? -errno : 0; }

int runner_make_mounts_private(void) { return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ? -errno : 0; }

int runner_reflink(int from, int to) { return ioctl(to, FICLONE, from) ? -errno : 0; }

ssize_t runner_copy_range(int from, int to, size_t bytes) {
    ssize_t count = copy_file_range(from, NULL, to, NULL, bytes, 0);
    return count < 0 ? -errno : count;
}

int runner_make_whiteout(int directory, const char *name) {
    return mknodat(directory, name, S_IFCHR, makedev(0, 0)) ? -errno : 0;
}

int runner_get_attribute(const char *path, const char *name, char *value, size_t capacity) {
    ssize_t length = lgetxattr(path, name, value, capacity);
    return length < 0 ? -errno : (int)length;
}

int runner_set_attribute(const char *path, const char *name, const char *value, size_t length) {
    return lsetxattr(path, name, value, length, 0) ? -errno : 0;
}

int runner_pipe(int *ends) { return pipe2(ends, O_CLOEXEC); }

int runner_set_pipe_size(int fd, int bytes) {
    int size = fcntl(fd, F_SETPIPE_SZ, bytes);
    return size < 0 ? -errno : size;
}

int runner_terminal_size(int fd, int *rows, int *columns) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size)) return -errno;
    *rows = size.ws_row;
    *columns = size.ws_col;
    return 0;
}

// Not ru_maxrss: that one counts what the process was before its exec, the whole of its parent.
long runner_peak_memory(void) {
    char text[4096];
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    ssize_t count = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0) close(fd);
    text[count > 0 ? count : 0] = 0;
    const char *peak = strstr(text, "VmHWM:");
    return peak ? strtol(peak + 6, NULL, 10) : 0;
}
