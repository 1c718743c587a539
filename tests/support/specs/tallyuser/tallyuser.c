#include <stdio.h>
#include <tally.h>

int main(int argc, char *argv[])
{
    printf("%d words\n", tally(argv + (argc > 0)));
    return 0;
}
