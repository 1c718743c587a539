#include "tally.h"

int tally(char *words[])
{
    int count = 0;
    while (words[count])
        count++;
    return count;
}
