#ifndef WORDS_H
#define WORDS_H

#include "table.h"

#include <stdio.h>

/* Counts every word of a stream: runs of ASCII letters and digits, in lower case. Returns 0, or -1. */
int words_count(FILE *stream, struct table *table);

#endif
