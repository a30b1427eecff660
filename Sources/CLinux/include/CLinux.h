// What Glibc's Swift module lacks: spawning into a session of its own, process trees, mounts.
// Every function returns a negative errno on failure and never prints.
#ifndef RUNNER_CLINUX_H
#define RUNNER_CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Starts a program in its own session, with every signal at its default, nothing open but 0, 1 and 2.
/// `directory` may be NULL. Returns the pid.
pid_t runner_spawn(const char *path, char *const argv[], char *const envp[], const char *directory, int in, int out,
                   int err);

/// Starts a program in this session and process group, on the terminal that this process has: 0, 1 and 2 are inherited
/// and `handed` is its descriptor 3.
pid_t runner_spawn_foreground(const char *path, char *const argv[], char *const envp[], int handed);

enum {
    RUNNER_GUARD_ALL = 0,
    /// SIGTERM spares the program itself.
    RUNNER_GUARD_CONTENTS = 1,
    /// What the program leaves behind when it ends lives on.
    RUNNER_GUARD_UNTIL_END = 2,
};

/// Starts a program in its own session under a guard process.
/// The guard adopts every descendant however it daemonised; when the program has ended, or the calling *thread* has,
/// it kills them all and ends as the program did (128 + signal for a killed one). SIGTERM to the guard is passed on to
/// all descendants; SIGUSR1 makes it kill them all. `mode` is one of those below.
/// `groups` are `2 * group_count` open `cgroup.procs`: the program begins in the first half, the guard stays in the second.
pid_t runner_spawn_guarded(const char *path, char *const argv[], char *const envp[], const char *directory, int in,
                           int out, int err, int mode, const int *groups, int group_count);

/// Raises the soft limit of descriptors to the hard one; what is started under a guard later gets the old one back.
/// 0 or a negative errno.
int runner_raise_descriptor_limit(void);

/// Puts the limit back in a process that was forked after it was raised. Safe after fork.
void runner_restore_descriptor_limit(void);

/// Waits until everything of the file system of an open directory is on disk. 0 or a negative errno.
int runner_sync_file_system(int fd);

/// Keeps the memory of this process from core files and from other processes of its user, until it becomes another program.
/// 0 or a negative errno.
int runner_forbid_dumps(void);

/// Makes this process the parent of every orphan below it. 0 or a negative errno.
int runner_adopt_orphans(void);

/// Writes up to `capacity` descendants of `root` (not itself) to `pids`. Returns how many there are.
int runner_descendants(pid_t root, pid_t *pids, int capacity);

/// A descriptor that becomes readable when the process ends.
int runner_pidfd_open(pid_t pid);

/// Takes note of the end of a child behind a descriptor of `runner_pidfd_open`: 0 and a shell's exit status, -EAGAIN while
/// it runs, -ECHILD where it is no child of ours.
int runner_reap(int pidfd, int *status);

/// Waiting for many descriptors at once, in time that does not depend on how many there are.
int runner_epoll(void);
/// Tells of `fd` by `key` when it can be read, until it is closed.
int runner_epoll_add(int epoll, int fd, uint64_t key);
/// Writes the keys of up to `capacity` descriptors that can be read. How many; 0 when the time is over or a signal came.
int runner_epoll_wait(int epoll, uint64_t *keys, int capacity, int milliseconds);

/// A counter that can be polled, for waking a thread.
int runner_eventfd(void);

int runner_mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data);
/// Detaches a mount even when something still looks at it.
int runner_unmount(const char *target);
/// Keeps mounts made here from spreading to the parent's namespace.
int runner_make_mounts_private(void);

/// Clones the extents of a file where the file system can; -errno where not.
int runner_reflink(int from, int to);

/// Copies bytes inside the kernel from where both files stand. Returns how many, 0 at the end.
ssize_t runner_copy_range(int from, int to, size_t bytes);

/// A whiteout as overlayfs understands it: a character device 0:0, which needs no privilege since Linux 5.8.
int runner_make_whiteout(int directory, const char *name);

/// The length of an extended attribute of a file, links not followed; its first bytes in `value`.
int runner_get_attribute(const char *path, const char *name, char *value, size_t capacity);

/// Sets an extended attribute of a file, links not followed.
int runner_set_attribute(const char *path, const char *name, const char *value, size_t length);

/// A pipe that programs started later do not inherit: `ends[0]` to read, `ends[1]` to write. -1 and `errno` on error.
int runner_pipe(int *ends);

/// Sets the size of a pipe's buffer; the kernel may give less.
int runner_set_pipe_size(int fd, int bytes);

/// Rows and columns of a terminal; 0 when it is one.
int runner_terminal_size(int fd, int *rows, int *columns);

/// Most memory that this process ever held, in KiB.
long runner_peak_memory(void);

#endif
