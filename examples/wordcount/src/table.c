#include "table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a, 64 bits. */
static uint64_t hash(const char *word, size_t length) {
    uint64_t value = 14695981039346656037u;
    for (size_t i = 0; i < length; i++) {
        value ^= (unsigned char)word[i];
        value *= 1099511628211u;
    }
    return value;
}

static struct entry *find(const struct table *table, const char *word, size_t length) {
    size_t slot = hash(word, length) & (table->capacity - 1);
    while (table->slots[slot].word != NULL) {
        const char *known = table->slots[slot].word;
        if (strncmp(known, word, length) == 0 && known[length] == '\0') break;
        slot = (slot + 1) & (table->capacity - 1);
    }
    return &table->slots[slot];
}

static int grow(struct table *table) {
    struct table larger = { .capacity = table->capacity ? table->capacity * 2 : 64, .used = table->used };
    larger.slots = calloc(larger.capacity, sizeof *larger.slots);
    if (larger.slots == NULL) return -1;
    for (size_t i = 0; i < table->capacity; i++) {
        struct entry entry = table->slots[i];
        if (entry.word != NULL) *find(&larger, entry.word, strlen(entry.word)) = entry;
    }
    free(table->slots);
    *table = larger;
    return 0;
}

int table_add(struct table *table, const char *word, size_t length) {
    if (table->used * 4 >= table->capacity * 3 && grow(table) != 0) return -1;
    struct entry *entry = find(table, word, length);
    if (entry->word == NULL) {
        char *copy = malloc(length + 1);
        if (copy == NULL) return -1;
        memcpy(copy, word, length);
        copy[length] = '\0';
        entry->word = copy;
        table->used++;
    }
    entry->count++;
    return 0;
}

static int compare(const void *left, const void *right) {
    const struct entry *a = left, *b = right;
    if (a->count != b->count) return a->count < b->count ? 1 : -1;
    return strcmp(a->word, b->word);
}

void table_sort(struct table *table) {
    size_t next = 0;
    for (size_t i = 0; i < table->capacity; i++) {
        if (table->slots[i].word != NULL) table->slots[next++] = table->slots[i];
    }
    for (size_t i = next; i < table->capacity; i++) table->slots[i] = (struct entry) { 0 };
    if (next > 0) qsort(table->slots, next, sizeof *table->slots, compare);
}

void table_free(struct table *table) {
    for (size_t i = 0; i < table->capacity; i++) free(table->slots[i].word);
    free(table->slots);
    *table = (struct table) { 0 };
}
