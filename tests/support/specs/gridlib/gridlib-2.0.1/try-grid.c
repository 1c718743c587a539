#include "grid.h"

int main(void)
{
    return grid_distance(3, -4) != 7;
}
