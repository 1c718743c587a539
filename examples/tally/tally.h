/* Counting how often each line of a text occurs. */
#ifndef TALLY_H
#define TALLY_H

#include <stddef.h>
#include <stdio.h>

struct tally_line {
    char *text;
    size_t count;
};

struct tally {
    struct tally_line *lines;
    size_t length;
    size_t capacity;
};

/* Add every line of a stream. Returns 0, or -1 with errno set. */
int tally_read(struct tally *tally, FILE *stream);

/* Order the lines: most frequent first, then by text. */
void tally_sort(struct tally *tally);

/* Free the memory. */
void tally_free(struct tally *tally);

#endif
