#ifndef REPORT_H
#define REPORT_H

#include "table.h"

#include <stdio.h>

/* Prints the first `limit` entries of a sorted table. */
void report_print(FILE *stream, const struct table *table, size_t limit);

#endif
