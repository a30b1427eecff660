/* wordcount [LIMIT]: the most frequent words of standard input. */
#include "report.h"
#include "words.h"

#include <stdlib.h>

int main(int argc, char **argv) {
    size_t limit = argc > 1 ? strtoul(argv[1], NULL, 10) : 10;
    struct table table = { 0 };
    if (words_count(stdin, &table) != 0) {
        fprintf(stderr, "wordcount: cannot read standard input\n");
        return 1;
    }
    table_sort(&table);
    report_print(stdout, &table, limit);
    table_free(&table);
    return fflush(stdout) == 0 ? 0 : 1;
}
