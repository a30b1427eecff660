#ifndef RUNNER_CZSTD_SHIM_H
#define RUNNER_CZSTD_SHIM_H

#include <zstd.h>

#endif
