#include "words.h"

#include <ctype.h>

/* Longer runs are cut: they are not words. */
enum { LONGEST = 128 };

int words_count(FILE *stream, struct table *table) {
    char word[LONGEST];
    size_t length = 0;
    int byte;
    do {
        byte = getc(stream);
        if (byte != EOF && byte < 128 && isalnum(byte)) {
            if (length < LONGEST) word[length++] = (char)tolower(byte);
        } else if (length > 0) {
            if (table_add(table, word, length) != 0) return -1;
            length = 0;
        }
    } while (byte != EOF);
    return ferror(stream) ? -1 : 0;
}
