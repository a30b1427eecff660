#ifndef RUNNER_CEXPAT_SHIM_H
#define RUNNER_CEXPAT_SHIM_H

#include <expat.h>

#endif
