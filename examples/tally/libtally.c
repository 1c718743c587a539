#define _POSIX_C_SOURCE 200809L
#include "tally.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static int add(struct tally *tally, const char *text)
{
    for (size_t i = 0; i < tally->length; i++) {
        if (strcmp(tally->lines[i].text, text) == 0) {
            tally->lines[i].count++;
            return 0;
        }
    }
    if (tally->length == tally->capacity) {
        size_t capacity = tally->capacity ? 2 * tally->capacity : 16;
        struct tally_line *lines = realloc(tally->lines, capacity * sizeof *lines);
        if (lines == NULL)
            return -1;
        tally->lines = lines;
        tally->capacity = capacity;
    }
    char *copy = strdup(text);
    if (copy == NULL)
        return -1;
    tally->lines[tally->length++] = (struct tally_line){copy, 1};
    return 0;
}

int tally_read(struct tally *tally, FILE *stream)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    int result = 0;

    while (result == 0 && (length = getline(&line, &size, stream)) != -1) {
        if (length > 0 && line[length - 1] == '\n')
            line[length - 1] = '\0';
        result = add(tally, line);
    }
    free(line);
    return result == 0 && ferror(stream) ? -1 : result;
}

static int compare(const void *left, const void *right)
{
    const struct tally_line *one = left, *other = right;
    if (one->count != other->count)
        return one->count < other->count ? 1 : -1;
    return strcmp(one->text, other->text);
}

void tally_sort(struct tally *tally)
{
    if (tally->length > 0)
        qsort(tally->lines, tally->length, sizeof *tally->lines, compare);
}

void tally_free(struct tally *tally)
{
    for (size_t i = 0; i < tally->length; i++)
        free(tally->lines[i].text);
    free(tally->lines);
    *tally = (struct tally){0};
}
