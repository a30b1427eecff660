#ifndef RUNNER_CLIBGIT2_SHIM_H
#define RUNNER_CLIBGIT2_SHIM_H

#include <git2.h>
#include <git2/sys/repository.h>
#include <git2/sys/odb_backend.h>
// For `working-tree-encoding`, which libgit2 does not know.
#include <iconv.h>

// git_libgit2_opts is variadic, which Swift cannot call: one typed function per option in use.
static inline int runner_git_set_option(int option, int value) { return git_libgit2_opts(option, value); }

static inline int runner_git_allow_extensions(const char **names, size_t count) {
    return git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, names, count);
}

#endif
