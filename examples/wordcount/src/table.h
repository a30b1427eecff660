#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>

/* Words and how often each was seen. */
struct entry {
    char *word;
    unsigned long count;
};

struct table {
    struct entry *slots;
    size_t capacity;
    size_t used;
};

/* Counts one more of a word. Returns 0, or -1 when memory is out. */
int table_add(struct table *table, const char *word, size_t length);

/* Moves the entries to the front, the most frequent first, equal ones by name. Nothing may be added after. */
void table_sort(struct table *table);

void table_free(struct table *table);

#endif
