#include "tally.h"

int main(void)
{
    struct tally tally = {0};

    if (tally_read(&tally, stdin) != 0) {
        perror("tally");
        tally_free(&tally);
        return 1;
    }
    tally_sort(&tally);
    for (size_t i = 0; i < tally.length; i++)
        printf("%7zu %s\n", tally.lines[i].count, tally.lines[i].text);
    tally_free(&tally);
    return 0;
}
