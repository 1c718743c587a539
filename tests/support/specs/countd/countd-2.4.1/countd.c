#include <stdio.h>

int main(void)
{
    for (int count = 1; count <= 3; count++)
        printf("%d\n", count);
    return 0;
}
