#ifndef RUNNER_CLIBGIT2_SHIM_H
#define RUNNER_CLIBGIT2_SHIM_H

#include <git2.h>
#include <git2/sys/repository.h>
#include <git2/sys/odb_backend.h>

// git_libgit2_opts is variadic, which Swift cannot call: one typed function per option in use.
static inline int runner_git_set_option(int option, int value) { return git_libgit2_opts(option, value); }

#endif
