// Walks /proc without allocating: the guard runs this after a fork of a threaded process.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct entry {
    unsigned long long inode;
    long long offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

struct process {
    pid_t pid, parent;
};

enum { MAX_PROCESSES = 32768 };

static pid_t number(const char *text) {
    pid_t value = 0;
    if (!*text) return -1;
    for (; *text; text++) {
        if (*text < '0' || *text > '9') return -1;
        value = value * 10 + (*text - '0');
    }
    return value;
}

// The fourth field of /proc/PID/stat; the second may hold anything, so it is skipped from its last bracket.
static pid_t parent_of(int proc, const char *name) {
    char path[32], text[512];
    size_t length = strlen(name);
    if (length > 20) return -1;
    memcpy(path, name, length);
    memcpy(path + length, "/stat", 6);
    int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    ssize_t count = read(fd, text, sizeof text - 1);
    close(fd);
    if (count <= 0) return -1;
    text[count] = 0;
    char *end = strrchr(text, ')');
    if (!end || strlen(end) < 5) return -1;
    char *digits = end + 4;
    char *space = strchr(digits, ' ');
    if (!space) return -1;
    *space = 0;
    return number(digits);
}

static int list_processes(struct process *all) {
    char buffer[8192] __attribute__((aligned(8)));
    int count = 0;
    int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0) return -errno;
    for (;;) {
        long got = syscall(SYS_getdents64, proc, buffer, sizeof buffer);
        if (got <= 0) break;
        for (long at = 0; at < got;) {
            struct entry *entry = (struct entry *)(buffer + at);
            at += entry->length;
            pid_t pid = number(entry->name);
            if (pid <= 0) continue;
            pid_t parent = parent_of(proc, entry->name);
            if (parent < 0 || count == MAX_PROCESSES) continue;
            all[count++] = (struct process){pid, parent};
        }
    }
    close(proc);
    return count;
}

int runner_descendants(pid_t root, pid_t *pids, int capacity) {
    static __thread struct process all[MAX_PROCESSES];
    int count = list_processes(all), found = 0, grew = 1;
    if (count < 0) return count;
    // Each round adds the children of those known; a found process is struck out by parent 0.
    while (grew) {
        grew = 0;
        for (int i = 0; i < count; i++) {
            if (!all[i].parent) continue;
            int belongs = all[i].parent == root;
            for (int k = 0; k < found && k < capacity && !belongs; k++) belongs = pids[k] == all[i].parent;
            if (!belongs) continue;
            if (found < capacity) pids[found] = all[i].pid;
            found++;
            all[i].parent = 0;
            grew = 1;
        }
    }
    return found;
}
