#include "report.h"

void report_print(FILE *stream, const struct table *table, size_t limit) {
    for (size_t i = 0; i < table->used && i < limit; i++) {
        fprintf(stream, "%lu %s\n", table->slots[i].count, table->slots[i].word);
    }
}
